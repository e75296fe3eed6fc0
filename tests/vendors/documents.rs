//! Two of the fakes against what their vendors' documents say: the extracts beside this file are ours, and where the
//! documents themselves are at hand, the extracts are held against them.
//!
//! The latter are ignored, because the documents are not part of the repository: `.ci/run` runs them where it finds
//! the folder, with `SCIMSHIM_SHARED` naming it.

mod carbon_voice;
mod dialpad;
mod openapi;
mod taken;

use serde_json::{Value, json};

/// What a document says of one call.
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub query: &'static [Named],
    pub body: Option<Record>,
    /// Fields of the document's body that the fake does not know.
    pub omits: &'static [&'static str],
    /// Parameters that the fake knows from elsewhere.
    pub beyond: &'static [&'static str],
    pub statuses: &'static [u16],
    pub answer: Type,
}

impl Operation {
    const fn new(method: &'static str, path: &'static str, answer: Type) -> Self {
        let (query, body, omits, beyond): (&[Named], _, &[&str], &[&str]) = (&[], None, &[], &[]);
        Self { method, path, query, body, omits, beyond, statuses: &[200], answer }
    }

    const fn asks(self, query: &'static [Named]) -> Self {
        Self { query, ..self }
    }

    const fn takes(self, fields: &'static [Named], required: &'static [&'static str]) -> Self {
        Self { body: Some(Record { fields, required }), ..self }
    }
}

pub type Named = (&'static str, Type);

#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub fields: &'static [Named],
    pub required: &'static [&'static str],
}

#[derive(Clone, Copy, Debug)]
pub enum Type {
    Text,
    Email,
    /// Text of a form that OpenAPI has a name for.
    Stamp,
    Flag,
    /// A number on the way in and, as this vendor writes it, a text of digits on the way out.
    Int64,
    Words(&'static [&'static str]),
    List(&'static Type),
    Object(Record),
    /// An object, whatever is in it.
    Any,
}

/// An object none of whose fields must be there.
const fn open(fields: &'static [Named]) -> Type {
    Type::Object(Record { fields, required: &[] })
}

impl Type {
    /// Values that must be taken.
    fn good(&self) -> Vec<Value> {
        match self {
            Self::Text => vec![json!("a word")],
            Self::Email => vec![json!("a.b+c@sub.acme.example")],
            Self::Stamp => vec![json!("2026-11-01T09:00:00Z")],
            Self::Flag => vec![json!(true), json!(false)],
            Self::Int64 => vec![json!(7), json!(i64::MAX), json!("9007199254740993")],
            Self::Words(words) => words.iter().map(|word| json!(word)).collect(),
            Self::List(of) => vec![json!([]), json!(of.good())],
            Self::Object(_) | Self::Any => vec![json!({})],
        }
    }

    /// Values that must be refused.
    fn bad(&self) -> Vec<Value> {
        let text = json!("a word");
        match self {
            Self::Text => vec![json!(7), json!(true), json!([text]), json!({})],
            Self::Email => vec![json!(7), text, json!("a@b"), json!("@acme.example"), json!("")],
            Self::Stamp => vec![json!(7)],
            Self::Flag => vec![json!("true"), json!(1), json!([])],
            Self::Int64 => vec![text, json!(1.5), json!(true), json!(""), json!([7])],
            Self::Words(_) => vec![text, json!(""), json!(7)],
            Self::List(of) => {
                let mut values: Vec<Value> = of.bad().into_iter().map(|one| json!([one])).collect();
                values.extend([json!("a word"), json!({})]);
                values
            }
            Self::Object(_) | Self::Any => vec![json!("a word"), json!([])],
        }
    }

    /// Whether an answer is of this type, to the last field; null is told for what is not there.
    fn holds(&self, value: &Value, at: &str) -> Result<(), String> {
        let text = value.as_str();
        let holds = match self {
            Self::Text | Self::Email => text.is_some(),
            Self::Stamp => text.is_some_and(is_stamp),
            Self::Flag => value.is_boolean(),
            Self::Int64 => text.is_some_and(|text| text.parse::<i64>().is_ok()),
            Self::Words(words) => text.is_some_and(|text| words.contains(&text)),
            Self::Any => value.is_object(),
            Self::List(_) if value.is_null() => true,
            Self::List(of) => {
                let Some(items) = value.as_array() else { return Err(format!("{at}: {value}")) };
                return items.iter().try_for_each(|item| of.holds(item, at));
            }
            Self::Object(record) => return record.holds(value, at),
        };
        if holds { Ok(()) } else { Err(format!("{at}: {value} is no {self:?}")) }
    }
}

impl Record {
    fn holds(&self, value: &Value, at: &str) -> Result<(), String> {
        let Some(fields) = value.as_object() else { return Err(format!("{at}: {value}")) };
        if let Some(name) = self.required.iter().find(|name| !fields.contains_key(**name)) {
            return Err(format!("{at}/{name} is missing"));
        }
        fields.iter().try_for_each(|(name, value)| {
            let known = self.fields.iter().find(|(known, _)| known == name);
            let (_, kind) = known.ok_or_else(|| format!("{at}/{name} is not in the document"))?;
            kind.holds(value, &format!("{at}/{name}"))
        })
    }
}

/// `2026-11-01T09:00:00`, with a fraction and a zone or without.
fn is_stamp(text: &str) -> bool {
    let shape = |one: char| if one.is_ascii_digit() { '0' } else { one };
    let shape: String = text.chars().map(shape).collect();
    ["", "Z", ".000Z"].iter().any(|end| shape == format!("0000-00-00T00:00:00{end}"))
}
