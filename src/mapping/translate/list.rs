//! A list at the vendor and a list here: which elements a rule owns, and what stands in each.

use super::{
    Error,
    names::Names,
    passage::{self, Found, unassigned},
    write::refused,
};
use crate::{
    mapping::{
        expr::{EvalError, Expression, Scope},
        plan::{Direction, Elements, SubKind, SubRule, Target, Unknown},
    },
    upstream::record::{FieldPath, text},
};
use serde_json::{Map, Value};
use std::collections::HashMap;

impl Elements {
    /// The vendor's list in SCIM's words: the elements that this rule owns; and the rules of their parts that could
    /// not be read, once for each element.
    pub fn read(
        &self,
        vendor: &Value,
        scope: &Scope<'_>,
        names: &Names<'_>,
    ) -> Result<(Found, Vec<&SubRule>), EvalError> {
        let mut unreadable = Vec::new();
        let items = match vendor {
            Value::Array(items) => items,
            other if unassigned(other) => return Ok((Found::Nothing, unreadable)),
            _ => return Ok((Found::Unreadable, unreadable)),
        };
        let (refers, looks_up) = (self.refers(), self.looks_up());
        let mut elements = Vec::with_capacity(items.len());
        for item in items.iter().filter(|item| self.owns(item)) {
            let known = if looks_up { self.known(item, names) } else { Known::All };
            match known {
                Known::All => {}
                Known::Dropped => continue,
                Known::Unreadable => return Ok((Found::Unreadable, Vec::new())),
            }
            let element = self.element(item, elements.is_empty(), scope, names, &mut unreadable)?;
            // A member without an id is somebody, and a list without him would be a shorter one.
            if refers && element.as_ref().is_none_or(|read| read.get("value").is_none()) {
                // The list as a whole is what cannot be read.
                return Ok((Found::Unreadable, Vec::new()));
            }
            let Some(mut element) = element else { continue };
            elements.extend(match self.plain {
                true => element.get_mut("value").map(Value::take),
                false => Some(element),
            });
        }
        let found = match elements.is_empty() {
            true => Found::Nothing,
            false => Found::Value(Value::Array(elements)),
        };
        Ok((found, unreadable))
    }

