//! Does an operation name whom it is about? One that makes the same calls for two different people
//! reads somebody else, or writes to whoever the vendor takes it for: a whole collection, at worst.

use super::{reach::tried, trial::Trial};
use crate::{
    diagnostic::Diagnostic,
    mapping::{
        compile::Gaps,
        plan::{Claimed, DeleteBy, Operation, Rule, RuleKind, Update},
        translate::{
            place,
            unit::{Part, Unit},
            units,
        },
    },
    scim::resource::Resource,
    upstream::Call,
};
use http::Method;
use serde_json::Value;

/// The operations of one resource that are about one that is already there.
pub fn check(trial: &Trial<'_>, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let resource = trial.plan;
    if let Some(get) = &resource.operations.get
        && same(both_people(trial, |person| trial.get(get, person)))
    {
        findings.push(finding(get, "`get` asks for the same thing whatever the id", "GET /users"));
    }
    if let Some(delete) = &resource.operations.delete
        && let DeleteBy::Call(delete) = &delete.how
        && same(both_people(trial, |person| trial.delete(delete, person)))
    {
        let message = "`delete` makes the same calls whatever the id";
        findings.push(finding(delete, message, "DELETE /users"));
    }
    // What a missing rule or claim would have sent is no news.
    if !gaps.rules.is_empty() || gaps.claims {
        return;
    }
    for update in resource.operations.update.iter().filter(|update| nameless(trial, update)) {
        let method = writing(&update.operation).map_or("PATCH", |(method, _)| method.as_str());
        let example = format!("{method} /users");
        findings.push(match by_elements(trial, update) {
            true => doubt(update, &example),
            false => {
                let message =
                    format!("update `{}` makes the same calls whatever the id", update.name);
                finding(&update.operation, &message, &example)
            }
        });
    }
}

/// An address may be nobody else's, and then names whom it is about.
fn doubt(update: &Update, example: &str) -> Diagnostic {
    let message =
        format!("update `{}` says which element joins or leaves, and not whose it is", update.name);
    let help = format!(
        "name the key in it, e.g. `call: {example}/{{key}}`, unless no two have the same element"
    );
    let place = writing(&update.operation).map_or(&update.operation.place, |(_, place)| place);
    Diagnostic::warning("M418", place.clone(), message).help(help)
}

fn finding(operation: &Operation, message: &str, example: &str) -> Diagnostic {
    let place = writing(operation).map_or(&operation.place, |(_, place)| place);
    let help = format!("name the key in it, e.g. `call: {example}/{{key}}`");
    Diagnostic::error("M418", place.clone(), message).help(help)
}

/// The call that changes something, else the first.
fn writing(operation: &Operation) -> Option<(&Method, &crate::diagnostic::Place)> {
    let steps = &operation.steps;
    let step = steps.iter().find(|step| step.method != Method::GET).or(steps.first())?;
    Some((&step.method, &step.place))
}

/// The keys of two people.
const KEYS: [&str; 2] = ["7", "8"];

/// What is called for two people who have nothing in common.
fn both_people(
    trial: &Trial<'_>,
    calls: impl Fn(&Resource) -> Option<Vec<Call>>,
) -> Option<[Vec<Call>; 2]> {
    let [one, other] = KEYS;
    Some([calls(&person(trial, one, 0))?, calls(&person(trial, other, 1))?])
}

fn person(trial: &Trial<'_>, key: &str, which: usize) -> Resource {
    let mut person = trial.samples.resource(trial.plan, |_| which);
    person.set_id(key);
    person
}

/// Whether the calls are the same; what cannot be told is no finding.
fn same(calls: Option<[Vec<Call>; 2]>) -> bool {
    calls.is_some_and(|[one, other]| one == other)
}

/// Whether the same change of two people makes the same calls, whatever changes.
fn nameless(trial: &Trial<'_>, update: &Update) -> bool {
    let mut told = changes(trial, update).filter_map(|both| same_change(trial, update, &both));
    // The first that differs is enough.
    told.next().is_some_and(|first| first && told.all(|same| same))
}

