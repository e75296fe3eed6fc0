//! What must be true of an answer, each with a name.

use crate::{
    demo::Reply,
    row::{Kept, filled},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// A place is a JSON pointer.
pub enum Predicate {
    /// This value stands there; texts may name what was kept.
    Is(&'static str, Value),
    /// Something stands there, and it is not what was kept.
    IsNot(&'static str, &'static str),
    /// What was kept stands there.
    IsKept(&'static str, &'static str),
    /// Later than what was kept.
    IsLater(&'static str, &'static str),
    /// An instant that names its zone.
    IsDateTime(&'static str),
    /// Something stands there.
    Present(&'static str),
    /// Nothing, null or an empty list stands there (RFC 7643 §2.5).
    Absent(&'static str),
    /// A list of so many.
    Length(&'static str, usize),
    /// A list that has at most so many.
    AtMost(&'static str, usize),
    /// A list that has an element with all of this.
    Has(&'static str, Value),
    /// A list that has no element with all of this.
    HasNot(&'static str, Value),
    /// Exactly these members.
    Members(&'static str, &'static [&'static str]),
    /// The header is there and holds this text.
    Header(&'static str, &'static str),
    /// The header says what stands there in the body.
    HeaderIs(&'static str, &'static str),
    /// The text stands nowhere in the body.
    Nowhere(&'static str),
    /// Something else, with a name.
    Holds(&'static str, fn(&Value) -> bool),
}

use Predicate::*;

impl Predicate {
    pub fn wrong(&self, reply: &Reply, kept: &Kept) -> Option<String> {
        let at = |place: &str| reply.body.pointer(place).cloned().unwrap_or_default();
        let list = |place: &str| at(place).as_array().cloned().unwrap_or_default();
        let (is_so, expected) = match self {
            Is(place, value) => {
                let value = with(value, kept);
                (at(place) == value, format!("expected {value} at {place}"))
            }
            IsNot(place, name) => {
                let differs = !at(place).is_null() && at(place) != kept[name];
                (differs, format!("expected another value than {} at {place}", kept[name]))
            }
            IsKept(place, name) => {
                (at(place) == kept[name], format!("expected {} at {place}", kept[name]))
            }
            IsLater(place, name) => {
                let later = instant(&at(place)) > instant(&kept[name]);
                (later, format!("expected something later than {} at {place}", kept[name]))
            }
            IsDateTime(place) => {
                (instant(&at(place)).is_some(), format!("expected a dateTime at {place}"))
            }
            Present(place) => (!is_none(&at(place)), format!("expected something at {place}")),
            Absent(place) => (is_none(&at(place)), format!("expected nothing at {place}")),
            Length(place, count) => {
                (list(place).len() == *count, format!("expected {count} elements at {place}"))
            }
            AtMost(place, count) => (
                list(place).len() <= *count,
                format!("expected at most {count} elements at {place}"),
            ),
            Has(place, parts) => {
                let parts = with(parts, kept);
                let has = list(place).iter().any(|element| holds(element, &parts));
                (has, format!("expected an element with {parts} at {place}"))
            }
            HasNot(place, parts) => {
                let parts = with(parts, kept);
                let has = list(place).iter().any(|element| holds(element, &parts));
                (!has, format!("expected no element with {parts} at {place}"))
            }
            Members(place, names) => {
                let found = at(place);
                let mut found: Vec<_> =
                    found.as_object().into_iter().flat_map(|all| all.keys()).collect();
                found.sort();
                let mut names = names.to_vec();
                names.sort_unstable();
                (found == names, format!("expected the members {names:?} at `{place}`"))
            }
            Header(name, text) => {
                let value = reply.header(name);
                let there = value.is_some_and(|value| value.contains(text));
                (there, format!("expected a header {name} with `{text}`, found {value:?}"))
            }
            HeaderIs(name, place) => {
                let value = reply.header(name);
                let same = value.is_some() && at(place).as_str() == value;
                (
                    same,
                    format!(
                        "expected the header {name} to be what stands at {place}, found {value:?}"
                    ),
                )
            }
            Nowhere(text) => {
                (!reply.text.contains(text), format!("expected `{text}` nowhere in the answer"))
            }
            Holds(name, predicate) => (predicate(&reply.body), format!("expected that {name}")),
        };
        (!is_so).then_some(expected)
    }
}

/// What every answer owes, whatever was asked: RFC 7644 §3.1, §3.12, §8.1.
pub fn common(reply: &Reply) -> Option<String> {
    let media = if reply.old { "application/json" } else { "application/scim+json" };
    let json = reply.header("content-type").is_some_and(|kind| kind.starts_with(media));
    if matches!(reply.status, 204 | 304) {
        return (!reply.text.is_empty()).then(|| "expected no body".to_owned());
    }
    if !json {
        return Some(format!("expected a body of {media}"));
    }
    let body = &reply.body;
    if reply.old {
        let code = &body["Errors"][0]["code"];
        let told = reply.status < 400 || *code == json!(reply.status.to_string());
        return (!told).then(|| "expected an error of 1.1 with its status as text".to_owned());
    }
    if reply.status >= 400 {
        let schemas = body["schemas"] == json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
        let is_error = schemas && body["status"] == json!(reply.status.to_string());
        return (!is_error).then(|| "expected a SCIM Error with its status as text".to_owned());
    }
    // A list is no resource, and neither is the answer to a Bulk.
    let is_resource = |urn: &str| !urn.starts_with("urn:ietf:params:scim:api:messages:");
    if !body["schemas"][0].as_str().is_some_and(is_resource) {
        return None;
    }
    // A resource says where it is read, and in which version; its meta the same, when it is shown.
    let (location, own) = (reply.header("location"), body["meta"]["location"].as_str());
    let placed = location.is_some()
        && location == reply.header("content-location")
        && (own.is_none() || own == location);
    let (etag, own) = (reply.header("etag"), body["meta"]["version"].as_str());
    let versioned = etag.is_some() && (own.is_none() || own == etag);
    (!placed || !versioned).then(|| {
        format!("expected Location, Content-Location and ETag, found {location:?}, {etag:?}")
    })
}

/// A value whose texts are filled in.
fn with(value: &Value, kept: &Kept) -> Value {
    serde_json::from_str(&filled(&value.to_string(), kept)).unwrap()
}

fn is_none(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// RFC 7643 §2.3.5: a zone is named.
fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// All members of `parts` are in `element`.
fn holds(element: &Value, parts: &Value) -> bool {
    match parts {
        Value::Object(parts) => parts.iter().all(|(name, value)| &element[name] == value),
        other => element == other,
    }
}
