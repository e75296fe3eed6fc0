//! From one state to another: the fewest operations that cover the changes, then the truth.
//!
//! PUT and PATCH differ only in how the state after is made; both come here.

use super::{
    Context,
    error::Failure,
    lookup::{self, Found},
    steps,
};
use crate::{
    mapping::{
        expr::Scope,
        plan::{Rule, RuleKind, Target, Update},
        translate::{
            unit::{Part, Unit},
            units::{self, Chosen},
        },
    },
    scim::{
        error::{Error, ScimType},
        resource::Resource,
    },
};
use serde_json::Value;
use std::time::Duration;

/// A vendor that reads its own writes a moment late gets one more look before it is called a liar.
const SETTLE: Duration = Duration::from_millis(300);

/// Brings the vendor from what it has to `after`, and gives back what it then has.
pub async fn apply(cx: &Context<'_>, before: Found, after: &Resource) -> Result<Resource, Failure> {
    let units = units::between(cx.plan, &cx.writer(), &before.resource, after)?;
    run(cx, before, after, units, false).await
}

/// The same for changes that are already cut into units. `beside`: something else of the request
/// was done already, so an update that may fail is never alone.
pub async fn run(
    cx: &Context<'_>,
    before: Found,
    after: &Resource,
    units: Vec<Unit>,
    beside: bool,
) -> Result<Resource, Failure> {
    if units.is_empty() {
        return Ok(before.resource);
    }
    let chosen = choose(cx, &before, after, &units)?;
    let beside = beside || chosen.len() > 1;
    let record = perform(cx, &chosen, &before, after, &units, beside).await?;
    let now = match record {
        Some(record) => cx.read(&record)?,
        None => lookup::current(cx, &before.key).await?.resource,
    };
    truthful(cx, &before.key, &units, now).await
}

/// The updates that run. A change that nothing can carry out is told, not dropped.
fn choose<'a>(
    cx: &Context<'a>,
    before: &Found,
    after: &Resource,
    units: &[Unit],
) -> Result<Vec<Chosen<'a>>, Failure> {
    let changes = units::changes(cx.plan, units, &before.resource, after);
    let key = Value::String(before.key.clone());
    let scope = names(cx, before, after, &changes, &key);
    let fits = |update: &Update| {
        steps::holds(update.when.as_ref(), &scope, &update.operation.place)
            .map_err(|failure| expression(update, failure))
    };
    let (chosen, uncovered) = units::choose(cx.plan, units, fits)?;
    for unit in uncovered.iter().filter(|unit| unit.part != Part::Alters) {
        let Some(rule) = cx.plan.rules.get(unit.rule) else { continue };
        return Err(Error::bad(
            ScimType::Mutability,
            format!("`{}` cannot change: no operation of the mapping writes it", rule.target),
        )
        .into());
    }
    Ok(chosen)
}

fn expression(update: &Update, failure: Failure) -> crate::mapping::translate::Error {
    let message = match failure {
        Failure::Expression { message, .. } => message,
        other => format!("{other:?}"),
    };
    crate::mapping::translate::Error::Expression { place: update.operation.place.clone(), message }
}

fn names<'s>(
    cx: &'s Context<'_>,
    before: &'s Found,
    after: &'s Resource,
    changes: &'s Value,
    key: &'s Value,
) -> Scope<'s> {
    cx.scope()
        .with("key", key)
        .with("before", before.resource.as_value())
        .with("after", after.as_value())
        .with("resource", after.as_value())
        .with("changes", changes)
        .with("record", &before.record)
}

