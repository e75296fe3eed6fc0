//! Changes, cut along the rules of a mapping, and the fewest operations that cover them.
//!
//! A unit is one rule's change; a list's change is up to three: what was added, what was removed,
//! what was altered. Operations claim units; the smallest set of operations that covers all of
//! them runs, in file order.

use super::{
    Error, place,
    unit::{ListChange, Part, Unit},
    write::Writer,
};
use crate::{
    mapping::plan::{
        Claim, Claimed, Clear, Direction, IfChanged, ResourcePlan, Rule, RuleKind, Update,
    },
    scim::{
        error::{Error as Refusal, ScimType},
        resource::Resource,
    },
};
use serde_json::{Map, Value};

/// The units between two Resources: what a vendor would have to be told.
///
/// A client's different value for what cannot change is ignored or refused, as the rule says.
pub fn between(
    plan: &ResourcePlan,
    writer: &Writer<'_>,
    before: &Resource,
    after: &Resource,
) -> Result<Vec<Unit>, Error> {
    cut(plan, writer, None, before, after)
}

/// The same where `before` was read of this Record: what reads as its `missing` has nothing there to be cleared, and
/// would else be cleared again by each client that leaves it out.
pub fn against(
    plan: &ResourcePlan,
    writer: &Writer<'_>,
    record: &Value,
    before: &Resource,
    after: &Resource,
) -> Result<Vec<Unit>, Error> {
    cut(plan, writer, Some(record), before, after)
}

fn cut(
    plan: &ResourcePlan,
    writer: &Writer<'_>,
    record: Option<&Value>,
    before: &Resource,
    after: &Resource,
) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for (index, rule) in plan.rules.iter().enumerate() {
        if !super::read::in_force(rule, writer.tenant)? {
            continue;
        }
        let old = place::take(before, &rule.target).unwrap_or(&Value::Null);
        let new = place::take(after, &rule.target).unwrap_or(&Value::Null);
        if rule.only_create || !rule.writable() {
            let refuses = rule.if_changed == IfChanged::Reject && !new.is_null() && old != new;
            // What would be written as it is has not changed.
            if refuses && (!rule.writable() || writer.differs(rule, before, after)?) {
                return Err(immutable(rule).into());
            }
            continue;
        }
        if let Some(record) = record
            && new.is_null()
            && rule.missing.is_some()
            && !super::read::has_own(rule, record, writer.tenant, writer.names)?
        {
            continue;
        }
        // Judged here, for not every call asks for `changed`.
        let cleared = new.is_null() && !old.is_null() && rule.default.is_none();
        if cleared && rule.clear == Clear::Reject {
            return Err(uncleared(rule).into());
        }
        // What nobody reads is a change whenever it is sent.
        let sent = rule.direction == Direction::Write && !new.is_null();
        let computed = writer.depends_on_others(rule) && writer.differs(rule, before, after)?;
        if !sent && !computed && (old == new || !writer.differs(rule, before, after)?) {
            continue;
        }
        split(index, rule, old, new, &mut units);
    }
    Ok(units)
}

fn split(index: usize, rule: &Rule, old: &Value, new: &Value, units: &mut Vec<Unit>) {
    let mut unit = |part| {
        units.push(Unit { rule: index, part, before: old.clone(), after: new.clone() });
    };
    if !matches!(rule.kind, RuleKind::List { .. }) {
        return unit(Part::Value);
    }
    let change = ListChange::between(old, new);
    let parts = [
        (Part::Adds, !change.added.is_empty()),
        (Part::Removes, !change.removed.is_empty()),
        (Part::Alters, !change.altered.is_empty()),
    ];
    // The same elements in another order: the list as a whole was altered.
    let moved = parts.iter().all(|(_, happened)| !happened);
    for (part, happened) in parts {
        if happened || (moved && part == Part::Alters) {
            unit(part);
        }
    }
}

fn uncleared(rule: &Rule) -> Refusal {
    let detail = format!("`{}` cannot be cleared at the vendor", rule.target);
    Refusal::bad(ScimType::Mutability, detail)
}

fn immutable(rule: &Rule) -> Refusal {
    Refusal::bad(
        ScimType::Mutability,
        format!("`{}` cannot change once the resource is made", rule.target),
    )
}

impl Claim {
    /// Whether this claim covers the unit.
    pub fn covers(&self, unit: &Unit) -> bool {
        self.rules.contains(&unit.rule)
            && match &self.what {
                Claimed::Whole => true,
                Claimed::Becomes(value) => unit.after == *value && unit.before != *value,
                Claimed::Adds => unit.part == Part::Adds,
                Claimed::Removes => unit.part == Part::Removes,
                Claimed::Alters => unit.part == Part::Alters,
            }
    }

    /// Whether it claims a transition or a part of a list rather than a whole attribute.
    pub fn partial(&self) -> bool {
        self.what != Claimed::Whole
    }
}

/// Whether `update` claims the unit. The update without claims is the rest: it covers every unit
/// but those that others claim by transition or part, or claim whole without any transition.
pub fn claimed(plan: &ResourcePlan, update: &Update, unit: &Unit) -> bool {
    match &update.operation.claims {
        Some(claims) => claims.iter().any(|claim| claim.covers(unit)),
        None => !claimed_elsewhere(plan, unit.rule),
    }
}

