//! Envoy: the directory of employees that visitors ask for, by location.
//!
//! Seen in the vendor's own SDK are the JSON:API of `/api/v3` with its filters, sorts and shapes, the token's
//! endpoint and the scopes. The JSON:API specification says which media type, `type` and `id` are refused (415, 409,
//! 404 for what a relationship names). Assumed are: every write of an employee, in that shape; the attributes
//! `title`, `department` and `manually-added` and the relationship `assistants`; that `filter[email]` is exact but
//! for case while `filter[name]` and `filter[query]` find parts; that a list is without the deleted unless
//! `filter[deleted]` asks for them, has 25 by default and 100 at most, and tells `meta.total`; that DELETE and
//! `deleted: true` are one, `deleted: false` brings back, a deleted employee stays readable and leaves the email to
//! others; that a taken email is 422; that a token lives until it is revoked, and 403 is what a missing scope gets.
//! The SDK's filters by company, exception and visibility are left out.

mod employees;
mod fields;

use super::{
    call::Call,
    field::{Body, Field},
    reply::{Outcome, Refusal},
    route::{
        self, Asked,
        Evidence::{self, Assumed, Seen},
        Route, Vendor,
    },
    server::Fake,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

/// A token copied from the page of integrations, and one that may only read.
pub const TOKEN: &str = "envoy-token";
pub const READ_TOKEN: &str = "envoy-token-to-read";
pub const CLIENT_ID: &str = "envoy-client";
pub const CLIENT_SECRET: &str = "envoy-secret";
const TOKEN_PATH: &str = "/a/auth/v0/token";
/// The user of the password grant.
pub const USERNAME: &str = "api@acme.example";
pub const PASSWORD: &str = "envoy-password";

pub struct Envoy {
    pub employees: BTreeMap<u64, Employee>,
    pub locations: BTreeMap<u64, Location>,
    /// Token to its scopes; one that is taken out is revoked.
    pub tokens: BTreeMap<String, &'static [&'static str]>,
    made: u64,
}

#[derive(Clone)]
pub struct Employee {
    pub attributes: Map<String, Value>,
    pub locations: Vec<u64>,
    pub assistants: Vec<u64>,
}

pub struct Location {
    pub name: &'static str,
    pub city: &'static str,
    pub locale: &'static str,
}

const READ: &str = "employees.read";
const WRITE: &str = "employees.write";
const ALL_SCOPES: &[&str] = &[READ, WRITE, "locations.read", "companies.read"];

const fn route(
    evidence: Evidence,
    (method, path): (&'static str, &'static str),
    query: &'static [Field],
    body: Option<Body>,
    answer: fn(&mut Envoy, &Asked<Envoy>) -> Outcome,
) -> Route<Envoy> {
    Route { method, path, evidence, query, body, answer }
}

impl Envoy {
    /// With two locations: 11 in San Francisco, 12 in Paris.
    pub async fn start() -> Fake<Self> {
        let locations = [
            (11, Location { name: "HQ", city: "San Francisco", locale: "en-US" }),
            (12, Location { name: "Rive Gauche", city: "Paris", locale: "fr-FR" }),
        ];
        let tokens = [(TOKEN, ALL_SCOPES), (READ_TOKEN, &[READ][..])];
        Fake::start(Self {
            employees: BTreeMap::new(),
            locations: locations.into(),
            tokens: tokens.map(|(token, scopes)| (token.to_owned(), scopes)).into(),
            made: 0,
        })
        .await
    }

    /// The employee with this id or email, as the API shows one; of several with the email, one that is not
    /// deleted.
    pub fn user(&self, known: &str) -> Option<Value> {
        let by_id = known.parse().ok().filter(|id| self.employees.contains_key(id));
        let mut by_email: Vec<u64> = self
            .employees
            .iter()
            .filter(|(_, one)| one.has_email(known))
            .map(|(id, _)| *id)
            .collect();
        by_email.sort_by_key(|id| self.employees[id].is_deleted());
        by_id.or(by_email.first().copied()).map(|id| self.resource(id))
    }

