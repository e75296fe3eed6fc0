//! Unit: one rule's change; and what a list's change comes to, element by element.

use serde_json::Value;

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
        let mut change = Self::default();
        for element in after {
            match before.iter().find(|other| identity(other) == identity(element)) {
                None => change.added.push(element.clone()),
                Some(other) if other != element => change.altered.push(element.clone()),
                Some(_) => {}
            }
        }
        for element in before {
            if !after.iter().any(|other| identity(other) == identity(element)) {
                change.removed.push(element.clone());
            }
        }
        change
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What makes an element the same element.
fn identity(element: &Value) -> &Value {
    element.get("value").unwrap_or(element)
}
