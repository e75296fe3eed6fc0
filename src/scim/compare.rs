//! How two values of one type compare: numbers by value, instants in time, text with or without case.

use jiff::Timestamp;
use serde_json::{Number, Value};
use std::cmp::Ordering;

/// The instant that a dateTime names (R52; RFC 7644 §3.4.2.2, RFC 7643 §2.3.5). `None`: no date with a time and a zone.
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// Numbers by value: `1`, `1.0` and `1e0` are equal; whole numbers are exact to 38 digits.
pub fn numbers(a: &Number, b: &Number) -> Ordering {
    let whole = |number: &Number| number.as_str().parse::<i128>().ok();
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => {
            let real = |number: &Number| number.as_f64().unwrap_or(f64::INFINITY);
            real(a).total_cmp(&real(b))
        }
    }
}

/// Text by its characters, in lower case unless `case_exact` (RFC 7643 §2.2).
pub fn texts(a: &str, b: &str, case_exact: bool) -> Ordering {
    if case_exact { a.cmp(b) } else { lower(a).cmp(lower(b)) }
}

/// Whether two texts are equal.
pub fn same_text(a: &str, b: &str, case_exact: bool) -> bool {
    a == b
        || !case_exact
            && if a.is_ascii() && b.is_ascii() {
                a.eq_ignore_ascii_case(b)
            } else {
                lower(a).eq(lower(b))
            }
}

/// Texts that are equal without case are the same text when folded.
pub fn folded(text: &str) -> String {
    lower(text).collect()
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

/// Whether the value counts as assigned: absent, null, `""`, `[]` and `{}` are one thing (R22; RFC 7643
/// §2.5).
pub fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The elements of a list; a single value is its own element.
pub fn elements(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_value() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            ("1", "1", Equal),
            ("1", "1.0", Equal),
            ("100", "1e2", Equal),
            ("9007199254740993", "9007199254740992", Greater),
            ("92233720368547758070", "92233720368547758071", Less),
            ("-2", "1", Less),
            ("0.5", "0.25", Greater),
        ] {
            let number = |text| serde_json::from_str::<Number>(text).unwrap();
            assert_eq!(numbers(&number(a), &number(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn text_with_and_without_case() {
        assert!(same_text("ZOË", "zoë", false) && !same_text("ZOË", "zoë", true));
        assert!(!same_text("a", "b", false));
        assert_eq!(texts("B", "a", true), Ordering::Less);
        assert_eq!(texts("B", "a", false), Ordering::Greater);
    }

    #[test]
    fn instants() {
        assert_eq!(instant("2011-05-13T04:42:34Z"), instant("2011-05-13T06:42:34.000+02:00"));
        for text in ["2011-05-13", "2011-05-13T04:42:34", "yesterday", ""] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
