//! One step of an operation: the call, what becomes of its answer, and the call that takes it back.

use super::{errors::errors, evidence, paging::paging, sent::Sent, texts::Texts};
use crate::{
    diagnostic::Span,
    mapping::{
        document::{ClaimSection, ClaimedSection},
        expr::Tree,
        keys,
        plan::{Capture, Each, Evidence, Part, Step},
    },
    yaml::{Fields, Key, Kind, Node},
};
use http::Method;

/// The operation that reads several by their keys.
pub const MANY: &str = "get_many";

/// What is known of an operation before its keys are read.
pub struct Frame<'a> {
    /// `User`
    pub resource: &'a str,
    /// `get`, `update`, ...
    pub kind: &'static str,
    /// Names in scope, `answer`, `item` and `steps` apart.
    pub names: Vec<&'a str>,
    /// What `for_each` further up gives: `item` or `batch`.
    pub each: Option<&'static str>,
    /// Earlier steps stand before.
    pub earlier: bool,
    /// What stands further up.
    pub evidence: Evidence,
}

impl Frame<'_> {
    /// The names in scope: those of the operation, and what stands before and around.
    pub fn scope(&self, steps: bool, each: Option<&'static str>, answer: bool) -> Vec<&str> {
        let outer = self.each.filter(|outer| each != Some(outer));
        let more = [steps.then_some("steps"), outer, each, answer.then_some("answer")];
        self.names.iter().copied().chain(more.into_iter().flatten()).collect()
    }
}

/// What the `for_each` of a call, or of several, gives: `item`, or `batch` with one.
pub fn bound(fields: &Fields<'_>) -> Option<&'static str> {
    let name = if fields.has("batch") { "batch" } else { "item" };
    fields.has("for_each").then_some(name)
}

/// `for_each`, with `batch`
pub fn each(texts: &Texts<'_>, fields: &mut Fields<'_>, names: &[&str]) -> Option<Each> {
    let alone = !fields.has("for_each");
    let list = texts.expression_at(fields, "for_each", names);
    let batch = fields.integer("batch");
    if let Some(batch) = batch.as_ref().filter(|_| alone) {
        let message = "`batch` does nothing without `for_each`";
        let help = "say `for_each: changes.ATTR.added`, or leave it out".to_owned();
        texts.error("M217", batch.span, message, Some(help));
    }
    let batch = batch.and_then(|batch| usize::try_from(batch.value).ok());
    list.map(|list| Each { list, batch })
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
        let shape = if frame.kind == MANY { &keys::MANY_STEP } else { &keys::STEP };
        let Some(mut fields) = Fields::open(texts.reader, node, shape) else { continue };
        let name = fields.text("name");
        fields.text("about");
        let evidence = evidence(&mut fields, Some(frame.evidence)).unwrap_or(frame.evidence);
        texts.unsupported(&mut fields);
        let name = name.map_or_else(|| "step".to_owned(), |name| name.value);
        let mark = texts.mark();
        let label = format!("{label}.{name}");
        let each = bound(&fields);
        let undone = fields.take("undo");
        let (earlier_steps, names) = (!steps.is_empty(), frame.names.clone());
        let frame = Frame { earlier: earlier_steps, names, evidence, ..*frame };
        let step = step(texts, &mut fields, node.span, &frame, Some(name), &label, claims);
        fields.finish();
        earlier(texts, mark, &steps);
        let undone = undone.filter(|(key, _)| writes(texts, key, frame.kind));
        let Some(step) = step else { continue };
        steps.push(step);
        let Some((_, node)) = undone else { continue };
        let mark = texts.mark();
        let undo = undo(texts, node, &frame.scope(true, each, false), &label);
        let undo = undo.map(|undo| Step { evidence, ..undo });
        // What it takes back is known by what the step itself captured.
        earlier(texts, mark, &steps);
        if let Some(step) = steps.last_mut() {
            step.undo = undo.map(Box::new);
        }
    }
    steps
}

/// Whether steps of this kind write: a read has nothing to take back.
fn writes(texts: &Texts<'_>, key: &Key, kind: &str) -> bool {
    let writes = matches!(kind, "create" | "update" | "delete");
    if !writes {
        let message = format!("`undo` does nothing in `{kind}`");
        let help = "a read changes nothing: leave it out".to_owned();
        texts.error("M217", key.span, message, Some(help));
    }
    writes
}

