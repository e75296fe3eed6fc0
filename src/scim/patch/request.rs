//! The body of a PATCH (RFC 7644 §3.5.2) -> PatchOps.

use super::{PatchKind, PatchOp, path::PatchPath};
use crate::scim::{
    error::{Error, ScimType},
    leniency::Leniency,
    reading::Reading,
    shown::found,
};
use serde_json::{Map, Value};

/// Clients send group changes by the hundred; a hundred times that is no client any more.
const MAX_OPERATIONS: usize = 10_000;

/// Reads the operations of a body whose `schemas` have been checked. Errors: 400 invalidSyntax, invalidPath,
/// invalidValue.
pub fn read(mut body: Map<String, Value>, reading: &mut Reading) -> Result<Vec<PatchOp>, Error> {
    let sent = match take(&mut body, "Operations") {
        Some(Value::Array(sent)) if !sent.is_empty() => sent,
        other => {
            let found = match other {
                None => "nothing".to_owned(),
                Some(Value::Array(_)) => "an empty list".to_owned(),
                Some(other) => found(&other),
            };
            return Err(syntax(format!(
                "`Operations`: found {found}, expected a list of operations"
            )));
        }
    };
    if sent.len() > MAX_OPERATIONS {
        let found = sent.len();
        return Err(Error::bad(
            ScimType::TooMany,
            format!("`Operations`: found {found} operations, expected at most {MAX_OPERATIONS}"),
        ));
    }
    sent.into_iter()
        .enumerate()
        .map(|(index, sent)| {
            operation(sent, reading).map_err(|error| Error {
                detail: format!("operation {}: {}", index + 1, error.detail),
                ..error
            })
        })
        .collect()
}

fn operation(sent: Value, reading: &mut Reading) -> Result<PatchOp, Error> {
    let mut sent = match sent {
        Value::Object(sent) => sent,
        other => return Err(syntax(format!("found {}, expected an object", found(&other)))),
    };
    let kind = kind(take(&mut sent, "op"), reading)?;
    let path = match take(&mut sent, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text))
            if text.trim().is_empty() && reading.allows(Leniency::EmptyPath) =>
        {
            None
        }
        Some(Value::String(text)) => Some(PatchPath::parse(&text, reading)?),
        Some(other) => {
            let found = found(&other);
            let detail = format!("`path`: found {found}, expected text");
            return Err(Error::bad(ScimType::InvalidPath, detail));
        }
    };
    let value = take(&mut sent, "value");
    if value.is_none() && kind != PatchKind::Remove {
        let detail = format!("`value`: found nothing, expected what to {kind}");
        return Err(Error::bad(ScimType::InvalidValue, detail));
    }
    Ok(PatchOp { kind, path, value })
}

/// R64, RFC 7644 §3.5.2: one of three words.
fn kind(sent: Option<Value>, reading: &mut Reading) -> Result<PatchKind, Error> {
    let text = sent.as_ref().and_then(Value::as_str).unwrap_or_default();
    for kind in [PatchKind::Add, PatchKind::Remove, PatchKind::Replace] {
        let word = kind.as_str();
        if text == word || (text.eq_ignore_ascii_case(word) && reading.allows(Leniency::OpCase)) {
            return Ok(kind);
        }
    }
    let found = sent.as_ref().map_or("nothing".to_owned(), found);
    Err(syntax(format!("`op`: found {found}, expected add, remove or replace")))
}

/// Takes a member whose name may be in any case (RFC 7643 §2.1).
fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    members.remove(&key)
}

fn syntax(detail: String) -> Error {
    Error::bad(ScimType::InvalidSyntax, detail)
}
