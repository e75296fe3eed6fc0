//! Literal HTTP with each fake, as the pages beside this file have it.
//!
//! A page is a list of conversations, `## name`, each with a vendor of its own. An exchange is a request line,
//! headers and a body if any, then the status, headers to be found and the JSON to be equal; `"…": true` in an object
//! means that there is more in it. `# …` is a remark.

mod acall;
pub mod carbon_voice;
pub mod dialpad;
mod envoy;
mod playvox;
mod trouble;
pub mod wire;

use crate::fakes::{
    call::Call,
    route::{Route, Vendor},
    server::Fake,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wire::Answer;

/// One exchange of a page.
struct Exchange<'a> {
    line: usize,
    request: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    body: String,
    status: u16,
    expected_headers: Vec<(&'a str, &'a str)>,
    expected: Value,
}

/// One exchange that a route has taken and not refused.
pub struct Held {
    pub method: &'static str,
    pub path: &'static str,
    pub status: u16,
    pub body: Value,
}

/// A page whose conversations are held with `start`'s vendors, each prepared by `prepare`.
pub struct Page<'a, V> {
    pub text: &'a str,
    /// Sent with every request that has no header of the name.
    pub headers: &'a [(&'a str, &'a str)],
    pub prepare: fn(&str, &mut V),
}

impl<V: Vendor> Page<'_, V> {
    /// Holds all conversations. Every route of the vendor must have been taken, and something refused on it.
    pub async fn hold(&self, start: impl AsyncFn() -> Fake<V>) -> Vec<Held> {
        let (mut held, mut refused) = (Vec::new(), BTreeSet::new());
        let mut line = 1 + self.text.split("## ").next().unwrap_or_default().lines().count();
        for conversation in self.text.split("## ").skip(1) {
            let name = conversation.lines().next().unwrap_or_default();
            let vendor = start().await;
            (self.prepare)(name, &mut vendor.state());
            for exchange in exchanges(conversation, line) {
                let answer = self.exchange(&vendor, &exchange).await;
                let Some(&Route { method, path, .. }) = route_of::<V>(&exchange) else { continue };
                let (status, body) = (answer.status, answer.json());
                match succeeded(status, &body) {
                    true => held.push(Held { method, path, status, body }),
                    false => drop(refused.insert((method, path))),
                }
            }
            line += conversation.lines().count();
        }
        let all: BTreeSet<_> = V::ROUTES.iter().map(|one| (one.method, one.path)).collect();
        let done: BTreeSet<_> = held.iter().map(|one| (one.method, one.path)).collect();
        assert_eq!(done, all, "not every route is taken");
        let open: Vec<_> = all.difference(&refused).collect();
        assert_eq!(open, [&("", ""); 0], "nothing is refused on these routes");
        held
    }

    async fn exchange(&self, vendor: &Fake<V>, exchange: &Exchange<'_>) -> Answer {
        let Exchange { line, request, headers, body, status, expected_headers, expected } =
            exchange;
        let known = |name: &str| headers.iter().any(|(given, _)| *given == name);
        let common = self
            .headers
            .iter()
            .filter(|(name, _)| !known(name) && (*name != "content-type" || !body.is_empty()));
        let all: Vec<_> =
            headers.iter().chain(common).copied().filter(|(_, value)| !value.is_empty()).collect();
        let answer = wire::send(vendor.url(), request, &all, body).await;
        let place = format!("line {line}: {request}: {}", answer.text);
        assert_eq!(answer.status, *status, "{place}");
        for (name, value) in expected_headers {
            assert_eq!(answer.header(name), Some(*value), "{place}");
        }
        if let Err(difference) = same(expected, &answer.json(), "") {
            panic!("{place}: {difference}");
        }
        answer
    }
}

