//! How far a create that is at work has come, and what is known of whom it makes.

use super::{
    super::Context,
    progress::{Begun, Birth, Progress, Reached, shape},
    underway::Underway,
};
use crate::mapping::plan::Operation;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// The entry of the create that a context is at work on.
pub fn of<'c>(cx: &'c Context<'_>) -> Option<&'c Arc<Underway>> {
    let is = |underway: &&Arc<Underway>| underway.progress(|progress| progress.birth.is_some());
    cx.underway.as_ref().filter(is)
}

/// How far the create came in an earlier try, or in this one.
pub fn reached(birth: &Underway, operation: &Operation) -> Reached {
    let like = shape(operation);
    birth.progress(|progress| {
        let begun = progress.begun.iter().find(|begun| begun.like == like);
        begun.map_or_else(Reached::default, |begun| Reached {
            calls: begun.calls,
            captured: begun.captured.clone(),
        })
    })
}

/// Whether a call of it is known to have been carried out.
pub fn is_begun(progress: &Progress) -> bool {
    !progress.done.is_empty() || progress.is_half_done()
}

/// Whether nothing of it has been done, as far as is known.
pub fn is_blank(birth: &Underway) -> bool {
    birth.progress(|progress| {
        let Progress { sent, begun, done, .. } = &*progress;
        sent.is_none() && done.is_empty() && begun.iter().all(|begun| begun.calls == 0)
    })
}

/// Whether an earlier try has begun an operation that is another one now.
pub fn is_stranded(birth: &Underway, operation: &Operation) -> bool {
    let like = shape(operation);
    birth.progress(|progress| {
        let begun = progress.begun.first().filter(|begun| begun.calls > 0);
        progress.done.is_empty() && begun.is_some_and(|begun| begun.like != like)
    })
}

/// The key of whom it made, where all its own calls were carried out: what follows are updates.
pub fn made(birth: &Underway) -> Option<String> {
    birth.progress(|progress| {
        let key = progress.birth.as_ref().and_then(|birth| birth.key.clone());
        key.filter(|_| !progress.done.is_empty())
    })
}

/// A call of it was answered, and whom it makes has this key, where that says so.
pub fn is_answered(cx: &Context<'_>, birth: Option<&Arc<Underway>>, key: Option<String>) {
    let Some(birth) = birth else { return };
    let (since, key) = (Some(cx.at().as_millisecond()), key.filter(|key| !key.is_empty()));
    birth.progress(|progress| {
        let Some(birth) = &mut progress.birth else { return };
        // As long as nobody knows whom they make, each call may be the one that makes him.
        if birth.key.is_none() || key.is_some() && key != birth.key {
            birth.since = since;
        }
        birth.key = key.or(birth.key.take());
    });
}

/// Whether calls of it were carried out, and nobody knows the key of whom they made.
pub fn is_nameless(birth: &Underway) -> bool {
    birth.progress(|progress| {
        let keyed = progress.birth.as_ref().is_some_and(|birth| birth.key.is_some());
        !keyed && progress.sent.is_none() && progress.begun.iter().any(|begun| begun.calls > 0)
    })
}

/// Since when its last answer or its key is known.
pub fn since(birth: &Underway) -> Option<Timestamp> {
    let since = birth.progress(|progress| progress.birth.as_ref()?.since);
    since.and_then(|at| Timestamp::from_millisecond(at).ok())
}

/// Until when a vendor may not show yet whom it made.
pub fn shows(cx: &Context<'_>, birth: &Underway) -> Option<Timestamp> {
    known(birth).and_then(|birth| birth.shows(cx.at(), cx.at_large()))
}

/// All its own calls were carried out.
pub async fn is_made(cx: &Context<'_>, operation: &Operation, key: &str) {
    let Some(birth) = of(cx).filter(|birth| made(birth).as_deref() != Some(key)) else { return };
    is_answered(cx, Some(birth), Some(key.to_owned()));
    birth.completes(operation);
    // Where that fails the last of them is in doubt once more, and no worse.
    let _ = birth.notes(cx).await;
}

