//! Can every attribute that a client may change reach the vendor, and come back?

use crate::{
    diagnostic::Diagnostic,
    mapping::{
        plan::{Claimed, Operations, ResourcePlan, Rule, RuleKind, Target},
        translate::{
            unit::{Part, Unit},
            units,
        },
    },
    scim::schema::Mutability,
};
use serde_json::Value;

/// All checks of this kind on one resource.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    required(resource, findings);
    for (index, rule) in resource.rules.iter().enumerate().filter(|(_, rule)| changeable(rule)) {
        let uncovered = missing_parts(resource, index, rule);
        if let Some(part) = uncovered {
            let (code, help) = match part {
                "removes" => ("M403", "without it nobody leaves; or `if_changed: reject`"),
                _ => ("M401", "claim it in an update; or `only: create`, `direction: read`"),
            };
            let what = if part.is_empty() { String::new() } else { format!(" ({part})") };
            let message = format!("`{}` can change, and no update writes it{what}", rule.target);
            findings.push(Diagnostic::error(code, rule.place.clone(), message).help(help));
        }
    }
    transitions(resource, findings);
    deprovisioning(resource, findings);
}

/// What the RFC requires of the type must have a rule.
fn required(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let name = match resource.kind.name.as_str() {
        "User" => "userName",
        "Group" => "displayName",
        _ => return,
    };
    if !resource.rules.iter().any(|rule| rule.target.to_string() == name) {
        let message = format!("required attribute `{name}` of {} has no rule", resource.kind.name);
        let help = format!("add `{name}: {{ field: ... }}`");
        findings.push(Diagnostic::error("M211", resource.place.clone(), message).help(help));
    }
}

fn changeable(rule: &Rule) -> bool {
    rule.writable()
        && !rule.only_create
        && rule.direction == crate::mapping::plan::Direction::Both
        && !matches!(rule.kind, RuleKind::Computed { .. })
}

/// The first part of a change of this rule that no update takes; nothing when all are taken.
fn missing_parts(resource: &ResourcePlan, index: usize, rule: &Rule) -> Option<&'static str> {
    let parts: &[(&str, Part)] = match rule.kind {
        RuleKind::List { .. } => &[("adds", Part::Adds), ("removes", Part::Removes)],
        _ => &[("", Part::Value)],
    };
    // Transitions are judged by `M402`; a rule claimed by one of them only is not lost here.
    let by_transition = claims(&resource.operations)
        .any(|claim| claim.rules.contains(&index) && matches!(claim.what, Claimed::Becomes(_)));
    parts.iter().find_map(|(name, part)| {
        let unit = Unit {
            rule: index,
            part: *part,
            before: Value::Null,
            after: Value::String("\u{0}".to_owned()),
        };
        let covered =
            resource.operations.update.iter().any(|update| units::claimed(resource, update, &unit));
        (!covered && !by_transition).then_some(*name)
    })
}

fn claims(operations: &Operations) -> impl Iterator<Item = &crate::mapping::plan::Claim> {
    operations.update.iter().flat_map(|update| update.operation.claims.iter().flatten())
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
                let help = if value { "nobody could leave" } else { "nobody could come back" };
                findings.push(Diagnostic::error("M402", claim.place.clone(), message).help(help));
            }
        }
    }
}

/// A User whose `active` reaches nothing is never deprovisioned, and nobody would notice.
fn deprovisioning(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    if resource.kind.name != "User" {
        return;
    }
    let active = resource.rules.iter().find(|rule| {
        matches!(&rule.target, Target::Attribute(path) if path.urn.is_none() && path.name == "active")
    });
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
