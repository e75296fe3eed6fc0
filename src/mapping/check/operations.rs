//! Do the operations fit together, and do they serve what clients will ask?

use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    mapping::{
        compile::Gaps,
        document::Failed,
        expr::{Template, Tree},
        plan::{Afterwards, Direction, Find, IdBy, Operation, Owns, ResourcePlan, Rule, Target},
        translate::{names::Names, pushdown, units},
    },
    scim::attribute::AttributePath,
    upstream::paging::Paging,
};
use serde_json::Value;

/// More updates than this could not be chosen from exhaustively, nor explained on a page.
const UPDATES: usize = 16;

/// All checks of this kind on one resource.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    reading(resource, findings);
    creating(resource, gaps, findings);
    updating(resource, findings);
    composed(resource, findings);
    searching(resource, gaps, findings);
    deleting(resource, findings);
    owning(resource, findings);
}

/// An id is read by `get`, which gives a Record; what is only read can be picked from the `list`.
fn reading(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let place = || resource.place.clone();
    match &resource.operations.get {
        None if resource.operations.linked.is_some() => {
            let help = "whom the store has Links for is read by it, e.g. `get: { call: \"GET /users/{key}\", record: . }`";
            findings.push(Diagnostic::error("M103", place(), "`get` is missing").help(help));
        }
        None if resource.operations.list.is_none() => {
            let message = "`get` and `list` are both missing: nothing could be read";
            let help = "`get` reads by id; what is only read needs no more than `list`";
            findings.push(Diagnostic::error("M103", place(), message).help(help));
        }
        None if resource.operations.write() => {
            let help = "a write reads first, e.g. `get: { call: \"GET /users/{key}\", record: . }`";
            findings.push(Diagnostic::error("M103", place(), "`get` is missing").help(help));
        }
        None => {}
        Some(get) if !get.carries_record() => {
            let message = "no step of `get` has a `record`";
            let help = "say where the answer holds it: `record: .`";
            findings.push(Diagnostic::error("M103", get.place.clone(), message).help(help));
        }
        Some(_) => {}
    }
    let Some(list) = &resource.operations.list else { return };
    let step = list.operation.steps.first();
    if step.is_none_or(|step| step.items.is_none()) {
        let help = "say where the answer holds the list: `items: users`";
        let finding = Diagnostic::error("M103", list.operation.place.clone(), "`items` is missing");
        findings.push(finding.help(help));
    } else if step.is_some_and(|step| step.paging.is_none()) {
        let finding =
            Diagnostic::warning("M507", list.operation.place.clone(), "list has no paging");
        findings.push(finding.help("is one answer really all? Then say so: `paging: none`"));
    }
    unpaged(resource, findings);
    for name in &list.read_again {
        let known = resource.operations.get.iter().flat_map(|get| &get.steps);
        if name != "get" && !known.into_iter().any(|step| step.name == *name) {
            let message = format!("`read_again` names `{name}`, no such step of `get`");
            let steps = resource.operations.get.iter().flat_map(|get| &get.steps);
            let steps: Vec<&str> = steps.map(|step| step.name.as_str()).collect();
            let help = match nearest(name, steps.iter().copied()) {
                Some(near) => did_you_mean(near),
                None if steps.is_empty() => "there is no `get`".to_owned(),
                None => format!("`get` has {}", steps.join(", ")),
            };
            let place = list.operation.place.clone();
            findings.push(Diagnostic::error("M213", place, message).help(help));
        }
    }
}

/// A search elsewhere than at the list's address may page in another way, or not at all: nobody can guess it.
fn unpaged(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let step = resource.operations.list.iter().flat_map(|list| &list.operation.steps).next();
    let paging = step.and_then(|step| step.paging.as_ref());
    if paging.is_none_or(|paging| matches!(paging, Paging::OneAnswer)) {
        return;
    }
    let finds = resource.operations.find.iter().filter_map(Find::call);
    let steps = finds.flat_map(|find| &find.operation.steps);
    for step in steps.filter(|step| step.lists() && step.paging.is_none()) {
        let message = "the list has paging, and this find at another address has none: behind its first page nobody is found";
        let help = "say how it pages, or `paging: none` where one answer is really all";
        findings.push(Diagnostic::warning("M515", step.place.clone(), message).help(help));
    }
}

