//! Values as YAML: plain where that says the same, quoted where it would not.

use serde_json::Value;

/// A text.
pub fn scalar(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./@+ ".contains(c);
    let starts = text.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '_');
    // Other tools read these as booleans or as nothing.
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let word = WORDS.contains(&text.to_ascii_lowercase().as_str());
    if starts && !word && !text.ends_with(' ') && text.chars().all(plain) {
        return text.to_owned();
    }
    quoted(text)
}

fn quoted(text: &str) -> String {
    let mut told = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => told.push_str("\\\""),
            '\\' => told.push_str("\\\\"),
            '\n' => told.push_str("\\n"),
            c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => told.push(c),
            c => told.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    told.push('"');
    told
}

/// A value on one line.
pub fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members =
                members.iter().map(|(name, value)| format!("{}: {}", scalar(name), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A text of the document's where a template stands: its braces are braces.
pub fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_as_it_was() {
        let file = "x.yaml".into();
        for text in [
            "plain",
            "two words",
            "a: b",
            "# no",
            "true",
            "Null",
            "no",
            "7",
            "0x1",
            "",
            " ",
            "-",
            "- a",
            "*",
            "{x}",
            "a\nb",
            "a\u{0}b\u{2028}",
            "'",
            "\"",
            "\\",
            "ä ö",
            "/p/q",
            "a,b",
            "[",
            "~",
            "=",
            "1e3",
            "a ",
        ] {
            let value = json!({ "list": [text], text: { "in": text, "n": 1 }, "e": {} });
            let written = flow(&value);
            let node = crate::yaml::parse(&file, &written)
                .unwrap_or_else(|all| panic!("{written}: {all:?}"));
            assert_eq!(node.to_json(), value, "{written}");
        }
    }
}
