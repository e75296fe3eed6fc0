//! The vendor's JSON and how to point into it.
//!
//! A [`FieldPath`] names one place, so it can be written; a [`JsonPath`] may name many, so it can
//! only be read; a [`Locator`] is either, for answers.

pub mod locator;
pub mod packed;
pub mod path;
mod reader;
mod typed;

pub use locator::{JsonPath, Locator};
pub use packed::Packed;
pub use path::FieldPath;

use serde_json::Value;

/// Why a text is no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset into the text.
    pub offset: usize,
    /// What was found and expected.
    pub message: String,
}

/// The longest that is read: a place is a handful of names, and walking to it recurses.
const LONGEST: usize = 1_024;

fn bounded(text: &str) -> Result<(), Fault> {
    if text.len() <= LONGEST {
        return Ok(());
    }
    let message = format!("the path has {} bytes; at most {LONGEST}", text.len());
    Err(Fault { offset: 0, message })
}

/// A scalar as text, numbers digit by digit; nothing for null, lists and maps.
pub fn text_of(value: &Value) -> Option<String> {
    text(value).map(str::to_owned)
}

/// The same, borrowed: for comparing.
pub fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        // Numbers are kept as their digits, so this is exact and costs nothing.
        Value::Number(number) => Some(number.as_str()),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_every_digit() {
        let body: Value = serde_json::from_str(r#"{"id": 9007199254740993123456789}"#).unwrap();
        assert_eq!(text_of(&body["id"]).unwrap(), "9007199254740993123456789");
    }
}
