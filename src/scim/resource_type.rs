//! A kind of resource that is served: endpoint, core schema, extensions (RFC 7643 §6).

use super::schema::{Attribute, Schema};

/// A schema that adds attributes under its own URN.
#[derive(Debug, Clone)]
pub struct Extension {
    /// The schema.
    pub schema: Schema,
    /// Every resource must carry it.
    pub required: bool,
}

/// One kind of resource.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// `User`; also the id.
    pub name: String,
    /// `/Users`.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// The core schema: only what is served, so discovery never promises more.
    pub schema: Schema,
    /// Extensions.
    pub extensions: Vec<Extension>,
    /// Whether `externalId` is served (a common attribute, RFC 7643 §3.1).
    pub external_id: bool,
}

/// An attribute path found in a [`ResourceType`].
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    /// The extension it stands in; `None` for core and common attributes.
    pub extension: Option<&'a Schema>,
    /// The attribute; `None` when the path is the extension's URN alone.
    pub attribute: Option<&'a Attribute>,
    /// The sub-attribute.
    pub sub: Option<&'a Attribute>,
}
