//! A try of an entry: what stands in its way, what it comes to, and what becomes of the entry then.

use super::{
    super::{
        Context,
        error::{Failure, whole_seconds},
        trace::in_brief,
    },
    due::later,
    letters,
    progress::Sent,
    stopped::Stopped,
    unborn,
    underway::Underway,
    verdict::{self, Verdict},
};
use crate::{
    mapping::plan::Direction,
    scim::{
        intent::{self, Intent},
        message::Action,
        patch::PatchKind,
        schema::MEMBERS,
    },
    store::Stage,
};
use futures_util::future::BoxFuture;
use serde_json::Value;

/// Tries an entry, which `cx` is at work on, by doing the `work` where nothing stands in its way. `heard` says that its client
/// is told what comes of it; what comes to a bad end and is told to nobody is a dead letter.
pub async fn attempt<T>(
    cx: &Context<'_>,
    work: BoxFuture<'_, Result<T, Failure>>,
    heard: bool,
) -> Result<T, Stopped> {
    let Some(underway) = &cx.underway else { return Ok(work.await?) };
    let dead = letters::half_done(cx, underway).await?;
    letters::answer(cx, underway, &dead, heard).await?;
    doubt(cx, underway).await?;
    // What the mapping does not write is done by doing nothing, and this was promised.
    if !underway.is_only(heard) && names_access(&underway.entry().intent) && !writes_access(cx) {
        let words = "the mapping writes `active` no more";
        return Err(letters::bury(cx, underway, "plan", words.to_owned(), words).await);
    }
    match work.await {
        Ok(_) if underway.is_stranded() => {
            let words = "an operation of it was half done, and the mapping has it no more";
            Err(letters::bury(cx, underway, "plan", words.to_owned(), words).await)
        }
        // Where the store does not say that it has ended, its client is told neither that nor that it goes on.
        Ok(done) => match underway.is_done(cx).await {
            Ok(()) => {
                letters::outlived(cx, underway, dead).await;
                if !heard || underway.attempts() > 0 {
                    letters::delivered(cx, underway);
                }
                Ok(done)
            }
            Err(failure) => Err(Stopped::Ended(failure)),
        },
        Err(failure) => Err(failed(cx, underway, failure, heard).await),
    }
}

/// What becomes of an entry whose try has failed.
async fn failed(cx: &Context<'_>, underway: &Underway, failure: Failure, heard: bool) -> Stopped {
    let words = cx.judge(failure.clone()).detail;
    let pause = |told| verdict::pause(underway.attempts(), told, chance(cx));
    let verdict = verdict::of(&failure);
    let settles = matches!(verdict, Verdict::Settles(_));
    let after = match verdict {
        // What the guard holds back is not accepted, unless it was before.
        _ if underway.is_only(heard) && matches!(failure.bare(), Failure::Guarded { .. }) => {
            return ended(cx, underway, failure).await;
        }
        // Nobody has to be told that who was to go has gone; somebody does that nobody can join a group any more.
        Verdict::Refused if failure.is_gone() && !joins(cx, underway) => {
            if !underway.is_only(heard) {
                let (tenant, kind, number) = (cx.tenant, &cx.plan.kind.name, underway.number());
                tracing::warn!(tenant, kind, number, "journalled, and nobody is there any more");
            }
            return ended(cx, underway, failure).await;
        }
        // One that was promised, or is half done, is not forgotten with its refusal; nor is one of which nobody hears that
        // some resources are changed and others not.
        Verdict::Refused
            if underway.is_half_done()
                || underway.is_spread() && !heard
                || underway.is_durable() && !underway.is_only(heard) =>
        {
            let reason = if is_missing(&failure) { "plan" } else { "refused" };
            let buried = letters::bury(cx, underway, reason, words, &in_brief(&failure)).await;
            return if heard { Stopped::Ended(failure) } else { buried };
        }
        Verdict::Refused => return ended(cx, underway, failure).await,
        // A new group that somebody did not live to make: its client is waited for once more.
        Verdict::Later(_) | Verdict::Settles(_)
            if heard && underway.is_left() && unborn::makes(&underway.entry().intent) =>
        {
            let due = later(cx.at(), unborn::patience());
            return match underway.stays(cx, Stage::Waiting, due, words).await {
                Ok(()) | Err(_) => Stopped::Ended(failure),
            };
        }
        // What nobody was promised ends with its request, unless it is half done.
        Verdict::Later(_) | Verdict::Settles(_)
            if heard && !underway.is_durable() && !underway.is_half_done() =>
        {
            return match underway.ends(cx).await {
                Ok(()) | Err(_) => Stopped::Ended(failure),
            };
        }
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
        Err(missing) if missing.is_missing() => {
            Stopped::Ended(letters::dropped(&underway.number()))
        }
        Err(_) if underway.is_durable() && underway.is_entered() => {
            Stopped::Waits { number, failure, after }
        }
        Err(_) => Stopped::Ended(failure),
    }
}

/// It has come to its end. A store that does not say so leaves open whether it has.
async fn ended(cx: &Context<'_>, underway: &Underway, failure: Failure) -> Stopped {
    match underway.ends(cx).await {
        Ok(()) => Stopped::Ended(failure),
        Err(unknown) => Stopped::Ended(unknown),
    }
}

/// Whether a write wants more of a group that is a value than that somebody is in it no more.
fn joins(cx: &Context<'_>, underway: &Underway) -> bool {
    let wanted = || Intent::action(&underway.entry().intent, "");
    cx.plan.values_of().is_some()
        && match wanted() {
            Some(Action::Patch { operations, .. }) => {
                operations.iter().any(|operation| operation.kind != PatchKind::Remove)
            }
            Some(Action::Replace { resource, .. } | Action::Create(resource)) => {
                resource.as_map().contains_key(MEMBERS)
            }
            _ => false,
        }
}

/// Whether a write says who may sign in.
fn names_access(intent: &Value) -> bool {
    Intent::paths(intent).iter().any(|path| intent::is_access(path))
}

fn writes_access(cx: &Context<'_>) -> bool {
    let rules = || cx.plan.rules.iter().filter(|rule| rule.target.path().is_active());
    rules().any(|rule| rule.direction != Direction::Read)
}

/// Whether the mapping has not what was asked for.
fn is_missing(failure: &Failure) -> bool {
    matches!(failure.bare(), Failure::Refused(error) if error.status == 501)
}

/// Whether a call that an earlier try has sent stands in the way of this one.
async fn doubt(cx: &Context<'_>, underway: &Underway) -> Result<(), Stopped> {
    let Some(sent) = underway.sent() else { return Ok(()) };
    let Sent { call, safe, visible, .. } = sent;
    let until = underway.at_large(cx);
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
        return Err(letters::bury(cx, underway, "unknown", words.clone(), &words).await);
    }
    // Read before it is repeated, and not before it can have come too late to be read.
    match cx.left_until(until) {
        Some(after) => {
            let words = format!("whether `{call}` was carried out cannot be told yet");
            underway.settles(cx, until, words).await?;
            let failure = Failure::Unsettled { after: whole_seconds(after).max(1) };
            Err(Stopped::Waits { number: Some(underway.number()), failure, after })
        }
        None => Ok(()),
    }
}

/// Between 0 and 1; another one for each request.
fn chance(cx: &Context<'_>) -> f64 {
    let mixed = (cx.now.as_nanosecond() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / (1_u64 << 24) as f64
}
