//! Playvox: agents whose work is judged, in teams, with roles.
//!
//! Seen in the code of others are the base path, Basic with uid and key, the list with its `query`, `page`,
//! `per_page`, `fields`, `sort` and `next_page`, the writes of users and teams, `success: false` under a 200, and the
//! password's rule. Assumed are: one user or team by id, the words of errors, that a duplicate is such a 200, that
//! `email` and `username` may be changed, that an inactive user gives a `deactivation_type` (any text), that more
//! than 100 per page are cut to 100, that a member joins at `/teams/{id}/users` (versions of the one client
//! disagree), that a role cannot be written, that names of teams are unique, and that nobody can be deleted (support
//! does that).

mod teams;

use super::{
    call::Call,
    field::{Body, Field, Kind},
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

/// The pair of an API key, and both in Base64 as Playvox shows them.
pub const UID: &str = "5f0c1d2e3a4b5c6d7e8f9a0b";
pub const KEY: &str = "playvox-api-key";
pub const BASE64_KEY: &str = "NWYwYzFkMmUzYTRiNWM2ZDdlOGY5YTBiOnBsYXl2b3gtYXBpLWtleQ==";

#[derive(Default)]
pub struct Playvox {
    pub users: BTreeMap<String, Value>,
    pub teams: BTreeMap<String, Value>,
    /// What was sent for each user; no answer shows it.
    pub passwords: BTreeMap<String, String>,
    /// What `X-RateLimit-Reset` says under a 429, in seconds from 1970.
    pub reset: u64,
    made: usize,
}

const USER: &[Field] = &[
    Field::new("name", Kind::Text),
    Field::new("last_name", Kind::Text),
    Field::new("username", Kind::Text),
    Field::new("email", Kind::Email),
    Field::new("password", Kind::Text),
    Field::new("status", Kind::OneOf(&["active", "inactive"])),
    Field::new("deactivation_type", Kind::Text),
    Field::new("deactivation_reason", Kind::Text),
    Field::new("integrations_five9", Kind::Text),
    Field::new("integrations_zendesk", Kind::Text),
    Field::new("integrations_desk", Kind::Text),
    Field::new("integrations_salesforce", Kind::Text),
    Field::new("integrations_livechat", Kind::Text),
    Field::new("integrations_ringcentral", Kind::Text),
    Field::new("integrations_intercom", Kind::Text),
    Field::new("integrations_freshdesk", Kind::Text),
    Field::new("integrations_talkdesk", Kind::Text),
    Field::new("integrations_zopim", Kind::Text),
    Field::new("integrations_kustomer", Kind::Text),
    Field::new("integrations_helpscout", Kind::Text),
    Field::new("integrations_helpshift", Kind::Text),
];
const NEW_USER: Body =
    Body { fields: USER, required: &["name", "last_name", "username", "email", "password"] };
const CHANGE_USER: Body = Body { fields: USER, required: &[] };
const IDS: Kind = Kind::List(&Kind::Text);
const TEAM: &[Field] = &[
    Field::new("name", Kind::Text),
    Field::new("description", Kind::Text),
    Field::new("team_leader_id", IDS),
    Field::new("users", IDS),
];
const NEW_TEAM: Body = Body { fields: TEAM, required: &["name", "team_leader_id"] };
const CHANGE_TEAM: Body = Body { fields: TEAM, required: &[] };
const JOIN: Body = Body { fields: &[Field::new("id", Kind::Text)], required: &["id"] };
const LIST: &[Field] = &[
    Field::new("include", Kind::OneOf(&["all"])),
    Field::new("page", Kind::Count),
    Field::new("per_page", Kind::Count),
    Field::new("query", Kind::Text),
    Field::new("fields", Kind::Text),
    Field::new("sort", Kind::Text),
    Field::new("all_sites", Kind::Flag),
];

const fn route(
    evidence: Evidence,
    (method, path): (&'static str, &'static str),
    query: &'static [Field],
    body: Option<Body>,
    answer: fn(&mut Playvox, &Asked<Playvox>) -> Outcome,
) -> Route<Playvox> {
    Route { method, path, evidence, query, body, answer }
}

impl Playvox {
    pub async fn start() -> Fake<Self> {
        Fake::start(Self::default()).await
    }

    /// The user with this id or email.
    pub fn user(&self, known: &str) -> Option<Value> {
        let alike = |user: &&Value| user["_id"] == known || same(user, "email", known);
        self.users.values().find(alike).cloned()
    }

    /// The team with this id or name.
    pub fn team(&self, known: &str) -> Option<Value> {
        let alike = |team: &&Value| team["_id"] == known || same(team, "name", known);
        self.teams.values().find(alike).cloned()
    }

    /// Puts a user there; returns the id.
    pub fn put(&mut self, email: &str, name: &str, last_name: &str) -> String {
        let user = json!({
            "email": email, "username": email, "name": name, "last_name": last_name,
        });
        self.keep(user.as_object().unwrap())
    }

    fn keep(&mut self, given: &Map<String, Value>) -> String {
        let (id, at) = (self.new_id(), self.stamp());
        let mut user = json!({
            "_id": id, "status": "active", "type": "user", "roles": [], "site_id": "site-1",
            "tz": "UTC", "lang": "en", "light": false, "founder": false,
            "created_by": UID, "created_at": at, "updated_at": at,
        });
        for (name, value) in given.iter().filter(|(name, _)| *name != "password") {
            user[name] = value.clone();
        }
        self.users.insert(id.clone(), user);
        id
    }

    fn new_id(&mut self) -> String {
        self.made += 1;
        format!("5f0c1d2e3a4b5c6d{:08x}", self.made)
    }

    /// Later with everything that is made.
    fn stamp(&self) -> String {
        let (minutes, seconds) = (self.made / 60, self.made % 60);
        format!(
            "2026-11-{:02}T{:02}:{:02}:{seconds:02}Z",
            1 + minutes / 1440,
            minutes / 60 % 24,
            minutes % 60
        )
    }

    fn list_users(&mut self, asked: &Asked<Self>) -> Outcome {
        list(asked.call, self.users.values())
    }

    fn get_user(&mut self, asked: &Asked<Self>) -> Outcome {
        self.users.get(asked.id(0)).map(|user| (200, json!({ "result": user }))).ok_or_else(no_user)
    }

    fn create_user(&mut self, asked: &Asked<Self>) -> Outcome {
        self.takes(asked, None)?;
        let id = self.keep(asked.body.as_object().unwrap());
        self.passwords.insert(id.clone(), asked.text("password").unwrap().to_owned());
        Ok(done(&id))
    }

    fn change_user(&mut self, asked: &Asked<Self>) -> Outcome {
        let id = asked.id(0).to_owned();
        if !self.users.contains_key(&id) {
            return Err(no_user());
        }
        self.takes(asked, Some(&id))?;
        self.made += 1;
        let at = self.stamp();
        let user = self.users.get_mut(&id).unwrap();
        for (name, value) in asked.body.as_object().unwrap() {
            match name.as_str() {
                "password" => {
                    let text = value.as_str().unwrap().to_owned();
                    self.passwords.insert(id.clone(), text);
                }
                _ => user[name] = value.clone(),
            }
        }
        user["updated_at"] = json!(at);
        Ok(done(&id))
    }

    /// The values that depend on each other and on who else is there; `own` is whose they are.
    fn takes(&self, asked: &Asked<Self>, own: Option<&str>) -> Result<(), Refusal> {
        for name in ["name", "last_name", "username"] {
            if asked.text(name) == Some("") {
                return Err(failed(format!("{name} can not be empty")));
            }
        }
        if asked.text("password").is_some_and(|password| !is_strong(password)) {
            let words = "password needs 10 characters, with a digit, an upper and a lower letter";
            return Err(failed(words));
        }
        let inactive = asked.text("status") == Some("inactive");
        if inactive && asked.text("deactivation_type").unwrap_or_default().is_empty() {
            return Err(failed("deactivation_type is required"));
        }
        for name in ["email", "username"] {
            let Some(value) = asked.text(name) else { continue };
            let mut others =
                self.users.values().filter(|user| own.is_none_or(|id| user["_id"] != id));
            if others.any(|user| same(user, name, value)) {
                return Err(failed(format!("{name} already exists")));
            }
        }
        Ok(())
    }

    fn list_roles(&mut self, asked: &Asked<Self>) -> Outcome {
        let role = |id: &str, name: &str, default: bool| {
            json!({
                "_id": id, "code": name, "name": name, "description": "", "default": default,
                "role_inherit": null, "read": [], "write": [], "site_id": "site-1",
            })
        };
        let roles = [role("role-1", "agent", true), role("role-2", "admin", false)];
        list(asked.call, roles.iter())
    }
}

/// What a write answers.
fn done(id: &str) -> (u16, Value) {
    (200, json!({ "success": true, "result": { "_id": id } }))
}

/// A refusal that says so in its body alone.
fn failed(words: impl Into<String>) -> Refusal {
    Refusal::new(200, "", words)
}

fn no_user() -> Refusal {
    Refusal::new(404, "", "User not found")
}

fn same(record: &Value, name: &str, wanted: &str) -> bool {
    record[name].as_str().is_some_and(|known| known.eq_ignore_ascii_case(wanted))
}

fn is_strong(password: &str) -> bool {
    let has = |kind: fn(&char) -> bool| password.chars().any(|one| kind(&one));
    password.chars().count() >= 10
        && has(char::is_ascii_digit)
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
}

/// One page, as the query wants it.
fn list<'a>(call: &Call, all: impl Iterator<Item = &'a Value>) -> Outcome {
    let (page, size) = (call.number("page", 1), call.number("per_page", 12).min(100));
    if page == 0 || size == 0 {
        return Err(Refusal::new(400, "", "page and per_page begin at 1"));
    }
    let query: Map<String, Value> = match call.filter("query") {
        Some(text) => serde_json::from_str(text)
            .map_err(|error| Refusal::new(400, "", format!("query: {error}")))?,
        None => Map::new(),
    };
    // As the database behind it compares: a field that no record has finds nothing.
    let fits = |one: &&Value| query.iter().all(|(name, value)| one.get(name) == Some(value));
    let mut found: Vec<&Value> = all.filter(fits).collect();
    if let Some(sort) = call.asked("sort") {
        let name = sort.trim_start_matches('-');
        found.sort_by_key(|one| one.get(name).map(Value::to_string));
        if sort.starts_with('-') {
            found.reverse();
        }
    }
    let more = found.len() > page * size;
    let fields: Option<Vec<&str>> = call.asked("fields").map(|names| names.split(',').collect());
    let shown = |one: &Value| {
        let mut one = one.clone();
        if let (Some(names), Value::Object(fields)) = (&fields, &mut one) {
            fields.retain(|name, _| name == "_id" || names.contains(&name.as_str()));
        }
        one
    };
    let shown: Vec<Value> =
        found.into_iter().skip((page - 1) * size).take(size).map(shown).collect();
    Ok((200, json!({ "result": shown, "next_page": more })))
}

