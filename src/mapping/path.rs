//! Attribute paths as mapping files write them: Okta's external names in every spelling, and
//! SCIM's own.
//!
//! ```text
//! path    := [URN ":"] NAME [select] ("." NAME)*
//! select  := [".^" | "^" | "."] "[" NAME ("==" | " eq ") literal "]"  |  ["."] "[" INT "]"
//! literal := 'text' | "text" | true | false | NUMBER | bareword
//! ```
//!
//! Spaces and curly quotes are tolerated (they come out of word processors), booleans compare
//! loosely (`primary=='true'` is `primary==true`), names without case. All spellings of one place
//! become one canonical [`RulePath`].

use serde_json::Value;
use std::fmt;

/// The longest URN with a selector has 200; what is longer is something else.
const LONGEST: usize = 1_024;

/// Which element of a multi-valued attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Select {
    /// The element whose sub-attribute has this value.
    Where {
        /// The sub-attribute: `type`, `primary`.
        name: String,
        /// Text or boolean.
        value: Value,
    },
    /// The element at this position, from 0.
    Index(usize),
}

/// An attribute path with an optional element selector, not yet held against a schema.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePath {
    /// Schema URN, when written.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// Which element.
    pub select: Option<Select>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl RulePath {
    /// Reads a path. The error says what was found and what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the path has {} bytes; at most {LONGEST}", text.len()));
        }
        let straight: String = text
            .chars()
            .map(|c| match c {
                '\u{2018}' | '\u{2019}' => '\'',
                '\u{201c}' | '\u{201d}' => '"',
                other => other,
            })
            .collect();
        let trimmed = straight.trim();
        // The selector may hold colons and dots: cut it out first.
        let (head, select, tail) = match trimmed.split_once('[') {
            None => (trimmed, None, ""),
            Some((head, rest)) => {
                let (inner, tail) = rest
                    .rsplit_once(']')
                    .ok_or_else(|| format!("`{text}` opens `[` and never closes it"))?;
                (head, Some(parse_select(inner)?), tail)
            }
        };
        let head = match select {
            None => head,
            Some(_) => head.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '^' | '.')),
        };
        if select.is_some() && head.ends_with(['?', '$']) {
            return Err(format!(
                "`{text}` selects many elements; a rule has one, written `.^[` or `[`"
            ));
        }
        let (urn, local) = match head.rsplit_once(':') {
            Some((urn, local)) => (Some(urn.trim().to_owned()), local),
            None => (None, head),
        };
        let mut names = local.split('.').map(str::trim).chain(
            tail.trim().trim_start_matches('.').split('.').map(str::trim).filter(|t| !t.is_empty()),
        );
        let name = names.next().unwrap_or_default();
        let sub = names.next();
        if names.next().is_some() {
            return Err(format!("`{text}` goes deeper than attribute and sub-attribute"));
        }
        for part in std::iter::once(name).chain(sub) {
            if !is_name(part) {
                return Err(format!("`{part}` in `{text}` is not an attribute name"));
            }
        }
        if select.is_some() && !tail.trim().is_empty() && !tail.trim().starts_with('.') {
            return Err(format!("expected `.` after `]` in `{text}`"));
        }
        Ok(Self { urn, name: name.to_owned(), select, sub: sub.map(str::to_owned) })
    }
}

/// `NAME == literal`, `NAME eq literal` or an index.
fn parse_select(inner: &str) -> Result<Select, String> {
    let inner = inner.trim();
    if let Ok(index) = inner.parse::<usize>() {
        return Ok(Select::Index(index));
    }
    let (name, literal) = filter(inner)
        .or_else(|| inner.split_once("=="))
        .ok_or_else(|| format!("expected `name=='value'` or a number in `[{inner}]`"))?;
    let (name, literal) = (name.trim(), literal.trim());
    if !is_name(name) {
        return Err(format!("`{name}` in `[{inner}]` is not a sub-attribute name"));
    }
    let quoted = [('\'', '\''), ('"', '"')]
        .iter()
        .find_map(|(open, close)| literal.strip_prefix(*open)?.strip_suffix(*close));
    let bare = quoted.unwrap_or(literal);
    if bare.is_empty() || (quoted.is_none() && bare.contains(['\'', '"'])) {
        return Err(format!("`{literal}` in `[{inner}]` is not a value"));
    }
    // `primary=='true'` and `primary==true` are both seen in the wild and mean the same.
    let value = match bare.to_ascii_lowercase().as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::String(bare.to_owned()),
    };
    Ok(Select::Where { name: name.to_owned(), value })
}

