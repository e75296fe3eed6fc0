//! A vendor's own words, made fit for a client's log: short, plain, without secrets.

use serde_json::Value;

/// Characters of a vendor's words that a client sees: enough for a sentence, not for a dump.
const LONGEST: usize = 200;
/// Shorter values are not looked for: taking out every `a` would not hide anything.
const SHORTEST_SECRET: usize = 4;

/// What a vendor's error body says, where vendors usually say it. Never HTML.
pub fn of(body: &Value, text: &str) -> Option<String> {
    let places = [
        "/message",
        "/error/message",
        "/error_description",
        "/error",
        "/detail",
        "/why",
        "/errmsg",
        "/errors/0/message",
        "/errors/0/detail",
        "/errors/0",
        "/title",
    ];
    let said = places
        .iter()
        .find_map(|place| body.pointer(place).and_then(Value::as_str))
        .map(str::to_owned);
    said.or_else(|| Some(text.to_owned()).filter(|text| !text.is_empty() && !is_markup(text)))
}

fn is_markup(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// Cuts, strips control characters and markup, blacks out secrets and credentials.
pub fn clean(words: &str, secrets: &[&str]) -> String {
    let mut words = words.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        words = words.replace(secret, "***");
    }
    let mut plain = String::with_capacity(words.len().min(LONGEST));
    let mut after_scheme = false;
    for word in words.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !matches!(c, '<' | '>')).collect();
        if word.is_empty() {
            continue;
        }
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(if after_scheme { "***" } else { &word });
        after_scheme = matches!(word.to_ascii_lowercase().as_str(), "bearer" | "basic");
        if plain.len() > LONGEST * 4 {
            break;
        }
    }
    match plain.char_indices().nth(LONGEST) {
        Some((end, _)) => {
            plain.truncate(end);
            plain.push('…');
            plain
        }
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_found_where_vendors_put_them() {
        let table = [
            (json!({"message": "no seat"}), "", Some("no seat")),
            (json!({"error": {"message": "no seat"}}), "", Some("no seat")),
            (json!({"error": "no seat"}), "", Some("no seat")),
            (json!({"errors": [{"detail": "no seat"}]}), "", Some("no seat")),
            (json!({"ok": false}), "", None),
            (Value::Null, "plain words", Some("plain words")),
            (Value::Null, " <!doctype html><p>Oops", None),
        ];
        for (body, text, expected) in table {
            assert_eq!(of(&body, text).as_deref(), expected, "{body} {text}");
        }
    }

    #[test]
    fn words_are_short_plain_and_without_secrets() {
        assert_eq!(clean("a\u{1b}[31m\r\nb\tc", &[]), "a [31m b c");
        assert_eq!(clean("key s3cret-key is bad", &["s3cret-key"]), "key *** is bad");
        assert_eq!(clean("sent Bearer abc.def", &[]), "sent Bearer ***");
        assert_eq!(clean("<script>alert(1)</script>", &[]), "scriptalert(1)/script");
        assert_eq!(clean(&"é".repeat(5_000), &[]).chars().count(), LONGEST + 1);
    }
}
