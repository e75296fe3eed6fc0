//! A write is received: what must not be lost is entered before anything else is done.

use super::{
    super::{Context, error::Failure, uuid},
    due::later,
    reach,
};
use crate::{
    crash,
    mapping::plan::{Claimed, Operation},
    scim::{
        attribute::AttributePath,
        conditions::Conditions,
        error::Error,
        intent::{self, Intent},
        message::Action,
    },
    store::{Batch, Change, Entry, Stage},
};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

/// Of one resource; who has more to say of it has not listened.
const OF_A_RESOURCE: usize = 64;
/// Of one tenant: a list that a person can still look through, and a store that stays small.
const OF_A_TENANT: u64 = 10_000;

/// A write as the journal has it.
pub enum Received {
    /// It is in the journal.
    Entered(Entry),
    /// An earlier one is that wants the same.
    Joined(Entry),
    /// It is not durable: it is entered when its first call leaves.
    Undurable(Entry),
}

/// An entry that nobody has seen yet, and that is not durable.
pub fn fresh(cx: &Context<'_>, id: &str, intent: Value, due: Timestamp) -> Result<Entry, Failure> {
    Ok(Entry {
        number: uuid::new()?,
        kind: cx.plan.kind.name.clone(),
        id: id.to_owned(),
        seq: 0,
        stage: Stage::Waiting,
        durable: false,
        acknowledged: false,
        intent,
        accepted: cx.now,
        due,
        planned: cx.at(),
        attempts: 0,
        progress: Value::Null,
        error: None,
    })
}

/// Until then whoever asks is at work on it.
pub fn at_work(cx: &Context<'_>) -> Timestamp {
    later(cx.at(), cx.deadline.saturating_duration_since(Instant::now()))
}

/// Enters a write. What depends on a condition is not durable: nobody can tell later whether it still holds.
pub async fn enter(
    cx: &Context<'_>,
    action: &Action,
    conditions: &Conditions,
) -> Result<Received, Failure> {
    let kind = &cx.plan.kind;
    let intent = Intent::of(action, kind).map_or(Value::Null, |intent| intent.value);
    let durable = conditions.is_empty() && must_last(cx, action);
    let id = action.id().unwrap_or_default();
    let entry = Entry { durable, ..fresh(cx, id, intent, at_work(cx))? };
    if !durable || crash::off("journal") {
        return Ok(Received::Undurable(entry));
    }
    let mut waiting = cx.ask(cx.store()?.entries(&cx.rows(), &entry.id)).await?;
    waiting.retain(|one| one.stage != Stage::Dead);
    let same = |last: &&Entry| {
        last.stage == Stage::Waiting && last.durable && Intent::is_same(&last.intent, &entry.intent)
    };
    if let Some(last) = waiting.last().filter(same) {
        return Ok(Received::Joined(last.clone()));
    }
    // Its client was told that it is deleted: there is nothing to be written (RFC 7644 §3.6).
    let ended = |one: &Entry| one.acknowledged && Intent::verb(&one.intent) == Some("delete");
    if cx.acknowledges_early() && waiting.iter().any(ended) {
        return Err(Error::not_found(&entry.id).into());
    }
    if waiting.len() >= OF_A_RESOURCE {
        return Err(Failure::Behind { after: FULL, away: false });
    }
    has_room(cx).await?;
    let rows = cx.rows();
    let written =
        cx.store()?.write(Batch::new(rows.tenant).with(rows.kind, Change::Enter(entry.clone())));
    if crash::off("order") {
        return Ok(Received::Entered(entry));
    }
    cx.ask(written).await?;
    cx.metrics.journal_received(cx.tenant);
    Ok(Received::Entered(entry))
}

/// A create is in the journal from here on, and nothing of it has left. Whoever asks has its turn.
pub async fn write(cx: &Context<'_>, entry: &Entry) -> Result<(), Failure> {
    let batch = cx.batch().with(cx.rows().kind, Change::Enter(entry.clone()));
    cx.ask(cx.store()?.write(batch)).await?;
    cx.metrics.journal_received(cx.tenant);
    Ok(())
}

/// Whether there is room in the tenant's journal for another one.
pub async fn has_room(cx: &Context<'_>) -> Result<(), Failure> {
    match cx.ask(cx.store()?.depth(cx.tenant)).await?.waiting {
        OF_A_TENANT.. => Err(Failure::Behind { after: FULL, away: false }),
        _ => Ok(()),
    }
}

/// Whether a write must not be lost. What it will come to is not known before the vendor's record is read, which may not
/// be possible now: so it is judged by what it says.
fn must_last(cx: &Context<'_>, action: &Action) -> bool {
    if let Some(of) = cx.plan.values_of() {
        let mut said = reach::of_members(cx, of).map(|operation| operation.durable);
        return match action {
            Action::Delete { .. } => !said.any(|said| said == Some(false)),
            _ => said.any(|said| said == Some(true)),
        };
    }
    let operations = &cx.plan.operations;
    let says = |operation: &Operation| operation.durable;
    let updates = || operations.update.iter().map(|update| &update.operation);
    match action {
        Action::Delete { .. } => reach::deletes(cx).and_then(says).unwrap_or(true),
        action => {
            let off = |one: &&Operation| {
                claims(cx, one).any(|(path, what)| path.is_active() && ends(what))
            };
            let ends = intent::may_end(action, &cx.plan.kind)
                && updates().find(off).and_then(says).unwrap_or(true);
            let marked = |one: &Operation| one.durable == Some(true) && reaches(cx, action, one);
            ends || updates().any(marked)
        }
    }
}

/// What an operation claims of attributes.
fn claims<'c>(
    cx: &Context<'c>,
    operation: &'c Operation,
) -> impl Iterator<Item = (&'c AttributePath, &'c Claimed)> {
    let claims = operation.claims.as_deref().unwrap_or_default();
    claims.iter().flat_map(|claim| {
        let rules = claim.rules.iter().filter_map(|index| cx.plan.rules.get(*index));
        rules.map(|rule| (rule.target.path(), &claim.what))
    })
}

fn ends(what: &Claimed) -> bool {
    matches!(what, Claimed::Becomes(Value::Bool(false)))
}

/// Whether a write may come to this operation: one that claims nothing takes what no other does.
fn reaches(cx: &Context<'_>, action: &Action, operation: &Operation) -> bool {
    let Action::Patch { operations, .. } = action else { return true };
    let says = |path| operations.iter().any(|one| reach::is_about(cx, one, path));
    operation.claims.is_none() || claims(cx, operation).any(|(path, _)| says(path))
}

/// Seconds until the client of a journal that is full is to come back.
const FULL: u64 = 120;
