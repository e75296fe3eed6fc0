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
    underway::Underway,
};
use crate::{
    scim::{conditions::Conditions, intent::Intent, message::Response},
    store::{Change, Entry, Stage},
};
use jiff::Timestamp;
use std::time::Duration;

/// What an entry stands before.
#[derive(Debug, Clone, Copy)]
struct Place<'e> {
    /// The one right behind it.
    follower: Option<&'e Entry>,
    /// Until then a call of an earlier one may reach the vendor, that wants the same.
    until: Option<Timestamp>,
    /// It is carried out for a write that comes by.
    ahead: bool,
}

/// Brings an entry to its end that stands before others. It fails where they have to wait, and says until when a call of
/// it may still reach the vendor where they need not, for they want the same.
async fn before(
    cx: &Context<'_>,
    entry: Entry,
    place: Place<'_>,
) -> Result<Option<Timestamp>, Failure> {
    // What still may come of it is what is wanted now, and the next one knows of it.
    let same = place.follower.is_some_and(|next| next.intent == entry.intent);
    let settles = |until: Timestamp| match cx.left_until(until) {
        Some(after) if !same => Err(behind(after)),
        left => Ok(left.map(|_| until)),
    };
    if entry.stage == Stage::Settling {
        if let Some(until) = settles(entry.due)?.or(Some(entry.due).filter(|_| same)) {
            return Ok(Some(until));
        }
        let strike = Change::Strike { number: entry.number };
        let batch = cx.batch().with(cx.rows().kind, strike);
        return cx.ask(cx.store()?.write(batch)).await.map(|_| None);
    }
    let action = Intent::action(&entry.intent, &entry.id);
    let under = cx.under(&Underway::of(entry));
    if let (Some(underway), Some(until)) = (&under.underway, place.until) {
        underway.follows(until);
    }
    let Some(action) = action else {
        let underway = under.underway.as_ref();
        if let Some(underway) = underway {
            let words = "what it wants cannot be read";
            letters::bury(&under, underway, "plan", words.to_owned(), words).await;
        }
        return Ok(None);
    };
    // Whoever comes by carries it out ahead of its time, and it is not tried later for that.
    if let Some(underway) = under.underway.as_ref().filter(|_| place.ahead) {
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
        // It may have been made again, and what was given up before that comes behind it.
        Ok(_) | Err(Stopped::Ended(_)) => {
            let until = under.underway.as_ref().and_then(|underway| underway.until());
            match until {
                Some(until) if place.follower.is_some() => settles(until),
                until => Ok(until),
            }
        }
        Err(Stopped::Waits { after, .. }) => Err(behind(after)),
    }
}

/// What its client would be answered.
pub fn status(cx: &Context<'_>, done: &Result<Response, Stopped>) -> u16 {
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
    let mut waiting = waiting(cx, id).await?.into_iter().peekable();
    while let Some(entry) = waiting.next() {
        if next.is_some_and(|next| next.number == entry.number) {
            let settles = Some(entry.due).filter(|_| entry.stage == Stage::Settling);
            cleared.until = cleared.until.max(settles);
            cleared.own = Some(entry).filter(|own| own.stage == Stage::Waiting);
            break;
        }
        let follower = waiting.peek().or(next);
        let place = Place { follower, until: cleared.until, ahead: next.is_some() };
        let settles = before(cx, entry, place).await?;
        cleared.until = cleared.until.max(settles);
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