impl Vendor for Playvox {
    type Caller = ();
    const ROUTES: &'static [Route<Self>] = &[
        route(Seen, ("GET", "/api/v1/users"), LIST, None, Self::list_users),
        route(Seen, ("POST", "/api/v1/users"), &[], Some(NEW_USER), Self::create_user),
        route(Assumed, ("GET", "/api/v1/users/{id}"), &[], None, Self::get_user),
        route(Seen, ("POST", "/api/v1/users/{id}"), &[], Some(CHANGE_USER), Self::change_user),
        route(Seen, ("GET", "/api/v1/teams"), LIST, None, Self::list_teams),
        route(Seen, ("POST", "/api/v1/teams"), &[], Some(NEW_TEAM), Self::create_team),
        route(Assumed, ("GET", "/api/v1/teams/{id}"), &[], None, Self::get_team),
        route(Seen, ("POST", "/api/v1/teams/{id}"), &[], Some(CHANGE_TEAM), Self::change_team),
        route(Seen, ("DELETE", "/api/v1/teams/{id}"), &[], None, Self::delete_team),
        route(Seen, ("POST", "/api/v1/teams/{id}/users"), &[], Some(JOIN), Self::join),
        route(Seen, ("DELETE", "/api/v1/teams/{id}/users/{user}"), &[], None, Self::leave),
        route(Seen, ("GET", "/api/v1/roles"), LIST, None, Self::list_roles),
    ];

    fn caller(&self, call: &Call) -> Result<(), Refusal> {
        let pair = call.credential("Basic").and_then(|pair| BASE64_STANDARD.decode(pair).ok());
        match pair.is_some_and(|pair| pair == format!("{UID}:{KEY}").as_bytes()) {
            true => Ok(()),
            false => Err(Refusal::new(401, "", "Invalid credentials")),
        }
    }

    fn error(&mut self, refusal: &Refusal) -> Value {
        json!({ "success": false, "message": refusal.message })
    }

    fn headers(&self, status: u16) -> Vec<(&'static str, String)> {
        if status != 429 {
            return Vec::new();
        }
        vec![
            ("x-ratelimit-remaining", "0".to_owned()),
            ("x-ratelimit-reset", self.reset.to_string()),
        ]
    }

    /// JSON, or a form, as the one client that writes sends it.
    fn body(call: &Call) -> Result<Value, Refusal> {
        if call.media() != "application/x-www-form-urlencoded" {
            return route::json(call, Self::MEDIA);
        }
        let mut body = Map::new();
        for (name, value) in form_urlencoded::parse(&call.body) {
            let value = value.into_owned();
            match name.as_ref() {
                list @ ("users" | "team_leader_id") => {
                    let items = body.entry(list).or_insert_with(|| json!([]));
                    items.as_array_mut().unwrap().push(json!(value));
                }
                name => drop(body.insert(name.to_owned(), json!(value))),
            }
        }
        Ok(Value::Object(body))
    }
}
