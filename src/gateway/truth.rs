//! A 2xx is never a lie: what the vendor says that it did is held against what it then has.

use super::{Context, error::Failure, lookup};
use crate::{
    mapping::{
        plan::{Direction, Rule, RuleKind, Target},
        translate::unit::{ListChange, Part, Unit},
    },
    scim::{attribute::AttributePath, resource::Resource},
};
use serde_json::Value;

/// `now`, when it shows what must not be reported as done unless it is: a change of `active`, and
/// who joined and who left. Other values may be normalised by the vendor, so the answer shows them
/// as they are.
pub async fn held(
    cx: &Context<'_>,
    key: &str,
    units: &[Unit],
    mut now: Resource,
) -> Result<Resource, Failure> {
    if units.iter().all(|unit| untrue(cx, unit, &now).is_none()) {
        return Ok(now);
    }
    cx.settle().await;
    now = lookup::standing(cx, key).await?.resource;
    let lie = units.iter().find_map(|unit| untrue(cx, unit, &now));
    match lie {
        None => Ok(now),
        Some((rule, what)) => Err(Failure::Untrue {
            message: format!("the vendor took {what}, and its own record does not show it"),
            place: rule.place.clone(),
        }),
    }
}

/// Whether one of the changes is a deactivation.
pub fn is_deactivation(cx: &Context<'_>, units: &[Unit]) -> bool {
    units.iter().any(|unit| activity(cx, unit).is_some() && unit.after == Value::Bool(false))
}

/// The rule and the change that `now` does not show.
fn untrue<'c>(cx: &Context<'c>, unit: &Unit, now: &Resource) -> Option<(&'c Rule, String)> {
    if let Some((rule, path)) = activity(cx, unit) {
        let shown = now.get(path) == Some(&unit.after);
        return (!shown).then(|| (rule, format!("the change of `{path}` to {}", unit.after)));
    }
    let (rule, list) = membership(cx, unit)?;
    let shown = now.get(list).unwrap_or(&Value::Null);
    // What the vendor would still have to be told.
    let left = ListChange::between(shown, &unit.after);
    let changed = ListChange::between(&unit.before, &unit.after);
    let (left, changed, what) = match unit.part {
        Part::Adds => (left.added, changed.added, "additions to"),
        Part::Removes => (left.removed, changed.removed, "removals from"),
        Part::Value | Part::Alters => return None,
    };
    let of_value = |element: &Value| element.get("value").cloned();
    let undone = left.iter().any(|one| {
        let value = of_value(one);
        value.is_some() && changed.iter().any(|other| of_value(other) == value)
    });
    undone.then(|| (rule, format!("{what} `{list}`")))
}

/// The change of `active`, if the unit is that and it can be read back.
fn activity<'c>(cx: &Context<'c>, unit: &Unit) -> Option<(&'c Rule, &'c AttributePath)> {
    let rule = cx.plan.rules.get(unit.rule)?;
    let Target::Attribute(path) = &rule.target else { return None };
    let readable = matches!(rule.kind, RuleKind::Field { .. } | RuleKind::Computed { .. })
        && rule.direction == Direction::Both;
    (path.is_active() && readable && !unit.after.is_null()).then_some((rule, path))
}

/// A change of a list of references that can be read back.
fn membership<'c>(cx: &Context<'c>, unit: &Unit) -> Option<(&'c Rule, &'c AttributePath)> {
    let rule = cx.plan.rules.get(unit.rule)?;
    let (Target::Attribute(path), RuleKind::List { elements, .. }) = (&rule.target, &rule.kind)
    else {
        return None;
    };
    (elements.refers() && rule.direction == Direction::Both).then_some((rule, path))
}
