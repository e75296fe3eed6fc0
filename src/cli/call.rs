//! A call of a test file: what the vendor is asked, and what it answers.

use super::{
    keys,
    reading::{Reading, headers},
};
use crate::{
    diagnostic::Place,
    upstream::{Answer, Error, error::Kind as Silence, script::Times},
    yaml::{Fields, Node},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::collections::BTreeMap;

/// One call with its answer.
#[derive(Debug)]
pub struct WrittenCall {
    /// HTTP method.
    pub method: Method,
    /// Below the base URL, percent-encoded.
    pub path: String,
    /// Decoded.
    pub query: Vec<(String, String)>,
    /// Headers that it must have.
    pub headers: BTreeMap<String, String>,
    /// The body that it must have, exactly; absent: not looked at.
    pub body: Option<Value>,
    /// What comes back.
    pub answer: Result<Answer, Error>,
    /// How often.
    pub times: Times,
    /// Where it stands.
    pub place: Place,
}

/// Reads one; `answers` are the file's, by name.
pub fn call(
    cx: &Reading<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
) -> Option<WrittenCall> {
    let mut fields = Fields::open(cx.reader, node, &keys::CALL)?;
    let text = fields.text("call");
    let sent = fields.node("headers").map(|node| headers(&cx.object(node))).unwrap_or_default();
    let body = fields.node("body").map(Node::to_json);
    let answer = match fields.node("answer") {
        Some(node) => answer(cx, node, answers),
        None => Ok(Answer { status: 200, ..Answer::default() }),
    };
    let times = match fields.text("times") {
        None => Times::Exactly(1),
        Some(times) if times.value == "any" => Times::Any,
        Some(times) => Times::Exactly(times.value.parse().unwrap_or_else(|_| {
            cx.error(times.span, format!("expected a number or `any`, found `{}`", times.value));
            1
        })),
    };
    fields.finish();
    let text = text?;
    let (method, address) = cx.line(&text.value, text.span)?;
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let place = cx.place(node.span);
    Some(WrittenCall {
        method,
        path: path.to_owned(),
        query: pairs(query),
        headers: sent,
        body,
        answer,
        times,
        place,
    })
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Finds what is no answer, a named one or that of a call: its keys, and what they take.
pub fn formed(cx: &Reading<'_>, node: &Node) {
    let Some(mut fields) = Fields::open(cx.reader, node, &keys::ANSWER) else { return };
    fields.text("as");
    fields.integer("status");
    fields.node("headers").map(|node| cx.object(node));
    fields.node("body");
    fields.text("fails");
    fields.finish();
}

/// `{ status, headers, body, fails, as }`; `as` names an answer that this one is laid over.
fn answer(
    cx: &Reading<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
) -> Result<Answer, Error> {
    formed(cx, node);
    let mut written = Value::Object(cx.object(node));
    if let Some(name) = written.get("as").and_then(Value::as_str) {
        match answers.get(name) {
            Some(base) => written = laid_over(base, &written),
            None => cx.error(node.span, format!("there is no answer `{name}`")),
        }
    }
    match written.get("fails").and_then(Value::as_str) {
        Some("timeout") => return silent(Silence::Timeout, "no answer in time"),
        Some("connect") => return silent(Silence::Connect, "connection refused"),
        Some(other) => {
            cx.error(node.span, format!("`fails`: expected timeout or connect, found `{other}`"))
        }
        None => {}
    }
    let mut sent = HeaderMap::new();
    if let Some(members) = written.get("headers").and_then(Value::as_object) {
        for (name, value) in headers(members) {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                sent.insert(name, value);
            }
        }
    }
    let status = written.get("status").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
    let (body, text) = match written.get("body").cloned().unwrap_or_default() {
        // A text is what no JSON is: a page of HTML, a word.
        Value::String(text) => (Value::Null, text),
        body => (body, String::new()),
    };
    Ok(Answer { status: status.unwrap_or(200), headers: sent, body, text })
}

fn silent(kind: Silence, message: &str) -> Result<Answer, Error> {
    Err(Error { kind, message: message.to_owned() })
}

/// Maps are merged, everything else is replaced; null takes a member away.
fn laid_over(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut all = base.clone();
            for (name, value) in over {
                match (base.get(name), value) {
                    (_, Value::Null) => {
                        all.remove(name);
                    }
                    (Some(old), value) => {
                        all.insert(name.clone(), laid_over(old, value));
                    }
                    (None, value) => {
                        all.insert(name.clone(), value.clone());
                    }
                }
            }
            Value::Object(all)
        }
        (_, over) => over.clone(),
    }
}
