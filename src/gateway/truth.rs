//! A 2xx is never a lie: what the vendor says that it did is held against what it then has.

use super::{Context, error::Failure, identity::Identity, lookup, references, trace::Matter};
use crate::{
    mapping::{
        plan::{Clear, Direction, Rule, RuleKind, Target},
        translate::{
            place,
            unit::{ListChange, Part, Unit},
        },
    },
    scim::{attribute::AttributePath, resource::Resource},
};
use serde_json::Value;

/// `now`, when it shows what must not be reported as done unless it is: a change of `active`, and
/// who joined and who left. Other values may be normalised by the vendor, so the answer shows them
/// as they are, and [`tell`] says which.
pub async fn held(
    cx: &Context<'_>,
    who: &Identity,
    units: &[Unit],
    mut now: Resource,
) -> Result<Resource, Failure> {
    let keyed = references::keyed(cx, &now).await?;
    if units.iter().all(|unit| untrue(cx, unit, &keyed).is_none()) {
        return Ok(now);
    }
    cx.settle().await;
    now = lookup::standing(cx, who).await?.resource;
    let keyed = references::keyed(cx, &now).await?;
    let lie = units.iter().find_map(|unit| untrue(cx, unit, &keyed));
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

/// Whether the vendor's record shows, of each change, if it was carried out.
pub fn is_visible(cx: &Context<'_>, units: &[Unit]) -> bool {
    let mut rules = units.iter().filter_map(|unit| cx.plan.rules.get(unit.rule));
    rules.all(|rule| rule.direction == Direction::Both && rule.lossy.is_none())
}

/// The rule and the change that `now` does not show.
fn untrue<'c>(cx: &Context<'c>, unit: &Unit, now: &Resource) -> Option<(&'c Rule, String)> {
    if let Some((rule, path)) = activity(cx, unit) {
        let shown = now.get(path) == Some(&unit.after);
        return (!shown).then(|| (rule, format!("the change of `{path}` to {}", unit.after)));
    }
    let (rule, list) = membership(cx, unit)?;
    let what = match unit.part {
        Part::Adds => "additions to",
        Part::Removes => "removals from",
        Part::Value | Part::Alters => return None,
    };
    let undone = is_undone(unit, now.get(list).unwrap_or(&Value::Null));
    undone.then(|| (rule, format!("{what} `{list}`")))
}

/// Whether what the unit changes of a list would still have to be done to this one.
fn is_undone(unit: &Unit, shown: &Value) -> bool {
    let left = ListChange::between(shown, &unit.after);
    let changed = ListChange::between(&unit.before, &unit.after);
    let (left, changed) = match unit.part {
        Part::Adds => (left.added, changed.added),
        Part::Removes => (left.removed, changed.removed),
        Part::Alters => (left.altered, changed.altered),
        Part::Value => return true,
    };
    let of = |element: &Value| element.get("value").unwrap_or(element).clone();
    left.iter().any(|one| changed.iter().any(|other| of(other) == of(one)))
}

/// Tells the operator which changes were sent and are not shown by what was read after them. The
/// client sees them in the answer, and that stays a 2xx: a vendor that makes another value of one
/// (a phone number's form) looks the same as one that refuses it in silence, and a client that is told of
/// a failure would repeat for ever what is done, or give up the rest of the request, which was done.
pub fn tell<'u>(
    cx: &Context<'_>,
    units: impl IntoIterator<Item = &'u Unit>,
    now: &Resource,
    after: &Resource,
) {
    // Of a list what is added and what is removed are two changes, and one is enough to tell.
    let mut told = Vec::new();
    for unit in units {
        let Some(rule) = cx.plan.rules.get(unit.rule) else { continue };
        if told.contains(&unit.rule) || is_shown(cx, rule, unit, now, after) {
            continue;
        }
        told.push(unit.rule);
        let attribute = rule.target.to_string();
        cx.metrics.unshown(cx.tenant, &attribute);
        cx.notice(Matter::Unshown, attribute, &rule.place);
    }
}

/// Whether `now` shows a change, or nobody can tell.
pub fn shows(cx: &Context<'_>, unit: &Unit, now: &Resource, after: &Resource) -> bool {
    let rule = cx.plan.rules.get(unit.rule);
    untrue(cx, unit, now).is_none() && rule.is_none_or(|rule| is_shown(cx, rule, unit, now, after))
}

/// Whether `now` shows a change, by what the mapping calls equal; also where it cannot be asked to.
fn is_shown(cx: &Context<'_>, rule: &Rule, unit: &Unit, now: &Resource, after: &Resource) -> bool {
    // What is nobody's to read back, and what is said not to come back as it was sent.
    if rule.direction != Direction::Both || rule.lossy.is_some() {
        return true;
    }
    // These are held to it already: a change that is not shown is no 2xx.
    if activity(cx, unit).is_some() || membership(cx, unit).is_some() {
        return true;
    }
    // What is cleared may come back as the rule's own value, or was never sent.
    let own = rule.missing.is_some() || rule.default.is_some() || rule.clear == Clear::Omit;
    if unit.after.is_null() && own {
        return true;
    }
    // A value of the vendor's that could not be written is none that was.
    let names = cx.names();
    let differs = cx.writer(&names).differs(rule, now, after).unwrap_or(true);
    let shown = place::take(now, &rule.target).unwrap_or(&Value::Null);
    !differs || !is_undone(unit, shown)
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
