//! How fast and how many at once: a place among the concurrent calls, a token of the rate, and
//! patience while the vendor's own headers say that nothing is left.

use super::{Error, error::Kind, settings::Limits};
use http::HeaderMap;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};

/// Numbers above this are seconds since 1970, not seconds from now.
const EPOCH: u64 = 1_000_000_000;
/// A vendor's word on when to go on is not believed beyond an hour.
pub const LONGEST: Duration = Duration::from_secs(3_600);

/// The limits of one vendor, shared by all its calls.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    places: Arc<Semaphore>,
    // A std mutex: held to look and count only, never across an await.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    filled: Instant,
    closed_until: Option<Instant>,
}

impl Limiter {
    /// Full at the start.
    pub fn new(limits: Limits) -> Self {
        let tokens = limits.requests.map_or(0.0, |(requests, _)| f64::from(requests));
        let places = Arc::new(Semaphore::new(limits.concurrent.max(1)));
        let state = State { tokens, filled: Instant::now(), closed_until: None };
        Self { limits, places, state: Mutex::new(state) }
    }

    /// Waits for a place; the permit is held while the call runs. No room before the deadline is
    /// an error, and nothing was sent.
    pub async fn enter(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Error> {
        let full = || Error {
            kind: Kind::Busy,
            message: "our own limits for this vendor left no room in time".to_owned(),
        };
        let places = Arc::clone(&self.places);
        let permit = timeout_at(deadline, places.acquire_owned()).await.map_err(|_| full())?;
        // The semaphore is never closed.
        let permit = permit.map_err(|_| full())?;
        while let Some(at) = self.wait_until() {
            if at > deadline {
                return Err(full());
            }
            sleep_until(at).await;
        }
        Ok(permit)
    }

    /// Takes a token, or says when to come back for one.
    fn wait_until(&self) -> Option<Instant> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some(until) = state.closed_until {
            if until > now {
                return Some(until);
            }
            state.closed_until = None;
        }
        let (requests, per) = self.limits.requests?;
        let rate = f64::from(requests) / per.as_secs_f64().max(0.001);
        let grown = now.duration_since(state.filled).as_secs_f64() * rate;
        state.tokens = (state.tokens + grown).min(f64::from(requests));
        state.filled = now;
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            return None;
        }
        let wait = Duration::try_from_secs_f64((1.0 - state.tokens) / rate).unwrap_or(LONGEST);
        Some(now + wait.min(LONGEST))
    }

    /// Learns from an answer: with nothing left, all calls wait until the vendor's reset.
    pub fn learn(&self, headers: &HeaderMap, now: jiff::Timestamp) {
        let number = |name: &Option<String>| -> Option<u64> {
            headers.get(name.as_deref()?)?.to_str().ok()?.trim().parse().ok()
        };
        if number(&self.limits.remaining) != Some(0) {
            return;
        }
        let Some(reset) = number(&self.limits.reset) else { return };
        let seconds = match reset {
            from_now if from_now < EPOCH => from_now,
            epoch => epoch.saturating_sub(u64::try_from(now.as_second()).unwrap_or(0)),
        };
        let wait = Duration::from_secs(seconds).min(LONGEST);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed_until = Some(Instant::now() + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon(millis: u64) -> Instant {
        Instant::now() + Duration::from_millis(millis)
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_is_kept_and_the_deadline_too() {
        let limits = Limits { requests: Some((2, Duration::from_secs(1))), ..Limits::default() };
        let limiter = Limiter::new(limits);
        let begun = Instant::now();
        for _ in 0..4 {
            drop(limiter.enter(soon(10_000)).await.unwrap());
        }
        assert_eq!(begun.elapsed().as_millis().div_ceil(100), 10, "two at once, two in a second");
        let refused = limiter.enter(soon(10)).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Busy);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_nothing_leaves_no_room() {
        for requests in [(0, Duration::from_secs(1)), (1, Duration::MAX)] {
            let limiter = Limiter::new(Limits { requests: Some(requests), ..Limits::default() });
            // The first token, where there is one.
            let _ = limiter.enter(soon(10)).await;
            assert_eq!(limiter.enter(soon(10)).await.unwrap_err().kind, Kind::Busy);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_at_once() {
        let limiter = Limiter::new(Limits { concurrent: 1, ..Limits::default() });
        let held = limiter.enter(soon(10)).await.unwrap();
        assert!(limiter.enter(soon(10)).await.is_err());
        drop(held);
        assert!(limiter.enter(soon(10)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_vendor_with_nothing_left_is_left_alone() {
        let limits = Limits {
            remaining: Some("x-left".into()),
            reset: Some("x-reset".into()),
            ..Limits::default()
        };
        let now: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for reset in ["5".to_owned(), (now.as_second() + 5).to_string()] {
            let limiter = Limiter::new(limits.clone());
            let mut headers = HeaderMap::new();
            headers.insert("x-left", "0".parse().unwrap());
            headers.insert("x-reset", reset.parse().unwrap());
            limiter.learn(&headers, now);
            assert!(limiter.enter(soon(4_000)).await.is_err(), "{reset}");
            assert!(limiter.enter(soon(6_000)).await.is_ok(), "{reset}");
        }
    }
}
