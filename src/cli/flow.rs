//! YAML as people write it on one line: `{ value: mia, type: work }`.

use serde_json::Value;

/// A value in flow style; a text in quotes where `quoted`, or where it must be.
pub fn text(value: &Value, quoted: bool) -> String {
    let inner = |value: &Value| text(value, false);
    match value {
        Value::String(plain) if !quoted && is_plain(plain) => plain.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inner).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                format!("{}: {}", inner(&name.as_str().into()), inner(value))
            };
            let members: Vec<String> = members.iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        // JSON's scalars and its quoted texts are YAML.
        other => other.to_string(),
    }
}

/// Words that YAML, 1.1 or 1.2, takes for something else than a text.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Whether a text needs no quotes, by any reader of YAML.
fn is_plain(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_./@+ ".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(inside)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let table = [
            (json!({ "a": [1, true, null], "b": {} }), "{ a: [1, true, null], b: {} }"),
            (json!("mia@acme.example"), "mia@acme.example"),
            (json!("no"), "\"no\""),
            (json!("7"), "\"7\""),
            (json!("*"), "\"*\""),
            (json!("a: b # c"), "\"a: b # c\""),
            (json!({ "7": "urn:x" }), "{ \"7\": \"urn:x\" }"),
        ];
        for (value, expected) in table {
            let written = text(&value, false);
            assert_eq!(written, expected);
            let read = yaml::parse(&"x".into(), &format!("v: {written}\n")).unwrap();
            assert_eq!(read.to_json(), json!({ "v": value }));
        }
        assert_eq!(text(&json!("a"), true), "\"a\"");
    }
}
