//! References by `bulkId:` to what another operation of the same request makes (RFC 7644 §3.7.2, R102).

use super::BulkAsked;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What stands before the name.
const PREFIX: &str = "bulkId:";

/// The names that an operation refers to, in its data and in its path.
pub fn names(asked: &BulkAsked) -> BTreeSet<String> {
    let mut names = names_in(&asked.data);
    names.extend(asked.path.split('/').filter_map(segment));
    names
}

/// The names that a value refers to.
pub fn names_in(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(value, &mut names);
    names
}

/// The data with the ids that are known.
pub fn resolved(data: &Value, id: &impl Fn(&str) -> Option<String>) -> Value {
    match data {
        Value::String(text) => match text.strip_prefix(PREFIX).and_then(id) {
            Some(id) => Value::String(id),
            None => data.clone(),
        },
        Value::Array(elements) => elements.iter().map(|each| resolved(each, id)).collect(),
        Value::Object(members) => {
            let each = |(name, value): (&String, &Value)| (name.clone(), resolved(value, id));
            Value::Object(members.iter().map(each).collect())
        }
        other => other.clone(),
    }
}

/// The path with the ids that are known; `escaped` makes a segment of an id.
pub fn path(
    path: &str,
    id: &impl Fn(&str) -> Option<String>,
    escaped: fn(&str) -> String,
) -> String {
    let each = |part: &str| segment(part).and_then(|name| id(&name)).map(|id| escaped(&id));
    let parts: Vec<_> =
        path.split('/').map(|part| each(part).unwrap_or_else(|| part.to_owned())).collect();
    parts.join("/")
}

/// Takes the attributes out of the data that refer to one of `open`, which is not made yet, and gives each with
/// its path. An attribute goes as a whole: a part of a list would not be what the client wants.
pub fn set_apart(data: &mut Value, open: &BTreeSet<String>) -> Vec<(String, Value)> {
    let Value::Object(members) = data else { return Vec::new() };
    let mut apart = Vec::new();
    for (urn, extension) in members.iter_mut().filter(|(name, _)| name.contains(':')) {
        if let Value::Object(inner) = extension {
            let taken = taken(inner, open).into_iter();
            apart.extend(taken.map(|(name, value)| (format!("{urn}:{name}"), value)));
        }
    }
    apart.extend(taken(members, open));
    apart
}

fn taken(members: &mut Map<String, Value>, open: &BTreeSet<String>) -> Vec<(String, Value)> {
    let refers = |value: &Value| !names_in(value).is_disjoint(open);
    let gone = members.iter().filter(|(_, value)| refers(value)).map(|(name, _)| name.clone());
    let gone: Vec<_> = gone.collect();
    gone.into_iter().filter_map(|name| members.remove_entry(&name)).collect()
}

fn collect(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => names.extend(text.strip_prefix(PREFIX).map(str::to_owned)),
        Value::Array(elements) => elements.iter().for_each(|each| collect(each, names)),
        Value::Object(members) => members.values().for_each(|each| collect(each, names)),
        _ => {}
    }
}

fn segment(part: &str) -> Option<String> {
    let decoded = percent_decode_str(part).decode_utf8().ok()?;
    decoded.strip_prefix(PREFIX).map(str::to_owned)
}
