//! `operations:`: the calls that a vendor offers, step by step.

use super::{
    evidence,
    texts::Texts,
    upstream::{encoding, errors, positive},
};
use crate::{
    diagnostic::Span,
    mapping::{
        document::{
            ClaimSection, ClaimedSection, DeleteSection, FindSection, OperationSection,
            OperationsSection,
        },
        plan::{Accept, Capture, Encoding, Evidence, Step},
    },
    scim::filter::Operator,
    upstream::paging::Paging,
    yaml::{Fields, Kind, Node, Spanned},
};
use http::Method;

/// Items that are read again at the same time unless the mapping says otherwise.
const CONCURRENT: usize = 8;

/// What is known of an operation before its keys are read.
struct Frame<'a> {
    /// `User`
    resource: &'a str,
    /// `get`, `update`, ...
    kind: &'static str,
    /// Names in scope.
    names: Vec<&'a str>,
    /// What stands further up.
    evidence: Evidence,
}

/// The section.
pub fn operations(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> OperationsSection {
    let Some(mut fields) = Fields::open(texts.reader, node, "operations") else {
        return OperationsSection::default();
    };
    let frame = |kind: &'static str, names: &[&'static str]| Frame {
        resource,
        kind,
        names: names.to_vec(),
        evidence,
    };
    let mut one = |kind: &'static str, names: &[&'static str]| {
        fields.node(kind).and_then(|node| operation(texts, node, &frame(kind, names)))
    };
    let get = one("get", &["key", "steps", "answer", "tenant", "now"]);
    let list = one("list", &["steps", "answer", "tenant", "now"]);
    let create = one(
        "create",
        &["resource", "fields", "steps", "item", "answer", "tenant", "now"],
    );
    let find = fields.node("find").map(|node| {
        let items = texts.items(node, "find entries");
        items.iter().filter_map(|node| find(texts, node, resource, evidence)).collect()
    });
    let update = fields.node("update").map(|node| {
        let items = texts.items(node, "updates, each with a name");
        let names = ["key", "before", "after", "resource", "changes", "record", "fields",
            "changed", "whole", "steps", "item", "answer", "tenant", "now"];
        items
            .iter()
            .filter_map(|node| operation(texts, node, &frame("update", &names)))
            .collect()
    });
    let delete = fields.node("delete").and_then(|node| delete(texts, node, resource, evidence));
    fields.finish();
    OperationsSection {
        get,
        list,
        find: find.unwrap_or_default(),
        create,
        update: update.unwrap_or_default(),
        delete,
    }
}

fn operation(texts: &Texts<'_>, node: &Node, frame: &Frame<'_>) -> Option<OperationSection> {
    let mut fields = Fields::open(texts.reader, node, "an operation")?;
    let section = body(texts, &mut fields, node.span, frame);
    fields.finish();
    section
}

/// The keys of an operation that are not those of its kind alone.
fn body(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    frame: &Frame<'_>,
) -> Option<OperationSection> {
    let mark = texts.mark();
    texts.unsupported(fields, &["undo", "batch", "durable", "acknowledge", "links"]);
    fields.text("about");
    let evidence = evidence(fields, texts, Some(frame.evidence)).unwrap_or(frame.evidence);
    let updating = frame.kind == "update";
    let name = match updating {
        true => fields.required_text("name", "name: profile"),
        false => Some(Spanned { value: frame.kind.to_owned(), span }),
    };
    let claims = fields.node("claims").map(|node| claims(texts, node));
    let names: Vec<&str> = frame.names.clone();
    let label = match (&name, updating) {
        (Some(name), true) => format!("{}.update.{}", frame.resource, name.value),
        _ => format!("{}.{}", frame.resource, frame.kind),
    };
    let several = fields.node("steps");
    // With `steps`, `for_each` and `when` are the operation's; with `call` they are the call's.
    let (mut when, mut for_each) = (None, None);
    let steps = match several {
        Some(node) => {
            when = texts.expression_at(fields, "when", &names);
            for_each = texts.expression_at(fields, "for_each", &names);
            steps(texts, node, frame, &label, claims.as_deref())
        }
        None => {
            if updating {
                when = texts.expression_at(fields, "when", &names);
            }
            step(texts, fields, span, frame, None, &label, claims.as_deref()).into_iter().collect()
        }
    };
    let key = texts.template_at(fields, "key", &names);
    let read_again = fields.node("read_again").map(|node| {
        texts
            .items(node, "names of get steps")
            .iter()
            .filter_map(|node| {
                let text = texts.text(node, "a name")?;
                Some(Spanned { value: text.value.into_owned(), span: node.span })
            })
            .collect()
    });
    Some(OperationSection {
        name: name?,
        steps,
        key,
        claims,
        when,
        for_each,
        may_fail: fields.boolean("may_fail").is_some_and(|flag| flag.value),
        read_again: read_again.unwrap_or_default(),
        concurrent: positive(texts, fields, "concurrent").unwrap_or(CONCURRENT),
        evidence,
        mentions: texts.roots_since(mark),
        span,
    })
}

