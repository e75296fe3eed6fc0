//! Script: an Upstream that answers from a list and notes what was asked. `test` and `explain` run
//! the production engine over it.

use super::{Answer, Call, Error, Upstream, call::Pending, error::Kind};
use http::Method;
use std::{
    mem::take,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How often an entry answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// So often; less is noticed.
    Exactly(u32),
    /// As often as it is asked.
    Any,
}

/// One written answer.
#[derive(Debug, Clone)]
pub struct Expected {
    /// HTTP method.
    pub method: Method,
    /// Below the base URL, percent-encoded.
    pub path: String,
    /// In any order, not encoded.
    pub query: Vec<(String, String)>,
    /// What comes back.
    pub answer: Result<Answer, Error>,
    /// How often.
    pub times: Times,
}

/// A call that was made.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The call.
    pub call: Call,
    /// The entry that answered it; nothing when none is written.
    pub entry: Option<usize>,
    /// The entry whose turn it was; one past the last when all were used.
    pub turn: usize,
    /// What was waited since the call before.
    pub waited: Duration,
}

/// Canned answers, strictly in order. Nothing is waited for: its clock goes ahead instead.
#[derive(Debug)]
pub struct Script {
    expected: Vec<Expected>,
    /// How long a call that is never answered takes.
    timeout: Duration,
    // A std mutex: held for a look-up only.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    at: usize,
    used: u32,
    counts: Vec<u32>,
    asked: Vec<Asked>,
    /// How far the clock is ahead.
    ahead: Duration,
    /// Since the last call.
    waited: Duration,
}

impl Script {
    /// Answers from `expected`, first to last.
    pub fn new(expected: Vec<Expected>) -> Self {
        let state = State { counts: vec![0; expected.len()], ..State::default() };
        Self { expected, timeout: Duration::ZERO, state: Mutex::new(state) }
    }

