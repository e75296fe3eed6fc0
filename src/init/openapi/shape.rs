//! A schema as the fields that a record of it has, those of inner objects too.

use super::part::Part;
use serde_json::Value;
use std::ptr;

/// Objects in objects that are looked into: `data.attributes.address.city` is as far as vendors go.
const DEEPEST: usize = 4;
/// Fields of one schema in all. A circle of references ends at the depth; this bounds its width.
const MOST: usize = 2_000;
/// Schemas that one is made of by `allOf` and its like.
const MOST_PARTS: usize = 64;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Other fields; they follow in the list.
    Object,
    /// A list of texts.
    Texts,
    /// A list of objects.
    Objects,
    /// Anything else.
    Other,
}

/// One field of a record.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// The names that lead to it.
    pub path: Vec<&'a str>,
    /// What it holds.
    pub kind: Kind,
    /// `email`, `date-time`, or nothing.
    pub format: &'a str,
    /// The texts that it can be, where they are listed.
    pub options: Vec<&'a str>,
    /// It cannot be written.
    pub read_only: bool,
    /// It is never read.
    pub write_only: bool,
    /// It must be there.
    pub required: bool,
    /// What the vendor takes when it is not sent.
    pub default: Option<&'a Value>,
    /// An example.
    pub example: Option<&'a Value>,
    /// The fields of the elements of a list of objects.
    pub within: Vec<Field<'a>>,
    /// Where the document says so.
    pub place: String,
}

/// The fields of a schema, outer before inner.
pub fn shape<'a>(schema: &Part<'a>) -> Vec<Field<'a>> {
    let mut left = MOST;
    fields(schema, &[], 0, true, &mut left)
}

fn fields<'a>(
    schema: &Part<'a>,
    above: &[&'a str],
    depth: usize,
    needed: bool,
    left: &mut usize,
) -> Vec<Field<'a>> {
    let mut found: Vec<Field<'a>> = Vec::new();
    let mut schemas = Vec::new();
    if depth >= DEEPEST {
        return found;
    }
    let parts = parts(schema);
    let must: Vec<&str> = parts.iter().flat_map(required).collect();
    for part in &parts {
        let raw = part.value.get("properties");
        let properties = part.get("properties").map(|all| all.members()).unwrap_or_default();
        for (name, mut property) in properties {
            if *left == 0 || !schema.may_look() {
                break;
            }
            *left -= 1;
            let path = [above, &[name]].concat();
            if !is_name(name) || found.iter().any(|one| one.path == path) {
                continue;
            }
            // A field stands in its record; the word between them is the language's.
            if property.place == format!("{}.properties.{name}", part.place) {
                property.place = format!("{}.{name}", part.place);
            }
            // What stands beside a reference holds for this field alone.
            let beside = raw.and_then(|raw| raw.get(name));
            let says = |word: &str| {
                let beside = beside.and_then(|value| value.get(word)).and_then(Value::as_bool);
                beside == Some(true) || property.says(word)
            };
            found.push(Field {
                read_only: says("readOnly"),
                write_only: says("writeOnly"),
                required: needed && must.contains(&name),
                place: format!("{}.{name}", part.place),
                ..field(&property, path)
            });
            schemas.push(property);
        }
    }
    // Inner fields after all outer ones: what bounds their number leaves out the deepest.
    let mut inner = Vec::new();
    for (field, schema) in found.iter_mut().zip(&schemas) {
        match field.kind {
            Kind::Object => {
                inner.extend(fields(schema, &field.path, depth + 1, field.required, left));
            }
            Kind::Objects => {
                let element = element(schema);
                let within = element.map(|element| fields(&element, &[], depth + 1, false, left));
                field.within = within.unwrap_or_default();
            }
            _ => {}
        }
    }
    found.extend(inner);
    found
}

/// What a schema says of the value itself.
fn field<'a>(schema: &Part<'a>, path: Vec<&'a str>) -> Field<'a> {
    let parts = parts(schema);
    let member = |name: &str| parts.iter().find_map(|part| part.value.get(name));
    let options = member("enum").and_then(Value::as_array).into_iter().flatten();
    let options = options.chain(member("const")).filter_map(Value::as_str);
    let first = member("examples").and_then(|examples| examples.get(0));
    Field {
        kind: kind(schema),
        format: member("format").and_then(Value::as_str).unwrap_or_default(),
        options: options.collect(),
        read_only: false,
        write_only: false,
        required: false,
        default: member("default").filter(|value| !value.is_null()),
        example: member("example").or(first).filter(|value| !value.is_null()),
        within: Vec::new(),
        place: String::new(),
        path,
    }
}

/// The schemas that a schema is made of, itself first. Of alternatives the first that is not null
/// counts: records of several forms are for a person to tell apart.
fn parts<'a>(schema: &Part<'a>) -> Vec<Part<'a>> {
    let mut found = vec![schema.clone()];
    let mut at = 0;
    while let Some(part) = found.get(at).cloned() {
        at += 1;
        let room = MOST_PARTS.saturating_sub(found.len());
        let all = part.get("allOf").map(|all| all.first(room)).unwrap_or_default();
        let one = ["oneOf", "anyOf"].iter().find_map(|word| {
            let choices = part.get(word)?.first(MOST_PARTS);
            choices.into_iter().find(|choice| choice.text("type") != Some("null"))
        });
        for part in all.into_iter().chain(one) {
            // A schema that is made of itself is no more than it is.
            if found.len() < MOST_PARTS && found.iter().all(|one| !ptr::eq(one.value, part.value)) {
                found.push(part);
            }
        }
    }
    found
}

/// The kind of a schema's values.
pub fn kind(schema: &Part<'_>) -> Kind {
    let parts = parts(schema);
    match parts.iter().find_map(type_of).unwrap_or_default() {
        "string" => Kind::Text,
        "integer" | "number" => Kind::Number,
        "boolean" => Kind::Boolean,
        "object" => Kind::Object,
        "array" => match element(schema).as_ref().map(kind_of_element) {
            Some(Kind::Text) => Kind::Texts,
            Some(Kind::Object) => Kind::Objects,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}

/// Lists of lists are none of ours, so this never goes deeper.
fn kind_of_element(schema: &Part<'_>) -> Kind {
    match parts(schema).iter().find_map(type_of).unwrap_or_default() {
        "string" => Kind::Text,
        "object" => Kind::Object,
        _ => Kind::Other,
    }
}

/// The schema of a list's elements.
pub fn element<'a>(schema: &Part<'a>) -> Option<Part<'a>> {
    parts(schema).iter().find_map(|part| part.get("items"))
}

fn type_of<'a>(part: &Part<'a>) -> Option<&'a str> {
    let named = match part.value.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        // 3.1: a list of types, of which `null` says only that it may be absent.
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null")
        }
        _ => None,
    };
    let meant = [("properties", "object"), ("items", "array"), ("enum", "string")];
    let meant = meant.iter().find(|(key, _)| part.value.get(key).is_some());
    named.or(meant.map(|(_, name)| *name))
}

fn required<'a>(part: &Part<'a>) -> Vec<&'a str> {
    let names = part.value.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).collect()
}

/// Names that can stand in a path and on a line.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && !name.chars().any(|c| c.is_control() || c == '"')
}
