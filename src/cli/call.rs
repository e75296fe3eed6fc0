//! A call of a test file: what the vendor is asked, and what it answers.

use super::reading::{Reading, expected, headers, status};
use crate::{
    diagnostic::{Diagnostic, Place, nearest},
    upstream::{
        Answer, Error,
        call::target,
        error::Kind as Silence,
        script::{Expected, Times},
    },
    yaml::{self, Fields, Kind, Node},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// One call with its answer. Several answers of one call are several of these.
#[derive(Debug, Clone)]
pub struct WrittenCall {
    /// Which of the test's calls, from 1.
    pub number: usize,
    /// Which answer of the call, from 1.
    pub turn: usize,
    /// HTTP method.
    pub method: Method,
    /// Below the base URL, percent-encoded.
    pub path: String,
    /// Decoded; `*` is any value.
    pub query: Vec<(String, String)>,
    /// Headers that it must have, or must not.
    pub headers: BTreeMap<String, Option<String>>,
    /// The body that it must have; absent: not looked at.
    pub body: Option<WrittenBody>,
    /// What must have been waited before it is asked.
    pub wait: Option<Duration>,
    /// What comes back.
    pub answer: Result<Answer, Error>,
    /// How often.
    pub times: Times,
    /// Where it stands.
    pub place: Place,
}

/// What is written of a call's body.
#[derive(Debug, Clone)]
pub enum WrittenBody {
    /// `body`: this and nothing else.
    Exact(Value),
    /// `body_has`: these members; null is "not there".
    Has(Value),
}

impl WrittenCall {
    /// As a person names it.
    pub fn title(&self) -> String {
        format!("call {} ({})", self.number, self.line())
    }

    /// Method, path and query.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, target(&self.path, &self.query))
    }

    /// For the Script that answers.
    pub fn expected(&self) -> Expected {
        Expected {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            answer: self.answer.clone(),
            times: self.times,
        }
    }
}

/// Reads the calls of a test; `answers` are the file's, by name.
pub fn calls(cx: &Reading<'_>, node: &Node, answers: &BTreeMap<String, Value>) -> Vec<WrittenCall> {
    let numbered = cx.items(node).iter().zip(1..);
    numbered.filter_map(|(node, number)| call(cx, node, answers, number)).flatten().collect()
}

/// One, once for each of its answers.
fn call(
    cx: &Reading<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
    number: usize,
) -> Option<Vec<WrittenCall>> {
    let mut fields = Fields::open(cx.reader, node, "a call")?;
    let text = fields.required_text("call", "call: GET /users/7");
    let sent = fields.node("headers").map(|node| expected(&cx.object(node))).unwrap_or_default();
    let body = match cx.either(&mut fields, "body", "body_has") {
        Some(("body_has", node)) => Some(WrittenBody::Has(cx.object(node).into())),
        Some((_, node)) => Some(WrittenBody::Exact(node.to_json())),
        None => None,
    };
    let answers: Vec<_> = match cx.either(&mut fields, "answer", "answers") {
        Some(("answers", node)) => {
            several(cx, node).iter().map(|node| answer(cx, node, answers)).collect()
        }
        Some((_, node)) => vec![answer(cx, node, answers)],
        None => vec![Ok(Answer { status: 200, ..Answer::default() })],
    };
    let times = times(cx, &mut fields, answers.len() > 1);
    let waits = fields.node("waits").map(|node| waits(cx, node, answers.len())).unwrap_or_default();
    fields.finish();
    let text = text?;
    let (method, address) = cx.line(&text.value, text.span)?;
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let written = WrittenCall {
        number,
        turn: 1,
        method,
        path: path.to_owned(),
        query: pairs(query),
        headers: sent,
        body,
        wait: None,
        answer: Ok(Answer::default()),
        times,
        place: cx.place(node.span),
    };
    let before = std::iter::once(None).chain(waits).chain(std::iter::repeat(None));
    let turns = (1..).zip(answers).zip(before);
    let turns =
        turns.map(|((turn, answer), wait)| WrittenCall { turn, answer, wait, ..written.clone() });
    Some(turns.collect())
}

/// How often the call is made. Several answers say it themselves.
fn times(cx: &Reading<'_>, fields: &mut Fields<'_>, several: bool) -> Times {
    let Some(times) = fields.text("times") else { return Times::Exactly(1) };
    if several {
        let place = cx.place(times.span);
        let finding = Diagnostic::error("T101", place, "`times` beside several `answers`");
        cx.reader.push(finding.help("each answer is given once: leave `times` out"));
    }
    if times.value == "any" {
        return Times::Any;
    }
    Times::Exactly(times.value.parse().unwrap_or_else(|_| {
        cx.error(times.span, format!("expected a number or `any`, found `{}`", times.value));
        1
    }))
}

/// The answers of one call, in order.
fn several<'n>(cx: &Reading<'_>, node: &'n Node) -> &'n [Node] {
    let items = cx.items(node);
    if items.is_empty() {
        cx.error(node.span, "`answers` is empty: a call has one answer at least");
    }
    items
}

/// What is waited between the answers: `2s`, or `*` for as long as it comes to.
fn waits(cx: &Reading<'_>, node: &Node, answers: usize) -> Vec<Option<Duration>> {
    let items = cx.items(node);
    if items.len() >= answers {
        let message = format!("{} waits between {answers} answers", items.len());
        let help = "there is one less than there are `answers`";
        cx.reader.push(Diagnostic::error("T101", cx.place(node.span), message).help(help));
    }
    let wait = |node: &Node| {
        let Kind::Text(text) = &node.kind else {
            cx.error(node.span, format!("expected a duration, found {}", node.type_name()));
            return None;
        };
        if text == "*" {
            return None;
        }
        let wait = yaml::duration(text);
        if wait.is_none() {
            let message =
                format!("expected a duration such as 200ms or 2s, or `*`, found `{text}`");
            cx.error(node.span, message);
        }
        wait
    };
    items.iter().map(wait).collect()
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

/// `{ status, headers, body, fails, as }`; `as` names an answer that this one is laid over.
fn answer(
    cx: &Reading<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
) -> Result<Answer, Error> {
    let mut written = Value::Object(cx.object(node));
    if let Some(name) = written.get("as").and_then(Value::as_str) {
        match answers.get(name) {
            Some(base) => written = laid_over(base, &written),
            None => cx.error(node.span, format!("there is no answer `{name}`")),
        }
    }
    if let Some(members) = written.as_object() {
        let known = ["status", "headers", "body", "fails", "as"];
        for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("an answer has {}", known.join(", ")),
            };
            let message = format!("unknown key `{name}`");
            cx.reader.push(Diagnostic::error("T101", cx.place(node.span), message).help(help));
        }
    }
    if let Some(fails) = written.get("fails").and_then(Value::as_str) {
        return fault(cx, node, fails);
    }
    let mut sent = HeaderMap::new();
    if let Some(members) = written.get("headers").and_then(Value::as_object) {
        for (name, value) in headers(members) {
            match (HeaderName::try_from(&name), HeaderValue::try_from(value)) {
                (Ok(name), Ok(value)) => {
                    sent.insert(name, value);
                }
                _ => cx.error(node.span, format!("header `{name}` cannot be sent")),
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
    Ok(Answer { status, headers: sent, body, text })
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
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", words.join(", ")),
    };
    let place = cx.place(node.get("fails").map_or(node.span, |fails| fails.span));
    let message = format!("a call fails by no `{word}`");
    cx.reader.push(Diagnostic::error("T101", place, message).help(help));
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
