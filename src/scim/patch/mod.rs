//! PATCH (RFC 7644 §3.5.2): the request, its paths, and what it does to a Resource.

pub mod apply;
pub mod budget;
pub mod edit;
pub mod members;
pub mod path;
pub mod request;
pub mod select;

use path::PatchPath;
use serde_json::Value;
use std::fmt;

/// URN of a PATCH body.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What one element of `Operations` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatchKind {
    /// Add or append.
    Add,
    /// Unassign.
    Remove,
    /// Set.
    Replace,
}

impl PatchKind {
    /// As it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

impl fmt::Display for PatchKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One element of `Operations`.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchOp {
    /// What it does.
    pub kind: PatchKind,
    /// Where; absent means the resource itself.
    pub path: Option<PatchPath>,
    /// With what.
    pub value: Option<Value>,
}
