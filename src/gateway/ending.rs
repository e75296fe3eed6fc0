//! How a resource ends: what the vendor is told, and what goes of it here.

use super::{
    Context,
    begun::{self, Name},
    error::Failure,
    found::{self, Found},
    guard,
    identity::Identity,
    lookup, owned, references, steps,
    undo::{self, Halted},
    update::{self, Work},
};
use crate::{
    mapping::{
        plan::{Claimed, DeleteBy, Operation, Owns},
        translate::{
            place,
            unit::{Part, Unit},
        },
    },
    scim::{attribute::AttributePath, error::Error, resource::Resource},
    store::Change,
};
use serde_json::Value;

/// Ends one: at the vendor, then here. `with` is written in the same breath.
pub async fn end(
    cx: &Context<'_>,
    how: &DeleteBy,
    who: &Identity,
    with: Vec<Change>,
) -> Result<(), Failure> {
    match how {
        DeleteBy::Call(operation) => match call(cx, operation, who).await {
            Ok(Ended { names, stays: true }) => bury(cx, &who.id, &names, with).await,
            Ok(_) => forget(cx, who, with).await,
            Err(failure) => {
                // It went without us, or we stopped before the store heard of it.
                if failure.is_gone() {
                    forget(cx, who, with).await?;
                }
                Err(failure)
            }
        },
        DeleteBy::Update(index) => {
            let before = update::resumed(cx, current(cx, who).await?).await?;
            owned::check(cx, &before).await?;
            let names = begun::names(cx, &before.resource);
            transitions(cx, *index, before).await?;
            match cx.plan.buries() {
                true => bury(cx, &who.id, &names, with).await,
                false if with.is_empty() => Ok(()),
                false => left(cx, &who.id, with).await,
            }
        }
    }
}

/// The present Record of who is to end. 404 when there is none.
pub async fn current(cx: &Context<'_>, who: &Identity) -> Result<Found, Failure> {
    lookup::present(cx, who).await?.ok_or_else(|| Error::not_found(&who.id).into())
}

/// What goes with a resource that is no more: what was kept of it, that it is ours, and its id. Whoever has the
/// key next is somebody else.
pub async fn forget(cx: &Context<'_>, who: &Identity, with: Vec<Change>) -> Result<(), Failure> {
    if !cx.plan.holds() && cx.live.plan.kept_groups().is_none() {
        return Ok(());
    }
    let id = || who.id.clone();
    let unmark = Change::Unmark { name: begun::ours(&who.key) };
    let mut changes = vec![Change::UnkeepAll { id: id() }, unmark];
    if cx.plan.links() {
        changes.push(Change::Unlink { id: id() });
    }
    changes.extend(with);
    left(cx, &who.id, changes).await
}

/// Nobody sees it from now on. After the vendor shows the deactivation: a tombstone over an account
/// that is alive would hide what must be seen. What was kept goes; by its names it is known when it
/// is made again.
async fn bury(
    cx: &Context<'_>,
    id: &str,
    names: &[Name],
    with: Vec<Change>,
) -> Result<(), Failure> {
    let values = names.iter().map(|name| (name.attribute.clone(), name.value.clone()));
    let bury = Change::Bury { id: id.to_owned(), values: values.collect(), at: cx.now };
    let own = [Change::UnkeepAll { id: id.to_owned() }, bury];
    left(cx, id, own.into_iter().chain(with).collect()).await
}

/// Writes what the end of a resource comes to, and takes it out of the kept Groups with it.
pub async fn left(cx: &Context<'_>, id: &str, changes: Vec<Change>) -> Result<(), Failure> {
    let rows = cx.rows();
    let mut batch = cx.batch();
    for change in changes {
        batch = batch.with(rows.kind.clone(), change);
    }
    if let Some(groups) = cx.live.plan.kept_groups() {
        let leave = Change::LeaveGroups { member: cx.member(id), at: cx.now };
        batch = batch.with(groups.kind.name.as_str(), leave);
    }
    cx.ask(cx.store()?.write(batch)).await.map(drop)
}

/// What a call of its own came to.
#[derive(Debug)]
pub struct Ended {
    /// The names that the resource had, if it was read.
    names: Vec<Name>,
    /// The vendor goes on showing the Record, as the mapping says.
    pub stays: bool,
}

