//! Pace: calls at even distances.

use std::time::Duration;
use tokio::time::Instant;

/// No distance is longer than a day.
const SLOWEST: f64 = 1.0 / 86_400.0;

/// When the next call is due.
///
/// A call that leaves late does not make the next one late: within `slack` they catch up. Timers are only good to
/// a millisecond, so without it a vendor's thousand in a second would be five hundred.
#[derive(Debug)]
pub struct Pace {
    due: Instant,
    slack: Duration,
}

impl Pace {
    /// The first is due now.
    pub fn new(slack: Duration, now: Instant) -> Self {
        Self { due: now, slack }
    }

    /// When a call may leave, `ahead` others first, at so many in a second.
    pub fn next(&self, rate: f64, ahead: u64, now: Instant) -> Option<Instant> {
        let due = self.due.max(now).checked_add(distance(rate, ahead)?)?;
        Some(due.checked_sub(self.slack).unwrap_or(now).max(now))
    }

    /// One leaves.
    pub fn leave(&mut self, rate: f64, now: Instant) {
        let due = self.due.max(now);
        self.due = distance(rate, 1).and_then(|one| due.checked_add(one)).unwrap_or(due);
    }
}

/// From one call to the one so many after it.
fn distance(rate: f64, calls: u64) -> Option<Duration> {
    Duration::try_from_secs_f64(calls as f64 / rate.max(SLOWEST)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_caught_up_with_and_idleness_is_not() {
        let begun = Instant::now();
        let at = |millis: u64| begun + Duration::from_millis(millis);
        let mut pace = Pace::new(Duration::from_millis(10), begun);
        let mut left = Vec::new();
        // A timer that wakes us three milliseconds late each time.
        let mut now = begun;
        for _ in 0..5 {
            now = pace.next(20.0, 0, now).unwrap().max(now) + Duration::from_millis(3);
            pace.leave(20.0, now);
            left.push((now - begun).as_millis());
        }
        assert_eq!(left, [3, 46, 96, 146, 196], "50 ms each");
        // After a second of nothing there is one at once, and not twenty.
        assert_eq!(pace.next(20.0, 0, at(1_200)), Some(at(1_200)));
        pace.leave(20.0, at(1_200));
        assert_eq!(pace.next(20.0, 0, at(1_200)), Some(at(1_240)));
        assert_eq!(pace.next(20.0, 3, at(1_200)), Some(at(1_390)), "three are ahead");
    }

    #[test]
    fn no_rate_is_too_slow_to_count() {
        let now = Instant::now();
        let pace = Pace::new(Duration::ZERO, now);
        for rate in [0.0, -1.0, f64::MIN_POSITIVE, f64::NAN] {
            assert_eq!(pace.next(rate, 1, now), Some(now + Duration::from_secs(86_400)), "{rate}");
            assert_eq!(pace.next(rate, u64::MAX, now), None, "{rate}");
        }
        assert_eq!(pace.next(f64::INFINITY, 1, now), Some(now));
    }
}
