//! `schemas:`: attributes that the RFC does not define, or more about those it does.

use super::texts::Texts;
use crate::{
    mapping::{
        document::{AttributeSection, SchemaSection},
        keys,
    },
    scim::schema::{Returned, Type},
    yaml::{Fields, Key, Node, Spanned},
};
use regex::Regex;

/// The section.
pub fn schemas(texts: &Texts<'_>, node: &Node) -> Vec<SchemaSection> {
    texts
        .entries(node, "schemas by URN")
        .iter()
        .filter_map(|(key, node)| {
            let mut fields = Fields::open(texts.reader, node, &keys::SCHEMA)?;
            let section = SchemaSection {
                id: spanned(key),
                name: fields.text("name").map(|name| name.value),
                about: fields.text("about").map(|about| about.value),
                attributes: fields
                    .node("attributes")
                    .map(|node| attributes(texts, node))
                    .unwrap_or_default(),
            };
            fields.finish();
            if !key.text.to_ascii_lowercase().starts_with("urn:") {
                let help = "e.g. `urn:acme:scim:schemas:User`";
                texts.expected(key.span, "a schema URN beginning with `urn:`", &key.text, help);
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
            let mut fields = Fields::open(texts.reader, node, &keys::ATTRIBUTE)?;
            let section = AttributeSection {
                name: spanned(key),
                kind: kind(&mut fields),
                list: fields.boolean("list").map(|list| list.value),
                case_exact: case(&mut fields),
                returned: returned(&mut fields),
                pattern: pattern(texts, &mut fields),
                one_of: fields.node("one_of").map(|node| words(texts, node)).unwrap_or_default(),
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

fn kind(fields: &mut Fields<'_>) -> Option<Type> {
    Some(match fields.word("type")?.value {
        "boolean" => Type::Boolean,
        "integer" => Type::Integer,
        "decimal" => Type::Decimal,
        "dateTime" => Type::DateTime,
        "reference" => Type::Reference,
        "binary" => Type::Binary,
        _ => Type::String,
    })
}

/// `case: exact | ignored`
pub fn case(fields: &mut Fields<'_>) -> Option<bool> {
    fields.word("case").map(|word| word.value == "exact")
}

/// `returned: always | request | never` (RFC 7643 §7)
fn returned(fields: &mut Fields<'_>) -> Option<Returned> {
    Some(match fields.word("returned")?.value {
        "request" => Returned::Request,
        "never" => Returned::Never,
        _ => Returned::Always,
    })
}

fn pattern(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<Regex> {
    let found = fields.text("pattern")?;
    match Regex::new(&found.value) {
        Ok(pattern) => Some(pattern),
        Err(_) => {
            let help = "close what opens in it; a sign that stands for itself is written `[.]`";
            texts.expected(found.span, "a regular expression", &found.value, help);
            None
        }
    }
}

fn words(texts: &Texts<'_>, node: &Node) -> Vec<String> {
    let items = texts.items(node, "values").iter();
    items.filter_map(|item| Some(texts.text(item, "a value")?.value.into_owned())).collect()
}