fn steps(
    texts: &Texts<'_>,
    node: &Node,
    frame: &Frame<'_>,
    label: &str,
    claims: Option<&[ClaimSection]>,
) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for node in texts.items(node, "steps") {
        let Some(mut fields) = Fields::open(texts.reader, node, "a step") else { continue };
        let name = fields.required_text("name", "name: user");
        fields.text("about");
        fields.text("evidence");
        texts.unsupported(&mut fields, &["undo", "batch"]);
        let name = name.map_or_else(|| "step".to_owned(), |name| name.value);
        let mark = texts.mark();
        let label = format!("{label}.{name}");
        let step = step(texts, &mut fields, node.span, frame, Some(name), &label, claims);
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
            texts.error("M604", used.span, format!("`steps.{name}` is not an earlier step"), None);
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

fn step(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    frame: &Frame<'_>,
    name: Option<String>,
    label: &str,
    claims: Option<&[ClaimSection]>,
) -> Option<Step> {
    let mark = texts.mark();
    let names: &[&str] = &frame.names;
    let in_steps = name.is_some();
    let call = fields.required_node("call", "call: GET /users/{key}");
    let place = texts.place(call.map_or(span, |call| call.span));
    let call = call.and_then(|node| self::call(texts, node, names));
    let query = fields.node("query").map(|node| texts.templates(node, "query parameters", names));
    let headers = fields.node("headers").map(|node| texts.templates(node, "headers", names));
    let written = fields.node("body");
    let empty = written.is_some_and(|node| matches!(node.kind, Kind::Null));
    let body = written.filter(|_| !empty).and_then(|node| texts.tree(node, names));
    let encoding = encoding(texts, fields).unwrap_or(Encoding::Json);
    let accept = accept(texts, fields);
    let repeat = repeat(texts, fields);
    let condition = (in_steps || frame.kind != "update")
        .then(|| texts.expression_at(fields, "when", names))
        .flatten();
    let for_each = texts.expression_at(fields, "for_each", names);
    let capture = fields.node("capture").map(|node| captures(texts, node, names));
    let used = texts.since(mark);
    let record = texts.locator_at(fields, "record");
    let items = texts.locator_at(fields, "items");
    let may_lack_items = fields.boolean("may_lack_items").is_some_and(|flag| flag.value);
    let into = fields.node("into").and_then(|node| texts.field_path(node)).map(|into| into.value);
    let paging = fields.node("paging").and_then(|node| paging(texts, node));
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    let (method, path) = call?;
    let body = match body {
        None if written.is_none() => default_body(texts, frame.kind, &method, claims),
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
        when: condition,
        for_each,
        capture: capture.unwrap_or_default(),
        record,
        items,
        may_lack_items,
        into,
        paging,
        errors,
        names_key: used.iter().any(|name| name.root == "key"),
        names_value: used.iter().any(|name| !matches!(name.root.as_str(), "key" | "tenant" | "now" | "changed" | "whole" | "steps" | "answer")),
        place,
    })
}

/// `METHOD /path`
fn call(
    texts: &Texts<'_>,
    node: &Node,
    names: &[&str],
) -> Option<(Method, crate::mapping::expr::Template)> {
    let text = texts.text(node, "METHOD /path")?;
    let (method, path) = text.value.split_once(' ').unwrap_or((&text.value, ""));
    let path = path.trim();
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    if !known.contains(&method) || !path.starts_with('/') {
        let example = "METHOD /path, e.g. `GET /users/{key}`";
        texts.expected(node.span, example, &text.value);
        return None;
    }
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let skipped = text.value.len() - path.len();
    let span = node.span.within(skipped, path.len());
    let path = Node { span, kind: Kind::Text(path.to_owned()) };
    Some((method, texts.template(&path, names)?))
}

