//! Write: what a client asks for, and what came of each time that it asked.

use crate::{instant::Instant, wire::Answer};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One change that a client wants, however often it asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Write {
    /// Its own among all of a run.
    pub number: u64,
    pub verb: Verb,
    /// Of a title and a nickname no two writes say the same.
    pub title: Option<String>,
    pub nick: Option<String>,
    pub active: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verb {
    Create,
    Patch,
    /// Says all of a person.
    Put,
    Delete,
}

/// One request of a client, from before its first byte to after the answer's last one.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    pub write: Write,
    pub email: String,
    /// Of whom there is one already.
    pub id: Option<String>,
    pub begin: Instant,
    pub end: Instant,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Outcome {
    /// 2xx, with what the answer says of the person.
    Done(Option<Told>),
    /// 429 or 503 with `Set-Txn`.
    Promised(String),
    /// 2xx with `Set-Txn`: the client takes it for done, and it is a promise all the same.
    Acknowledged(String),
    /// 4xx: it is not done and never will be.
    Refused(u16),
    /// 429 or 5xx without `Set-Txn`, or no answer: it may have happened or not.
    Open(Option<u16>),
}

/// A person as an answer shows him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    pub id: String,
    pub title: String,
    pub nick: String,
    pub active: bool,
}

impl Write {
    pub fn new(number: u64, verb: Verb) -> Self {
        Self { number, verb, title: None, nick: None, active: None }
    }

    pub fn titled(self) -> Self {
        Self { title: Some(format!("t{}", self.number)), ..self }
    }

    pub fn nicked(self) -> Self {
        Self { nick: Some(format!("n{}", self.number)), ..self }
    }

    pub fn active(self, active: bool) -> Self {
        Self { active: Some(active), ..self }
    }

    /// Takes somebody's access away: it is delivered once it is promised.
    pub fn is_durable(&self) -> bool {
        self.verb == Verb::Delete || self.active == Some(false)
    }

    /// Method, target and body.
    pub fn request(&self, email: &str, id: Option<&str>) -> (String, String) {
        let id = id.unwrap_or_default();
        let mut user = json!({ "userName": email });
        let said = [("title", &self.title), ("nickName", &self.nick)];
        let said = said.into_iter().filter_map(|(name, said)| Some((name, json!(said.as_ref()?))));
        let said = said.chain(self.active.map(|active| ("active", json!(active))));
        let said: Vec<(String, Value)> =
            said.map(|(name, value)| (name.to_owned(), value)).collect();
        match self.verb {
            Verb::Create | Verb::Put => {
                user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
                said.into_iter().for_each(|(name, value)| user[&name] = value);
                let line = match self.verb {
                    Verb::Create => "POST /scim/v2/Users".to_owned(),
                    _ => format!("PUT /scim/v2/Users/{id}"),
                };
                (line, user.to_string())
            }
            Verb::Patch => {
                let operations: Vec<Value> = match self.number % 2 {
                    // As Okta says it.
                    0 => vec![json!({ "op": "replace", "value": Map::from_iter(said) })],
                    _ => said
                        .into_iter()
                        .map(|(path, value)| json!({ "op": "replace", "path": path, "value": value }))
                        .collect(),
                };
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": operations,
                });
                (format!("PATCH /scim/v2/Users/{id}"), body.to_string())
            }
            Verb::Delete => (format!("DELETE /scim/v2/Users/{id}"), String::new()),
        }
    }
}

impl Outcome {
    pub fn of(answer: Option<Answer>) -> Self {
        let Some(answer) = answer else { return Self::Open(None) };
        match (answer.status, answer.txn) {
            (200..=299, Some(txn)) => Self::Acknowledged(txn),
            (200..=299, None) => Self::Done(Told::of(&answer.body)),
            (429 | 503, Some(txn)) => Self::Promised(txn),
            (status @ 400..=499, _) if status != 429 => Self::Refused(status),
            (status, _) => Self::Open(Some(status)),
        }
    }

    /// The name of what was promised.
    pub fn txn(&self) -> Option<&str> {
        match self {
            Self::Promised(txn) | Self::Acknowledged(txn) => Some(txn),
            _ => None,
        }
    }

    /// Whether the client asks again.
    pub fn is_repeated(&self) -> bool {
        matches!(self, Self::Promised(_) | Self::Open(_))
    }
}

impl Told {
    pub fn of(user: &Value) -> Option<Self> {
        let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
        let id = user["id"].as_str()?.to_owned();
        // Absent is no value here: the vendor has one for everybody.
        let active = user["active"].as_bool()?;
        Some(Self { id, title: text("title"), nick: text("nickName"), active })
    }
}
