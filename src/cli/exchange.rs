//! Exchanges as files write them (`x.test.yaml`): a SCIM request, the vendor calls that it causes
//! with their answers, and the response.

use crate::{
    diagnostic::{Diagnostic, Place, Span},
    gateway::rehearsal::Written,
    scim::profile::Profile,
    upstream::{Answer, Error, error::Kind as Silence, script::Times},
    yaml::{self, Fields, Kind, Node, Reader},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// A file of exchanges.
#[derive(Debug)]
pub struct File {
    /// The mapping that it tests, as it is written.
    pub mapping: Option<yaml::Spanned<String>>,
    /// The tenant's variables.
    pub tenant: Map<String, Value>,
    /// Where they stand, or where the file begins.
    pub tenant_place: Place,
    /// The request's instant.
    pub now: jiff::Timestamp,
    /// In file order.
    pub exchanges: Vec<Exchange>,
}

/// One exchange.
#[derive(Debug)]
pub struct Exchange {
    /// What it shows.
    pub name: String,
    /// The client's habits.
    pub client: Profile,
    /// Over the file's.
    pub tenant: Map<String, Value>,
    /// What the client sends.
    pub request: Written,
    /// What the vendor is asked, in order.
    pub calls: Vec<WrittenCall>,
    /// What the client gets.
    pub response: WrittenResponse,
    /// Whether that is written at all.
    pub answered: bool,
    /// Where it stands.
    pub place: Place,
}

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

/// The response that is expected.
#[derive(Debug)]
pub struct WrittenResponse {
    /// HTTP status.
    pub status: Option<u16>,
    /// Headers: the exact value, or `*`.
    pub headers: BTreeMap<String, String>,
    /// These members; `*` is anything, null is "not there".
    pub body: Value,
    /// Where it stands.
    pub place: Place,
}

/// Reads a file. Findings instead of it when something is wrong.
pub fn read(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let file: Arc<str> = name.into();
    let root = yaml::parse(&file, text)?;
    let reader = Reader::new(&file);
    let read = document(&Exchanges { reader: &reader }, &root);
    let findings = reader.into_findings();
    match read {
        Some(read) if findings.is_empty() => Ok(read),
        _ => Err(findings),
    }
}

/// The same, or a bare request as a file of its own: `PATCH /Users/5: body`.
pub fn read_request(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let file: Arc<str> = name.into();
    let root = yaml::parse(&file, text)?;
    let Kind::Map(entries) = &root.kind else { return read(name, text) };
    if !entries.iter().all(|(key, _)| key.text.contains(" /")) || entries.is_empty() {
        return read(name, text);
    }
    let reader = Reader::new(&file);
    let cx = Exchanges { reader: &reader };
    let exchanges = entries.iter().filter_map(|(key, body)| {
        let (method, address) = line(&cx, &key.text, key.span)?;
        let place = cx.place(key.span);
        let request = Written { method, address, body: body.to_json() };
        Some(bare(key.text.clone(), request, place))
    });
    let exchanges = exchanges.collect();
    let findings = reader.into_findings();
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(File {
        mapping: None,
        tenant: Map::new(),
        tenant_place: Place { file, span: Span::START },
        now: jiff::Timestamp::UNIX_EPOCH,
        exchanges,
    })
}

/// A request of which nothing else is known.
fn bare(name: String, request: Written, place: Place) -> Exchange {
    let (headers, body) = (BTreeMap::new(), Value::Null);
    Exchange {
        name,
        client: Profile::Strict,
        tenant: Map::new(),
        request,
        calls: Vec::new(),
        response: WrittenResponse { status: None, headers, body, place: place.clone() },
        answered: false,
        place,
    }
}

struct Exchanges<'a> {
    reader: &'a Reader,
}

impl Exchanges<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: Arc::clone(self.reader.file()), span }
    }

    fn error(&self, span: Span, message: impl Into<String>) {
        self.reader.push(Diagnostic::error("T101", self.place(span), message));
    }

    fn object(&self, node: &Node) -> Map<String, Value> {
        match node.to_json() {
            Value::Object(members) => members,
            _ => {
                self.error(node.span, format!("expected a map, found {}", node.type_name()));
                Map::new()
            }
        }
    }

    fn items<'n>(&self, node: &'n Node) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Null => &[],
            _ => {
                self.error(node.span, format!("expected a list, found {}", node.type_name()));
                &[]
            }
        }
    }
}

fn document(cx: &Exchanges<'_>, root: &Node) -> Option<File> {
    let mut fields = Fields::open(cx.reader, root, "a test file")?;
    if let Some(version) = fields.required_integer("test", "test: 1")
        && version.value != 1
    {
        cx.error(
            version.span,
            format!("test version {} is not known; this build reads 1", version.value),
        );
    }
    let mapping = fields.text("mapping");
    let tenant = fields.take("tenant");
    let tenant_place = cx.place(tenant.map_or(Span::START, |(key, _)| key.span));
    let tenant = tenant.map(|(_, node)| cx.object(node)).unwrap_or_default();
    let now = fields.text("now").and_then(|now| match now.value.parse() {
        Ok(instant) => Some(instant),
        Err(_) => {
            cx.error(now.span, format!("`{}` is no instant, e.g. 2026-11-21T10:00:00Z", now.value));
            None
        }
    });
    let mut answers = BTreeMap::new();
    if let Some(node) = fields.node("answers") {
        for (name, value) in cx.object(node) {
            answers.insert(name, value);
        }
    }
    let tests = fields.required_node("tests", "tests: [{ name: ..., request: ... }]");
    let empty = |node: &&Node| match &node.kind {
        Kind::List(items) => items.is_empty(),
        kind => *kind == Kind::Null,
    };
    if let Some(node) = tests.filter(empty) {
        let place = cx.place(node.span);
        let finding = Diagnostic::error("T102", place, "`tests` is empty");
        cx.reader.push(finding.help("a file without tests shows nothing: write one"));
    }
    let exchanges =
        tests.map(|node| cx.items(node).iter().filter_map(|node| exchange(cx, node, &answers)));
    let exchanges = exchanges.map(Iterator::collect).unwrap_or_default();
    fields.finish();
    let now = now.unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Some(File { mapping, tenant, tenant_place, now, exchanges })
}

