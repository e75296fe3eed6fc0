//! How many in what time.

use jiff::{SignedDuration, Timestamp};
use std::{fmt, time::Duration};

/// What the guard lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Distinct resources that may be deactivated or deleted within the time.
    pub most: u64,
    /// For so long each of them counts.
    pub within: Duration,
}

/// How many people a tenant has is nobody's to know here, so it is a number and no share. A hundred an hour is more than
/// leave a company of thousands on a usual day, and what a client that has gone wrong takes from it in its first minute.
impl Default for Limit {
    fn default() -> Self {
        Self { most: 100, within: Duration::from_secs(60 * 60) }
    }
}

impl Limit {
    /// What was counted then or before counts no more at `now`.
    pub fn after(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.within).unwrap_or(Timestamp::MIN)
    }

    /// The time as the configuration writes it: `1h`.
    pub fn time(&self) -> String {
        let within = SignedDuration::try_from(self.within).unwrap_or(SignedDuration::MAX);
        format!("{within:#}")
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.most, self.time())
    }
}
