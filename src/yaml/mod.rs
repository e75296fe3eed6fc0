//! YAML -> nodes that know their place; and [`Fields`], the cursor that takes a map's keys by their
//! [`shape`].

mod fault;
mod fields;
pub mod file;
mod meant;
mod parse;
pub mod schema;
pub mod shape;

pub use fields::{Fields, Reader, duration, listed};
pub use parse::{parse, read};

use crate::diagnostic::Span;
use serde_json::{Map, Number, Value};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A YAML value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What names it, for what is wrong with it as a whole: the key before it, else the first of its own.
    pub head: Span,
    /// What it is.
    pub kind: Kind,
}

/// A map's key with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The key as text; numbers and booleans keep their spelling.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`, unquoted.
    Bool(bool),
    /// An unquoted number, digits exact.
    Number(Number),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in file order, keys unique.
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// The same as JSON, places forgotten.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.text.clone(), node.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// What it is, in words.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// A place inside a text, `offset` bytes into it. Exact where the text stands in the file as it is, in quotes
    /// or without; one with escapes or several lines is marked whole.
    pub fn inside(&self, offset: usize, length: usize) -> Span {
        let Kind::Text(text) = &self.kind else { return self.span };
        let quotes = match (self.span.end - self.span.start).checked_sub(text.len()) {
            Some(0) => 0,
            // One on either side.
            Some(2) => 1,
            _ => return self.span,
        };
        let before = text.get(..offset).map_or(offset, |before| before.chars().count());
        let column = self.span.column.saturating_add(u32::try_from(before + quotes).unwrap_or(0));
        // A sign that is missing at the end is looked for behind the last.
        let (start, end) = (self.span.start + quotes + offset, self.span.end);
        let start = start.min(end);
        Span { start, end: start.saturating_add(length).min(end), line: self.span.line, column }
    }

    /// The node of a key, in a map.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => {
                entries.iter().find(|(key, _)| key.text == name).map(|(_, node)| node)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_inside_a_text_is_exact_or_the_whole() {
        // Where `{key}` stands: the column of its first sign, and the bytes that are marked.
        let table = [
            ("a: GET /{key}\n", 9, "{key}"),
            ("a: \"GET /{key}\"\n", 10, "{key}"),
            ("a: '\u{e9}/{key}'\n", 7, "{key}"),
            ("a: \"\\t/{key}\"\n", 4, "\"\\t/{key}\""),
            ("a: >-\n  GET\n  /{key}\n", 3, "GET\n  /{key}\n"),
        ];
        for (text, column, marked) in table {
            let root = parse(&"m.yaml".into(), text).unwrap();
            let node = root.get("a").unwrap();
            let Kind::Text(read) = &node.kind else { unreachable!("{text}") };
            let span = node.inside(read.find('{').unwrap(), 5);
            assert_eq!(
                (span.column, text.get(span.start..span.end)),
                (column, Some(marked)),
                "{text}"
            );
        }
    }
}
