//! `operations:`: the calls that a vendor offers, step by step.

use super::{
    evidence,
    many::many,
    positive,
    schemas::case,
    step::{Frame, MANY, bound, each, step, steps},
    texts::Texts,
};
use crate::{
    diagnostic::{Span, nearest},
    mapping::{
        document::{
            ClaimSection, ClaimedSection, DeleteSection, FindSection, LinkedSection,
            OperationSection, OperationsSection,
        },
        keys,
        path::RulePath,
        plan::{Afterwards, Evidence, Scan},
    },
    scim::filter::Operator,
    upstream::record::text_of,
    yaml::{Fields, Key, Kind, Node, Spanned, shape::Forms},
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

/// The keys of an operation that are not those of its kind alone.
pub fn body(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    span: Span,
    frame: &Frame<'_>,
) -> Option<OperationSection> {
    let mark = texts.mark();
    texts.unsupported(fields);
    fields.text("about");
    let evidence = evidence(fields, Some(frame.evidence)).unwrap_or(frame.evidence);
    let updating = frame.kind == "update";
    let name = match updating {
        true => fields.text("name"),
        false => Some(Spanned { value: frame.kind.to_owned(), span }),
    };
    let claiming = matches!(frame.kind, "create" | "update");
    let claims = claiming.then(|| fields.node("claims")).flatten();
    let claims = claims.map(|node| self::claims(texts, node));
    let names: Vec<&str> = frame.names.clone();
    let frame = &Frame {
        each: bound(fields).filter(|_| fields.has("steps")),
        names: frame.names.clone(),
        ..*frame
    };
    let label = match (&name, updating) {
        (Some(name), true) => format!("{}.update.{}", frame.resource, name.value),
        _ => format!("{}.{}", frame.resource, frame.kind),
    };
    let several = if fields.has("steps") { fields.node("steps") } else { None };
    // With `steps`, `for_each` and `when` are the operation's; with `call` they are the call's.
    let (mut when, mut for_each) = (None, None);
    let steps = match several {
        Some(node) => {
            texts.apart(
                fields,
                "steps",
                &keys::CALL,
                "what belongs to one call stands in its step",
            );
            if frame.kind != MANY {
                when = texts.expression_at(fields, "when", &names);
                for_each = each(texts, fields, &names);
            }
            steps(texts, node, frame, &label, claims.as_deref())
        }
        None => {
            if updating {
                when = texts.expression_at(fields, "when", &names);
            }
            step(texts, fields, span, frame, None, &label, claims.as_deref()).into_iter().collect()
        }
    };
    let key = match frame.kind {
        "create" | "find" => {
            texts.template_at(fields, "key", &frame.scope(several.is_some(), None, true))
        }
        _ => None,
    };
    let (read_again, concurrent) = match frame.kind {
        "list" | "find" => {
            (read_again(texts, fields), positive(fields, "concurrent").unwrap_or(CONCURRENT))
        }
        _ => (Vec::new(), CONCURRENT),
    };
    let name = name?;
    let span = if updating { name.span } else { span };
    Some(OperationSection {
        name,
        steps,
        key,
        claims,
        when,
        for_each,
        may_fail: updating && fields.boolean("may_fail").is_some_and(|flag| flag.value),
        read_again,
        concurrent,
        evidence,
        mentions: texts.roots_since(mark),
        span,
    })
}

/// The steps of `get` that run for each item.
pub fn read_again(texts: &Texts<'_>, fields: &mut Fields<'_>) -> Vec<Spanned<String>> {
    let names = fields.node("read_again").map(|node| texts.items(node, "names of get steps"));
    let names = names.unwrap_or_default().iter().filter_map(|node| {
        let text = texts.text(node, "a name")?;
        Some(Spanned { value: text.value.into_owned(), span: node.span })
    });
    names.collect()
}

/// `claims:`: `ATTR`, `ATTR becomes VALUE`, `ATTR adds|removes|alters`.
fn claims(texts: &Texts<'_>, node: &Node) -> Vec<ClaimSection> {
    texts
        .items(node, "claims")
        .iter()
        .filter_map(|node| {
            if let Kind::Map(entries) = &node.kind {
                no_claim(texts, node, entries);
                return None;
            }
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

/// `active: false`: a pair, where a sentence is wanted.
fn no_claim(texts: &Texts<'_>, node: &Node, entries: &[(Key, Node)]) {
    let help = match entries {
        [(key, value)] => {
            let value = text_of(&value.to_json()).unwrap_or_else(|| "VALUE".to_owned());
            format!("write `{} becomes {value}`", key.text)
        }
        _ => "e.g. `claims: [userName, active becomes false, members adds]`".to_owned(),
    };
    let message = "expected a claim, a text; found a map";
    texts.error("M104", node.span, message, Some(help));
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
