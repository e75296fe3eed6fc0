//! What an Answer means, by the mapping's own rows and the defaults of the language.

use crate::{
    diagnostic::Place,
    mapping::{
        expr::Scope,
        plan::{ErrorRow, Meaning, Step, UpstreamPlan},
    },
    upstream::{Answer, record::text_of},
};
use http::{HeaderName, header::CONTENT_TYPE};
use serde_json::{Map, Value};

/// What an Answer means.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The word of the language.
    pub means: Meaning,
    /// The mapping's own words for the client.
    pub detail: Option<String>,
    /// The attribute at fault.
    pub attribute: Option<String>,
    /// Seconds, from the mapping.
    pub retry_after: Option<f64>,
    /// A row of `errors` said so.
    pub by_row: bool,
    /// The row that said so, or the call.
    pub place: Place,
}

/// Judges in the language's order: the step's rows, `accept`, the upstream's rows, the defaults.
pub fn judge(step: &Step, upstream: &UpstreamPlan, answer: &mut Answer, tenant: &Value) -> Verdict {
    let success = answer.status / 100 == 2;
    let accepted = step.accept.iter().any(|accept| accept.holds(answer.status));
    if !step.errors.is_empty() || !upstream.errors.is_empty() {
        let shown = show(answer, [&step.errors, &upstream.errors].into_iter().flatten());
        let scope = Scope::new().with("answer", &shown).with("tenant", tenant);
        let own = step.errors.iter().find_map(|row| apply(row, &scope));
        let verdict = match own {
            None if accepted && !success => None,
            None => upstream.errors.iter().find_map(|row| apply(row, &scope)),
            own => own,
        };
        answer.body = hidden(shown);
        if let Some(verdict) = verdict {
            return verdict;
        }
    }
    by_default(meaning(step, answer, success, accepted), step)
}

fn meaning(step: &Step, answer: &Answer, success: bool, accepted: bool) -> Meaning {
    // A body that was wanted and is no JSON, or a page for people whether one was wanted or not, is
    // some proxy or login form speaking: the vendor's app has done nothing.
    let wanted = step.record.is_some() || step.items.is_some() || !step.capture.is_empty();
    let strange = (wanted && !answer.text.is_empty()) || is_page(answer);
    match answer.status {
        _ if success && accepted && strange => Meaning::Broken,
        _ if accepted => Meaning::Done,
        404 | 410 => Meaning::NotFound,
        409 => Meaning::Conflict,
        400 | 422 => Meaning::Invalid,
        429 => Meaning::Busy,
        503 => Meaning::Down,
        _ => Meaning::Broken,
    }
}

/// HTML, by its own word or by its looks.
fn is_page(answer: &Answer) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let begins = |word: &str| {
        let text = answer.text.trim_start();
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    !answer.text.is_empty()
        && (kind.is_some_and(|kind| kind.starts_with("text/html"))
            || begins("<!doctype html")
            || begins("<html"))
}

fn by_default(means: Meaning, step: &Step) -> Verdict {
    let (detail, attribute, retry_after) = (None, None, None);
    Verdict { means, detail, attribute, retry_after, by_row: false, place: step.place.clone() }
}

/// A row that holds. An expression that fails counts as false: an odd body must not hide behind
/// an error of ours, the later rows and the defaults still judge it.
fn apply(row: &ErrorRow, scope: &Scope<'_>) -> Option<Verdict> {
    if row.when.evaluate(scope).ok()? != Value::Bool(true) {
        return None;
    }
    Some(Verdict {
        means: row.means,
        detail: row.detail.as_ref().and_then(|detail| detail.text(scope).ok().flatten()),
        attribute: row.attribute.clone(),
        retry_after: row
            .retry_after
            .as_ref()
            .and_then(|expression| expression.evaluate(scope).ok())
            .and_then(|value| text_of(&value)?.parse::<f64>().ok()),
        by_row: true,
        place: row.place.clone(),
    })
}

/// `answer` in expressions: `{status, headers, body, text}`, header names in lower case. The body
/// is moved, not copied ([`hidden`] gives it back), and what no row asks for is not made.
fn show<'a>(answer: &mut Answer, rows: impl Iterator<Item = &'a ErrorRow> + Clone) -> Value {
    let asked = |part: &str| {
        rows.clone().flat_map(|row| row.when.names()).any(|name| {
            name.root == "answer" && name.path.first().is_none_or(|first| first == part)
        }) || rows.clone().any(|row| row.retry_after.is_some() || row.detail.is_some())
    };
    let mut shown = Map::new();
    shown.insert("status".into(), answer.status.into());
    if asked("headers") {
        shown.insert("headers".into(), headers(answer));
    }
    if asked("text") {
        shown.insert("text".into(), Value::String(text(answer)));
    }
    shown.insert("body".into(), std::mem::take(&mut answer.body));
    Value::Object(shown)
}

/// The body that [`show`] moved.
fn hidden(mut shown: Value) -> Value {
    shown.get_mut("body").map(Value::take).unwrap_or_default()
}

/// `answer` for templates that take a key or a capture from it.
pub fn shown(answer: &Answer) -> Value {
    let mut shown = Map::new();
    shown.insert("status".into(), answer.status.into());
    shown.insert("headers".into(), headers(answer));
    shown.insert("text".into(), Value::String(text(answer)));
    shown.insert("body".into(), answer.body.clone());
    Value::Object(shown)
}

/// One that is there more than once is one text (RFC 9110 §5.3).
fn headers(answer: &Answer) -> Value {
    let one = |name: &HeaderName| {
        let values = answer.headers.get_all(name).iter();
        let texts: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (name.as_str().to_owned(), Value::from(texts.join(", ")))
    };
    answer.headers.keys().map(one).collect::<Map<String, Value>>().into()
}

/// The body as text: rows may look for a word in it whether it is JSON or not.
fn text(answer: &Answer) -> String {
    if answer.text.is_empty() && !answer.body.is_null() {
        answer.body.to_string()
    } else {
        answer.text.clone()
    }
}
