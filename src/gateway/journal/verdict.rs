//! What a failure means for a write that is in the journal.

use crate::{gateway::error::Failure, mapping::plan::Meaning, upstream::error::Kind};
use std::time::Duration;

/// What becomes of the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The write has come to its end: it was refused, and would be again.
    Refused,
    /// It is tried again, not before so long.
    Later(Option<Duration>),
    /// Nothing was tried: it waits for so long until a call that was given up cannot come any more.
    Settles(Duration),
}

/// Judges a failure. What a person can mend, a mapping or a credential, is no end: what waits is carried out when it is
/// mended.
pub fn of(failure: &Failure) -> Verdict {
    match failure.bare() {
        // SCIM's own rules and the mapping's word; what is missing in the mapping (501) as well.
        Failure::Refused(error) => match error.status {
            429 => Verdict::Later(error.retry_after.map(Duration::from_secs)),
            // 502: a part of it is a dead letter, or was dropped.
            400..=499 | 501 | 502 => Verdict::Refused,
            _ => Verdict::Later(None),
        },
        Failure::Vendor { means, named, retry_after, .. } => match means {
            Meaning::Invalid | Meaning::Conflict | Meaning::Forbidden => Verdict::Refused,
            Meaning::NotFound if named.is_some() => Verdict::Refused,
            _ => Verdict::Later(retry_after.map(Duration::from_secs)),
        },
        Failure::Silent { error, .. } => Verdict::Later(match error.kind {
            Kind::Busy(told) | Kind::Later(told) => told,
            Kind::Open(told) => Some(told),
            _ => None,
        }),
        Failure::Unsettled { after } => Verdict::Settles(Duration::from_secs(*after)),
        // It has come further each time, and is in no hurry to be put off.
        Failure::Unfinished { done: 1.., .. } => Verdict::Settles(FIRST),
        _ => Verdict::Later(None),
    }
}

/// The first pause; doubled with each try that came to nothing.
const FIRST: Duration = Duration::from_secs(1);
/// A vendor that was away for a day is asked again soon after it is back.
pub const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after so many tries. `chance` is between 0 and 1: those that failed together do not come back
/// together.
pub fn pause(attempts: u32, told: Option<Duration>, chance: f64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST);
    let jittered = doubled.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
    told.map_or(jittered, |told| told.min(Duration::from_secs(86_400)).max(jittered))
}
