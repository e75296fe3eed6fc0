//! References by `bulkId:` to what another operation of the same request makes (R102; RFC 7644 §3.7, §3.7.2).

use super::BulkAsked;
use crate::scim::filter::parse::quoted;
use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What stands before the name.
const PREFIX: &str = "bulkId:";
/// The members of a PATCH and of its operations (RFC 7644 §3.5.2), in any case.
const OPERATIONS: &str = "Operations";
const PATH: &str = "path";

/// The names that an operation refers to: in its data, in its path, and in the filters of a PATCH.
pub fn names(asked: &BulkAsked) -> BTreeSet<String> {
    let mut names = names_in(&asked.data);
    names.extend(asked.path.split('/').filter_map(segment));
    names.extend(patch_paths(asked).flat_map(names_in_filters));
    names
}

/// What is asked, with the ids that are known; `escaped` makes a segment of an id.
pub fn put_in(
    mut asked: BulkAsked,
    id: &impl Fn(&str) -> Option<String>,
    escaped: fn(&str) -> String,
) -> BulkAsked {
    asked.data = resolved(&asked.data, id);
    asked.path = path(&asked.path, id, escaped);
    if asked.method == Method::PATCH {
        let operations = member_mut(&mut asked.data, OPERATIONS).and_then(Value::as_array_mut);
        for operation in operations.into_iter().flatten() {
            if let Some(Value::String(path)) = member_mut(operation, PATH) {
                *path = with_ids(path, id);
            }
        }
    }
    asked
}

/// The names that a value refers to.
pub fn names_in(value: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(value, &mut names);
    names
}

/// The data with the ids that are known. Keys may be paths with filters; no attribute's name has a quote.
pub fn resolved(data: &Value, id: &impl Fn(&str) -> Option<String>) -> Value {
    match data {
        Value::String(text) => match text.strip_prefix(PREFIX).and_then(id) {
            Some(id) => Value::String(id),
            None => data.clone(),
        },
        Value::Array(elements) => elements.iter().map(|each| resolved(each, id)).collect(),
        Value::Object(members) => {
            let each = |(name, value): (&String, &Value)| (with_ids(name, id), resolved(value, id));
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
        Value::Object(members) => members.iter().for_each(|(key, each)| {
            names.extend(names_in_filters(key));
            collect(each, names);
        }),
        _ => {}
    }
}

fn segment(part: &str) -> Option<String> {
    let decoded = percent_decode_str(part).decode_utf8().ok()?;
    decoded.strip_prefix(PREFIX).map(str::to_owned)
}

/// The paths of a PATCH's operations (RFC 7644 §3.5.2): in their brackets stand filters.
fn patch_paths(asked: &BulkAsked) -> impl Iterator<Item = &str> {
    let patch = Some(&asked.data).filter(|_| asked.method == Method::PATCH);
    let operations = patch.and_then(|data| member(data, OPERATIONS)?.as_array());
    let operations = operations.into_iter().flatten();
    operations.filter_map(|operation| member(operation, PATH)?.as_str())
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let mut members = object.as_object()?.iter();
    members.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn member_mut<'a>(object: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let mut members = object.as_object_mut()?.iter_mut();
    members.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The names that the literals of a path's filter refer to: `members[value eq "bulkId:mia"]`.
fn names_in_filters(path: &str) -> Vec<String> {
    literals(path).into_iter().filter_map(|(_, literal)| named(literal)).collect()
}

/// The path with the ids that are known in its filter.
fn with_ids(path: &str, id: &impl Fn(&str) -> Option<String>) -> String {
    let mut made = String::with_capacity(path.len());
    for (before, literal) in literals(path) {
        made.push_str(before);
        match named(literal).and_then(|name| id(&name)) {
            // RFC 7644 §3.4.2.2: the literal is a JSON string.
            Some(id) => made.push_str(&Value::String(id).to_string()),
            None => made.push_str(literal),
        }
    }
    made
}

/// What a literal in quotes refers to.
fn named(literal: &str) -> Option<String> {
    let text = serde_json::from_str::<String>(literal).ok()?;
    text.strip_prefix(PREFIX).map(str::to_owned)
}

/// A text in pieces: each of its literals in quotes, with what stands before it.
fn literals(mut text: &str) -> Vec<(&str, &str)> {
    let mut pieces = Vec::new();
    while let Some((before, _)) = text.split_once('"') {
        let rest = text.get(before.len()..).unwrap_or_default();
        let literal = quoted(rest);
        pieces.push((before, literal));
        text = rest.get(literal.len()..).unwrap_or_default();
    }
    pieces.push((text, ""));
    pieces
}
