//! Since: what clients say of somebody whose create is not at its end. What that wants goes on from there: what they said of
//! him stands, and what they said nothing of is done all the same.
//!
//! A word is on trial while its own write is carried out, and the create waits for that. One that was refused is none. Of
//! one whose process died nobody knows, its client neither: it counts.

use super::{
    Context,
    birth::Stopped,
    error::Failure,
    journal::{
        due::{self, later},
        making,
        progress::{Birth, Trial},
        stopped::SOON,
    },
    unsaid,
};
use crate::{
    mapping::{plan::Rule, translate::place},
    scim::{
        intent::{Intent, is_secret},
        message::Action,
        patch::{PatchOp, apply},
        reading::Reading,
        resource::Resource,
    },
};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// What a word makes of what is wanted.
pub type Word<'w> = dyn Fn(&Context<'_>, &Resource) -> Resource + Send + Sync + 'w;

/// A word is tried from here on, under this name, for as long as its request has. One of which nothing can be held says
/// nothing where its process dies: that is finished by itself.
pub fn tries(cx: &Context<'_>, birth: &mut Birth, by: &str, action: Option<&Action>) {
    let intent = action.and_then(|action| Intent::of(action, &cx.plan.kind));
    let left = cx.deadline.saturating_duration_since(Instant::now());
    birth.trials.retain(|trial| trial.by != by);
    birth.trials.push(Trial {
        by: by.to_owned(),
        until: later(cx.at(), left).as_millisecond(),
        secret: intent.as_ref().is_some_and(|intent| !intent.whole),
        intent: intent.map_or(Value::Null, |intent| intent.value),
    });
}

/// It is over: what a create wants that wanted this is another one with what was said, where that holds.
pub fn ends(
    cx: &Context<'_>,
    birth: &mut Birth,
    wanted: &Resource,
    by: &str,
    word: Option<&Word<'_>>,
) {
    let Some(at) = birth.trials.iter().position(|trial| trial.by == by) else { return };
    let trial = birth.trials.remove(at);
    if let Some(word) = word {
        birth.unsecret |= trial.secret;
        let before = held(birth).unwrap_or_else(|| wanted.clone());
        is_wanted(cx, birth, word(cx, &before));
    }
}

/// What another create says of him whose own has died.
pub fn is_wanted(cx: &Context<'_>, birth: &mut Birth, wanted: Resource) {
    let intent = Intent::of(&Action::Create(wanted), &cx.plan.kind);
    birth.wants = intent.map(|intent| intent.value).or(birth.wants.take());
}

/// Whoever is at work on the create goes on where nothing is tried: what is wanted is known then.
pub fn is_over(cx: &Context<'_>) -> Result<(), Stopped> {
    let birth = making::of(cx).and_then(|birth| making::known(birth));
    match birth.and_then(|birth| tried(&birth, cx.at())) {
        Some(after) => Err(Stopped::Between(Failure::behind(after.min(SOON)))),
        None => Ok(()),
    }
}

/// How long one is still tried.
fn tried(birth: &Birth, now: Timestamp) -> Option<Duration> {
    let until =
        birth.trials.iter().filter_map(|trial| Timestamp::from_millisecond(trial.until).ok());
    // By a clock that was set back since it may be any time ago.
    let until = until.filter(|until| *until <= later(now, due::SKEW)).max()?;
    due::until(until, now)
}

/// What a create wants by now that wanted this, and brings secrets that are held nowhere; nothing where nobody has said
/// anything since.
pub fn wanted(cx: &Context<'_>, birth: &Birth, asked: &Resource) -> Option<Resource> {
    let mut wants = held(birth);
    let mut unsecret = birth.unsecret;
    // Whoever said these did not live to say what came of it.
    for Trial { intent, secret, .. } in &birth.trials {
        let Some(action) = Intent::action(intent, "") else { continue };
        unsecret |= secret;
        let before = wants.as_ref().unwrap_or(asked);
        wants = Some(then(cx, action, before));
    }
    let mut wants = wants.or_else(|| unsecret.then(|| asked.clone()))?;
    let secret = |rule: &&Rule| is_secret(rule.target.path(), &cx.plan.kind);
    for rule in cx.plan.rules.iter().filter(secret) {
        match place::take(asked, &rule.target).filter(|_| !unsecret) {
            Some(value) => place::put(&mut wants, &rule.target, value.clone()),
            None => place::clear(&mut wants, &rule.target),
        }
    }
    Some(wants)
}

/// What a create wants that wanted `before`, when somebody has said this since. The vendor has more of him than a create wants, and
/// in its own words: what cannot be applied to that is left out by itself, and nothing is refused.
pub fn then(cx: &Context<'_>, action: Action, before: &Resource) -> Resource {
    let one = |before: Resource, operation: PatchOp| {
        // It was read before, and borne with then.
        let mut reading = Reading::new(cx.live.profile);
        let applied = apply::apply(&[operation], &before, &cx.plan.kind, &mut reading);
        applied.map_or(before, |applied| applied.resource)
    };
    match action {
        Action::Patch { operations, .. } => operations.into_iter().fold(before.clone(), one),
        Action::Replace { resource, .. } => unsaid::completed(cx, resource, before),
        _ => before.clone(),
    }
}

fn held(birth: &Birth) -> Option<Resource> {
    match Intent::action(birth.wants.as_ref()?, "")? {
        Action::Create(wants) => Some(wants),
        _ => None,
    }
}
