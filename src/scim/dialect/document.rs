//! The discovery documents of 1.1 (draft-scim-core-schema-01 §9, §10), made of those of 2.0.

use super::{Abilities, urn};
use crate::scim::resource_type::ResourceTypes;
use serde_json::{Map, Value, json};

/// What Okta adds to the configuration of the service.
const OKTA_CONFIG: &str = "urn:okta:schemas:scim:providerconfig:1.0";

/// `/ServiceProviderConfigs`.
pub fn config(mut members: Map<String, Value>, abilities: Abilities) -> Value {
    put(&mut members, "schemas", json!([urn::CORE, OKTA_CONFIG]));
    put(&mut members, "xmlDataFormat", json!({ "supported": false }));
    // What is of 2.0 alone here.
    members.remove("pagination");
    let bulk = json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 });
    put(&mut members, "bulk", bulk);
    let schemes = members.get_mut("authenticationSchemes").and_then(Value::as_array_mut);
    for scheme in schemes.into_iter().flatten().filter_map(Value::as_object_mut) {
        rename(scheme, "specUri", "specUrl");
    }
    plural(&mut members);
    let capabilities = json!({ "userManagementCapabilities": capabilities(abilities) });
    put(&mut members, OKTA_CONFIG, capabilities);
    Value::Object(members)
}

/// The place of the document: 1.1 writes its endpoint in the plural.
fn plural(members: &mut Map<String, Value>) {
    let Some(Value::Object(meta)) = members.get_mut("meta") else { return };
    meta.remove("resourceType");
    if let Some(Value::String(location)) = meta.get_mut("location")
        && location.ends_with("/ServiceProviderConfig")
    {
        location.push('s');
    }
}

/// In Okta's words.
fn capabilities(abilities: Abilities) -> Vec<&'static str> {
    let Abilities { list, create, update, activate, change_password, groups } = abilities;
    [
        ("GROUP_PUSH", groups),
        ("IMPORT_NEW_USERS", list),
        ("IMPORT_PROFILE_UPDATES", list),
        ("PUSH_NEW_USERS", create),
        ("PUSH_PASSWORD_UPDATES", change_password),
        ("PUSH_PENDING_USERS", create),
        ("PUSH_PROFILE_UPDATES", update),
        ("PUSH_USER_DEACTIVATION", activate),
        ("REACTIVATE_USERS", activate),
    ]
    .into_iter()
    .filter_map(|(word, can)| can.then_some(word))
    .collect()
}

/// `/Schemas/...`: 1.1 says of each attribute which schema it is of, and of the schema where its resources
/// are.
pub fn schema(mut members: Map<String, Value>, types: &ResourceTypes) -> Value {
    let id = members.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut kinds = types.iter();
    let endpoint = kinds.find(|kind| kind.schemas().any(|schema| schema.id == id));
    if let Some(kind) = endpoint {
        put(&mut members, "endpoint", json!(kind.endpoint));
    }
    let schema = urn::outward(&id).to_owned();
    located(&mut members, &id, &urn::document_id(&id));
    put(&mut members, "schemas", json!([urn::CORE]));
    put(&mut members, "id", json!(urn::document_id(&id)));
    put(&mut members, "schema", json!(schema));
    attributes(members.get_mut("attributes"), &schema);
    Value::Object(members)
}

/// `/ResourceTypes/...`, which 1.1 does not have and Okta's suite for 1.1 reads.
pub fn resource_type(mut members: Map<String, Value>) -> Value {
    put(&mut members, "schemas", json!([urn::CORE]));
    let extensions = members.get_mut("schemaExtensions").and_then(Value::as_array_mut);
    let extensions = extensions.into_iter().flatten().filter_map(|each| each.get_mut("schema"));
    for urn in extensions {
        *urn = json!(urn::document_id(urn.as_str().unwrap_or_default()));
    }
    if let Some(schema) = members.get_mut("schema") {
        *schema = json!(urn::document_id(schema.as_str().unwrap_or_default()));
    }
    if let Some(Value::Object(meta)) = members.get_mut("meta") {
        meta.remove("resourceType");
    }
    Value::Object(members)
}

fn located(members: &mut Map<String, Value>, from: &str, to: &str) {
    let Some(Value::Object(meta)) = members.get_mut("meta") else { return };
    meta.remove("resourceType");
    if let Some(Value::String(location)) = meta.get_mut("location") {
        *location = location.replace(from, to);
    }
}

/// draft-scim-core-schema-01 §10: `readOnly` and no more of what an attribute may do.
fn attributes(attributes: Option<&mut Value>, schema: &str) {
    let attributes = attributes.and_then(Value::as_array_mut).into_iter().flatten();
    for members in attributes.filter_map(Value::as_object_mut) {
        let mutability = members.remove("mutability");
        put(members, "readOnly", json!(mutability == Some(json!("readOnly"))));
        put(members, "schema", json!(schema));
        for two in ["returned", "uniqueness", "referenceTypes"] {
            members.remove(two);
        }
        if members.get("type") == Some(&json!("reference")) {
            put(members, "type", json!("string"));
        }
        self::attributes(members.get_mut("subAttributes"), schema);
    }
}

fn rename(members: &mut Map<String, Value>, from: &str, to: &str) {
    if let Some(value) = members.remove(from) {
        put(members, to, value);
    }
}

fn put(members: &mut Map<String, Value>, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}
