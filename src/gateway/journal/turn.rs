//! What is done within a resource's turn: its entries, one after the other, each to its end or until it has to wait.

use super::{
    super::{
        Context,
        audited::Delivery,
        error::{Failure, whole_seconds},
    },
    attempt::attempt,
    letters,
    stopped::{SOON, Stopped},
    unborn,
    underway::Underway,
};
use crate::{
    scim::{conditions::Conditions, intent::Intent, message::Response},
    store::{Change, Entry, Stage},
};
use jiff::Timestamp;
use std::time::Duration;

/// Brings an entry to its end that stands before another one, `next`. It fails where it has to wait.
pub async fn before(cx: &Context<'_>, entry: Entry, next: Option<&Entry>) -> Result<(), Failure> {
    // A create is nobody's to carry out who comes by: its client is waited for.
    if entry.stage != Stage::Settling && unborn::is(&entry) {
        return Ok(());
    }
    if entry.stage == Stage::Settling {
        // What still may come of it is what is wanted now, and the next one knows of it.
        if next.is_some_and(|next| next.intent == entry.intent) {
            return Ok(());
        }
        if let Some(after) = cx.left_until(entry.due) {
            return Err(behind(after));
        }
        let strike = Change::Strike { number: entry.number };
        return cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, strike))).await.map(drop);
    }
    let action = Intent::action(&entry.intent, &entry.id);
    let under = cx.under(&Underway::of(entry));
    let Some(action) = action else {
        let underway = under.underway.as_ref();
        if let Some(underway) = underway {
            let words = "what it wants cannot be read";
            letters::bury(&under, underway, "plan", words.to_owned(), words).await;
        }
        return Ok(());
    };
    // Whoever comes by carries it out ahead of its time, and it is not tried later for that.
    if let Some(underway) = under.underway.as_ref().filter(|_| next.is_some()) {
        underway.is_asked_again();
    }
    let number = under.underway.as_ref().map(|it| it.number()).unwrap_or_default();
    let delivery = Delivery::begin(&under, number, &action);
    let done = Box::pin(attempt(&under, action, &Conditions::default(), false)).await;
    if let Some(delivery) = delivery {
        delivery.end(status(&under, &done)).await;
    }
    match done {
        // The store does not say that it has ended: nothing may overtake it.
        Err(Stopped::Ended(failure @ Failure::Store { .. })) => Err(failure),
        Ok(_) | Err(Stopped::Ended(_)) => Ok(()),
        Err(Stopped::Waits { after, .. }) => Err(behind(after)),
    }
}

/// What its client would be answered.
fn status(cx: &Context<'_>, done: &Result<Response, Stopped>) -> u16 {
    match done {
        Ok(Response::NoContent) => 204,
        Ok(_) => 200,
        Err(Stopped::Ended(failure) | Stopped::Waits { failure, .. }) => {
            cx.judge(failure.clone()).status
        }
    }
}

/// What has not come to its end of one resource, in the order in which it is carried out: what was begun first, for a
/// call of it may be on its way; then as it was received.
pub async fn waiting(cx: &Context<'_>, id: &str) -> Result<Vec<Entry>, Failure> {
    let mut waiting = cx.ask(cx.store()?.entries(&cx.rows(), id)).await?;
    waiting.retain(|entry| entry.stage != Stage::Dead);
    waiting.sort_by_key(|entry| (entry.progress.is_null(), entry.seq));
    Ok(waiting)
}

/// How a resource stands when all that came before a write was carried out.
#[derive(Debug, Default)]
pub struct Cleared {
    /// Until then a call of another entry may reach the vendor that wants what the write does.
    pub until: Option<Timestamp>,
    /// The write's own entry, where it waits.
    pub own: Option<Entry>,
}

/// Carries out all that came before `next`.
pub async fn clear(cx: &Context<'_>, id: &str, next: Option<&Entry>) -> Result<Cleared, Failure> {
    let mut cleared = Cleared::default();
    for entry in waiting(cx, id).await? {
        let settles = Some(entry.due).filter(|_| entry.stage == Stage::Settling);
        cleared.until = cleared.until.max(settles);
        if next.is_some_and(|next| next.number == entry.number) {
            cleared.own = Some(entry).filter(|own| own.stage == Stage::Waiting);
            break;
        }
        before(cx, entry, next).await?;
    }
    Ok(cleared)
}

/// Whether nothing stands before a write that somebody else's carries with it.
pub async fn is_clear(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let waiting = waiting(cx, id).await?;
    let open = |entry: &&Entry| entry.stage == Stage::Waiting || cx.left_until(entry.due).is_some();
    match waiting.iter().find(open) {
        Some(entry) => Err(behind(cx.left_until(entry.due).unwrap_or(SOON))),
        None => Ok(()),
    }
}

fn behind(after: Duration) -> Failure {
    Failure::Behind { after: whole_seconds(after).max(1) }
}
