//! People: what the vendor knows, in memory, and what a call does to it.

use super::diary::{Diary, Event, Verb};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A title that it will not have, ever.
pub const REFUSED: &str = "refused";

/// Somebody at the vendor's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub email: String,
    pub title: String,
    pub nick: String,
    /// `on` or `off`.
    pub state: String,
    pub notes: u32,
    /// Made, and more than that: nobody is told that somebody was made who is not.
    pub welcome: bool,
    /// Deleted: nobody is told of him any more.
    pub gone: bool,
}

impl Person {
    fn record(&self) -> Value {
        json!({ "id": self.id, "email": self.email, "title": self.title, "nick": self.nick,
            "state": self.state, "notes": self.notes })
    }

    fn take(&mut self, body: &Value) {
        let places = [("title", &mut self.title), ("nick", &mut self.nick)];
        for (name, place) in places.into_iter().chain([("state", &mut self.state)]) {
            if let Some(value) = body.get(name) {
                *place = value.as_str().unwrap_or_default().to_owned();
            }
        }
    }
}

/// A call as it was read.
#[derive(Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    pub query: String,
    pub body: Value,
    /// By which it is known again.
    pub key: Option<String>,
}

pub type Answer = (u16, Value);

#[derive(Default)]
pub struct People {
    all: BTreeMap<u64, Person>,
    /// What it has said to calls with a key.
    known: BTreeMap<String, Answer>,
}

impl People {
    /// Carries a call out, and writes down what it did; one with a key that was carried out is answered as it was then.
    pub fn serve(&mut self, number: u64, call: &Call, diary: &Diary) -> Answer {
        let Some(key) = &call.key else { return self.done(number, call, diary) };
        if let Some(answer) = self.known.get(key) {
            return answer.clone();
        }
        let answer = self.done(number, call, diary);
        if answer.0 < 300 {
            self.known.insert(key.clone(), answer.clone());
        }
        answer
    }

    fn done(&mut self, number: u64, call: &Call, diary: &Diary) -> Answer {
        let steps: Vec<&str> = call.path.trim_matches('/').split('/').collect();
        match (call.method.as_str(), steps.as_slice()) {
            ("GET", ["users"]) => (200, json!({ "users": self.listed(&call.query) })),
            ("POST", ["users"]) => self.create(number, &call.body, diary),
            (method, ["users", id, rest @ ..]) => {
                let verb = match (method, rest) {
                    ("GET", []) => None,
                    ("PATCH", []) => Some(Verb::Change),
                    ("DELETE", []) => Some(Verb::Delete),
                    ("POST", ["retire"]) => Some(Verb::Retire),
                    ("POST", ["return"]) => Some(Verb::Return),
                    ("POST", ["notes"]) => Some(Verb::Note),
                    ("POST", ["welcome"]) => Some(Verb::Welcome),
                    ("DELETE", ["welcome"]) => Some(Verb::Unwelcome),
                    _ => return (405, json!({ "error": "no such call" })),
                };
                self.one(number, id, verb, &call.body, diary)
            }
            _ => (404, json!({ "error": "no such path" })),
        }
    }

    fn listed(&self, query: &str) -> Vec<Value> {
        let email = query.strip_prefix("email=").map(|email| email.replace("%40", "@"));
        let asked =
            |one: &&Person| !one.gone && email.as_ref().is_none_or(|email| *email == one.email);
        self.all.values().filter(asked).map(Person::record).collect()
    }

    fn create(&mut self, number: u64, body: &Value, diary: &Diary) -> Answer {
        let email = body["email"].as_str().unwrap_or_default().to_owned();
        if self.all.values().any(|one| !one.gone && one.email == email) {
            return (409, json!({ "error": "this address is somebody's" }));
        }
        let key = self.all.len() as u64 + 1;
        let (title, nick) = (String::new(), String::new());
        let (id, state) = (key.to_string(), "on".to_owned());
        let mut person =
            Person { id, email, title, nick, state, notes: 0, welcome: false, gone: false };
        person.take(body);
        let answer = person.record();
        diary.write(
            number,
            Event::Applied { verb: Verb::Create, person: person.clone(), changed: true },
        );
        self.all.insert(key, person);
        (201, answer)
    }

    fn one(
        &mut self,
        number: u64,
        id: &str,
        verb: Option<Verb>,
        body: &Value,
        diary: &Diary,
    ) -> Answer {
        let person = id.parse().ok().and_then(|key: u64| self.all.get_mut(&key));
        let Some(person) = person.filter(|person| !person.gone) else {
            return (404, json!({ "error": "nobody has this id" }));
        };
        let before = person.clone();
        let Some(verb) = verb else { return (200, person.record()) };
        if body["title"] == REFUSED {
            return (422, json!({ "error": "no such title" }));
        }
        match verb {
            Verb::Change => person.take(body),
            Verb::Retire => person.state = "off".to_owned(),
            Verb::Return => person.state = "on".to_owned(),
            Verb::Note => person.notes += 1,
            Verb::Welcome => person.welcome = true,
            Verb::Unwelcome => person.welcome = false,
            Verb::Delete | Verb::Create => person.gone = true,
        }
        let changed = *person != before;
        diary.write(number, Event::Applied { verb, person: person.clone(), changed });
        (200, person.record())
    }
}