    /// Puts an employee there whom somebody has made by hand in the dashboard; returns the id.
    pub fn put(&mut self, name: &str, email: &str, locations: &[u64]) -> u64 {
        let given = json!({ "name": name, "email": email });
        self.keep(given.as_object().unwrap(), locations.to_vec(), Vec::new(), true)
    }

    fn keep(
        &mut self,
        given: &Map<String, Value>,
        locations: Vec<u64>,
        assistants: Vec<u64>,
        by_hand: bool,
    ) -> u64 {
        self.made += 1;
        let id = 4_000 + self.made;
        let at = format!("2026-11-01T09:{:02}:{:02}.000Z", self.made / 60 % 60, self.made % 60);
        let initial = json!({
            "name": "", "email": "", "phone-number": null, "profile-picture-url": null,
            "title": null, "department": null, "deleted": false, "deleted-at": null,
            "company-id": "77", "manually-added": by_hand, "created-at": at, "updated-at": at,
        });
        let mut attributes = initial.as_object().unwrap().clone();
        attributes.extend(given.clone());
        self.employees.insert(id, Employee { attributes, locations, assistants });
        id
    }

    fn token(&mut self, asked: &Asked<Self>) -> Outcome {
        let pair =
            asked.call.credential("Basic").and_then(|pair| BASE64_STANDARD.decode(pair).ok());
        if pair.is_none_or(|pair| pair != format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes()) {
            return Err(Refusal::new(401, "invalid_client", "the client is not known"));
        }
        let granted = match asked.text("grant_type") {
            Some("password") => {
                asked.text("username") == Some(USERNAME) && asked.text("password") == Some(PASSWORD)
            }
            Some("refresh_token") => {
                let token = asked.text("refresh_token").unwrap_or_default();
                token.strip_prefix("refresh-").is_some_and(|number| number.parse::<u64>().is_ok())
            }
            _ => true,
        };
        if !granted {
            return Err(Refusal::new(400, "invalid_grant", "the grant is not valid"));
        }
        self.made += 1;
        let token = format!("granted-{}", self.made);
        self.tokens.insert(token.clone(), ALL_SCOPES);
        Ok((
            200,
            json!({
                "access_token": token, "token_type": "Bearer", "expires_in": 3600,
                "refresh_token": format!("refresh-{}", self.made),
                "scope": asked.text("scope").unwrap_or("employees.read,employees.write"),
            }),
        ))
    }

    fn me(&mut self, _: &Asked<Self>) -> Outcome {
        let me = json!({ "id": "1", "type": "users", "attributes": { "email": USERNAME } });
        Ok((200, json!({ "data": me })))
    }

    fn list_locations(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs("locations.read")?;
        let ids: Vec<u64> = self.locations.keys().copied().collect();
        let shown: Vec<Value> =
            page(asked.call, &ids)?.iter().map(|id| self.location(*id)).collect();
        Ok((200, json!({ "data": shown, "meta": { "total": ids.len() } })))
    }

    fn get_location(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.needs("locations.read")?;
        let id = asked.id(0).parse().ok().filter(|id| self.locations.contains_key(id));
        let id = id.ok_or_else(|| Refusal::new(404, "not_found", "there is no such location"))?;
        Ok((200, json!({ "data": self.location(id) })))
    }

    fn resource(&self, id: u64) -> Value {
        let Employee { attributes, locations, assistants } = &self.employees[&id];
        let named = |ids: &[u64], kind: &str| -> Vec<Value> {
            ids.iter().map(|id| json!({ "type": kind, "id": id.to_string() })).collect()
        };
        json!({
            "id": id.to_string(), "type": "employees", "attributes": attributes,
            "relationships": {
                "locations": { "data": named(locations, "locations") },
                "assistants": { "data": named(assistants, "employees") },
                "company": { "data": { "type": "companies", "id": "77" } },
            },
        })
    }

    fn location(&self, id: u64) -> Value {
        let Location { name, city, locale } = &self.locations[&id];
        json!({
            "id": id.to_string(), "type": "locations",
            "attributes": { "name": name, "city": city, "locale": locale, "disabled": false },
        })
    }
}

impl Employee {
    fn text(&self, name: &str) -> &str {
        self.attributes[name].as_str().unwrap_or_default()
    }

