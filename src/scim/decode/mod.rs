//! Method, path, query, body -> Request (RFC 7644 §3.2).

mod across;
mod body;
mod query;

use super::{
    bulk::{self, BULK_REQUEST},
    error::{Error, ScimType},
    message::{Action, Discovery, Request, SEARCH_REQUEST},
    patch::{PATCH_OP, request},
    reading::Reading,
    resource::Resource,
    resource_type::{ResourceType, ResourceTypes},
    shown::cut,
};
use http::Method;
use percent_encoding::percent_decode_str;
use query::Parameters;
use serde_json::Value;

/// Longer ids than any vendor gives out; what is looked up and logged stays small.
const MAX_ID_BYTES: usize = 1024;

/// Reads one request. `path` is what stands below the SCIM base, percent-encoded: `/Users/42`. Slashes too
/// many are forgiven. Errors: 400 for what is malformed, 403, 404 (R09), 405 and 501 (R98, R99) for what is
/// not to be had (RFC 7644 §3.11, §3.12).
pub fn decode(
    method: &Method,
    path: &str,
    query: Option<&str>,
    body: &[u8],
    types: &ResourceTypes,
    reading: &mut Reading,
) -> Result<Request, Error> {
    let segments = segments(path)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let parameters = Parameters::of_query(query.unwrap_or_default());
    let (endpoint, rest) = match segments.as_slice() {
        [] => return root(method, &parameters?.known(reading)?, types, reading),
        [endpoint, rest @ ..] => (*endpoint, rest),
    };
    if endpoint == SEARCH && rest.is_empty() {
        return match *method {
            Method::POST => {
                let body = body::read(body, SEARCH_REQUEST, None, reading)?;
                let parameters = Parameters::of_body(body, reading)?;
                across::read(&parameters, types, reading).map(Request::Across)
            }
            _ => Err(not_allowed(method, SEARCH, "POST")),
        };
    }
    if endpoint.eq_ignore_ascii_case("Bulk") && rest.is_empty() {
        return match *method {
            Method::POST => {
                let body = body::read(body, BULK_REQUEST, None, reading)?;
                bulk::request::read(body, types, reading).map(Request::Bulk)
            }
            _ => Err(not_allowed(method, endpoint, "POST")),
        };
    }
    if let Some(document) = discovery(endpoint, rest) {
        return read_only(method, endpoint, &parameters).map(|()| Request::Discovery(document));
    }
    if let Some(kind) = types.by_endpoint(endpoint) {
        return resource(method, rest, &parameters?.known(reading)?, body, kind, reading);
    }
    if let Some(name) = STANDARD.into_iter().find(|name| name.eq_ignore_ascii_case(endpoint)) {
        return unserved(method, name, rest, &parameters?.known(reading)?, reading);
    }
    Err(match (endpoint.to_ascii_lowercase().as_str(), rest) {
        // RFC 7644 §3.11.
        ("me", _) => Error::new(501, format!("`/{endpoint}` is not offered here")),
        _ => Error::new(404, format!("there is no endpoint `{}`", cut(path))),
    })
}

/// RFC 7644 §3.4.3.
const SEARCH: &str = ".search";

/// The base URL itself (RFC 7644 §3.4.2.1): all kinds are searched there, and nothing else is to be had.
fn root(
    method: &Method,
    parameters: &Parameters,
    types: &ResourceTypes,
    reading: &mut Reading,
) -> Result<Request, Error> {
    if *method == Method::GET && parameters.filter.is_some() {
        return across::read(parameters, types, reading).map(Request::Across);
    }
    Err(Error::new(404, "there is nothing at the base URL itself but a search by `filter`"))
}

/// Endpoints that RFC 7644 §3.2 names, whether they are served or not.
const STANDARD: [&str; 2] = ["Users", "Groups"];

/// The path's segments, decoded.
fn segments(path: &str) -> Result<Vec<String>, Error> {
    let encoded = path.split('/').filter(|segment| !segment.is_empty());
    let decoded = encoded.map(|segment| percent_decode_str(segment).decode_utf8());
    decoded
        .map(|segment| segment.map(Into::into))
        .collect::<Result<_, _>>()
        .map_err(|_| Error::new(404, "the path is not UTF-8 once its percent-encoding is undone"))
}

/// RFC 7644 §4.
fn discovery(endpoint: &str, rest: &[&str]) -> Option<Discovery> {
    let one = match rest {
        [] => None,
        [one] => Some((*one).to_owned()),
        _ => return None,
    };
    match (endpoint.to_ascii_lowercase().as_str(), one) {
        // Erratum 4978: the plural is in use.
        ("serviceproviderconfig" | "serviceproviderconfigs", None) => {
            Some(Discovery::ServiceProviderConfig)
        }
        ("resourcetypes", one) => Some(Discovery::ResourceTypes(one)),
        ("schemas", one) => Some(Discovery::Schemas(one)),
        _ => None,
    }
}

