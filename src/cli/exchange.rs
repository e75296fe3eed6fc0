//! Exchanges as files write them (`x.test.yaml`): a SCIM request, the vendor calls that it causes
//! with their answers, and the response.

use super::{
    answer::named,
    call::{WrittenCall, calls},
    holding::{self, Rows},
    keys,
    reading::{self, Reading, status},
};
use crate::{
    diagnostic::{Diagnostic, Place, Span, did_you_mean, nearest},
    gateway::rehearsal::Written,
    mapping::plan::Plan,
    scim::profile::Profile,
    store::Change,
    yaml::{self, Fields, Key, Kind, Node, Reader, Spanned},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// A file of exchanges.
#[derive(Debug)]
pub struct File {
    /// The mapping that it tests, as it is written.
    pub mapping: Option<Spanned<String>>,
    /// The tenant's variables.
    pub tenant: Map<String, Value>,
    /// Where they stand, or where the file begins.
    pub tenant_place: Place,
    /// Their names, each where it stands.
    pub tenant_names: Vec<Spanned<String>>,
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
    /// Their names, each where it stands.
    pub tenant_names: Vec<Spanned<String>>,
    /// What the store holds at first.
    pub store: Option<Rows>,
    /// What the client sends.
    pub request: Written,
    /// What the vendor is asked, in order.
    pub calls: Vec<WrittenCall>,
    /// What the client gets.
    pub response: WrittenResponse,
    /// Whether that is written at all.
    pub answered: bool,
    /// What the store must hold then.
    pub store_after: Option<Rows>,
    /// Where it stands.
    pub place: Place,
}

/// The response that is expected.
#[derive(Debug)]
pub struct WrittenResponse {
    /// HTTP status.
    pub status: Option<u16>,
    /// Headers: the exact value, `*`, or nothing for one that must not be there.
    pub headers: BTreeMap<String, Option<String>>,
    /// These members; `*` is anything, null is "not there".
    pub body: Value,
    /// Where it stands.
    pub place: Place,
}

impl Exchange {
    /// What an empty store is filled with first.
    pub fn rows(&self, plan: &Plan, now: jiff::Timestamp) -> Vec<(String, Change)> {
        self.store.as_ref().map(|rows| rows.changes(plan, now)).unwrap_or_default()
    }
}

/// Reads a file. Findings instead of it when something is wrong.
pub fn read(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let file: Arc<str> = name.into();
    let root = yaml::parse(&file, text)?;
    let reader = Reader::new(&file);
    let read = document(&Reading { reader: &reader }, &root);
    let findings = reader.into_findings();
    match read {
        Some(read) if findings.is_empty() => Ok(read),
        _ => Err(findings),
    }
}

/// The same, or bare requests as a file of their own: `PATCH /Users/5: body`, and `tenant:` beside them.
pub fn read_request(name: &str, text: &str) -> Result<File, Vec<Diagnostic>> {
    let file: Arc<str> = name.into();
    let root = yaml::parse(&file, text)?;
    let Kind::Map(entries) = &root.kind else { return read(name, text) };
    let (tenant, requests): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(key, _)| key.text == "tenant");
    if requests.is_empty() || !requests.iter().all(|(key, _)| key.text.contains(" /")) {
        return read(name, text);
    }
    let reader = Reader::new(&file);
    let cx = Reading { reader: &reader };
    let exchanges = requests.iter().filter_map(|(key, body)| {
        let request = one(&cx, key, body)?;
        let place = cx.place(key.span);
        Some(bare(key.text.clone(), request, place))
    });
    let exchanges = exchanges.collect();
    let tenant = tenant.first().map(|(_, node)| node);
    let tenant_names = tenant.map(names).unwrap_or_default();
    let tenant = tenant.map(|node| cx.object(node)).unwrap_or_default();
    let findings = reader.into_findings();
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(File {
        mapping: None,
        tenant,
        tenant_place: Place { file, span: Span::START },
        tenant_names,
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
        tenant_names: Vec::new(),
        store: None,
        request,
        calls: Vec::new(),
        response: WrittenResponse { status: None, headers, body, place: place.clone() },
        answered: false,
        store_after: None,
        place,
    }
}

fn document(cx: &Reading<'_>, root: &Node) -> Option<File> {
    let mut fields = Fields::open(cx.reader, root, &keys::TEST_FILE)?;
    if let Some(version) = fields.integer("test")
        && version.value != 1
    {
        let message = format!("test version {} is not known", version.value);
        cx.error(version.span, message, "this build reads `test: 1`");
    }
    let mapping = fields.text("mapping");
    let tenant = fields.take("tenant");
    let tenant_place = cx.place(tenant.map_or(Span::START, |(key, _)| key.span));
    let tenant_names = tenant.map(|(_, node)| names(node)).unwrap_or_default();
    let tenant = tenant.map(|(_, node)| cx.object(node)).unwrap_or_default();
    let now = fields.text("now").and_then(|now| match now.value.parse() {
        Ok(instant) => Some(instant),
        Err(_) => {
            let message = format!("`{}` is no instant", now.value);
            cx.error(now.span, message, "e.g. `now: 2026-11-21T10:00:00Z`");
            None
        }
    });
    let answers = fields.node("answers").map(|node| named(cx, node)).unwrap_or_default();
    let tests = fields.node("tests");
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
    Some(File { mapping, tenant, tenant_place, tenant_names, now, exchanges })
}

/// The keys of a map, each where it stands.
fn names(node: &Node) -> Vec<Spanned<String>> {
    let Kind::Map(entries) = &node.kind else { return Vec::new() };
    let name = |(key, _): &(Key, Node)| Spanned { value: key.text.clone(), span: key.span };
    entries.iter().map(name).collect()
}

fn exchange(cx: &Reading<'_>, node: &Node, answers: &BTreeMap<String, Value>) -> Option<Exchange> {
    let mut fields = Fields::open(cx.reader, node, &keys::TEST)?;
    let name = fields.text("name");
    let client = match fields.text("client") {
        None => Profile::Strict,
        Some(client) => Profile::named(&client.value).unwrap_or_else(|| {
            let names = Profile::NAMES.map(|(name, _)| name);
            let help = match nearest(&client.value, names) {
                Some(near) => did_you_mean(near),
                None => format!("there are {}", names.join(", ")),
            };
            let message = format!("`{}` is no profile", client.value);
            cx.error(client.span, message, help);
            Profile::Strict
        }),
    };
    let tenant = fields.node("tenant");
    let tenant_names = tenant.map(names).unwrap_or_default();
    let tenant = tenant.map(|node| cx.object(node)).unwrap_or_default();
    let store = fields.node("store").and_then(|node| holding::before(cx, node));
    let request = fields.node("request");
    let request = request.and_then(|node| request_of(cx, node));
    let if_match = fields.text("if_match").map(|tag| tag.value);
    let if_none_match = fields.text("if_none_match").map(|tag| tag.value);
    let calls = fields.node("calls").map(|node| calls(cx, node, answers));
    let response = fields.node("response").and_then(|node| response(cx, node));
    let store_after = fields.node("store_after").and_then(|node| holding::after(cx, node));
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
        tenant_names,
        store,
        request: Written { if_match, if_none_match, ..request? },
        calls: calls.unwrap_or_default(),
        answered: response.is_some(),
        response: response.unwrap_or(nothing),
        store_after,
        place,
    })
}

