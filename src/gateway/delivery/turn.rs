//! What is done within a resource's turn: its entries, one after the other, each to its end or until it has to wait.

use super::{
    super::{
        Context,
        audited::Delivery,
        error::{Failure, whole_seconds},
        journal::{
            attempt::attempt, letters, progress::Progress, queue, stopped::Stopped, unborn,
            underway::Underway,
        },
        meets,
    },
    act::act,
};
use crate::{
    scim::{
        conditions::Conditions,
        intent::Intent,
        message::{Projection, Response},
    },
    store::{Change, Entry, Stage},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// What has come to its end, and of which a call may still reach the vendor.
struct Settling {
    until: Timestamp,
    intent: Value,
}

/// Brings an entry to its end that stands before what somebody `asks` for now, or that is due. It fails where it has to
/// wait, and says whether a call of it may still come.
async fn before(
    cx: &Context<'_>,
    entry: Entry,
    settling: &[Settling],
    asks: bool,
) -> Result<Option<Settling>, Failure> {
    let underway = Underway::of(entry);
    let Entry { number, id, intent, .. } = underway.entry();
    settled(cx, settling, &intent)?.into_iter().for_each(|until| underway.follows(until));
    let under = cx.under(&underway);
    let Some(action) = Intent::action(&intent, &id) else {
        let words = "what it wants cannot be read";
        letters::bury(&under, &underway, "plan", words.to_owned(), words).await;
        return Ok(None);
    };
    // Whoever comes by carries it out ahead of its time, and it is not tried later for that.
    if asks {
        underway.is_asked_again();
    }
    let delivery = Delivery::begin(&under, number, &action);
    let (conditions, nothing) = (Conditions::default(), Projection::default());
    let work = async {
        let met = meets::delivered(&under, &id, &action).await?;
        let done = act(&under, action, &conditions, &nothing).await;
        met.acted(&under, done.is_ok()).await;
        done
    };
    let done = attempt(&under, work.boxed(), false).await;
    if let Some(delivery) = delivery {
        delivery.end(status(&under, &done)).await;
    }
    match done {
        // The store does not say that it has ended: nothing may overtake it.
        Err(Stopped::Ended(failure @ Failure::Store { .. })) => Err(failure),
        Ok(_) | Err(Stopped::Ended(_)) => {
            Ok(underway.until().map(|until| Settling { until, intent }))
        }
        Err(Stopped::Waits { after, failure, .. }) => Err(Failure::Behind {
            after: whole_seconds(after).max(1),
            away: failure.is_transient(),
        }),
    }
}

/// Waits, by failing, for what may still come and wants something else than `intent`. What wants the same may come all
/// the same: until when is told, for a call that must not be made twice waits for that as well.
fn settled(
    cx: &Context<'_>,
    settling: &[Settling],
    intent: &Value,
) -> Result<Option<Timestamp>, Failure> {
    let (same, others): (Vec<_>, Vec<_>) =
        settling.iter().partition(|one| Intent::is_same(&one.intent, intent));
    let last = |some: Vec<&Settling>| some.into_iter().map(|one| one.until).max();
    match last(others).and_then(|until| cx.left_until(until)) {
        Some(after) => Err(Failure::behind(after)),
        None => Ok(last(same)),
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

/// How a resource stands when all that came before a write was carried out.
#[derive(Debug, Default)]
pub struct Cleared {
    /// Until then a call of another entry may reach the vendor that wants what the write does, or where there is none, one
    /// that wants whatever.
    pub until: Option<Timestamp>,
    /// The write's own entry, where it waits.
    pub own: Option<Entry>,
}

/// Carries out all that came before `next`, or where nobody asks for anything, all that is due.
pub async fn clear(cx: &Context<'_>, id: &str, next: Option<&Entry>) -> Result<Cleared, Failure> {
    let mut settling: Vec<Settling> = Vec::new();
    let mut own = None;
    let waiting = queue::waiting(cx, id).await?;
    let alone = waiting.len() == 1;
    let first = waiting.iter().map(|entry| entry.seq).min();
    for entry in waiting {
        let is_own = next.is_some_and(|next| next.number == entry.number);
        match entry.stage {
            Stage::Settling => settling.extend(settles(cx, entry).await?),
            // A create is nobody's to carry out who comes by: its client is waited for.
            _ if unborn::is(&entry) => {}
            // Who makes a group is waited for as well, unless something stands behind that.
            _ if next.is_none()
                && alone
                && unborn::makes(&entry.intent)
                && cx.waits(&entry).is_some() => {}
            _ if is_own => own = Some(entry),
            // Somebody has come by the time of what was received earlier, before which this stands because it was begun.
            _ if next.is_none()
                && first != Some(entry.seq)
                && let Some(after) = put_off(cx, &entry) =>
            {
                return Err(Failure::behind(after));
            }
            _ => settling.extend(before(cx, entry, &settling, next.is_some()).await?),
        }
        if is_own {
            break;
        }
    }
    let until = match next {
        Some(next) => settled(cx, &settling, &next.intent)?,
        None => settling.iter().map(|one| one.until).max(),
    };
    Ok(Cleared { until, own })
}

/// How long an entry has to wait that was tried and put off. Whoever died while a call of it was on its way has put off
/// nothing.
fn put_off(cx: &Context<'_>, entry: &Entry) -> Option<Duration> {
    let sent = Progress::of(&entry.progress).sent;
    let was_told = entry.attempts > 0 && sent.is_none_or(|sent| sent.given_up);
    cx.waits(entry).filter(|_| was_told)
}

/// An entry that settles: what is over by now is struck.
async fn settles(cx: &Context<'_>, entry: Entry) -> Result<Option<Settling>, Failure> {
    if cx.waits(&entry).is_some() {
        return Ok(Some(Settling { until: entry.due, intent: entry.intent }));
    }
    let strike = Change::Strike { number: entry.number };
    cx.ask(cx.store()?.write(cx.batch().with(cx.rows().kind, strike))).await?;
    Ok(None)
}
