//! What of a resource follows from the rest of it: it is served, and the resource does not hold it.

use super::{
    resource::Resource,
    resource_type::{Resolved, ResourceType},
};
use serde_json::{Map, Value};

/// What stands at a place that is derived, as it is served; nothing for places that the resource itself fills.
/// What follows from where it is told as well is not known here.
pub fn derived(resource: &Resource, kind: &ResourceType, place: &Resolved<'_>) -> Option<Value> {
    if place.extension.is_some() {
        return None;
    }
    match (place.attribute?.name.as_str(), place.sub.map(|sub| sub.name.as_str())) {
        ("schemas", None) => Some(resource.schemas(kind).collect()),
        ("meta", Some("resourceType")) => Some(Value::from(kind.name.as_str())),
        ("meta", None) => Some(Value::Object(meta(resource.as_map().get("meta").cloned(), kind))),
        _ => None,
    }
}

/// `meta` of a resource, whatever was `read` of it, as far as it is the same wherever it is told (RFC 7643
/// §3.1).
pub fn meta(read: Option<Value>, kind: &ResourceType) -> Map<String, Value> {
    let mut meta = Map::new();
    meta.insert("resourceType".to_owned(), Value::from(kind.name.as_str()));
    // R62 (RFC 7643 §3.1): when it was made and changed is what the vendor says.
    if let Some(Value::Object(read)) = read {
        meta.extend(read);
    }
    meta
}