/// `METHOD /path: body`
fn request_of(cx: &Reading<'_>, node: &Node) -> Option<Written> {
    let (Kind::Map(entries), span) = (&node.kind, node.span) else {
        cx.error(node.span, "expected `METHOD /path: body`", "e.g. `GET /Users/7: null`");
        return None;
    };
    let [(key, body)] = entries.as_slice() else {
        let message = "a test has one request";
        let help = "`if_match` and what else belongs to it stand beside `request`";
        cx.error(span, message, help);
        return None;
    };
    one(cx, key, body)
}

fn one(cx: &Reading<'_>, key: &Key, body: &Node) -> Option<Written> {
    let (method, address) = cx.line(&key.text, key.span)?;
    Some(Written { method, address, body: body.to_json(), if_match: None, if_none_match: None })
}

fn response(cx: &Reading<'_>, node: &Node) -> Option<WrittenResponse> {
    let mut fields = Fields::open(cx.reader, node, &keys::RESPONSE)?;
    let status = fields.node("status").and_then(|node| status(cx, &node.to_json(), node.span));
    let expected = fields.node("headers").map(|node| reading::expected(&cx.object(node)));
    let body = fields.node("body").map(Node::to_json).unwrap_or_default();
    fields.finish();
    let headers = expected.unwrap_or_default();
    Some(WrittenResponse { status, headers, body, place: cx.place(node.span) })
}
