//! What a request does to another resource than the one that it names, or to one that it has not named yet: who joins or
//! leaves a Group that is a value, and who is adopted. Each is a write by itself, entered when its first call leaves: what
//! of it is half done is finished. Nobody is promised more by it: the rest of the request is its client's to repeat.

use super::{
    super::{Context, error::Failure},
    attempt::attempt,
    due::later,
    queue, received, unborn,
    underway::Underway,
};
use crate::{
    scim::{intent::Intent, message::Action},
    store::{Entry, Stage},
};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

/// The request at work on what it wants of this resource, whose turn is held and before which nothing waits.
pub fn begin<'c>(cx: &Context<'c>, id: &str, action: &Action) -> Result<Context<'c>, Failure> {
    let intent = Intent::of(action, &cx.plan.kind).map(|intent| intent.value);
    let Some(intent) = intent.filter(|_| cx.journals()) else { return Ok(cx.alone()) };
    let due = due(cx, &intent);
    let entry = received::fresh(cx, id, intent, due)?;
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
            let (due, planned) = (due(cx, &entry.intent), cx.at());
            let entry = Entry { due, planned, ..entry.clone() };
            Ok((cx.under(&Underway::of(entry)), true))
        }
        _ => {
            queue::clear(cx, id).await?;
            Ok((begin(cx, id, action)?, false))
        }
    }
}

/// Until when whoever asked for it is waited for.
fn due(cx: &Context<'_>, intent: &Value) -> Timestamp {
    match unborn::makes(intent) {
        true => later(cx.at(), unborn::patience()),
        false => received::at_work(cx),
    }
}

/// Does the work that was begun so. What is half done and goes on is told as journalled: see [`told`].
pub async fn carry_out<T>(
    cx: &Context<'_>,
    work: BoxFuture<'_, Result<T, Failure>>,
) -> Result<T, Failure> {
    attempt(cx, work, true).await.map_err(|stopped| stopped.told(None))
}

/// The failure of a request of which such a part failed: that goes on, and the rest was promised to nobody.
pub fn told(cx: &Context<'_>, failure: Failure) -> Failure {
    match failure {
        Failure::Journalled { number, failure, .. } => {
            let goes_on = format!("what was begun of that is finished, journalled as {number}");
            cx.halfway(*failure, &goes_on)
        }
        other => other,
    }
}
