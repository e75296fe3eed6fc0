//! Dead letters: what is not carried out any more, and what it says to those who ask for the same.

use super::{
    super::{Context, error::Failure},
    progress::Progress,
    stopped::Stopped,
    underway::Underway,
};
use crate::{
    scim::{
        error::Error,
        intent::{self, Intent},
    },
    store::{Change, Entry, Stage},
};
use serde_json::Value;

/// The dead letters of the resource that are half done, or may be.
pub async fn half_done(cx: &Context<'_>, underway: &Underway) -> Result<Vec<Entry>, Stopped> {
    let mut all = cx.ask(cx.store()?.entries(&cx.rows(), &underway.entry().id)).await?;
    let may_be = |letter: &Entry| !Progress::of(&letter.progress).is_unsent();
    all.retain(|letter| letter.stage == Stage::Dead && may_be(letter));
    Ok(all)
}

/// Whether one of them asks for the same as this write, so that somebody is told of it already.
pub async fn says(cx: &Context<'_>, underway: &Underway) -> bool {
    let intent = underway.entry().intent;
    let same = |letters: Vec<Entry>| letters.iter().any(|letter| letter.intent == intent);
    half_done(cx, underway).await.is_ok_and(same)
}

/// A write that was carried out since ends what dead letters say of the same attributes: who was switched on again is
/// switched off anew. Of one that was about access another attribute ends nothing.
pub async fn outlived(cx: &Context<'_>, underway: &Underway, dead: Vec<Entry>) {
    let written = Intent::paths(&underway.entry().intent);
    let same = |path: &String| written.iter().any(|other| other.eq_ignore_ascii_case(path));
    let is_over = |letter: &Entry| {
        let paths = Intent::paths(&letter.intent);
        match paths.iter().any(|path| intent::is_access(path)) {
            true => written.iter().any(|path| intent::is_access(path)),
            false => paths.iter().any(same),
        }
    };
    let over = dead.into_iter().filter(|letter| underway.has_sent() && is_over(letter));
    let over: Vec<Entry> = over.collect();
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
pub async fn answer(
    cx: &Context<'_>,
    underway: &Underway,
    dead: &[Entry],
    heard: bool,
) -> Result<(), Stopped> {
    let intent = underway.entry().intent;
    let Some(letter) = dead.iter().find(|letter| letter.intent == intent) else {
        return Ok(());
    };
    let (number, words) = (&letter.number, letter.error.as_deref().unwrap_or_default());
    let detail = format!(
        "an earlier one that asked for the same may be half done, and is a dead letter, journalled as {number}: {words}; \
         an operator says `scimshim journal show {number}`, and `retry` or `drop`"
    );
    if underway.is_durable() && !underway.is_only(heard) {
        let brief = format!("an earlier one that asked for the same may be half done: {number}");
        return Err(bury(cx, underway, "unknown", detail, &brief).await);
    }
    let answer = Error::new(502, detail).into();
    Err(Stopped::Ended(underway.ends(cx).await.err().unwrap_or(answer)))
}

/// Tells that what a client was told to come back for is done.
pub fn delivered(cx: &Context<'_>, underway: &Underway) {
    cx.metrics.journal_delivered(cx.tenant);
    let Entry { kind, id, number, .. } = underway.entry();
    tracing::info!(tenant = cx.tenant, kind, id, number, "delivered");
}

/// What a client is told of a write that an operator has dropped.
pub fn dropped(number: &str) -> Failure {
    let detail = format!(
        "an operator dropped it, journalled as {number}: nothing more of it is carried out"
    );
    Error::new(502, detail).into()
}

/// Makes a dead letter of it. `reason` is for the metrics, `brief` for the log, in which no words of a vendor's stand.
pub async fn bury(
    cx: &Context<'_>,
    underway: &Underway,
    reason: &str,
    words: String,
    brief: &str,
) -> Stopped {
    let Entry { id, number, .. } = underway.entry();
    tracing::error!(
        tenant = cx.tenant,
        kind = cx.plan.kind.name,
        id,
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
