//! Sorting (RFC 7644 §3.4.2.3): by which attribute, and which of two resources comes first.

use super::{
    attribute::AttributePath,
    compare::{folded, instant, numbers},
    error::{Error, ScimType},
    resource::Resource,
    resource_type::{Resolved, ResourceType},
    schema::Type,
};
use jiff::Timestamp;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// `sortBy` and `sortOrder`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sort {
    /// By what.
    pub by: AttributePath,
    /// Else ascending, which is the default.
    pub descending: bool,
}

/// A [`Sort`] whose path is resolved, once for all resources of a kind.
#[derive(Debug)]
pub struct Sorter<'a> {
    place: Resolved<'a>,
    kind: Type,
    case_exact: bool,
    descending: bool,
}

/// What a resource is sorted by. Made once for each: text is folded, an instant is parsed.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Text(String),
    Truth(bool),
    Number(Number),
    Instant(Timestamp),
}

impl<'a> Sorter<'a> {
    /// Errors: 400 invalidValue for what is not served or has no order, 400 sensitive for what is never
    /// returned: the order of the resources would tell its values (X5, RFC 7644 §7.5.2).
    pub fn new(sort: &Sort, kind: &'a ResourceType) -> Result<Self, Error> {
        let path = &sort.by;
        let invalid = |why: String| Error::bad(ScimType::InvalidValue, format!("`sortBy`: {why}"));
        let mut place = kind.resolve(path).ok_or_else(|| invalid(kind.unknown(path)))?;
        if place.sub.is_none() {
            // `emails` means the value of an element; `name` has none.
            place.sub = place.attribute.and_then(|attribute| attribute.sub("value"));
        }
        if place.is_hidden() {
            let detail = format!("`sortBy`: `{path}` is never returned");
            return Err(Error::bad(ScimType::Sensitive, detail));
        }
        match place.leaf() {
            Some(leaf) if !matches!(leaf.kind, Type::Complex | Type::Binary) => Ok(Self {
                place,
                kind: leaf.kind,
                case_exact: leaf.case_exact,
                descending: sort.descending,
            }),
            Some(leaf) if leaf.kind == Type::Binary => {
                Err(invalid(format!("`{path}` is binary and has no order")))
            }
            _ => Err(invalid(format!("`{path}` has no value, expected one of its sub-attributes"))),
        }
    }

    /// Puts things in the order of the resources that they hold. Resources without a value come last, or
    /// first when descending; equal ones stand by their ids, so that pages do not overlap (R41, R57).
    pub fn sorted<T>(&self, things: Vec<T>, resource: impl Fn(&T) -> &Resource) -> Vec<T> {
        let mut keyed: Vec<_> =
            things.into_iter().map(|thing| (self.key(resource(&thing)), thing)).collect();
        keyed.sort_by(|(a, one), (b, other)| {
            let order = compare(a.as_ref(), b.as_ref());
            let order = if self.descending { order.reverse() } else { order };
            order.then_with(|| resource(one).id().cmp(&resource(other).id()))
        });
        keyed.into_iter().map(|(_, thing)| thing).collect()
    }

    /// The value that counts, of the schema's type. Of several it is the primary one, else the first.
    fn key(&self, resource: &Resource) -> Option<Key> {
        let attribute = self.place.attribute?;
        let value = match resource.attribute(self.place.extension, &attribute.name)? {
            Value::Array(elements) => {
                let primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
                elements.iter().find(primary).or_else(|| elements.first())?
            }
            single => single,
        };
        let value = match self.place.sub {
            Some(sub) => value.get(&sub.name)?,
            None => value,
        };
        match (self.kind, value) {
            (Type::DateTime, Value::String(text)) => instant(text).map(Key::Instant),
            (Type::String | Type::Reference, Value::String(text)) if self.case_exact => {
                Some(Key::Text(text.clone()))
            }
            (Type::String | Type::Reference, Value::String(text)) => Some(Key::Text(folded(text))),
            (Type::Boolean, Value::Bool(truth)) => Some(Key::Truth(*truth)),
            (Type::Integer | Type::Decimal, Value::Number(number)) => {
                Some(Key::Number(number.clone()))
            }
            _ => None,
        }
    }
}

/// Ascending; nothing comes last.
fn compare(one: Option<&Key>, other: Option<&Key>) -> Ordering {
    match (one, other) {
        (Some(Key::Text(one)), Some(Key::Text(other))) => one.cmp(other),
        (Some(Key::Truth(one)), Some(Key::Truth(other))) => one.cmp(other),
        (Some(Key::Number(one)), Some(Key::Number(other))) => numbers(one, other),
        (Some(Key::Instant(one)), Some(Key::Instant(other))) => one.cmp(other),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        // Kinds may give one name to values of two types: such values have no order.
        (Some(_), Some(_)) | (None, None) => Ordering::Equal,
    }
}
