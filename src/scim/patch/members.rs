//! A list of references that many operations change: found by `value`, not by walking.
//!
//! Clients change groups of thousands by hundreds of operations in one PATCH, one member each.

use super::select::{key, key_of, same_type};
use crate::scim::{
    attribute::AttributePath,
    filter::{Filter, Operator},
    schema::{Attribute, Mutability, Returned, Type},
};
use serde_json::Value;
use std::collections::HashMap;

/// The list of an attribute, taken out of its resource.
pub struct Members<'a> {
    attribute: &'a Attribute,
    path: AttributePath,
    /// What was removed leaves its place.
    elements: Vec<Option<Value>>,
    at: HashMap<String, Vec<usize>>,
}

impl<'a> Members<'a> {
    /// Whether the elements of a list are known by an immutable `value` alone (RFC 7643 §4.2), so that adding
    /// one that is there changes nothing.
    pub fn suits(attribute: &Attribute) -> bool {
        attribute.multi_valued
            && attribute.sub("primary").is_none()
            && attribute.sub("value").is_some_and(|value| {
                value.mutability == Mutability::Immutable
                    && value.kind == Type::String
                    && value.returned != Returned::Never
            })
    }

    /// The list as it stands.
    pub fn new(attribute: &'a Attribute, path: AttributePath, current: Option<Value>) -> Self {
        let elements = match current {
            Some(Value::Array(elements)) => elements,
            single => single.into_iter().collect(),
        };
        let mut list = Self { attribute, path, elements: Vec::new(), at: HashMap::new() };
        for element in elements {
            list.push(element);
        }
        list
    }

    /// Where it stands in the resource.
    pub fn path(&self) -> &AttributePath {
        &self.path
    }

    /// How long it is, with what was removed.
    pub fn length(&self) -> usize {
        self.elements.len()
    }

    /// Adds the elements that are not there yet (R84; RFC 7644 §3.5.2.1).
    pub fn add(&mut self, new: Vec<Value>) {
        for element in new {
            if self.same(&element).next().is_none() {
                self.push(element);
            }
        }
    }

    /// Removes the elements that are listed.
    pub fn subtract(&mut self, listed: &[Value]) {
        for element in listed {
            let gone: Vec<usize> = self.same(element).collect();
            self.take(gone);
        }
    }

    /// Removes the elements with this `value` (R85; RFC 7644 §3.5.2.2).
    pub fn remove(&mut self, value: &str) {
        let gone = self.at.remove(key_of(value, self.attribute).as_ref());
        self.take(gone.unwrap_or_default());
    }

    /// The list as it is now.
    pub fn into_value(self) -> Value {
        Value::Array(self.elements.into_iter().flatten().collect())
    }

    fn push(&mut self, element: Value) {
        let places = self.at.entry(key(&element, self.attribute).into_owned()).or_default();
        places.push(self.elements.len());
        self.elements.push(Some(element));
    }

    /// Positions of the elements that are the same as this one.
    fn same<'s>(&'s self, element: &'s Value) -> impl Iterator<Item = usize> + 's {
        let places = self.at.get(key(element, self.attribute).as_ref()).map(Vec::as_slice);
        let is_same = |at: usize| match self.elements.get(at) {
            Some(Some(old)) => same_type(old, element),
            _ => false,
        };
        places.unwrap_or_default().iter().copied().filter(move |&at| is_same(at))
    }

    fn take(&mut self, places: Vec<usize>) {
        for at in places {
            if let Some(element) = self.elements.get_mut(at) {
                *element = None;
            }
        }
    }
}

/// The id in `value eq "id"`.
pub fn single_value(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare { path, operator: Operator::Equal, value }
            if path.urn.is_none()
                && path.sub.is_none()
                && path.name.eq_ignore_ascii_case("value") =>
        {
            value.as_str().filter(|id| !id.is_empty())
        }
        _ => None,
    }
}
