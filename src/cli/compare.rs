//! What was written against what happened, in words.

use super::{call::WrittenCall, exchange::WrittenResponse, holding::Rows};
use crate::{
    diagnostic::Place,
    scim::encode::Wire,
    upstream::{Body, Call, auth::Signature, settings::Settings},
};
use http::HeaderMap;
use serde_json::Value;

/// One difference, at the line that expected something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where it was written.
    pub place: Place,
    /// What was expected and found.
    pub message: String,
}

/// Headers and body of a call against the entry that answered it.
pub fn call(written: &WrittenCall, call: &Call, settings: &Settings) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |message: String| {
        differences.push(Difference { place: written.place.clone(), message });
    };
    let sent = headers_of(call, settings);
    for (name, expected) in &written.headers {
        let found = sent.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        if expected != "*" && found.as_deref() != Some(expected) {
            differ(of_header(name, expected, found.as_deref()));
        }
    }
    if let Some(expected) = &written.body {
        let sent = match &call.body {
            Body::Empty => Value::Null,
            Body::Json(value) => value.clone(),
            Body::Form(pairs) => pairs
                .iter()
                .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        };
        if let Some(words) = differs("body", expected, &sent, true) {
            differ(words);
        }
    }
    differences
}

/// A call's headers as they would travel, with the credential.
fn headers_of(call: &Call, settings: &Settings) -> HeaderMap {
    let mut headers = call.headers.clone();
    for (name, value) in &settings.headers {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::try_from(name.as_str()), http::HeaderValue::try_from(value.as_str()))
        {
            headers.insert(name, value);
        }
    }
    if let Ok(signature) = Signature::of(&settings.auth) {
        signature.apply(&mut headers, &mut Vec::new());
    }
    headers
}

/// The response against what was written of it.
pub fn response(written: &WrittenResponse, wire: &Wire) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut differ = |message: String| {
        differences.push(Difference { place: written.place.clone(), message });
    };
    let detail = || {
        let body = wire.body.as_ref().and_then(|body| body.get("detail")).and_then(Value::as_str);
        body.map(|detail| format!(": {detail}")).unwrap_or_default()
    };
    if let Some(expected) = written.status
        && expected != wire.status
    {
        differ(format!("status: expected {expected}, found {}{}", wire.status, detail()));
        // Another status has another body: that is the same fact again.
        return differences;
    }
    for (name, expected) in &written.headers {
        let found = header(wire, name);
        let fits = found.as_ref().is_some_and(|found| expected == "*" || found == expected);
        if !fits {
            differ(of_header(name, expected, found.as_deref()));
        }
    }
    if let Some(words) =
        differs("body", &written.body, wire.body.as_ref().unwrap_or(&Value::Null), false)
    {
        differ(words);
    }
    differences
}

/// What is told of a header that is another one, or not there.
fn of_header(name: &str, expected: &str, found: Option<&str>) -> String {
    let found = found.map_or("nothing".to_owned(), |found| format!("`{found}`"));
    format!("header `{name}`: expected `{expected}`, found {found}")
}

/// What the store holds, as [`told`](super::holding::told), against what was written of it.
pub fn store(written: &Rows, held: &Value) -> Vec<Difference> {
    let each = written.parts.iter().filter_map(|part| {
        let found = held.get(part.name).unwrap_or(&Value::Null);
        let message = differs(&format!("store_after.{}", part.name), &part.value, found, false)?;
        Some(Difference { place: part.place.clone(), message })
    });
    each.collect()
}

/// A header of the response.
pub fn header(wire: &Wire, name: &str) -> Option<String> {
    match name {
        "location" => wire.location.clone(),
        "etag" => wire.etag.clone(),
        "retry-after" => wire.retry_after.map(|seconds| seconds.to_string()),
        _ => None,
    }
}

/// Whether what was written holds of what was found.
pub fn holds(expected: &Value, found: &Value) -> bool {
    differs("", expected, found, false).is_none()
}

/// The first difference. `*` is anything that is there. Of a map, `exact` wants all members, else
/// those that are written, and null means that one is not there.
fn differs(place: &str, expected: &Value, found: &Value, exact: bool) -> Option<String> {
    match (expected, found) {
        (Value::String(any), found) if any == "*" && !found.is_null() => None,
        (Value::Null, _) if !exact && place == "body" => None,
        (Value::Object(expected), Value::Object(found)) => {
            let extra = found.keys().find(|name| exact && !expected.contains_key(*name));
            if let Some(extra) = extra {
                return Some(format!("{place}: `{extra}` was not expected"));
            }
            expected.iter().find_map(|(name, expected)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                differs(&format!("{place}.{name}"), expected, found, exact)
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().find_map(|(position, (expected, found))| {
                differs(&format!("{place}.{position}"), expected, found, exact)
            })
        }
        (expected, found) if expected == found => None,
        (expected, Value::Null) => Some(format!("{place}: expected {expected}, found nothing")),
        (Value::Null, found) => Some(format!("{place}: expected nothing, found {found}")),
        (expected, found) => Some(format!("{place}: expected {expected}, found {found}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_header_that_is_not_there_has_no_value_to_quote() {
        assert_eq!(of_header("etag", "x", None), "header `etag`: expected `x`, found nothing");
        assert_eq!(of_header("etag", "x", Some("y")), "header `etag`: expected `x`, found `y`");
    }

    #[test]
    fn a_response_has_what_is_written_and_a_call_has_nothing_else() {
        let table = [
            (json!({"a": 1}), json!({"a": 1, "b": 2}), false, true),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), true, false),
            (json!({"a": "*"}), json!({"a": [1]}), false, true),
            (json!({"a": "*"}), json!({}), false, false),
            (json!({"a": null}), json!({}), false, true),
            (json!({"a": null}), json!({"a": 1}), false, false),
            (json!({"a": [{"b": 1}]}), json!({"a": [{"b": 1, "c": 2}]}), false, true),
            (json!({"a": [1]}), json!({"a": [1, 2]}), false, false),
            (json!("x"), json!("y"), true, false),
        ];
        for (expected, found, exact, fits) in table {
            assert_eq!(
                differs("body", &expected, &found, exact).is_none(),
                fits,
                "{expected} {found}"
            );
        }
    }
}