/// `NAME eq literal`, as SCIM's own filters write it; operators are without case (RFC 7644 §3.4.2.2).
fn filter(inner: &str) -> Option<(&str, &str)> {
    let (name, rest) = inner.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (word, literal) = (rest.get(..2)?, rest.get(2..)?);
    let apart = literal.starts_with(|c: char| c.is_whitespace() || matches!(c, '\'' | '"'));
    (is_name(name) && word.eq_ignore_ascii_case("eq") && apart).then_some((name, literal))
}

/// RFC 7643 §2.1: a letter, then letters, digits, `-`, `_` or `$`.
fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '$')
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

impl Select {
    /// Whether an element is the one that is meant. Texts compare without case, as `type` does;
    /// an element without `primary` is not primary.
    pub fn holds(&self, element: &Value) -> bool {
        match self {
            Select::Index(_) => false,
            Select::Where { name, value } => match (element.get(name), value) {
                (Some(Value::String(found)), Value::String(wanted)) => {
                    found.eq_ignore_ascii_case(wanted)
                }
                (Some(Value::Bool(found)), Value::Bool(wanted)) => found == wanted,
                (None | Some(Value::Null), Value::Bool(false)) => true,
                _ => false,
            },
        }
    }

    /// `primary==true`: where no element is marked, the first one is meant.
    pub fn is_primary(&self) -> bool {
        matches!(self, Select::Where { name, value: Value::Bool(true) } if name == "primary")
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Select::Index(index) => write!(f, ".[{index}]"),
            Select::Where { name, value: Value::String(text) } => write!(f, ".^[{name}=='{text}']"),
            Select::Where { name, value } => write!(f, ".^[{name}=={value}]"),
        }
    }
}

impl fmt::Display for RulePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        if let Some(select) = &self.select {
            write!(f, "{select}")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_seen_in_the_wild_is_one_canonical_path() {
        let table = [
            ("accounts.^[type=='slack'].value", "accounts.^[type=='slack'].value"),
            ("accounts[type eq \"slack\"].value", "accounts.^[type=='slack'].value"),
            ("accounts.^[type == \u{2018}slack\u{2019}].value", "accounts.^[type=='slack'].value"),
            ("accounts^[type==slack].value", "accounts.^[type=='slack'].value"),
            ("accounts.[type==\"slack\"].value", "accounts.^[type=='slack'].value"),
            ("accounts . ^[ type == 'slack' ] . value", "accounts.^[type=='slack'].value"),
            ("accounts.^[type==\u{201c}slack\u{201d}].value", "accounts.^[type=='slack'].value"),
            ("accounts [ type eq \"slack\" ].value", "accounts.^[type=='slack'].value"),
            ("accounts[type Eq 'slack'].value", "accounts.^[type=='slack'].value"),
            ("accounts[type  eq  slack].value", "accounts.^[type=='slack'].value"),
            ("roles.^[primary==\"True\"].value", "roles.^[primary==true].value"),
            ("roles.^[primary == FALSE].value", "roles.^[primary==false].value"),
            ("roles[primary eq true].value", "roles.^[primary==true].value"),
            ("emails . [ 1 ] . type", "emails.[1].type"),
            ("photos[type eq \"a==b\"].value", "photos.^[type=='a==b'].value"),
            ("photos.^[type=='a eq b'].value", "photos.^[type=='a eq b'].value"),
            ("photos.^[type=='a=b'].value", "photos.^[type=='a=b'].value"),
            ("photos.^[type=='it is [x]'].value", "photos.^[type=='it is [x]'].value"),
            ("roles.^[primary==true].value", "roles.^[primary==true].value"),
            ("roles.^[primary=='true'].value", "roles.^[primary==true].value"),
            ("emails.^[primary==false].type", "emails.^[primary==false].type"),
            ("photos.^[type==photo].value", "photos.^[type=='photo'].value"),
            ("roles.^[type=='LICENSED_USER'].value", "roles.^[type=='LICENSED_USER'].value"),
            ("emails.[1].type", "emails.[1].type"),
            ("emails[2].value", "emails.[2].value"),
            ("name.givenName", "name.givenName"),
            ("preferredLanguage", "preferredLanguage"),
            (
                "urn:ietf:params:scim:schemas:extension:wsos:2.0:User:name.familyNamePhonetic",
                "urn:ietf:params:scim:schemas:extension:wsos:2.0:User:name.familyNamePhonetic",
            ),
            ("phoneNumbers.^[type=='a.b:c'].value", "phoneNumbers.^[type=='a.b:c'].value"),
        ];
        for (text, canonical) in table {
            assert_eq!(RulePath::parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_a_reason() {
        for text in [
            "",
            "a..b",
            "emails.^[type=='work'",
            "emails.^[type].value",
            "a.b.c",
            "1a",
            "emails.^[=='x'].value",
            "emails.^[type=='x]value",
            "e mails",
            "emails.^[type=='']",
        ] {
            assert!(RulePath::parse(text).is_err(), "{text}");
        }
    }
}
