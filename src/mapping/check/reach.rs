//! Does what an operation claims reach its calls? A call that stays the same when a claimed
//! attribute changes would report success for something that was never sent.

use super::trial::Trial;
use crate::{
    diagnostic::Diagnostic,
    mapping::{
        plan::{Claim, Claimed, Operation, Rule, RuleKind, Update},
        translate::{
            read::in_force,
            unit::{Part, Unit},
            units,
        },
    },
    scim::resource::Resource,
};
use serde_json::Value;

/// Create and every update of one resource.
pub fn check(trial: &Trial<'_>, findings: &mut Vec<Diagnostic>) {
    if let Some(create) = &trial.plan.operations.create {
        creating(trial, create, findings);
    }
    for update in &trial.plan.operations.update {
        updating(trial, update, findings);
    }
}

/// The rules that can be tried: in force for the sample tenant, with two values.
pub fn tried(trial: &Trial<'_>, index: usize) -> bool {
    trial.plan.rules.get(index).is_some_and(|rule| {
        rule.writable()
            && !trial.skipped.contains(&index)
            && in_force(rule, trial.tenant).unwrap_or(false)
            && trial.samples.has(index)
    })
}

fn creating(trial: &Trial<'_>, create: &Operation, findings: &mut Vec<Diagnostic>) {
    let claims = create.claims.as_deref();
    let rules: Vec<usize> = (0..trial.plan.rules.len())
        .filter(|index| units::created(trial.plan, claims, *index))
        .filter(|index| tried(trial, *index))
        .filter(|index| trial.plan.rules.get(*index).is_some_and(|rule| rule.field().is_some()))
        .collect();
    let mut unsent = Vec::new();
    for index in &rules {
        match sends_on_create(trial, create, *index) {
            None => return,
            Some(true) => {}
            Some(false) => unsent.push(*index),
        }
    }
    if unsent.is_empty() {
        return;
    }
    let named = |index: &usize| trial.plan.rules.get(*index).map(|rule| rule.target.to_string());
    if let Some(claims) = claims {
        let silent = claims.iter().filter(|claim| !claim.partial());
        for claim in silent.filter(|claim| claim.rules.iter().any(|rule| unsent.contains(rule))) {
            let message =
                format!("`create` claims `{}`, and its call does not depend on it", claim.text);
            let help =
                "put `{fields}` in its body; what create does not claim follows as an update";
            findings.push(Diagnostic::error("M406", claim.place.clone(), message).help(help));
        }
        return;
    }
    let help = "put `{fields}` in its body; or name what it sends in `claims`, and the rest follows as an update";
    let mut error = |message: String| {
        findings.push(Diagnostic::error("M408", create.place.clone(), message).help(help));
    };
    if unsent.len() == rules.len() {
        return error("create sends none of the attributes".to_owned());
    }
    let required = |index: &usize| trial.plan.rules.get(*index).is_some_and(|rule| rule.required);
    for name in unsent.iter().filter(|index| required(index)).filter_map(named) {
        error(format!("create never sends `{name}`, which is required"));
    }
    let dropped: Vec<String> =
        unsent.iter().filter(|index| !required(index)).filter_map(named).collect();
    if !dropped.is_empty() {
        let message =
            format!("create does not send `{}`, and no update follows it up", dropped.join("`, `"));
        findings.push(Diagnostic::warning("M415", create.place.clone(), message).help(help));
    }
}

/// Whether another value of this rule makes another call; nothing when that cannot be told.
fn sends_on_create(trial: &Trial<'_>, create: &Operation, rule: usize) -> Option<bool> {
    let (one, other) = both(trial, rule);
    Some(trial.create(create, &one)? != trial.create(create, &other)?)
}

/// Two Resources that differ in this rule; in all, where an expression reads other attributes.
fn both(trial: &Trial<'_>, rule: usize) -> (Resource, Resource) {
    let computed = trial
        .plan
        .rules
        .get(rule)
        .is_some_and(|rule| matches!(rule.kind, RuleKind::Field { write: Some(_), .. }));
    let one = trial.samples.resource(trial.plan, |_| 0);
    let other = trial.samples.resource(trial.plan, |index| usize::from(computed || index == rule));
    (one, other)
}

