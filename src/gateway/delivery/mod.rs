//! Delivery: what is in the journal goes on until the vendor has it, with its client and without.
//!
//! A 2xx still means that the vendor is in that state, unless the mapping says `acknowledge: early` (`early`). What cannot
//! be carried out now stays in the journal: its client is told so and when to come back, its repeat joins the entry, and
//! `deliveries` go on by themselves. Writes of one resource are carried out in the order in which they were received;
//! whoever has the resource's turn carries out what came before (`turn`). Where a turn was taken from a replica that did
//! not let go of it, what is done since is looked at once more (`look`).

pub mod act;
pub mod births;
pub mod deliveries;
pub mod early;
pub mod look;
pub mod operator;
pub mod turn;

use super::{
    Context,
    error::Failure,
    journal::{
        attempt::attempt,
        letters,
        progress::Progress,
        received::{self, Received},
        stopped::Stopped,
        underway::Underway,
    },
    meets, overlay, uuid,
};
use crate::{
    scim::{
        conditions::Conditions,
        error::Error,
        message::{Action, Projection, Response},
    },
    store::{Entry, Stage},
};
use act::act;
use early::Early;
use futures_util::FutureExt;
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};
use turn::Cleared;

/// Carries out a write of a resource that is there, of which its client wants to see so much.
pub async fn carry_out(
    cx: &Context<'_>,
    action: Action,
    conditions: &Conditions,
    shown: &Projection,
) -> Result<Response, Failure> {
    let id = action.id().unwrap_or_default().to_owned();
    if !cx.journals() {
        let _turn = cx.turn_of(&id).await?;
        return act(cx, action, conditions, shown).await;
    }
    // Where that cannot be told now the write is received all the same: it waits until it can.
    let (met, failed) = match meets::meets(cx, &id, Some(&action), None).await {
        Ok(met) => (met, Ok(())),
        Err(failure) => (meets::Met::default(), Err(failure)),
    };
    // What is acknowledged early holds when it is delivered.
    let holds = AtomicBool::new(false);
    let carried = received(cx, action, conditions, shown, (failed, &holds)).await;
    met.acted(cx, holds.load(Relaxed)).await;
    carried
}

/// The same of a write that says whether the create of whom it is about knows of it, where one is not at its end, and wants to
/// know whether it was carried out.
async fn received(
    cx: &Context<'_>,
    action: Action,
    conditions: &Conditions,
    shown: &Projection,
    (met, holds): (Result<(), Failure>, &AtomicBool),
) -> Result<Response, Failure> {
    let id = action.id().unwrap_or_default().to_owned();
    match received::enter(cx, &action, conditions).await? {
        Received::Entered(entry) => {
            let number = entry.number.clone();
            let early = Early::of(cx, &entry, &action, shown);
            let asked = Asked { action, conditions, shown, met, holds };
            let carried = in_order(cx, entry, Whose::Ours, asked, early).await;
            carried.map_err(|stopped| stopped.told(Some(number)))
        }
        // Before it was tried nothing more is promised of it: it may be refused to the one whose it is.
        Received::Joined(entry) => {
            let early = Early::of(cx, &entry, &action, shown);
            let asked = Asked { action, conditions, shown, met, holds };
            let carried = in_order(cx, entry, Whose::Anothers, asked, early).await;
            carried.map_err(|stopped| stopped.told(None))
        }
        Received::Undurable(entry) => {
            met?;
            let number = entry.durable.then(|| entry.number.clone());
            let turn = cx.turn_of(&id).await?;
            let cx = cx.within(&turn);
            let Cleared { until, .. } = turn::clear(&cx, &id, Some(&entry)).await?;
            let underway = match conditions.is_empty() {
                true => Underway::unwritten(entry),
                // Nobody can tell later whether it still holds.
                false => Underway::passing(entry),
            };
            until.into_iter().for_each(|until| underway.follows(until));
            let under = cx.under(&underway);
            let work = act(&under, action, conditions, shown);
            let carried = attempt(&under, work, true).await;
            holds.store(carried.is_ok(), Relaxed);
            told(&under, &id, None, carried).await.map_err(|it| it.told(number))
        }
    }
}

