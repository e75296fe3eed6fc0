//! Request and Response: one SCIM exchange, without HTTP.

use super::{
    attribute::AttributePath, filter::Filter, patch::PatchOp, resource::Resource,
    unmapped::UnmappedNames,
};
use serde_json::Value;

/// URN of a list, of an empty one too (R34, R35, R39; RFC 7644 §3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// URN of a search by POST (RFC 7644 §3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Which attributes the client wants to see (RFC 7644 §3.9).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Projection {
    /// The default set.
    #[default]
    Default,
    /// `attributes=`: these, and what is always returned.
    Only(Vec<AttributePath>),
    /// `excludedAttributes=`: the default set without these.
    Except(Vec<AttributePath>),
}

/// A query over one endpoint (RFC 7644 §3.4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What to match; absent means everything.
    pub filter: Option<Filter>,
    /// 1-based (§3.4.2.4); smaller values are read as 1.
    pub start_index: usize,
    /// At most so many; absent means the server's default page.
    pub count: Option<usize>,
    /// `sortBy`, and whether descending (§3.4.2.3).
    pub sort: Option<(AttributePath, bool)>,
}

/// What is asked of one resource type.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// `GET /Users/{id}`
    Get {
        /// The SCIM id.
        id: String,
    },
    /// `GET /Users`, `POST /Users/.search`
    Search(Query),
    /// `POST /Users`
    Create(Resource),
    /// `PUT /Users/{id}`
    Replace {
        /// The SCIM id.
        id: String,
        /// The whole resource.
        resource: Resource,
    },
    /// `PATCH /Users/{id}`
    Patch {
        /// The SCIM id.
        id: String,
        /// In order.
        operations: Vec<PatchOp>,
    },
    /// `DELETE /Users/{id}`
    Delete {
        /// The SCIM id.
        id: String,
    },
}

/// A discovery document (RFC 7644 §4).
#[derive(Debug, Clone, PartialEq)]
pub enum Discovery {
    /// `/ServiceProviderConfig`
    ServiceProviderConfig,
    /// `/ResourceTypes` or one of them.
    ResourceTypes(Option<String>),
    /// `/Schemas` or one of them.
    Schemas(Option<String>),
}

/// One SCIM request.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// About resources of one type.
    Resource {
        /// Name of the ResourceType: `User`.
        kind: String,
        /// What is asked.
        action: Action,
        /// What the client wants to see of the answer.
        projection: Projection,
        /// Attributes of the body that the served schemas do not have; dropped, counted, never
        /// echoed.
        unmapped: UnmappedNames,
    },
    /// A search of `/Users` or `/Groups` where no such type is served: the list is empty, and nobody
    /// need be asked. (Okta reads `/Groups` when its credentials are tested and wants a 200.)
    Unserved(Query),
    /// About the service itself.
    Discovery(Discovery),
}

impl Request {
    /// Name of the resource type that it is about.
    pub fn kind(&self) -> Option<&str> {
        match self {
            Self::Resource { kind, .. } => Some(kind),
            Self::Unserved(_) | Self::Discovery(_) => None,
        }
    }

    /// What is asked of that type.
    pub fn action(&self) -> Option<&Action> {
        match self {
            Self::Resource { action, .. } => Some(action),
            Self::Unserved(_) | Self::Discovery(_) => None,
        }
    }

    /// What the client wants to see of the answer; discovery documents are always shown whole
    /// (RFC 7644 §4).
    pub fn projection(&self) -> &Projection {
        match self {
            Self::Resource { projection, .. } => projection,
            Self::Unserved(_) | Self::Discovery(_) => &Projection::Default,
        }
    }

    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        self.action().is_some_and(Action::writes)
    }
}

impl Action {
    /// One word for it: `get`, `search`, `create`, `replace`, `patch` or `delete`.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Get { .. } => "get",
            Self::Search(_) => "search",
            Self::Create(_) => "create",
            Self::Replace { .. } => "replace",
            Self::Patch { .. } => "patch",
            Self::Delete { .. } => "delete",
        }
    }

    /// The SCIM id in the path.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Get { id }
            | Self::Replace { id, .. }
            | Self::Patch { id, .. }
            | Self::Delete { id } => Some(id),
            Self::Search(_) | Self::Create(_) => None,
        }
    }

    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Get { .. } | Self::Search(_))
    }
}

/// What the client is told, before projection and encoding.
#[derive(Debug, Clone, PartialEq)]
pub enum Response {
    /// One resource.
    Resource {
        /// It was just made: 201.
        created: bool,
        /// Its state at the vendor, read through the mapping.
        resource: Resource,
    },
    /// A page of a list.
    List {
        /// This page, already cut.
        resources: Vec<Resource>,
        /// Of all matches; exact, or larger than the last index served.
        total: usize,
        /// The index of the first resource, 1-based.
        start_index: usize,
    },
    /// 204.
    NoContent,
    /// A discovery document.
    Document(Value),
}
