//! A vendor's own words, made fit for a client's log: short, plain, without secrets.

use super::withheld::Withheld;
use crate::scim::shown::is_hidden;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Characters of a vendor's words that a client sees: enough for a sentence, not for a dump.
const LONGEST: usize = 200;
/// Characters that are looked at: much more than is shown, for markup takes room.
const LOOKED_AT: usize = 20_000;

/// Where vendors usually say what is wrong.
const PLACES: [&str; 10] = [
    "/message",
    "/error/message",
    "/error_description",
    "/error",
    "/detail",
    "/errmsg",
    "/errors/0/message",
    "/errors/0/detail",
    "/errors/0",
    "/title",
];

/// What a vendor's error body says. Never HTML, and never the body of a success: that is somebody's record.
pub fn of(status: u16, body: &Value, text: &str) -> Option<String> {
    if status / 100 == 2 {
        return None;
    }
    let said = PLACES.iter().find_map(|place| body.pointer(place).and_then(Value::as_str));
    let text = Some(text).filter(|text| !text.is_empty() && !is_markup(text));
    said.or(text).map(|words| words.chars().take(LOOKED_AT).collect())
}

fn is_markup(text: &str) -> bool {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_hidden(c)).starts_with('<')
}

/// A tag, a comment, or the beginning of one; a `<` that only compares is left alone.
static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("<[A-Za-z/!?][^>]*>?").ok());

/// A credential with its name before it: `password=…`, `"token": "…"`, `Authorization: Bearer …`.
static CREDENTIAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = "pass(?:word|wd|phrase|code)?|pwd|secret|token|authorization|(?:api|access|private)[_ -]?key";
    let value = r#""[^"]*"?|'[^']*'?|(?:bearer|basic)\s+[^\s,;&]+|[^\s,;&)}\]]+"#;
    Regex::new(&format!(r#"(?i)((?:{name})["']?\s*[=:]\s*)(?:{value})"#)).ok()
});

/// A credential with its scheme before it.
static SCHEME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(bearer|basic)\s+[^\s,;]+").ok());

/// Cuts, strips hidden characters and markup, blacks out secrets and credentials.
pub fn clean(words: &str, withheld: &Withheld) -> String {
    // Without what is not seen: a secret with a zero-width space in it is still one.
    let seen = |c: char| {
        if c.is_whitespace() || c.is_control() {
            Some(' ')
        } else {
            Some(c).filter(|c| !is_hidden(*c))
        }
    };
    let words: String = words.chars().filter_map(seen).collect();
    let mut words = withheld.black_out(&words);
    for (pattern, instead) in [(&TAG, " "), (&CREDENTIAL, "$1***"), (&SCHEME, "$1 ***")] {
        // A pattern that does not compile would let through what it should hide.
        let Some(pattern) = pattern.as_ref() else { return String::new() };
        words = pattern.replace_all(&words, instead).into_owned();
    }
    let mut plain = String::with_capacity(words.len().min(LONGEST));
    for word in words.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
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
    use crate::secret::Secret;
    use serde_json::json;

    #[test]
    fn words_are_found_where_vendors_put_them() {
        let table = [
            (422, json!({"message": "no seat"}), "", Some("no seat")),
            (422, json!({"error": {"message": "no seat"}}), "", Some("no seat")),
            (422, json!({"error": "no seat"}), "", Some("no seat")),
            (422, json!({"errors": [{"detail": "no seat"}]}), "", Some("no seat")),
            (422, json!({"ok": false}), "", None),
            (422, json!({"why": "no seat"}), "", None),
            (500, Value::Null, "plain words", Some("plain words")),
            (500, Value::Null, " <!doctype html><p>Oops", None),
            (500, Value::Null, "\u{feff}<html>Oops", None),
            (200, json!({"title": "Head of Sales"}), "", None),
            (201, Value::Null, "mia@acme.example", None),
        ];
        for (status, body, text, expected) in table {
            assert_eq!(of(status, &body, text).as_deref(), expected, "{status} {body} {text}");
        }
        assert_eq!(
            of(500, &json!({"message": "x".repeat(1_000_000)}), "").unwrap().len(),
            LOOKED_AT
        );
    }

    #[test]
    fn words_are_short_plain_and_without_secrets() {
        let withheld = Withheld::of(["s3cret", "s3cret-key-two"].map(Secret::new));
        let table = [
            ("a\u{1b}[31m\r\nb\tc", "a [31m b c"),
            ("key s3cret is bad", "key *** is bad"),
            ("key s3cret-key-two is bad", "key *** is bad"),
            ("key s3\u{200b}cret is bad", "key *** is bad"),
            ("sent Bearer abc.def", "sent Bearer ***"),
            ("sent bearer abc.def, twice", "sent bearer ***, twice"),
            ("password=hunter2&user=mia", "password=***&user=mia"),
            (
                "{\"Password\": \"hunter 2\", \"user\": \"mia\"}",
                "{\"Password\": ***, \"user\": \"mia\"}",
            ),
            ("token: abc is wrong", "token: *** is wrong"),
            ("client_secret = 'a b' is wrong", "client_secret = *** is wrong"),
            ("Authorization: Bearer abc.def", "Authorization: ***"),
            ("api_key:abc", "api_key:***"),
            ("the password is too short", "the password is too short"),
            ("must be < 5 and > 3", "must be < 5 and > 3"),
            ("<p>No <b class=x>seat</b><br/>left</p>", "No seat left"),
            ("<script>alert(1)</script>", "alert(1)"),
            ("cut <a href=", "cut"),
            ("a\u{202e}b\u{feff}c", "abc"),
        ];
        for (words, expected) in table {
            assert_eq!(clean(words, &withheld), expected, "{words}");
        }
        assert_eq!(clean(&"é".repeat(5_000), &Withheld::default()).chars().count(), LONGEST + 1);
    }
}
