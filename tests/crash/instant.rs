//! Instant: when something happened, told alike by all processes of one machine.

use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// Nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Instant {
    /// Never, so later than all.
    pub const NEVER: Self = Self(u64::MAX);

    pub fn later(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by.as_nanos() as u64))
    }

    #[expect(clippy::disallowed_methods, reason = "two processes write down when it is")]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        Self(since.as_nanos() as u64)
    }
}
