//! What is done within a resource's turn: its entries, one after the other, each to its end or until it has to wait.

use super::{
    super::{
        Context,
        audited::Delivery,
        delete,
        error::{Failure, whole_seconds},
        patch, replace,
        trace::in_brief,
    },
    progress::Sent,
    underway::{Underway, later},
    verdict::{self, Verdict},
};
use crate::{
    scim::{
        conditions::Conditions,
        error::Error,
        intent::Intent,
        message::{Action, Response},
    },
    store::{Change, Entry, Stage},
};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

/// A write that was not carried out.
#[derive(Debug)]
pub enum Stopped {
    /// It has come to its end.
    Ended(Failure),
    /// It stays in the journal.
    Waits {
        /// Its entry, where it was tried.
        number: Option<String>,
        /// Why.
        failure: Failure,
        /// Until it is tried again.
        after: Duration,
    },
}

impl Stopped {
    /// What the client is told, whose write has this number where it was in the journal before it was tried.
    pub fn told(self, entered: Option<String>) -> Failure {
        match self {
            Self::Ended(failure) => failure,
            Self::Waits { number, failure, after } => match number.or(entered) {
                Some(number) => Failure::Journalled {
                    number,
                    // None comes back at once: it would find what it has just left.
                    after: whole_seconds(after).max(1),
                    failure: Box::new(failure),
                },
                None => failure,
            },
        }
    }
}

/// What stops a write before it is tried stops it for a while.
impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Waits { number: None, failure, after: SOON }
    }
}

/// Whoever could not begin may soon.
const SOON: Duration = Duration::from_secs(5);

/// Does what a request asks, whose turn is held.
pub async fn act(
    cx: &Context<'_>,
    action: Action,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    match action {
        Action::Replace { id, resource } => {
            Box::pin(replace::replace(cx, &id, resource, conditions)).await
        }
        Action::Patch { id, operations } => {
            Box::pin(patch::patch(cx, &id, &operations, conditions)).await
        }
        Action::Delete { id } => Box::pin(delete::delete(cx, &id, conditions)).await,
        Action::Get { .. } | Action::Search(_) | Action::Create(_) => {
            Err(Error::new(500, "it writes nothing of a resource that is there").into())
        }
    }
}

/// Tries an entry, which `cx` is at work on. `heard` says that its client is told what comes of it; what comes to a bad
/// end and is told to nobody is a dead letter.
pub async fn attempt(
    cx: &Context<'_>,
    action: Action,
    conditions: &Conditions,
    heard: bool,
) -> Result<Response, Stopped> {
    let Some(underway) = &cx.underway else { return Ok(act(cx, action, conditions).await?) };
    let dead = dead(cx, underway).await?;
    answered_by_the_dead(cx, underway, &dead, heard).await?;
    doubt(cx, underway).await?;
    match act(cx, action, conditions).await {
        Ok(_) if underway.is_stranded() => {
            let words = "an operation of it was half done, and the mapping has it no more";
            Err(bury(cx, underway, "plan", words.to_owned(), words).await)
        }
        // Where the store does not say that it has ended, its client is told neither that nor that it goes on.
        Ok(response) => match underway.ends(cx).await {
            Ok(()) => {
                outlived(cx, underway, dead).await;
                if !heard || underway.attempts() > 0 {
                    cx.metrics.journal_delivered(cx.tenant);
                }
                Ok(response)
            }
            Err(failure) => Err(Stopped::Ended(failure)),
        },
        Err(failure) => Err(failed(cx, underway, failure, heard).await),
    }
}

