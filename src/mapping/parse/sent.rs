//! What a call sends, which every call says, and when it counts as done.

use super::{address, texts::Texts};
use crate::{
    diagnostic::{Place, Span},
    mapping::{
        expr::{Template, Tree},
        plan::{Accept, Encoding, Evidence, Step},
    },
    yaml::{Fields, Kind, Node},
};
use http::{HeaderName, Method};

/// As the file has it.
pub struct Sent {
    call: Option<(Method, Template)>,
    query: Vec<(String, Template)>,
    headers: Vec<(String, Template)>,
    body: Option<Tree>,
    /// `body` stands there; null is none.
    pub has_body: bool,
    encoding: Encoding,
    accept: Vec<Accept>,
    repeat: Option<bool>,
    idempotency_key: Option<HeaderName>,
    place: Place,
}

impl Sent {
    /// Takes the keys of what is sent, over these names. Any 2xx will do.
    pub fn read(texts: &Texts<'_>, fields: &mut Fields<'_>, span: Span, names: &[&str]) -> Self {
        let call = fields.node("call");
        let place = texts.place(call.map_or(span, |call| call.span));
        let call = call.and_then(|node| self::call(texts, node, names));
        let query = fields.node("query").map(|node| address::query(texts, node, names));
        let headers = fields.node("headers").map(|node| address::headers(texts, node, names));
        let written = fields.node("body");
        let empty = written.is_some_and(|node| matches!(node.kind, Kind::Null));
        Self {
            call,
            query: query.unwrap_or_default(),
            headers: headers.unwrap_or_default(),
            body: written.filter(|_| !empty).and_then(|node| texts.tree(node, names)),
            has_body: written.is_some(),
            encoding: encoding(fields).unwrap_or(texts.encoding()),
            accept: done(),
            repeat: None,
            idempotency_key: None,
            place,
        }
    }

    /// Takes what else a step says of its call.
    pub fn judged(self, texts: &Texts<'_>, fields: &mut Fields<'_>) -> Self {
        Self { accept: accept(texts, fields), repeat: repeat(fields), ..self }
    }

    /// Takes the header of its idempotency key; `kind` is that of the operation.
    pub fn keyed(
        self,
        texts: &Texts<'_>,
        fields: &mut Fields<'_>,
        kind: &str,
        writes: bool,
    ) -> Self {
        let Some((key, node)) = fields.take("idempotency_key") else { return self };
        let useless = |what: &str, why: &str| {
            let message = format!("`{what}` does nothing in `{kind}`");
            texts.error("M217", key.span, message, Some(format!("{why}: leave it out")));
        };
        if !writes || matches!(self.call, Some((Method::GET, _))) {
            useless("idempotency_key", "only a call that changes something has one");
            return self;
        }
        if self.repeat.is_some() {
            useless("repeat` beside `idempotency_key", "the vendor knows a call with a key again");
        }
        let Some(name) = texts.text(node, "a header's name") else { return self };
        if self.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(&name.value)) {
            let message =
                format!("`headers` says what `{}` is, and so does `idempotency_key`", name.value);
            texts.error("M217", node.span, message, Some("leave one of them out".to_owned()));
        }
        address::header_name(texts, &name.value, node.span);
        Self { idempotency_key: HeaderName::try_from(&*name.value).ok(), ..self }
    }

    /// A call that is all there is.
    pub fn alone(texts: &Texts<'_>, call: (Method, Template), place: Place) -> Self {
        Self {
            call: Some(call),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            has_body: false,
            encoding: texts.encoding(),
            accept: done(),
            repeat: None,
            idempotency_key: None,
            place,
        }
    }

    /// A step that sends it and takes nothing from the answer.
    pub fn step(self, name: String, label: String) -> Option<Step> {
        let (method, path) = self.call?;
        let by_itself = matches!(method, Method::GET | Method::PUT | Method::DELETE);
        Some(Step {
            name,
            label,
            method,
            path,
            query: self.query,
            headers: self.headers,
            body: self.body,
            encoding: self.encoding,
            accept: self.accept,
            safe: self.idempotency_key.is_some() || self.repeat.unwrap_or(by_itself),
            idempotency_key: self.idempotency_key,
            writes: false,
            // Who knows better says so.
            evidence: Evidence::Assumed,
            when: None,
            for_each: None,
            capture: Vec::new(),
            record: None,
            items: None,
            may_lack_items: false,
            into: None,
            part: None,
            paging: None,
            errors: Vec::new(),
            undo: None,
            place: self.place,
        })
    }
}

/// `METHOD /path`
pub fn call(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Option<(Method, Template)> {
    let text = texts.text(node, "METHOD /path")?;
    let (method, path) = text.value.split_once(' ').unwrap_or((&text.value, ""));
    let path = path.trim();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    if !known.contains(&method) || !path.starts_with('/') {
        let expected = "METHOD /path, e.g. `GET /users/{key}`";
        let message = format!("expected {expected}, found `{}`", text.value);
        texts.error("M104", node.span, message, remedy(method, path, &known));
        return None;
    }
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let skipped = text.value.len() - path.len();
    let span = node.inside(skipped, path.len());
    address::placeholders(texts, path, span, names);
    let path = Node { span, head: span, kind: Kind::Text(path.to_owned()) };
    Some((method, texts.template(&path, names)?))
}

/// `encoding: json | form`
pub fn encoding(fields: &mut Fields<'_>) -> Option<Encoding> {
    Some(match fields.word("encoding")?.value {
        "form" => Encoding::Form,
        _ => Encoding::Json,
    })
}

/// What a call is nearly: its method in lower case, or an address in place of a path.
fn remedy(method: &str, path: &str, known: &[&str]) -> Option<String> {
    let upper = method.to_ascii_uppercase();
    if path.contains("://") {
        return Some("a path begins behind `base_url`, with `/`".to_owned());
    }
    if !known.contains(&upper.as_str()) {
        return Some(format!("the method is one of {}", known.join(", ")));
    }
    (!path.is_empty()).then(|| format!("did you mean `{upper} /{}`?", path.trim_start_matches('/')))
}

/// What counts as done where nothing is said.
fn done() -> Vec<Accept> {
    vec![Accept::Class(2)]
}

/// `accept: [2xx, 404]`
fn accept(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Vec<Accept> {
    let Some(node) = fields.node("accept") else { return done() };
    let mut accept = Vec::new();
    for node in texts.items(node, "statuses") {
        let Some(text) = texts.text(node, "a status") else { continue };
        let class = text.value.strip_suffix("xx").and_then(|class| class.parse().ok());
        match (class, text.value.parse::<u16>()) {
            (Some(class @ 1..=5), _) => accept.push(Accept::Class(class)),
            (None, Ok(status @ 100..=599)) => accept.push(Accept::Status(status)),
            _ => {
                let help = "e.g. `accept: [2xx, 404]`";
                texts.expected(node.span, "a status such as 2xx or 404", &text.value, help);
            }
        }
    }
    accept
}

/// `repeat: safe | unsafe`
fn repeat(fields: &mut Fields<'_>) -> Option<bool> {
    fields.word("repeat").map(|word| word.value == "safe")
}
