//! What is worth knowing and nothing to mend: one note of a kind for each resource or mapping.

use crate::{
    diagnostic::{Diagnostic, Place},
    mapping::{
        compile::Gaps,
        document::Failed,
        plan::{Evidence, Find, ListOperation, Need, OnMatch, Plan, ResourcePlan, Step},
    },
};
use http::Method;
use std::iter;

/// What Okta's app template sends unless an admin takes it out.
const OKTA: [&str; 7] = [
    "userName",
    "name.givenName",
    "name.familyName",
    "emails",
    "displayName",
    "active",
    "externalId",
];

/// All notes of a mapping.
pub fn check(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    for (resource, gaps) in plan.resources.iter().zip(gaps) {
        unmapped(resource, gaps, findings);
        half_made(resource, findings);
        let known = |name: &String| {
            let steps = resource.operations.get.iter().flat_map(|get| &get.steps);
            name == "get" || steps.into_iter().any(|step| step.name == *name)
        };
        let costly = lists(resource)
            .find(|list| !list.read_again.is_empty() && list.read_again.iter().all(known));
        findings.extend(costly.map(again));
        findings.extend(one_by_one(resource));
    }
    findings.extend(plan.needs().iter().map(stored));
    unsafe_calls(plan, findings);
    assumed(plan, findings);
}

/// `serve` asks for a store where a mapping keeps something.
fn stored(need: &Need) -> Diagnostic {
    let message = format!("{} needs the store, for {}", need.kind, need.why.join(", "));
    let help = "the configuration names it: `store: { sqlite: { path: FILE } }`";
    Diagnostic::note("M505", need.place.clone(), message).help(help)
}

/// What Okta sends and nobody maps is dropped: right for many vendors, and never by accident.
fn unmapped(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    if resource.kind.name != "User" {
        return;
    }
    let mapped = |name: &str| {
        resource.rules.iter().any(|rule| {
            rule.target.to_string() == name || rule.target.attribute().to_string() == name
        }) || Failed::excuses(&gaps.rules, name.split('.').next().unwrap_or_default())
    };
    // Without a rule for `userName` nothing is served at all (M211).
    let missing: Vec<&str> =
        OKTA.into_iter().filter(|name| *name != "userName" && !mapped(name)).collect();
    if !missing.is_empty() {
        let message =
            format!("Okta sends `{}` by default, and no rule has it", missing.join("`, `"));
        let help =
            "it is dropped or refused as `unmapped` says; `ignore: true` says that it is meant";
        findings.push(Diagnostic::note("M212", resource.place.clone(), message).help(help));
    }
}

/// A create that stops half way is met again by the client's repetition.
fn half_made(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some(create) = &resource.operations.create else { return };
    let earlier = create.steps.split_last().map(|(_, earlier)| earlier).unwrap_or_default();
    let stays = |step: &Step| step.method != Method::GET && step.undo.is_none();
    if earlier.iter().any(stays) && resource.on_match == OnMatch::Conflict {
        let message = "create takes several calls, and `on_match: conflict`: a half-made resource is never finished";
        let help = "`undo` on each step but the last takes it back; `on_match: adopt` with `managed` finishes it when the client repeats";
        findings.push(Diagnostic::warning("M504", create.place.clone(), message).help(help));
    }
}

fn lists(resource: &ResourcePlan) -> impl Iterator<Item = &ListOperation> {
    let finds = resource.operations.find.iter().filter_map(Find::call);
    resource.operations.list.iter().chain(finds)
}

fn again(list: &ListOperation) -> Diagnostic {
    let message = format!(
        "`read_again` makes {} more for each item",
        match list.read_again.len() {
            1 => "one call".to_owned(),
            calls => format!("{calls} calls"),
        }
    );
    Diagnostic::note("M502", list.operation.place.clone(), message)
}

/// Whom the store knows is read by `get`, each by himself, unless many are asked for at once.
fn one_by_one(resource: &ResourcePlan) -> Option<Diagnostic> {
    let operations = &resource.operations;
    let (get, linked) = (operations.get.as_ref()?, operations.linked.as_ref()?);
    let (steps, place) = match &operations.get_many {
        None => (get.steps.len(), &linked.place),
        Some(many) => (many.read_again.len(), &many.operation.place),
    };
    let calls = match steps {
        0 => return None,
        1 => "one call".to_owned(),
        calls => format!("{calls} calls"),
    };
    let message = format!("the list makes {calls} for each who is in it");
    let help = "`get_many` asks for many at once, where the vendor can be asked so";
    Some(Diagnostic::note("M502", place.clone(), message).help(help))
}

fn writing(plan: &Plan) -> impl Iterator<Item = &Step> {
    plan.resources.iter().flat_map(|resource| {
        let operations = &resource.operations;
        let updates = operations.update.iter().map(|update| &update.operation);
        operations.create.iter().chain(updates).flat_map(|operation| &operation.steps)
    })
}

fn unsafe_calls(plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let labels: Vec<&str> =
        writing(plan).filter(|step| !step.safe).map(|step| step.label.as_str()).collect();
    let Some(first) = writing(plan).find(|step| !step.safe) else { return };
    let message = format!(
        "after a timeout the outcome of `{}` is unknown: {} not `repeat: safe`",
        labels.join("`, `"),
        if labels.len() == 1 { "it is" } else { "they are" },
    );
    let help = "say `repeat: safe` where sending the call twice is harmless, or `idempotency_key` where the vendor takes one";
    findings.push(Diagnostic::note("M510", first.place.clone(), message).help(help));
}

fn assumed(plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let operations = plan.resources.iter().flat_map(|resource| resource.operations.all());
    let operations = operations.flat_map(|one| {
        // A step that is as sure as its operation needs no words of its own.
        let apart = one.steps.iter().filter(|step| step.evidence != one.evidence);
        let apart = apart.map(|step| (step.evidence, step.label.clone(), &step.place));
        iter::once((one.evidence, one.name.clone(), &one.place)).chain(apart)
    });
    let lookups = plan.lookups.iter();
    let lookups = lookups.map(|one| (one.evidence, one.step.label.clone(), &one.place));
    let all: Vec<(Evidence, String, &Place)> = operations.chain(lookups).collect();
    let assumed: Vec<_> = all.iter().filter(|(how, ..)| *how == Evidence::Assumed).collect();
    let Some((.., first)) = assumed.first() else { return };
    let message = match assumed.len() == all.len() {
        true => "all operations are `assumed`".to_owned(),
        false => {
            let names: Vec<&str> = assumed.iter().map(|(_, name, _)| name.as_str()).collect();
            format!(
                "`{}` {} `assumed`",
                names.join("`, `"),
                if names.len() == 1 { "is" } else { "are" }
            )
        }
    };
    let help = "test against the vendor, then say `seen`";
    findings.push(Diagnostic::note("M701", (*first).clone(), message).help(help));
}
