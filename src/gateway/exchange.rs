//! One call until it is settled: send, judge, and try again where that is safe.

use super::{
    Context,
    error::{Failure, whole_seconds},
    flight::{self, Ahead, Heard},
    trace::{Exchange, Trouble},
    words,
};
use crate::{
    mapping::{
        plan::{Meaning, Step},
        translate::failure::{self, Verdict},
    },
    upstream::{self, Answer, Call, error::Kind, retry},
};
use http::Method;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Performs `call`, the step's own or that of a further page. `named` is what it names beside the
/// key, for the message of a 404.
pub async fn perform(
    cx: &Context<'_>,
    step: &Step,
    call: &Arc<Call>,
    named: Option<&str>,
) -> Result<Answer, Failure> {
    go_on(cx, step, call, named, None).await
}

/// The same of a call whose first attempt may have left already.
pub async fn go_on(
    cx: &Context<'_>,
    step: &Step,
    call: &Arc<Call>,
    named: Option<&str>,
    mut ahead: Option<Ahead>,
) -> Result<Answer, Failure> {
    let mut attempt = 1;
    // A delete that was sent before may have been carried out: that it finds nothing now is success.
    let mut deleted = false;
    // A write that was sent is not unsaid by a try that did not leave.
    let mut sent = None;
    loop {
        let failure = match once(cx, step, call, attempt, ahead.take()).await {
            Ok((answer, None)) => return Ok(answer),
            Ok((answer, Some(verdict))) if deleted && verdict.means == Meaning::NotFound => {
                return Ok(answer);
            }
            Ok((answer, Some(verdict))) => {
                let told = retry::told(&answer, cx.now);
                let repeat = repeatable(&verdict, answer.status, call.safe);
                let pause = told.or(verdict.retry_after.map(seconds));
                if verdict.by_row && verdict.means == Meaning::Busy {
                    cx.live.upstream.heed(pause);
                }
                (refusal(verdict, step, &answer, named, pause), repeat, pause)
            }
            Err(error) => {
                let repeat = repeated(error.kind, call.safe);
                let told = match error.kind {
                    Kind::Later(told) => told,
                    _ => None,
                };
                let place = step.place.clone();
                (Failure::Silent { error, safe: call.safe, place }, repeat, told)
            }
        };
        let (failure, repeat, told) = failure;
        deleted |= call.method == Method::DELETE && failure.doubtful();
        if call.method != Method::GET && failure.doubtful() {
            sent = Some(failure.clone());
            // A read by POST changes nothing, whenever it comes.
            if let Some(underway) = cx.underway.as_ref().filter(|_| step.writes) {
                underway.doubtful(cx);
            }
        }
        let retries = &cx.live.plan.upstream.retries;
        let pause = if repeat { retries.pause(attempt, told, jitter(cx, attempt)) } else { None };
        let in_time = |pause: &Duration| {
            let now = cx.live.upstream.now();
            now.checked_add(*pause).is_some_and(|then| then < until(cx, call))
        };
        match pause.filter(in_time) {
            Some(pause) => cx.live.upstream.wait(pause).await,
            None => return Err(sent.filter(|_| failure.unsent()).unwrap_or(failure)),
        }
        // It comes later than what was written down of the first.
        if let Some(underway) = cx.underway.as_ref().filter(|_| call.method != Method::GET)
            && let Err(unwritten) = underway.sends_again(cx, step).await
        {
            return Err(sent.unwrap_or(unwritten));
        }
        attempt += 1;
    }
}

/// Sends a call off before its turn, where that may be.
pub fn ahead(cx: &Context<'_>, step: &Step, call: &Arc<Call>) -> Option<Ahead> {
    Ahead::of(cx, step, call, until(cx, call))
}

/// When a call must have ended.
fn until(cx: &Context<'_>, call: &Call) -> Instant {
    if call.method == Method::GET { cx.deadline } else { cx.writes_until }
}

/// One attempt, judged and written into the trace. No verdict is a success.
async fn once(
    cx: &Context<'_>,
    step: &Step,
    call: &Arc<Call>,
    attempt: u32,
    ahead: Option<Ahead>,
) -> Result<(Answer, Option<Verdict>), upstream::Error> {
    if let Some(exercised) = cx.exercised() {
        exercised.called(step);
    }
    let until = until(cx, call);
    let left = match ahead {
        Some(ahead) => ahead.heard(until).await,
        None => None,
    };
    let Heard { outcome, joined, took } = match left {
        Some(heard) => heard,
        None => flight::ask(cx, step, call, attempt, until).await,
    };
    if joined {
        cx.metrics.joined(cx.tenant, &call.name);
    }
    let judged = outcome.map(|mut answer| {
        let upstream = &cx.live.plan.upstream;
        let verdict = failure::judge(step, upstream, &mut answer, &cx.live.variables);
        if let Some(exercised) = cx.exercised() {
            exercised.judged(&verdict);
        }
        (answer, Some(verdict).filter(|verdict| verdict.means != Meaning::Done))
    });
    let (outcome, verdict) = match &judged {
        Ok((answer, verdict)) => (Ok(answer.status), verdict.as_ref()),
        Err(error) => (Err(error.clone()), None),
    };
    let trouble =
        verdict.map(|verdict| Trouble { means: verdict.means, place: verdict.place.clone() });
    let passed = cx.live.plan.upstream.passes_on().is_some();
    let exchange = Exchange { call: Arc::clone(call), outcome, trouble, joined, took, passed };
    if exchange.credential_refused() {
        cx.metrics.credential_refused(cx.tenant);
    }
    cx.trace().exchanges.push(exchange);
    judged
}

/// Whether a call that got no answer may be sent again.
fn repeated(silence: Kind, safe: bool) -> bool {
    match silence {
        // Nothing was sent.
        Kind::Connect | Kind::Later(_) => true,
        Kind::Timeout | Kind::Broken | Kind::Cut | Kind::Garbled => safe,
        // There is no room for another either: the client comes back later.
        Kind::Busy(_) | Kind::Open(_) => false,
        Kind::TooLarge | Kind::Refused | Kind::Unissued | Kind::Invalid => false,
    }
}

/// What may be sent again: a vendor that asks for patience always, one that failed only when the
/// call is safe to repeat.
fn repeatable(verdict: &Verdict, status: u16, safe: bool) -> bool {
    match verdict.means {
        Meaning::Busy => true,
        Meaning::Down => safe,
        Meaning::Broken => safe && status / 100 == 5,
        _ => false,
    }
}

fn refusal(
    verdict: Verdict,
    step: &Step,
    answer: &Answer,
    named: Option<&str>,
    pause: Option<Duration>,
) -> Failure {
    Failure::Vendor {
        means: verdict.means,
        status: answer.status,
        detail: verdict.detail,
        words: words::of(answer.status, &answer.body, &answer.text),
        attribute: verdict.attribute,
        named: named.map(str::to_owned),
        retry_after: pause.map(whole_seconds),
        by_row: verdict.by_row,
        call: step.place.clone(),
        place: verdict.place,
    }
}

fn seconds(seconds: f64) -> Duration {
    // A vendor's number may be anything: negative, huge, not a number.
    Duration::try_from_secs_f64(seconds.clamp(0.0, 86_400.0)).unwrap_or_default()
}

/// Between 0 and 1; differs from request to request, so that those that failed together do not
/// come back together. The request's instant is random enough for that.
fn jitter(cx: &Context<'_>, attempt: u32) -> f64 {
    let mixed = (cx.now.as_nanosecond() as u64)
        .wrapping_add(u64::from(attempt))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}
