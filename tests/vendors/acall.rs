//! ACALL: visitors and rooms; one URL for all tenants, and the token says which.
//!
//! Public are its SCIM endpoint, the columns of its CSV import and the attribute table of its guide, and no REST API
//! for users. Assumed are therefore all paths, the names of the fields (after those columns and that table), codes
//! and error bodies, pages of at most 100 (as an import's batches), 402 for the plan, 422 for a value, that a retired
//! user keeps the email, that an email may be changed one user at a time, and that the lookup by email is exact but
//! for case. Groups are left out: nothing says how they are reached.

use super::{
    call::Call,
    field::{Body, Field, Kind},
    reply::{Outcome, Refusal},
    route::{Asked, Evidence::Assumed, Route, Vendor},
    server::Fake,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The tokens of two tenants.
pub const TOKEN: &str = "acall-token-of-one";
pub const OTHER_TOKEN: &str = "acall-token-of-another";

pub struct Acall {
    pub tenants: BTreeMap<&'static str, Tenant>,
    next: u64,
}

#[derive(Default)]
pub struct Tenant {
    /// The plan without user provisioning.
    pub basic: bool,
    /// The services that an administrator has connected: `slack`, `google`.
    pub connected: Vec<&'static str>,
    pub users: BTreeMap<u64, Value>,
}

const FIELDS: &[Field] = &[
    Field::new("email", Kind::Email),
    Field::new("family_name", Kind::Text),
    Field::new("given_name", Kind::Text),
    Field::or_null("display_name", Kind::Text),
    Field::or_null("family_name_kana", Kind::Text),
    Field::or_null("given_name_kana", Kind::Text),
    Field::or_null("additional_information", Kind::Text),
    Field::or_null("slack_account", Kind::Email),
    Field::or_null("google_account", Kind::Email),
    Field::new("role", Kind::OneOf(&["admin", "general"])),
];
const NEW: Body = Body { fields: FIELDS, required: &["email", "family_name", "given_name"] };
const CHANGE: Body = Body { fields: FIELDS, required: &[] };
const LIST: &[Field] = &[
    Field::new("email", Kind::Text),
    Field::new("page", Kind::Count),
    Field::new("per_page", Kind::Count),
];

const fn route(
    method: &'static str,
    path: &'static str,
    query: &'static [Field],
    body: Option<Body>,
    answer: fn(&mut Acall, &Asked<Acall>) -> Outcome,
) -> Route<Acall> {
    Route { method, path, evidence: Assumed, query, body, answer }
}

impl Acall {
    pub async fn start() -> Fake<Self> {
        let tenant = || Tenant { connected: vec!["slack", "google"], ..Tenant::default() };
        let tenants = BTreeMap::from([(TOKEN, tenant()), (OTHER_TOKEN, tenant())]);
        Fake::start(Self { tenants, next: 70_001 }).await
    }

    /// The user of any tenant with this id or email.
    pub fn user(&self, known: &str) -> Option<Value> {
        let users = self.tenants.values().flat_map(|tenant| &tenant.users);
        let alike = |id: &u64, user: &Value| id.to_string() == known || has_email(user, known);
        users.into_iter().find(|(id, user)| alike(id, user)).map(|(_, user)| user.clone())
    }

    /// Puts a user there, as if somebody had made it in the portal; returns the id.
    pub fn put(&mut self, token: &str, email: &str, family: &str, given: &str) -> u64 {
        let user = json!({ "email": email, "family_name": family, "given_name": given });
        self.keep(token, &user)
    }

    fn keep(&mut self, token: &str, given: &Value) -> u64 {
        let id = self.next;
        self.next += 1;
        let mut user = json!({ "id": id, "role": "general", "retired": 0 });
        lay(&mut user, given);
        self.tenants.get_mut(token).unwrap().users.insert(id, user);
        id
    }

    fn tenant(&mut self, asked: &Asked<Self>) -> Result<&mut Tenant, Refusal> {
        let tenant = self.tenants.get_mut(asked.caller).unwrap();
        match tenant.basic {
            true => Err(Refusal::new(402, "plan_required", "not available on the Basic plan")),
            false => Ok(tenant),
        }
    }

    fn list(&mut self, asked: &Asked<Self>) -> Outcome {
        let tenant = self.tenant(asked)?;
        let (page, size) = (asked.call.number("page", 1), asked.call.number("per_page", 50));
        if page == 0 || !(1..=100).contains(&size) {
            let words = "page begins at 1, per_page is 1 to 100";
            return Err(Refusal::new(422, "invalid_parameter", words).at("page"));
        }
        let email = asked.call.filter("email");
        let wanted = |user: &&Value| email.is_none_or(|email| has_email(user, email));
        let found: Vec<&Value> = tenant.users.values().filter(wanted).collect();
        let shown: Vec<&Value> = found.iter().skip((page - 1) * size).take(size).copied().collect();
        Ok((200, json!({ "users": shown, "total": found.len(), "page": page })))
    }

    fn get(&mut self, asked: &Asked<Self>) -> Outcome {
        Ok((200, self.tenant(asked)?.find(asked)?.clone()))
    }

    fn create(&mut self, asked: &Asked<Self>) -> Outcome {
        self.tenant(asked)?.takes(&asked.body, None)?;
        let id = self.keep(asked.caller, &asked.body);
        Ok((201, self.user(&id.to_string()).unwrap()))
    }

    fn change(&mut self, asked: &Asked<Self>) -> Outcome {
        let tenant = self.tenant(asked)?;
        let id = tenant.find(asked)?["id"].as_u64();
        tenant.takes(&asked.body, id)?;
        let user = tenant.find(asked)?;
        lay(user, &asked.body);
        Ok((200, user.clone()))
    }

    fn retire(&mut self, asked: &Asked<Self>) -> Outcome {
        self.tenant(asked)?.find(asked)?["retired"] = json!(1);
        Ok((204, Value::Null))
    }

    fn bring_back(&mut self, asked: &Asked<Self>) -> Outcome {
        self.tenant(asked)?.find(asked)?["retired"] = json!(0);
        Ok((204, Value::Null))
    }
}

impl Tenant {
    fn find(&mut self, asked: &Asked<Acall>) -> Result<&mut Value, Refusal> {
        let id = asked.id(0).parse().ok();
        let user = id.and_then(|id: u64| self.users.get_mut(&id));
        user.ok_or_else(|| Refusal::new(404, "user_not_found", "there is no such user"))
    }

    /// The values that depend on what else is there; `own` is whose they are.
    fn takes(&self, given: &Value, own: Option<u64>) -> Result<(), Refusal> {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        for name in ["family_name", "given_name"] {
            if text(name) == Some("") {
                let words = "must not be empty";
                return Err(Refusal::new(422, "invalid_parameter", words).at(format!("/{name}")));
            }
        }
        if let Some(email) = text("email") {
            let mut others = self.users.iter().filter(|(id, _)| Some(**id) != own);
            if others.any(|(_, user)| has_email(user, email)) {
                let words = "the email is already in use";
                return Err(Refusal::new(422, "email_taken", words).at("/email"));
            }
        }
        for (name, service) in [("slack_account", "slack"), ("google_account", "google")] {
            if text(name).is_some() && !self.connected.contains(&service) {
                let words = format!("{service} is not connected to this tenant");
                return Err(
                    Refusal::new(422, "service_not_connected", words).at(format!("/{name}"))
                );
            }
        }
        Ok(())
    }
}

fn has_email(user: &Value, email: &str) -> bool {
    user["email"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(email))
}

/// Puts what is given over what is there; null takes it away.
fn lay(user: &mut Value, given: &Value) {
    for (name, value) in given.as_object().unwrap() {
        match value.is_null() {
            true => drop(user.as_object_mut().unwrap().remove(name)),
            false => user[name] = value.clone(),
        }
    }
}

impl Vendor for Acall {
    /// The token, which is the tenant.
    type Caller = &'static str;
    const UNFIT: u16 = 422;
    const ROUTES: &'static [Route<Self>] = &[
        route("GET", "/v1/users", LIST, None, Self::list),
        route("POST", "/v1/users", &[], Some(NEW), Self::create),
        route("GET", "/v1/users/{id}", &[], None, Self::get),
        route("PATCH", "/v1/users/{id}", &[], Some(CHANGE), Self::change),
        route("POST", "/v1/users/{id}/retire", &[], None, Self::retire),
        route("POST", "/v1/users/{id}/return", &[], None, Self::bring_back),
    ];

    fn caller(&self, call: &Call) -> Result<&'static str, Refusal> {
        let token = call.credential("Bearer").unwrap_or_default();
        let known = self.tenants.keys().find(|known| **known == token);
        known.copied().ok_or_else(|| Refusal::new(401, "unauthorized", "the token is not valid"))
    }

    fn error(&mut self, refusal: &Refusal) -> Value {
        let mut error = json!({ "code": refusal.code, "message": refusal.message });
        if !refusal.at.is_empty() {
            error["field"] = json!(refusal.at.trim_start_matches('/'));
        }
        error
    }
}
