//! The JSON body of a request: an object that says which schemas it follows.

use crate::scim::{
    compare::is_assigned,
    error::{Error, ScimType},
    leniency::Leniency,
    reading::Reading,
    repeated,
    resource_type::ResourceType,
    shown::{cut, found},
};
use serde_json::{Map, Value};

/// Reads the object, whatever `Content-Type` says of it (R06; RFC 7644 §3.8). `expected` is the URN that its `schemas` must
/// name (RFC 7643 §3); those beside it are `kind`'s. Errors are 400 invalidSyntax and tell line and column where JSON breaks.
pub fn read(
    body: &[u8],
    expected: &str,
    kind: Option<&ResourceType>,
    reading: &mut Reading,
) -> Result<Map<String, Value>, Error> {
    // RFC 8259 §8.1 allows to ignore a byte order mark.
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(syntax("the body is empty, expected a JSON object".to_owned()));
    }
    // R08, RFC 7644 §3.12; and R10: JSON is UTF-8 (RFC 8259 §8.1).
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        // serde_json stops at 128 levels, so that no body can exhaust the stack.
        let detail = match error.to_string() {
            text if text.starts_with("recursion limit") => "it is nested too deep".to_owned(),
            text => text,
        };
        syntax(format!("the body is no JSON: {detail}"))
    })?;
    let object = match value {
        Value::Object(object) => object,
        other => {
            let found = found(&other);
            return Err(syntax(format!("the body is {found}, expected a JSON object")));
        }
    };
    repeated::refuse(body)?;
    names(&object, expected, kind, reading)?;
    Ok(object)
}

/// Whether `schemas` names the expected URN (R15, R63; RFC 7643 §3, RFC 7644 §3.5.2), and what is served beside it.
fn names(
    object: &Map<String, Value>,
    expected: &str,
    kind: Option<&ResourceType>,
    reading: &mut Reading,
) -> Result<(), Error> {
    let schemas = object.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    let urns = match schemas {
        Some((_, Value::Array(urns))) => urns.as_slice(),
        Some((_, urn)) if reading.allows(Leniency::SingleForList) => std::slice::from_ref(urn),
        Some((_, other)) => {
            return Err(syntax(format!("`schemas`: found {}, expected a list", found(other))));
        }
        None => &[],
    };
    let mut texts = urns.iter().filter_map(Value::as_str);
    if texts.any(|urn| urn.eq_ignore_ascii_case(expected)) {
        served(urns, kind, reading)?;
        return complete(object, urns, kind, reading);
    }
    let found = match urns {
        [] => "nothing".to_owned(),
        [Value::String(urn), ..] => format!("`{}`", cut(urn)),
        [other, ..] => found(other),
    };
    Err(syntax(format!("`schemas`: found {found}, expected it to name `{expected}`")))
}

/// RFC 7643 §3: the URNs are those that the service supports.
fn served(urns: &[Value], kind: Option<&ResourceType>, reading: &mut Reading) -> Result<(), Error> {
    let Some(kind) = kind else { return Ok(()) };
    let known = |urn: &str| kind.is_core(urn) || kind.extension(urn).is_some();
    let foreign = urns.iter().filter_map(Value::as_str).find(|urn| !known(urn));
    match foreign {
        Some(urn) if !reading.allows(Leniency::ForeignSchemas) => {
            let (urn, kind) = (cut(urn), &kind.name);
            let detail = format!("`schemas`: found `{urn}`, expected the schemas of {kind}");
            Err(Error::bad(ScimType::InvalidValue, detail))
        }
        _ => Ok(()),
    }
}

/// RFC 7643 §3: the URNs are those of all that a representation holds. An extension that has nothing is not held.
fn complete(
    object: &Map<String, Value>,
    urns: &[Value],
    kind: Option<&ResourceType>,
    reading: &mut Reading,
) -> Result<(), Error> {
    let Some(kind) = kind else { return Ok(()) };
    let is_named = |urn: &str| {
        urns.iter().filter_map(Value::as_str).any(|named| named.eq_ignore_ascii_case(urn))
    };
    let unnamed = object.iter().find(|(key, sent)| {
        key.contains(':') && kind.extension(key).is_some() && !is_named(key) && is_assigned(sent)
    });
    match unnamed {
        Some((urn, _)) if !reading.allows(Leniency::UnnamedExtension) => {
            let detail =
                format!("`schemas`: expected it to name `{}` too, which is sent", cut(urn));
            Err(Error::bad(ScimType::InvalidValue, detail))
        }
        _ => Ok(()),
    }
}

fn syntax(detail: String) -> Error {
    Error::bad(ScimType::InvalidSyntax, detail)
}
