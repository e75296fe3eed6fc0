//! `operations:`: the calls that a vendor offers, step by step.

use super::{
    body::{CONCURRENT, body},
    many::many,
    positive,
    schemas::case,
    step::Frame,
    texts::Texts,
};
use crate::{
    mapping::{
        document::{
            DeleteSection, FindSection, LinkedSection, OperationSection, OperationsSection,
        },
        keys,
        path::RulePath,
        plan::{Afterwards, Evidence, Scan},
    },
    scim::filter::Operator,
    yaml::{Fields, Node, Spanned, shape::Forms},
};

/// The section.
pub fn operations(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> OperationsSection {
    let Some(mut fields) = Fields::open(texts.reader, node, &keys::OPERATIONS) else {
        return OperationsSection::default();
    };
    let frame = |kind: &'static str, names: &[&'static str]| Frame {
        resource,
        kind,
        names: names.to_vec(),
        evidence,
        each: None,
        earlier: false,
    };
    let (list, linked) = match fields.node("list") {
        Some(node) if node.get("links").is_some() => (None, linked(texts, node)),
        Some(node) => {
            let frame = frame("list", &["tenant", "now"]);
            (operation(texts, node, &keys::LIST_FORMS, &frame), None)
        }
        None => (None, None),
    };
    let mut one = |kind: &'static str, forms: &'static Forms, names: &[&'static str]| {
        fields.node(kind).and_then(|node| operation(texts, node, forms, &frame(kind, names)))
    };
    let get = one("get", &keys::GET_FORMS, &["key", "tenant", "now"]);
    let names = ["resource", "fields", "tenant", "now"];
    let create = one("create", &keys::CREATE_FORMS, &names);
    let get_many = fields.node("get_many").and_then(|node| many(texts, node, resource, evidence));
    let find = fields.node("find").map(|node| {
        let items = texts.items(node, "find entries");
        items.iter().filter_map(|node| find(texts, node, resource, evidence)).collect()
    });
    let update = fields.node("update").map(|node| {
        let items = texts.items(node, "updates, each with a name");
        let names = [
            "key", "before", "after", "resource", "changes", "record", "fields", "changed",
            "whole", "tenant", "now",
        ];
        let frame = frame("update", &names);
        let items = items.iter();
        items.filter_map(|node| operation(texts, node, &keys::UPDATE_FORMS, &frame)).collect()
    });
    let delete = fields.node("delete").and_then(|node| delete(texts, node, resource, evidence));
    fields.finish();
    OperationsSection {
        get,
        get_many,
        list,
        linked,
        find: find.unwrap_or_default(),
        create,
        update: update.unwrap_or_default(),
        delete,
    }
}

/// `list:` with `links`.
fn linked(texts: &Texts<'_>, node: &Node) -> Option<LinkedSection> {
    let mut fields = Fields::open_form(texts.reader, node, &keys::LIST_FORMS)?;
    let help = "keep one: `links` is for a vendor that cannot list, and calls `get` alone";
    for other in [&keys::LIST, &keys::SEVERAL] {
        texts.apart(&mut fields, "links", other, help);
    }
    fields.text("about");
    let links = fields.boolean("links");
    let concurrent = positive(&mut fields, "concurrent").unwrap_or(CONCURRENT);
    fields.finish();
    let links = links?;
    if !links.value {
        let help = "leave it out, or say how the vendor lists".to_owned();
        texts.error("M106", links.span, "`links` is only written as `true`", Some(help));
        return None;
    }
    Some(LinkedSection { concurrent, span: node.head })
}

fn operation(
    texts: &Texts<'_>,
    node: &Node,
    forms: &'static Forms,
    frame: &Frame<'_>,
) -> Option<OperationSection> {
    let mut fields = Fields::open_form(texts.reader, node, forms)?;
    let section = body(texts, &mut fields, node.head, frame);
    fields.finish();
    section
}

