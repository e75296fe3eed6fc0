//! One step of an operation: the call, and what becomes of its answer.

use super::{
    address,
    paging::paging,
    texts::Texts,
    upstream::{encoding, errors},
};
use crate::{
    diagnostic::Span,
    mapping::{
        document::{ClaimSection, ClaimedSection},
        expr::{Template, Tree},
        keys,
        plan::{Accept, Capture, Evidence, Step},
    },
    yaml::{Fields, Kind, Node},
};
use http::Method;

/// What is known of an operation before its keys are read.
pub struct Frame<'a> {
    /// `User`
    pub resource: &'a str,
    /// `get`, `update`, ...
    pub kind: &'static str,
    /// Names in scope, `answer`, `item` and `steps` apart.
    pub names: Vec<&'a str>,
    /// `for_each` stands further up: there is an `item`.
    pub each: bool,
    /// Earlier steps stand before.
    pub earlier: bool,
    /// What stands further up.
    pub evidence: Evidence,
}

impl Frame<'_> {
    /// The names in scope: those of the operation, and what stands before and around.
    pub fn scope(&self, steps: bool, item: bool, answer: bool) -> Vec<&str> {
        let more = [("steps", steps), ("item", item), ("answer", answer)];
        let more = more.into_iter().filter(|(_, there)| *there).map(|(name, _)| name);
        self.names.iter().copied().chain(more).collect()
    }
}

/// `steps:`, in order.
pub fn steps(
    texts: &Texts<'_>,
    node: &Node,
    frame: &Frame<'_>,
    label: &str,
    claims: Option<&[ClaimSection]>,
) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for node in texts.items(node, "steps") {
        let Some(mut fields) = Fields::open(texts.reader, node, &keys::STEP) else { continue };
        let name = fields.text("name");
        fields.text("about");
        fields.word("evidence");
        texts.unsupported(&mut fields);
        let name = name.map_or_else(|| "step".to_owned(), |name| name.value);
        let mark = texts.mark();
        let label = format!("{label}.{name}");
        let frame = Frame { earlier: !steps.is_empty(), names: frame.names.clone(), ..*frame };
        let step = step(texts, &mut fields, node.span, &frame, Some(name), &label, claims);
        fields.finish();
        earlier(texts, mark, &steps);
        steps.extend(step);
    }
    steps
}

/// `steps.NAME` must be an earlier step, and what is taken from it captured there.
fn earlier(texts: &Texts<'_>, mark: usize, steps: &[Step]) {
    for used in texts.since(mark).iter().filter(|used| used.root == "steps") {
        let name = used.path.first().map_or("", String::as_str);
        let Some(step) = steps.iter().find(|step| step.name == name) else {
            // Before the first step the scope has told it already.
            if !steps.is_empty() {
                let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
                let help = format!("there are {}", names.join(", "));
                let message = format!("`steps.{name}` is not an earlier step");
                texts.error("M604", used.span, message, Some(help));
            }
            continue;
        };
        if let Some(taken) = used.path.get(1)
            && taken != "status"
            && !step.capture.iter().any(|(captured, _)| captured == taken)
        {
            let message = format!("`steps.{name}` captures no `{taken}`");
            let help = format!("add `capture: {{ {taken}: ... }}` to step `{name}`");
            texts.error("M604", used.span, message, Some(help));
        }
    }
}