fn same_change(trial: &Trial<'_>, update: &Update, both: &[Unit; 2]) -> Option<bool> {
    let calls = |which: usize| {
        let (key, unit) = (KEYS.get(which)?, both.get(which)?);
        let target = &trial.plan.rules.get(unit.rule)?.target;
        let (mut before, mut after) = (person(trial, key, which), person(trial, key, which));
        place::put(&mut before, target, unit.before.clone());
        place::put(&mut after, target, unit.after.clone());
        trial.update(update, &before, &after, std::slice::from_ref(unit))
    };
    Some(calls(0)? == calls(1)?)
}

/// Every change that the update takes and that can be tried, for each of the two.
fn changes<'t>(trial: &'t Trial<'_>, update: &'t Update) -> impl Iterator<Item = [Unit; 2]> + 't {
    let rules = trial.plan.rules.iter().enumerate();
    let rules = rules.filter(|(index, rule)| !rule.only_create && tried(trial, *index));
    let all = rules.flat_map(|(index, rule)| {
        let values = trial.samples.pair(index).cloned().unwrap_or_default();
        match rule.kind {
            RuleKind::List { .. } => parts(index, &values),
            _ => values_of(index, &values, update),
        }
    });
    all.filter(|[unit, _]| units::claimed(trial.plan, update, unit))
}

/// All elements join, or leave.
fn parts(rule: usize, values: &[Value; 2]) -> Vec<[Unit; 2]> {
    let nobody = Value::Array(Vec::new());
    let all = values.iter().filter_map(Value::as_array).flatten().cloned();
    let all = Value::Array(all.collect());
    let adds = Unit { rule, part: Part::Adds, before: nobody.clone(), after: all.clone() };
    let removes = Unit { rule, part: Part::Removes, before: all, after: nobody };
    [adds, removes].map(|unit| [unit.clone(), unit]).into()
}

/// Whether other elements make other calls, of a list whose elements are no resources of their own.
fn by_elements(trial: &Trial<'_>, update: &Update) -> bool {
    let own =
        |rule: &Rule| matches!(&rule.kind, RuleKind::List { elements, .. } if !elements.refers());
    let rules = trial.plan.rules.iter().enumerate();
    let lists = rules.filter(|(index, rule)| own(rule) && tried(trial, *index));
    let mut both = lists.flat_map(|(index, _)| {
        let values = trial.samples.pair(index).cloned().unwrap_or_default();
        let [one, other] = values.map(|value| parts(index, &[value, Value::Null]));
        let pairs = one.into_iter().zip(other);
        pairs.map(|([one, _], [other, _])| [one, other]).collect::<Vec<_>>()
    });
    both.any(|both| {
        let [unit, _] = &both;
        units::claimed(trial.plan, update, unit) && same_change(trial, update, &both) == Some(false)
    })
}

/// The transitions that the update waits for; else the first value becomes the second. Of the other
/// person the value was not assigned then: an address made of the value before names somebody too.
fn values_of(rule: usize, [first, second]: &[Value; 2], update: &Update) -> Vec<[Unit; 2]> {
    let unit = |before: &Value, after: &Value| Unit {
        rule,
        part: Part::Value,
        before: before.clone(),
        after: after.clone(),
    };
    let claims = update.operation.claims.iter().flatten();
    let becomes = claims.filter(|claim| claim.rules.contains(&rule)).filter_map(|claim| {
        let Claimed::Becomes(after) = &claim.what else { return None };
        let unit = unit(if first == after { second } else { first }, after);
        Some([unit.clone(), unit])
    });
    let transitions: Vec<[Unit; 2]> = becomes.collect();
    match transitions.as_slice() {
        [] => vec![[unit(first, second), unit(&Value::Null, second)]],
        _ => transitions,
    }
}