/// Runs the chosen updates in file order. Gives the Record when one answer carries it whole.
async fn perform(
    cx: &Context<'_>,
    chosen: &[Chosen<'_>],
    before: &Found,
    after: &Resource,
    units: &[Unit],
    beside: bool,
) -> Result<Option<Value>, Failure> {
    let changes = units::changes(cx.plan, units, &before.resource, after);
    let mut record = None;
    for one in chosen {
        let outcome = once(cx, one, before, after, &changes).await;
        record = match outcome {
            Ok(found) => found,
            Err(failure) if one.update.may_fail && beside => {
                let words = failure.judge(cx.live.profile, &[]).detail;
                cx.remark(format!("update `{}` failed and may: {words}", one.update.name));
                None
            }
            // Sent, and no answer: only the vendor's state can tell what came of it.
            Err(failure) if failure.unknown() => {
                settled(cx, before, one, after, failure).await?;
                None
            }
            Err(failure) => return Err(failure),
        };
    }
    let composed = cx.plan.operations.get.as_ref().is_some_and(|get| get.steps.len() > 1);
    Ok(record.filter(|_| chosen.len() == 1 && !composed))
}

/// One update, once or for each of its items.
async fn once(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    before: &Found,
    after: &Resource,
    changes: &Value,
) -> Result<Option<Value>, Failure> {
    let update = chosen.update;
    let operation = &update.operation;
    let writer = cx.writer();
    // Made only where a template asks for them.
    let made = |name: &str, make: &dyn Fn() -> Result<Value, Failure>| {
        if operation.mentions(name) { make() } else { Ok(Value::Null) }
    };
    let changed = made("changed", &|| Ok(writer.changed(&chosen.units, after, &before.record)?))?;
    let whole = made("whole", &|| Ok(writer.whole(&chosen.units, after, &before.record)?))?;
    let fields =
        made("fields", &|| Ok(writer.fields(after, |_, rule| !rule.only_create, false)?))?;
    let key = Value::String(before.key.clone());
    let scope = names(cx, before, after, changes, &key)
        .with("changed", &changed)
        .with("whole", &whole)
        .with("fields", &fields);
    let Some(list) = &update.for_each else {
        return Ok(steps::run(cx, operation, &scope).await?.record);
    };
    let mut record = None;
    for item in steps::each(list, &scope, &operation.place)? {
        record = steps::run(cx, operation, &scope.clone().with("item", &item)).await?.record;
    }
    Ok(record)
}

/// After an update whose outcome is unknown: fine when the vendor's state shows that it happened.
async fn settled(
    cx: &Context<'_>,
    before: &Found,
    chosen: &Chosen<'_>,
    after: &Resource,
    failure: Failure,
) -> Result<(), Failure> {
    let Ok(now) = lookup::current(cx, &before.key).await else { return Err(failure) };
    let left = units::between(cx.plan, &cx.writer(), &now.resource, after)?;
    let open = left.iter().any(|unit| chosen.units.iter().any(|own| own.rule == unit.rule));
    if open { Err(failure) } else { Ok(()) }
}

/// A deprovisioning that looks successful and is not is the worst that can happen: where `active`
/// was to change and the vendor's state says otherwise, its 2xx is not passed on.
async fn truthful(
    cx: &Context<'_>,
    key: &str,
    units: &[Unit],
    mut now: Resource,
) -> Result<Resource, Failure> {
    let Some((rule, wanted)) = units.iter().find_map(|unit| activity(cx, unit)) else {
        return Ok(now);
    };
    let holds = |now: &Resource| match &rule.target {
        Target::Attribute(path) => now.get(path) == Some(wanted),
        Target::Element { .. } => true,
    };
    if !holds(&now) {
        cx.live.upstream.wait(SETTLE).await;
        now = lookup::current(cx, key).await?.resource;
    }
    if holds(&now) {
        return Ok(now);
    }
    Err(Failure::Untrue {
        message: format!(
            "the vendor took the change of `{}` to {wanted}, and its own record does not show it",
            rule.target
        ),
        place: rule.place.clone(),
    })
}

/// The change of `active`, if the unit is that and it can be read back.
fn activity<'c>(cx: &Context<'c>, unit: &'c Unit) -> Option<(&'c Rule, &'c Value)> {
    let rule = cx.plan.rules.get(unit.rule)?;
    let Target::Attribute(path) = &rule.target else { return None };
    let readable = matches!(rule.kind, RuleKind::Field { .. } | RuleKind::Computed { .. })
        && rule.direction == crate::mapping::plan::Direction::Both;
    (path.urn.is_none() && path.name == "active" && readable && !unit.after.is_null())
        .then_some((rule, &unit.after))
}
