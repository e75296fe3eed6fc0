//! How a guard stands, as operators are told.

use super::Limit;
use crate::store::Tally;
use jiff::Timestamp;
use std::time::Duration;

/// How a guard stands at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it lets through.
    pub limit: Limit,
    /// Resources that count.
    pub counted: u64,
    /// It holds back all but those.
    pub tripped: Option<Tripped>,
}

/// From when to when a guard holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tripped {
    /// The first that was held back came then.
    pub since: Timestamp,
    /// Then the oldest that counts does so no more, and one other is let through.
    pub until: Timestamp,
}

impl Standing {
    /// What a tally of its window comes to.
    pub fn of(limit: Limit, tally: &Tally) -> Self {
        let Tally { counted, oldest, tripped } = *tally;
        // What was held back says nothing once there is room again.
        let tripped = tripped.filter(|_| counted >= limit.most).zip(oldest);
        let tripped = tripped.map(|(since, oldest)| Tripped {
            since,
            // Beyond the end of time it is never.
            until: oldest.checked_add(limit.within).unwrap_or(Timestamp::MAX),
        });
        Self { limit, counted, tripped }
    }

    /// How long it still holds back.
    pub fn rest(&self, now: Timestamp) -> Duration {
        let rest = self.tripped.map(|Tripped { until, .. }| until.duration_since(now));
        rest.and_then(|rest| Duration::try_from(rest).ok()).unwrap_or_default()
    }
}
