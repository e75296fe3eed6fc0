//! The places of a Resource, and of a filter, that hold ids of kinds that use Links.

use super::{place, pushdown::with_value};
use crate::{
    mapping::plan::{Reference, ResourcePlan, Target},
    scim::{
        filter::{Filter, Operator},
        resource::Resource,
    },
};
use serde_json::Value;

/// Shows each reference of a Resource, with the kind that it is of, to be changed in place.
pub fn visit(
    plan: &ResourcePlan,
    resource: &mut Resource,
    mut each: impl FnMut(&str, &mut String),
) {
    for Reference { target, sub, kind } in &plan.references {
        let Some(value) = place::take_mut(resource, target) else { continue };
        let values = match value {
            Value::Array(values) => values.as_mut_slice(),
            single => std::slice::from_mut(single),
        };
        for value in values {
            let value = match sub {
                Some(sub) => value.get_mut(sub),
                None => Some(value),
            };
            if let Some(Value::String(text)) = value {
                each(kind, text);
            }
        }
    }
}

/// The same of a filter: the values that a reference must equal.
pub fn visit_filter(
    plan: &ResourcePlan,
    filter: &mut Filter,
    each: &mut impl FnMut(&str, &mut String),
) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter_mut().for_each(|part| visit_filter(plan, part, each));
        }
        Filter::Compare { path, operator: Operator::Equal, value: Value::String(text) } => {
            let Some(path) = with_value(plan, path) else { return };
            if let Some(kind) = kind_at(plan, &path.to_string()) {
                each(kind, text);
            }
        }
        Filter::Element { path, filter } => {
            let Some(path) = with_value(plan, path) else { return };
            let Some(kind) = kind_at(plan, &path.to_string()) else { return };
            let parts = match &mut **filter {
                Filter::And(parts) => parts.as_mut_slice(),
                single => std::slice::from_mut(single),
            };
            for part in parts {
                if let Filter::Compare {
                    path,
                    operator: Operator::Equal,
                    value: Value::String(text),
                } = part
                    && path.name.eq_ignore_ascii_case("value")
                {
                    each(kind, text);
                }
            }
        }
        _ => {}
    }
}

/// The kind that the id at a canonical path is of.
fn kind_at<'p>(plan: &'p ResourcePlan, path: &str) -> Option<&'p str> {
    let at = |reference: &&Reference| match (&reference.target, &reference.sub) {
        (Target::Attribute(target), Some(sub)) => format!("{target}.{sub}") == path,
        (Target::Attribute(target), None) => target.to_string() == path,
        (Target::Element { list, sub, .. }, _) => format!("{list}.{sub}") == path,
    };
    plan.references.iter().find(at).map(|reference| reference.kind.as_str())
}
