//! Bulk (RFC 7644 §3.7): many operations in one request, which may name what others of them make.

pub mod order;
pub mod reference;
pub mod request;

use super::error::Error;
use http::Method;
use serde_json::Value;

/// URN of a request.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// URN of its answer.
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// After so many errors nothing more is done; absent means that all is tried.
    pub fail_on_errors: Option<usize>,
    /// In the client's order.
    pub operations: Vec<BulkOp>,
}

/// One element of `Operations`.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkOp {
    /// As it was sent; the answer repeats it.
    pub method: String,
    /// What other operations call the resource that this one makes; the answer repeats it.
    pub bulk_id: Option<String>,
    /// What is asked, or why it cannot be: one bad operation does not spoil the others.
    pub asked: Result<BulkAsked, Error>,
}

/// What one operation asks: a request of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkAsked {
    /// POST, PUT, PATCH or DELETE.
    pub method: Method,
    /// Below the SCIM base, percent-encoded: `/Users`, `/Users/42`.
    pub path: String,
    /// The version that the resource must have, as an entity tag.
    pub version: Option<String>,
    /// The body; null for none.
    pub data: Value,
}