/// Somebody must become ours, or nobody could ever be changed, or listed.
fn owning(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    if resource.operations.create.is_some() {
        return;
    }
    if resource.owns == Owns::Linked && !resource.operations.write() {
        let message = "`owns` does nothing: nothing of its kind is written";
        let finding = Diagnostic::error("M217", resource.owns_at.clone(), message);
        findings.push(finding.help("leave it out, or add `create` or an `update`"));
    } else if resource.owns == Owns::Linked && resource.managed.is_none() {
        let message = "`owns: linked`, and nothing makes or adopts: every change would be refused";
        let help = "add `create`, or say by `managed` which records are ours; or leave `owns` out";
        findings.push(Diagnostic::error("M521", resource.owns_at.clone(), message).help(help));
    }
    if let Some(linked) = &resource.operations.linked
        && resource.id == IdBy::Key
    {
        let message = "`links: true` lists whom a create made or adopted, and there is no `create`";
        let help = "add it, or say how the vendor lists: `list: { call: GET /users, items: users, paging: none }`";
        findings.push(Diagnostic::error("M518", linked.place.clone(), message).help(help));
    }
}

fn creating(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let Some(create) = &resource.operations.create else { return };
    if create.key.is_none() && !create.carries_record() {
        let message = "`record` and `key` are both missing in create: its key is unknown";
        let help = "`record: .`, or `key: \"{answer.body.id}\"`";
        findings.push(Diagnostic::error("M506", create.place.clone(), message).help(help));
    }
    if create.durable == Some(true) && resource.matches.is_empty() {
        let message = "`durable` of a create without `match`: nobody could tell whether it was made, and its client's repeat would make another";
        let help = "`match: [ATTR]` says how whoever was made is found";
        findings.push(Diagnostic::error("M530", create.place.clone(), message).help(help));
    }
    for (index, rule) in resource.rules.iter().enumerate() {
        let sent = units::created(resource, create.claims.as_deref(), index);
        if rule.required && rule.field().is_some() && !sent && !gaps.claims {
            let message = format!("create never sends `{}`, which is required", rule.target);
            let help = "claim it in `create`, or take it out of the update that claims it";
            findings.push(Diagnostic::error("M408", create.place.clone(), message).help(help));
        }
    }
    for by in &resource.matches {
        let target = &by.target;
        if !served(resource, target) && !excused(gaps, &target.attribute().name) {
            let message = format!("`match` by `{target}`: no find serves it, and it is not kept");
            let help = format!("add `find: [{{ filter: \"{target} eq {{value}}\", ... }}]`");
            findings.push(Diagnostic::error("M503", by.place.clone(), message).help(help));
        }
    }
    if !gaps.finds {
        unfindable(resource, create, findings);
    }
}

/// A create is looked for at the vendor when its answer was lost, or the store did not have it yet: the
/// store knows nobody then, and the repeat makes a second one. A warning: it takes a fault at the wrong
/// moment, and of a vendor that has no search an author can do no better.
fn unfindable(resource: &ResourcePlan, create: &Operation, findings: &mut Vec<Diagnostic>) {
    let asked = |target: &Target| {
        let mut terms = resource.operations.find.iter().flat_map(|find| &find.filter);
        terms.any(|term| term.target == *target)
    };
    let kept = |target: &Target| {
        resource.kept_rules().any(|(_, rule)| rule.target == *target) && !asked(target)
    };
    // What may be sent twice makes nobody twice.
    let harmless = create.steps.iter().all(|step| step.safe);
    let Some(first) = resource.matches.first() else { return };
    if !resource.matches.iter().all(|by| kept(&by.target)) || harmless {
        return;
    }
    let names: Vec<String> = resource.matches.iter().map(|by| by.target.to_string()).collect();
    let message = format!(
        "`match` by `{}` is looked for in the store alone: a create that stops before it is kept cannot be found again, and its repeat makes a second one",
        names.join("`, `")
    );
    let help = "add an attribute to `match` that a `find` of the vendor's serves";
    findings.push(Diagnostic::warning("M514", first.place.clone(), message).help(help));
}

fn updating(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let updates = &resource.operations.update;
    if updates.len() > UPDATES {
        let message = format!("{} updates; at most {UPDATES} can be chosen from", updates.len());
        let help = "put some together: one update may claim several attributes";
        findings.push(Diagnostic::error("M413", resource.place.clone(), message).help(help));
    }
    let mut rest = updates.iter().filter(|update| update.operation.claims.is_none());
    if let (Some(one), Some(other)) = (rest.next(), rest.next()) {
        let message = format!("two updates have no `claims`: `{}`, `{}`", one.name, other.name);
        let finding = Diagnostic::error("M405", other.operation.place.clone(), message);
        findings.push(finding.help("one rest only"));
    }
    for (index, update) in updates.iter().enumerate() {
        if let Some(earlier) = updates.iter().take(index).find(|other| other.name == update.name) {
            let message = format!("update `{}` stands twice", update.name);
            let help =
                format!("the first one stands at line {}", earlier.operation.place.span.line);
            findings.push(
                Diagnostic::error("M102", update.operation.place.clone(), message).help(help),
            );
        }
    }
}

