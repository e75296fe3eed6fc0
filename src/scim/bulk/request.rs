//! The body of a Bulk (RFC 7644 §3.7) -> its operations.

use super::{Bulk, BulkAsked, BulkOp};
use crate::scim::{
    error::{Error, ScimType},
    leniency::Leniency,
    reading::Reading,
    resource_type::ResourceTypes,
    shown::{cut, found},
};
use http::Method;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Reads a body whose `schemas` have been checked. 400 invalidSyntax when it is no list of operations; what is
/// wrong with one operation stands in that one.
pub fn read(
    mut body: Map<String, Value>,
    types: &ResourceTypes,
    reading: &mut Reading,
) -> Result<Bulk, Error> {
    let fail_on_errors = match take(&mut body, "failOnErrors") {
        None => None,
        Some(sent) => {
            let number = sent.as_u64().and_then(|number| usize::try_from(number).ok());
            let number = number.ok_or_else(|| {
                let found = found(&sent);
                syntax(format!("`failOnErrors`: found {found}, expected a whole number"))
            })?;
            // No error is too many before there is one.
            Some(number).filter(|number| *number > 0)
        }
    };
    let sent = match take(&mut body, "Operations") {
        Some(Value::Array(sent)) if !sent.is_empty() => sent,
        other => {
            let found = match other {
                None => "nothing".to_owned(),
                Some(Value::Array(_)) => "an empty list".to_owned(),
                Some(other) => found(&other),
            };
            let detail = format!("`Operations`: found {found}, expected a list of operations");
            return Err(syntax(detail));
        }
    };
    let mut taken = BTreeSet::new();
    let operations = sent.into_iter().map(|sent| match sent {
        Value::Object(sent) => Ok(operation(sent, types, &mut taken, reading)),
        other => {
            let found = found(&other);
            Err(syntax(format!("`Operations`: found {found}, expected an object")))
        }
    });
    Ok(Bulk { fail_on_errors, operations: operations.collect::<Result<_, _>>()? })
}

fn operation(
    mut sent: Map<String, Value>,
    types: &ResourceTypes,
    taken: &mut BTreeSet<String>,
    reading: &mut Reading,
) -> BulkOp {
    let method = text(&mut sent, "method").ok().flatten().unwrap_or_default();
    let named = text(&mut sent, "bulkId");
    let bulk_id = named.clone().ok().flatten();
    let asked = named.and_then(|_| {
        let asked = asked(&method, sent, types, reading)?;
        match (&bulk_id, &asked.method) {
            // RFC 7644 §3.7.2: or nobody could tell which answer is whose.
            (None, &Method::POST) => {
                Err(syntax("`bulkId`: found nothing, expected one with a POST".to_owned()))
            }
            (Some(name), &Method::POST) if !taken.insert(name.clone()) => {
                let name = cut(name);
                let detail = format!("`bulkId`: `{name}` is taken by an earlier operation");
                Err(Error::bad(ScimType::InvalidValue, detail))
            }
            _ => Ok(asked),
        }
    });
    BulkOp { method, bulk_id, asked }
}

fn asked(
    method: &str,
    mut sent: Map<String, Value>,
    types: &ResourceTypes,
    reading: &mut Reading,
) -> Result<BulkAsked, Error> {
    let methods = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let known = methods.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method));
    let method = known
        .filter(|known| known.as_str() == method || reading.allows(Leniency::MethodCase))
        .ok_or_else(|| {
            let found = cut(method);
            syntax(format!("`method`: found `{found}`, expected POST, PUT, PATCH or DELETE"))
        })?;
    let path = text(&mut sent, "path")?.unwrap_or_default();
    place(&path, types)?;
    let version = text(&mut sent, "version")?;
    let data = take(&mut sent, "data").unwrap_or_default();
    if data.is_null() && method != Method::DELETE {
        return Err(syntax(format!("`data`: found nothing, expected what to {method}")));
    }
    Ok(BulkAsked { method, path, version, data })
}

/// A path is that of a resource or of an endpoint, below the base and nowhere else: no query, no other host, no
/// Bulk in a Bulk.
fn place(path: &str, types: &ResourceTypes) -> Result<(), Error> {
    // RFC 3986 §3.3.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=:@/".contains(c);
    if !path.starts_with('/') || !path.chars().all(plain) {
        let path = cut(path);
        let detail =
            format!("`path`: found `{path}`, expected one such as `/Users` or `/Users/42`");
        return Err(Error::bad(ScimType::InvalidPath, detail));
    }
    let endpoint = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    match types.by_endpoint(endpoint) {
        Some(_) if !path.ends_with("/.search") => Ok(()),
        _ => {
            let detail = format!("`path`: there are no resources to change at `{}`", cut(path));
            Err(Error::new(404, detail))
        }
    }
}

/// Text, where it is there.
fn text(sent: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match take(sent, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(syntax(format!("`{name}`: found {}, expected text", found(&other)))),
    }
}

/// Takes a member whose name may be in any case (RFC 7643 §2.1).
fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    members.remove(&key)
}

fn syntax(detail: String) -> Error {
    Error::bad(ScimType::InvalidSyntax, detail)
}
