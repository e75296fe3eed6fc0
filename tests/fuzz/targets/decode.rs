//! Requests (RFC 7644 §3.2): the input is method, target and body with a blank between them:
//! `POST /Users?attributes=id {"schemas": ...}`.

use super::{PROFILES, TYPES, refused};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scimshim::scim::{
    bulk::Bulk,
    decode::decode,
    error::Error,
    message::{Action, Query, Request, Start},
    patch::{PATCH_OP, PatchOp},
    profile::Profile,
    reading::Reading,
    resource::Resource,
};
use serde_json::{Map, Value, json};

pub fn run(input: &[u8]) -> bool {
    let mut parts = input.splitn(3, |byte| *byte == b' ');
    let mut text = || parts.next().and_then(|part| std::str::from_utf8(part).ok());
    let (Some(method), Some(target)) = (text(), text()) else { return false };
    let Ok(method) = Method::from_bytes(method.as_bytes()) else { return false };
    let body = parts.next().unwrap_or_default();
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut stricter: Option<Request> = None;
    for profile in PROFILES {
        match read(&method, path, query, body, profile) {
            Err(error) => {
                refused::readable(&error);
                assert_eq!(error.allowed.is_some(), error.status == 405, "{error:?}");
                assert!(
                    stricter.is_none(),
                    "{profile:?} refuses what a stricter one takes: {error:?}"
                );
            }
            Ok(request) => {
                is_sound(&request);
                assert!(
                    stricter.is_none_or(|stricter| stricter == request),
                    "{profile:?}: {request:?}"
                );
                stricter = Some(request);
            }
        }
    }
    stricter.is_some()
}

fn read(
    method: &Method,
    path: &str,
    query: Option<&str>,
    body: &[u8],
    profile: Profile,
) -> Result<Request, Error> {
    decode(method, path, query, body, &TYPES, &mut Reading::new(profile))
}

fn is_sound(request: &Request) {
    match request {
        Request::Resource { kind, action, .. } => {
            let kind = TYPES.by_name(kind).unwrap();
            let schema = kind.schema.id.as_str();
            reads_the_same(&kind.endpoint, schema, action);
        }
        Request::Across(across) => {
            assert!(across.parts.iter().all(|part| TYPES.by_name(&part.kind).is_some()));
        }
        Request::Bulk(bulk) => each_is_asked_or_refused(bulk),
        Request::Unserved(_) | Request::Discovery(_) => {}
    }
}

/// What was read, written again in the strictest way, is read as the same.
fn reads_the_same(endpoint: &str, schema: &str, action: &Action) {
    let at = |id: &str| format!("{endpoint}/{}", utf8_percent_encode(id, NON_ALPHANUMERIC));
    let (method, path, query, body) = match action {
        Action::Get { id } => (Method::GET, at(id), None, Value::Null),
        Action::Delete { id } => (Method::DELETE, at(id), None, Value::Null),
        Action::Search(asked) => {
            (Method::GET, endpoint.to_owned(), Some(query(asked)), Value::Null)
        }
        Action::Create(resource) => {
            (Method::POST, endpoint.to_owned(), None, of_schema(schema, resource))
        }
        Action::Replace { id, resource } => {
            assert_eq!(resource.id(), Some(id.as_str()));
            (Method::PUT, at(id), None, of_schema(schema, resource))
        }
        Action::Patch { id, operations } => {
            let operations: Value = operations.iter().map(operation).collect();
            let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
            (Method::PATCH, at(id), None, body)
        }
    };
    let sent = body.to_string();
    let again = read(&method, &path, query.as_deref(), sent.as_bytes(), Profile::Strict);
    let found = again.as_ref().map(Request::action);
    assert_eq!(found, Ok(Some(action)), "{method} {path}?{query:?} {sent}");
}

fn of_schema(schema: &str, resource: &Resource) -> Value {
    let mut members = resource.as_map().clone();
    let extensions = members.keys().map(String::as_str).filter(|name| name.contains(':'));
    let schemas: Vec<_> = std::iter::once(schema).chain(extensions).collect();
    let schemas = json!(schemas);
    members.insert("schemas".to_owned(), schemas);
    Value::Object(members)
}

fn operation(PatchOp { kind, path, value }: &PatchOp) -> Value {
    let mut members = Map::from_iter([("op".to_owned(), json!(kind.as_str()))]);
    members.extend(path.iter().map(|path| ("path".to_owned(), json!(path.to_string()))));
    members.extend(value.iter().map(|value| ("value".to_owned(), value.clone())));
    Value::Object(members)
}

fn query(Query { filter, start, count, sort }: &Query) -> String {
    let mut pairs = Vec::new();
    pairs.extend(filter.iter().map(|filter| ("filter", filter.to_string())));
    pairs.push(match start {
        Start::Index(index) => ("startIndex", index.to_string()),
        Start::Cursor(cursor) => ("cursor", cursor.clone()),
    });
    pairs.extend(count.iter().map(|count| ("count", count.to_string())));
    if let Some(sort) = sort {
        let order = if sort.descending { "descending" } else { "ascending" };
        pairs.extend([("sortBy", sort.by.to_string()), ("sortOrder", order.to_owned())]);
    }
    let encoded = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    encoded.collect::<Vec<_>>().join("&")
}

/// RFC 7644 §3.7: each operation is a request of its own, or says why it is none.
fn each_is_asked_or_refused(bulk: &Bulk) {
    for operation in &bulk.operations {
        match &operation.asked {
            Err(error) => refused::readable(error),
            Ok(asked) => {
                let body = asked.data.to_string();
                if let Err(error) =
                    read(&asked.method, &asked.path, None, body.as_bytes(), Profile::Okta)
                {
                    refused::readable(&error);
                }
            }
        }
    }
}
