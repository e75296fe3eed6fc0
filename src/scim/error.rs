//! What a SCIM client is told when its request cannot be served (RFC 7644 §3.12).

use super::shown::cut;

/// URN of an error message.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The detail keyword of a 400 or 409 (RFC 7644 table 9, RFC 9865 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter does not parse, or compares what cannot be compared.
    InvalidFilter,
    /// The filter yields more than the server is willing to compute.
    TooMany,
    /// A unique value is taken.
    Uniqueness,
    /// A readOnly or immutable attribute would change.
    Mutability,
    /// The body is not the JSON that was asked for.
    InvalidSyntax,
    /// The PATCH path does not parse or names no attribute.
    InvalidPath,
    /// The PATCH path selects nothing.
    NoTarget,
    /// A value is missing or of the wrong type.
    InvalidValue,
    /// The protocol version is not spoken here.
    InvalidVers,
    /// The request would carry sensitive data in a URI.
    Sensitive,
    /// The cursor is none that this search gave.
    InvalidCursor,
    /// A page is asked for with another count than the first.
    InvalidCount,
}

impl ScimType {
    /// As it stands in an error message.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A failure as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// HTTP status.
    pub status: u16,
    /// Detail keyword, where RFC 7644 defines one.
    pub scim_type: Option<ScimType>,
    /// For the person who reads the client's log: lower case, what was found, what was expected.
    pub detail: String,
    /// Seconds; becomes `Retry-After`.
    pub retry_after: Option<u64>,
    /// Methods; becomes the `Allow` of a 405 (RFC 9110 §15.5.6).
    pub allowed: Option<&'static str>,
    /// What was asked is journalled under this number, and goes on; becomes `Set-Txn` (RFC 9967 §2.5.1).
    pub transaction: Option<String>,
}

impl Error {
    /// An error without a detail keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
            retry_after: None,
            allowed: None,
            transaction: None,
        }
    }

    /// A 400 with its detail keyword.
    pub fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::new(400, detail) }
    }

    /// The resource does not exist (R07, R65; RFC 7644 §3.5.2, §3.12: 404).
    pub fn not_found(id: &str) -> Self {
        Self::new(404, format!("resource `{}` not found", cut(id)))
    }

    /// A unique value is taken (R18, R61; RFC 7644 §3.3, §3.5.1: 409 uniqueness).
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self { scim_type: Some(ScimType::Uniqueness), ..Self::new(409, detail) }
    }

    /// Says that what was asked goes on under this number.
    pub fn journalled_as(mut self, number: String) -> Self {
        self.transaction = Some(number);
        self
    }

    /// Says when to come back.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}
