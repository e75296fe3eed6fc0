//! What was written against what happened.

use super::{
    call::{WrittenBody, WrittenCall},
    difference::{Difference, Rows},
    exchange::WrittenResponse,
    holding,
};
use crate::{
    scim::encode::Wire,
    upstream::{Body, Call, script::Asked, settings::Settings, signature::Signature},
};
use http::HeaderMap;
use serde_json::{Map, Value};

/// A call against the entry that answered it: headers, body, and what was waited before it.
pub fn call(written: &WrittenCall, asked: &Asked, settings: &Settings) -> Option<Difference> {
    let mut rows = Rows::default();
    let sent = headers_of(&asked.call, settings);
    for (name, expected) in &written.headers {
        let found = sent.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        header_row(&mut rows, name, expected.as_deref(), found.as_deref());
    }
    let carried = body_of(&asked.call);
    match &written.body {
        Some(WrittenBody::Exact(expected)) => {
            let (path, expected) = (&mut vec!["body".into()], Some(expected));
            // `body: null` is a call without one.
            let expected = expected.filter(|expected| !expected.is_null());
            differ(path, expected, carried.as_ref(), true, &mut rows);
        }
        Some(WrittenBody::Has(expected)) => {
            let path = &mut vec!["body_has".into()];
            differ(path, Some(expected), carried.as_ref(), false, &mut rows);
        }
        None => {}
    }
    if let Some(expected) = written.wait.filter(|expected| *expected != asked.waited) {
        let path = ["waits".to_owned(), written.turn.saturating_sub(2).to_string()];
        let text = |duration| Value::from(format!("{duration:?}"));
        rows.push(&path, Some(text(expected)), Some(text(asked.waited)));
    }
    Difference::of(&written.place, format!("{} is not as written", written.title()), rows)
}

/// What a call carries, as JSON.
fn body_of(call: &Call) -> Option<Value> {
    match &call.body {
        Body::Empty => None,
        Body::Json(value) => Some(value.clone()),
        Body::Form(pairs) => {
            let pair = |(name, value): &(String, String)| (name.clone(), value.as_str().into());
            Some(pairs.iter().map(pair).collect::<Map<_, _>>().into())
        }
    }
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
    // A token is not fetched in a test: it is the word.
    if let Ok(signature) = Signature::of(&settings.auth, "token") {
        signature.apply(&mut headers, &mut Vec::new());
    }
    headers
}

/// The response against what was written of it.
pub fn response(written: &WrittenResponse, wire: &Wire) -> Option<Difference> {
    let mut rows = Rows::default();
    if let Some(expected) = written.status
        && expected != wire.status
    {
        rows.push(&["status".into()], Some(expected.into()), Some(wire.status.into()));
        let body = wire.body.as_ref().and_then(|body| body.get("detail")).and_then(Value::as_str);
        let detail = body.map(|detail| format!(": {detail}")).unwrap_or_default();
        // Another status has another body: that is the same fact again.
        return Difference::of(&written.place, format!("another response{detail}"), rows);
    }
    for (name, expected) in &written.headers {
        header_row(&mut rows, name, expected.as_deref(), header(wire, name).as_deref());
    }
    if !written.body.is_null() {
        let (path, expected) = (&mut vec!["body".into()], Some(&written.body));
        differ(path, expected, wire.body.as_ref(), false, &mut rows);
    }
    Difference::of(&written.place, "the response is not as written", rows)
}

/// A header that is another one, not there, or there although it must not be.
fn header_row(rows: &mut Rows, name: &str, expected: Option<&str>, found: Option<&str>) {
    let holds = match expected {
        Some("*") => found.is_some(),
        expected => expected == found,
    };
    if !holds {
        let path = ["headers".to_owned(), name.to_owned()];
        rows.push(&path, expected.map(Value::from), found.map(Value::from));
    }
}

/// What the store holds, as [`told`](holding::told), against what was written of it.
pub fn store(written: &holding::Rows, held: &Value) -> Option<Difference> {
    let mut rows = Rows::default();
    for part in &written.parts {
        let (path, found) = (&mut vec![part.name.into()], held.get(part.name));
        differ(path, Some(&part.value), found, false, &mut rows);
    }
    Difference::of(&written.place, "the store holds something else", rows)
}

/// A header of the response.
pub fn header(wire: &Wire, name: &str) -> Option<String> {
    match name {
        "location" => wire.location.clone(),
        "etag" => wire.etag.clone(),
        "retry-after" => wire.retry_after.map(|seconds| seconds.to_string()),
        "set-txn" => wire.transaction.clone(),
        _ => None,
    }
}

/// Whether what was written holds of what was found.
pub fn holds(expected: &Value, found: &Value) -> bool {
    let mut rows = Rows::default();
    differ(&mut Vec::new(), Some(expected), Some(found), false, &mut rows);
    rows.is_empty()
}

/// What differs below `path`. `*` is anything that is there, and a list has as many elements as are written. Of a map,
/// `exact` wants all members as they are, null too; else those that are written, and null means that one is not there.
fn differ(
    path: &mut Vec<String>,
    expected: Option<&Value>,
    found: Option<&Value>,
    exact: bool,
    rows: &mut Rows,
) {
    let there = |value: &&Value| exact || !value.is_null();
    let (expected, found) = (expected.filter(there), found.filter(there));
    let mut below = |name: String, expected: Option<&Value>, found: Option<&Value>| {
        path.push(name);
        differ(path, expected, found, exact, rows);
        path.pop();
    };
    match (expected, found) {
        (Some(Value::String(any)), Some(found)) if any == "*" && !found.is_null() => {}
        (Some(Value::Object(expected)), Some(Value::Object(found))) => {
            for (name, expected) in expected {
                below(name.clone(), Some(expected), found.get(name));
            }
            for (name, found) in found.iter().filter(|_| exact) {
                if !expected.contains_key(name) {
                    below(name.clone(), None, Some(found));
                }
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(found))) => {
            for at in 0..expected.len().max(found.len()) {
                below(at.to_string(), expected.get(at), found.get(at));
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => rows.push(path, expected.cloned(), found.cloned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            (json!({"a": [1, 2]}), json!({"a": [1]}), false, false),
            (json!("x"), json!("y"), true, false),
            // That a member is cleared is not that it is left out.
            (json!({"a": null}), json!({}), true, false),
            (json!({}), json!({"a": null}), true, false),
            (json!([1, null]), json!([1]), true, false),
        ];
        for (expected, found, exact, fits) in table {
            let mut rows = Rows::default();
            differ(&mut Vec::new(), Some(&expected), Some(&found), exact, &mut rows);
            assert_eq!(rows.is_empty(), fits, "{expected} {found}");
        }
    }
}
