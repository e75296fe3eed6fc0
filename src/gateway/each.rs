//! `for_each`: what the calls of a step or an update are made for.

use super::error::{Failure, fault};
use crate::{
    diagnostic::Place,
    mapping::{expr::Scope, plan::Each},
};
use serde_json::Value;

/// What the calls of a `for_each` are made for; null is nothing.
pub fn groups(each: &Each, scope: &Scope<'_>, place: &Place) -> Result<Vec<Value>, Failure> {
    match each.list.evaluate(scope).map_err(|error| fault(place, &error.message))? {
        Value::Array(items) => Ok(each.groups(items)),
        Value::Null => Ok(Vec::new()),
        _ => Err(fault(place, "`for_each` gives no list")),
    }
}