/// Create sends `{fields}`, update `{changed}`; nothing where all claims are transitions or parts
/// of lists, and in GET and DELETE.
fn default_body(
    texts: &Texts<'_>,
    kind: &str,
    method: &Method,
    claims: Option<&[ClaimSection]>,
) -> Option<crate::mapping::expr::Tree> {
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
    let node = Node { span: Span::default(), kind: Kind::Text(text.to_owned()) };
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
            _ => texts.expected(node.span, "a status such as 2xx or 404", &text.value),
        }
    }
    accept
}

/// `repeat: safe | unsafe`
fn repeat(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Option<bool> {
    let found = fields.text("repeat")?;
    match found.value.as_str() {
        "safe" => Some(true),
        "unsafe" => Some(false),
        other => {
            texts.expected(found.span, "safe or unsafe", other);
            None
        }
    }
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

/// `claims:`: `ATTR`, `ATTR becomes VALUE`, `ATTR adds|removes|alters`.
fn claims(texts: &Texts<'_>, node: &Node) -> Vec<ClaimSection> {
    texts
        .items(node, "claims")
        .iter()
        .filter_map(|node| {
            let text = texts.text(node, "a claim")?;
            let trimmed = text.value.trim();
            let (path, what) = match trimmed.split_once(" becomes ") {
                Some((path, value)) => {
                    (path, ClaimedSection::Becomes(value.trim().trim_matches('\'').to_owned()))
                }
                None => [
                    (" adds", ClaimedSection::Adds),
                    (" removes", ClaimedSection::Removes),
                    (" alters", ClaimedSection::Alters),
                ]
                .into_iter()
                .find_map(|(word, what)| Some((trimmed.strip_suffix(word)?, what)))
                .unwrap_or((trimmed, ClaimedSection::Whole)),
            };
            let path = texts.rule_path(path.trim(), node.span)?;
            let text = Spanned { value: trimmed.to_owned(), span: node.span };
            Some(ClaimSection { path, what, text })
        })
        .collect()
}

/// One `find` entry.
fn find(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> Option<FindSection> {
    let mut fields = Fields::open(texts.reader, node, "a find entry")?;
    let text = fields.required_text("filter", "filter: userName eq {email}");
    let terms = text.as_ref().and_then(|text| terms(texts, text));
    let holes: Vec<&str> =
        terms.iter().flatten().map(|(_, _, hole)| hole.as_str()).collect();
    let scan = fields.node("scan").map(|node| scan(texts, node));
    let operation = match scan {
        Some(_) => None,
        None => {
            let mut names = vec!["steps", "answer", "tenant", "now"];
            names.extend(&holes);
            let mark = texts.mark();
            let frame = Frame { resource, kind: "find", names, evidence };
            let section = body(texts, &mut fields, node.span, &frame);
            let used = texts.roots_since(mark);
            if let Some(text) = &text {
                for hole in holes.iter().filter(|hole| !used.iter().any(|name| name == *hole)) {
                    texts.error("M607", text.span, format!("`{{{hole}}}` is never used"), None);
                }
            }
            section
        }
    };
    fields.finish();
    Some(FindSection { terms: terms?, text: text?, operation, scan: scan.flatten() })
}

fn scan(texts: &Texts<'_>, node: &Node) -> Option<usize> {
    let mut fields = Fields::open(texts.reader, node, "scan")?;
    let at_most = positive(texts, &mut fields, "at_most");
    texts.unsupported(&mut fields, &["cache"]);
    fields.finish();
    at_most
}

/// `PATH (eq|sw|co) {hole}` joined by `and`.
fn terms(
    texts: &Texts<'_>,
    text: &Spanned<String>,
) -> Option<Vec<(crate::mapping::path::RulePath, Operator, String)>> {
    let term = |part: &str| {
        let (rest, hole) = part.trim().strip_suffix('}')?.rsplit_once('{')?;
        let (path, operator) = rest.trim().rsplit_once(' ')?;
        let operator = match operator {
            "eq" => Operator::Equal,
            "sw" => Operator::StartsWith,
            "co" => Operator::Contains,
            _ => return None,
        };
        Some((texts.rule_path(path.trim(), text.span)?, operator, hole.trim().to_owned()))
    };
    let terms: Option<Vec<_>> = text.value.split(" and ").map(term).collect();
    if terms.is_none() {
        let example = "`PATH (eq|sw|co) {hole}` joined by `and`";
        texts.error("M607", text.span, format!("expected {example}, found `{}`", text.value), None);
    }
    terms
}

fn delete(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> Option<DeleteSection> {
    let mut fields = Fields::open(texts.reader, node, "delete")?;
    let run = fields.text("run");
    let afterwards = fields.text("afterwards");
    let inactive = match afterwards.as_ref().map(|word| word.value.as_str()) {
        Some("inactive") => true,
        Some("gone") if run.is_some() => {
            let span = afterwards.as_ref().map_or(node.span, |word| word.span);
            let help = "leave `delete` out, or say `afterwards: inactive` (the user stays readable)";
            let message = "`afterwards: gone` needs a store, which this version does not have";
            texts.error("M111", span, message, Some(help.to_owned()));
            false
        }
        Some("gone") | None => false,
        Some(other) => {
            let span = afterwards.as_ref().map_or(node.span, |word| word.span);
            texts.expected(span, "gone or inactive", other);
            false
        }
    };
    if run.is_some() && afterwards.is_none() {
        let help = "say what a client sees afterwards: `afterwards: inactive`".to_owned();
        texts.error("M103", node.span, "`afterwards` is missing", Some(help));
    }
    let names = vec!["key", "before", "record", "steps", "answer", "tenant", "now"];
    let frame = Frame { resource, kind: "delete", names, evidence };
    let operation = match &run {
        Some(_) => None,
        None => body(texts, &mut fields, node.span, &frame),
    };
    fields.finish();
    Some(DeleteSection { operation, run, inactive, span: node.span })
}

/// `paging:`: exactly one way.
fn paging(texts: &Texts<'_>, node: &Node) -> Option<Paging> {
    let mut fields = Fields::open(texts.reader, node, "paging")?;
    let found = fields.one_of(&["page", "offset", "cursor", "next_url", "link"]);
    fields.finish();
    let (kind, node) = found?;
    let mut fields = Fields::open(texts.reader, node, "a way of paging")?;
    let paging = match kind {
        "next_url" => fields
            .required_node("field", "field: links.next")
            .and_then(|node| texts.locator(node))
            .map(|field| Paging::NextUrl { field }),
        "link" => {
            let rel = fields.text("rel").map_or_else(|| "next".to_owned(), |rel| rel.value);
            Some(Paging::Link { rel })
        }
        _ => numbered(texts, &mut fields, kind),
    };
    fields.finish();
    paging
}

fn numbered(texts: &Texts<'_>, fields: &mut Fields<'_>, kind: &str) -> Option<Paging> {
    let param = fields.required_text("param", "param: page").map(|param| param.value);
    let first = fields.integer("first").and_then(|first| u64::try_from(first.value).ok());
    let next = texts.locator_at(fields, "next");
    let more = texts.locator_at(fields, "more");
    let size_param = fields.text("size_param").map(|name| name.value);
    let size = positive(texts, fields, "size").unwrap_or(100) as u64;
    let total = texts.locator_at(fields, "total");
    let in_body = match fields.text("in") {
        None => false,
        Some(place) if place.value == "query" => false,
        Some(place) if place.value == "body" => true,
        Some(place) => {
            texts.expected(place.span, "query or body", &place.value);
            false
        }
    };
    let param = param?;
    Some(match kind {
        "page" => {
            Paging::Page { param, first: first.unwrap_or(1), size_param, size, total, more, in_body }
        }
        "offset" => {
            Paging::Offset { param, first: first.unwrap_or(0), size_param, size, total, more, in_body }
        }
        _ => {
            let Some(next) = next else {
                texts.error("M103", fields.span(), "`next` is missing", Some("next: page.after".to_owned()));
                return None;
            };
            Paging::Cursor { param, next, more, size_param, size, total, in_body }
        }
    })
}
