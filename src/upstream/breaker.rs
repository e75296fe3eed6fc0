//! Breaker: a vendor that is away is not asked again and again. After so many failures in a row calls fail at once;
//! after a while one of them tries it, and its answer decides.

use super::{Error, error::Kind};
use crate::metrics::{self, Metrics};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Failures in a row. A call that is repeated as often as it is by default makes four of them.
const FAILURES: u32 = 10;
/// How long calls fail at once then; each time that the vendor is tried in vain twice as long.
const FIRST: Duration = Duration::from_secs(5);
/// No longer: who mends a vendor wants to see it.
const LONGEST: Duration = Duration::from_secs(60);

/// What became of a call says of the vendor.
#[derive(Debug, Clone, PartialEq)]
pub enum Sign {
    /// It answers.
    There,
    /// It does not; a failure of `call`, and why.
    Away {
        /// What tells the call from others; nothing where no call could have fared better.
        call: Option<u64>,
        /// For the log and the client.
        why: String,
    },
    /// Nothing.
    None,
}

/// Fails calls to a vendor that is away.
#[derive(Debug)]
pub struct Breaker {
    tenant: Arc<str>,
    shown: metrics::Breaker,
    // A std mutex: held to look and to set, never across an await.
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Closed(Failures),
    Open { until: Instant, pause: Duration, why: String },
    Trying { pause: Duration, why: String },
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    /// The call that failed last.
    call: Option<u64>,
    /// They are not all of one call: what fails may not be that one alone.
    several: bool,
}

/// A call that may be sent. Dropped without [`Attempt::ended`], nobody knows what became of it.
#[derive(Debug)]
pub struct Attempt<'a> {
    breaker: &'a Breaker,
    trial: bool,
}

impl Breaker {
    /// Closed: calls pass.
    pub fn new(tenant: &Arc<str>, metrics: &Metrics) -> Self {
        let (tenant, shown) = (Arc::clone(tenant), metrics.breaker(tenant));
        Self { tenant, shown, state: Mutex::new(State::Closed(Failures::default())) }
    }

    /// Whether a call has a chance; an error when it has none for now.
    pub fn look(&self, now: Instant) -> Result<(), Error> {
        match &*self.state() {
            State::Closed(_) => Ok(()),
            State::Open { until, .. } if *until <= now => Ok(()),
            State::Open { until, why, .. } => Err(open(until.duration_since(now), why)),
            // Its answer may come any moment.
            State::Trying { why, .. } => Err(open(Duration::from_secs(1), why)),
        }
    }

