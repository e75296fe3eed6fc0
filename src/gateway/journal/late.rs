//! Late: a call that has left although another replica had taken the resource over.

use super::{
    super::{Context, uuid},
    progress::Progress,
};
use crate::store::{Batch, Change, Entry, Stage};

/// Whoever has the resource now is told, and looks at once what came of it; of a create, which is `made`, there is nothing
/// to look at.
pub async fn report(cx: &Context<'_>, made: Option<Entry>) {
    let (Some(lease), Ok(store)) = (&cx.lease, cx.store()) else { return };
    let told = store.report(cx.tenant, &lease.name).await;
    if let Some(entry) = made {
        return buried(cx, entry).await;
    }
    match told {
        Ok(true) => {}
        Ok(false) => tracing::error!(
            tenant = cx.tenant,
            name = lease.name,
            "a call left long after another replica had taken over: what it changed is not put right"
        ),
        // The watch is over by itself, and looked at then.
        Err(error) => tracing::warn!(tenant = cx.tenant, "a late call is not reported: {error}"),
    }
}

/// Whom a create made that came last is nobody's: who took over may have given it up, or have made another one, who was
/// deleted since. So it is a dead letter, of nobody's lease, with how far it came: a repeat of it goes on from there.
async fn buried(cx: &Context<'_>, entry: Entry) {
    let Ok(number) = uuid::new() else { return };
    let (kind, stage, due) = (cx.rows().kind, Stage::Dead, cx.at());
    let id = &entry.id;
    tracing::error!(tenant = cx.tenant, kind = &*kind, id, number, why = WORDS, "dead letter");
    let error = Some(WORDS.to_owned());
    // A client of whoever took over may have been told that he is there: he is not taken back.
    let mut progress = Progress::of(&entry.progress);
    let birth = progress.birth.get_or_insert_default();
    birth.known = true;
    birth.origin.get_or_insert_with(|| entry.number.clone());
    let progress = progress.held();
    let letter = Entry { number, stage, due, planned: due, progress, error, ..entry };
    let batch = Batch::new(cx.tenant).with(kind, Change::Enter(letter));
    let Ok(store) = cx.store() else { return };
    match store.write(batch).await {
        Ok(_) => cx.metrics.journal_dead(cx.tenant, "late"),
        Err(error) => {
            tracing::warn!(tenant = cx.tenant, "a late create is not written down: {error}")
        }
    }
}

/// In which no words of a vendor's stand.
const WORDS: &str = "a replica that had stood still sent it when another one had taken over, and may have made somebody who \
                     is not to be there, or who is there twice or in part";
