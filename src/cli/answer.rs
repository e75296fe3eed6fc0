//! An answer of a test file, or why none comes.

use super::{
    keys,
    reading::{Reading, headers, status},
};
use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    upstream::{Answer, Error, error::Kind as Silence, record::text_of},
    yaml::{Fields, Kind, Node},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use std::collections::BTreeMap;

/// `answers:` of a file, by name. One may be laid over another that stands above it.
pub fn named(cx: &Reading<'_>, node: &Node) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    let entries = match &node.kind {
        Kind::Map(entries) => entries.as_slice(),
        _ => {
            cx.object(node);
            &[]
        }
    };
    for (name, node) in entries {
        formed(cx, node);
        let written = whole(cx, node, &answers);
        answers.insert(name.text.clone(), written);
    }
    answers
}

/// Finds what is no answer, a named one or that of a call: its keys, and what they take.
fn formed(cx: &Reading<'_>, node: &Node) {
    let Some(mut fields) = Fields::open(cx.reader, node, &keys::ANSWER) else { return };
    fields.text("as");
    fields.integer("status");
    fields.node("headers").map(|node| cx.object(node));
    fields.node("body");
    fields.text("fails");
    fields.finish();
}

/// `{ status, headers, body, fails, as }`; `as` names an answer that this one is laid over.
pub fn answer(
    cx: &Reading<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
) -> Result<Answer, Error> {
    if let Kind::Text(name) = &node.kind {
        return unnamed(cx, node, name, answers);
    }
    formed(cx, node);
    let written = whole(cx, node, answers);
    if let Some(fails) = written.get("fails") {
        return fault(cx, node, &text_of(fails).unwrap_or_else(|| fails.to_string()));
    }
    let mut sent = HeaderMap::new();
    if let Some(members) = written.get("headers").and_then(Value::as_object) {
        for (name, value) in headers(members) {
            match (HeaderName::try_from(&name), HeaderValue::try_from(value)) {
                (Ok(name), Ok(value)) => {
                    sent.insert(name, value);
                }
                _ => {
                    let help = "a name has letters, digits and `-`, a value one line of text";
                    cx.error(node.span, format!("header `{name}` cannot be sent"), help);
                }
            }
        }
    }
    let status = match written.get("status") {
        None => 200,
        Some(written) => {
            let span = node.get("status").map_or(node.span, |status| status.span);
            status(cx, written, span).unwrap_or(200)
        }
    };
    let (body, text) = match written.get("body").cloned().unwrap_or_default() {
        // A text is what no JSON is: a page of HTML, a word.
        Value::String(text) => (Value::Null, text),
        body => (body, String::new()),
    };
    Ok(Answer { status, headers: sent, body, text, ..Answer::default() })
}

/// An answer with all that it has from the one that it is laid over.
fn whole(cx: &Reading<'_>, node: &Node, answers: &BTreeMap<String, Value>) -> Value {
    let written = Value::Object(node.to_json().as_object().cloned().unwrap_or_default());
    let Some(name) = written.get("as").and_then(Value::as_str) else { return written };
    if let Some(base) = answers.get(name) {
        return laid_over(base, &written);
    }
    let help = match nearest(name, answers.keys().map(String::as_str)) {
        Some(near) => did_you_mean(near),
        None => format!("write it under `answers:` of the file, above, as `{name}: {{ ... }}`"),
    };
    cx.error(node.span, format!("there is no answer `{name}`"), help);
    written
}

/// `answer: mia`: a name alone, where a map is wanted.
fn unnamed(
    cx: &Reading<'_>,
    node: &Node,
    name: &str,
    answers: &BTreeMap<String, Value>,
) -> Result<Answer, Error> {
    let help = match answers.contains_key(name) {
        true => format!("write `{{ as: {name} }}`"),
        false => format!("a body that is no JSON is `{{ body: \"{name}\" }}`"),
    };
    let message = "expected an answer, a map; found a text";
    cx.reader.push(Diagnostic::error("M104", cx.place(node.span), message).help(help));
    Ok(Answer::default())
}

/// Why no answer comes, by the word of a test file.
const FAULTS: [(&str, Silence, &str); 6] = [
    ("connect", Silence::Connect, "connection refused"),
    ("timeout", Silence::Timeout, "no answer in time"),
    ("reset", Silence::Broken, "connection reset by peer"),
    ("cut", Silence::Cut, "the answer ended too early"),
    ("garbled", Silence::Garbled, "what came back is no http"),
    ("too_large", Silence::TooLarge, "the answer is larger than the limit"),
];

fn fault(cx: &Reading<'_>, node: &Node, word: &str) -> Result<Answer, Error> {
    let found = FAULTS.iter().find(|(known, ..)| *known == word);
    if let Some((_, kind, message)) = found {
        return Err(Error { kind: *kind, message: (*message).to_owned() });
    }
    let words = FAULTS.map(|(word, ..)| word);
    let help = match nearest(word, words) {
        Some(near) => did_you_mean(near),
        None => format!("there are {}", words.join(", ")),
    };
    let span = node.get("fails").map_or(node.span, |fails| fails.span);
    cx.error(span, format!("a call fails by no `{word}`"), help);
    Ok(Answer::default())
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
