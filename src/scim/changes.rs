//! Whether two values of one attribute are the same to write.

use super::{
    compare::{elements, instant, is_assigned, numbers},
    schema::{Attribute, Mutability, Type},
};
use serde_json::{Map, Value};
use std::fmt::Write;

/// Whether two values of an attribute are the same to write: numbers by value, dateTimes as instants, lists
/// as sets. A change of case is a change, whatever `caseExact` says. What the server derives is left aside:
/// readOnly sub-attributes and `$ref`.
pub fn equal(a: Option<&Value>, b: Option<&Value>, attribute: &Attribute) -> bool {
    match (a.filter(|a| is_assigned(a)), b.filter(|b| is_assigned(b))) {
        (None, None) => true,
        (Some(a), Some(b)) if a == b => true,
        (Some(a), Some(b)) if attribute.multi_valued => {
            // Sorted, so that lists of thousands of members compare quickly.
            let sorted = |list: &Value| {
                let mut keys: Vec<_> =
                    elements(list).iter().map(|element| signature(element, attribute)).collect();
                keys.sort_unstable();
                keys.dedup();
                keys
            };
            sorted(a) == sorted(b)
        }
        (Some(a), Some(b)) => equal_single(a, b, attribute),
        // A complex value of nothing but derived parts is as good as none.
        (Some(only), None) | (None, Some(only)) => {
            attribute.kind == Type::Complex
                && elements(only).iter().all(|element| comparable(element, attribute).is_empty())
        }
    }
}

fn equal_single(a: &Value, b: &Value, attribute: &Attribute) -> bool {
    match (attribute.kind, a, b) {
        (Type::Complex, Value::Object(a), Value::Object(b)) => {
            let mut subs = attribute.attributes.iter().filter(|sub| !is_derived(sub));
            subs.all(|sub| equal(a.get(&sub.name), b.get(&sub.name), sub) || both_false(a, b, sub))
        }
        (Type::Integer | Type::Decimal, Value::Number(a), Value::Number(b)) => {
            numbers(a, b).is_eq()
        }
        (Type::DateTime, Value::String(a), Value::String(b)) => {
            a == b || instant(a).is_some_and(|a| instant(b) == Some(a))
        }
        _ => a == b,
    }
}

/// RFC 7643 §2.4: an absent `primary` is false.
fn both_false(a: &Map<String, Value>, b: &Map<String, Value>, sub: &Attribute) -> bool {
    let truth = |element: &Map<String, Value>| element.get("primary").and_then(Value::as_bool);
    sub.name == "primary" && truth(a) != Some(true) && truth(b) != Some(true)
}

/// What the server makes of the other sub-attributes.
fn is_derived(sub: &Attribute) -> bool {
    sub.mutability == Mutability::ReadOnly || sub.name == "$ref"
}

/// The parts of an element that count: of one whose `value` is immutable (a member) that alone, for the rest
/// only describes it.
fn comparable<'a>(element: &'a Value, attribute: &'a Attribute) -> Vec<(&'a Attribute, &'a Value)> {
    let identity = attribute.sub("value").filter(|sub| sub.mutability == Mutability::Immutable);
    let counts = |sub: &&Attribute| match identity {
        Some(identity) => sub.name == identity.name,
        None => !is_derived(sub),
    };
    let is_default = |sub: &Attribute, value: &Value| sub.name == "primary" && *value == false;
    let subs = attribute.attributes.iter().filter(counts);
    subs.filter_map(|sub| Some((sub, element.get(&sub.name)?)))
        .filter(|(sub, value)| is_assigned(value) && !is_default(sub, value))
        .collect()
}

/// Text that is equal for elements that are the same to write.
pub fn signature(element: &Value, attribute: &Attribute) -> String {
    let mut text = String::new();
    sign(element, attribute, &mut text);
    text
}

fn sign(element: &Value, attribute: &Attribute, text: &mut String) {
    // Writing to a String never fails.
    let _ = match (attribute.kind, element) {
        (Type::Complex, Value::Object(_)) => {
            for (sub, value) in comparable(element, attribute) {
                text.push_str(&sub.name);
                text.push('=');
                for value in elements(value) {
                    sign(value, sub, text);
                }
            }
            Ok(())
        }
        (Type::Integer | Type::Decimal, Value::Number(number)) => {
            match number.as_str().parse::<i128>() {
                Ok(whole) => write!(text, "{whole};"),
                Err(_) => write!(text, "{:?};", number.as_f64()),
            }
        }
        (Type::DateTime, Value::String(date)) => match instant(date) {
            Some(instant) => write!(text, "{instant};"),
            None => write!(text, "{element};"),
        },
        // As JSON, so that no text can look like the end of itself.
        _ => write!(text, "{element};"),
    };
}
