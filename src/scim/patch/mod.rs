//! PATCH (RFC 7644 §3.5.2): the request, its paths, and what it does to a Resource.

pub mod apply;
pub mod edit;
pub mod members;
pub mod path;
pub mod request;
pub mod select;

use super::{attribute::AttributePath, resource_type::ResourceType};
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

impl PatchOp {
    /// Whether it changes nothing but one core attribute of a kind, or parts of it.
    pub fn is_about(&self, attribute: &str, kind: &ResourceType) -> bool {
        let names = |path: &AttributePath| {
            let found = kind.canonical(path);
            found.is_some_and(|found| found.urn.is_none() && found.name == attribute)
        };
        match (&self.path, &self.value) {
            (Some(path), _) => names(&path.attribute),
            (None, Some(Value::Object(members))) => {
                let named =
                    |name: &String| AttributePath::parse(name).is_ok_and(|path| names(&path));
                !members.is_empty() && members.keys().all(named)
            }
            (None, _) => false,
        }
    }
}
