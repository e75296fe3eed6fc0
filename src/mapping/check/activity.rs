//! Can people leave, and come back? A deprovisioning that does nothing is the worst that can happen.

use crate::{
    diagnostic::Diagnostic,
    mapping::{
        compile::Gaps,
        document::Failed,
        expr::{Scope, Tree},
        plan::{Claimed, Direction, ResourcePlan, Rule, RuleKind, Target, Update},
        translate::{
            unit::{Part, Unit},
            units,
        },
    },
    scim::schema::{Mutability, Type},
    upstream::record::text_of,
};
use serde_json::Value;

/// All checks of this kind on one resource.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    if gaps.claims || Failed::excuses(&gaps.rules, "active") {
        return;
    }
    transitions(resource, findings);
    if resource.kind.name == "User" {
        deprovisioning(resource, findings);
        table(resource, findings);
        swapped(resource, findings);
        order(resource, findings);
    }
}

/// `active becomes false` without its opposite: nobody could come back, or nobody could leave.
fn transitions(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    for update in &resource.operations.update {
        for claim in update.operation.claims.iter().flatten() {
            let Claimed::Becomes(Value::Bool(value)) = claim.what else { continue };
            let opposite = |rule: &usize| {
                let unit = Unit {
                    rule: *rule,
                    part: Part::Value,
                    before: Value::Bool(value),
                    after: Value::Bool(!value),
                };
                let mut updates = resource.operations.update.iter();
                updates.any(|update| units::claimed(resource, update, &unit))
            };
            if !claim.rules.iter().all(opposite) {
                let attribute = claim.text.split(' ').next().unwrap_or_default();
                let message = format!(
                    "`{attribute} becomes {}` is claimed by none, `becomes {value}` by `{}`",
                    !value, update.name
                );
                let lost = if value { "nobody could leave" } else { "nobody could come back" };
                let help = format!(
                    "{lost}: add an update with `claims: [{attribute} becomes {}]` and its call",
                    !value
                );
                findings.push(Diagnostic::error("M402", claim.place.clone(), message).help(help));
            }
        }
    }
}

/// A User whose `active` reaches nothing is never deprovisioned, and nobody would notice.
fn deprovisioning(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let active = activity(resource).map(|(_, rule)| rule);
    let served = resource.kind.schema.attributes.iter().find(|known| known.name == "active");
    let works = active.is_some()
        && served.is_some_and(|attribute| attribute.mutability != Mutability::ReadOnly);
    if !works {
        let message = "no operation deactivates: `active` is not mapped, or only read";
        let help = "deprovisioning would do nothing; map `active`, or claim `active becomes false`";
        let place = active.map_or_else(|| resource.place.clone(), |rule| rule.place.clone());
        findings.push(Diagnostic::warning("M410", place, message).help(help));
    }
}

/// The rule of `active`, with its index.
pub fn activity(resource: &ResourcePlan) -> Option<(usize, &Rule)> {
    resource.rules.iter().enumerate().find(|(_, rule)| {
        matches!(&rule.target, Target::Attribute(path) if path.urn.is_none() && path.name == "active")
    })
}

/// A table without `false` refuses every deactivation, one without `true` every return: the value
/// goes through the table also where an operation claims the transition.
fn table(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some((_, rule)) = activity(resource) else { return };
    let Some(table) = rule.passage.table.as_ref().filter(|_| rule.passage.kind == Type::Boolean)
    else {
        return;
    };
    if rule.direction == Direction::Read || !matches!(rule.kind, RuleKind::Field { .. }) {
        return;
    }
    for (value, what) in [(false, "deactivated"), (true, "activated")] {
        let written =
            table.rows.iter().any(|row| row.scim == Value::Bool(value) && !row.vendor.is_empty());
        if !written {
            let message =
                format!("`values` has nothing to write for {value}: nobody can be {what}");
            let help = format!("add the vendor's value: `{value}: ...`");
            findings.push(Diagnostic::error("M410", rule.place.clone(), message).help(help));
        }
    }
}

/// A call that deactivates, and sends what the table reads as active: the table or the calls are swapped.
fn swapped(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some((active, rule)) = activity(resource) else { return };
    let Some((table, field)) = rule.passage.table.as_ref().zip(rule.field()) else { return };
    let (mut names, true) = field.names() else { return };
    let Some(field) = names.pop() else { return };
    for update in &resource.operations.update {
        let claims = update.operation.claims.iter().flatten();
        let mut claims = claims.filter(|claim| claim.rules.contains(&active));
        let Some((claim, value)) = claims.find_map(|claim| match claim.what {
            Claimed::Becomes(Value::Bool(value)) => Some((claim, value)),
            _ => None,
        }) else {
            continue;
        };
        let bodies = update.operation.steps.iter().filter_map(|step| step.body.as_ref());
        for sent in bodies.filter_map(|body| literal(body, field)) {
            let opposite = table
                .rows
                .iter()
                .any(|row| row.scim == Value::Bool(!value) && row.vendor.contains(&sent));
            if opposite {
                let sent = text_of(&sent).unwrap_or_default();
                let message = format!(
                    "`{}` claims `{}` and sends `{field}: {sent}`, which `values` reads as {}",
                    update.name, claim.text, !value
                );
                let finding = Diagnostic::warning("M410", claim.place.clone(), message);
                let line = rule.place.span.line;
                findings.push(finding.help(format!("swap the table at line {line}, or the calls")));
            }
        }
    }
}

/// What a body sends under a name, where it is the same in every call.
fn literal(body: &Tree, name: &str) -> Option<Value> {
    let Tree::Map(members) = body else { return None };
    members.iter().find_map(|(key, member)| match member {
        Tree::Fixed(value) if key == name => Some(value.clone()),
        Tree::Template(template) if key == name && template.names().is_empty() => {
            template.value(&Scope::new()).ok()
        }
        other => literal(other, name),
    })
}

/// A suspended person can often not be changed: the profile goes first, and after a return.
fn order(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some((active, _)) = activity(resource) else { return };
    let updates = &resource.operations.update;
    let profile = |update: &Update| match &update.operation.claims {
        None => true,
        Some(claims) => {
            claims.iter().all(|claim| claim.what == Claimed::Whole)
                && claims.iter().any(|claim| !claim.rules.contains(&active))
        }
    };
    let becomes = |update: &Update, value: bool| {
        update.operation.claims.iter().flatten().any(|claim| {
            claim.rules.contains(&active) && claim.what == Claimed::Becomes(Value::Bool(value))
        })
    };
    for (index, update) in updates.iter().enumerate() {
        let earlier = updates.iter().take(index).find(|other| profile(other));
        let later = updates.iter().skip(index + 1).find(|other| profile(other));
        let wrong = match (becomes(update, false), becomes(update, true)) {
            (true, false) => later.map(|other| (other, "before")),
            (false, true) => earlier.map(|other| (other, "after")),
            _ => None,
        };
        if let Some((other, where_)) = wrong {
            let message = format!("`{}` runs {where_} `{}`", update.name, other.name);
            let place = update.operation.place.clone();
            let finding = Diagnostic::warning("M407", place, message);
            findings.push(finding.help("list a reactivation first and a deactivation last"));
        }
    }
}