/// The call that was in doubt has come: what it does is there.
pub fn has_come(birth: &Underway) {
    birth.progress(|progress| {
        (progress.sent, progress.until, progress.whose) = (None, None, None);
    });
}

/// Whom it makes was found, and this was captured: its first call was carried out.
pub fn is_found(
    cx: &Context<'_>,
    birth: &Arc<Underway>,
    operation: &Operation,
    key: &str,
    captured: &Value,
) {
    let like = shape(operation);
    has_come(birth);
    is_answered(cx, Some(birth), Some(key.to_owned()));
    birth.progress(|progress| {
        progress.begun.retain(|begun| begun.like != like);
        let captured = captured.clone();
        progress.begun.push(Begun { like, before: Value::Null, calls: 1, captured });
    });
}

/// Nothing of it is there: it begins afresh.
pub fn is_nothing(birth: &Underway) {
    birth.progress(Progress::is_nothing);
}

/// A search has found whom it makes, later than the request that sent its first call: nobody was there before that one, and
/// somebody else may have come since.
pub fn is_guessed(birth: &Underway) {
    birth.progress(|progress| progress.birth.iter_mut().for_each(|birth| birth.guessed = true));
}

/// Whether whom it makes may be another one, whom such a search has found.
pub fn may_be_another(birth: &Underway) -> bool {
    says(birth, |birth| birth.guessed)
}

/// What is known of whom it makes.
pub fn known(birth: &Underway) -> Option<Birth> {
    birth.progress(|progress| progress.birth.clone())
}

/// Whether this is known of whom it makes.
fn says(birth: &Underway, what: fn(&Birth) -> bool) -> bool {
    birth.progress(|progress| progress.birth.as_ref().is_some_and(what))
}

/// Whether a client has written to whom it makes.
pub fn is_known(birth: &Underway) -> bool {
    says(birth, |birth| birth.known)
}

/// Whether whom it makes is not to be taken away.
pub fn stays(birth: &Underway) -> bool {
    is_known(birth) || may_be_another(birth)
}

/// Whether he is made, whoever comes back for him, and whatever the mapping says by now.
pub fn is_promised(birth: &Underway) -> bool {
    says(birth, |birth| birth.promised)
}

/// Whether some of its calls were made for a request that wanted something else, or may have been.
pub fn is_anothers(birth: &Underway) -> bool {
    says(birth, |birth| birth.anothers)
}

/// Whom it makes was there already, by what call nobody knows.
pub fn was_there(birth: &Underway) {
    is_guessed(birth);
    birth.progress(|progress| {
        progress.birth.iter_mut().for_each(|birth| (birth.anothers, birth.found) = (true, true));
    });
}

/// Whether he [was there](was_there), and nothing was made of him behind that.
pub fn was_only_found(birth: &Underway) -> bool {
    says(birth, |birth| birth.found)
        && birth.progress(|progress| {
            let calls = progress.begun.iter().map(|begun| begun.calls).sum::<usize>();
            progress.sent.is_none() && progress.done.is_empty() && calls <= 1
        })
}

/// The number of the one that had been promised, and whose place it took.
pub fn replaces(birth: &Underway) -> Option<String> {
    birth.progress(|progress| progress.birth.as_ref()?.replaces.clone())
}

/// What clients have said since of whom it makes, or of somebody who had his name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    /// Something.
    pub known: bool,
    /// That he is to be deleted.
    pub ended: bool,
}

/// That.
pub fn said(birth: &Underway) -> Said {
    birth.progress(|progress| {
        let of = |birth: &Birth| Said { known: birth.known, ended: birth.ended };
        progress.birth.as_ref().map(of).unwrap_or_default()
    })
}

/// It is to be known of it, whatever else is forgotten.
pub fn is_said(birth: &Underway, Said { known, ended }: Said) {
    birth.progress(|progress| {
        progress.birth.iter_mut().for_each(|birth| (birth.known, birth.ended) = (known, ended));
    });
}

/// Whether what was done is being taken back.
pub fn is_undoing(birth: &Underway) -> bool {
    says(birth, |birth| birth.undoing)
}
