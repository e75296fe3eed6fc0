//! The profile for Okta's Schemas API: what `POST /api/v1/meta/schemas/apps/{appId}/default` adds to an app.

use super::{Entry, Kind, Profile, word};
use serde_json::{Map, Value, json};

/// The body of the request. What an app has from the start is not in it: Okta refuses a second one of that name.
pub fn schema(profile: &Profile) -> Value {
    let added = profile.entries.iter().filter(|entry| !entry.known);
    let properties: Map<String, Value> =
        added.map(|entry| (entry.variable.clone(), property(entry))).collect();
    json!({ "definitions": { "custom": { "id": "#custom", "type": "object", "properties": properties } } })
}

fn property(entry: &Entry) -> Value {
    let mut property = json!({
        "title": entry.title,
        "type": match entry.kind {
            Kind::String => "string",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Texts => "array",
        },
        "externalName": entry.external_name,
        "externalNamespace": entry.namespace,
        "required": entry.required,
        "mutability": word(entry.mutability),
        "scope": if entry.by_group() { "NONE" } else { "SELF" },
    });
    let Some(members) = property.as_object_mut() else { return property };
    if !entry.about.is_empty() {
        members.insert("description".into(), entry.about.as_str().into());
    }
    let choices = || entry.values.iter().map(|value| json!({ "const": value, "title": value }));
    match (entry.kind, entry.values.is_empty()) {
        (Kind::Texts, true) => {
            members.insert("items".into(), json!({ "type": "string" }));
        }
        (Kind::Texts, false) => {
            let one_of: Vec<Value> = choices().collect();
            let items = json!({ "type": "string", "enum": entry.values, "oneOf": one_of });
            members.insert("items".into(), items);
        }
        (_, true) => {}
        (_, false) => {
            members.insert("enum".into(), json!(entry.values));
            members.insert("oneOf".into(), choices().collect());
        }
    }
    property
}