    /// The same over a vendor whose silence is borne for so long.
    #[must_use]
    pub fn patient(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Every call that was made.
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// Entries that were asked less often than they say, each with how often it was.
    pub fn unused(&self) -> Vec<(usize, u32)> {
        let state = self.state();
        let short = |(index, entry): (usize, &Expected)| {
            let used = state.counts.get(index).copied().unwrap_or_default();
            matches!(entry.times, Times::Exactly(times) if used < times).then_some((index, used))
        };
        self.expected.iter().enumerate().filter_map(short).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in between leaves a list that is short of a call, no worse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, call: &Call, deadline: Instant) -> Result<Answer, Error> {
        let mut state = self.state();
        let answer = self.find(&mut state, call);
        if answer.as_ref().is_err_and(|error| error.kind == Kind::Timeout) {
            // As in production: a call's own time, and no longer than the request has.
            let left = deadline.saturating_duration_since(Instant::now() + state.ahead);
            state.ahead += self.timeout.min(left);
        }
        answer
    }

    fn find(&self, state: &mut State, call: &Call) -> Result<Answer, Error> {
        let waited = take(&mut state.waited);
        let mut note = |entry: Option<usize>, turn: usize| {
            state.asked.push(Asked { call: call.clone(), entry, turn, waited });
        };
        // An entry that is used up, or may be left, gives way to the next that fits.
        while let Some(entry) = self.expected.get(state.at) {
            let left = match entry.times {
                Times::Exactly(times) => state.used < times,
                Times::Any => true,
            };
            if left && entry.fits(call) {
                let at = state.at;
                state.used += 1;
                if let Some(count) = state.counts.get_mut(at) {
                    *count += 1;
                }
                note(Some(at), at);
                return entry.answer.clone();
            }
            if left && matches!(entry.times, Times::Exactly(_)) {
                break;
            }
            state.at += 1;
            state.used = 0;
        }
        note(None, state.at);
        let message = format!("no answer is written for {} {}", call.method, call.target());
        Err(Error { kind: Kind::Invalid, message })
    }
}

impl Expected {
    /// Whether the call is the one that is meant: method, path, and the query in any order, where `*` is any value.
    pub fn fits(&self, call: &Call) -> bool {
        let mut left: Vec<&(String, String)> = call.query.iter().collect();
        let taken = |(name, value): &(String, String)| {
            let same =
                |pair: &&(String, String)| pair.0 == *name && (value == ANY || pair.1 == *value);
            left.iter().position(same).map(|position| left.swap_remove(position)).is_some()
        };
        // Those that name a value take theirs before one that takes any.
        let (any, named): (Vec<_>, Vec<_>) = self.query.iter().partition(|(_, value)| value == ANY);
        self.method == call.method
            && self.path == call.path
            && named.into_iter().chain(any).all(taken)
            && left.is_empty()
    }
}

/// Any value of a parameter, in a test file.
const ANY: &str = "*";

impl Upstream for Script {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move { self.answer(call, deadline) })
    }

    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()> {
        let mut state = self.state();
        state.ahead += duration;
        state.waited += duration;
        drop(state);
        Box::pin(async {})
    }

    fn ordered(&self) -> bool {
        true
    }

    fn now(&self) -> Instant {
        Instant::now() + self.state().ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::Body;

    fn call(path: &str) -> Call {
        Call {
            name: "x".into(),
            method: Method::GET,
            path: path.into(),
            query: vec![("b".into(), "2".into()), ("a".into(), "1".into())],
            headers: http::HeaderMap::new(),
            body: Body::Empty,
            safe: true,
            packs: None,
            place: crate::diagnostic::Place::default(),
        }
    }

    fn expected(path: &str, status: u16, times: Times) -> Expected {
        Expected {
            method: Method::GET,
            path: path.into(),
            query: vec![("a".into(), "1".into()), ("b".into(), "2".into())],
            answer: Ok(Answer { status, ..Answer::default() }),
            times,
        }
    }

    fn answer(script: &Script, call: &Call) -> Result<Answer, Error> {
        script.answer(call, Instant::now() + Duration::from_secs(50))
    }

    #[test]
    fn answers_come_in_order_and_what_is_not_written_is_told() {
        let script = Script::new(vec![
            expected("/1", 201, Times::Any),
            expected("/2", 202, Times::Exactly(2)),
            expected("/1", 203, Times::Exactly(1)),
        ]);
        let status = |path: &str| answer(&script, &call(path)).map(|answer| answer.status);
        assert_eq!((status("/1"), status("/1")), (Ok(201), Ok(201)));
        assert_eq!(status("/2"), Ok(202));
        let refused = status("/1").unwrap_err();
        assert_eq!(refused.message, "no answer is written for GET /1?b=2&a=1");
        assert_eq!(script.unused(), [(1, 1), (2, 0)]);
        assert_eq!((status("/2"), status("/1")), (Ok(202), Ok(203)));
        assert!(script.unused().is_empty());
        let asked = script.asked();
        let turns: Vec<_> = asked.iter().map(|one| (one.entry, one.turn)).collect();
        let (first, second, third) = (Some(0), Some(1), Some(2));
        assert_eq!(
            turns,
            [(first, 0), (first, 0), (second, 1), (None, 1), (second, 1), (third, 2)]
        );
    }

    #[test]
    fn a_parameter_may_have_any_value() {
        let entry = |query: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let query = query.iter().map(pair).collect();
            Expected { query, ..expected("/1", 200, Times::Any) }
        };
        let table = [
            (entry(&[("a", "1"), ("b", "2")]), true),
            (entry(&[("b", "*"), ("a", "*")]), true),
            (entry(&[("a", "*"), ("b", "3")]), false),
            (entry(&[("a", "*")]), false),
            (entry(&[("a", "*"), ("b", "*"), ("c", "*")]), false),
        ];
        for (entry, fits) in table {
            assert_eq!(entry.fits(&call("/1")), fits, "{:?}", entry.query);
        }
        // Of one name twice, the value that is named is not given away.
        let twice =
            Call { query: vec![("a".into(), "1".into()), ("a".into(), "2".into())], ..call("/1") };
        assert!(entry(&[("a", "*"), ("a", "1")]).fits(&twice));
    }

    #[test]
    fn the_clock_goes_ahead_by_what_would_have_been_waited() {
        let silence = Error { kind: Kind::Timeout, message: String::new() };
        let silent = Expected { answer: Err(silence), ..expected("/1", 0, Times::Any) };
        let script = Script::new(vec![silent]).patient(Duration::from_secs(20));
        let begun = Instant::now();
        // Waiting is noted when it is asked for.
        drop(script.wait(Duration::from_secs(100)));
        let deadline = begun + Duration::from_secs(130);
        for _ in 0..2 {
            assert!(script.answer(&call("/1"), deadline).is_err());
        }
        let ahead = script.now() - Instant::now();
        assert!(ahead <= Duration::from_secs(130) && ahead > Duration::from_secs(120), "{ahead:?}");
        let waited: Vec<u64> = script.asked().iter().map(|one| one.waited.as_secs()).collect();
        assert_eq!(waited, [100, 0]);
    }
}