/// What `get` puts into the Record from elsewhere is none of the vendor's record, and would be sent to it with `whole`.
fn composed(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let steps = resource.operations.get.iter().flat_map(|get| &get.steps);
    let parts: Vec<&str> = steps.filter_map(|step| step.into.as_ref()?.top()).collect();
    for update in &resource.operations.update {
        let bodies = update.operation.steps.iter().filter_map(|step| step.body.as_ref());
        let holes = bodies.flat_map(Tree::templates).flat_map(Template::holes);
        let passed: Vec<Vec<&str>> = holes.flat_map(|hole| hole.passed("whole")).collect();
        let sent = |part: &&&str| passed.iter().any(|without| !without.contains(*part));
        if let Some(part) = parts.iter().find(sent) {
            let message = format!(
                "`{}` sends `whole` with `{part}` in it, which `get` reads elsewhere",
                update.name
            );
            let help = format!("say `{{without(whole, ['{part}'])}}`");
            let place = update.operation.place.clone();
            findings.push(Diagnostic::error("M411", place, message).help(help));
        }
    }
}

/// What Okta and Entra ask before every create and every import. `id eq` is `get`, with whatever stands beside it:
/// so Entra asks whether somebody is in a group.
fn searching(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let asked = match resource.kind.name.as_str() {
        "User" => "userName",
        "Group" => "displayName",
        _ => return,
    };
    for (client, asked) in [("Okta", asked), ("Entra", "externalId")] {
        asking(resource, client, asked, gaps, findings);
    }
    let scans = resource.operations.find.iter().any(|find| find.call().is_none());
    if scans && !resource.operations.lists() {
        let message = "`scan` reads the list, and there is no `list`";
        let help = "add `list: { call: ..., items: ... }`, or have the vendor search";
        findings.push(Diagnostic::error("M103", resource.place.clone(), message).help(help));
    }
}

/// What has no rule is asked for in vain, and nothing is read for it.
fn asking(
    resource: &ResourcePlan,
    client: &str,
    asked: &str,
    gaps: &Gaps,
    findings: &mut Vec<Diagnostic>,
) {
    let path = AttributePath { urn: None, name: asked.to_owned(), sub: None };
    let target = Target::Attribute(path);
    let rule = resource.rules.iter().find(|rule| rule.target == target);
    let Some(rule) = rule.filter(|rule| rule.field().is_some() || rule.required) else { return };
    let place = match asked {
        // It is the kind that is asked for by its name; of the other the rule says that it is searched.
        "externalId" => rule.place.clone(),
        _ => resource.place.clone(),
    };
    if rule.direction != Direction::Write && !served(resource, &target) && !excused(gaps, asked) {
        // What is only read is asked for too, by an import or an admin.
        let when = if resource.operations.create.is_some() { "create" } else { "search" };
        let message = format!(
            "{client} will ask `{asked} eq \"...\"`, and no find serves it: each {when} reads the whole list"
        );
        let help = "add a find, or `scan` to say that it is so";
        findings.push(Diagnostic::warning("M501", place, message).help(help));
    }
}

/// A find or a rule that did not compile would have served it, as far as one can tell.
fn excused(gaps: &Gaps, attribute: &str) -> bool {
    gaps.finds || Failed::excuses(&gaps.rules, attribute)
}

/// Whether some find serves an equality at a place, or the store does.
fn served(resource: &ResourcePlan, target: &Target) -> bool {
    let kept =
        |rule: &Rule| rule.target == *target && rule.missing.is_none() && rule.when.is_none();
    if resource.kept_rules().any(|(_, rule)| kept(rule)) {
        return true;
    }
    resource.operations.find.iter().any(|find| match find.filter.as_slice() {
        [term] => term.target == *target || probe(resource, target),
        _ => false,
    })
}

/// The same by the engine's own judgement, for paths whose target is spelt otherwise.
fn probe(resource: &ResourcePlan, target: &Target) -> bool {
    let filter = pushdown::equality(target, &Value::String(String::new()));
    filter.is_some_and(|filter| pushdown::serve(resource, &filter, &Names::default()).is_some())
}

fn deleting(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some(delete) = &resource.operations.delete else { return };
    if delete.afterwards == Afterwards::Inactive {
        let message = "`afterwards: inactive` answers 200 after DELETE";
        let help = "RFC 7644 §3.6 asks for 404: `afterwards: gone`, which needs a store";
        findings.push(Diagnostic::warning("M508", delete.place.clone(), message).help(help));
    }
}
