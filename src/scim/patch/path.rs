//! PATCH paths (RFC 7644 §3.5.2): `attrPath / valuePath [subAttr]`.

use crate::scim::{
    attribute::AttributePath,
    error::Error,
    filter::{Filter, parse::parse_path},
    reading::Reading,
};
use std::fmt;

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

impl PatchPath {
    /// Reads a path. The error is 400 invalidPath (R80; RFC 7644 §3.12) and tells where, what was found and what was expected.
    pub fn parse(text: &str, reading: &mut Reading) -> Result<Self, Error> {
        let (attribute, filter, sub) = parse_path(text, reading)?;
        Ok(Self { attribute, filter, sub })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}
