//! Dialpad: phones of a company, with offices, departments, call centres and coaching teams.
//!
//! The vendor's OpenAPI document says paths, fields, types and enums; its pages say 401, 403, 404 and 409, the limit
//! of a page, and what suspending and deleting do. Assumed are: `{"error": {"code", "message"}}` as the body of an
//! error; that unknown fields and parameters are 400; that an int64 is also taken as text; that a list without
//! `state` shows the active only, and `email` is exact but for case, on any of the emails; that null takes a value
//! away and is refused where there must be one; that a deleted user can be read and not be changed (400), and frees
//! emails and numbers; that no licence left is 400, also for a return from suspension; that a move abroad with
//! numbers is 400; that operators twice and departments of one name in an office are 409, and a member who is none is
//! 404; that a number that is not reserved cannot be asked for; that an empty list is `items: null`; that without the
//! Enterprise plan all is 403. Left out are `me` as an id, rooms, and the writes of call centres themselves.

mod fields;
mod groups;
mod numbers;
mod users;

use super::{
    call::Call,
    field::{Body, Field},
    reply::{Outcome, Refusal},
    route::{Asked, Evidence::Documented, Route, Vendor},
    server::Fake,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The key of a company's administrator, and one of somebody less.
pub const KEY: &str = "dialpad-key-of-an-admin";
pub const LESSER_KEY: &str = "dialpad-key-of-a-user";
/// The offices: two at home, one abroad. Ids are beyond what a double holds exactly.
pub const SAN_FRANCISCO: u64 = 9_007_199_254_740_993;
pub const AUSTIN: u64 = 9_007_199_254_740_995;
pub const LONDON: u64 = 9_007_199_254_740_997;
const COMPANY: &str = "9007199254740991";

pub struct Dialpad {
    /// As the API shows them, without `group_details`.
    pub users: BTreeMap<u64, Value>,
    pub offices: BTreeMap<u64, Office>,
    /// Offices are groups too, with their own id.
    pub groups: BTreeMap<u64, Group>,
    /// Numbers that the company holds and nobody has.
    pub reserved: Vec<String>,
    pub enterprise: bool,
    /// How many of a list are on one page.
    pub page: usize,
    made: u64,
    too_long: usize,
}

pub struct Office {
    pub country: &'static str,
    /// The beginning of its numbers, and its area code.
    pub dial: (&'static str, &'static str),
    /// How many users each licence is for; one that is not here is not counted.
    pub licences: BTreeMap<&'static str, usize>,
}

pub struct Group {
    /// `office`, `department`, `callcenter` or `coachingteam`.
    pub kind: &'static str,
    pub name: String,
    pub office: u64,
    /// What else was given for it.
    pub more: Value,
    /// User id and role.
    pub members: Vec<(u64, String)>,
}

const fn route(
    (method, path): (&'static str, &'static str),
    query: &'static [Field],
    body: Option<Body>,
    answer: fn(&mut Dialpad, &Asked<Dialpad>) -> Outcome,
) -> Route<Dialpad> {
    Route { method, path, evidence: Documented, query, body, answer }
}

impl Dialpad {
    pub async fn start() -> Fake<Self> {
        let mut fake = Self {
            users: BTreeMap::new(),
            offices: BTreeMap::new(),
            groups: BTreeMap::new(),
            reserved: Vec::new(),
            enterprise: true,
            page: 100,
            made: LONDON,
            too_long: 0,
        };
        for (id, name, country, dial) in [
            (SAN_FRANCISCO, "San Francisco", "us", ("+1", "415")),
            (AUSTIN, "Austin", "us", ("+1", "512")),
            (LONDON, "London", "gb", ("+44", "20")),
        ] {
            let licences = [("talk", 1_000), ("agents", 10), ("lite_support_agents", 10)];
            fake.offices.insert(id, Office { country, dial, licences: licences.into() });
            fake.group("office", Some(id), name, id, json!({}));
        }
        fake.group("callcenter", None, "Support", SAN_FRANCISCO, json!({}));
        fake.group("coachingteam", None, "Newcomers", SAN_FRANCISCO, json!({}));
        Fake::start(fake).await
    }

    /// The user with this id or one of these emails, as the API shows one.
    pub fn user(&self, known: &str) -> Option<Value> {
        let alike = |(id, user): &(&u64, &Value)| id.to_string() == known || has_email(user, known);
        self.users.iter().find(alike).map(|(id, _)| self.shown(*id))
    }

    /// The group of this kind and name.
    pub fn group_named(&self, kind: &str, name: &str) -> Option<(u64, &Group)> {
        let alike = |(_, group): &(&u64, &Group)| group.kind == kind && group.name == name;
        self.groups.iter().find(alike).map(|(id, group)| (*id, group))
    }

    /// Puts a user there; returns the id.
    pub fn put(&mut self, email: &str, first: &str, last: &str, office: u64) -> u64 {
        let id = self.new_id();
        let mut user = json!({
            "id": id.to_string(), "company_id": COMPANY, "office_id": office.to_string(),
            "emails": [email], "first_name": first, "last_name": last, "license": "talk",
            "state": "active", "country": self.offices[&office].country, "language": "en",
            "timezone": "US/Pacific", "date_added": "2026-11-01T09:00:00", "do_not_disturb": false,
            "international_dialing_enabled": false, "is_admin": false, "is_available": true,
            "is_on_duty": false, "is_online": false, "is_super_admin": false, "muted": false,
            "image_url": format!("https://dialpad.example.com/avatar/user/{id}.png"),
        });
        call_by_name(&mut user);
        self.users.insert(id, user);
        id
    }

    fn new_id(&mut self) -> u64 {
        self.made += 2;
        self.made
    }

    fn shown(&self, id: u64) -> Value {
        let mut user = self.users[&id].clone();
        let mut details = Vec::new();
        for (group, Group { kind, members, .. }) in &self.groups {
            // A coach or trainee is none of the roles that these details know.
            for (_, role) in
                members.iter().filter(|(member, _)| *member == id && *kind != "coachingteam")
            {
                details.push(json!({
                    "group_id": group.to_string(), "group_type": kind, "role": role,
                    "do_not_disturb": false,
                }));
            }
        }
        if !details.is_empty() {
            user["group_details"] = json!(details);
        }
        user
    }

    fn company(&mut self, asked: &Asked<Self>) -> Outcome {
        asked.caller.administers()?;
        Ok((
            200,
            json!({
                "id": COMPANY, "name": "Acme, Inc", "domain": "acme.example", "country": "us",
                "account_type": "enterprise", "state": "active",
                "office_count": self.offices.len().to_string(),
            }),
        ))
    }

    /// The ids of one page, and the cursor of the next.
    fn page(
        &mut self,
        call: &Call,
        mut ids: Vec<u64>,
    ) -> Result<(Vec<u64>, Option<String>), Refusal> {
        let limit = call.number("limit", self.page);
        if limit > 100 {
            self.too_long += 1;
            // One of five, so that those who ask for more notice.
            if self.too_long.is_multiple_of(5) {
                return Err(bad("limit: at most 100 are on a page"));
            }
        }
        if let Some(cursor) = call.asked("cursor") {
            let text =
                BASE64_STANDARD.decode(cursor).ok().and_then(|text| String::from_utf8(text).ok());
            let after = text.and_then(|text| text.strip_prefix("after:")?.parse::<u64>().ok());
            let after = after.ok_or_else(|| bad("cursor: it is none of ours"))?;
            ids.retain(|id| *id > after);
        }
        let size = limit.clamp(1, self.page);
        let more = ids.len() > size;
        ids.truncate(size);
        let last = ids.last().filter(|_| more);
        let cursor = last.map(|last| BASE64_STANDARD.encode(format!("after:{last}")));
        Ok((ids, cursor))
    }

    fn known(&self, id: &str) -> Result<u64, Refusal> {
        let id = id.parse().ok().filter(|id| self.users.contains_key(id));
        id.ok_or_else(no_user)
    }

    fn office(&self, id: &Value) -> Result<u64, Refusal> {
        let known = key(id).filter(|id| self.offices.contains_key(id));
        known.ok_or_else(|| bad(format!("office_id: there is no office {id}")))
    }

    fn has_licence(&self, office: u64, licence: &str) -> Result<(), Refusal> {
        match self.left(office, licence) {
            Some(0) => Err(bad(format!("license: no {licence} is left in this office"))),
            _ => Ok(()),
        }
    }

    /// Who is suspended uses none.
    fn left(&self, office: u64, licence: &str) -> Option<usize> {
        let all = self.offices[&office].licences.get(licence)?;
        let uses = |user: &&Value| {
            user["license"] == licence
                && user["state"] == "active"
                && key(&user["office_id"]) == Some(office)
        };
        Some(all.saturating_sub(self.users.values().filter(uses).count()))
    }
}

fn collection(items: Vec<Value>, cursor: Option<String>) -> (u16, Value) {
    let mut body = json!({ "items": (!items.is_empty()).then_some(items) });
    if let Some(cursor) = cursor {
        body["cursor"] = json!(cursor);
    }
    (200, body)
}

fn call_by_name(user: &mut Value) {
    let names = [text(user, "first_name"), text(user, "last_name")];
    let name = names.join(" ").trim().to_owned();
    let email = texts(user, "emails").into_iter().next().unwrap_or_default();
    user["display_name"] = json!(if name.is_empty() { email } else { name });
}

fn has_email(user: &Value, email: &str) -> bool {
    texts(user, "emails").iter().any(|known| known.eq_ignore_ascii_case(email))
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    let items = value.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An int64 as it is written, number or text.
fn key(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn bad(words: impl Into<String>) -> Refusal {
    Refusal::new(400, "", words)
}

fn conflict(words: impl Into<String>) -> Refusal {
    Refusal::new(409, "", words)
}

fn no_user() -> Refusal {
    Refusal::new(404, "", "there is no such user")
}

/// Whose key it is.
pub struct Key {
    admin: bool,
}

impl Key {
    fn administers(&self) -> Result<(), Refusal> {
        match self.admin {
            true => Ok(()),
            false => Err(Refusal::new(403, "", "a company admin's API key is required")),
        }
    }
}

impl Vendor for Dialpad {
    type Caller = Key;
    const ANYWHERE: &'static [Field] = fields::ANYWHERE;
    const ROUTES: &'static [Route<Self>] = &[
        route(("GET", "/api/v2/company"), &[], None, Self::company),
        route(("GET", "/api/v2/users"), fields::LIST_USERS, None, Self::list),
        route(("POST", "/api/v2/users"), &[], Some(fields::CREATE_USER), Self::create),
        route(("GET", "/api/v2/users/{id}"), &[], None, Self::get),
        route(("PATCH", "/api/v2/users/{id}"), &[], Some(fields::UPDATE_USER), Self::update),
        route(("DELETE", "/api/v2/users/{id}"), &[], None, Self::delete),
        route(
            ("PATCH", "/api/v2/users/{id}/move_office"),
            &[],
            Some(fields::MOVE_OFFICE),
            Self::move_office,
        ),
        route(
            ("POST", "/api/v2/users/{id}/assign_number"),
            &[],
            Some(fields::ASSIGN_NUMBER),
            Self::assign_number,
        ),
        route(
            ("POST", "/api/v2/users/{id}/unassign_number"),
            &[],
            Some(fields::UNASSIGN_NUMBER),
            Self::unassign_number,
        ),
        route(("GET", "/api/v2/numbers"), fields::LIST_NUMBERS, None, Self::list_numbers),
        route(("GET", "/api/v2/offices"), fields::LIST_OFFICES, None, Self::list_offices),
        route(("GET", "/api/v2/offices/{id}"), &[], None, Self::get_office),
        route(
            ("GET", "/api/v2/offices/{office_id}/available_licenses"),
            &[],
            None,
            Self::available_licenses,
        ),
        route(("GET", "/api/v2/offices/{id}/operators"), &[], None, Self::office_operators),
        route(
            ("POST", "/api/v2/offices/{id}/operators"),
            &[],
            Some(fields::ADD_OPERATOR),
            Self::add_office_operator,
        ),
        route(
            ("DELETE", "/api/v2/offices/{id}/operators"),
            &[],
            Some(fields::REMOVE_OPERATOR),
            Self::remove_office_operator,
        ),
        route(("GET", "/api/v2/departments"), fields::LIST_GROUPS, None, Self::list_departments),
        route(
            ("POST", "/api/v2/departments"),
            &[],
            Some(fields::CREATE_DEPARTMENT),
            Self::create_department,
        ),
        route(("GET", "/api/v2/departments/{id}"), &[], None, Self::get_department),
        route(
            ("PATCH", "/api/v2/departments/{id}"),
            &[],
            Some(fields::UPDATE_DEPARTMENT),
            Self::update_department,
        ),
        route(("DELETE", "/api/v2/departments/{id}"), &[], None, Self::delete_department),
        route(("GET", "/api/v2/departments/{id}/operators"), &[], None, Self::department_operators),
        route(
            ("POST", "/api/v2/departments/{id}/operators"),
            &[],
            Some(fields::ADD_OPERATOR),
            Self::add_department_operator,
        ),
        route(
            ("DELETE", "/api/v2/departments/{id}/operators"),
            &[],
            Some(fields::REMOVE_OPERATOR),
            Self::remove_department_operator,
        ),
        route(("GET", "/api/v2/callcenters"), fields::LIST_GROUPS, None, Self::list_callcenters),
        route(("GET", "/api/v2/callcenters/{id}"), &[], None, Self::get_callcenter),
        route(("GET", "/api/v2/callcenters/{id}/operators"), &[], None, Self::callcenter_operators),
        route(
            ("POST", "/api/v2/callcenters/{id}/operators"),
            &[],
            Some(fields::ADD_AGENT),
            Self::add_agent,
        ),
        route(
            ("DELETE", "/api/v2/callcenters/{id}/operators"),
            &[],
            Some(fields::REMOVE_AGENT),
            Self::remove_agent,
        ),
        route(("GET", "/api/v2/coachingteams"), fields::LIST_TEAMS, None, Self::list_teams),
        route(("GET", "/api/v2/coachingteams/{id}/members"), &[], None, Self::team_members),
        route(
            ("POST", "/api/v2/coachingteams/{id}/members"),
            &[],
            Some(fields::ADD_TRAINEE),
            Self::add_trainee,
        ),
    ];

    fn caller(&self, call: &Call) -> Result<Key, Refusal> {
        let key = call.credential("Bearer").or_else(|| call.asked("apikey"));
        match key {
            Some(KEY | LESSER_KEY) if !self.enterprise => {
                Err(Refusal::new(403, "", "the company's plan does not include this"))
            }
            Some(KEY) => Ok(Key { admin: true }),
            Some(LESSER_KEY) => Ok(Key { admin: false }),
            _ => Err(Refusal::new(401, "", "the API key is not valid")),
        }
    }

    fn error(&mut self, refusal: &Refusal) -> Value {
        json!({ "error": { "code": refusal.status, "message": refusal.message } })
    }
}