fn route_of<V: Vendor>(exchange: &Exchange<'_>) -> Option<&'static Route<V>> {
    let (method, target) = exchange.request.split_once(' ').unwrap();
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let call = Call { method: method.to_owned(), path, ..Call::default() };
    let mut routes = V::ROUTES.iter();
    routes.find(|route| route.method == method && route.captured(&call).is_some())
}

fn succeeded(status: u16, body: &Value) -> bool {
    status < 300 && body.get("success") != Some(&Value::Bool(false))
}

fn exchanges(conversation: &str, first_line: usize) -> Vec<Exchange<'_>> {
    let mut all = Vec::new();
    let mut lines = conversation.lines().zip(first_line..).skip(1).peekable();
    while let Some((request, line)) = lines.next() {
        if request.is_empty() || request.starts_with('#') {
            continue;
        }
        let mut block = Vec::new();
        while let Some((text, _)) = lines.next_if(|(text, _)| !text.is_empty()) {
            block.push(text);
        }
        let is_status = |text: &&str| text.len() == 3 && text.parse::<u16>().is_ok();
        let at = block.iter().position(is_status);
        let at = at.unwrap_or_else(|| panic!("line {line}: no status follows"));
        let (headers, body) = parts(&block[..at]);
        let (expected_headers, expected) = parts(&block[at + 1..]);
        let read = |text: &str| {
            serde_json::from_str(text)
                .unwrap_or_else(|error| panic!("line {line}: {error}: {text}"))
        };
        let expected = if expected.is_empty() { Value::Null } else { read(&expected) };
        let status = block[at].parse().unwrap();
        all.push(Exchange { line, request, headers, body, status, expected_headers, expected });
    }
    all
}

/// Headers, `name: value` in small letters, and what follows them.
fn parts<'a>(block: &[&'a str]) -> (Vec<(&'a str, &'a str)>, String) {
    let mut headers = Vec::new();
    let mut rest = block;
    while let [first, others @ ..] = rest {
        let Some((name, value)) = first.split_once(':') else { break };
        if !name.chars().all(|one| one.is_ascii_lowercase() || one == '-') {
            break;
        }
        headers.push((name, value.trim()));
        rest = others;
    }
    (headers, rest.join("\n"))
}

/// Equal, but where the expected says that there is more.
pub fn same(expected: &Value, found: &Value, at: &str) -> Result<(), String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let more = expected.contains_key("…");
            let unexpected = found.keys().find(|name| !expected.contains_key(*name));
            if let Some(name) = unexpected.filter(|_| !more) {
                return Err(format!("{at}/{name} is not expected"));
            }
            for (name, expected) in expected.iter().filter(|(name, _)| *name != "…") {
                let Some(found) = found.get(name) else {
                    return Err(format!("{at}/{name} is missing"));
                };
                same(expected, found, &format!("{at}/{name}"))?;
            }
            Ok(())
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.try_for_each(|(index, (expected, found))| {
                same(expected, found, &format!("{at}/{index}"))
            })
        }
        _ if expected == found => Ok(()),
        _ => Err(format!("{at}: expected {expected}, found {found}")),
    }
}

#[test]
fn what_differs_is_found() {
    for (expected, found, difference) in [
        (json!({ "a": 1 }), json!({ "a": 1 }), None),
        (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), Some("/b is not expected")),
        (json!({ "a": 1, "…": true }), json!({ "a": 1, "b": 2 }), None),
        (json!({ "a": 1, "…": true }), json!({ "b": 2 }), Some("/a is missing")),
        (json!({ "a": null }), json!({}), Some("/a is missing")),
        (json!([{ "a": [1] }]), json!([{ "a": ["1"] }]), Some("/0/a/0: expected 1, found \"1\"")),
        (json!([1]), json!([1, 2]), Some(": expected [1], found [1,2]")),
        (json!(null), json!({}), Some(": expected null, found {}")),
    ] {
        assert_eq!(same(&expected, &found, "").err().as_deref(), difference, "{expected} {found}");
    }
}

#[test]
fn a_page_is_read() {
    let text =
        "a name\n\n# A remark.\nPOST /x\nx-y: z\n{\n}\n404\nx-z: y\n[1,\n2]\n\nGET /y?z=a:b\n204\n";
    let read = exchanges(text, 7);
    let [first, second] = read.as_slice() else { panic!("{}", read.len()) };
    assert_eq!((first.line, first.request, first.body.as_str()), (10, "POST /x", "{\n}"));
    assert_eq!((first.headers.as_slice(), first.status), (&[("x-y", "z")][..], 404));
    assert_eq!(
        (&first.expected_headers[..], &first.expected),
        (&[("x-z", "y")][..], &json!([1, 2]))
    );
    assert_eq!((second.line, second.request, second.status), (19, "GET /y?z=a:b", 204));
    assert_eq!((second.body.as_str(), &second.expected), ("", &Value::Null));
}