/// `undo:` of a step
fn undo(texts: &Texts<'_>, node: &Node, names: &[&str], label: &str) -> Option<Step> {
    let mut fields = Fields::open(texts.reader, node, &keys::UNDO)?;
    let sent = Sent::read(texts, &mut fields, node.span, names).judged(texts, &mut fields);
    let sent = sent.keyed(texts, &mut fields, "undo", true);
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    fields.finish();
    Some(Step { errors, writes: true, ..sent.step("undo".to_owned(), format!("{label}.undo"))? })
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
    let own = bound(fields);
    let scope = frame.scope(frame.earlier, own, false);
    let answered = frame.scope(frame.earlier, own, true);
    let names: &[&str] = &scope;
    let writes = !matches!(frame.kind, "get" | MANY | "list" | "find" | "lookup");
    let sent = Sent::read(texts, fields, span, names).judged(texts, fields);
    // A lookup asks for one thing, and nothing is made of its answer but names.
    let alone = frame.kind == "lookup";
    let sent = if alone { sent } else { sent.keyed(texts, fields, frame.kind, writes) };
    if frame.kind == MANY {
        let help = "`items` says where the answer holds the records, and one call asks for all `keys`: leave it out";
        useless(texts, fields, &["record", "for_each", "batch"], MANY, help);
    }
    // Asked once, before there is an item.
    let around = frame.scope(frame.earlier, None, false);
    let condition = (!alone && (in_steps || frame.kind != "update"))
        .then(|| texts.expression_at(fields, "when", &around))
        .flatten();
    let for_each = (!alone).then(|| each(texts, fields, &around)).flatten();
    if writes {
        let help = "only `get`, `list` and `find` read so: leave it out";
        useless(texts, fields, &["items", "may_lack_items", "into", "paging"], frame.kind, help);
    }
    let capture = if alone { None } else { fields.node("capture") };
    let capture = capture.map(|node| captures(texts, node, &answered));
    let record = texts.locator_at(fields, "record");
    let items = texts.locator_at(fields, "items");
    let may_lack_items = fields.boolean("may_lack_items").is_some_and(|flag| flag.value);
    let into = if alone { None } else { fields.node("into") };
    let into = into.and_then(|node| texts.field_path(node)).map(|into| into.value);
    if frame.kind == MANY && !in_steps && into.is_some() {
        let help =
            "it is the step without `into` that gives the records: leave it out, or write `steps`";
        texts.error(
            "M217",
            span,
            "`into` does nothing in a `get_many` of one call",
            Some(help.to_owned()),
        );
    }
    let part = (frame.kind == MANY && in_steps).then(|| part(texts, fields, into.is_some()));
    let paging = fields.node("paging").and_then(|node| paging(texts, node));
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    let unsaid = !sent.has_body;
    let sent = sent.step(name.unwrap_or_else(|| frame.kind.to_owned()), label.to_owned())?;
    let body = match unsaid {
        // Of several calls each says what it sends: a password is nothing for the second one.
        true if !in_steps => default_body(texts, frame.kind, &sent.method, claims),
        _ => sent.body,
    };
    Some(Step {
        body,
        writes,
        evidence: frame.evidence,
        when: condition,
        for_each,
        capture: capture.unwrap_or_default(),
        record,
        items,
        may_lack_items,
        into,
        part,
        paging,
        errors,
        ..sent
    })
}

/// Keys that another kind of operation has.
fn useless(
    texts: &Texts<'_>,
    fields: &mut Fields<'_>,
    keys: &[&'static str],
    kind: &str,
    help: &str,
) {
    for key in keys {
        if let Some((found, _)) = fields.take(key) {
            let message = format!("`{key}` does nothing in `{kind}`");
            texts.error("M217", found.span, message, Some(help.to_owned()));
        }
    }
}

/// Whose part an item is; nothing to say of the records themselves.
fn part(texts: &Texts<'_>, fields: &mut Fields<'_>, into: bool) -> Part {
    if !into {
        for key in ["of", "take"] {
            if let Some((found, _)) = fields.take(key) {
                let message = format!("`{key}` does nothing without `into`");
                let help = "say where in the record the part belongs, or leave it out".to_owned();
                texts.error("M217", found.span, message, Some(help));
            }
        }
        return Part::default();
    }
    let of = fields.node("of").and_then(|node| texts.field_path(node)).map(|of| of.value);
    Part { of, take: texts.locator_at(fields, "take") }
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