/// Whether some claim takes this rule away from the rest.
pub fn claimed_elsewhere(plan: &ResourcePlan, rule: usize) -> bool {
    plan.operations.update.iter().filter_map(|update| update.operation.claims.as_ref()).any(
        |claims| {
            let transitions = claims.iter().any(|claim| matches!(claim.what, Claimed::Becomes(_)));
            claims
                .iter()
                .any(|claim| claim.rules.contains(&rule) && (claim.partial() || !transitions))
        },
    )
}

/// Whether `create` sends this rule: its claims, or everything but what transitions and
/// `may_fail` updates claim (a refusal there must not cost the user).
pub fn created(plan: &ResourcePlan, claims: Option<&[Claim]>, rule: usize) -> bool {
    match claims {
        Some(claims) => claims.iter().any(|claim| claim.rules.contains(&rule)),
        None => {
            !plan.operations.update.iter().any(|update| {
                update.operation.claims.iter().flatten().any(|claim| {
                    claim.rules.contains(&rule) && (claim.partial() || update.may_fail)
                })
            })
        }
    }
}

/// One chosen update and the units that it takes care of.
#[derive(Debug)]
pub struct Chosen<'a> {
    /// What runs.
    pub update: &'a Update,
    /// What of the change it sends.
    pub units: Vec<Unit>,
}

/// The fewest updates that cover all units, the earliest in the file among equals, in file order.
///
/// `fits` says whether an update's `when` holds. Units that nothing covers are given back beside.
pub fn choose<'a, E>(
    plan: &'a ResourcePlan,
    units: &[Unit],
    fits: impl Fn(&Update) -> Result<bool, E>,
) -> Result<(Vec<Chosen<'a>>, Vec<Unit>), E> {
    let mut candidates = Vec::new();
    for update in &plan.operations.update {
        let covered: Vec<usize> = (0..units.len())
            .filter(|index| units.get(*index).is_some_and(|unit| claimed(plan, update, unit)))
            .collect();
        if !covered.is_empty() && transition_happens(update, units) && fits(update)? {
            candidates.push((update, covered));
        }
    }
    let coverable: Vec<usize> = (0..units.len())
        .filter(|index| candidates.iter().any(|(_, covered)| covered.contains(index)))
        .collect();
    let set = smallest(&candidates, &coverable);
    let mut left: Vec<usize> = coverable.clone();
    let mut chosen = Vec::new();
    for (position, (update, covered)) in candidates.iter().enumerate() {
        if set & (1 << position) == 0 {
            continue;
        }
        let taken: Vec<usize> =
            left.iter().copied().filter(|index| covered.contains(index)).collect();
        left.retain(|index| !taken.contains(index));
        let units = taken.iter().filter_map(|index| units.get(*index).cloned()).collect();
        chosen.push(Chosen { update, units });
    }
    let uncovered = (0..units.len())
        .filter(|index| !coverable.contains(index))
        .filter_map(|index| units.get(index).cloned())
        .collect();
    Ok((chosen, uncovered))
}

/// An update with a `becomes` is a candidate only when one of its transitions is happening.
fn transition_happens(update: &Update, units: &[Unit]) -> bool {
    let mut transitions = update
        .operation
        .claims
        .iter()
        .flatten()
        .filter(|claim| matches!(claim.what, Claimed::Becomes(_)))
        .peekable();
    transitions.peek().is_none()
        || transitions.any(|claim| units.iter().any(|unit| claim.covers(unit)))
}

/// The smallest set of candidates, as a bit set.
///
/// INVARIANT: at most 16 updates stand in a file (M413), so looking at all sets is at most 65,536
/// steps, and `explain` can print the reason.
fn smallest(candidates: &[(&Update, Vec<usize>)], wanted: &[usize]) -> u32 {
    // For each unit, who covers it.
    let covering: Vec<u32> = wanted
        .iter()
        .map(|index| {
            let covers = candidates.iter().enumerate();
            let covers = covers.filter(|(_, (_, covered))| covered.contains(index));
            covers.fold(0, |set, (position, _)| set | 1 << position)
        })
        .collect();
    let covers = |set: u32| covering.iter().all(|one| set & one != 0);
    // Fewest first; among equals the one whose members stand earliest: reversed bits compare so.
    (0..1u32 << candidates.len())
        .filter(|set| covers(*set))
        .min_by_key(|set| (set.count_ones(), std::cmp::Reverse(set.reverse_bits())))
        .unwrap_or(0)
}

/// `changes` for expressions: each changed attribute with `before`, `after`, and for lists
/// `added`, `removed`, `altered`.
pub fn changes(plan: &ResourcePlan, units: &[Unit], before: &Resource, after: &Resource) -> Value {
    let mut all = Resource::new();
    for unit in units {
        let Some(rule) = plan.rules.get(unit.rule) else { continue };
        let path = match &rule.target {
            crate::mapping::plan::Target::Attribute(path) => path.clone(),
            element => element.attribute(),
        };
        let old = before.get(&path).cloned().unwrap_or_default();
        let new = after.get(&path).cloned().unwrap_or_default();
        let mut change = Map::new();
        if old.is_array() || new.is_array() {
            let list = ListChange::between(&old, &new);
            change.insert("added".into(), Value::Array(list.added));
            change.insert("removed".into(), Value::Array(list.removed));
            change.insert("altered".into(), Value::Array(list.altered));
        }
        change.insert("before".into(), old);
        change.insert("after".into(), new);
        all.set(&path, Value::Object(change));
    }
    all.as_value().clone()
}
