//! A filter over all kinds, as one of them sees it (RFC 7644 §3.4.2.1): what the kind does not have is
//! unassigned there, and what kind it is needs no vendor to answer.

use super::{Filter, Operator, matches::matches};
use crate::scim::{
    attribute::AttributePath,
    error::{Error, ScimType},
    reading::Reading,
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
};

/// What is left of a filter for one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Narrowed {
    /// No resource of the kind can match.
    Nothing,
    /// Every one does.
    Everything,
    /// Those that match this, in the kind's spelling.
    Filter(Filter),
}

/// What is left of the filter for a kind. 400 invalidFilter or sensitive for a comparison that the kind's
/// schema does not allow. Each kind reads the values by its own types: what is borne with counts for each.
pub fn narrowed(
    filter: &Filter,
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Narrowed, Error> {
    let mut all = |parts: &[Filter]| -> Result<Vec<Narrowed>, Error> {
        parts.iter().map(|part| narrowed(part, kind, reading)).collect()
    };
    Ok(match filter {
        Filter::And(parts) => {
            joined(all(parts)?, &Narrowed::Nothing, &Narrowed::Everything, Filter::and)
        }
        Filter::Or(parts) => {
            joined(all(parts)?, &Narrowed::Everything, &Narrowed::Nothing, Filter::or)
        }
        Filter::Not(inner) => match narrowed(inner, kind, reading)? {
            Narrowed::Nothing => Narrowed::Everything,
            Narrowed::Everything => Narrowed::Nothing,
            Narrowed::Filter(inner) => Narrowed::Filter(Filter::Not(Box::new(inner))),
        },
        one if !is_of(one, kind) => constant(holds_of_nothing(one)),
        one => match one.canonical(kind, reading)? {
            one if is_about_kind(&one) => constant(matches(&one, &Resource::new(), kind)?),
            one => Narrowed::Filter(one),
        },
    })
}

/// Whether each name in the filter is an attribute of some kind; 400 invalidFilter for one that is of none,
/// or a slip would find nothing and look like an answer.
pub fn known(filter: &Filter, types: &ResourceTypes) -> Result<(), Error> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().try_for_each(|part| known(part, types))
        }
        Filter::Not(inner) => known(inner, types),
        one if types.iter().any(|kind| is_of(one, kind)) => Ok(()),
        one => {
            let detail = format!("`{one}` names no attribute of any kind that is served");
            Err(Error::bad(ScimType::InvalidFilter, detail))
        }
    }
}

/// A join in which `ends` decides alone and `idle` says nothing.
fn joined(
    parts: Vec<Narrowed>,
    ends: &Narrowed,
    idle: &Narrowed,
    join: fn(Vec<Filter>) -> Filter,
) -> Narrowed {
    if parts.contains(ends) {
        return ends.clone();
    }
    let left = parts.into_iter().filter_map(|part| match part {
        Narrowed::Filter(filter) => Some(filter),
        Narrowed::Nothing | Narrowed::Everything => None,
    });
    let left: Vec<_> = left.collect();
    if left.is_empty() { idle.clone() } else { Narrowed::Filter(join(left)) }
}

fn constant(truth: bool) -> Narrowed {
    if truth { Narrowed::Everything } else { Narrowed::Nothing }
}

/// Whether a comparison is about what the kind has.
fn is_of(one: &Filter, kind: &ResourceType) -> bool {
    match one {
        Filter::Compare { path, .. } | Filter::Present(path) => kind.resolve(path).is_some(),
        Filter::Element { path, filter } => {
            kind.resolve(path).and_then(|found| found.leaf()).is_some_and(|list| {
                names(filter)
                    .iter()
                    .all(|path| list.attributes.is_empty() || list.sub(&path.name).is_some())
            })
        }
        Filter::And(_) | Filter::Or(_) | Filter::Not(_) => true,
    }
}

/// The names in brackets.
fn names(filter: &Filter) -> Vec<&AttributePath> {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().flat_map(names).collect(),
        Filter::Not(inner) => names(inner),
        Filter::Compare { path, .. } | Filter::Present(path) | Filter::Element { path, .. } => {
            vec![path]
        }
    }
}

/// RFC 7644 §3.4.2.2 of an attribute without a value.
fn holds_of_nothing(one: &Filter) -> bool {
    match one {
        Filter::Compare { operator: Operator::Equal, value, .. } => value.is_null(),
        Filter::Compare { operator: Operator::NotEqual, value, .. } => !value.is_null(),
        _ => false,
    }
}

/// Whether a canonical comparison is about what kind it is.
fn is_about_kind(one: &Filter) -> bool {
    match one {
        Filter::Compare { path, .. } | Filter::Present(path) => {
            *path == AttributePath::core("meta").dot("resourceType")
        }
        _ => false,
    }
}