/// One `find` entry.
fn find(texts: &Texts<'_>, node: &Node, resource: &str, evidence: Evidence) -> Option<FindSection> {
    let mut fields = Fields::open_form(texts.reader, node, &keys::FIND_FORMS)?;
    let text = fields.text("filter");
    let terms = text.as_ref().and_then(|text| terms(texts, text));
    let holes: Vec<&str> = match (&terms, &text) {
        (Some(terms), _) => terms.iter().map(|(_, _, hole)| hole.as_str()).collect(),
        // Of a filter that could not be read each word may be the value's name.
        (None, Some(text)) => {
            text.value.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
        }
        (None, None) => Vec::new(),
    };
    let (scan, exact) = match fields.has("scan") {
        true => (fields.node("scan").map(|node| scan(texts, node)), None),
        false => (None, case(&mut fields)),
    };
    let operation = match scan {
        Some(_) => {
            fields.text("about");
            let help = "keep one: a find that scans makes no call of its own";
            texts.apart(&mut fields, "scan", &keys::CALL, help);
            None
        }
        None => {
            let mut names = vec!["tenant", "now"];
            names.extend(&holes);
            let mark = texts.mark();
            let frame =
                Frame { resource, kind: "find", names, evidence, each: None, earlier: false };
            let at = text.as_ref().map_or(node.head, |text| text.span);
            let section = body(texts, &mut fields, at, &frame);
            let used = texts.roots_since(mark);
            if let Some(text) = text.as_ref().filter(|_| terms.is_some()) {
                for hole in holes.iter().filter(|hole| !used.iter().any(|name| name == *hole)) {
                    let help =
                        format!("put it into the call, e.g. `query: {{ q: \"{{{hole}}}\" }}`");
                    texts.error(
                        "M607",
                        text.span,
                        format!("`{{{hole}}}` is never used"),
                        Some(help),
                    );
                }
            }
            section
        }
    };
    fields.finish();
    Some(FindSection { terms: terms?, text: text?, operation, scan: scan.flatten(), exact })
}

fn scan(texts: &Texts<'_>, node: &Node) -> Option<Scan> {
    let mut fields = Fields::open(texts.reader, node, &keys::SCAN)?;
    let at_most = positive(&mut fields, "at_most");
    let cache = fields.duration("cache").map(|cache| cache.value);
    fields.finish();
    Some(Scan { at_most, cache })
}

/// `PATH (eq|sw|co) {hole}` joined by `and`.
fn terms(texts: &Texts<'_>, text: &Spanned<String>) -> Option<Vec<(RulePath, Operator, String)>> {
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
        let message = format!("expected {example}, found `{}`", text.value);
        let help = "e.g. `userName eq {email}`".to_owned();
        texts.error("M607", text.span, message, Some(help));
    }
    terms
}

fn delete(
    texts: &Texts<'_>,
    node: &Node,
    resource: &str,
    evidence: Evidence,
) -> Option<DeleteSection> {
    let mut fields = Fields::open_form(texts.reader, node, &keys::DELETE_FORMS)?;
    let runs = fields.has("run");
    let run = if runs { fields.text("run") } else { None };
    let afterwards = fields.word("afterwards");
    let seen = match afterwards.as_ref().map(|word| (word.value, word.span)) {
        Some(("inactive", span)) if !runs => {
            let message = "`afterwards: inactive` beside a call: the record goes with it";
            let help = "leave it out; `gone` where the vendor goes on showing the record; or `run` the update that deactivates";
            texts.error("M217", span, message, Some(help.to_owned()));
            Afterwards::Removed
        }
        None if !runs => Afterwards::Removed,
        Some(("inactive", _)) => Afterwards::Inactive,
        _ => Afterwards::Gone,
    };
    let names = vec!["key", "before", "record", "tenant", "now"];
    let frame = Frame { resource, kind: "delete", names, evidence, each: None, earlier: false };
    let operation = match runs {
        true => {
            fields.text("about");
            let help = "keep one: the update that runs makes the calls";
            texts.apart(&mut fields, "run", &keys::CALL, help);
            None
        }
        false => body(texts, &mut fields, node.head, &frame),
    };
    fields.finish();
    Some(DeleteSection { operation, run, afterwards: seen, span: node.head })
}
