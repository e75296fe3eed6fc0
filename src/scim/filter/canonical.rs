//! A filter in the schema's spelling, so that filters which mean the same look the same.

use super::{Filter, Operator};
use crate::scim::{
    attribute::AttributePath,
    resource_type::ResourceType,
    schema::{Attribute, Type},
};

impl Filter {
    /// The filter in canonical names: without the core URN, with `.value` where a complex attribute is
    /// compared, and with `emails[value eq "x"]` as `emails.value eq "x"`. Paths that are not served
    /// stay as they are.
    pub fn canonical(&self, kind: &ResourceType) -> Filter {
        match self {
            Self::And(parts) => Self::and(parts.iter().map(|part| part.canonical(kind)).collect()),
            Self::Or(parts) => Self::or(parts.iter().map(|part| part.canonical(kind)).collect()),
            Self::Not(inner) => Self::Not(Box::new(inner.canonical(kind))),
            Self::Compare { path, operator, value } => Self::Compare {
                path: compared(path, kind),
                operator: *operator,
                value: value.clone(),
            },
            Self::Present(path) => Self::Present(spelled(path, kind)),
            Self::Element { path, filter } => {
                let attribute = kind.resolve(path).and_then(|found| found.attribute);
                match attribute {
                    Some(attribute) => {
                        unbracketed(spelled(path, kind), inner(filter, attribute), attribute)
                    }
                    None => self.clone(),
                }
            }
        }
    }
}

fn spelled(path: &AttributePath, kind: &ResourceType) -> AttributePath {
    kind.canonical(path).unwrap_or_else(|| path.clone())
}

/// `emails eq "x"` compares `emails.value`.
fn compared(path: &AttributePath, kind: &ResourceType) -> AttributePath {
    let leaf = kind.resolve(path).and_then(|found| found.leaf());
    match leaf.filter(|leaf| leaf.kind == Type::Complex).and_then(|leaf| leaf.sub("value")) {
        Some(value) if path.sub.is_none() => spelled(path, kind).dot(&value.name),
        _ => spelled(path, kind),
    }
}

/// The filter inside the brackets.
fn inner(filter: &Filter, attribute: &Attribute) -> Filter {
    let respelled = |path: &AttributePath| AttributePath {
        urn: path.urn.clone(),
        name: attribute.sub(&path.name).map_or(&path.name, |sub| &sub.name).clone(),
        sub: path.sub.clone(),
    };
    let all = |parts: &[Filter]| parts.iter().map(|part| inner(part, attribute)).collect();
    match filter {
        Filter::And(parts) => Filter::and(all(parts)),
        Filter::Or(parts) => Filter::or(all(parts)),
        Filter::Not(negated) => Filter::Not(Box::new(inner(negated, attribute))),
        Filter::Compare { path, operator, value } => {
            Filter::Compare { path: respelled(path), operator: *operator, value: value.clone() }
        }
        Filter::Present(path) => Filter::Present(respelled(path)),
        Filter::Element { .. } => filter.clone(),
    }
}

/// One comparison in brackets is the same without them, unless it also holds where nothing is assigned.
fn unbracketed(path: AttributePath, filter: Filter, attribute: &Attribute) -> Filter {
    // The elements of a simple list are their own `value`, and no path goes below them.
    let below = |sub: &AttributePath| match attribute.kind {
        Type::Complex => path.clone().dot(&sub.name),
        _ => path.clone(),
    };
    match filter {
        Filter::Compare { path: sub, operator, value }
            if operator != Operator::NotEqual && !value.is_null() && sub.sub.is_none() =>
        {
            Filter::Compare { path: below(&sub), operator, value }
        }
        Filter::Present(sub) if sub.sub.is_none() => Filter::Present(below(&sub)),
        filter => Filter::Element { path, filter: Box::new(filter) },
    }
}
