//! When to try again: how long to pause, and what a vendor says about it. Pure; the loop stands in
//! the gateway, which knows what an answer means.

use super::{Answer, settings::Retries};
use http::header::RETRY_AFTER;
use std::time::Duration;

/// A vendor's word on when to go on is not believed beyond an hour.
pub const LONGEST: Duration = Duration::from_secs(3_600);

impl Retries {
    /// The pause after `attempt` (from 1) failed; nothing when it was the last. What the vendor
    /// told is obeyed exactly; else the pause is a random part (`jitter`, 0 to 1) of twice the one
    /// before, so that those that failed together do not come back together.
    pub fn pause(&self, attempt: u32, told: Option<Duration>, jitter: f64) -> Option<Duration> {
        if attempt > self.times {
            return None;
        }
        let doubled = self.first.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        Some(told.unwrap_or_else(|| doubled.min(self.longest).mul_f64(jitter.clamp(0.0, 1.0))))
    }
}

/// What `Retry-After` says: seconds, with a fraction too, or a date (RFC 9110 §10.2.3). Not told, where it is
/// neither; at most an hour, which also keeps instants within what can be counted.
pub fn told(answer: &Answer, now: jiff::Timestamp) -> Option<Duration> {
    let value = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let told = seconds.is_finite() && seconds >= 0.0;
        return told.then(|| Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST));
    }
    // A date that has passed: at once.
    Some(Duration::try_from(date(value)?.duration_since(now)).unwrap_or_default().min(LONGEST))
}

/// A date as headers have it (RFC 9110 §5.6.7).
pub fn date(text: &str) -> Option<jiff::Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let retries = Retries {
            times: 4,
            first: Duration::from_millis(100),
            longest: Duration::from_millis(500),
        };
        let pauses: Vec<_> = (1..=5)
            .map(|attempt| retries.pause(attempt, None, 1.0).map(|p| p.as_millis()))
            .collect();
        assert_eq!(pauses, [Some(100), Some(200), Some(400), Some(500), None]);
        assert_eq!(retries.pause(1, None, 0.5), Some(Duration::from_millis(50)));
        assert_eq!(
            retries.pause(1, Some(Duration::from_secs(7)), 0.5),
            Some(Duration::from_secs(7))
        );
        assert_eq!(retries.pause(5, Some(Duration::from_secs(7)), 0.5), None);
    }

    #[test]
    fn a_vendor_tells_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let table = [
            ("120", Some(120_000)),
            ("1.5", Some(1_500)),
            ("0", Some(0)),
            ("3601", Some(3_600_000)),
            ("1e300", Some(3_600_000)),
            ("18446744073709551615", Some(3_600_000)),
            ("Thu, 21 Nov 2126 10:00:30 GMT", Some(3_600_000)),
            ("-3", None),
            ("inf", None),
            ("NaN", None),
            ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30_000)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("soon", None),
        ];
        for (value, millis) in table {
            let mut answer = Answer::default();
            answer.headers.insert(RETRY_AFTER, value.parse().unwrap());
            assert_eq!(told(&answer, now).map(|told| told.as_millis()), millis, "{value}");
        }
        assert_eq!(told(&Answer::default(), now), None);
    }
}
