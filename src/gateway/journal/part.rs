//! What a request does to another resource than the one that it names, or to one that it has not named yet: who joins or
//! leaves a Group that is a value, and who is adopted. Each is a write by itself, entered when its first call leaves: what
//! of it is half done is finished. Nobody is promised more by it: the rest of the request is its client's to repeat.

use super::{
    super::{Context, error::Failure},
    attempt::attempt,
    queue, received,
    stopped::Stopped,
    underway::Underway,
};
use crate::{
    scim::{intent::Intent, message::Action},
    store::{Entry, Stage},
};
use futures_util::future::BoxFuture;

/// The request at work on what it wants of this resource, whose turn is held and before which nothing waits.
pub fn begin<'c>(cx: &Context<'c>, id: &str, action: &Action) -> Result<Context<'c>, Failure> {
    let intent = Intent::of(action, &cx.plan.kind).map(|intent| intent.value);
    let Some(intent) = intent.filter(|_| cx.journals()) else { return Ok(cx.alone()) };
    let entry = received::fresh(cx, id, intent, received::at_work(cx))?;
    Ok(cx.under(&Underway::unwritten(entry)))
}

/// The same of what an earlier request may have begun and nobody lived to end: whether one has, that asked for the same.
/// Whoever asks has the turn.
pub async fn resume<'c>(
    cx: &Context<'c>,
    id: &str,
    action: &Action,
) -> Result<(Context<'c>, bool), Failure> {
    if !cx.journals() {
        return Ok((cx.alone(), false));
    }
    let intent = Intent::of(action, &cx.plan.kind).map(|intent| intent.value);
    let waiting = queue::waiting(cx, id).await?;
    let same = |entry: &Entry| {
        entry.stage == Stage::Waiting
            && intent.as_ref().is_some_and(|intent| Intent::is_same(&entry.intent, intent))
    };
    match waiting.as_slice() {
        [entry] if same(entry) => {
            let (due, planned) = (received::at_work(cx), cx.at());
            let entry = Entry { due, planned, ..entry.clone() };
            Ok((cx.under(&Underway::of(entry)), true))
        }
        _ => {
            queue::clear(cx, id).await?;
            Ok((begin(cx, id, action)?, false))
        }
    }
}

/// Does the work that was begun so.
pub async fn carry_out<T>(
    cx: &Context<'_>,
    work: BoxFuture<'_, Result<T, Failure>>,
) -> Result<T, Failure> {
    attempt(cx, work, true).await.map_err(|stopped| match stopped {
        Stopped::Ended(failure) => failure,
        Stopped::Waits { number: Some(number), failure, .. } => {
            let goes_on = format!("what was begun of that is finished, journalled as {number}");
            cx.halfway(failure, &goes_on)
        }
        Stopped::Waits { number: None, failure, .. } => failure,
    })
}