    fn has_email(&self, email: &str) -> bool {
        self.text("email").eq_ignore_ascii_case(email)
    }

    fn is_deleted(&self) -> bool {
        self.attributes["deleted"] == json!(true)
    }

    fn stamp(&mut self) {
        let at = json!("2026-11-02T09:00:00.000Z");
        let gone = if self.is_deleted() { at.clone() } else { Value::Null };
        self.attributes.insert("updated-at".to_owned(), at);
        self.attributes.insert("deleted-at".to_owned(), gone);
    }
}

fn page<'a>(call: &Call, ids: &'a [u64]) -> Result<&'a [u64], Refusal> {
    let (limit, offset) = (call.number("page[limit]", 25), call.number("page[offset]", 0));
    if !(1..=100).contains(&limit) {
        let words = "page[limit] is 1 to 100";
        return Err(Refusal::new(400, "bad_parameter", words).at("page[limit]"));
    }
    let start = offset.min(ids.len());
    Ok(&ids[start..(start + limit).min(ids.len())])
}

/// What a token allows.
pub struct Scopes(&'static [&'static str]);

impl Scopes {
    fn needs(&self, scope: &str) -> Result<(), Refusal> {
        match self.0.contains(&scope) {
            true => Ok(()),
            false => Err(Refusal::new(403, "forbidden", format!("the scope {scope} is missing"))),
        }
    }
}

impl Vendor for Envoy {
    type Caller = Scopes;
    const MEDIA: &'static str = "application/vnd.api+json";
    const ROUTES: &'static [Route<Self>] = &[
        route(Seen, ("POST", TOKEN_PATH), &[], Some(fields::TOKEN_BODY), Self::token),
        route(Seen, ("GET", "/api/v2/users/me"), &[], None, Self::me),
        route(Seen, ("GET", "/api/v3/employees"), fields::EMPLOYEES, None, Self::list),
        route(Assumed, ("POST", "/api/v3/employees"), &[], Some(fields::NEW), Self::create),
        route(Seen, ("GET", "/api/v3/employees/{id}"), &[], None, Self::get),
        route(
            Assumed,
            ("PATCH", "/api/v3/employees/{id}"),
            &[],
            Some(fields::CHANGE),
            Self::change,
        ),
        route(Assumed, ("DELETE", "/api/v3/employees/{id}"), &[], None, Self::delete),
        route(Seen, ("GET", "/api/v3/locations"), &fields::PAGE, None, Self::list_locations),
        route(Seen, ("GET", "/api/v3/locations/{id}"), &[], None, Self::get_location),
    ];

    fn caller(&self, call: &Call) -> Result<Scopes, Refusal> {
        let scopes = self.tokens.get(call.credential("Bearer").unwrap_or_default());
        match scopes {
            Some(scopes) => Ok(Scopes(scopes)),
            None if call.path == TOKEN_PATH => Ok(Scopes(&[])),
            None => Err(Refusal::new(401, "unauthorized", "the token is not valid")),
        }
    }

    fn error(&mut self, refusal: &Refusal) -> Value {
        let Refusal { status, code, at, message } = refusal;
        // RFC 6749 §5.2
        if matches!(*code, "invalid_client" | "invalid_grant") {
            return json!({ "error": code, "error_description": message });
        }
        let mut error = json!({
            "status": status.to_string(), "code": code, "title": code, "detail": message,
        });
        if !at.is_empty() {
            let kind = if at.starts_with('/') { "pointer" } else { "parameter" };
            error["source"] = json!({ kind: at });
        }
        json!({ "errors": [error] })
    }

    fn media(call: &Call) -> &'static str {
        if call.path == TOKEN_PATH { "application/json" } else { Self::MEDIA }
    }

    /// The token's endpoint takes JSON, as the SDK sends it, and the form of RFC 6749 §4.
    fn body(call: &Call) -> Result<Value, Refusal> {
        match call.media().as_str() {
            "application/x-www-form-urlencoded" if call.path == TOKEN_PATH => {
                let fields = form_urlencoded::parse(&call.body).into_owned();
                Ok(Value::Object(fields.map(|(name, value)| (name, Value::from(value))).collect()))
            }
            _ => route::json(call, Self::media(call)),
        }
    }
}
