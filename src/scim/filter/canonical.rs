//! A filter in the schema's spelling and with values of its types, so that filters which mean the same look
//! the same and nothing is converted when it is matched.

use super::{
    Filter, Operator,
    matches::{Selector, check, inside},
};
use crate::scim::{
    attribute::AttributePath,
    canonical::meant,
    error::Error,
    leniency::Leniency,
    reading::Reading,
    resource_type::{Resolved, ResourceType},
    schema::{Attribute, Type},
};
use serde_json::Value;

impl Filter {
    /// The filter in canonical names: without the core URN, with `.value` where a complex attribute is
    /// compared, and with `emails[value eq "x"]` as `emails.value eq "x"`. Errors are those of [`check`].
    pub fn canonical(&self, kind: &ResourceType, reading: &mut Reading) -> Result<Filter, Error> {
        let made = of_resources(self, kind, reading);
        check(&made, kind)?;
        Ok(made)
    }

    /// The same for the filter in brackets behind an attribute, in a PATCH path.
    pub fn canonical_within(
        &self,
        attribute: &Attribute,
        reading: &mut Reading,
    ) -> Result<Filter, Error> {
        let made = of_elements(self, attribute, reading);
        Selector::of_elements(&made, attribute)?;
        Ok(made)
    }
}

/// Paths that are not served stay as they are.
fn of_resources(filter: &Filter, kind: &ResourceType, reading: &mut Reading) -> Filter {
    let mut each = |part: &Filter| of_resources(part, kind, reading);
    match filter {
        Filter::And(parts) => Filter::and(parts.iter().map(each).collect()),
        Filter::Or(parts) => Filter::or(parts.iter().map(each).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(each(inner))),
        Filter::Compare { path, operator, value } => {
            let (path, leaf) = compared(path, kind);
            let value = literal(value, *operator, leaf, reading);
            Filter::Compare { path, operator: *operator, value }
        }
        Filter::Present(path) => Filter::Present(spelled(path, kind)),
        Filter::Element { path, filter } => {
            let spelled = spelled(path, kind);
            match kind.resolve(path).and_then(|found| found.leaf()) {
                Some(list) => unbracketed(spelled, of_elements(filter, list, reading), list),
                None => Filter::Element { path: spelled, filter: filter.clone() },
            }
        }
    }
}

fn spelled(path: &AttributePath, kind: &ResourceType) -> AttributePath {
    kind.canonical(path).unwrap_or_else(|| path.clone())
}

/// `emails eq "x"` compares `emails.value`. With the path what its values are.
fn compared<'a>(
    path: &AttributePath,
    kind: &'a ResourceType,
) -> (AttributePath, Option<&'a Attribute>) {
    let leaf = kind.resolve(path).and_then(|found| found.leaf());
    let value = leaf.filter(|leaf| leaf.kind == Type::Complex).and_then(|leaf| leaf.sub("value"));
    match value.filter(|_| path.sub.is_none()) {
        Some(value) => (spelled(path, kind).dot(&value.name), Some(value)),
        None => (spelled(path, kind), leaf),
    }
}

/// The filter inside the brackets.
fn of_elements(filter: &Filter, list: &Attribute, reading: &mut Reading) -> Filter {
    let mut each = |part: &Filter| of_elements(part, list, reading);
    match filter {
        Filter::And(parts) => Filter::and(parts.iter().map(each).collect()),
        Filter::Or(parts) => Filter::or(parts.iter().map(each).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(each(inner))),
        Filter::Compare { path, operator, value } => {
            let leaf = inside(list, path).and_then(|found| found.leaf());
            let value = literal(value, *operator, leaf, reading);
            Filter::Compare { path: respelled(path, list), operator: *operator, value }
        }
        Filter::Present(path) => Filter::Present(respelled(path, list)),
        Filter::Element { .. } => filter.clone(),
    }
}

fn respelled(path: &AttributePath, list: &Attribute) -> AttributePath {
    match inside(list, path) {
        Some(Resolved { attribute: Some(found), sub, .. }) if list.kind == Type::Complex => {
            AttributePath {
                urn: None,
                name: found.name.clone(),
                sub: sub.map(|sub| sub.name.clone()),
            }
        }
        Some(_) => AttributePath::core("value"),
        None => path.clone(),
    }
}

/// One comparison in brackets is the same without them, unless it also holds where nothing is assigned.
fn unbracketed(path: AttributePath, filter: Filter, list: &Attribute) -> Filter {
    let outside = |sub: &AttributePath| match list.kind {
        _ if sub.urn.is_some() || sub.sub.is_some() || path.sub.is_some() => None,
        Type::Complex => list.sub(&sub.name).map(|sub| path.clone().dot(&sub.name)),
        // The elements of a simple list are their own `value`.
        _ => (list.multi_valued && inside(list, sub).is_some()).then(|| path.clone()),
    };
    let place = match &filter {
        Filter::Compare { path, operator, value }
            if *operator != Operator::NotEqual && !value.is_null() =>
        {
            outside(path)
        }
        Filter::Present(path) => outside(path),
        _ => None,
    };
    match (place, filter) {
        (Some(path), Filter::Compare { operator, value, .. }) => {
            Filter::Compare { path, operator, value }
        }
        (Some(path), Filter::Present(_)) => Filter::Present(path),
        (_, filter) => Filter::Element { path, filter: Box::new(filter) },
    }
}

/// The value as its attribute's type has it, where the client may write it otherwise; it is checked
/// afterwards. Only equality is forgiven: who orders numbers as text may mean the order of text.
fn literal(
    value: &Value,
    operator: Operator,
    leaf: Option<&Attribute>,
    reading: &mut Reading,
) -> Value {
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    let Some(leaf) = leaf.filter(|_| equality) else { return value.clone() };
    match meant(value.clone(), leaf, reading) {
        // Digits without quotes are text as other words are.
        Value::Number(number)
            if matches!(leaf.kind, Type::String | Type::Reference)
                && reading.allows(Leniency::UnquotedValue) =>
        {
            Value::String(number.to_string())
        }
        typed => typed,
    }
}
