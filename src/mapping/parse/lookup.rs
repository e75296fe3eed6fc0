//! `lookups:`: names that clients use for the vendor's keys, and the rules' use of them.

use super::{
    evidence,
    step::{Frame, step},
    texts::Texts,
};
use crate::{
    mapping::{
        keys,
        plan::{Accept, Evidence, Lookup, LookupPlan, Step, Unknown},
    },
    yaml::{Fields, Key, Node, Spanned},
};
use std::time::Duration;

/// How long what was read is used unless the mapping says otherwise.
const CACHE: Duration = Duration::from_secs(300);
/// Names in scope in a lookup's calls.
const NAMES: [&str; 3] = ["value", "tenant", "now"];

/// The section.
pub fn lookups(texts: &Texts<'_>, node: &Node, evidence: Evidence) -> Vec<LookupPlan> {
    let entries = texts.entries(node, "lookups by name").iter();
    entries.filter_map(|(key, node)| lookup(texts, key, node, evidence)).collect()
}

fn lookup(texts: &Texts<'_>, key: &Key, node: &Node, further_up: Evidence) -> Option<LookupPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::LOOKUP)?;
    fields.text("about");
    let evidence = evidence(&mut fields, Some(further_up)).unwrap_or(further_up);
    let label = format!("lookup.{}", key.text);
    let read = call(texts, &mut fields, node, &label, evidence);
    let by_key = fields.node("by_key").and_then(|node| {
        let mut fields = Fields::open(texts.reader, node, &keys::BY_KEY)?;
        let read = call(texts, &mut fields, node, &format!("{label}.by_key"), evidence);
        fields.finish();
        read.map(|(step, names)| (step, names, node.span))
    });
    let name_at = fields.node("name").and_then(|node| texts.field_path(node));
    let key_at = fields.node("key").and_then(|node| texts.field_path(node));
    let case = fields.word("case").is_some_and(|word| word.value == "exact");
    let cache = fields.duration("cache").map_or(CACHE, |cache| cache.value);
    fields.finish();
    let (step, one) = read?;
    if let Some((_, names, span)) = &by_key {
        if !one {
            let message = "`by_key` does nothing beside a call for the whole list";
            let help = "leave `by_key` out: the list has each key with its name".to_owned();
            texts.error("M217", *span, message, Some(help));
        } else if !names {
            let message = "`by_key` asks for no key: there is no `{value}` in it";
            let help = "e.g. `call: GET /offices/{value}`".to_owned();
            texts.error("M103", *span, message, Some(help));
        }
    }
    Some(LookupPlan {
        name: key.text.as_str().into(),
        step,
        one,
        by_key: by_key.map(|(step, ..)| step),
        name_at: name_at?.value,
        key_at: key_at?.value,
        case_exact: case,
        cache,
        evidence,
        place: texts.place(key.span),
    })
}

/// One call, and whether it names the value that is looked up.
fn call(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    node: &Node,
    label: &str,
    evidence: Evidence,
) -> Option<(Step, bool)> {
    let frame = Frame {
        resource: "lookup",
        kind: "lookup",
        names: NAMES.to_vec(),
        evidence,
        each: None,
        earlier: false,
    };
    let mark = texts.mark();
    let mut step = step(texts, fields, node.span, &frame, None, label, None)?;
    let names = texts.since(mark).iter().any(|used| used.root == "value");
    if step.items.is_none() && step.record.is_none() {
        let message = "the answer's items are not said";
        let help =
            "say where they are, e.g. `items: offices`; or `record: .` for the one asked for";
        texts.error("M103", node.span, message, Some(help.to_owned()));
    }
    if step.record.is_some() && (step.items.is_some() || !names) {
        let (message, help) = match step.items {
            Some(_) => ("`items` and `record` exclude each other", "keep one"),
            None => (
                "`record` is one item, and the call asks for no name",
                "put `{value}` into it, or say `items`",
            ),
        };
        texts.error("M106", node.span, message, Some(help.to_owned()));
    }
    // A search for one thing by its address answers 404 when there is none.
    if step.record.is_some() && !step.accept.iter().any(|accept| accept.holds(404)) {
        step.accept.push(Accept::Status(404));
    }
    Some((step, names))
}

/// `lookup:` of a rule, with `unknown:`.
pub fn used(fields: &mut Fields<'_>) -> Option<Spanned<Lookup>> {
    let unknown = match fields.word("unknown").map(|word| word.value) {
        Some("drop") => Unknown::Drop,
        Some("default") => Unknown::Default,
        _ => Unknown::Reject,
    };
    let name = fields.text("lookup")?;
    let lookup = Lookup { name: name.value.as_str().into(), unknown };
    Some(Spanned { value: lookup, span: name.span })
}
