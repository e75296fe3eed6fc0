//! From one state to another: the fewest operations that cover the changes, then the truth.
//!
//! PUT and PATCH differ only in how the state after is made; both come here.

use super::{
    Context,
    error::Failure,
    found::{self, Found},
    guard,
    identity::Identity,
    journal::verdict::{self, Verdict},
    kept, lookup, members, owned, references, refused, rekeyed, steps, trace,
    truth::{self, is_deactivation},
    undo::{self, Halted},
};
use crate::{
    mapping::{
        expr::Scope,
        plan::{Claimed, Clear, Operation, Update},
        translate::{
            self,
            unit::{Part, Unit},
            units::{self, Chosen},
        },
    },
    scim::{
        error::{Error, ScimType},
        resource::Resource,
    },
    store,
};
use http::Method;
use serde_json::{Map, Value};

/// Brings the vendor from what it has to `after`, and gives back what it then has.
pub async fn apply(cx: &Context<'_>, before: Found, after: &Resource) -> Result<Resource, Failure> {
    owned::check(cx, &before).await?;
    change(cx, before, after).await.map(|(_, now)| now)
}

/// The same of one whom the request may change for another reason than that it is ours, with whom it is about then.
pub async fn change(
    cx: &Context<'_>,
    before: Found,
    after: &Resource,
) -> Result<(Identity, Resource), Failure> {
    refused::check(cx, Some(&before.resource), after)?;
    let before = resumed(cx, before).await?;
    let units = cx.units(&before.record, &before.resource, after).await?;
    let kept = kept::changes(cx, &before.who.id, &before.resource, after)?;
    run(cx, before, after, Work { units, kept, beside: false }).await
}

/// Where an earlier try stopped within an operation of several calls: the record as it was before that. The present one
/// shows what its first calls have done, and not what is left of it.
pub async fn resumed(cx: &Context<'_>, now: Found) -> Result<Found, Failure> {
    let Some(record) = cx.underway.as_ref().and_then(|underway| underway.before()) else {
        return Ok(now);
    };
    let before = found::found(cx, record).await?.filter(|before| before.who == now.who);
    Ok(before.unwrap_or(now))
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Work {
    /// What the vendor is told.
    pub units: Vec<Unit>,
    /// What the store is told, once the vendor has taken its part.
    pub kept: Vec<store::Change>,
    /// Something else of the request was done already, so an update that may fail is never alone.
    pub beside: bool,
}

/// The same for changes that are already cut, with whom it is about then. A change of what is kept alone
/// makes no call.
pub async fn run(
    cx: &Context<'_>,
    before: Found,
    after: &Resource,
    work: Work,
) -> Result<(Identity, Resource), Failure> {
    let Work { units, kept, beside } = work;
    if units.is_empty() {
        if kept.is_empty() {
            return Ok((before.who, before.resource));
        }
        kept::write(cx, kept).await?;
        let now = found::found(cx, before.record).await?;
        let now = now.ok_or_else(|| Error::not_found(&before.who.id))?;
        return Ok((now.who, now.resource));
    }
    let from = references::keyed(cx, &before.resource).await?;
    let after = references::keyed(cx, after).await?;
    let changes = changes(cx, &units, &from, &after);
    let change = Change { before: &before, from: &from, after: &after, changes: &changes };
    let mut chosen = Vec::new();
    for one in choose(cx, &change, &units)? {
        if !is_silent(cx, &one, &change).await? {
            chosen.push(one);
        }
    }
    if chosen.is_empty() && kept.is_empty() {
        return Ok((before.who, before.resource));
    }
    members::known(cx, &units, &chosen).await?;
    // What is not yet as its create wants it is nobody's loss.
    if !beside {
        let changed = chosen.iter().flat_map(|one| &one.units);
        guard::pass_changes(cx, &before.who.id, changed).await?;
    }
    let performed = perform(cx, &chosen, &change, beside || chosen.len() > 1).await;
    if performed.as_ref().is_err_and(Failure::refusal) {
        members::doubted(cx, &units);
    }
    let Done { who, record, failed } = performed?;
    let done = but(&chosen, &failed);
    let told = |failure| halfway(cx, failure, &done);
    kept::write(cx, kept).await.map_err(told)?;
    let answered = match record {
        // What should be the record and is none says nothing of what was carried out.
        Some((operation, record)) => lookup::answered(cx, operation, &who, record).await?,
        None => None,
    };
    let now = match answered {
        Some(now) => now,
        None => lookup::standing(cx, &who).await.map_err(told)?,
    };
    let now = now.resource;
    let now = truth::held(cx, &who, &units, now).await.map_err(|failure| {
        let others: Vec<_> =
            done.iter().copied().filter(|one| !is_about(cx, one, &failure)).collect();
        halfway(cx, failure, &others)
    })?;
    let shown = references::keyed(cx, &now).await?;
    truth::tell(cx, done.into_iter().flat_map(|one| &one.units), &shown, &after);
    Ok((who, now))
}

/// From where to where, as expressions see it: with keys in references.
struct Change<'a> {
    before: &'a Found,
    from: &'a Resource,
    after: &'a Resource,
    /// `changes`; null where no update asks for it.
    changes: &'a Value,
}