/// What becomes of an entry whose try has failed.
async fn failed(cx: &Context<'_>, underway: &Underway, failure: Failure, heard: bool) -> Stopped {
    let words = cx.judge(failure.clone()).detail;
    let set_back = underway.entry().accepted > cx.at();
    let pause = |told| verdict::pause(underway.attempts(), told, chance(cx));
    let verdict = verdict::of(&failure);
    let settles = matches!(verdict, Verdict::Settles(_));
    let after = match verdict {
        // What the guard holds back is not accepted, unless it was before.
        _ if heard
            && matches!(failure.bare(), Failure::Guarded { .. })
            && underway.attempts() == 0 =>
        {
            return ended(cx, underway, failure).await;
        }
        // Nobody has to be told that who was to go has gone.
        Verdict::Refused if failure.is_gone() => return ended(cx, underway, failure).await,
        // One that was promised, or is half done, is not forgotten with its refusal.
        Verdict::Refused
            if underway.is_half_done() || underway.is_durable() && !is_only(heard, underway) =>
        {
            let buried = bury(cx, underway, "refused", words, &in_brief(&failure)).await;
            return if heard { Stopped::Ended(failure) } else { buried };
        }
        Verdict::Refused => return ended(cx, underway, failure).await,
        // What nobody was promised ends with its request, unless it is half done.
        Verdict::Later(_) | Verdict::Settles(_)
            if heard && !underway.is_durable() && !underway.is_half_done() =>
        {
            return match underway.ends(cx).await {
                Ok(()) | Err(_) => Stopped::Ended(failure),
            };
        }
        // What was received later than now is due again after the longest pause of ours: the clock was set back.
        Verdict::Later(told) if set_back => pause(told.map(|told| told.min(verdict::LONGEST))),
        Verdict::Later(told) => pause(told),
        // Pauses are for tries: everybody who looks while it settles would double the next one.
        Verdict::Settles(after) => after,
    };
    let number = Some(underway.number());
    if heard {
        underway.is_asked_again();
    }
    let due = later(cx.at(), after);
    let stays = match settles {
        true => underway.settles(cx, due, words).await,
        false => underway.stays(cx, Stage::Waiting, due, words).await,
    };
    match stays {
        Ok(()) => Stopped::Waits { number, failure, after },
        Err(missing) if missing.is_missing() => Stopped::Ended(dropped(&underway.number())),
        Err(_) if underway.is_durable() => Stopped::Waits { number, failure, after },
        Err(_) => Stopped::Ended(failure),
    }
}

/// Whether nobody but the client who hears of it now was ever told of the entry.
fn is_only(heard: bool, underway: &Underway) -> bool {
    heard && underway.attempts() == 0
}

/// It has come to its end. A store that does not say so leaves open whether it has.
async fn ended(cx: &Context<'_>, underway: &Underway, failure: Failure) -> Stopped {
    match underway.ends(cx).await {
        Ok(()) => Stopped::Ended(failure),
        Err(unknown) => Stopped::Ended(unknown),
    }
}

/// The dead letters of the resource that are half done, or may be.
async fn dead(cx: &Context<'_>, underway: &Underway) -> Result<Vec<Entry>, Stopped> {
    let mut all = cx.ask(cx.store()?.entries(&cx.rows(), &underway.entry().id)).await?;
    all.retain(|letter| letter.stage == Stage::Dead && !letter.progress.is_null());
    Ok(all)
}

/// A write that was carried out since ends what dead letters say of the same attributes: who was switched on again is
/// switched off anew.
async fn outlived(cx: &Context<'_>, underway: &Underway, dead: Vec<Entry>) {
    let written = Intent::paths(&underway.entry().intent);
    let same = |path: &String| written.iter().any(|other| other.eq_ignore_ascii_case(path));
    let over = dead.into_iter().filter(|letter| Intent::paths(&letter.intent).iter().any(same));
    let over: Vec<Entry> = over.filter(|_| underway.has_sent()).collect();
    if over.is_empty() {
        return;
    }
    let amended = over.into_iter().map(|one| Change::Amend(Entry { progress: Value::Null, ..one }));
    let batch = amended.fold(cx.batch(), |batch, change| batch.with(cx.rows().kind, change));
    // Where that fails it is asked of an operator, as it was before.
    if let Ok(store) = cx.store() {
        let _ = cx.ask(store.write(batch)).await;
    }
}

/// What asks for the same as a dead letter that is half done, or may be, ends as that did, untried: a read would not tell
/// how far it came. One that was promised is not forgotten with that: it is a dead letter of its own.
async fn answered_by_the_dead(
    cx: &Context<'_>,
    underway: &Underway,
    dead: &[Entry],
    heard: bool,
) -> Result<(), Stopped> {
    let intent = underway.entry().intent;
    let Some(letter) = dead.iter().find(|letter| letter.intent == intent) else { return Ok(()) };
    let (number, words) = (&letter.number, letter.error.as_deref().unwrap_or_default());
    let detail = format!(
        "an earlier one that asked for the same may be half done, and is a dead letter, journalled as {number}: {words}; \
         an operator says `scimshim journal show {number}`, and `retry` or `drop`"
    );
    if underway.is_durable() && !is_only(heard, underway) {
        let brief = format!("an earlier one that asked for the same may be half done: {number}");
        return Err(bury(cx, underway, "unknown", detail, &brief).await);
    }
    underway.ends(cx).await?;
    Err(Stopped::Ended(Error::new(502, detail).into()))
}

