//! How long a token lasts, however its vendor says it.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use std::time::Duration;

/// Numbers from here on are seconds since 1970, those below are seconds from now: nobody gives a token out for thirty
/// years.
const EPOCH: f64 = 1e9;
/// Numbers from here on are milliseconds since 1970: as seconds they would be some year after 5000.
const MILLIS: f64 = 1e11;

/// How long from `now`: seconds, seconds or milliseconds since 1970, or a date, each also as a text. Nothing where it is
/// none of these; no time at all where it is over.
pub fn lasts(told: &Value, now: Timestamp) -> Option<Duration> {
    match told {
        Value::Number(number) => of_number(number.as_f64()?, now),
        Value::String(text) => match text.trim().parse() {
            Ok(number) => of_number(number, now),
            Err(_) => Some(until(date(text.trim())?, now)),
        },
        _ => None,
    }
}

fn of_number(number: f64, now: Timestamp) -> Option<Duration> {
    let seconds = if number < MILLIS { number } else { number / 1e3 };
    let told = Duration::try_from_secs_f64(seconds).ok()?;
    if number < EPOCH {
        return Some(told);
    }
    let since = Duration::try_from(now.duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default();
    Some(told.saturating_sub(since))
}

/// RFC 3339, the same without a zone, which then is UTC, or as HTTP has it.
fn date(text: &str) -> Option<Timestamp> {
    let plain = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    let http = || jiff::fmt::rfc2822::parse(text).ok();
    text.parse().ok().or_else(|| plain().or_else(http).map(|date| date.timestamp()))
}

fn until(date: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(date.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_vendor_says_it_in_its_own_way() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let seconds = now.as_second();
        let table = [
            (json!(3600), Some(3_600)),
            (json!(0), Some(0)),
            (json!(1.5), Some(1)),
            (json!("3600"), Some(3_600)),
            (json!(" 3600 "), Some(3_600)),
            (json!(seconds + 60), Some(60)),
            (json!((seconds + 60).to_string()), Some(60)),
            (json!((seconds + 60) * 1_000), Some(60)),
            (json!(seconds - 60), Some(0)),
            (json!("2026-11-21T10:01:00Z"), Some(60)),
            (json!("2026-11-21T11:01:00+01:00"), Some(60)),
            (json!("2026-11-21T10:01:00.250"), Some(60)),
            (json!("2026-11-21 10:01:00"), Some(60)),
            (json!("Sat, 21 Nov 2026 10:01:00 GMT"), Some(60)),
            (json!("2026-11-21T09:00:00Z"), Some(0)),
            (json!(-1), None),
            (json!("soon"), None),
            (json!("inf"), None),
            (json!("NaN"), None),
            (json!(""), None),
            (json!(true), None),
            (json!(null), None),
            (json!([3600]), None),
        ];
        for (told, expected) in table {
            assert_eq!(lasts(&told, now).map(|lasts| lasts.as_secs()), expected, "{told}");
        }
        // Whatever it is, it is no panic.
        for told in [json!(1e300), json!(1e12), json!("9999-12-31T23:59:59Z"), json!(u64::MAX)] {
            let _ = lasts(&told, now);
        }
    }
}