    /// SCIM elements in the vendor's terms; the primary one first where the rule says so.
    pub fn write(
        &self,
        target: &Target,
        elements: &[Value],
        tenant: &Value,
        names: &Names<'_>,
    ) -> Result<Vec<Value>, Error> {
        let mut ordered: Vec<&Value> = elements.iter().collect();
        if self.subs.iter().any(|sub| matches!(sub.kind, SubKind::First)) {
            ordered.sort_by_key(|element| element.get("primary") != Some(&Value::Bool(true)));
        }
        let mut items = Vec::with_capacity(ordered.len());
        'elements: for element in ordered {
            let mut item = Value::Null;
            let mut lacking = Vec::new();
            // A name that only the default stands in for makes an element all the same.
            let mut known = false;
            for (sub, field) in self.written() {
                let value = match self.plain {
                    true => Some(element),
                    false => element.get(&sub.name),
                };
                let Some(value) = value.filter(|value| !unassigned(value)) else {
                    lacking.extend(sub.default.as_ref().map(|default| (sub, field, default)));
                    continue;
                };
                match written(sub, value, names) {
                    Ok(Written::Value(value)) => field.set(&mut item, value),
                    // Of blanks nothing is left, and nothing was sent.
                    Ok(Written::Nothing) => {
                        lacking.extend(sub.default.as_ref().map(|default| (sub, field, default)));
                    }
                    // An element without the name that it is about is about nothing.
                    Ok(Written::Dropped) => continue 'elements,
                    Err(Refused::Unknown(_)) if falls(sub) => {
                        lacking.extend(sub.default.as_ref().map(|default| (sub, field, default)));
                        known = true;
                    }
                    Err(Refused::Value(why) | Refused::Unknown(why)) => {
                        return Err(refused(&format!("{target}.{}", sub.name), &why));
                    }
                }
            }
            if !known && item.is_null() {
                continue;
            }
            // A default makes no element: it only stands beside another value.
            for (sub, field, default) in lacking {
                let value = default
                    .value(&Scope::new().with("tenant", tenant))
                    .map_err(|error| Error::expression(&sub.place, &error))?;
                let value = passage::coerce(value, sub.passage.kind).unwrap_or_default();
                match written(sub, &value, names) {
                    Ok(Written::Value(value)) => field.set(&mut item, value),
                    Ok(Written::Nothing | Written::Dropped) => {}
                    Err(Refused::Value(why) | Refused::Unknown(why)) => {
                        return Err(refused(&format!("{target}.{}", sub.name), &why));
                    }
                }
            }
            self.mark(&mut item);
            items.push(item);
        }
        Ok(items)
    }

    /// The vendor's list after `items` were written: the elements of others stay where they stand,
    /// ours follow. One that was there keeps the fields that no rule knows.
    pub fn merge(&self, present: &[Value], items: Vec<Value>) -> Vec<Value> {
        let (ours, others): (Vec<&Value>, Vec<&Value>) =
            present.iter().partition(|item| self.owns(item));
        let identity = self.written().find(|(sub, _)| sub.name == "value").map(|(_, field)| field);
        // By identity, once: a list may have thousands of elements.
        let known: HashMap<&str, &Value> = identity
            .map(|field| ours.iter().filter_map(|old| Some((text(field.get(old)?)?, *old))))
            .into_iter()
            .flatten()
            .collect();
        let mut merged: Vec<Value> = others.into_iter().cloned().collect();
        merged.reserve(items.len());
        for item in items {
            let before = identity
                .and_then(|field| text(field.get(&item)?))
                .and_then(|value| known.get(value));
            let item = match before {
                Some(before) => self.overlaid(before, &item),
                None => item,
            };
            merged.push(item);
        }
        merged
    }

    /// `item` over what the element was; written fields that are unassigned now are gone.
    fn overlaid(&self, before: &Value, item: &Value) -> Value {
        let mut all = before.clone();
        for (_, field) in self.written() {
            match field.get(item) {
                Some(value) => field.set(&mut all, value.clone()),
                None => field.remove(&mut all),
            }
        }
        all
    }

    /// Whether the elements refer to other resources.
    pub fn refers(&self) -> bool {
        self.subs.iter().any(|sub| sub.refers.is_some())
    }

    /// Whether parts of the elements are looked up.
    pub fn looks_up(&self) -> bool {
        self.subs.iter().any(|sub| sub.lookup.is_some())
    }

    /// Whether the lookups know all that an element names.
    fn known(&self, item: &Value, names: &Names<'_>) -> Known {
        let mut known = Known::All;
        for sub in self.subs.iter().filter(|sub| sub.direction != Direction::Write) {
            let (SubKind::Field(field), Some(lookup)) = (&sub.kind, &sub.lookup) else { continue };
            let Some(key) = field.get(item).filter(|key| !unassigned(key)) else { continue };
            match names.read(Some(lookup), &sub.passage, key) {
                Found::Value(_) => {}
                Found::Nothing => known = Known::Dropped,
                Found::Unreadable => return Known::Unreadable,
            }
        }
        known
    }

    /// The fields that a rule of an element writes.
    fn written(&self) -> impl Iterator<Item = (&SubRule, &FieldPath)> {
        self.subs.iter().filter(|sub| sub.direction != Direction::Read).filter_map(|sub| match &sub
            .kind
        {
            SubKind::Field(field) => Some((sub, field)),
            SubKind::Constant(_) | SubKind::First => None,
        })
    }

    /// Whether a vendor element has the fields of `where`.
    fn owns(&self, item: &Value) -> bool {
        self.owned.iter().all(|(name, wanted)| item.get(name).and_then(text) == text(wanted))
    }

    /// Gives an element the fields that make it this rule's.
    fn mark(&self, item: &mut Value) {
        if let Some(members) = item.as_object_mut() {
            members.extend(self.owned.iter().cloned());
        }
    }

    /// One vendor element in SCIM's words; nothing when only constants would be left.
    fn element<'e>(
        &'e self,
        item: &Value,
        first: bool,
        scope: &Scope<'_>,
        names: &Names<'_>,
        unreadable: &mut Vec<&'e SubRule>,
    ) -> Result<Option<Value>, EvalError> {
        let (mut members, mut lacking) = (Map::new(), Vec::new());
        let scope = || scope.clone().with("element", item);
        for sub in self.subs.iter().filter(|sub| sub.direction != Direction::Write) {
            let SubKind::Field(field) = &sub.kind else { continue };
            let found = match &sub.read {
                Some(read) => {
                    names.need(read.names());
                    names.read(sub.lookup.as_ref(), &sub.passage, &read.evaluate(&scope())?)
                }
                None => names.read(
                    sub.lookup.as_ref(),
                    &sub.passage,
                    field.get(item).unwrap_or(&Value::Null),
                ),
            };
            match found {
                Found::Value(value) => drop(members.insert(sub.name.clone(), value)),
                Found::Nothing => {
                    lacking.extend(sub.missing.as_ref().map(|missing| (sub, missing)))
                }
                Found::Unreadable => unreadable.push(sub),
            }
        }
        if members.is_empty() {
            return Ok(None);
        }
        for (sub, missing) in lacking {
            names.need(missing.holes().flat_map(Expression::names));
            if let Some(value) = passage::coerce(missing.value(&scope())?, sub.passage.kind) {
                members.insert(sub.name.clone(), value);
            }
        }
        for sub in &self.subs {
            match &sub.kind {
                SubKind::Constant(value) => {
                    members.insert(sub.name.clone(), value.clone());
                }
                SubKind::First if first => {
                    members.insert(sub.name.clone(), Value::Bool(true));
                }
                SubKind::First | SubKind::Field(_) => {}
            }
        }
        Ok(Some(Value::Object(members)))
    }
}

/// What the lookups say of an element.
enum Known {
    /// They know all that it names.
    All,
    /// Not all, and the element is left out.
    Dropped,
    /// Not all, and the list cannot be read.
    Unreadable,
}

/// Why a value of an element cannot be written.
enum Refused {
    /// It is none that the rule takes.
    Value(String),
    /// It is a name that its lookup does not know.
    Unknown(String),
}

/// What a value of an element comes to.
enum Written {
    /// This, in the vendor's terms.
    Value(Value),
    /// Nothing: the converters left none of it.
    Nothing,
    /// A name that its lookup drops.
    Dropped,
}

/// A value of an element in the vendor's terms.
fn written(sub: &SubRule, value: &Value, names: &Names<'_>) -> Result<Written, Refused> {
    let value = passage::write(&sub.passage, value).map_err(Refused::Value)?;
    // What a table writes was meant, whatever it is.
    if sub.passage.table.is_none() && unassigned(&value) {
        return Ok(Written::Nothing);
    }
    let key = match &sub.lookup {
        None => Some(value),
        Some(lookup) => names.key(lookup, &value).map_err(Refused::Unknown)?,
    };
    Ok(key.map_or(Written::Dropped, Written::Value))
}

/// Whether the default stands in for a name that nobody knows.
fn falls(sub: &SubRule) -> bool {
    sub.lookup.as_ref().is_some_and(|lookup| lookup.unknown == Unknown::Default)
}