    /// Lets a call pass. When the pause is over it is the one that tries the vendor.
    pub fn enter(&self, now: Instant) -> Result<Attempt<'_>, Error> {
        self.look(now)?;
        let mut state = self.state();
        let trial = match &mut *state {
            State::Open { pause, why, .. } => {
                *state = State::Trying { pause: *pause, why: std::mem::take(why) };
                true
            }
            State::Closed(_) => false,
            // Another was faster.
            State::Trying { why, .. } => return Err(open(Duration::from_secs(1), why)),
        };
        drop(state);
        if trial {
            self.shown.tried();
            tracing::info!(tenant = &*self.tenant, "the vendor is tried again");
        }
        Ok(Attempt { breaker: self, trial })
    }

    fn there(&self) {
        let mut state = self.state();
        if let State::Closed(failures) = &mut *state {
            *failures = Failures::default();
            return;
        }
        // Also by the answer to a call that was under way before: it answers.
        *state = State::Closed(Failures::default());
        drop(state);
        self.shown.closed();
        tracing::info!(tenant = &*self.tenant, "the vendor answers again");
    }

    /// Whether calls fail at once from now on.
    fn away(&self, trial: bool, call: Option<u64>, why: String, now: Instant) -> bool {
        let mut state = self.state();
        let (pause, failures) = match &mut *state {
            State::Closed(failures) => {
                failures.several |= call.is_none() || failures.count > 0 && failures.call != call;
                failures.count = failures.count.saturating_add(1);
                failures.call = call;
                if failures.count < FAILURES || !failures.several {
                    return false;
                }
                (FIRST, failures.count)
            }
            State::Trying { pause, .. } if trial => ((*pause * 2).min(LONGEST), 1),
            // It was under way before.
            State::Open { .. } | State::Trying { .. } => return false,
        };
        *state = State::Open { until: now + pause, pause, why: why.clone() };
        drop(state);
        self.shown.open(true);
        tracing::error!(
            tenant = &*self.tenant,
            failures,
            seconds = pause.as_secs(),
            reason = why,
            "the vendor is away: calls fail at once"
        );
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// What became of the call. Whether calls fail at once from now on, which they did not before.
    pub fn ended(mut self, sign: Sign, now: Instant) -> bool {
        let trial = std::mem::take(&mut self.trial);
        match sign {
            Sign::There => {
                self.breaker.there();
                false
            }
            Sign::Away { call, why } => self.breaker.away(trial, call, why, now),
            Sign::None => {
                // Nothing was learned: the next one tries it.
                self.trial = trial;
                false
            }
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.trial {
            return;
        }
        let mut state = self.breaker.state();
        if let State::Trying { pause, why } = &mut *state {
            let (pause, why) = (*pause, std::mem::take(why));
            *state = State::Open { until: Instant::now(), pause, why };
            drop(state);
            self.breaker.shown.open(false);
        }
    }
}

fn open(again: Duration, why: &str) -> Error {
    let message = format!("it failed {FAILURES} times in a row, and is left alone for now: {why}");
    Error { kind: Kind::Open(again), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        Breaker::new(&"acme".into(), &Metrics::default())
    }

    fn away(call: Option<u64>) -> Sign {
        Sign::Away { call, why: "it answered 503".to_owned() }
    }

    /// The state, and how often it opened.
    fn shown(breaker: &Breaker) -> (i64, u64) {
        breaker.shown.values()
    }

    /// Fails `count` calls, each another one.
    async fn fail(breaker: &Breaker, count: u64) -> bool {
        let mut opened = false;
        for nth in 0..count {
            opened = breaker.enter(Instant::now()).unwrap().ended(away(Some(nth)), Instant::now());
        }
        opened
    }

    fn again_in(breaker: &Breaker) -> Option<Duration> {
        match breaker.enter(Instant::now()) {
            Err(Error { kind: Kind::Open(wait), .. }) => Some(wait),
            Err(other) => panic!("{other:?}"),
            // It is let go, and tells nothing.
            Ok(_) => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ten_failures_in_a_row_open_it_and_one_answer_closes_it() {
        let breaker = breaker();
        assert!(!fail(&breaker, 9).await);
        breaker.enter(Instant::now()).unwrap().ended(Sign::There, Instant::now());
        assert!(!fail(&breaker, 9).await, "an answer between them: they are not in a row");
        breaker.enter(Instant::now()).unwrap().ended(Sign::None, Instant::now());
        assert_eq!(shown(&breaker), (0, 0));
        assert!(fail(&breaker, 1).await);
        assert_eq!((shown(&breaker), again_in(&breaker)), ((1, 1), Some(FIRST)));
        tokio::time::advance(FIRST - Duration::from_millis(1)).await;
        assert_eq!(again_in(&breaker), Some(Duration::from_millis(1)));
        tokio::time::advance(Duration::from_millis(1)).await;
        let trial = breaker.enter(Instant::now()).unwrap();
        assert_eq!((shown(&breaker), again_in(&breaker)), ((2, 1), Some(Duration::from_secs(1))));
        assert!(!trial.ended(Sign::There, Instant::now()));
        assert_eq!((shown(&breaker), again_in(&breaker)), ((0, 1), None));
        assert!(!fail(&breaker, 9).await, "counted from none again");
    }

    #[tokio::test(start_paused = true)]
    async fn each_trial_in_vain_doubles_the_pause() {
        let breaker = breaker();
        fail(&breaker, 10).await;
        for (opens, seconds) in [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60)] {
            let pause = Duration::from_secs(seconds);
            assert_eq!((shown(&breaker), again_in(&breaker)), ((1, opens), Some(pause)));
            tokio::time::advance(pause).await;
            let trial = breaker.enter(Instant::now()).unwrap();
            assert!(trial.ended(away(None), Instant::now()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_comes_to_nothing_leaves_it_to_the_next() {
        let breaker = breaker();
        fail(&breaker, 10).await;
        tokio::time::advance(FIRST).await;
        drop(breaker.enter(Instant::now()).unwrap());
        assert_eq!(shown(&breaker), (1, 1));
        breaker.enter(Instant::now()).unwrap().ended(Sign::None, Instant::now());
        let trial = breaker.enter(Instant::now()).unwrap();
        assert_eq!(shown(&breaker), (2, 1));
        trial.ended(away(None), Instant::now());
        assert_eq!(again_in(&breaker), Some(FIRST * 2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_under_way_before_closes_it_and_does_not_open_it_again() {
        let breaker = breaker();
        let before: Vec<_> = (0..2).map(|_| breaker.enter(Instant::now()).unwrap()).collect();
        fail(&breaker, 10).await;
        let [late, early] = <[Attempt<'_>; 2]>::try_from(before).unwrap();
        assert!(!late.ended(away(Some(77)), Instant::now()));
        assert_eq!((shown(&breaker), again_in(&breaker)), ((1, 1), Some(FIRST)));
        early.ended(Sign::There, Instant::now());
        assert_eq!((shown(&breaker), again_in(&breaker)), ((0, 1), None));
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_that_always_fails_is_not_a_vendor_that_is_away() {
        let breaker = breaker();
        for _ in 0..100 {
            let attempt = breaker.enter(Instant::now()).unwrap();
            assert!(!attempt.ended(away(Some(7)), Instant::now()));
        }
        let attempt = breaker.enter(Instant::now()).unwrap();
        assert!(attempt.ended(away(Some(8)), Instant::now()), "another one fails too");
        // Where no connection stands, it is nobody's own.
        let breaker = self::breaker();
        let opened: Vec<bool> = (0..10)
            .map(|_| breaker.enter(Instant::now()).unwrap().ended(away(None), Instant::now()))
            .collect();
        assert_eq!(opened.iter().position(|opened| *opened), Some(9));
    }
}