/// Made only where an update asks for it: a large group's lists would be copied for nothing.
fn changes(cx: &Context<'_>, units: &[Unit], from: &Resource, after: &Resource) -> Value {
    let asked = cx.plan.operations.update.iter().any(|update| update.operation.mentions("changes"));
    match asked {
        true => units::changes(cx.plan, units, from, after),
        false => Value::Null,
    }
}

/// The updates that run. A change that nothing can carry out is told, not dropped.
fn choose<'a>(
    cx: &Context<'a>,
    change: &Change<'_>,
    units: &[Unit],
) -> Result<Vec<Chosen<'a>>, Failure> {
    let key = Value::String(change.before.who.key.clone());
    let scope = change.names(cx, &key);
    let fits =
        |update: &Update| steps::holds(update.when.as_ref(), &scope, &update.operation.place);
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

impl Change<'_> {
    fn names<'s>(&'s self, cx: &'s Context<'_>, key: &'s Value) -> Scope<'s> {
        cx.scope()
            .with("key", key)
            .with("before", self.from.as_value())
            .with("after", self.after.as_value())
            .with("resource", self.after.as_value())
            .with("changes", self.changes)
            .with("record", &self.before.record)
    }
}

/// What came of the chosen updates.
struct Done<'a> {
    /// Whom they were about: a key may be among what they changed.
    who: Identity,
    /// The Record, when one answer carries it whole.
    record: Option<(&'a Operation, Value)>,
    /// Which of them failed, and may: the operator has been told.
    failed: Vec<usize>,
}

/// Whether an update would say nothing: what is cleared by leaving it out (`clear: omit`) is in no body, and a call
/// without it would only look as if it had been done.
async fn is_silent(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    change: &Change<'_>,
) -> Result<bool, Failure> {
    let omitted = |unit: &Unit| {
        let rule = cx.plan.rules.get(unit.rule);
        unit.after.is_null() && rule.is_some_and(|rule| rule.clear == Clear::Omit)
    };
    let operation = &chosen.update.operation;
    // What is left out of all fields is said by that; the others may tell it in words of their own.
    let tells = ["fields", "after", "resource", "changes"];
    let asks = |names: &[&str]| names.iter().any(|name| operation.mentions(name));
    if !chosen.units.iter().all(omitted) || !asks(&["changed", "whole"]) || asks(&tells) {
        return Ok(false);
    }
    let changed = cx.resolved(|names| {
        let record = &change.before.record;
        Ok(cx.writer(names).changed(&chosen.units, change.after, record)?)
    });
    let changed = changed.await?;
    Ok(changed.as_object().is_some_and(Map::is_empty))
}

