//! A request of 1.1 in the shapes of 2.0 (draft-scim-api-01 §3).

use super::{patch, query, urn};
use crate::scim::{
    error::{Error, ScimType},
    repeated,
    resource_type::{ResourceType, ResourceTypes},
    shown::cut,
};
use http::Method;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// What a request says, in 2.0.
#[derive(Debug, PartialEq)]
pub struct Heard<'a> {
    /// Below the SCIM base.
    pub path: Cow<'a, str>,
    /// Behind the question mark.
    pub query: Option<Cow<'a, str>>,
    /// JSON, or nothing.
    pub body: Cow<'a, [u8]>,
}

impl<'a> Heard<'a> {
    /// It is 2.0 already.
    pub fn unchanged(path: &'a str, query: Option<&'a str>, body: &'a [u8]) -> Self {
        Self { path: path.into(), query: query.map(Into::into), body: body.into() }
    }
}

/// The request in 2.0. The error is 400 invalidSyntax: a body that follows another version is not guessed at,
/// or a PATCH of 2.0 would be one of 1.1 that changes nothing.
pub fn request<'a>(
    method: &Method,
    path: &'a str,
    query: Option<&'a str>,
    body: &'a [u8],
    types: &ResourceTypes,
) -> Result<Heard<'a>, Error> {
    let mut heard = Heard::unchanged(path, query, body);
    heard.query = query.map(query::inward);
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let (Some(endpoint), below) = (segments.next(), segments.next()) else { return Ok(heard) };
    if let (true, Some(schema)) = (endpoint.eq_ignore_ascii_case("Schemas"), below) {
        if let Some(id) = schema_id(schema, types) {
            heard.path = Cow::Owned(format!("/Schemas/{id}"));
        }
        return Ok(heard);
    }
    if endpoint.eq_ignore_ascii_case("Bulk") {
        // Its operations would be of 1.1 too: the service says that it has none.
        return Err(Error::new(501, "`/Bulk` is not offered in SCIM 1.1: use 2.0 at `/scim/v2`"));
    }
    let Some(kind) = types.by_endpoint(endpoint).filter(|_| below != Some(".search")) else {
        return Ok(heard);
    };
    if matches!(*method, Method::POST | Method::PUT | Method::PATCH)
        && let Ok(Value::Object(members)) = serde_json::from_slice(without_mark(body))
    {
        // What is written anew below has each name once.
        repeated::refuse(without_mark(body))?;
        let members = match *method {
            Method::PATCH => patch::inward(named(members, kind)?),
            _ => named(members, kind)?,
        };
        heard.body = Cow::Owned(Value::Object(members).to_string().into_bytes());
    }
    Ok(heard)
}

/// A byte order mark says nothing (RFC 8259 §8.1).
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// The id in 2.0 of a schema that is asked for by its URN, or by the endpoint of its kind
/// (draft-scim-api-01 §3.1).
fn schema_id(asked: &str, types: &ResourceTypes) -> Option<String> {
    if let Some(kind) = types.by_endpoint(asked) {
        return Some(kind.schema.id.clone());
    }
    let mut schemas = types.iter().flat_map(|kind| kind.schemas());
    let schema = schemas.find(|schema| urn::document_id(&schema.id).eq_ignore_ascii_case(asked))?;
    Some(schema.id.clone())
}

/// A resource whose schemas and extensions have the URNs of 2.0.
fn named(members: Map<String, Value>, kind: &ResourceType) -> Result<Map<String, Value>, Error> {
    let (mut core, mut other) = (false, false);
    let mut made = Map::with_capacity(members.len());
    for (key, mut value) in members {
        if key.eq_ignore_ascii_case("schemas") {
            let urns = match &mut value {
                Value::Array(urns) => urns.as_mut_slice(),
                one => std::slice::from_mut(one),
            };
            for sent in urns {
                core |= sent.as_str().is_some_and(urn::is_core);
                other |= sent.as_str().is_some_and(urn::is_of_2);
                if let Some(urn) = sent.as_str() {
                    *sent = Value::from(urn::inward(urn, &kind.schema.id));
                }
            }
            if !core && other {
                return Err(unnamed("what is of SCIM 2.0, which is spoken at `/scim/v2`"));
            }
            if !core {
                let found = cut(&value.to_string());
                return Err(unnamed(&found));
            }
            made.insert(key, value);
            continue;
        }
        let named = urn::inward(&key, &kind.schema.id);
        if named != key && key.eq_ignore_ascii_case(urn::ENTERPRISE) {
            manager(&mut value);
        }
        made.insert(named.to_owned(), value);
    }
    if core { Ok(made) } else { Err(unnamed("nothing")) }
}

/// 1.1's manager is told by `managerId`.
fn manager(extension: &mut Value) {
    let Some(members) = extension.as_object_mut() else { return };
    let manager = members.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("manager"));
    let Some((_, Value::Object(manager))) = manager else { return };
    let known = manager.keys().find(|name| name.eq_ignore_ascii_case("managerId")).cloned();
    if let Some(id) = known.and_then(|name| manager.remove(&name)) {
        manager.entry("value").or_insert(id);
    }
}

/// draft-scim-core-schema-01 §5.5.
fn unnamed(found: &str) -> Error {
    let core = urn::CORE;
    let detail = format!("`schemas`: found {found}, expected it to name `{core}`");
    Error::bad(ScimType::InvalidSyntax, detail)
}