/// A call of its own. The Record is only read first where a template asks for it, where it stays, or where somebody
/// must tell that it is ours. Whatever the vendor answers, its own Record says whether it was done.
pub async fn call(
    cx: &Context<'_>,
    operation: &Operation,
    who: &Identity,
) -> Result<Ended, Failure> {
    let asked = operation.mentions("before") || operation.mentions("record");
    let judged = cx.plan.exists.is_some() || cx.plan.owns == Owns::Linked;
    let needed = asked || judged || cx.plan.buries();
    let found = match cx.underway.as_ref().and_then(|underway| underway.before()) {
        // Its first calls may have ended the record already.
        Some(record) => found::found(cx, record).await?,
        None if needed => Some(current(cx, who).await?),
        None => None,
    };
    let names = found.iter().flat_map(|found| begun::names(cx, &found.resource)).collect();
    let key = Value::String(who.key.clone());
    let mut scope = cx.scope().with("key", &key);
    let before;
    if let Some(found) = &found {
        owned::check(cx, found).await?;
        before = references::keyed(cx, &found.resource).await?;
        scope = scope.with("before", before.as_value()).with("record", &found.record);
    }
    guard::pass(cx, &who.id).await?;
    if let Some(underway) = &cx.underway {
        let record = found.as_ref().map_or(&Value::Null, |found| &found.record);
        underway.begins(operation, record, true);
    }
    let Halted { failure, made } = match steps::write(cx, operation, &scope).await {
        Ok(_) => return Ok(Ended { names, stays: stays(cx, operation, who).await? }),
        Err(stopped) => stopped,
    };
    // Neither a 404, which an address that is wrong gets as well, nor no answer at all says that it has gone.
    let open = failure.not_found() || failure.doubtful();
    if open && matches!(lookup::existing(cx, who).await, Ok(None)) {
        return match failure.not_found() {
            true => Err(Error::not_found(&who.id).into()),
            false => Ok(Ended { names, stays: false }),
        };
    }
    let left = undo::back(cx, made).await;
    Err(left.told(failure))
}

/// Whether the vendor, which took the delete, goes on showing the Record. It may where the mapping says so, and then not
/// as active, or nobody would look for the account any more that is still alive.
async fn stays(cx: &Context<'_>, operation: &Operation, who: &Identity) -> Result<bool, Failure> {
    let mut left = look(cx, who).await?;
    if left.as_ref().is_some_and(|found| undone(cx, found).is_some()) {
        cx.settle().await;
        left = look(cx, who).await?;
    }
    match left.as_ref().and_then(|found| undone(cx, found)) {
        Some(what) => Err(Failure::Untrue {
            message: format!("the vendor took the delete, and its own record is still {what}"),
            place: operation.place.clone(),
        }),
        None => Ok(left.is_some()),
    }
}

/// What the vendor has of it after the delete.
async fn look(cx: &Context<'_>, who: &Identity) -> Result<Option<Found>, Failure> {
    let unknown = "the vendor took the delete, and whether the record has gone is not known";
    lookup::existing(cx, who).await.map_err(|failure| cx.halfway(failure, unknown))
}

/// What is wrong with a Record that is still there after the delete.
fn undone(cx: &Context<'_>, found: &Found) -> Option<&'static str> {
    let active = found.resource.get(&AttributePath::core("active"));
    match active.and_then(Value::as_bool) {
        Some(true) => Some("active"),
        _ if cx.plan.buries() => None,
        Some(false) => {
            Some("there, inactive; if that is how it keeps who was deleted, say `afterwards: gone`")
        }
        None => Some("there"),
    }
}

/// An update instead: the transitions that it claims happen, through the same engine.
pub async fn transitions(cx: &Context<'_>, index: usize, before: Found) -> Result<(), Failure> {
    let (after, units) = towards(cx, index, &before.resource);
    update::run(cx, before, &after, Work { units, ..Work::default() }).await.map(drop)
}

/// What a resource is when the update of this index has done what it claims, and what changes with it.
pub fn towards(cx: &Context<'_>, index: usize, before: &Resource) -> (Resource, Vec<Unit>) {
    let mut after = before.clone();
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
    (after, units)
}
