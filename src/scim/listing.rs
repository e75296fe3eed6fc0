//! A ListResponse written as text, resource by resource (RFC 7644 §3.4.2): how many there are is told at its end.

use super::{
    dialect::Dialect,
    encode::{self, Places},
    message::{Page, Projection},
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
};
use serde::Serialize;

/// A list under way.
pub struct Listing<'a> {
    kind: &'a ResourceType,
    projection: &'a Projection,
    places: Places<'a>,
    dialect: Dialect,
    held: usize,
}

impl<'a> Listing<'a> {
    /// Of one `kind` among the `types` that are served below `base`, for a client that speaks `dialect`.
    pub fn new(
        kind: &'a ResourceType,
        types: &'a ResourceTypes,
        projection: &'a Projection,
        base: &'a str,
        dialect: Dialect,
    ) -> Self {
        Self { kind, projection, places: Places { types, base }, dialect, held: 0 }
    }

    /// Resources in it.
    pub fn held(&self) -> usize {
        self.held
    }

    /// What stands before the first resource.
    pub fn begin(&self, text: &mut Vec<u8>) {
        text.extend(br#"{"schemas":"#);
        write(text, &[self.dialect.list_schema()]);
        text.extend(br#","Resources":["#);
    }

    /// One more.
    pub fn put(&mut self, resource: Resource, text: &mut Vec<u8>) {
        if self.held > 0 {
            text.push(b',');
        }
        self.held += 1;
        let body = encode::in_list(resource, self.kind, self.projection, &self.places);
        write(text, &self.dialect.resource(body, self.places.types));
    }

    /// What stands behind the last.
    pub fn end(&self, page: Page, text: &mut Vec<u8>) {
        text.push(b']');
        for (name, value) in encode::about(page, self.held) {
            text.push(b',');
            write(text, &name);
            text.push(b':');
            write(text, &value);
        }
        text.push(b'}');
    }
}

fn write(text: &mut Vec<u8>, value: &impl Serialize) {
    // What is written here always has a text, and a Vec takes it.
    let _ = serde_json::to_writer(text, value);
}
