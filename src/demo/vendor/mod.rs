//! The sample vendor: an API in memory, as unlike SCIM as real ones.
//!
//! Keys beyond 2^53 as JSON numbers, `{data, page}` envelopes, one flat list of contacts, a name in
//! pieces, teams and memberships as two resources, roles by id, a search that returns more than was asked for,
//! pages of at most 50, and two calls that report their errors as 200 with `ok: false`. It knows
//! nothing of SCIM, and none of its JSON names is a SCIM attribute's.

mod asked;
mod http;
mod people;
mod roles;
mod router;
mod teams;

use ::http::HeaderMap;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use people::People;
pub use roles::Roles;
pub use teams::Teams;

/// Requests that are remembered for whoever wants to show them.
const REMEMBERED: usize = 1_000;
/// The first key: beyond what a double can count.
const FIRST_KEY: u64 = 9_007_199_254_741_001;

/// The roles that a seeded vendor has.
const ROLES: [(&str, &str); 3] = [
    ("Reader", "sees everything, changes nothing"),
    ("Writer", "may edit"),
    ("Owner", "may edit, and pays"),
];

/// The vendor.
#[derive(Debug)]
pub struct Vendor {
    key: String,
    // A std mutex: every request is short and nothing awaits while it is held.
    state: Mutex<State>,
    log: Mutex<VecDeque<String>>,
    refusals: Mutex<VecDeque<Refusal>>,
}

/// A status and headers that are answered whatever is asked.
type Refusal = (u16, HeaderMap);

/// Everything that the vendor holds.
#[derive(Debug)]
pub struct State {
    /// People by key.
    pub people: People,
    /// Teams and who is in them.
    pub teams: Teams,
    /// What a person can be.
    pub roles: Roles,
    next_key: u64,
}

impl State {
    /// A key that nobody has.
    pub fn new_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }
}

impl Vendor {
    /// Empty; callers prove themselves with `Authorization: Bearer KEY`.
    pub fn new(key: &str) -> Self {
        let state = State {
            people: People::default(),
            teams: Teams::default(),
            roles: Roles::default(),
            next_key: FIRST_KEY,
        };
        Self {
            key: key.to_owned(),
            state: Mutex::new(state),
            log: Mutex::default(),
            refusals: Mutex::default(),
        }
    }

    /// Three people, one of them suspended, a team with two of them, and three roles.
    pub fn seeded(key: &str) -> Self {
        let vendor = Self::new(key);
        let mut keys = Vec::new();
        for (login, fore, sur) in
            [("ada", "Ada", "Lund"), ("bo", "Bo", "Sand"), ("cleo", "Cleo", "Berg")]
        {
            keys.extend(vendor.add(login, fore, sur));
        }
        let mut state = vendor.state();
        let now = http::now();
        if let Some(last) = keys.last() {
            state.people.change_status(*last, "S", now);
        }
        let team = state.new_key();
        let made = state.teams.make(team, &json!({ "caption": "Everybody North" }), now);
        if made.is_ok() {
            for person in keys.iter().take(2) {
                state.teams.join(team, *person, Value::Null);
            }
        }
        for (caption, blurb) in ROLES {
            // Each has a caption of its own.
            let _ = state.roles.make(&json!({ "caption": caption, "blurb": blurb }), now);
        }
        drop(state);
        vendor
    }

    /// So many people, for load.
    pub fn with_people(key: &str, count: usize) -> Self {
        let vendor = Self::new(key);
        for number in 0..count {
            vendor.add(&format!("user{number:05}"), "Load", &format!("Number{number}"));
        }
        vendor
    }

    fn add(&self, login: &str, fore: &str, sur: &str) -> Option<u64> {
        let mail = format!("{login}@acme.example");
        let person = json!({
            "login": mail, "caption": format!("{fore} {sur}"), "fore": fore, "sur": sur,
            "contacts": [{ "kind": "mail", "address": mail, "label": "work", "main": true }],
        });
        let mut state = self.state();
        let key = state.new_key();
        state.people.make(key, &person, http::now()).ok().map(|_| key)
    }

    /// Everything that it holds, for a moment.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests since the last call, as `METHOD /path?query -> status`.
    pub fn take_log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Answers the next request with this status and these headers, whatever is asked: vendors have bad days.
    pub fn refuse_next(&self, status: u16, headers: HeaderMap) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push_back((status, headers));
    }

    fn refusal(&self) -> Option<Refusal> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn note(&self, line: String) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(line);
    }
}

/// What the vendor answers: a status and a body.
pub type Reply = (u16, Option<Value>);

/// A refusal with its reason.
pub fn refuse(status: u16, why: &str) -> Reply {
    (status, Some(json!({ "why": why })))
}

/// A 200 that is none: two of its calls are of the year 2009.
pub fn not_ok(code: &str, why: &str) -> Reply {
    (200, Some(json!({ "ok": false, "code": code, "why": why })))
}

#[cfg(test)]
mod tests;