/// R96, R97; RFC 7644 §4: a filter is 403, every other parameter is ignored.
fn read_only(
    method: &Method,
    endpoint: &str,
    parameters: &Result<Parameters, Error>,
) -> Result<(), Error> {
    if method != Method::GET {
        return Err(not_allowed(method, endpoint, "GET"));
    }
    let filtered = match parameters {
        Ok(parameters) => parameters.filter.is_some(),
        Err(error) => error.scim_type == Some(ScimType::InvalidFilter),
    };
    if filtered {
        return Err(Error::new(403, format!("`/{endpoint}` cannot be filtered")));
    }
    Ok(())
}

/// `/Users`, `/Users/{id}`, `/Users/.search`.
fn resource(
    method: &Method,
    rest: &[&str],
    parameters: &Parameters,
    body: &[u8],
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Request, Error> {
    // Before the body: whatever it says, there is no such method here (RFC 9110 §15.5.6).
    if kind.read_only && !matches!((rest, method), (_, &Method::GET) | ([SEARCH], _)) {
        return Err(not_allowed(method, &kind.endpoint, "GET"));
    }
    let mut projection = parameters.projection(kind)?;
    let action = match (rest, method) {
        ([], &Method::GET) => Action::Search(parameters.query(Some(kind), reading)?),
        ([], &Method::POST) => Action::Create(sent(body, kind, reading)?),
        ([], _) => return Err(not_allowed(method, &kind.endpoint, "GET, POST")),
        ([SEARCH], &Method::POST) => {
            // RFC 7644 §3.4.3: everything is in the body.
            let body = body::read(body, SEARCH_REQUEST, None, reading)?;
            let parameters = Parameters::of_body(body, reading)?;
            projection = parameters.projection(kind)?;
            Action::Search(parameters.query(Some(kind), reading)?)
        }
        ([SEARCH], _) => return Err(not_allowed(method, SEARCH, "POST")),
        ([id], _) => by_id(method, known(id)?, body, kind, reading)?,
        _ => {
            return Err(Error::new(
                404,
                format!("there is nothing below `{}/{{id}}`", kind.endpoint),
            ));
        }
    };
    let unmapped = std::mem::take(&mut reading.unmapped);
    Ok(Request::Resource { kind: kind.name.clone(), action, projection, unmapped })
}

fn by_id(
    method: &Method,
    id: String,
    body: &[u8],
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Action, Error> {
    Ok(match *method {
        Method::GET => Action::Get { id },
        Method::PUT => {
            let mut resource = sent(body, kind, reading)?;
            // R59: RFC 7644 §3.5.1, the id in the body is ignored.
            resource.set_id(id.as_str());
            Action::Replace { id, resource }
        }
        Method::PATCH => {
            let body = body::read(body, PATCH_OP, None, reading)?;
            Action::Patch { id, operations: request::read(body, reading)? }
        }
        Method::DELETE => Action::Delete { id },
        _ => return Err(not_allowed(method, &kind.endpoint, "GET, PUT, PATCH, DELETE")),
    })
}

/// The resource in a body.
fn sent(body: &[u8], kind: &ResourceType, reading: &mut Reading) -> Result<Resource, Error> {
    let members = body::read(body, &kind.schema.id, Some(kind), reading)?;
    Resource::canonical(Value::Object(members), kind, reading)
}

/// No resource has such an id, so it is not found.
fn known(id: &str) -> Result<String, Error> {
    // `.` and `..`, however they are encoded, would lead elsewhere in a vendor's path.
    if id.len() > MAX_ID_BYTES || matches!(id, "." | "..") {
        return Err(Error::not_found(id));
    }
    Ok(id.to_owned())
}

/// A standard endpoint without a resource type: nothing is there, and nothing can be made.
fn unserved(
    method: &Method,
    name: &str,
    rest: &[&str],
    parameters: &Parameters,
    reading: &mut Reading,
) -> Result<Request, Error> {
    match (rest, method) {
        ([], &Method::GET) => Ok(Request::Unserved(parameters.query(None, reading)?)),
        ([], &Method::POST) => Err(Error::new(501, format!("`/{name}` is not offered here"))),
        ([], _) => Err(not_allowed(method, name, "GET")),
        ([id, ..], _) => Err(Error::not_found(id)),
    }
}

fn not_allowed(method: &Method, endpoint: &str, allowed: &'static str) -> Error {
    let endpoint = endpoint.trim_start_matches('/');
    let detail = format!("{method} is not allowed at `/{endpoint}`, expected one of {allowed}");
    Error { allowed: Some(allowed), ..Error::new(405, detail) }
}