fn updating(trial: &Trial<'_>, update: &Update, findings: &mut Vec<Diagnostic>) {
    let Some(claims) = &update.operation.claims else { return rest(trial, update, findings) };
    for claim in claims.iter().filter(|claim| claim.what != Claimed::Alters) {
        let silent =
            claim.rules.iter().any(|rule| depends(trial, update, claim, *rule) == Some(false));
        if silent {
            let message = format!(
                "`{}` claims `{}`, and its call does not depend on it",
                update.name, claim.text
            );
            let finding = Diagnostic::error("M406", claim.place.clone(), message);
            findings.push(finding.help(help(claim)));
        }
    }
}

fn help(claim: &Claim) -> &'static str {
    match claim.what {
        Claimed::Adds => "say `for_each: changes.ATTR.added`, and name `{item.value}` in the call",
        Claimed::Removes => {
            "say `for_each: changes.ATTR.removed`, and name `{item.value}` in the call"
        }
        _ => "put `{changed}` in its body, or the attribute's own field",
    }
}

/// The update without claims takes whatever no other takes.
fn rest(trial: &Trial<'_>, update: &Update, findings: &mut Vec<Diagnostic>) {
    let whole = |index: usize, rule: &Rule| {
        let part = match rule.kind {
            RuleKind::List { .. } => Part::Adds,
            _ => Part::Value,
        };
        let unit = Unit { rule: index, part, before: Value::Null, after: Value::Null };
        !rule.only_create && rule.field().is_some() && units::claimed(trial.plan, update, &unit)
    };
    let silent: Vec<String> = trial
        .plan
        .rules
        .iter()
        .enumerate()
        .filter(|(index, rule)| whole(*index, rule))
        .filter(|(index, _)| changed_by(trial, update, *index) == Some(false))
        .map(|(_, rule)| rule.target.to_string())
        .collect();
    if !silent.is_empty() {
        let message = format!(
            "`{}` takes `{}`, and its call does not depend on it",
            update.name,
            silent.join("`, `")
        );
        let finding = Diagnostic::error("M406", update.operation.place.clone(), message);
        findings
            .push(finding.help("put `{changed}` in its body, or say in `claims` what it sends"));
    }
}

/// Whether the update's calls depend on what one claim covers of a rule.
fn depends(trial: &Trial<'_>, update: &Update, claim: &Claim, rule: usize) -> Option<bool> {
    match claim.what {
        // A transition's call is the transition: it need not say more.
        Claimed::Becomes(_) | Claimed::Alters => None,
        Claimed::Whole => changed_by(trial, update, rule),
        Claimed::Adds => part_of(trial, update, rule, Part::Adds),
        Claimed::Removes => part_of(trial, update, rule, Part::Removes),
    }
}

/// There and back: the same change in both directions makes different calls.
fn changed_by(trial: &Trial<'_>, update: &Update, rule: usize) -> Option<bool> {
    if !tried(trial, rule) {
        return None;
    }
    let (one, other) = both(trial, rule);
    let [first, second] = trial.samples.pair(rule)?;
    let list = matches!(trial.plan.rules.get(rule)?.kind, RuleKind::List { .. });
    let parts: &[Part] = if list { &[Part::Adds, Part::Removes] } else { &[Part::Value] };
    let units = |before: &Value, after: &Value| -> Vec<Unit> {
        let unit = |part| Unit { rule, part, before: before.clone(), after: after.clone() };
        parts.iter().map(|part| unit(*part)).collect()
    };
    let there = trial.update(update, &one, &other, &units(first, second))?;
    let back = trial.update(update, &other, &one, &units(second, first))?;
    Some(there != back)
}

/// One element more or less, and another one more or less.
fn part_of(trial: &Trial<'_>, update: &Update, rule: usize, part: Part) -> Option<bool> {
    if !tried(trial, rule) {
        return None;
    }
    let target = &trial.plan.rules.get(rule)?.target;
    let [first, second] = trial.samples.pair(rule)?;
    let (Value::Array(one), Value::Array(other)) = (first, second) else { return None };
    let none = trial.samples.resource(trial.plan, |_| 0);
    let with = |list: Value| {
        let mut resource = none.clone();
        crate::mapping::translate::place::put(&mut resource, target, list);
        resource
    };
    let both: Vec<Value> = one.iter().chain(other).cloned().collect();
    let mut made = Vec::new();
    for left in [first, second] {
        let (few, many) = (left.clone(), Value::Array(both.clone()));
        let (before, after) = match part {
            Part::Adds => (few, many),
            _ => (many, few),
        };
        let unit = Unit { rule, part, before: before.clone(), after: after.clone() };
        made.push(trial.update(update, &with(before), &with(after), &[unit])?);
    }
    Some(made.first() != made.last())
}