fn exchange(
    cx: &Exchanges<'_>,
    node: &Node,
    answers: &BTreeMap<String, Value>,
) -> Option<Exchange> {
    let mut fields = Fields::open(cx.reader, node, "a test")?;
    let name = fields.required_text("name", "name: deactivate suspends");
    let client = match fields.text("client") {
        None => Profile::Strict,
        Some(client) => Profile::named(&client.value).unwrap_or_else(|| {
            cx.error(client.span, format!("`{}` is no profile", client.value));
            Profile::Strict
        }),
    };
    let tenant = fields.node("tenant").map(|node| cx.object(node)).unwrap_or_default();
    let request = fields.required_node("request", "request: { GET /Users/7: null }");
    let request = request.and_then(|node| request_of(cx, node));
    let calls = fields
        .node("calls")
        .map(|node| cx.items(node).iter().filter_map(|node| call(cx, node, answers)).collect());
    let response = fields.node("response").and_then(|node| response(cx, node));
    fields.finish();
    let place = cx.place(node.span);
    let nothing = WrittenResponse {
        status: None,
        headers: BTreeMap::new(),
        body: Value::Null,
        place: place.clone(),
    };
    Some(Exchange {
        name: name?.value,
        client,
        tenant,
        request: request?,
        calls: calls.unwrap_or_default(),
        answered: response.is_some(),
        response: response.unwrap_or(nothing),
        place,
    })
}

/// `METHOD /path: body`
fn request_of(cx: &Exchanges<'_>, node: &Node) -> Option<Written> {
    let (Kind::Map(entries), span) = (&node.kind, node.span) else {
        cx.error(node.span, "expected `METHOD /path: body`, e.g. `GET /Users/7: null`");
        return None;
    };
    let [(key, body)] = entries.as_slice() else {
        cx.error(span, "a test has one request");
        return None;
    };
    let (method, address) = line(cx, &key.text, key.span)?;
    Some(Written { method, address, body: body.to_json() })
}

fn line(cx: &Exchanges<'_>, text: &str, span: Span) -> Option<(Method, String)> {
    let parts = text.split_once(' ');
    let method = parts.and_then(|(method, _)| Method::from_bytes(method.as_bytes()).ok());
    match (method, parts) {
        (Some(method), Some((_, address))) if address.trim().starts_with('/') => {
            Some((method, address.trim().to_owned()))
        }
        _ => {
            cx.error(span, format!("expected `METHOD /path`, found `{text}`"));
            None
        }
    }
}

fn call(cx: &Exchanges<'_>, node: &Node, answers: &BTreeMap<String, Value>) -> Option<WrittenCall> {
    let mut fields = Fields::open(cx.reader, node, "a call")?;
    let text = fields.required_text("call", "call: GET /users/7");
    let headers = fields.node("headers").map(|node| texts(&cx.object(node))).unwrap_or_default();
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
    let (method, address) = line(cx, &text.value, text.span)?;
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    let place = cx.place(node.span);
    Some(WrittenCall {
        method,
        path: path.to_owned(),
        query: pairs(query),
        headers,
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

fn texts(members: &Map<String, Value>) -> BTreeMap<String, String> {
    members
        .iter()
        .map(|(name, value)| {
            let text = crate::upstream::record::text_of(value).unwrap_or_default();
            (name.to_ascii_lowercase(), text)
        })
        .collect()
}

/// `{ status, headers, body, fails, as }`; `as` names an answer that this one is laid over.
fn answer(
    cx: &Exchanges<'_>,
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
            cx.error(
                node.span,
                format!("unknown key `{name}`; an answer has {}", known.join(", ")),
            );
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
    let mut headers = HeaderMap::new();
    if let Some(members) = written.get("headers").and_then(Value::as_object) {
        for (name, value) in texts(members) {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
    }
    let status = written.get("status").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
    let (body, text) = match written.get("body").cloned().unwrap_or_default() {
        // A text is what no JSON is: a page of HTML, a word.
        Value::String(text) => (Value::Null, text),
        body => (body, String::new()),
    };
    Ok(Answer { status: status.unwrap_or(200), headers, body, text })
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

fn response(cx: &Exchanges<'_>, node: &Node) -> Option<WrittenResponse> {
    let mut fields = Fields::open(cx.reader, node, "a response")?;
    let status = fields.integer("status").and_then(|status| u16::try_from(status.value).ok());
    let headers = fields.node("headers").map(|node| texts(&cx.object(node))).unwrap_or_default();
    let body = fields.node("body").map(Node::to_json).unwrap_or_default();
    fields.finish();
    Some(WrittenResponse { status, headers, body, place: cx.place(node.span) })
}
