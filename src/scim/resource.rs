//! The JSON of one resource in canonical form.

use serde_json::{Map, Value};

/// A SCIM resource. INVARIANT: a JSON object whose attribute names are in the schema's spelling,
/// with extension attributes under their URN, and without unassigned members (absent, null, `""`
/// and `[]` are one thing: RFC 7643 §2.5). `schemas` and `meta` are made when it is encoded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resource(Map<String, Value>);
