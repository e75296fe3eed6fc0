//! A create that is still to be made, and whom a replica that came late has made in part for it.

use super::{
    super::Context,
    progress::{Birth, Progress},
};
use crate::{
    gateway::error::Failure,
    store::{Change, Entry, Stage},
};

/// The entry with what came late of it, which is no dead letter any more. Whoever asks has its turn. While it waits nobody
/// has finished whom that made: he would be taken for a whole one.
pub async fn gathered(cx: &Context<'_>, entry: Entry) -> Result<Entry, Failure> {
    let own = Progress::of(&entry.progress);
    let promised = own.birth.as_ref().is_some_and(|birth| birth.promised);
    if !promised || own.has_effects() || entry.stage != Stage::Waiting {
        return Ok(entry);
    }
    let all = cx.ask(cx.store()?.entries(&cx.rows(), &entry.id)).await?;
    let late = all.into_iter().rfind(|letter| {
        let progress = Progress::of(&letter.progress);
        // Whom another entry began may have been finished with that.
        let begun = progress.birth.as_ref().and_then(|birth| birth.origin.as_ref());
        let came_late = begun == Some(&entry.number);
        letter.stage == Stage::Dead && came_late && progress.has_effects()
    });
    let Some(late) = late else { return Ok(entry) };
    let mut progress = Progress::of(&late.progress);
    // What its own client and others have said of it the letter does not know.
    let came = progress.birth.take().unwrap_or_default();
    let Birth { key, since, undoing, anothers, guessed, .. } = came;
    let own = own.birth.unwrap_or_default();
    progress.birth = Some(Birth { key, since, undoing, anothers, guessed, ..own });
    let entry = Entry { progress: progress.held(), planned: cx.at(), ..entry };
    let kind = cx.rows().kind;
    let struck = Change::Strike { number: late.number };
    let batch = cx.batch().with(kind.clone(), Change::Amend(entry.clone())).with(kind, struck);
    cx.ask(cx.store()?.write(batch)).await?;
    Ok(entry)
}
