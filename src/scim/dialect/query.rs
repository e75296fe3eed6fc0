//! Query parameters of 1.1: the same as of 2.0 but for the URNs before attribute names.

use super::urn::{CORE, ENTERPRISE};
use crate::scim::schema::ENTERPRISE_USER;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::borrow::Cow;

/// The query with the attribute names of 2.0. What needs no change keeps its bytes.
pub fn inward(query: &str) -> Cow<'_, str> {
    let mut changed = false;
    let pairs: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|pair| match pair.split_once('=').and_then(|(name, value)| Some((name, of(value)?))) {
            Some((name, value)) => {
                changed = true;
                Cow::Owned(format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC)))
            }
            None => Cow::Borrowed(pair),
        })
        .collect();
    if changed { Cow::Owned(pairs.join("&")) } else { Cow::Borrowed(query) }
}

/// A value in 2.0; `None` where it says the same in both.
fn of(value: &str) -> Option<String> {
    let value = value.replace('+', " ");
    let decoded = percent_decode_str(&value).decode_utf8().ok()?;
    let respelled = path(&decoded);
    (respelled != decoded).then_some(respelled)
}

/// A filter, a path or a list of paths in 2.0's names. Text in double quotes is data.
pub fn path(text: &str) -> String {
    let (mut made, mut name) = (String::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let edge = c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        if edge && !quoted {
            made.push_str(&names(&name));
            name.clear();
        }
        match quoted || edge {
            true => made.push(c),
            false => name.push(c),
        }
        quoted ^= edge;
    }
    made + &names(&name)
}

/// A core attribute needs no URN (RFC 7644 §3.10); a manager's `managerId` is a `value` now.
fn names(text: &str) -> String {
    let text = replace(text, &format!("{CORE}:"), "");
    let text = replace(&text, &format!("{ENTERPRISE}:"), &format!("{ENTERPRISE_USER}:"));
    replace(&text, "manager.managerId", "manager.value")
}

/// Replaces in any case (RFC 7643 §2.1, as in 1.1).
fn replace(text: &str, from: &str, to: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let from = from.to_ascii_lowercase();
    let (mut made, mut done) = (String::with_capacity(text.len()), 0);
    for (at, found) in lower.match_indices(&from) {
        made.push_str(text.get(done..at).unwrap_or_default());
        made.push_str(to);
        done = at + found.len();
    }
    made.push_str(text.get(done..).unwrap_or_default());
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_respelled_and_values_are_not() {
        let table = [
            ("filter=userName%20eq%20%22a%22&count=1", "filter=userName%20eq%20%22a%22&count=1"),
            ("count=1&x", "count=1&x"),
            ("", ""),
            ("filter=%FF", "filter=%FF"),
            ("attributes=urn:scim:schemas:core:1.0:userName", "attributes=userName"),
            (
                "filter=URN:scim:schemas:core:1.0:userName+eq+%22urn:scim:schemas:core:1.0:x%22",
                "filter=userName%20eq%20%22urn%3Ascim%3Aschemas%3Acore%3A1%2E0%3Ax%22",
            ),
        ];
        for (sent, expected) in table {
            assert_eq!(inward(sent), expected, "{sent}");
        }
        let sent = r#"urn:scim:schemas:extension:enterprise:1.0:manager.managerId eq "a\"manager.managerId""#;
        let expected = format!(r#"{ENTERPRISE_USER}:manager.value eq "a\"manager.managerId""#);
        assert_eq!(path(sent), expected);
    }
}
