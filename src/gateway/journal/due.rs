//! When an entry is due, by clocks that may be set.

use crate::{crash, store::Entry};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The clocks of two replicas do not differ by so much, and no call is on its way for so long: what lies further ahead was
/// written by a clock that was set back since.
pub const SKEW: Duration = Duration::from_secs(300);

/// An instant so much later; the last there is where there is none.
pub fn later(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// For how long a call that was given up may still land; none in a build that is to show what comes of that.
pub fn settles(large: Duration) -> Duration {
    if crash::off("settling") { Duration::ZERO } else { large }
}

/// How long it is from `now` until then; nothing where that is over.
pub fn until(then: Timestamp, now: Timestamp) -> Option<Duration> {
    let left = Duration::try_from(then.duration_since(now)).ok()?;
    (!left.is_zero()).then_some(left)
}

/// How long an entry still has to wait; nothing for one that is due. Where the clock was set back since that was decided,
/// it is due: nobody is to stay active for as long as the clock was ahead.
pub fn left(entry: &Entry, now: Timestamp) -> Option<Duration> {
    if is_ahead(entry, now) { None } else { until(entry.due, now) }
}

/// Whether the clock was set back since it was decided when an entry is due.
pub fn is_ahead(entry: &Entry, now: Timestamp) -> bool {
    entry.planned > later(now, SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Stage;
    use serde_json::Value;

    #[test]
    fn an_entry_waits_until_it_is_due_unless_the_clock_was_set_back() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let entry = |planned, due| Entry {
            number: "n".to_owned(),
            kind: "User".to_owned(),
            id: "ada".to_owned(),
            seq: 1,
            stage: Stage::Waiting,
            durable: true,
            acknowledged: false,
            intent: Value::Null,
            accepted: at(10_000),
            due: at(due),
            planned: at(planned),
            attempts: 1,
            progress: Value::Null,
            error: None,
        };
        // When it was planned, for when; now; what is left.
        let cases = [
            (10_000, 10_060, 10_000, Some(60)),
            (10_000, 10_060, 10_060, None),
            (10_000, 10_060, 99_999, None),
            // A vendor may ask for an hour.
            (10_000, 13_600, 10_001, Some(3_599)),
            // Another replica's clock is a little ahead.
            (10_300, 10_360, 10_000, Some(360)),
            // Set back, further than that.
            (10_301, 10_360, 10_000, None),
            (13_600, 13_601, 10_000, None),
            // Another build has not said when it was planned.
            (0, 10_060, 10_000, Some(60)),
        ];
        for (planned, due, now, wanted) in cases {
            let wanted = wanted.map(Duration::from_secs);
            assert_eq!(left(&entry(planned, due), at(now)), wanted, "{planned} {due} {now}");
        }
    }
}
