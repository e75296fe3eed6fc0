//! Dialects: the versions of SCIM that are spoken at the edge. Everything below speaks 2.0; what comes
//! in another version is translated before it is read, and the answer after it is written.

mod document;
mod patch;
mod query;
mod request;
mod response;
mod urn;

pub use request::Heard;

use super::{
    encode::Wire, error::Error, message::LIST_RESPONSE, profile::Profile,
    resource_type::ResourceTypes,
};
use http::Method;
use serde_json::Value;

/// A version of SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// RFC 7643, RFC 7644.
    #[default]
    V2,
    /// draft-scim-core-schema-01, draft-scim-api-01: Okta's on-premises agent and older apps.
    V11,
}

/// What can be done with users and groups, in the words of Okta's on-premises agent: it hides the
/// button of what is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Users can be listed.
    pub list: bool,
    /// Users can be made.
    pub create: bool,
    /// Users can be changed.
    pub update: bool,
    /// `active` can be changed.
    pub activate: bool,
    /// `password` can be changed.
    pub change_password: bool,
    /// Groups can be made and changed.
    pub groups: bool,
}

impl Dialect {
    /// What a profile's client speaks at a base path of its own.
    pub fn of(profile: Profile) -> Self {
        match profile {
            Profile::OktaOpp11 => Self::V11,
            Profile::Okta | Profile::Entra | Profile::Strict => Self::V2,
        }
    }

    /// The `Content-Type` of an answer. 1.1 knows no other JSON (draft-scim-api-01 §3.9).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V2 => "application/scim+json",
            Self::V11 => "application/json",
        }
    }

    /// A request in the shapes of 2.0. What is broken in any version passes: the reader of 2.0 says so.
    pub fn request<'a>(
        self,
        method: &Method,
        path: &'a str,
        query: Option<&'a str>,
        body: &'a [u8],
        types: &ResourceTypes,
    ) -> Result<Heard<'a>, Error> {
        match self {
            Self::V2 => Ok(Heard::unchanged(path, query, body)),
            Self::V11 => request::request(method, path, query, body, types),
        }
    }

    /// An answer of 2.0 in the client's version.
    pub fn response(
        self,
        wire: Wire,
        types: &ResourceTypes,
        abilities: impl FnOnce() -> Abilities,
    ) -> Wire {
        match self {
            Self::V2 => wire,
            Self::V11 => response::response(wire, types, abilities),
        }
    }

    /// A resource of 2.0, as one of a list in the client's version.
    pub fn resource(self, resource: Value, types: &ResourceTypes) -> Value {
        match self {
            Self::V2 => resource,
            Self::V11 => response::one(resource, types),
        }
    }

    /// The schema of such a list.
    pub fn list_schema(self) -> &'static str {
        match self {
            Self::V2 => LIST_RESPONSE,
            Self::V11 => response::LIST,
        }
    }

    /// An error that nothing of a tenant's is needed for.
    pub fn error(self, wire: Wire) -> Wire {
        self.response(wire, &ResourceTypes::default(), Abilities::default)
    }
}
