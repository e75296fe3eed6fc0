//! A call of a test file: what the vendor is asked, and what it answers.

use super::{
    answer::answer,
    keys,
    reading::{Reading, expected},
};
use crate::{
    diagnostic::Place,
    upstream::{
        Answer, Error,
        call::target,
        script::{Expected, Times},
    },
    yaml::{self, Fields, Kind, Node},
};
use http::Method;
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
    let mut fields = Fields::open(cx.reader, node, &keys::CALL)?;
    let text = fields.text("call");
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
        let help = "each answer is given once: leave `times` out";
        cx.error(times.span, "`times` beside several `answers`", help);
    }
    if times.value == "any" {
        return Times::Any;
    }
    Times::Exactly(times.value.parse().unwrap_or_else(|_| {
        let message = format!("expected a number or `any`, found `{}`", times.value);
        cx.error(times.span, message, "e.g. `times: 2`");
        1
    }))
}

/// The answers of one call, in order.
fn several<'n>(cx: &Reading<'_>, node: &'n Node) -> &'n [Node] {
    let items = cx.items(node);
    if items.is_empty() {
        let help = "a call has one answer at least, e.g. `answers: [{ status: 204 }]`";
        cx.error(node.span, "`answers` is empty", help);
    }
    items
}

/// What is waited between the answers: `2s`, or `*` for as long as it comes to.
fn waits(cx: &Reading<'_>, node: &Node, answers: usize) -> Vec<Option<Duration>> {
    let items = cx.items(node);
    if items.len() >= answers {
        let message = format!("{} waits between {answers} answers", items.len());
        let help = "there is one less than there are `answers`";
        cx.error(node.span, message, help);
    }
    let wait = |node: &Node| {
        let Kind::Text(text) = &node.kind else {
            let message = format!("expected a duration, found {}", node.type_name());
            cx.error(node.span, message, "e.g. `200ms`, `2s`, or `*` for as long as it takes");
            return None;
        };
        if text == "*" {
            return None;
        }
        let wait = yaml::duration(text);
        if wait.is_none() {
            let message =
                format!("expected a duration such as 200ms or 2s, or `*`, found `{text}`");
            cx.error(node.span, message, "a number and its unit: ms, s, m or h");
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