/// What a client is told of a write that an operator has dropped.
pub fn dropped(number: &str) -> Failure {
    let detail = format!(
        "an operator dropped it, journalled as {number}: nothing more of it is carried out"
    );
    Error::new(502, detail).into()
}

/// Makes a dead letter of it. `reason` is for the metrics, `brief` for the log, in which no words of a vendor's stand.
async fn bury(
    cx: &Context<'_>,
    underway: &Underway,
    reason: &str,
    words: String,
    brief: &str,
) -> Stopped {
    let number = underway.number();
    tracing::error!(
        tenant = cx.tenant,
        kind = cx.plan.kind.name,
        number,
        why = brief,
        "dead letter"
    );
    match underway.dies(cx, words.clone()).await {
        Ok(()) => {
            cx.metrics.journal_dead(cx.tenant, reason);
            let detail = format!("it is a dead letter, journalled as {number}: {words}");
            Stopped::Ended(Error::new(502, detail).into())
        }
        Err(failure) => failure.into(),
    }
}

/// Whether a call that an earlier try has sent stands in the way of this one.
async fn doubt(cx: &Context<'_>, underway: &Underway) -> Result<(), Stopped> {
    let Some(sent) = underway.sent() else { return Ok(()) };
    let Sent { call, at, safe, visible } = sent;
    let until = Timestamp::from_millisecond(at).map_or(cx.at(), |at| later(at, cx.at_large()));
    // Whoever sent it did not live to say what came of it: it may come behind what is sent now.
    underway.lingers(until);
    if safe {
        return Ok(());
    }
    if !visible {
        let words = format!(
            "whether `{call}` was carried out is not known, nothing shows it, and the mapping does not say that it may \
             be repeated (`repeat: safe`)"
        );
        return Err(bury(cx, underway, "unknown", words.clone(), &words).await);
    }
    // Read before it is repeated, and not before it can have come too late to be read.
    match left(cx, until) {
        Some(after) => {
            let words = format!("whether `{call}` was carried out cannot be told yet");
            underway.settles(cx, until, words).await?;
            let failure = Failure::Unsettled { after: whole_seconds(after).max(1) };
            Err(Stopped::Waits { number: Some(underway.number()), failure, after })
        }
        None => Ok(()),
    }
}

/// Brings an entry to its end that stands before another one, `next`. It fails where it has to wait.
pub async fn before(cx: &Context<'_>, entry: Entry, next: Option<&Entry>) -> Result<(), Failure> {
    if entry.stage == Stage::Settling {
        // What still may come of it is what is wanted now, and the next one knows of it.
        if next.is_some_and(|next| next.intent == entry.intent) {
            return Ok(());
        }
        if let Some(after) = left(cx, entry.due) {
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
            bury(&under, underway, "plan", words.to_owned(), words).await;
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

/// Carries out all that came before. Until what it gives back a call of another entry may reach the vendor that wants
/// what `next` does.
pub async fn clear(
    cx: &Context<'_>,
    id: &str,
    next: Option<&Entry>,
) -> Result<Option<Timestamp>, Failure> {
    let mut until = None;
    for entry in waiting(cx, id).await? {
        if next.is_some_and(|next| next.number == entry.number) {
            break;
        }
        let due = Some(entry.due).filter(|_| entry.stage == Stage::Settling);
        before(cx, entry, next).await?;
        until = until.max(due);
    }
    Ok(until)
}

/// Whether nothing stands before a write that somebody else's carries with it.
pub async fn is_clear(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let waiting = waiting(cx, id).await?;
    let open = |entry: &&Entry| entry.stage == Stage::Waiting || left(cx, entry.due).is_some();
    match waiting.iter().find(open) {
        Some(entry) => Err(behind(left(cx, entry.due).unwrap_or(SOON))),
        None => Ok(()),
    }
}

/// How long it still is until then.
fn left(cx: &Context<'_>, until: Timestamp) -> Option<Duration> {
    let left = Duration::try_from(until.duration_since(cx.at())).ok()?;
    (!left.is_zero()).then_some(left)
}

fn behind(after: Duration) -> Failure {
    Failure::Behind { after: whole_seconds(after).max(1) }
}

/// Between 0 and 1; another one for each request.
fn chance(cx: &Context<'_>) -> f64 {
    let mixed = (cx.now.as_nanosecond() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / (1_u64 << 24) as f64
}
