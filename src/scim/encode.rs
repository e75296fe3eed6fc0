//! Response -> status, Location, ETag and body.

use super::{
    derived,
    error::{ERROR, Error},
    message::{LIST_RESPONSE, Page, Projection, Response, Seen},
    project::project,
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
    schema::{Attribute, Schema},
    shown::visible,
    version,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

/// What goes out, but for the headers that every answer has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wire {
    /// HTTP status.
    pub status: u16,
    /// Where the one resource of the body is read; becomes `Location` (R11; RFC 7644 §3.1, §3.3) and
    /// `Content-Location` (RFC 9110 §8.7), whatever the status.
    pub location: Option<String>,
    /// The version of that resource; becomes `ETag` (RFC 7644 §3.14, R101).
    pub etag: Option<String>,
    /// JSON; `None` for 204 and 304.
    pub body: Option<Value>,
    /// Seconds; becomes `Retry-After`.
    pub retry_after: Option<u64>,
    /// Methods; becomes the `Allow` of a 405 (RFC 9110 §15.5.6).
    pub allowed: Option<&'static str>,
    /// The number under which what was asked goes on; becomes `Set-Txn` (RFC 9967 §2.5.1).
    pub transaction: Option<String>,
}

/// What an id keeps in a URL: RFC 3986 §2.3 unreserved characters.
const IN_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An answer. `kind` is the type of its resources, one of the `types` that are served; `base` is the
/// tenant's public SCIM base URL without a slash at its end.
pub fn response(
    response: Response,
    kind: Option<&ResourceType>,
    types: &ResourceTypes,
    projection: &Projection,
    base: &str,
) -> Wire {
    let places = Places { types, base };
    let one = |resource: Resource, versioned: bool| match kind {
        Some(kind) => encoded(resource, kind, projection, &places, versioned),
        None => Encoded { body: Value::Object(resource.into_map()), ..Encoded::default() },
    };
    let nothing = Wire::default();
    match response {
        Response::Resource { created, resource } => {
            let Encoded { location, etag, body } = one(resource, true);
            let status = if created { 201 } else { 200 };
            Wire { status, location, etag, body: Some(body), ..nothing }
        }
        // RFC 9110 §15.4.5: with the headers that the 200 would have, and no body.
        Response::Unchanged(resource) => {
            let Encoded { location, etag, .. } = one(resource, true);
            Wire { status: 304, location, etag, ..nothing }
        }
        Response::List { resources, page } => {
            let each = |resource| match kind {
                Some(kind) => in_list(resource, kind, projection, &places),
                None => one(resource, false).body,
            };
            let resources: Vec<_> = resources.into_iter().map(each).collect();
            let body = list(resources, page);
            Wire { status: 200, body: Some(body), ..nothing }
        }
        // RFC 7644 §3.4.2.1: each says in `meta.resourceType` what it is.
        Response::Across { resources, page } => {
            let each = |Seen { kind, projection, resource }| {
                in_list(resource, &kind, &projection, &places)
            };
            let body = list(resources.into_iter().map(each).collect(), page);
            Wire { status: 200, body: Some(body), ..nothing }
        }
        Response::NoContent => Wire { status: 204, ..nothing },
        // A document is a resource as others are (RFC 7643 §5 to §7); a list of them has no place of its own.
        Response::Document { document, unchanged } => {
            let place = document.pointer("/meta/location").and_then(Value::as_str);
            let location = place.map(str::to_owned);
            let etag = place.map(|_| version::of_document(&document));
            match unchanged {
                true => Wire { status: 304, location, etag, ..nothing },
                false => Wire { status: 200, location, etag, body: Some(document), ..nothing },
            }
        }
    }
}

/// A resource as one of a list.
pub(super) fn in_list(
    resource: Resource,
    kind: &ResourceType,
    projection: &Projection,
    places: &Places<'_>,
) -> Value {
    encoded(resource, kind, projection, places, shows_meta(projection)).body
}

/// A ListResponse (RFC 7644 §3.4.2). `Resources` is there when empty too: Okta and Entra look for it.
fn list(resources: Vec<Value>, page: Page) -> Value {
    let mut body = about(page, resources.len());
    body.insert("schemas".to_owned(), json!([LIST_RESPONSE]));
    body.insert("Resources".to_owned(), Value::Array(resources));
    Value::Object(body)
}

/// What a ListResponse says of its page; itemsPerPage is what this page holds.
pub(super) fn about(page: Page, held: usize) -> Map<String, Value> {
    let mut about = Map::new();
    let mut put = |name: &str, value: Value| about.insert(name.to_owned(), value);
    put("itemsPerPage", json!(held));
    match page {
        Page::Indexed { total, start_index } => {
            put("totalResults", json!(total));
            put("startIndex", json!(start_index));
        }
        // RFC 9865 §2: a total that nobody knows is left out, and so is `nextCursor` on the last page alone
        // (R105).
        Page::Cursored { total, next } => {
            total.map(|total| put("totalResults", json!(total)));
            next.map(|next| put("nextCursor", json!(next)));
        }
    }
    about
}

