//! The guard of one tenant at work: it counts, and tells in log and metrics when it begins and ends to hold back.

use super::{
    super::error::Failure,
    Limit, Standing,
    window::{Tally, Window},
};
use crate::metrics::{self, Metrics};
use jiff::Timestamp;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// The guard of one tenant.
pub struct Guard {
    tenant: Arc<str>,
    limit: Limit,
    // A std mutex: held to count only, never across an await.
    window: Mutex<Window>,
    shown: metrics::Guard,
    /// As the log knows it.
    tripped: AtomicBool,
}

impl Guard {
    /// One that has counted nobody yet.
    pub fn new(tenant: Arc<str>, limit: Limit, metrics: &Metrics) -> Self {
        let shown = metrics.guard(&tenant);
        Self { tenant, limit, window: Mutex::default(), shown, tripped: AtomicBool::new(false) }
    }

    /// Counts one whose access ends, or says why that is held back.
    pub fn count(&self, kind: &str, id: &str, now: Timestamp) -> Result<(), Failure> {
        let (passes, tally) = {
            let mut window = self.window();
            (window.count(self.limit, kind, id, now), window.tally(self.limit.within, now))
        };
        let standing = self.tell(&tally);
        if passes {
            return Ok(());
        }
        self.shown.refused();
        let (tenant, limit) = (self.tenant.to_string(), self.limit);
        let (most, within, rest) = (limit.most, limit.time(), standing.rest(now));
        Err(Failure::Guarded { tenant, most, within, rest })
    }

    /// How it stands; log and metrics say so too.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let tally = self.window().tally(self.limit.within, now);
        self.tell(&tally)
    }

    /// What has counted was meant: it counts no more. How many that were.
    pub fn release(&self) -> u64 {
        let released = self.window().clear();
        tracing::info!(tenant = &*self.tenant, released, "the guard was released");
        self.tripped.store(false, Relaxed);
        self.shown.stands(0, false);
        released
    }

    /// Begins and ends are told once, whoever sees them first.
    fn tell(&self, tally: &Tally) -> Standing {
        let standing = Standing::of(self.limit, tally);
        let tenant = &*self.tenant;
        self.shown.stands(standing.counted, standing.tripped.is_some());
        match (self.tripped.swap(standing.tripped.is_some(), Relaxed), standing.tripped) {
            (false, Some(tripped)) => {
                let (limit, until) = (self.limit, tripped.until);
                tracing::warn!(
                    tenant, %limit, %until,
                    "the guard holds back deactivations and deletions: `scimshim guard release` lets them through"
                );
            }
            (true, None) => tracing::info!(tenant, "the guard lets through again"),
            _ => {}
        }
        standing
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        // A panic while it counts leaves a count, no worse.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
