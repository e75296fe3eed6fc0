//! `schemas:`: attributes that the RFC does not define, or more about those it does.

use super::texts::Texts;
use crate::{
    mapping::document::{AttributeSection, SchemaSection},
    scim::schema::{Returned, Type},
    yaml::{Fields, Key, Kind, Node, Spanned},
};
use regex::Regex;

/// The section.
pub fn schemas(texts: &Texts<'_>, node: &Node) -> Vec<SchemaSection> {
    texts
        .entries(node, "schemas by URN")
        .iter()
        .filter_map(|(key, node)| {
            let mut fields = Fields::open(texts.reader, node, "a schema")?;
            let section = SchemaSection {
                id: spanned(key),
                name: fields.text("name").map(|name| name.value),
                about: fields.text("about").map(|about| about.value),
                attributes: fields
                    .required_node("attributes", "attributes: { floor: { type: string } }")
                    .map(|node| attributes(texts, node))
                    .unwrap_or_default(),
            };
            fields.finish();
            if !key.text.to_ascii_lowercase().starts_with("urn:") {
                texts.expected(key.span, "a schema URN beginning with `urn:`", &key.text);
            }
            Some(section)
        })
        .collect()
}

fn attributes(texts: &Texts<'_>, node: &Node) -> Vec<AttributeSection> {
    texts
        .entries(node, "attributes by name")
        .iter()
        .filter_map(|(key, node)| {
            let mut fields = Fields::open(texts.reader, node, "an attribute")?;
            let section = AttributeSection {
                name: spanned(key),
                kind: kind(texts, &mut fields),
                list: fields.boolean("list").map(|list| list.value),
                case_exact: case(texts, &mut fields),
                returned: returned(texts, &mut fields),
                pattern: pattern(texts, &mut fields),
                one_of: fields.node("one_of").map(words).unwrap_or_default(),
                about: fields.text("about").map(|about| about.value),
                attributes: fields
                    .node("attributes")
                    .map(|node| attributes(texts, node))
                    .unwrap_or_default(),
            };
            fields.finish();
            Some(section)
        })
        .collect()
}

fn spanned(key: &Key) -> Spanned<String> {
    Spanned { value: key.text.clone(), span: key.span }
}

fn kind(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Type> {
    let found = fields.text("type")?;
    let kind = match found.value.as_str() {
        "string" => Type::String,
        "boolean" => Type::Boolean,
        "integer" => Type::Integer,
        "decimal" => Type::Decimal,
        "dateTime" => Type::DateTime,
        "reference" => Type::Reference,
        "binary" => Type::Binary,
        other => {
            let kinds = "string, boolean, integer, decimal, dateTime, reference or binary";
            texts.expected(found.span, kinds, other);
            return None;
        }
    };
    Some(kind)
}

/// `case: exact | ignored`
pub fn case(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<bool> {
    let found = fields.text("case")?;
    match found.value.as_str() {
        "exact" => Some(true),
        "ignored" => Some(false),
        other => {
            texts.expected(found.span, "exact or ignored", other);
            None
        }
    }
}

/// `returned: always | request | never` (RFC 7643 §7)
fn returned(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Returned> {
    let found = fields.text("returned")?;
    match found.value.as_str() {
        "always" => Some(Returned::Always),
        "request" => Some(Returned::Request),
        "never" => Some(Returned::Never),
        other => {
            texts.expected(found.span, "always, request or never", other);
            None
        }
    }
}

fn pattern(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Regex> {
    let found = fields.text("pattern")?;
    match Regex::new(&found.value) {
        Ok(pattern) => Some(pattern),
        Err(_) => {
            texts.expected(found.span, "a regular expression", &found.value);
            None
        }
    }
}

fn words(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::List(items) => items
            .iter()
            .filter_map(|item| crate::upstream::record::text_of(&item.to_json()))
            .collect(),
        _ => Vec::new(),
    }
}
