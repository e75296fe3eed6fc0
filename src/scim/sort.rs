//! Sorting (RFC 7644 §3.4.2.3): by which attribute, and which of two resources comes first.

use super::{
    attribute::AttributePath,
    compare::{elements, folded, instant},
    derived::derived,
    error::{Error, ScimType},
    resource::Resource,
    resource_type::{Resolved, ResourceType},
    schema::Type,
};
use jiff::Timestamp;
use serde_json::Value;
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
    of: &'a ResourceType,
    place: Resolved<'a>,
    kind: Type,
    case_exact: bool,
    descending: bool,
}

/// What a resource is sorted by. Made once for each: text is folded, an instant is parsed. Kinds may give one
/// name to values of several types; such values stand one type behind the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Typed);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Typed {
    Truth(bool),
    Number(Real, Option<i128>),
    Instant(Timestamp),
    Text(String),
}

/// Whole numbers that are one as reals are told apart behind it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Real(f64);

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
        if place.is_told() {
            let why = "is made when a resource is told, so nothing can be sorted by it";
            return Err(invalid(format!("`{path}` {why}")));
        }
        match place.leaf() {
            Some(leaf) if !matches!(leaf.kind, Type::Complex | Type::Binary) => Ok(Self {
                of: kind,
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

    /// Puts things in the order of the resources that they hold; see [`sorted`].
    pub fn sorted<T>(&self, things: Vec<T>, resource: impl Fn(&T) -> &Resource) -> Vec<T> {
        let keyed = things.into_iter().map(|thing| (self.key(resource(&thing)), thing)).collect();
        sorted(keyed, self.descending, resource)
    }

    /// The value that counts, of the schema's type. Of several it is the primary one, else the first.
    pub fn key(&self, resource: &Resource) -> Option<Key> {
        let attribute = self.place.attribute?;
        if let Some(derived) = derived(resource, self.of, &self.place) {
            return self.typed(elements(&derived).first()?);
        }
        let value = match resource.attribute(self.place.extension, &attribute.name)? {
            Value::Array(elements) => {
                let primary = |element: &&Value| element.get("primary") == Some(&Value::Bool(true));
                elements.iter().find(primary).or_else(|| elements.first())?
            }
            single => single,
        };
        match self.place.sub {
            None => self.typed(value),
            Some(sub) => match value.get(&sub.name) {
                Some(value) => self.typed(value),
                None => self.typed(&attribute.implied(sub)?.into()),
            },
        }
    }

    fn typed(&self, value: &Value) -> Option<Key> {
        let typed = match (self.kind, value) {
            (Type::DateTime, Value::String(text)) => Typed::Instant(instant(text)?),
            (Type::String | Type::Reference, Value::String(text)) if self.case_exact => {
                Typed::Text(text.clone())
            }
            (Type::String | Type::Reference, Value::String(text)) => Typed::Text(folded(text)),
            (Type::Boolean, Value::Bool(truth)) => Typed::Truth(*truth),
            (Type::Integer | Type::Decimal, Value::Number(number)) => {
                let real = number.as_f64().unwrap_or(f64::INFINITY);
                Typed::Number(Real(real), number.as_str().parse().ok())
            }
            _ => return None,
        };
        Some(Key(typed))
    }
}

/// Puts things in the order of their keys. Those without one come last, or first when descending (R57; RFC 7644 §3.4.2.3); equal
/// ones stand by the ids of their resources, so that pages do not overlap (R41; RFC 7644 §3.4.2.4).
pub fn sorted<T>(
    mut keyed: Vec<(Option<Key>, T)>,
    descending: bool,
    resource: impl Fn(&T) -> &Resource,
) -> Vec<T> {
    keyed.sort_by(|(a, one), (b, other)| {
        let order = match (a, b) {
            (Some(a), Some(b)) => a.cmp(b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let order = if descending { order.reverse() } else { order };
        order.then_with(|| resource(one).id().cmp(&resource(other).id()))
    });
    keyed.into_iter().map(|(_, thing)| thing).collect()
}

impl Eq for Real {}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
