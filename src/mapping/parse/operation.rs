//! `operations:`: the calls that a vendor offers, step by step.

use super::{
    evidence,
    step::{Frame, step, steps},
    texts::Texts,
    upstream::positive,
};
use crate::{
    diagnostic::{Span, nearest},
    mapping::{
        document::{
            ClaimSection, ClaimedSection, DeleteSection, FindSection, OperationSection,
            OperationsSection,
        },
        path::RulePath,
        plan::{Afterwards, Evidence},
    },
    scim::filter::Operator,
    yaml::{Fields, Node, Spanned},
};

/// Items that are read again at the same time unless the mapping says otherwise.
const CONCURRENT: usize = 8;

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
        each: false,
        earlier: false,
    };
    let mut one = |kind: &'static str, names: &[&'static str]| {
        fields.node(kind).and_then(|node| operation(texts, node, &frame(kind, names)))
    };
    let get = one("get", &["key", "tenant", "now"]);
    let list = one("list", &["tenant", "now"]);
    let create = one("create", &["resource", "fields", "tenant", "now"]);
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
        items.iter().filter_map(|node| operation(texts, node, &frame("update", &names))).collect()
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
    let frame = &Frame {
        each: fields.has("steps") && fields.has("for_each"),
        names: frame.names.clone(),
        ..*frame
    };
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
    let key = texts.template_at(fields, "key", &frame.scope(several.is_some(), false, true));
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
            if let Some((attribute, word)) = path.trim().rsplit_once(' ')
                && !word.ends_with(']')
                && !attribute.contains('[')
            {
                unknown_part(texts, node.span, attribute, word);
                return None;
            }
            let path = texts.rule_path(path.trim(), node.span)?;
            let text = Spanned { value: trimmed.to_owned(), span: node.span };
            Some(ClaimSection { path, what, text })
        })
        .collect()
}

/// `members addz`: the attribute is meant, and a word that does not exist.
fn unknown_part(texts: &Texts<'_>, span: Span, attribute: &str, word: &str) {
    let words = ["adds", "removes", "alters", "becomes"];
    // `active become false`: the word before the last is the one.
    if let Some((attribute, verb)) = attribute.split_once(' ')
        && nearest(verb, ["becomes"]).is_some()
    {
        let message = format!("`{verb}` is nothing that an attribute does");
        let help = format!("did you mean `{attribute} becomes {word}`?");
        return texts.error("M203", span, message, Some(help));
    }
    let message = format!("`{word}` is nothing that an attribute does");
    let help = match nearest(word, words) {
        Some(near) => format!("did you mean `{attribute} {near}`?"),
        None => "a claim is `ATTR`, `ATTR becomes VALUE`, or `ATTR` with adds, removes or alters"
            .to_owned(),
    };
    texts.error("M203", span, message, Some(help));
}

/// One `find` entry.
fn find(texts: &Texts<'_>, node: &Node, resource: &str, evidence: Evidence) -> Option<FindSection> {
    let mut fields = Fields::open(texts.reader, node, "a find entry")?;
    let text = fields.required_text("filter", "filter: userName eq {email}");
    let terms = text.as_ref().and_then(|text| terms(texts, text));
    let holes: Vec<&str> = match (&terms, &text) {
        (Some(terms), _) => terms.iter().map(|(_, _, hole)| hole.as_str()).collect(),
        // Of a filter that could not be read each word may be the value's name.
        (None, Some(text)) => {
            text.value.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
        }
        (None, None) => Vec::new(),
    };
    let exact = super::schemas::case(texts, &mut fields);
    let scan = fields.node("scan").map(|node| scan(texts, node));
    let operation = match scan {
        Some(_) => None,
        None => {
            let mut names = vec!["tenant", "now"];
            names.extend(&holes);
            let mark = texts.mark();
            let frame =
                Frame { resource, kind: "find", names, evidence, each: false, earlier: false };
            let section = body(texts, &mut fields, node.span, &frame);
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

fn scan(texts: &Texts<'_>, node: &Node) -> Option<usize> {
    let mut fields = Fields::open(texts.reader, node, "scan")?;
    let at_most = positive(texts, &mut fields, "at_most");
    texts.unsupported(&mut fields, &["cache"]);
    fields.finish();
    at_most
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
    let mut fields = Fields::open(texts.reader, node, "delete")?;
    let run = fields.text("run");
    let afterwards = fields.text("afterwards");
    let seen = match afterwards.as_ref().map(|word| (word.value.as_str(), word.span)) {
        Some(("gone", _)) if run.is_some() => Afterwards::Gone,
        Some(("inactive", _)) if run.is_some() => Afterwards::Inactive,
        Some(("gone", _)) | None => Afterwards::Removed,
        Some(("inactive", span)) => {
            let message = "`afterwards: inactive` beside a call: the record goes with it";
            let help = "leave it out, or `run` the update that deactivates".to_owned();
            texts.error("M217", span, message, Some(help));
            Afterwards::Removed
        }
        Some((other, span)) => {
            texts.expected(span, "gone or inactive", other);
            Afterwards::Inactive
        }
    };
    if run.is_some() && afterwards.is_none() {
        let help = "say what a client sees from then on: `gone` (404) or `inactive`".to_owned();
        texts.error("M103", node.span, "`afterwards` is missing", Some(help));
    }
    let names = vec!["key", "before", "record", "tenant", "now"];
    let frame = Frame { resource, kind: "delete", names, evidence, each: false, earlier: false };
    let operation = match &run {
        Some(_) => None,
        None => body(texts, &mut fields, node.span, &frame),
    };
    fields.finish();
    Some(DeleteSection { operation, run, afterwards: seen, span: node.span })
}
