//! What waits of one resource, in the order in which it is carried out.

use super::{
    super::{Context, error::Failure},
    due::{self, SKEW, later},
    progress::Progress,
    stopped::SOON,
};
use crate::{
    crash,
    store::{Batch, Change, Entry, Stage},
};

/// What has not come to its end of one resource, in the order in which it is carried out: what was begun first, for a
/// call of it may be on its way; then as it was received.
pub async fn waiting(cx: &Context<'_>, id: &str) -> Result<Vec<Entry>, Failure> {
    let mut waiting = cx.ask(cx.store()?.entries(&cx.rows(), id)).await?;
    waiting.retain(|entry| entry.stage != Stage::Dead);
    for entry in &mut waiting {
        if let Some(amended) = in_reach(cx, entry) {
            // What settles is not amended: it was dropped by somebody else, as a rule.
            let changes = match amended.stage {
                Stage::Settling => vec![
                    Change::Strike { number: amended.number.clone() },
                    Change::Enter(amended.clone()),
                ],
                _ => vec![Change::Amend(amended.clone())],
            };
            let with = |batch: Batch, change| batch.with(cx.rows().kind, change);
            cx.ask(cx.store()?.write(changes.into_iter().fold(cx.batch(), with))).await?;
            *entry = amended;
        }
    }
    waiting.sort_by_key(|entry| (Progress::of(&entry.progress).is_blank(), entry.seq));
    if crash::off("sequence") {
        waiting.reverse();
    }
    Ok(waiting)
}

/// What was written before the clock was set back, with times that it can have by the clock of now; nothing where it has
/// such.
pub fn in_reach(cx: &Context<'_>, entry: &Entry) -> Option<Entry> {
    let (now, ends) = (cx.at(), later(cx.at(), cx.at_large()));
    let mut progress = Progress::of(&entry.progress);
    let settles = entry.stage == Stage::Settling && due::is_ahead(entry, now);
    if !progress.comes_within(now, ends, SKEW) && !settles {
        return None;
    }
    let due = match settles {
        true => ends,
        false if due::is_ahead(entry, now) => now,
        false => entry.due,
    };
    Some(Entry { due, planned: now, progress: progress.held(), ..entry.clone() })
}

/// Nobody changes a resource of which earlier writes are in the journal, where his own is not. Whoever asks has its turn.
pub async fn clear(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    if !cx.journals() {
        return Ok(());
    }
    let open = |entry: &Entry| entry.stage == Stage::Waiting || cx.waits(entry).is_some();
    is_none(cx, id, open).await
}

/// The same of another resource than one's own: nobody goes ahead of what was received before his write.
pub async fn clear_before(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(own) = cx.underway.as_ref().map(|underway| underway.entry()) else {
        return Ok(());
    };
    let older = |entry: &Entry| (entry.accepted, &entry.number) < (own.accepted, &own.number);
    is_none(cx, id, |entry| entry.stage == Stage::Waiting && older(entry)).await
}

/// Fails where there is one of these.
async fn is_none(
    cx: &Context<'_>,
    id: &str,
    stands: impl Fn(&Entry) -> bool,
) -> Result<(), Failure> {
    match waiting(cx, id).await?.iter().find(|entry| stands(entry)) {
        Some(entry) => Err(Failure::behind(cx.waits(entry).unwrap_or(SOON))),
        None => Ok(()),
    }
}
