//! Attribute notation (RFC 7644 §3.10): `[URN:]name[.sub]`.

use super::shown;
use std::fmt;

/// A place in a Resource as a client or a mapping writes it; resolved against a
/// [`super::resource_type::ResourceType`] before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URN before the last colon, when one was written.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Whether it is `active` (RFC 7643 §4.1.1): who may sign in.
    pub fn is_active(&self) -> bool {
        self.urn.is_none() && self.sub.is_none() && self.name == "active"
    }

    /// The attribute `name` of the core schema.
    pub fn core(name: &str) -> Self {
        Self { urn: None, name: name.to_owned(), sub: None }
    }

    /// The attribute `name` of the schema `urn`.
    pub fn of(urn: &str, name: &str) -> Self {
        Self { urn: Some(urn.to_owned()), ..Self::core(name) }
    }

    /// The sub-attribute `sub` of this attribute.
    pub fn dot(mut self, sub: &str) -> Self {
        self.sub = Some(sub.to_owned());
        self
    }

    /// Reads `[URN:]name[.sub]`. URNs hold dots and colons, so the URN is all before the last colon;
    /// a URN alone (`urn:…:2.0:User`) therefore reads as the attribute `User` of `urn:…:2.0`, which
    /// resolving sorts out. The error says what was found and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) => (Some(urn), rest),
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        if let Some(urn) = urn.filter(|urn| !is_urn(urn)) {
            return Err(format!("`{}` is no schema URN", shown::name(urn)));
        }
        // A URN alone may end in a version (`urn:okta:custom:group:1.0`), so behind a URN a digit may lead.
        for part in [Some(name), sub].into_iter().flatten() {
            if !is_name(part, urn.is_some()) {
                return Err(format!(
                    "`{}` is no attribute name: expected a letter, then letters, digits, `_`, `-` or `$`",
                    shown::name(part)
                ));
            }
        }
        Ok(Self { urn: urn.map(str::to_owned), name: name.to_owned(), sub: sub.map(str::to_owned) })
    }
}

/// RFC 7643 §2.1: `ATTRNAME = ALPHA *(nameChar)`; `$ref` (§2.4) is the exception the RFC makes itself.
fn is_name(text: &str, digit_may_lead: bool) -> bool {
    let leads = |c: char| c.is_ascii_alphabetic() || digit_may_lead && c.is_ascii_digit();
    let mut rest = text.strip_prefix('$').unwrap_or(text).chars();
    rest.next().is_some_and(leads)
        && rest.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// Loose: clients name schemas by URLs too. What a filter or a path gives meaning to is kept out.
fn is_urn(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| {
            !c.is_whitespace()
                && !c.is_control()
                && !matches!(c, '"' | '\'' | '(' | ')' | '[' | ']' | ',')
        })
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttributePath;

    #[test]
    fn reads_and_prints() {
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User";
        let cases = [
            ("userName", AttributePath::core("userName")),
            ("name.familyName", AttributePath::core("name").dot("familyName")),
            ("members.$ref", AttributePath::core("members").dot("$ref")),
            ("x-y_z$1", AttributePath::core("x-y_z$1")),
            (&format!("{urn}:name.familyName"), AttributePath::of(urn, "name").dot("familyName")),
            (urn, AttributePath::of("urn:ietf:params:scim:schemas:core:2.0", "User")),
            ("urn:okta:custom:group:1.0", AttributePath::of("urn:okta:custom:group", "1").dot("0")),
            (
                "http://schemas.acme.example/2006/Group:displayName",
                AttributePath::of("http://schemas.acme.example/2006/Group", "displayName"),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(AttributePath::parse(text).as_ref(), Ok(&expected), "{text}");
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a.b.c",
            "1a",
            "a b",
            "a,b",
            "ä",
            "$",
            ":a",
            "urn:x:",
            "a[b]",
            "[",
            "urn:\"x\":a",
            "-a",
        ] {
            assert!(AttributePath::parse(text).is_err(), "{text}");
        }
    }
}
