//! An answer of 2.0 in the shapes of 1.1 (draft-scim-core-schema-01, draft-scim-api-01 §3).

use super::{Abilities, document, urn};
use crate::scim::{
    discovery::{RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG},
    encode::Wire,
    error::ERROR,
    message::LIST_RESPONSE,
    resource_type::ResourceTypes,
    schema::ENTERPRISE_USER,
};
use serde_json::{Map, Value, json};

/// The answer in 1.1.
pub fn response(wire: Wire, types: &ResourceTypes, abilities: impl FnOnce() -> Abilities) -> Wire {
    let (mut location, mut etag) = (wire.location, wire.etag);
    let body = wire.body.map(|body| match body {
        Value::Object(members) if is(&members, SERVICE_PROVIDER_CONFIG) => {
            // Its version would be that of the document of 2.0, which says less.
            etag = None;
            moved(document::config(members, abilities()), &mut location)
        }
        Value::Object(members) if is_document(&members) => {
            moved(one(Value::Object(members), types), &mut location)
        }
        Value::Object(members) if is(&members, ERROR) => error(&members),
        Value::Object(members) if is(&members, LIST_RESPONSE) => list(members, types),
        other => one(other, types),
    });
    Wire { body, location, etag, ..wire }
}

/// A document of 1.1, which stands where it says.
fn moved(document: Value, location: &mut Option<String>) -> Value {
    let place = document.pointer("/meta/location").and_then(Value::as_str);
    *location = place.map(str::to_owned);
    document
}

fn is(members: &Map<String, Value>, urn: &str) -> bool {
    let schemas = members.get("schemas").and_then(Value::as_array);
    schemas.is_some_and(|urns| urns.iter().any(|each| each == urn))
}

/// draft-scim-api-01 §3.10; `detail` beside it because Okta's suite reads it in either version.
fn error(members: &Map<String, Value>) -> Value {
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let detail = urn::in_words(text("detail"));
    json!({ "Errors": [{ "description": detail, "code": text("status") }], "detail": detail })
}

/// The schema of a list of resources.
pub const LIST: &str = urn::CORE;

/// draft-scim-api-01 §3.2.2.
fn list(mut members: Map<String, Value>, types: &ResourceTypes) -> Value {
    let mut schemas = vec![LIST.to_owned()];
    if let Some(Value::Array(resources)) = members.get_mut("Resources") {
        let documents = |each: &Value| each.as_object().is_some_and(is_document);
        // Okta's suite looks for a URN of its own in lists of documents, which 1.1 has none of.
        if resources.iter().any(documents) {
            schemas.push(format!("{}:ListResponse", urn::CORE));
        }
        for resource in resources {
            *resource = one(resource.take(), types);
        }
    }
    members.insert("schemas".to_owned(), json!(schemas));
    Value::Object(members)
}

fn is_document(members: &Map<String, Value>) -> bool {
    is(members, SCHEMA) || is(members, RESOURCE_TYPE)
}

/// A resource, or a document that stands in a list.
pub fn one(value: Value, types: &ResourceTypes) -> Value {
    match value {
        Value::Object(members) if is(&members, SCHEMA) => document::schema(members, types),
        Value::Object(members) if is(&members, RESOURCE_TYPE) => document::resource_type(members),
        Value::Object(members) => resource(members),
        other => other,
    }
}

fn resource(members: Map<String, Value>) -> Value {
    let mut made = Map::with_capacity(members.len());
    for (key, mut value) in members {
        match (key.as_str(), &mut value) {
            ("schemas", Value::Array(urns)) => {
                let urns: Vec<_> =
                    urns.iter().filter_map(Value::as_str).map(urn::outward).collect();
                made.insert(key, json!(urns));
                continue;
            }
            // 2.0 alone says there what the resource is.
            ("meta", Value::Object(meta)) => {
                meta.remove("resourceType");
            }
            (ENTERPRISE_USER, Value::Object(extension)) => manager(extension),
            _ => {}
        }
        without_references(&mut value);
        made.insert(urn::outward(&key).to_owned(), value);
    }
    Value::Object(made)
}

/// 1.1's manager is told by `managerId`.
fn manager(extension: &mut Map<String, Value>) {
    if let Some(Value::Object(manager)) = extension.get_mut("manager")
        && let Some(id) = manager.remove("value")
    {
        manager.insert("managerId".to_owned(), id);
    }
}

/// 1.1 has no `$ref`.
fn without_references(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(without_references),
        Value::Object(members) => {
            members.remove("$ref");
            members.values_mut().for_each(without_references);
        }
        _ => {}
    }
}
