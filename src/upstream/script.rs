//! Script: an Upstream that answers from a list and notes what was asked. `test` and `explain` run
//! the production engine over it.

use super::{Answer, Call, Error, Upstream, call::Pending, error::Kind};
use http::Method;
use std::{
    sync::{Mutex, PoisonError},
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

/// Canned answers, strictly in order.
#[derive(Debug)]
pub struct Script {
    expected: Vec<Expected>,
    // A std mutex: held for a look-up only.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    at: usize,
    used: u32,
    counts: Vec<u32>,
    asked: Vec<(Call, Option<usize>)>,
}

impl Script {
    /// Answers from `expected`, first to last.
    pub fn new(expected: Vec<Expected>) -> Self {
        let state = State { counts: vec![0; expected.len()], ..State::default() };
        Self { expected, state: Mutex::new(state) }
    }

    /// Every call that was made, with the entry that answered it.
    pub fn asked(&self) -> Vec<(Call, Option<usize>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    /// Entries that were asked less often than they say.
    pub fn unused(&self) -> Vec<usize> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let short = |index: &usize| match self.expected.get(*index).map(|entry| entry.times) {
            Some(Times::Exactly(times)) => {
                state.counts.get(*index).is_some_and(|used| *used < times)
            }
            _ => false,
        };
        (0..self.expected.len()).filter(short).collect()
    }

    fn answer(&self, call: &Call) -> Result<Answer, Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // An entry that is used up, or may be left, gives way to the next that fits.
        while let Some(entry) = self.expected.get(state.at) {
            let left = match entry.times {
                Times::Exactly(times) => state.used < times,
                Times::Any => true,
            };
            if left && fits(entry, call) {
                let at = state.at;
                state.used += 1;
                if let Some(count) = state.counts.get_mut(at) {
                    *count += 1;
                }
                state.asked.push((call.clone(), Some(at)));
                return entry.answer.clone();
            }
            if left && matches!(entry.times, Times::Exactly(_)) {
                break;
            }
            state.at += 1;
            state.used = 0;
        }
        state.asked.push((call.clone(), None));
        let message = format!("no answer is written for {} {}", call.method, address(call));
        Err(Error { kind: Kind::Invalid, message })
    }
}

fn fits(entry: &Expected, call: &Call) -> bool {
    let sorted = |query: &[(String, String)]| {
        let mut query = query.to_vec();
        query.sort();
        query
    };
    entry.method == call.method
        && entry.path == call.path
        && sorted(&entry.query) == sorted(&call.query)
}

/// Path and query as a person reads them.
fn address(call: &Call) -> String {
    let query: Vec<String> =
        call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, query.join("&")) }
}

impl Upstream for Script {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _attempt: u32,
        _deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move { self.answer(call) })
    }

    fn wait<'a>(&'a self, _duration: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
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

    #[test]
    fn answers_come_in_order_and_what_is_not_written_is_told() {
        let script = Script::new(vec![
            expected("/1", 201, Times::Any),
            expected("/2", 202, Times::Exactly(2)),
            expected("/1", 203, Times::Exactly(1)),
        ]);
        let status = |path: &str| script.answer(&call(path)).map(|answer| answer.status);
        assert_eq!((status("/1"), status("/1")), (Ok(201), Ok(201)));
        assert_eq!(status("/2"), Ok(202));
        let refused = status("/1").unwrap_err();
        assert_eq!(refused.message, "no answer is written for GET /1?b=2&a=1");
        assert_eq!(script.unused(), [1, 2]);
        assert_eq!((status("/2"), status("/1")), (Ok(202), Ok(203)));
        assert!(script.unused().is_empty());
        assert_eq!(script.asked().len(), 6);
    }
}