/// The keys of one call, wherever they stand.
pub fn step(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    frame: &Frame<'_>,
    name: Option<String>,
    label: &str,
    claims: Option<&[ClaimSection]>,
) -> Option<Step> {
    let in_steps = name.is_some();
    let each = frame.each || fields.has("for_each");
    let scope = frame.scope(frame.earlier, each, false);
    let answered = frame.scope(frame.earlier, each, true);
    let names: &[&str] = &scope;
    let call = fields.node("call");
    let place = texts.place(call.map_or(span, |call| call.span));
    let call = call.and_then(|node| self::call(texts, node, names));
    let query = fields.node("query").map(|node| address::query(texts, node, names));
    let headers = fields.node("headers").map(|node| address::headers(texts, node, names));
    let written = fields.node("body");
    let empty = written.is_some_and(|node| matches!(node.kind, Kind::Null));
    let body = written.filter(|_| !empty).and_then(|node| texts.tree(node, names));
    let encoding = encoding(fields).unwrap_or(texts.encoding());
    let accept = accept(texts, fields);
    let repeat = repeat(fields);
    // A lookup asks for one thing, and nothing is made of its answer but names.
    let alone = frame.kind == "lookup";
    let condition = (!alone && (in_steps || frame.kind != "update"))
        .then(|| texts.expression_at(fields, "when", names))
        .flatten();
    let each = frame.scope(frame.earlier, frame.each, false);
    let for_each = (!alone).then(|| texts.expression_at(fields, "for_each", &each)).flatten();
    let writes = !matches!(frame.kind, "get" | "list" | "find" | "lookup");
    if writes {
        unread(texts, fields, frame.kind);
    }
    let capture = if alone { None } else { fields.node("capture") };
    let capture = capture.map(|node| captures(texts, node, &answered));
    let record = texts.locator_at(fields, "record");
    let items = texts.locator_at(fields, "items");
    let may_lack_items = fields.boolean("may_lack_items").is_some_and(|flag| flag.value);
    let into = if alone { None } else { fields.node("into") };
    let into = into.and_then(|node| texts.field_path(node)).map(|into| into.value);
    let paging = fields.node("paging").and_then(|node| paging(texts, node));
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    let (method, path) = call?;
    let body = match body {
        // Of several calls each says what it sends: a password is nothing for the second one.
        None if written.is_none() && !in_steps => default_body(texts, frame.kind, &method, claims),
        body => body,
    };
    let safe = repeat.unwrap_or(matches!(method, Method::GET | Method::PUT | Method::DELETE));
    Some(Step {
        name: name.unwrap_or_else(|| frame.kind.to_owned()),
        label: label.to_owned(),
        method,
        path,
        query: query.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        body,
        encoding,
        accept,
        safe,
        writes,
        when: condition,
        for_each,
        capture: capture.unwrap_or_default(),
        record,
        items,
        may_lack_items,
        into,
        paging,
        errors,
        place,
    })
}

/// What only reads look at: lists, their pages, and places in the record that they make.
fn unread(texts: &Texts<'_>, fields: &mut Fields<'_>, kind: &str) {
    for key in ["items", "may_lack_items", "into", "paging"] {
        if let Some((found, _)) = fields.take(key) {
            let message = format!("`{key}` does nothing in `{kind}`");
            let help = "only `get`, `list` and `find` read so: leave it out".to_owned();
            texts.error("M217", found.span, message, Some(help));
        }
    }
}

/// `METHOD /path`
fn call(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Option<(Method, Template)> {
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

/// Create sends `{fields}`, update `{changed}`; nothing where all claims are transitions or parts
/// of lists, and in GET and DELETE.
fn default_body(
    texts: &Texts<'_>,
    kind: &str,
    method: &Method,
    claims: Option<&[ClaimSection]>,
) -> Option<Tree> {
    let partial = |claims: &[ClaimSection]| {
        !claims.is_empty() && claims.iter().all(|claim| claim.what != ClaimedSection::Whole)
    };
    let text = match (kind, method) {
        (_, &Method::GET | &Method::DELETE) => return None,
        _ if claims.is_some_and(partial) => return None,
        ("create", _) => "{fields}",
        ("update", _) => "{changed}",
        _ => return None,
    };
    let nowhere = Span::default();
    let node = Node { span: nowhere, head: nowhere, kind: Kind::Text(text.to_owned()) };
    texts.tree(&node, &["fields", "changed"])
}

/// `accept: [2xx, 404]`
fn accept(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Vec<Accept> {
    let Some(node) = fields.node("accept") else { return vec![Accept::Class(2)] };
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

/// `capture: { id: result._id }`
fn captures(texts: &Texts<'_>, node: &Node, names: &[&str]) -> Vec<(String, Capture)> {
    let mut captures = Vec::new();
    for (key, node) in texts.entries(node, "names of what is taken") {
        let template = matches!(&node.kind, Kind::Text(text) if text.contains('{'));
        let capture = match template {
            true => texts.template(node, names).map(Capture::Template),
            false => texts.locator(node).map(Capture::Place),
        };
        captures.extend(capture.map(|capture| (key.text.clone(), capture)));
    }
    captures
}
