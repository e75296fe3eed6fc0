//! One request of a client, and what must come back; or one look at what the vendor holds.

use crate::{
    conversation::{Kept, filled},
    service::Reply,
};
use serde_json::{Value, json};

pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub struct Exchange {
    pub method: &'static str,
    pub path: String,
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
    /// The vendor is asked, and not the gateway.
    pub of_vendor: bool,
    status: u16,
    scim_type: Option<&'static str>,
    checks: Vec<Check>,
    /// What is kept of the body, by name.
    pub keeps: Vec<(&'static str, &'static str)>,
}

/// What must be true of an answer. A place is a JSON pointer.
enum Check {
    Is(&'static str, Value),
    /// There is no such member, not even null.
    Absent(&'static str),
    Length(&'static str, usize),
    /// A list that has an element with all of this.
    Has(&'static str, Value),
    /// The text stands in the body.
    Says(&'static str),
    /// It stands nowhere in it.
    Hides(&'static str),
    /// The header holds the text.
    Header(&'static str, &'static str),
}

use Check::*;

/// Any method and text. The status that is expected is the one that the method has when all is well.
pub fn send(method: &'static str, path: impl Into<String>, body: impl Into<String>) -> Exchange {
    let status = match method {
        "POST" => 201,
        "DELETE" => 204,
        _ => 200,
    };
    Exchange {
        method,
        path: path.into(),
        body: body.into(),
        headers: Vec::new(),
        of_vendor: false,
        status,
        scim_type: None,
        checks: Vec::new(),
        keeps: Vec::new(),
    }
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

/// What the vendor says of it.
pub fn vendor(path: impl Into<String>) -> Exchange {
    Exchange { of_vendor: true, ..get(path) }
}

impl Exchange {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// A SCIM Error of this type.
    pub fn refused(self, status: u16, scim_type: &'static str) -> Self {
        Self { status, scim_type: Some(scim_type), ..self }
    }

    pub fn is(self, place: &'static str, value: impl Into<Value>) -> Self {
        self.check(Is(place, value.into()))
    }

    pub fn absent(self, place: &'static str) -> Self {
        self.check(Absent(place))
    }

    pub fn length(self, place: &'static str, count: usize) -> Self {
        self.check(Length(place, count))
    }

    pub fn has(self, place: &'static str, parts: Value) -> Self {
        self.check(Has(place, parts))
    }

    pub fn says(self, text: &'static str) -> Self {
        self.check(Says(text))
    }

    pub fn hides(self, text: &'static str) -> Self {
        self.check(Hides(text))
    }

    pub fn shows(self, name: &'static str, text: &'static str) -> Self {
        self.check(Header(name, text))
    }

    fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }

    pub fn keep(mut self, name: &'static str, place: &'static str) -> Self {
        self.keeps.push((name, place));
        self
    }

    /// What is not as expected.
    pub fn wrong(&self, reply: &Reply, kept: &Kept) -> Option<String> {
        if reply.status != self.status {
            return Some(format!("expected the status {}", self.status));
        }
        if !self.of_vendor
            && let Some(wrong) = common(reply)
        {
            return Some(wrong.to_owned());
        }
        let found = reply.body["scimType"].as_str();
        if self.scim_type.is_some() && self.scim_type != found {
            return Some(format!("expected the scimType {:?}", self.scim_type));
        }
        self.checks.iter().find_map(|check| check.wrong(reply, kept))
    }
}

/// What every client needs of every answer: no null in it, which crashes some; ids that are text; an error in
/// words for the administrator, who is shown them.
fn common(reply: &Reply) -> Option<&'static str> {
    let body = &reply.body;
    if reply.status == 204 {
        return (!reply.text.is_empty()).then_some("expected no body");
    }
    if !body.is_object() {
        return Some("expected a JSON object");
    }
    if has_null(body) {
        return Some("expected no null");
    }
    if body.get("id").is_some_and(|id| !id.is_string()) {
        return Some("expected an id that is text");
    }
    let said = body["detail"].as_str().or(body["Errors"][0]["description"].as_str());
    (reply.status >= 400 && said.is_none_or(str::is_empty))
        .then_some("expected an error that says what is wrong")
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

impl Check {
    fn wrong(&self, reply: &Reply, kept: &Kept) -> Option<String> {
        let at = |place: &str| reply.body.pointer(place);
        let list = |place: &str| at(place).and_then(Value::as_array).cloned().unwrap_or_default();
        let has = |place: &str, parts: &Value| {
            let parts = with(parts, kept);
            list(place).iter().any(|element| holds(element, &parts))
        };
        let (is_so, expected) = match self {
            Is(place, value) => {
                let value = with(value, kept);
                (at(place) == Some(&value), format!("{value} at {place}"))
            }
            Absent(place) => (at(place).is_none(), format!("nothing at {place}")),
            Length(place, count) => {
                (list(place).len() == *count, format!("{count} elements at {place}"))
            }
            Has(place, parts) => (has(place, parts), format!("one with {parts} at {place}")),
            Says(text) => {
                let text = filled(text, kept);
                (reply.text.contains(&text), format!("`{text}` in the body"))
            }
            Hides(text) => {
                let text = filled(text, kept);
                (!reply.text.contains(&text), format!("`{text}` nowhere in the body"))
            }
            Header(name, text) => {
                let there = reply.header(name).is_some_and(|value| value.contains(text));
                (there, format!("a header {name} with `{text}`"))
            }
        };
        (!is_so).then(|| format!("expected {expected}"))
    }
}

/// A value whose texts are filled in.
fn with(value: &Value, kept: &Kept) -> Value {
    serde_json::from_str(&filled(&value.to_string(), kept)).unwrap()
}

/// All members of `parts` are in `element`.
fn holds(element: &Value, parts: &Value) -> bool {
    match parts {
        Value::Object(parts) => parts.iter().all(|(name, value)| element.get(name) == Some(value)),
        other => element == other,
    }
}
