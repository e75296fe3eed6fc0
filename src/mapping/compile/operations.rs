//! Operations: claims and searches meet rules.

use super::{Compiler, rules::leaf};
use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    mapping::{
        convert::Converter,
        document::{
            ClaimSection, ClaimedSection, DeleteSection, Failed, FindSection, ManySection,
            OperationSection, OperationsSection,
        },
        expr::Template,
        plan::{
            Accept, Claim, Claimed, Delete, DeleteBy, Find, FindBy, FindTerm, LinkedList,
            ListOperation, Lookup, ManyOperation, Operation, Operations, Passage, Rule, RuleKind,
            SubKind, Target, Update,
        },
        translate::passage::coerce,
    },
    scim::{resource_type::ResourceType, schema::Type},
    yaml::Spanned,
};
use serde_json::Value;

/// Everything that one kind of resource can do.
pub fn operations(
    cx: &mut Compiler<'_>,
    section: OperationsSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Operations {
    let mut update = Vec::new();
    for entry in section.update {
        update.push(updating(cx, entry, rules, full));
    }
    let delete = section.delete.and_then(|delete| deleting(cx, delete, &update, rules, full));
    let list = section.list.map(|list| listing(cx, list, rules, full));
    let linked = section
        .linked
        .map(|linked| LinkedList { concurrent: linked.concurrent, place: cx.place(linked.span) });
    let mut operations = Operations {
        get: section.get.map(|get| operation(cx, get, rules, full)),
        get_many: section.get_many.map(|get| many(cx, get, rules, full)),
        find: section
            .find
            .into_iter()
            .filter_map(|find| {
                let read = finding(cx, find, rules, full);
                cx.gaps.finds |= read.is_none();
                read
            })
            .collect(),
        create: section.create.map(|create| operation(cx, create, rules, full)),
        list,
        linked,
        update,
        delete,
    };
    paged_alike(&mut operations);
    operations
}

/// A search at the list's own address is the list with a filter, and pages as that does unless it says otherwise: a
/// vendor that does not know the filter answers with everybody, page by page.
fn paged_alike(operations: &mut Operations) {
    let Some(step) = operations.list.as_ref().and_then(|list| list.operation.steps.first()) else {
        return;
    };
    let Some(paging) = &step.paging else { return };
    let finds = operations.find.iter_mut().filter_map(Find::call_mut);
    for search in finds.flat_map(|find| &mut find.operation.steps) {
        let alike =
            search.method == step.method && search.path.as_written() == step.path.as_written();
        if alike && search.lists() && search.paging.is_none() {
            search.paging = Some(paging.clone());
        }
    }
}

fn operation(
    cx: &mut Compiler<'_>,
    section: OperationSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Operation {
    let claims = section.claims.map(|claims| {
        let read: Vec<Claim> =
            claims.iter().filter_map(|section| claim(cx, section, rules, full)).collect();
        cx.gaps.claims |= read.len() < claims.len();
        read
    });
    Operation {
        name: format!("{}.{}", full.name, section.name.value),
        steps: section.steps,
        key: section.key,
        claims,
        mentions: section.mentions,
        durable: section.durable,
        early: section.early.map(|span| cx.place(span)),
        evidence: section.evidence,
        place: cx.place(section.span),
    }
}

fn listing(
    cx: &mut Compiler<'_>,
    mut section: OperationSection,
    rules: &[Rule],
    full: &ResourceType,
) -> ListOperation {
    let read_again = std::mem::take(&mut section.read_again);
    ListOperation {
        read_again: read_again.into_iter().map(|name| name.value).collect(),
        concurrent: section.concurrent,
        operation: operation(cx, section, rules, full),
    }
}

fn many(
    cx: &mut Compiler<'_>,
    section: ManySection,
    rules: &[Rule],
    full: &ResourceType,
) -> ManyOperation {
    let ManySection { operation: mut calls, at_most } = section;
    let read_again = std::mem::take(&mut calls.read_again);
    ManyOperation {
        at_most,
        read_again: read_again.into_iter().map(|name| name.value).collect(),
        operation: operation(cx, calls, rules, full),
    }
}

fn updating(
    cx: &mut Compiler<'_>,
    mut section: OperationSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Update {
    // `for_each` of an update's only call is the update's own: how far it came can then be told.
    let own = match section.steps.as_mut_slice() {
        // What is taken back as one is one.
        [only] if only.undo.is_none() => only.for_each.take(),
        _ => None,
    };
    Update {
        name: section.name.value.clone(),
        when: section.when.take(),
        may_fail: section.may_fail,
        for_each: section.for_each.take().or(own),
        operation: operation(cx, section, rules, full),
    }
}

fn deleting(
    cx: &mut Compiler<'_>,
    section: DeleteSection,
    updates: &[Update],
    rules: &[Rule],
    full: &ResourceType,
) -> Option<Delete> {
    let place = cx.place(section.span);
    let how = match (section.operation, section.run) {
        (Some(call), _) => DeleteBy::Call(Box::new(operation(cx, call, rules, full))),
        (None, Some(run)) => DeleteBy::Update(named(cx, "delete", &run, updates)?),
        (None, None) => return None,
    };
    Some(Delete { how, afterwards: section.afterwards, place })
}

/// The update that `what` runs.
pub fn named(
    cx: &mut Compiler<'_>,
    what: &str,
    run: &Spanned<String>,
    updates: &[Update],
) -> Option<usize> {
    let index = updates.iter().position(|update| update.name == run.value);
    if index.is_none() {
        let message = format!("`{what}` runs `{}`, no such update", run.value);
        let near = nearest(&run.value, updates.iter().map(|update| update.name.as_str()));
        let help = match near {
            Some(near) => did_you_mean(near),
            None => "name one of `update`".to_owned(),
        };
        cx.error("M409", run.span, message, Some(help));
    }
    index
}

fn finding(
    cx: &mut Compiler<'_>,
    section: FindSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Option<Find> {
    let mut filter = Vec::new();
    for (path, operator, hole) in &section.terms {
        let target = cx.target(path, section.text.span, full)?;
        if let Some(rule) = rules.iter().find(|rule| rule.target == target)
            && matches!(rule.kind, RuleKind::Kept)
            && rule.missing.as_ref().is_none_or(Template::is_literal)
        {
            let message = format!("`{path}` is kept: the vendor has nothing to search by it");
            let help = format!(
                "take the find out; or have those of whom nothing is kept read something of the vendor's, as in `missing: \"{{record.email}}\"`, in the rule at line {}",
                rule.place.span.line
            );
            cx.error("M607", section.text.span, message, Some(help));
            return None;
        }
        let Some((target, passage, lookup)) = searched(&target, rules) else {
            if !Failed::excuses(&cx.gaps.rules, &path.name) {
                let message = format!("`{path}` has no rule, so its value cannot be translated");
                let help = format!("add a rule for `{path}`, or search by another attribute");
                cx.error("M607", section.text.span, message, Some(help));
            }
            return None;
        };
        if section.scan.is_none()
            && let Some(why) = exactly(&passage, section.exact)
        {
            let message =
                format!("`{path}` is searched with case ({why}), and its case is ignored");
            let help = "`convert: [lower]` in its rule writes and searches one spelling; or `case: exact` of it under `schemas`, or `scan`";
            let place = cx.place(section.text.span);
            cx.findings.push(Diagnostic::warning("M516", place, message).help(help));
        }
        filter.push(FindTerm { target, operator: *operator, hole: hole.clone(), passage, lookup });
    }
    let list = section.operation.map(|mut call| {
        // A search for one thing by its address answers 404 when there is none.
        for step in call.steps.iter_mut().filter(|step| step.record.is_some()) {
            if !step.accept.iter().any(|accept| accept.holds(404)) {
                step.accept.push(Accept::Status(404));
            }
        }
        listing(cx, call, rules, full)
    });
    let how = match list {
        Some(list) => FindBy::Call(Box::new(list)),
        None => FindBy::Scan(section.scan.unwrap_or_default()),
    };
    Some(Find { filter, how, place: cx.place(section.text.span) })
}

/// Why a search of a text whose case is ignored finds no other spelling of it. Everything found is matched again
/// here; what the vendor does not find nobody can match.
fn exactly(passage: &Passage, exact: Option<bool>) -> Option<&'static str> {
    let spelling = |converter: &Converter| matches!(converter, Converter::Lower | Converter::Upper);
    let one = passage.table.is_some() || passage.converters.iter().any(spelling);
    if passage.case_exact || passage.kind != Type::String || one {
        return None;
    }
    match exact {
        Some(true) => Some("`case: exact`"),
        // What it encodes no vendor can compare otherwise.
        _ if passage.converters.contains(&Converter::Base64) => Some("`base64`"),
        _ => None,
    }
}

/// The rule that translates the values of a searched attribute.
fn searched(target: &Target, rules: &[Rule]) -> Option<(Target, Passage, Option<Lookup>)> {
    if let Some(rule) = rules.iter().find(|rule| rule.target == *target)
        && !matches!(rule.kind, RuleKind::List { .. })
    {
        return Some((target.clone(), rule.passage.clone(), rule.lookup.clone()));
    }
    // `emails.value` of a whole-list rule: its sub-rule; `emails` alone means its `value`.
    let (list, sub) = match target {
        Target::Attribute(path) => (target.attribute(), path.sub.as_deref().unwrap_or("value")),
        Target::Element { list, sub, .. } => (list.clone(), sub.as_str()),
    };
    let rule = rules.iter().find(|rule| rule.target == Target::Attribute(list.clone()))?;
    let RuleKind::List { elements, .. } = &rule.kind else { return None };
    let own = elements
        .subs
        .iter()
        .find(|own| own.name == sub && matches!(own.kind, SubKind::Field(_)))?;
    let target = match target {
        Target::Attribute(_) => Target::Attribute(list.dot(sub)),
        element @ Target::Element { .. } => element.clone(),
    };
    Some((target, own.passage.clone(), own.lookup.clone()))
}

fn claim(
    cx: &mut Compiler<'_>,
    section: &ClaimSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Option<Claim> {
    let span = section.text.span;
    let target = cx.target(&section.path, span, full)?;
    let covered: Vec<usize> = rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| within(&rule.target, &target))
        .map(|(index, _)| index)
        .collect();
    if covered.is_empty() {
        if !Failed::excuses(&cx.gaps.rules, &section.path.name) {
            let message = format!("`{}` is claimed and has no rule", section.path);
            let help = "add a rule for it, or take the claim out".to_owned();
            cx.error("M414", span, message, Some(help));
        }
        return None;
    }
    if let Some(why) = dead(&covered, rules) {
        let (message, help) = why;
        cx.error("M416", span, format!("`{}` is claimed, {message}", section.path), Some(help));
    }
    let what = match &section.what {
        ClaimedSection::Whole => Claimed::Whole,
        ClaimedSection::Adds => Claimed::Adds,
        ClaimedSection::Removes => Claimed::Removes,
        ClaimedSection::Alters => Claimed::Alters,
        ClaimedSection::Becomes(text) => {
            let kind = leaf(&target, full)?.kind;
            let Some(value) = coerce(Value::String(text.clone()), kind) else {
                let kind = format!("{kind:?}").to_lowercase();
                let help = format!("write the SCIM value after it, a {kind}");
                cx.error("M210", span, format!("`{text}` in `becomes` is no {kind}"), Some(help));
                return None;
            };
            Claimed::Becomes(value)
        }
    };
    let text = section.text.value.clone();
    Some(Claim { rules: covered, what, text, place: cx.place(span) })
}

/// Why a claim on these rules can never be used: a client's value does not get past any of them.
fn dead(covered: &[usize], rules: &[Rule]) -> Option<(&'static str, String)> {
    let covered: Vec<&Rule> = covered.iter().filter_map(|index| rules.get(*index)).collect();
    if covered.iter().any(|rule| rule.writable()) {
        return None;
    }
    let line = covered.first().map_or(0, |rule| rule.place.span.line);
    Some(match covered.first().map(|rule| &rule.kind) {
        Some(RuleKind::Constant(_)) => (
            "and its rule is a constant",
            format!("take the claim out; the rule is at line {line}"),
        ),
        Some(RuleKind::Kept) => (
            "and its rule keeps it here",
            format!("take the claim out; the rule is at line {line}"),
        ),
        Some(RuleKind::Ignore | RuleKind::Reject) => (
            "and its rule takes no value",
            format!("take the claim out, or map the attribute at line {line}"),
        ),
        _ => (
            "and its rule only reads",
            format!(
                "leave `direction: read` out at line {line}; `read:` alone reads, and an operation may write it"
            ),
        ),
    })
}

/// Whether a rule's place is the claimed one or inside it.
fn within(rule: &Target, claimed: &Target) -> bool {
    match claimed {
        Target::Attribute(path) if path.sub.is_none() => rule.attribute() == *path,
        exact => rule == exact,
    }
}
