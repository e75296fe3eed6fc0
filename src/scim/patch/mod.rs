//! PATCH (RFC 7644 §3.5.2): the request, its paths, and what it does to a Resource.

pub mod apply;
pub mod path;
pub mod select;

use path::PatchPath;
use serde_json::Value;

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
