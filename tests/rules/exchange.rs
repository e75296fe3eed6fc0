//! One request, and what must come back.

use crate::{demo::Reply, predicate::Predicate, row::Kept};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::fmt;

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What is sent. `{name}` stands for what an earlier exchange of the row kept.
pub enum Sent {
    Once {
        method: &'static str,
        path: String,
        body: String,
    },
    /// A list, page by page to its end.
    Pages {
        path: &'static str,
        count: usize,
    },
    /// The same by cursors.
    Cursors {
        path: &'static str,
        count: usize,
    },
}

pub struct Exchange {
    pub sent: Sent,
    pub headers: Vec<(&'static str, String)>,
    /// Any of them; none means any 2xx.
    statuses: Vec<u16>,
    scim_types: Vec<&'static str>,
    predicates: Vec<Predicate>,
    /// What is kept of the body, by name.
    pub keeps: Vec<(&'static str, &'static str)>,
}

fn exchange(sent: Sent) -> Exchange {
    Exchange {
        sent,
        headers: Vec::new(),
        statuses: Vec::new(),
        scim_types: Vec::new(),
        predicates: Vec::new(),
        keeps: Vec::new(),
    }
}

/// Any method, any text.
pub fn send(method: &'static str, path: impl Into<String>, body: impl Into<String>) -> Exchange {
    exchange(Sent::Once { method, path: path.into(), body: body.into() })
}

pub fn get(path: impl Into<String>) -> Exchange {
    send("GET", path, "")
}

pub fn post(path: impl Into<String>, body: Value) -> Exchange {
    send("POST", path, body.to_string())
}

pub fn put(path: impl Into<String>, body: Value) -> Exchange {
    send("PUT", path, body.to_string())
}

/// A PATCH with these operations.
pub fn patch(path: impl Into<String>, operations: Value) -> Exchange {
    send("PATCH", path, json!({ "schemas": [PATCH_OP], "Operations": operations }).to_string())
}

pub fn delete(path: impl Into<String>) -> Exchange {
    send("DELETE", path, "")
}

/// A GET with a filter.
pub fn filter(endpoint: &str, filter: &str) -> Exchange {
    // What stands for something kept is filled in later.
    let encoded = utf8_percent_encode(filter, NON_ALPHANUMERIC).to_string();
    get(format!("{endpoint}?filter={}", encoded.replace("%7B", "{").replace("%7D", "}")))
}

/// Walks a list by index.
pub fn pages(path: &'static str, count: usize) -> Exchange {
    exchange(Sent::Pages { path, count })
}

/// Walks a list by cursor.
pub fn cursors(path: &'static str, count: usize) -> Exchange {
    exchange(Sent::Cursors { path, count })
}

/// Makes a user of the row's own name, with what else is said of it, and keeps its id as `user`.
pub fn user(more: Value) -> Exchange {
    named_user("{me}@acme.example", "user", more)
}

/// Another one, of another name, and keeps its id under `keep`.
pub fn named_user(name: &str, keep: &'static str, more: Value) -> Exchange {
    let mut body = json!({ "schemas": [USER], "userName": name });
    extend(&mut body, more);
    post("/Users", body).status(201).keep(keep, "/id")
}

/// Makes a group of the row's own name and keeps its id as `group`.
pub fn group(more: Value) -> Exchange {
    let mut body = json!({ "schemas": [GROUP], "displayName": "group of {me}" });
    extend(&mut body, more);
    post("/Groups", body).status(201).keep("group", "/id")
}

fn extend(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

impl Exchange {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Who calls is not said.
    pub fn anonymous(self) -> Self {
        self.header("authorization", "")
    }

    pub fn status(mut self, status: u16) -> Self {
        self.statuses.push(status);
        self
    }

    /// An error of one of these types.
    pub fn scim_type<const N: usize>(mut self, types: [&'static str; N]) -> Self {
        self.scim_types.extend(types);
        self
    }

    pub fn shows(mut self, predicate: Predicate) -> Self {
        self.predicates.push(predicate);
        self
    }

    pub fn keep(mut self, name: &'static str, place: &'static str) -> Self {
        self.keeps.push((name, place));
        self
    }

    /// What is not as expected.
    pub fn wrong(&self, reply: &Reply, kept: &Kept) -> Option<String> {
        let fits = match self.statuses.as_slice() {
            [] => (200..300).contains(&reply.status),
            any => any.contains(&reply.status),
        };
        if !fits {
            return Some(format!("expected the status {:?}", self.statuses));
        }
        let found = reply.body["scimType"].as_str().unwrap_or("none");
        if !self.scim_types.is_empty() && !self.scim_types.contains(&found) {
            return Some(format!("expected a scimType of {:?}", self.scim_types));
        }
        self.predicates.iter().find_map(|predicate| predicate.wrong(reply, kept))
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sent {
            Sent::Once { method, path, body } => write!(f, "{method} {path} {body}"),
            Sent::Pages { path, count } => write!(f, "GET {path} by {count}"),
            Sent::Cursors { path, count } => write!(f, "GET {path} by {count} and cursor"),
        }
    }
}