/// Runs the chosen updates in file order.
async fn perform<'a>(
    cx: &Context<'_>,
    chosen: &[Chosen<'a>],
    change: &Change<'_>,
    beside: bool,
) -> Result<Done<'a>, Failure> {
    // Of several answers none shows what the others did, and a part of a record is not all of it.
    let whole = chosen.len() == 1 && !cx.plan.composes();
    let mut done = Done { who: change.before.who.clone(), record: None, failed: Vec::new() };
    // Asked before any of them is done: that ends what an earlier try had begun, and what it tells of the others.
    let has_done = |one: &Chosen| {
        cx.underway.as_ref().is_some_and(|underway| underway.has_done(&one.update.operation))
    };
    let done_before: Vec<bool> = chosen.iter().map(has_done).collect();
    for (position, (one, done_before)) in chosen.iter().zip(done_before).enumerate() {
        if done_before {
            continue;
        }
        let operation = &one.update.operation;
        let Change { before, after, .. } = change;
        let then = rekeyed::then(cx, &one.units, after, &before.record, &done.who).await?;
        done.record = match once(cx, one, change, &done.who, &then).await {
            Ok(record) => {
                if let Some(underway) = &cx.underway {
                    underway.completes(operation);
                }
                done.who = rekeyed::follow(cx, done.who, then, record.as_ref()).await?;
                record.filter(|_| whole).map(|record| (&one.update.operation, record))
            }
            Err(failure) if one.update.may_fail && beside => {
                let what = trace::in_brief(&failure);
                cx.remark(format!("update `{}` failed and may: {what}", one.update.name));
                done.failed.push(position);
                None
            }
            Err(failure) => {
                let before = chosen.get(..position).unwrap_or_default();
                let failure = halfway(cx, failure, &but(before, &done.failed));
                return Err(deactivated(cx, chosen, position, change, &done.who, failure).await);
            }
        };
    }
    Ok(done)
}

/// Those of the updates that did not fail.
fn but<'u, 'p>(chosen: &'u [Chosen<'p>], failed: &[usize]) -> Vec<&'u Chosen<'p>> {
    let done = chosen.iter().enumerate().filter(|(position, _)| !failed.contains(position));
    done.map(|(_, one)| one).collect()
}

/// A failure of a request of which these were carried out.
fn halfway(cx: &Context<'_>, failure: Failure, done: &[&Chosen<'_>]) -> Failure {
    let names: Vec<String> = done.iter().map(|one| format!("`{}`", one.update.name)).collect();
    match names.as_slice() {
        [] => failure,
        names => {
            cx.halfway(failure, &format!("of the request was carried out: {}", names.join(", ")))
        }
    }
}

/// Whether it is the update of what the vendor's record does not show.
fn is_about(cx: &Context<'_>, one: &Chosen<'_>, failure: &Failure) -> bool {
    let rules = one.units.iter().filter_map(|unit| cx.plan.rules.get(unit.rule));
    matches!(failure, Failure::Untrue { place, .. } if rules.into_iter().any(|rule| rule.place == *place))
}

/// One update of `who`, who is `then` when it has happened, and what came of it. What its steps did before one that
/// failed is taken back.
async fn once(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    change: &Change<'_>,
    who: &Identity,
    then: &Identity,
) -> Result<Option<Value>, Failure> {
    let Halted { failure, made } = match attempt(cx, chosen, change, who).await {
        Ok(record) => return Ok(record),
        Err(stopped) => stopped,
    };
    // Sent, and no answer to go by: only the vendor's state can tell what came of it. Of one call among several it tells
    // nothing: it may show what the others did, and not that this one is missing.
    if failure.doubtful() && !made.blind && settled(cx, chosen, change, then).await {
        return Ok(None);
    }
    let left = undo::back(cx, made).await;
    let failure = gone(cx, who, failure).await;
    Err(left.told(failure))
}

/// A 404 of an update: is the resource gone, or something that the call named? The vendor's state
/// tells.
async fn gone(cx: &Context<'_>, who: &Identity, failure: Failure) -> Failure {
    if !failure.not_found() {
        return failure;
    }
    match lookup::existing(cx, who).await {
        Ok(None) => Error::not_found(&who.id).into(),
        _ => failure,
    }
}

