//! What a client sent, as a message may show it: short, on one line, nothing hidden in it.

use serde_json::Value;
use std::borrow::Cow;

/// Enough to recognise a value by; messages end up in the client's task list.
const LONGEST: usize = 60;
/// A URN and an attribute's name.
const LONGEST_NAME: usize = 200;

/// A value in words.
pub fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => format!("the number {}", cut(number.as_str())),
        Value::String(text) => format!("the text `{}`", cut(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Text short enough for a message.
pub fn cut(text: &str) -> String {
    shortened(text, LONGEST)
}

/// An attribute's name, or what stands where one belongs.
pub fn name(text: &str) -> String {
    shortened(text, LONGEST_NAME)
}

/// A whole message, of which parts may have come from anywhere.
pub fn visible(text: &str) -> Cow<'_, str> {
    match text.contains(is_hidden) {
        true => Cow::Owned(shortened(text, usize::MAX)),
        false => Cow::Borrowed(text),
    }
}

fn shortened(text: &str, longest: usize) -> String {
    let mut shown = String::with_capacity(text.len().min(longest));
    for (position, c) in text.chars().enumerate() {
        if position == longest {
            shown.push('…');
            break;
        }
        // A line break would forge a line of somebody's log, a bidi mark the order of its words.
        match is_hidden(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// Whether a character does something other than being seen: controls (Unicode's Cc), line and paragraph
/// separators, and format characters (Cf).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_in_words() {
        let digits: Value = serde_json::from_str(&"9".repeat(61)).unwrap();
        let cases = [
            (json!(null), "null".to_owned()),
            (json!(1.50), "the number 1.5".to_owned()),
            (digits, format!("the number {}…", "9".repeat(60))),
            (json!("é".repeat(61)), format!("the text `{}…`", "é".repeat(60))),
            (json!("a\r\nb\tc\u{1b}"), r"the text `a\r\nb\tc\u{1b}`".to_owned()),
            (
                json!("a\u{202e}b\u{200b}\u{2028}"),
                r"the text `a\u{202e}b\u{200b}\u{2028}`".to_owned(),
            ),
            (json!([1]), "a list".to_owned()),
        ];
        for (value, expected) in cases {
            assert_eq!(found(&value), expected);
        }
    }
}
