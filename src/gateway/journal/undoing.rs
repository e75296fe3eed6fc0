//! A create whose calls are taken back: each call that does so is written down first, as any is, and so is what came of the
//! one before it.

use super::{
    super::{Context, error::Failure},
    progress::Sent,
    underway::{Underway, is_alive},
    verdict,
};
use crate::mapping::plan::Step;

/// A call that takes something back is about to leave.
pub async fn takes_back(
    cx: &Context<'_>,
    birth: &Underway,
    undo: &Step,
    safe: bool,
) -> Result<(), Failure> {
    let (call, at) = (undo.label.clone(), cx.at().as_millisecond());
    let (keyed, visible, given_up) = (undo.idempotency_key.is_some(), false, false);
    birth.progress(|progress| {
        progress.sent = Some(Sent { call, at, safe, keyed, visible, given_up });
        if let Some(birth) = &mut progress.birth {
            birth.undoing = true;
        }
    });
    birth.notes(cx).await?;
    is_alive(cx, undo)?;
    birth.sets_out();
    Ok(())
}

/// What was done behind so many calls is taken back.
pub fn is_back(birth: &Underway, before: usize) {
    birth.progress(|progress| {
        progress.sent = None;
        if let Some(begun) = progress.begun.first_mut() {
            begun.calls = begun.calls.min(before);
        }
    });
}

/// Something could not be taken back; whether the journal goes on with it.
pub fn is_left(birth: &Underway, failure: &Failure) -> bool {
    if !failure.doubtful() {
        birth.progress(|progress| progress.sent = None);
    }
    let refused = verdict::of(failure) == verdict::Verdict::Refused;
    !refused && !matches!(failure.bare(), Failure::Expression { .. })
}

/// It was tried to take back what was done.
pub fn is_undone(birth: &Underway, goes_on: bool) {
    birth.progress(|progress| {
        if let Some(birth) = &mut progress.birth {
            birth.undoing = goes_on;
        }
        progress.afresh += u32::from(!goes_on);
    });
}
