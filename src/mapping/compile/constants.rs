//! `constant:` of a list or of what has parts: its shape is the attribute's.

use crate::{
    diagnostic::{did_you_mean, nearest},
    mapping::translate::passage::coerce,
    scim::schema::{Attribute, Type},
};
use serde_json::{Map, Value};

/// What is wrong with a constant, and what to write.
pub fn wrong(value: &Value, attribute: &Attribute) -> Option<(String, String)> {
    match (value, attribute.multi_valued) {
        (Value::Array(items), true) => items.iter().find_map(|item| single(item, attribute)),
        (_, true) => {
            let help = "write a list, e.g. `[{ value: ... }]`".to_owned();
            Some((format!("is no list, and `{}` is one", attribute.name), help))
        }
        (value, false) => single(value, attribute),
    }
}

fn single(value: &Value, attribute: &Attribute) -> Option<(String, String)> {
    match (attribute.kind, value) {
        (Type::Complex, Value::Object(parts)) => self::parts(parts, attribute),
        (Type::Complex, _) => {
            let name = &attribute.name;
            let names: Vec<&str> = names(attribute).collect();
            let help = format!("`{name}` has {}", names.join(", "));
            Some((format!("says `{value}`, and `{name}` has parts"), help))
        }
        (kind, value) if coerce(value.clone(), kind).is_none() => {
            let kind = format!("{kind:?}").to_lowercase();
            Some((format!("says `{value}`, which is no {kind}"), format!("write a {kind}")))
        }
        _ => None,
    }
}

fn parts(parts: &Map<String, Value>, attribute: &Attribute) -> Option<(String, String)> {
    parts.iter().find_map(|(name, value)| match attribute.sub(name) {
        Some(sub) => wrong(value, sub),
        None => {
            let help = match nearest(name, names(attribute)) {
                Some(near) => did_you_mean(near),
                None => format!("it has {}", names(attribute).collect::<Vec<_>>().join(", ")),
            };
            Some((format!("says `{name}`, which is no part of `{}`", attribute.name), help))
        }
    })
}

fn names(attribute: &Attribute) -> impl Iterator<Item = &str> {
    attribute.attributes.iter().map(|sub| sub.name.as_str())
}
