//! PATCH paths (RFC 7644 §3.5.2): `attrPath / valuePath [subAttr]`.

use crate::scim::{attribute::AttributePath, filter::Filter};

/// A place that a PatchOp changes.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute; with `filter`, `sub` of this path is empty and [`PatchPath::sub`] is used.
    pub attribute: AttributePath,
    /// `[…]`: which elements.
    pub filter: Option<Filter>,
    /// `.sub` behind `]`.
    pub sub: Option<String>,
}
