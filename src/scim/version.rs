//! The version of a resource: its entity tag (RFC 7644 §3.14, R101).
//!
//! A vendor rarely has one, so it is made of what the resource is. It is a check that nobody changed
//! the resource since it was read, and no lock: between check and write the vendor itself may change it.

use super::{hash::Hash, resource::Resource, resource_type::ResourceType, schema::Returned};
use serde_json::Value;

/// The resource's entity tag, as it stands in `ETag` and in `meta.version`: the vendor's own where the
/// mapping reads `meta.version`, else made of everything that may be returned. The same for the same
/// resource in every process and at every address; weak, because two texts may say the same.
pub fn of(resource: &Resource, kind: &ResourceType) -> String {
    let own = resource.as_map().get("meta").and_then(|meta| meta.get("version"));
    match own.and_then(Value::as_str) {
        Some(own) if is_tag(own) => own.to_owned(),
        Some(own) if own.bytes().all(is_etagc) => format!("W/\"{own}\""),
        Some(own) => weak(Hash::new().and(own.as_bytes())),
        None => weak(hash(resource, kind)),
    }
}

/// The entity tag of a discovery document: of all that it says.
pub fn of_document(document: &Value) -> String {
    weak(value_of(Hash::new(), document))
}

/// What stands between the quotes of an entity tag; nothing when it is none (RFC 9110 §8.8.3).
pub fn opaque(tag: &str) -> Option<&str> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    inner.bytes().all(is_etagc).then_some(inner)
}

fn is_tag(text: &str) -> bool {
    opaque(text).is_some()
}

/// RFC 9110 §8.8.3; what is not ASCII is left out, or no HTTP library would pass it on.
fn is_etagc(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x7e)
}

fn weak(hash: Hash) -> String {
    format!("W/\"{:016x}\"", hash.mixed())
}

/// What is never returned is left out: nobody shall guess at it by the tag (X5).
fn hash(resource: &Resource, kind: &ResourceType) -> Hash {
    let core = kind.core_attributes().filter(|each| each.returned == Returned::Never);
    let hidden: Vec<&str> = core.map(|each| each.name.as_str()).collect();
    let shown = resource.as_map().iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
    members(Hash::new(), shown)
}

fn members<'a>(hash: Hash, members: impl Iterator<Item = (&'a String, &'a Value)>) -> Hash {
    // The names of a map are sorted, whatever made it.
    let each = |hash: Hash, (name, value): (&String, &Value)| {
        value_of(hash.and_marked(NAME, name.as_bytes()), value)
    };
    members.fold(hash, each).and_marked(END, b"")
}

fn value_of(hash: Hash, value: &Value) -> Hash {
    match value {
        Value::Null => hash.and_marked(NULL, b""),
        Value::Bool(value) => hash.and_marked(BOOLEAN, &[u8::from(*value)]),
        Value::Number(number) => hash.and_marked(NUMBER, number.as_str().as_bytes()),
        Value::String(text) => hash.and_marked(TEXT, text.as_bytes()),
        // RFC 7643 §2.4 gives lists no order, and some vendors give another one each time.
        Value::Array(elements) => {
            let each = elements.iter().map(|element| value_of(Hash::new(), element).mixed());
            let sum = each.fold(0_u64, u64::wrapping_add);
            hash.and_marked(LIST, &sum.to_be_bytes())
        }
        Value::Object(inner) => members(hash, inner.iter()),
    }
}

/// What a piece is, so that `1` and `"1"` differ, and `a` as a name and as a text.
const NAME: u8 = 1;
const END: u8 = 2;
const NULL: u8 = 3;
const BOOLEAN: u8 = 4;
const NUMBER: u8 = 5;
const TEXT: u8 = 6;
const LIST: u8 = 7;
