//! DELETE (R89, R90; RFC 7644 §3.6): 204, and 404 from then on.

use super::{
    Context,
    begun::{self, Name},
    error::{Failure, unsupported},
    found::Found,
    identity::{self, Identity},
    lookup, owned, references, steps,
    undo::{self, Halted},
    update::{self, Work},
};
use crate::{
    mapping::{
        plan::{Claimed, Delete, DeleteBy, Operation, Owns},
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
    let who = identity::of(cx, id).await?.ok_or_else(|| Error::not_found(id))?;
    if !conditions.is_empty() {
        conditions.hold(&current(cx, &who).await?.resource, &cx.plan.kind)?;
    }
    let ended = end(cx, how, &who).await;
    // Whatever came of it: before it joins a group it is asked for.
    cx.lost(&who.key);
    ended.map(|()| Response::NoContent)
}

async fn current(cx: &Context<'_>, who: &Identity) -> Result<Found, Failure> {
    lookup::present(cx, who).await?.ok_or_else(|| Error::not_found(&who.id).into())
}

async fn end(cx: &Context<'_>, how: &DeleteBy, who: &Identity) -> Result<(), Failure> {
    match how {
        DeleteBy::Call(operation) => match call(cx, operation, who).await {
            Ok(names) if cx.plan.buries() => stays(cx, operation, who, &names).await,
            Ok(_) => forget(cx, who).await,
            Err(failure) => {
                // It went without us, or we stopped before the store heard of it.
                if failure.is_gone() {
                    forget(cx, who).await?;
                }
                Err(failure)
            }
        },
        DeleteBy::Update(index) => {
            let names = transitions(cx, *index, who).await?;
            if cx.plan.buries() {
                bury(cx, &who.id, &names).await?;
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
    who: &Identity,
    names: &[Name],
) -> Result<(), Failure> {
    let Some(mut left) = lookup::existing(cx, who).await? else { return forget(cx, who).await };
    if is_active(&left) {
        cx.settle().await;
        let Some(again) = lookup::existing(cx, who).await? else { return forget(cx, who).await };
        left = again;
    }
    if is_active(&left) {
        return Err(Failure::Untrue {
            message: "the vendor took the delete, and its own record is still active".to_owned(),
            place: operation.place.clone(),
        });
    }
    bury(cx, &who.id, names).await
}

fn is_active(found: &Found) -> bool {
    found.resource.get(&AttributePath::core("active")) == Some(&Value::Bool(true))
}

/// What goes with a resource that is no more: what was kept of it, that it is ours, and its id. Whoever has the
/// key next is somebody else.
async fn forget(cx: &Context<'_>, who: &Identity) -> Result<(), Failure> {
    if !cx.plan.holds() && cx.live.plan.kept_groups().is_none() {
        return Ok(());
    }
    let id = || who.id.clone();
    let unmark = Change::Unmark { name: begun::ours(&who.key) };
    let mut changes = vec![Change::UnkeepAll { id: id() }, unmark];
    if cx.plan.links() {
        changes.push(Change::Unlink { id: id() });
    }
    left(cx, &who.id, changes).await
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

/// A call of its own. The Record is only read first where a template asks for it, where it stays, or where somebody
/// must tell that it is ours. Gives the names that it had, if it was read.
async fn call(
    cx: &Context<'_>,
    operation: &Operation,
    who: &Identity,
) -> Result<Vec<Name>, Failure> {
    let asked = operation.mentions("before") || operation.mentions("record");
    let judged = cx.plan.exists.is_some() || cx.plan.owns == Owns::Linked;
    let needed = asked || judged || cx.plan.buries();
    let found = if needed { Some(current(cx, who).await?) } else { None };
    let names = found.iter().flat_map(|found| begun::names(cx, &found.resource)).collect();
    let key = Value::String(who.key.clone());
    let mut scope = cx.scope().with("key", &key);
    let before;
    if let Some(found) = &found {
        owned::check(cx, found).await?;
        before = references::keyed(cx, &found.resource).await?;
        scope = scope.with("before", before.as_value()).with("record", &found.record);
    }
    let Halted { failure, made } = match steps::write(cx, operation, &scope).await {
        Ok(_) => return Ok(names),
        Err(stopped) => stopped,
    };
    if failure.not_found() {
        return Err(Error::not_found(&who.id).into());
    }
    // Sent, and no answer to go by: gone is gone.
    if failure.doubtful() && matches!(lookup::present(cx, who).await, Ok(None)) {
        return Ok(names);
    }
    let left = undo::back(cx, made).await;
    Err(left.told(failure))
}

/// An update instead: the transitions that it claims happen, through the same engine. Gives the names
/// that it had.
async fn transitions(cx: &Context<'_>, index: usize, who: &Identity) -> Result<Vec<Name>, Failure> {
    let before = current(cx, who).await?;
    owned::check(cx, &before).await?;
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
