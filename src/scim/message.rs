//! Request and Response: one SCIM exchange, without HTTP.

use super::{
    attribute::AttributePath, bulk::Bulk, filter::Filter, patch::PatchOp, resource::Resource,
    resource_type::ResourceType, sort::Sort, unmapped::UnmappedNames,
};
use serde_json::Value;
use std::sync::Arc;

/// URN of a list, of an empty one too (R34, R35, R39; RFC 7644 §3.4.2, §3.4.2.4).
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
    /// Where the page begins.
    pub start: Start,
    /// At most so many; absent means the server's default page.
    pub count: Option<usize>,
    /// How the matches are sorted (§3.4.2.3); absent means in the vendor's order.
    pub sort: Option<Sort>,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// `startIndex`, 1-based (RFC 7644 §3.4.2.4); smaller values are read as 1. The default.
    Index(usize),
    /// `cursor`; empty for the first page (RFC 9865 §2).
    Cursor(String),
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

/// A search of all kinds at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Across {
    /// What the client says, in its own spelling.
    pub query: Query,
    /// The same for each kind of which something can match.
    pub parts: Vec<Part>,
}

/// What a search of all kinds asks of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Name of the ResourceType: `User`.
    pub kind: String,
    /// What to match; absent means everything.
    pub filter: Option<Filter>,
    /// What the client wants to see of it.
    pub projection: Arc<Projection>,
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
    /// `POST /.search`, `GET /?filter=...` (RFC 7644 §3.4.2.1, §3.4.3).
    Across(Across),
    /// `POST /Bulk` (RFC 7644 §3.7).
    Bulk(Bulk),
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
            Self::Across(_) | Self::Bulk(_) | Self::Unserved(_) | Self::Discovery(_) => None,
        }
    }

    /// What is asked of that type.
    pub fn action(&self) -> Option<&Action> {
        match self {
            Self::Resource { action, .. } => Some(action),
            Self::Across(_) | Self::Bulk(_) | Self::Unserved(_) | Self::Discovery(_) => None,
        }
    }

    /// What the client wants to see of the answer; discovery documents are always shown whole
    /// (RFC 7644 §4).
    pub fn projection(&self) -> &Projection {
        match self {
            Self::Resource { projection, .. } => projection,
            Self::Across(_) | Self::Bulk(_) | Self::Unserved(_) | Self::Discovery(_) => {
                &Projection::Default
            }
        }
    }

    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        matches!(self, Self::Bulk(_)) || self.action().is_some_and(Action::writes)
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

/// A resource among others of other kinds.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it is.
    pub kind: Arc<ResourceType>,
    /// What the client wants to see of it.
    pub projection: Arc<Projection>,
    /// Its state at the vendor, read through the mapping.
    pub resource: Resource,
}

/// Where a page stands in its list, in the words that it was asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// RFC 7644 §3.4.2.4.
    Indexed {
        /// Of all matches; exact, or larger than the last index served.
        total: usize,
        /// The index of the first resource, 1-based.
        start_index: usize,
    },
    /// RFC 9865 §2.
    Cursored {
        /// Of all matches, where it is known.
        total: Option<usize>,
        /// Where the next page begins; none when this is the last.
        next: Option<String>,
    },
}

/// What the client is told, before projection and encoding.
#[derive(Debug, Clone)]
pub enum Response {
    /// One resource.
    Resource {
        /// It was just made: 201.
        created: bool,
        /// Its state at the vendor, read through the mapping.
        resource: Resource,
    },
    /// The client has its version already: 304.
    Unchanged(Resource),
    /// A page of a list.
    List {
        /// This page, already cut.
        resources: Vec<Resource>,
        /// Where it stands in the list.
        page: Page,
    },
    /// A page of a list of several kinds.
    Across {
        /// This page, already cut.
        resources: Vec<Seen>,
        /// Where it stands in the list.
        page: Page,
    },
    /// 204.
    NoContent,
    /// A discovery document.
    Document {
        /// One, or a list of them.
        document: Value,
        /// The client has its version already: 304.
        unchanged: bool,
    },
}
