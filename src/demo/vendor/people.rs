//! People: `{uid, login, status, caption, fore, sur, contacts, ...}`.

use super::{Reply, refuse};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// What a caller may write.
const FIELDS: [&str; 29] = [
    "login",
    "caption",
    "alias",
    "job",
    "kind",
    "homepage",
    "tongue",
    "habits",
    "clock",
    "fore",
    "mid",
    "sur",
    "honor",
    "post",
    "written",
    "contacts",
    "pictures",
    "postal",
    "certs",
    "grants",
    "role_refs",
    "badge",
    "cost",
    "firm",
    "branch",
    "unit",
    "manager_id",
    "ref_code",
    "secret",
];

/// People by key, and by login.
#[derive(Debug, Default)]
pub struct People {
    by_key: BTreeMap<u64, Value>,
    by_login: HashMap<String, u64>,
}

impl People {
    /// Makes a person; 409 when the login is taken, 422 when it is missing.
    pub fn make(&mut self, key: u64, wanted: &Value, now: i64) -> Result<&Value, Reply> {
        let login = login_of(wanted)?;
        if self.by_login.contains_key(&login) {
            return Err(refuse(409, "login is taken"));
        }
        let mut person = Map::new();
        person.insert("uid".into(), key.into());
        person.insert("status".into(), "A".into());
        person.insert("born_at".into(), now.into());
        write(&mut person, wanted);
        person.insert("touched_at".into(), now.into());
        self.by_login.insert(login, key);
        Ok(self.by_key.entry(key).or_insert(Value::Object(person)))
    }

    /// Changes what is named; null clears, lists are replaced whole.
    pub fn change(&mut self, key: u64, wanted: &Value, now: i64) -> Result<&Value, Reply> {
        if wanted.get("status").is_some_and(|status| !status.is_null()) {
            return Err(refuse(422, "status changes by suspend and resume"));
        }
        let Some(person) = self.by_key.get_mut(&key).and_then(Value::as_object_mut) else {
            return Err(refuse(404, "no such person"));
        };
        if wanted.get("login").is_some() {
            let (old, new) = (login_of(&Value::Object(person.clone()))?, login_of(wanted)?);
            if old != new && self.by_login.contains_key(&new) {
                return Err(refuse(409, "login is taken"));
            }
            self.by_login.remove(&old);
            self.by_login.insert(new, key);
        }
        write(person, wanted);
        if wanted.get("status").is_some() {
            person.insert("status".into(), "X".into());
        }
        // Two changes within a millisecond are still one after the other.
        let before = person.get("touched_at").and_then(Value::as_i64).unwrap_or(0);
        person.insert("touched_at".into(), now.max(before + 1).into());
        self.get(key).ok_or_else(|| refuse(404, "no such person"))
    }

    /// `A` (active) or `S` (suspended); false when there is nobody. `X` is a status cleared by PATCH.
    pub fn change_status(&mut self, key: u64, status: &str, now: i64) -> bool {
        let Some(person) = self.by_key.get_mut(&key).and_then(Value::as_object_mut) else {
            return false;
        };
        person.insert("status".into(), status.into());
        let before = person.get("touched_at").and_then(Value::as_i64).unwrap_or(0);
        person.insert("touched_at".into(), now.max(before + 1).into());
        true
    }

    /// Ends a person; false when there is nobody.
    pub fn end(&mut self, key: u64) -> bool {
        let Some(person) = self.by_key.remove(&key) else { return false };
        if let Ok(login) = login_of(&person) {
            self.by_login.remove(&login);
        }
        true
    }

    /// One person.
    pub fn get(&self, key: u64) -> Option<&Value> {
        self.by_key.get(&key)
    }

    /// Those after a key whose login, caption or reference holds `text`; everybody without one.
    /// With the number of all of them.
    pub fn page(&self, seek: Option<&str>, after: u64, size: usize) -> (Vec<&Value>, usize) {
        let seek = seek.map(str::to_lowercase);
        let holds = |person: &Value, field: &str, text: &str| {
            let value = person.get(field).and_then(Value::as_str);
            value.is_some_and(|value| value.to_lowercase().contains(text))
        };
        let found = |person: &&Value| {
            let text = seek.as_deref();
            text.is_none_or(|text| {
                ["login", "caption", "ref_code"].iter().any(|field| holds(person, field, text))
            })
        };
        let count = match seek {
            None => self.by_key.len(),
            Some(_) => self.by_key.values().filter(found).count(),
        };
        let page = self.by_key.range(after + 1..).map(|(_, person)| person).filter(found);
        (page.take(size).collect(), count)
    }
}

fn login_of(person: &Value) -> Result<String, Reply> {
    match person.get("login").and_then(Value::as_str) {
        Some(login) if !login.trim().is_empty() => Ok(login.to_lowercase()),
        _ => Err(refuse(422, "login must not be empty")),
    }
}

/// Writes the fields that exist; a secret is taken and never shown.
fn write(person: &mut Map<String, Value>, wanted: &Value) {
    for field in FIELDS {
        match wanted.get(field) {
            None => {}
            Some(Value::Null) => {
                person.remove(field);
            }
            Some(_) if field == "secret" => {}
            Some(value) => {
                person.insert(field.to_owned(), value.clone());
            }
        }
    }
}

/// A person as it is shown: with the teams, which are kept elsewhere.
pub fn shown(person: &Value, teams: Vec<Value>) -> Value {
    let mut person = person.clone();
    if let (Some(members), false) = (person.as_object_mut(), teams.is_empty()) {
        members.insert("team_list".into(), json!(teams));
    }
    person
}
