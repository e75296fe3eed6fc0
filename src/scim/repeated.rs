//! Names that stand twice in one JSON object. Parsers differ in which of them counts (RFC 8259 §4), and to SCIM
//! names that differ in case alone are one (RFC 7643 §2.1): a deactivation must not hang on either.

use super::{
    error::{Error, ScimType},
    shown::cut,
};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::{borrow::Cow, collections::HashSet, fmt};

/// Looks through a body that is known to be JSON. The error is 400 invalidSyntax and tells name, line and column.
pub fn refuse(body: &[u8]) -> Result<(), Error> {
    // What is built from JSON keeps one of two equal names and forgets the other: only the text has both.
    let looked = serde_json::from_slice::<Once>(body);
    looked.map(drop).map_err(|error| Error::bad(ScimType::InvalidSyntax, error.to_string()))
}

/// A value whose objects have each name once.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Look)
    }
}

struct Look;

impl<'de> Visitor<'de> for Look {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Once, A::Error> {
        while elements.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut names = Names::default();
        while let Some(Name(name)) = members.next_key::<Name<'de>>()? {
            if !names.is_new(&name) {
                let name = cut(&name);
                return Err(A::Error::custom(format!(
                    "found the name `{name}` twice in one object (case says nothing), expected it once"
                )));
            }
            names.add(name);
            members.next_value::<Once>()?;
        }
        Ok(Once)
    }
}

/// The names of one object.
#[derive(Default)]
struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    /// In lower case, once they are more than a few.
    many: HashSet<String>,
}

/// Attributes of one object are seldom more: so many are compared faster than they are hashed, and without a copy.
const FEW: usize = 24;

impl<'de> Names<'de> {
    fn is_new(&self, name: &str) -> bool {
        match self.many.is_empty() {
            true => !self.few.iter().any(|known| known.eq_ignore_ascii_case(name)),
            false => !self.many.contains(&name.to_ascii_lowercase()),
        }
    }

    fn add(&mut self, name: Cow<'de, str>) {
        if self.few.len() < FEW {
            self.few.push(name);
            return;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter().map(|known| known.to_ascii_lowercase()));
        }
        self.many.insert(name.to_ascii_lowercase());
    }
}

/// A name as it stands in the text, copied only where it is written with escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
        name.deserialize_str(Spell)
    }
}

struct Spell;

impl<'de> Visitor<'de> for Spell {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::refuse;
    use serde_json::{Map, Value};

    #[test]
    fn a_name_stands_once_in_an_object() {
        let table = [
            (r#"{"a": 1.50, "b": {"a": [null, true, "x", 12345678901234567890123]}}"#, None),
            (r#"[{"a": 1}, {"a": 2}]"#, None),
            (r#"{"a": 1, "a": 1}"#, Some("`a`")),
            (r#"{"active": false, "Active": true}"#, Some("`Active`")),
            (r#"{"active": false, "\u0041ctive": true}"#, Some("`Active`")),
            (r#"{"Operations": [{"value": {"x": 1, "y": [{"z": 0, "Z": 0}]}}]}"#, Some("`Z`")),
        ];
        for (body, expected) in table {
            let found = refuse(body.as_bytes()).err().map(|error| error.detail);
            match (found, expected) {
                (None, None) => {}
                (Some(found), Some(name)) => {
                    assert!(found.contains(name) && found.contains("column"), "{found}");
                }
                (found, expected) => panic!("{body}: {found:?}, expected {expected:?}"),
            }
        }
    }

    /// Many names are looked up and not compared.
    #[test]
    fn an_object_of_very_many_names_is_looked_through_too() {
        let mut members: Map<String, Value> =
            (0..50_000).map(|number| (format!("Name{number}"), Value::Null)).collect();
        let body = |members: &Map<String, Value>| Value::Object(members.clone()).to_string();
        assert!(refuse(body(&members).as_bytes()).is_ok());
        members.insert("nAME49999".to_owned(), Value::Null);
        assert!(refuse(body(&members).as_bytes()).is_err());
        members.remove("nAME49999");
        members.insert("nAME3".to_owned(), Value::Null);
        assert!(refuse(body(&members).as_bytes()).is_err());
    }
}
