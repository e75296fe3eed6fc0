//! DELETE (R89, R90; RFC 7644 §3.6): 204, and 404 from then on.

use super::{
    Context,
    begun::{self, Name},
    error::{Failure, unsupported},
    found::Found,
    lookup, steps,
    update::{self, Work},
};
use crate::{
    mapping::{
        plan::{Claimed, Delete, DeleteBy, Operation},
        translate::{
            place,
            unit::{Part, Unit},
        },
    },
    scim::{attribute::AttributePath, conditions::Conditions, error::Error, message::Response},
    store::{Batch, Change},
};
use serde_json::Value;

/// Ends one resource.
pub async fn delete(
    cx: &Context<'_>,
    id: &str,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let delete = cx.plan.operations.delete.as_ref();
    let Delete { how, place, .. } = delete.ok_or_else(|| unsupported("deleting"))?;
    if let Some(exercised) = cx.exercised() {
        exercised.ran(place);
    }
    let _turn = cx.turn(id).await?;
    if !conditions.is_empty() {
        conditions.hold(&lookup::current(cx, id).await?.resource, &cx.plan.kind)?;
    }
    let ended = end(cx, how, id).await;
    // Whatever came of it: before it joins a group it is asked for.
    cx.lost(id);
    ended.map(|()| Response::NoContent)
}

async fn end(cx: &Context<'_>, how: &DeleteBy, id: &str) -> Result<(), Failure> {
    match how {
        DeleteBy::Call(operation) => match call(cx, operation, id).await {
            Ok(names) if cx.plan.buries() => stays(cx, operation, id, &names).await,
            Ok(_) => forget(cx, id).await,
            Err(failure) => {
                // It went without us, or we stopped before the store heard of it.
                if failure.is_gone() {
                    forget(cx, id).await?;
                }
                Err(failure)
            }
        },
        DeleteBy::Update(index) => {
            let names = transitions(cx, *index, id).await?;
            if cx.plan.buries() {
                bury(cx, id, &names).await?;
            }
            Ok(())
        }
    }
}

/// The vendor goes on showing the Record: it must not show it as active, or nobody would look for the account any
/// more that is still alive.
async fn stays(
    cx: &Context<'_>,
    operation: &Operation,
    id: &str,
    names: &[Name],
) -> Result<(), Failure> {
    let Some(mut left) = lookup::existing(cx, id).await? else { return forget(cx, id).await };
    if is_active(&left) {
        cx.settle().await;
        let Some(again) = lookup::existing(cx, id).await? else { return forget(cx, id).await };
        left = again;
    }
    if is_active(&left) {
        return Err(Failure::Untrue {
            message: "the vendor took the delete, and its own record is still active".to_owned(),
            place: operation.place.clone(),
        });
    }
    bury(cx, id, names).await
}

fn is_active(found: &Found) -> bool {
    found.resource.get(&AttributePath::core("active")) == Some(&Value::Bool(true))
}

/// What goes with a resource that is no more: what was kept of it, and that it is ours.
async fn forget(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    if !cx.plan.holds() && cx.live.plan.kept_groups().is_none() {
        return Ok(());
    }
    let unmark = Change::Unmark { name: begun::ours(id) };
    left(cx, id, vec![Change::UnkeepAll { id: id.to_owned() }, unmark]).await
}

/// Nobody sees it from now on. After the vendor shows the deactivation: a tombstone over an account
/// that is alive would hide what must be seen. What was kept goes; by its names it is known when it
/// is made again.
async fn bury(cx: &Context<'_>, id: &str, names: &[Name]) -> Result<(), Failure> {
    let values = names.iter().map(|name| (name.attribute.clone(), name.value.clone()));
    let bury = Change::Bury { id: id.to_owned(), values: values.collect(), at: cx.now };
    left(cx, id, vec![Change::UnkeepAll { id: id.to_owned() }, bury]).await
}

/// Writes what the end of a resource comes to, and takes it out of the kept Groups with it.
async fn left(cx: &Context<'_>, id: &str, changes: Vec<Change>) -> Result<(), Failure> {
    let rows = cx.rows();
    let mut batch = Batch::new(rows.tenant);
    for change in changes {
        batch = batch.with(rows.kind.clone(), change);
    }
    if let Some(groups) = cx.live.plan.kept_groups() {
        let leave = Change::LeaveGroups { member: cx.member(id), at: cx.now };
        batch = batch.with(groups.kind.name.as_str(), leave);
    }
    cx.ask(cx.store()?.write(batch)).await.map(drop)
}

/// A call of its own. The Record is only read first where a template asks for it, or where it stays. Gives the
/// names that it had, if it was read.
async fn call(cx: &Context<'_>, operation: &Operation, id: &str) -> Result<Vec<Name>, Failure> {
    let mentioned = operation.mentions("before") || operation.mentions("record");
    let needed = mentioned || cx.plan.exists.is_some() || cx.plan.buries();
    let found = if needed { Some(lookup::current(cx, id).await?) } else { None };
    let names = found.iter().flat_map(|found| begun::names(cx, &found.resource)).collect();
    let key = Value::String(id.to_owned());
    let mut scope = cx.scope().with("key", &key);
    if let Some(found) = &found {
        scope = scope.with("before", found.resource.as_value()).with("record", &found.record);
    }
    match steps::run(cx, operation, &scope).await {
        Ok(_) => Ok(names),
        Err(failure) if failure.not_found() => Err(Error::not_found(id).into()),
        // Sent, and no answer to go by: gone is gone.
        Err(failure) if failure.doubtful() => match lookup::present(cx, id).await {
            Ok(None) => Ok(names),
            _ => Err(failure),
        },
        Err(failure) => Err(failure),
    }
}

/// An update instead: the transitions that it claims happen, through the same engine. Gives the names
/// that it had.
async fn transitions(cx: &Context<'_>, index: usize, id: &str) -> Result<Vec<Name>, Failure> {
    let before = lookup::current(cx, id).await?;
    let names = begun::names(cx, &before.resource);
    let mut after = before.resource.clone();
    let mut units = Vec::new();
    let claims = cx.plan.operations.update.get(index).map(|update| &update.operation.claims);
    for claim in claims.into_iter().flatten().flatten() {
        let Claimed::Becomes(value) = &claim.what else { continue };
        for index in &claim.rules {
            let Some(rule) = cx.plan.rules.get(*index) else { continue };
            let old = place::take(&after, &rule.target).cloned().unwrap_or_default();
            if old != *value {
                place::put(&mut after, &rule.target, value.clone());
                let after = value.clone();
                units.push(Unit { rule: *index, part: Part::Value, before: old, after });
            }
        }
    }
    update::run(cx, before, &after, Work { units, ..Work::default() }).await?;
    Ok(names)
}
