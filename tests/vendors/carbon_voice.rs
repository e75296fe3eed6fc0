//! Carbon Voice: people with a voice, and workspaces whose members they are.
//!
//! Documented are the search of one user, a user by id, the workspaces of the caller, and the shape of errors; seen
//! in code are `whoami`, `health`, the search of many and `contacts`. Assumed is all that writes: members join and
//! leave at `/simplified/workspaces/{id}/users` with the body that conversations take, an email that nobody has is
//! invited and becomes a person named after it, a second join is 400 (as a second webhook is), a workspace of others
//! is 403, an administrator of a workspace may rename its members with `PATCH /simplified/users/{id}` (403 for
//! others), only `member`, `admin` and `guest` can be given, and a search by name looks for a part of it. A person is
//! visible to every caller. Statuses of a body that does not fit (400) and of no credential (401) are assumed too,
//! and whether `X-RateLimit-Reset` counts seconds from now or from 1970 is not said: a test sets it.

use super::{
    call::Call,
    field::{Body, Field, Kind},
    reply::{Outcome, Refusal},
    route::{
        Asked,
        Evidence::{self, Assumed, Documented, Seen},
        Route, Vendor,
    },
    server::Fake,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A personal access token, an API key and a session, of one caller with one workspace.
pub const TOKEN: &str = "cv_pat_of-the-gateway";
pub const API_KEY: &str = "cv-api-key";
pub const SESSION: &str = "cv-session";
/// The caller's workspace, and one of somebody else.
pub const WORKSPACE: &str = "w5PaceOfOursAAAA";
pub const OTHER_WORKSPACE: &str = "w5PaceOfOthersBB";
const CALLER: &str = "gatewayAdminUser";

pub struct CarbonVoice {
    pub users: BTreeMap<String, Value>,
    pub workspaces: BTreeMap<&'static str, Workspace>,
    /// What `X-RateLimit-Reset` says under a 429.
    pub reset: u64,
    made: usize,
    refused: usize,
}

pub struct Workspace {
    pub name: &'static str,
    /// User id to role, in the order of joining.
    pub members: Vec<(String, String)>,
}

const ONE: &[Field] = &[
    Field::new("email", Kind::Text),
    Field::new("phone", Kind::Text),
    Field::new("name", Kind::Text),
];
const TEXTS: Kind = Kind::List(&Kind::Text);
const MANY: Body = Body {
    fields: &[
        Field::new("emails", TEXTS),
        Field::new("phones", TEXTS),
        Field::new("ids", TEXTS),
        Field::new("names", TEXTS),
    ],
    required: &[],
};
const CONTACTS: Body =
    Body { fields: &[Field::new("user_guids", TEXTS)], required: &["user_guids"] };
const WHO: Body = Body {
    fields: &[Field::new("ids", TEXTS), Field::new("emails", Kind::List(&Kind::Email))],
    required: &[],
};
const JOIN: Body = Body {
    fields: &[
        Field::new("users", Kind::Object(&WHO)),
        Field::new("role", Kind::OneOf(&["admin", "member", "guest"])),
    ],
    required: &["users"],
};
const NAMES: Body = Body {
    fields: &[Field::new("first_name", Kind::Text), Field::or_null("last_name", Kind::Text)],
    required: &[],
};

const fn route(
    evidence: Evidence,
    (method, path): (&'static str, &'static str),
    query: &'static [Field],
    body: Option<Body>,
    answer: fn(&mut CarbonVoice, &Asked<CarbonVoice>) -> Outcome,
) -> Route<CarbonVoice> {
    Route { method, path, evidence, query, body, answer }
}

impl CarbonVoice {
    pub async fn start() -> Fake<Self> {
        let workspace = |name| Workspace { name, members: Vec::new() };
        let workspaces = BTreeMap::from([
            (WORKSPACE, workspace("Acme")),
            (OTHER_WORKSPACE, workspace("Elsewhere")),
        ]);
        let mut fake = Self { users: BTreeMap::new(), workspaces, reset: 1, made: 0, refused: 0 };
        fake.keep(CALLER, "admin@acme.example", "Ada", Some("Min"));
        fake.join(WORKSPACE, CALLER, "owner");
        Fake::start(fake).await
    }

    /// The person with this id or one of these emails.
    pub fn user(&self, known: &str) -> Option<Value> {
        let by_id = self.users.get(known);
        by_id.or_else(|| self.users.values().find(|user| has(user, "emails", known))).cloned()
    }

    /// The role in a workspace, of who has this id or email.
    pub fn role(&self, workspace: &str, known: &str) -> Option<String> {
        let user = self.user(known)?;
        let members = &self.workspaces.get(workspace)?.members;
        members.iter().find(|(id, _)| user["id"] == **id).map(|(_, role)| role.clone())
    }

    /// Puts a person there who is in no workspace; returns the id.
    pub fn put(&mut self, email: &str, first: &str, last: Option<&str>) -> String {
        // Opaque, with letters of both cases; a prime far from a power of two spreads it.
        let number = 0x5eed_0000_0000_u64 + self.made as u64 * 1_000_003;
        let id = format!("n3hX{number:012x}");
        self.keep(&id, email, first, last);
        id
    }

    pub fn join(&mut self, workspace: &str, id: &str, role: &str) {
        let workspace = self.workspaces.get_mut(workspace).unwrap();
        workspace.members.push((id.to_owned(), role.to_owned()));
    }

    fn keep(&mut self, id: &str, email: &str, first: &str, last: Option<&str>) {
        self.made += 1;
        let mut user = json!({
            "id": id, "link": format!("https://carbonvoice.app/u/{id}"),
            "created_at": "2026-11-01T09:00:00.000Z", "first_name": first,
            "emails": [email], "phones": [], "languages": ["en"],
        });
        if let Some(last) = last {
            user["last_name"] = json!(last);
        }
        call_in_full(&mut user);
        self.users.insert(id.to_owned(), user);
    }

    fn health(&mut self, _: &Asked<Self>) -> Outcome {
        Ok((200, json!({ "status": "ok" })))
    }

    fn whoami(&mut self, asked: &Asked<Self>) -> Outcome {
        Ok((200, json!({ "success": true, "user": { "user_guid": asked.caller } })))
    }

    fn search(&mut self, asked: &Asked<Self>) -> Outcome {
        let given = |name| asked.call.asked(name).filter(|value| !value.is_empty());
        let wanted: [Option<&str>; 3] = ["email", "phone", "name"].map(given);
        if wanted.iter().all(Option::is_none) {
            return Err(Refusal::new(400, "", "one of email, phone, name is required"));
        }
        let [email, phone, name] = wanted;
        let fits = |user: &&Value| {
            email.is_none_or(|email| has(user, "emails", email))
                && phone.is_none_or(|phone| has(user, "phones", phone))
                && name.is_none_or(|name| is_called(user, name))
        };
        let found = self.users.values().find(|user| asked.call.unfiltered || fits(user));
        found.map(|user| (200, user.clone())).ok_or_else(no_user)
    }

    fn search_many(&mut self, asked: &Asked<Self>) -> Outcome {
        let [emails, phones, ids, names] =
            ["emails", "phones", "ids", "names"].map(|name| texts(&asked.body, name));
        let none = [&emails, &phones, &ids, &names].iter().all(|given| given.is_empty());
        if none {
            return Err(Refusal::new(400, "", "one of emails, phones, ids, names is required"));
        }
        let fits = |user: &&Value| {
            emails.iter().any(|email| has(user, "emails", email))
                || phones.iter().any(|phone| has(user, "phones", phone))
                || ids.iter().any(|id| user["id"] == *id)
                || names.iter().any(|name| is_called(user, name))
        };
        let users = self.users.values();
        let found: Vec<&Value> = users.filter(|user| asked.call.unfiltered || fits(user)).collect();
        Ok((200, json!(found)))
    }

    fn get(&mut self, asked: &Asked<Self>) -> Outcome {
        self.users.get(asked.id(0)).map(|user| (200, user.clone())).ok_or_else(no_user)
    }

    fn rename(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = asked.id(0);
        let ours = self.workspaces[WORKSPACE].members.iter().any(|(member, _)| member == id);
        let user = self.users.get_mut(id).ok_or_else(no_user)?;
        if !ours {
            return Err(Refusal::new(403, "", "the user is in none of your workspaces"));
        }
        if asked.text("first_name") == Some("") {
            return Err(Refusal::new(400, "", "first_name must not be empty"));
        }
        for (name, value) in asked.body.as_object().unwrap() {
            match value.as_str() {
                Some(text) if !text.is_empty() => user[name] = json!(text),
                _ => drop(user.as_object_mut().unwrap().remove(name)),
            }
        }
        call_in_full(user);
        Ok((200, user.clone()))
    }

    /// Unknown ids are left out.
    fn contacts(&mut self, asked: &Asked<Self>) -> Outcome {
        let ids = texts(&asked.body, "user_guids");
        let found: Vec<Value> = ids.iter().filter_map(|id| self.contact(id)).collect();
        Ok((200, json!(found)))
    }

    fn contact(&self, id: &str) -> Option<Value> {
        let user = self.users.get(id)?;
        let mut roles = Vec::new();
        for (workspace, Workspace { members, .. }) in &self.workspaces {
            for (order, (_, role)) in members.iter().enumerate().filter(|(_, one)| one.0 == id) {
                roles.push(json!({
                    "workspace_id": workspace, "role": role, "sort_order": order,
                    "joined_at": "2026-11-02T09:00:00.000Z",
                }));
            }
        }
        let workspaces: BTreeSet<&str> =
            roles.iter().filter_map(|role| role["workspace_id"].as_str()).collect();
        let mut contact = json!({
            "user_guid": id, "first_name": user["first_name"], "languages": user["languages"],
            "voice_gender": "neutral", "workspace_guids": workspaces, "workspace_roles": roles,
            "user_type": "user", "created_at": user["created_at"],
            "last_updated_at": user["created_at"],
        });
        if let Some(last) = user.get("last_name") {
            contact["last_name"] = last.clone();
        }
        Some(contact)
    }

    fn workspaces(&mut self, asked: &Asked<Self>) -> Outcome {
        let joined = |members: &[(String, String)]| members.iter().any(|one| one.0 == asked.caller);
        let all = self.workspaces.iter().filter(|(_, workspace)| joined(&workspace.members));
        let shown: Vec<Value> =
            all.map(|(id, workspace)| json!({ "id": id, "name": workspace.name })).collect();
        Ok((200, json!(shown)))
    }

    fn may_manage(&self, asked: &Asked<Self>) -> Result<(), Refusal> {
        let Some(workspace) = self.workspaces.get(asked.id(0)) else {
            return Err(Refusal::new(404, "", "Workspace not found"));
        };
        match workspace.members.iter().any(|(id, _)| id == asked.caller) {
            true => Ok(()),
            false => Err(Refusal::new(403, "", "the workspace is not yours")),
        }
    }

    fn add(&mut self, asked: &Asked<Self>) -> Outcome {
        self.may_manage(asked)?;
        let users = &asked.body["users"];
        let (mut ids, emails) = (texts(users, "ids"), texts(users, "emails"));
        if ids.is_empty() && emails.is_empty() {
            return Err(Refusal::new(400, "", "users must name an id or an email"));
        }
        if !ids.iter().all(|id| self.users.contains_key(id)) {
            return Err(no_user());
        }
        let known = |id: &str| self.workspaces[asked.id(0)].members.iter().any(|one| one.0 == id);
        let by_email = emails.iter().filter_map(|email| self.user(email));
        let mut all = ids.iter().cloned().chain(by_email.map(|user| text_of(&user, "id")));
        if let Some(id) = all.find(|id| known(id)) {
            return Err(Refusal::new(400, "", format!("{id} is already in the workspace")));
        }
        for email in emails {
            ids.push(match self.user(&email) {
                Some(user) => text_of(&user, "id"),
                None => {
                    let first = email.split('@').next().unwrap_or_default().to_owned();
                    self.put(&email, &first, None)
                }
            });
        }
        let role = asked.text("role").unwrap_or("member");
        ids.iter().for_each(|id| self.join(asked.id(0), id, role));
        let joined: Vec<&Value> = ids.iter().filter_map(|id| self.users.get(id)).collect();
        Ok((200, json!(joined)))
    }

    fn remove(&mut self, asked: &Asked<Self>) -> Outcome {
        self.may_manage(asked)?;
        let members = &mut self.workspaces.get_mut(asked.id(0)).unwrap().members;
        let before = members.len();
        members.retain(|(id, _)| id != asked.id(1));
        match members.len() < before {
            true => Ok((204, Value::Null)),
            false => Err(Refusal::new(404, "", "the user is not in the workspace")),
        }
    }
}

fn no_user() -> Refusal {
    Refusal::new(404, "", "User not found")
}

fn text_of(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn has(user: &Value, list: &str, wanted: &str) -> bool {
    texts(user, list).iter().any(|known| known.eq_ignore_ascii_case(wanted))
}

fn is_called(user: &Value, part: &str) -> bool {
    text_of(user, "full_name").to_lowercase().contains(&part.to_lowercase())
}

fn call_in_full(user: &mut Value) {
    let names = ["first_name", "last_name"].map(|name| text_of(user, name));
    user["full_name"] = json!(names.join(" ").trim());
}

impl Vendor for CarbonVoice {
    /// The id of the user whose credential it is; empty where none is asked for.
    type Caller = &'static str;
    const ROUTES: &'static [Route<Self>] = &[
        route(Seen, ("GET", "/health"), &[], None, Self::health),
        route(Seen, ("GET", "/whoami"), &[], None, Self::whoami),
        route(Documented, ("GET", "/simplified/users/search"), ONE, None, Self::search),
        route(Seen, ("POST", "/simplified/users/search"), &[], Some(MANY), Self::search_many),
        route(Documented, ("GET", "/simplified/users/{id}"), &[], None, Self::get),
        route(Assumed, ("PATCH", "/simplified/users/{id}"), &[], Some(NAMES), Self::rename),
        route(Seen, ("POST", "/contacts"), &[], Some(CONTACTS), Self::contacts),
        route(
            Documented,
            ("GET", "/simplified/workspaces/basic-info"),
            &[],
            None,
            Self::workspaces,
        ),
        route(Assumed, ("POST", "/simplified/workspaces/{id}/users"), &[], Some(JOIN), Self::add),
        route(
            Assumed,
            ("DELETE", "/simplified/workspaces/{id}/users/{user}"),
            &[],
            None,
            Self::remove,
        ),
    ];

    fn caller(&self, call: &Call) -> Result<&'static str, Refusal> {
        let known = call.credential("Bearer") == Some(TOKEN)
            || call.header("x-api-key") == Some(API_KEY)
            || call.header("pxtoken") == Some(SESSION);
        match (known, call.path.as_str()) {
            (true, _) => Ok(CALLER),
            (false, "/health") => Ok(""),
            (false, _) => Err(Refusal::new(401, "", "Unauthorized")),
        }
    }

    fn error(&mut self, refusal: &Refusal) -> Value {
        self.refused += 1;
        let id = format!("00000000-0000-4000-8000-{:012x}", self.refused);
        json!({ "success": false, "requestId": id, "errmsg": refusal.message })
    }

    fn headers(&self, status: u16) -> Vec<(&'static str, String)> {
        if status != 429 {
            return Vec::new();
        }
        vec![
            ("x-ratelimit-limit", "600".to_owned()),
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", self.reset.to_string()),
        ]
    }
}