/// A refused profile must not keep a leaver's account alive: a deactivation of the same request is
/// carried out all the same, and the client is told of both.
async fn deactivated(
    cx: &Context<'_>,
    chosen: &[Chosen<'_>],
    failed: usize,
    change: &Change<'_>,
    who: &Identity,
    failure: Failure,
) -> Failure {
    if failure.doubtful() {
        return failure;
    }
    let later = chosen.iter().skip(failed + 1);
    let Some(off) = later.into_iter().find(|one| is_deactivation(cx, &one.units)) else {
        return failure;
    };
    match once(cx, off, change, who, who).await {
        Ok(_) => {
            // Its repeat tries what failed, and not this again.
            cx.underway.iter().for_each(|underway| underway.completes(&off.update.operation));
            cx.halfway(failure, "the deactivation of the same request was carried out")
        }
        // Its repeat can still carry that out, and is told of the other then.
        Err(off) if verdict::of(&off) != Verdict::Refused => {
            let words = cx.judge(failure).detail;
            off.and(&format!("the rest of the request is refused: {words}"))
        }
        Err(_) => failure.and("the deactivation of the same request failed as well"),
    }
}

/// One update, once or for each of its items.
async fn attempt<'p>(
    cx: &Context<'_>,
    chosen: &Chosen<'p>,
    change: &Change<'_>,
    who: &Identity,
) -> Result<Option<Value>, Halted<'p>> {
    let update = chosen.update;
    let operation = &update.operation;
    let (before, after) = (change.before, change.after);
    // Made only where a template asks for them.
    let made = |name: &str, value: &dyn Fn() -> Result<Value, translate::Error>| {
        if operation.mentions(name) { value() } else { Ok(Value::Null) }
    };
    let sent = cx.resolved(|names| {
        let writer = cx.writer(names);
        let changed = made("changed", &|| writer.changed(&chosen.units, after, &before.record))?;
        let whole = made("whole", &|| writer.whole(&chosen.units, after, &before.record))?;
        let fields = made("fields", &|| writer.fields(after, |_, rule| !rule.only_create, false))?;
        Ok((changed, whole, fields))
    });
    let (changed, whole, fields) = sent.await?;
    if let Some(exercised) = cx.exercised() {
        exercised.changed(cx.plan, &chosen.units);
        exercised.extra(cx.plan, &fields);
    }
    let key = Value::String(who.key.clone());
    let scope = change
        .names(cx, &key)
        .with("changed", &changed)
        .with("whole", &whole)
        .with("fields", &fields);
    if let Some(underway) = &cx.underway {
        underway.begins(operation, &before.record, truth::is_visible(cx, &chosen.units));
    }
    let Some(each) = &update.for_each else {
        return Ok(steps::write(cx, operation, &scope).await?.record);
    };
    let groups = steps::groups(each, &scope, &operation.place)?;
    let of = groups.iter().map(|group| each.count(group)).sum();
    let (mut record, mut done) = (None, 0);
    for group in groups {
        // Told in time: a client that gives up by itself does not repeat by itself.
        if done > 0 && cx.live.upstream.now() >= cx.writes_until {
            return Err(Failure::Unfinished { done, of, place: operation.place.clone() }.into());
        }
        match steps::write(cx, operation, &scope.clone().with(each.name(), &group)).await {
            Ok(run) => record = run.record,
            // Who is not there has left; of several nobody knows who it is.
            Err(Halted { failure, .. })
                if failure.not_found() && each.batch.is_none() && only_removes(update) => {}
            Err(stopped) if done == 0 => return Err(stopped),
            Err(Halted { failure, made }) => {
                let before = format!("{done} of {of} were done before it");
                return Err(Halted { failure: cx.halfway(failure, &before), made });
            }
        }
        done += each.count(&group);
    }
    Ok(record)
}

/// Whether the update does nothing but take elements out of a list, each by a DELETE.
fn only_removes(update: &Update) -> bool {
    let claims = update.operation.claims.as_deref().unwrap_or_default();
    let deletes = update.operation.steps.iter().all(|step| step.method == Method::DELETE);
    deletes && !claims.is_empty() && claims.iter().all(|claim| claim.what == Claimed::Removes)
}

/// Whether the vendor's state shows that an update happened whose outcome is in doubt. `then` is whom it was about
/// if it did.
async fn settled(
    cx: &Context<'_>,
    chosen: &Chosen<'_>,
    change: &Change<'_>,
    then: &Identity,
) -> bool {
    let Ok(now) = lookup::standing(cx, then).await else { return false };
    let Ok(left) = cx.left(&now.record, &now.resource, change.after).await else { return false };
    let open =
        |unit: &Unit| chosen.units.iter().any(|own| own.rule == unit.rule && own.part == unit.part);
    !left.iter().any(open)
}
