//! Heard: what an answer says of the vendor's limits.

use crate::upstream::{
    Answer,
    retry::{self, LONGEST},
    settings::Limits,
};
use http::HeaderMap;
use std::time::Duration;

/// Numbers above this are seconds since 1970, not seconds from now.
const EPOCH: f64 = 1e9;
/// Numbers above this are milliseconds since 1970.
const EPOCH_MILLIS: f64 = 1e11;

/// What one answer says.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Heard {
    /// It refuses the call because there are too many.
    pub refused: bool,
    /// Nobody shall call for so long.
    pub pause: Option<Duration>,
    /// So many calls are left, and after so long there are more.
    pub left: Option<(u64, Duration)>,
}

impl Heard {
    /// Of an answer that came `now`.
    pub fn of(answer: &Answer, limits: &Limits, now: jiff::Timestamp) -> Self {
        let asks = matches!(answer.status, 429 | 503);
        Self {
            refused: answer.status == 429,
            pause: if asks { retry::told(answer, now) } else { None },
            left: left(&answer.headers, limits, now),
        }
    }
}

fn left(headers: &HeaderMap, limits: &Limits, now: jiff::Timestamp) -> Option<(u64, Duration)> {
    let text = |name: &Option<String>| headers.get(name.as_deref()?)?.to_str().ok().map(str::trim);
    let remaining: f64 = text(&limits.remaining)?.parse().ok()?;
    let reset = reset(text(&limits.reset)?, now)?;
    // A cast of a float ends at the bounds of its type; some vendors count below nothing.
    (!remaining.is_nan()).then_some((u64::from(remaining as u32), reset))
}

/// How long it is until then: seconds, seconds since 1970, milliseconds since 1970, or a date. One that has passed is
/// nothing, and none is believed beyond an hour.
fn reset(text: &str, now: jiff::Timestamp) -> Option<Duration> {
    let since_1970 = now.as_millisecond() as f64 / 1e3;
    let seconds = match text.parse::<f64>() {
        Ok(number) if number >= EPOCH_MILLIS => number / 1e3 - since_1970,
        Ok(number) if number >= EPOCH => number - since_1970,
        Ok(number) => number,
        Err(_) => {
            let dated = retry::date(text).or_else(|| text.parse().ok())?;
            dated.as_millisecond() as f64 / 1e3 - since_1970
        }
    };
    let wait = || Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST);
    seconds.is_finite().then(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::RETRY_AFTER;

    const NOW: &str = "2026-11-21T10:00:00Z";

    fn limits() -> Limits {
        let name = |name: &str| Some(name.to_owned());
        Limits { remaining: name("x-left"), reset: name("x-reset"), ..Limits::default() }
    }

    fn heard(status: u16, headers: &[(&'static str, &str)]) -> Heard {
        let mut answer = Answer { status, ..Answer::default() };
        for (name, value) in headers {
            answer.headers.insert(*name, value.parse().unwrap());
        }
        Heard::of(&answer, &limits(), NOW.parse().unwrap())
    }

    #[test]
    fn a_reset_is_seconds_an_epoch_or_a_date() {
        let table = [
            ("30", Some(30_000)),
            ("0.25", Some(250)),
            ("1795255230", Some(30_000)),
            ("1795255230.5", Some(30_500)),
            ("1795255230250", Some(30_250)),
            ("1795255000", Some(0)),
            ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30_000)),
            ("2026-11-21T10:00:30Z", Some(30_000)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("3601", Some(3_600_000)),
            ("1e300", Some(3_600_000)),
            ("-5", Some(0)),
            ("inf", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ];
        for (value, millis) in table {
            let left = heard(200, &[("x-left", "3"), ("x-reset", value)]).left;
            assert_eq!(left.map(|(_, reset)| reset.as_millis()), millis, "{value}");
        }
    }

    #[test]
    fn what_is_left_is_a_number_beside_a_reset() {
        for (value, left) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("12.9", Some(12)),
            ("-1", Some(0)),
            ("NaN", None),
            ("many", None),
        ] {
            let heard = heard(200, &[("x-left", value), ("x-reset", "5")]);
            assert_eq!(heard.left.map(|(left, _)| left), left, "{value}");
        }
        assert_eq!(heard(200, &[("x-left", "0")]).left, None, "until when, nobody knows");
    }

    #[test]
    fn retry_after_is_a_word_to_all_with_429_and_503_alone() {
        let five = Some(Duration::from_secs(5));
        let table = [(429, true, five), (503, false, five), (500, false, None), (200, false, None)];
        for (status, refused, pause) in table {
            let found = heard(status, &[(RETRY_AFTER.as_str(), "5")]);
            assert_eq!((found.refused, found.pause), (refused, pause), "{status}");
        }
        assert_eq!(heard(429, &[]).pause, None);
    }
}
