//! A create that its mapping calls `durable`: it is in the journal before anything is asked of the vendor, and who was asked
//! for is made when that can be done, whether his client comes back for him or not.

use super::{
    super::{
        Context,
        error::{Failure, whole_seconds},
    },
    due::later,
    letters, making,
    underway::Underway,
    verdict::{self, Verdict},
};
use crate::store::Stage;
use std::time::Duration;

/// What its client is told of a try that failed and may go better: it goes on. What was refused is told as it is, and so is
/// a create that is none of these.
pub async fn told(cx: &Context<'_>, failure: &Failure) -> Option<Failure> {
    let birth = making::of(cx).filter(|birth| making::is_promised(birth))?;
    if verdict::of(failure) == Verdict::Refused {
        return None;
    }
    birth.is_asked_again();
    let after = match put_off(cx, birth, failure).await {
        Ok(after) => after,
        Err(missing) if missing.is_missing() => return Some(letters::dropped(&birth.number())),
        // It is there as it was entered, and due soon.
        Err(_) => SOON,
    };
    Some(Failure::Journalled {
        number: birth.number(),
        // None comes back at once: it would find what it has just left.
        after: whole_seconds(after).max(1),
        failure: Box::new(failure.clone()),
    })
}

/// A create is tried again after so long.
pub async fn put_off(
    cx: &Context<'_>,
    birth: &Underway,
    failure: &Failure,
) -> Result<Duration, Failure> {
    let words = cx.judge(failure.clone()).detail;
    let pause = |told| verdict::pause(birth.attempts(), told, 1.0);
    let (after, tried) = match (verdict::of(failure), failure.bare()) {
        // What waits for a call to land was not tried.
        (Verdict::Settles(after), _) => (after, false),
        (_, Failure::Behind { after, .. }) => (Duration::from_secs(*after), false),
        (Verdict::Later(told), _) => (pause(told), true),
        (Verdict::Refused, _) => (pause(None), true),
    };
    let due = later(cx.at(), after);
    match tried {
        true => birth.stays(cx, Stage::Waiting, due, words).await?,
        false => birth.settles(cx, due, words).await?,
    }
    Ok(after)
}

/// Until its client is told to come back where the store does not say when it is due.
const SOON: Duration = Duration::from_secs(5);
