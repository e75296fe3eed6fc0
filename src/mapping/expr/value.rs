//! Values: when two are one, which is larger, and what they are called.

use serde_json::{Number, Value};
use std::cmp::Ordering;

/// Numbers by value; a number and a text are never equal.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || compare(one, other) == Some(Ordering::Equal)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (one, other) => one == other,
    }
}

/// Exact for whole numbers, of whatever length; by magnitude for decimals.
pub fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    if !is_whole(one) || !is_whole(other) {
        return one.as_f64()?.partial_cmp(&other.as_f64()?);
    }
    let (one, other) = (one.as_str(), other.as_str());
    // JSON's whole numbers have no leading zeros: the longer is the larger.
    let size = |digits: &str, other: &str| digits.len().cmp(&other.len()).then(digits.cmp(other));
    Some(match (one.strip_prefix('-'), other.strip_prefix('-')) {
        _ if [one, other].iter().all(|text| ["0", "-0"].contains(text)) => Ordering::Equal,
        (None, None) => size(one, other),
        (Some(one), Some(other)) => size(other, one),
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    })
}

/// Whether a number is nothing but digits.
pub fn is_whole(number: &Number) -> bool {
    !number.as_str().contains(['.', 'e', 'E'])
}

/// What a value is, never the value itself: it may be personal.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
