//! Withheld: what nobody is told and nothing logs, in every spelling that a vendor may repeat it in.

use crate::{mapping::plan::Plan, scim::shown::is_hidden, secret::Secret, upstream::spelled};
use serde_json::Value;
use std::cmp::Reverse;

/// Shorter values are not looked for: taking out every `a` would not hide anything.
const SHORTEST: usize = 4;
/// Stands where something is withheld.
const INSTEAD: &str = "***";

/// Secrets, the longest first: one may be the beginning of another, which would leave its end.
#[derive(Debug, Clone, Default)]
pub struct Withheld(Vec<Secret>);

impl Withheld {
    /// What of these is long enough to be told from ordinary words.
    pub fn of(secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self::default().and(secrets)
    }

    /// What a tenant has declared as secret, whatever its type, and what signs its calls.
    pub fn of_tenant(plan: &Plan, variables: &Value) -> Self {
        let secret = plan.variables.iter().filter(|variable| variable.secret);
        let values = secret.filter_map(|variable| variables.get(&variable.name));
        let texts = values.flat_map(texts).map(Secret::new);
        // Settings that cannot be made sign nothing.
        let signing = plan.settings(variables).map(|settings| settings.auth.secrets());
        Self::of(texts.chain(signing.unwrap_or_default()))
    }

    /// The same with more.
    #[must_use]
    pub fn and(&self, more: impl IntoIterator<Item = Secret>) -> Self {
        let mut all = self.0.clone();
        for secret in more.into_iter().filter(|secret| secret.expose().len() >= SHORTEST) {
            // What is shown has no character in it that is not seen.
            let seen: String = secret.expose().chars().filter(is_seen).collect();
            if seen.len() >= SHORTEST && seen != secret.expose() {
                all.push(Secret::new(seen));
            }
            all.push(secret);
        }
        all.sort_by(|one, other| {
            let key = |secret: &Secret| Reverse(secret.expose().len());
            key(one).cmp(&key(other)).then_with(|| one.expose().cmp(other.expose()))
        });
        all.dedup();
        Self(all)
    }

    /// Whether one of them stands there.
    pub fn tell(&self, words: &str) -> bool {
        let seen = words.chars().filter(is_seen).collect::<String>();
        self.0.iter().any(|secret| spelled::find(secret.expose(), &seen).is_some())
    }

    /// The words without them.
    pub fn black_out(&self, words: &str) -> String {
        let mut words = words.to_owned();
        for secret in &self.0 {
            let mut from = 0;
            while let Some(found) =
                words.get(from..).and_then(|rest| spelled::find(secret.expose(), rest))
            {
                words.replace_range(from + found.start..from + found.end, INSTEAD);
                from += found.start + INSTEAD.len();
            }
        }
        words
    }
}

/// Line breaks and the like are shown as blanks.
fn is_seen(c: &char) -> bool {
    c.is_whitespace() || c.is_control() || !is_hidden(*c)
}

/// The texts of a secret, whatever its type, that are worth withholding. True and false are no secret by themselves.
pub fn texts(value: &Value) -> Vec<String> {
    let texts = match value {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    texts.into_iter().filter(|text| text.len() >= SHORTEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn withheld(secrets: &[&str]) -> Withheld {
        Withheld::of(secrets.iter().copied().map(Secret::new))
    }

    #[test]
    fn nothing_is_left_of_what_is_withheld() {
        let withheld = withheld(&["s3cret", "s3cret-key-two", "abc", "a b&c"]);
        let table = [
            ("key s3cret is bad", "key *** is bad"),
            ("key s3cret-key-two is bad", "key *** is bad"),
            ("s3crets3cret s3cret", "****** ***"),
            ("?q=a+b%26c&r=a%20b&c", "?q=***&r=***"),
            ("%73%33%63%72%65%74", "***"),
            ("abc is not told from words", "abc is not told from words"),
        ];
        for (words, expected) in table {
            assert_eq!(withheld.black_out(words), expected, "{words}");
            assert_eq!(withheld.tell(words), words != expected, "{words}");
        }
        assert!(withheld.tell("s3\u{200b}cret"));
        // A secret may itself hold what is not seen.
        assert_eq!(super::tests::withheld(&["s3\u{200b}cret"]).black_out("s3cret"), "***");
        assert!(!format!("{withheld:?}").contains("s3cret"));
    }

    #[test]
    fn every_value_of_a_secret_counts_whatever_its_type() {
        let table = [
            (json!("s3cret"), vec!["s3cret"]),
            (json!(12_345), vec!["12345"]),
            (json!(["one-key", 777, "two-key", 88_888, true]), vec!["one-key", "two-key", "88888"]),
            (json!(true), vec![]),
            (json!(null), vec![]),
        ];
        for (value, expected) in table {
            assert_eq!(texts(&value), expected, "{value}");
        }
    }
}