/// A failure (RFC 7644 §3.12: the status is text).
pub fn error(error: &Error) -> Wire {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([ERROR]));
    body.insert("status".to_owned(), Value::String(error.status.to_string()));
    if let Some(scim_type) = error.scim_type {
        body.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
    }
    // Whatever made the message: it is shown verbatim to a person.
    body.insert("detail".to_owned(), Value::from(visible(&error.detail)));
    Wire {
        status: error.status,
        body: Some(Value::Object(body)),
        retry_after: error.retry_after,
        transaction: error.transaction.clone(),
        allowed: error.allowed,
        ..Wire::default()
    }
}

/// A resource as the client sees it, where it is read, and its version.
#[derive(Default)]
struct Encoded {
    location: Option<String>,
    etag: Option<String>,
    body: Value,
}

fn encoded(
    mut resource: Resource,
    kind: &ResourceType,
    projection: &Projection,
    places: &Places<'_>,
    versioned: bool,
) -> Encoded {
    let location = resource.id().map(|id| url(places.base, &kind.endpoint, id));
    // Of the resource as it was read: what is asked for, and at which address, does not change it.
    let etag = versioned.then(|| version::of(&resource, kind));
    complete(&mut resource, kind, location.as_deref(), etag.as_deref(), places);
    let resource = project(resource, projection, kind);
    // RFC 7643 §3: the schemas of what is in the body.
    let schemas = resource.schemas(kind).collect::<Value>();
    let mut body = resource.into_map();
    body.insert("schemas".to_owned(), schemas);
    Encoded { location, etag, body: Value::Object(body) }
}

fn url(base: &str, endpoint: &str, id: &str) -> String {
    format!("{base}{endpoint}/{}", segment(id))
}

/// An id as a segment of a path.
pub fn segment(id: &str) -> String {
    utf8_percent_encode(id, IN_SEGMENT).to_string()
}

/// In a list a version stands in `meta` alone: where nobody sees it, none is made.
fn shows_meta(projection: &Projection) -> bool {
    match projection {
        Projection::Only(paths) => {
            paths.iter().any(|path| path.urn.is_none() && path.name == "meta")
        }
        Projection::Default | Projection::Except(_) => true,
    }
}

/// Adds what follows from the rest: `meta` (RFC 7643 §3.1) and the `$ref` of references.
fn complete(
    resource: &mut Resource,
    kind: &ResourceType,
    location: Option<&str>,
    version: Option<&str>,
    places: &Places<'_>,
) {
    for attribute in &kind.schema.attributes {
        refer(resource.as_map_mut(), attribute, places);
    }
    for Schema { id, attributes, .. } in kind.extensions.iter().map(|extension| &extension.schema) {
        if let Some(Value::Object(members)) = resource.as_map_mut().get_mut(id) {
            for attribute in attributes {
                refer(members, attribute, places);
            }
        }
    }
    let mut meta = derived::meta(resource.as_map_mut().remove("meta"), kind);
    if let Some(location) = location {
        meta.insert("location".to_owned(), Value::from(location));
    }
    if let Some(version) = version {
        meta.insert("version".to_owned(), Value::from(version));
    }
    resource.as_map_mut().insert("meta".to_owned(), Value::Object(meta));
}

/// Where resources are read.
pub(super) struct Places<'a> {
    /// Those that are served.
    pub(super) types: &'a ResourceTypes,
    /// The tenant's public SCIM base URL, without a slash at its end.
    pub(super) base: &'a str,
}

impl Places<'_> {
    /// The URL of a resource of the type `kind`, where that is served.
    fn of(&self, kind: &str, id: &str) -> Option<String> {
        self.types.by_name(kind).map(|kind| url(self.base, &kind.endpoint, id))
    }
}

/// Gives the values of a reference (RFC 7643 §2.4) their `$ref`, where it is sure what they refer to: the
/// element says its `type`, or the schema allows one only (and then the element gets it).
fn refer(members: &mut Map<String, Value>, attribute: &Attribute, places: &Places<'_>) {
    let Some(reference) = attribute.sub("$ref") else { return };
    let elements = match members.get_mut(&attribute.name) {
        Some(Value::Array(elements)) => elements.as_mut_slice(),
        Some(single) => std::slice::from_mut(single),
        None => return,
    };
    let known = reference.reference_types.as_slice();
    let implied = attribute.sub("type").and_then(|typed| Some((typed, attribute.implied(typed)?)));
    for element in elements.iter_mut().filter_map(Value::as_object_mut) {
        if let Some((typed, only)) = implied {
            element.entry(&typed.name).or_insert(Value::from(only));
        }
        let kind = match known {
            [only] => Some(only.as_str()),
            _ => element.get("type").and_then(Value::as_str),
        };
        let id = element.get("value").and_then(Value::as_str);
        let target = kind.zip(id).and_then(|(kind, id)| places.of(kind, id));
        if let Some(target) = target {
            element.entry("$ref").or_insert(Value::String(target));
        }
    }
}
