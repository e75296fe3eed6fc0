//! Attribute notation (RFC 7644 §3.10): `[URN:]name[.sub]`.

/// A place in a Resource as a client or a mapping writes it; resolved against a
/// [`super::resource_type::ResourceType`] before it is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URN before the last colon, when one was written.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}