/// Which request has entered an entry.
#[derive(Clone, Copy)]
enum Whose {
    /// The one that carries it out now.
    Ours,
    /// An earlier one that wants the same, and whose client may have been told that it is in the journal.
    Anothers,
}

/// What a client asks for.
struct Asked<'a> {
    action: Action,
    conditions: &'a Conditions,
    /// What it wants to see of it.
    shown: &'a Projection,
    /// Whether the create of whom it is about knows of it, where one is not at its end.
    met: Result<(), Failure>,
    /// Becomes true when it is carried out.
    holds: &'a AtomicBool,
}

/// Carries out what came before it, then the entry itself, and says what its client is told: of one that has to wait that
/// it is done, where that may be said. The turn is held until that is written: whoever has it next knows what was promised.
async fn in_order(
    cx: &Context<'_>,
    mine: Entry,
    whose: Whose,
    asked: Asked<'_>,
    early: Option<Early>,
) -> Result<Response, Stopped> {
    let turn = cx.turn_of(&mine.id).await?;
    let cx = &cx.within(&turn);
    let id = mine.id.clone();
    let carried = carried(cx, mine, whose, asked).await;
    told(cx, &id, early, carried).await
}

async fn carried(
    cx: &Context<'_>,
    mine: Entry,
    whose: Whose,
    Asked { action, conditions, shown, met, holds }: Asked<'_>,
) -> Result<Response, Stopped> {
    let Cleared { until, own } = turn::clear(cx, &mine.id, Some(&mine)).await?;
    // A delete that somebody else has carried out meanwhile, or an earlier try of which nobody knows, finds nobody, and
    // that is what was asked for.
    let was_tried = own.as_ref().is_none_or(|own| own.error.is_some() || !own.progress.is_null());
    let is_over = was_tried && matches!(action, Action::Delete { .. });
    let underway = match (own, whose) {
        (Some(own), Whose::Ours) => Underway::of(own),
        (Some(own), Whose::Anothers) => Underway::joined(own),
        (None, _) => anew(cx, mine).await?,
    };
    until.into_iter().for_each(|until| underway.follows(until));
    let under = cx.under(&underway);
    let work = match met {
        Ok(()) => act(&under, action, conditions, shown),
        Err(failure) => async { Err(failure) }.boxed(),
    };
    let carried = attempt(&under, work, true).await;
    holds.store(carried.is_ok(), Relaxed);
    match carried {
        Err(Stopped::Ended(gone)) if is_over && gone.is_gone() => Ok(Response::NoContent),
        carried => carried,
    }
}

/// What its client is told of a write, whose turn is held. Of one that is done it is what the vendor has, with what was
/// acknowledged since.
async fn told(
    cx: &Context<'_>,
    id: &str,
    early: Option<Early>,
    carried: Result<Response, Stopped>,
) -> Result<Response, Stopped> {
    match (carried, early) {
        (Ok(response), _) => overlay::over(cx, id, response).await.map_err(Stopped::Ended),
        (Err(stopped), Some(early)) => early.or(cx, stopped).await,
        (Err(stopped), None) => Err(stopped),
    }
}

/// Somebody else has brought an entry to an end while its request waited for the turn. To which one is not known, unless
/// it is told, so the write is tried from the beginning: where it was carried out there is nothing to do.
async fn anew(cx: &Context<'_>, ended: Entry) -> Result<Arc<Underway>, Stopped> {
    match cx.ask(cx.store()?.entry(cx.tenant, &ended.number)).await? {
        Some(Entry { stage: Stage::Dead, error, .. }) => {
            let words = error.unwrap_or_default();
            let detail = format!("it is a dead letter, journalled as {}: {words}", ended.number);
            Err(Stopped::Ended(Error::new(502, detail).into()))
        }
        Some(entry) if Progress::of(&entry.progress).dropped => {
            Err(Stopped::Ended(letters::dropped(&entry.number)))
        }
        _ => {
            let (number, progress) = (uuid::new()?, Value::Null);
            let entry = Entry { number, progress, attempts: 0, acknowledged: false, ..ended };
            Ok(Underway::unwritten(entry))
        }
    }
}
