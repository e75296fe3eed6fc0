//! Unit: one rule's change; and what a list's change comes to, element by element.

use serde_json::Value;
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// What part of an attribute a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The value of a single-valued rule.
    Value,
    /// New elements of a list.
    Adds,
    /// Lost elements of a list.
    Removes,
    /// Changed elements of a list.
    Alters,
}

/// One rule's change.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Index into the resource's rules.
    pub rule: usize,
    /// What part of it.
    pub part: Part,
    /// The SCIM value before; null when unassigned.
    pub before: Value,
    /// The SCIM value after; null when unassigned.
    pub after: Value,
}

/// A list's change, element by element; elements are the same by `value`, else by all of it.
#[derive(Debug, Default)]
pub struct ListChange {
    /// As they stand after.
    pub added: Vec<Value>,
    /// As they stood before.
    pub removed: Vec<Value>,
    /// As they stand after.
    pub altered: Vec<Value>,
}

impl ListChange {
    /// Compares two lists of SCIM elements.
    pub fn between(before: &Value, after: &Value) -> Self {
        let (before, after) = (items(before), items(after));
        // By identity, and each list walked once: a group has members by the ten thousand.
        let mut known = HashMap::with_capacity(before.len());
        for element in before {
            known.entry(identity(element)).or_insert(element);
        }
        let mut change = Self::default();
        let mut stays = HashSet::with_capacity(after.len());
        for element in after {
            let identity = identity(element);
            match known.get(&identity) {
                None => change.added.push(element.clone()),
                Some(other) if *other != element => change.altered.push(element.clone()),
                Some(_) => {}
            }
            stays.insert(identity);
        }
        let gone = before.iter().filter(|element| !stays.contains(&identity(element)));
        change.removed.extend(gone.cloned());
        change
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What makes an element the same element.
fn identity(element: &Value) -> Cow<'_, str> {
    match element.get("value").unwrap_or(element) {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
