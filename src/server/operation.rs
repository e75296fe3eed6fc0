//! What a request is called in logs and metrics, read off its method and path.
//!
//! Before the body: a request whose body cannot be read is still told by its name. As many names as
//! there are kinds and verbs, whatever a client sends.

use crate::scim::resource_type::{ResourceType, ResourceTypes};
use http::Method;
use percent_encoding::percent_decode_str;

/// What a method does to what a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `User.patch`, `discovery.schemas`, or [`UNKNOWN`].
    pub name: String,
    /// The SCIM id in the path.
    pub resource: Option<String>,
}

/// Stands where no tenant, no client or no operation is known.
pub const UNKNOWN: &str = "-";

/// A search of all kinds.
const ACROSS: &str = "all.search";

/// The longest id that is written down; nothing that is served has a longer one.
const LONGEST: usize = 1024;

/// What a path below the base names.
enum Named<'a> {
    Nothing,
    /// The base URL itself.
    Root,
    /// `.search` below it.
    Across,
    /// RFC 7644 §3.7.
    Bulk,
    Document(&'static str),
    Standard,
    All(&'a ResourceType),
    Search(&'a ResourceType),
    One(&'a ResourceType, &'a str),
}

impl Operation {
    /// What is asked with `method` at `below`, the path under the base, percent-encoded.
    pub fn of(method: &Method, below: &str, types: &ResourceTypes) -> Self {
        let named = named(below, types);
        let verb = match (&named, method) {
            (Named::All(_), &Method::GET) | (Named::Search(_), &Method::POST) => "search",
            (Named::All(_), &Method::POST) => "create",
            (Named::One(..), &Method::GET) => "get",
            (Named::One(..), &Method::PUT) => "replace",
            (Named::One(..), &Method::PATCH) => "patch",
            (Named::One(..), &Method::DELETE) => "delete",
            _ => UNKNOWN,
        };
        let name = match &named {
            Named::All(kind) | Named::Search(kind) | Named::One(kind, _) if verb != UNKNOWN => {
                format!("{}.{verb}", kind.name)
            }
            Named::Document(name) if method == Method::GET => (*name).to_owned(),
            Named::Standard if method == Method::GET => "unserved.search".to_owned(),
            Named::Root if method == Method::GET => ACROSS.to_owned(),
            Named::Across if method == Method::POST => ACROSS.to_owned(),
            Named::Bulk if method == Method::POST => "bulk".to_owned(),
            _ => UNKNOWN.to_owned(),
        };
        let resource = match named {
            Named::One(_, id) => percent_decode_str(id).decode_utf8().ok(),
            _ => None,
        };
        let resource = resource.filter(|id| id.len() <= LONGEST).map(Into::into);
        Self { name, resource }
    }
}

impl Operation {
    /// Whether the vendor may be told to change something.
    pub fn writes(&self, method: &Method) -> bool {
        method != Method::GET && !self.searches()
    }

    /// Whether a list is asked for.
    pub fn searches(&self) -> bool {
        self.name.ends_with(".search")
    }
}

/// Endpoints that RFC 7644 §4 and §3.2 name.
const FIXED: [(&str, Named<'static>); 7] = [
    ("Bulk", Named::Bulk),
    ("ServiceProviderConfig", Named::Document("discovery.config")),
    ("ServiceProviderConfigs", Named::Document("discovery.config")),
    ("ResourceTypes", Named::Document("discovery.types")),
    ("Schemas", Named::Document("discovery.schemas")),
    ("Users", Named::Standard),
    ("Groups", Named::Standard),
];

fn named<'a>(below: &'a str, types: &'a ResourceTypes) -> Named<'a> {
    let mut segments = below.split('/').filter(|segment| !segment.is_empty());
    let (Some(endpoint), rest) = (segments.next(), segments.next()) else { return Named::Root };
    if segments.next().is_some() {
        return Named::Nothing;
    }
    if (endpoint, rest) == (".search", None) {
        return Named::Across;
    }
    let same =
        |kind: &ResourceType| kind.endpoint.trim_start_matches('/').eq_ignore_ascii_case(endpoint);
    if let Some(kind) = types.iter().find(|kind| same(kind)) {
        return match rest {
            None => Named::All(kind),
            Some(".search") => Named::Search(kind),
            Some(id) => Named::One(kind, id),
        };
    }
    let fixed = FIXED.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(endpoint));
    match (fixed, rest) {
        (Some((_, Named::Standard | Named::Bulk)), Some(_)) | (None, _) => Named::Nothing,
        (Some((_, named)), _) => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::user;
    use std::sync::Arc;

    fn types() -> ResourceTypes {
        ResourceTypes::new(vec![Arc::new(ResourceType {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: String::new(),
            schema: user(),
            extensions: vec![],
            external_id: false,
            read_only: false,
            whole: None,
        })])
    }

    #[test]
    fn a_name_is_read_off_method_and_path() {
        let long = format!("/Users/{}", "x".repeat(LONGEST + 1));
        let table = [
            ("GET", "/Users", "User.search", None),
            ("POST", "/users/", "User.create", None),
            ("POST", "/Users/.search", "User.search", None),
            ("PATCH", "/Users/a%2Fb", "User.patch", Some("a/b")),
            ("PUT", "//Users//7", "User.replace", Some("7")),
            ("GET", "/Users/7", "User.get", Some("7")),
            ("DELETE", "/Users/%ff", "User.delete", None),
            ("DELETE", long.as_str(), "User.delete", None),
            ("BREW", "/Users/7", "-", Some("7")),
            ("GET", "/Groups", "unserved.search", None),
            ("GET", "/Groups/7", "-", None),
            ("GET", "/schemas/urn:x", "discovery.schemas", None),
            ("POST", "/Schemas", "-", None),
            ("GET", "/Users/7/x", "-", None),
            ("GET", "/nonsense", "-", None),
            ("GET", "/", "all.search", None),
            ("POST", "/", "-", None),
            ("POST", "/.search", "all.search", None),
            ("GET", "/.search", "-", None),
            ("POST", "/bulk", "bulk", None),
            ("GET", "/Bulk", "-", None),
            ("POST", "/Bulk/7", "-", None),
        ];
        for (method, path, name, resource) in table {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let found = Operation::of(&method, path, &types());
            assert_eq!((&*found.name, found.resource.as_deref()), (name, resource), "{path}");
        }
    }
}
