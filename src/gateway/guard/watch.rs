//! The guard of one tenant at work: it counts, and tells in log and metrics when it begins and ends to hold back.

use super::{Limit, Standing, counts::Counts};
use crate::{
    metrics::{self, Metrics},
    store::{Error, Store, Tally},
};
use jiff::Timestamp;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

/// The guard of one tenant. It counts in the store that it is given; without one, here.
pub struct Guard {
    /// Whose it is.
    pub tenant: Arc<str>,
    limit: Limit,
    counts: Counts,
    shown: metrics::Guard,
    /// As the log knows it.
    tripped: AtomicBool,
}

impl Guard {
    /// One that has told nobody anything yet.
    pub fn new(tenant: Arc<str>, limit: Limit, metrics: &Metrics) -> Self {
        let shown = metrics.guard(&tenant);
        let counts = Counts::new(tenant.clone(), limit);
        Self { tenant, limit, counts, shown, tripped: AtomicBool::new(false) }
    }

    /// Counts one whose access ends. How it stands where that is held back.
    pub async fn count(
        &self,
        store: Option<&dyn Store>,
        kind: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Standing>, Error> {
        if self.counts.count(store, kind, id, now).await? {
            // Of what is counted metrics hear when they are read: a request does not wait for that. Nor does it fail
            // because nobody can be told now that others pass again.
            if self.tripped.load(Relaxed) {
                let _ = self.standing(store, now).await;
            }
            return Ok(None);
        }
        self.shown.refused();
        self.standing(store, now).await.map(Some)
    }

    /// How it stands; log and metrics say so too.
    pub async fn standing(
        &self,
        store: Option<&dyn Store>,
        now: Timestamp,
    ) -> Result<Standing, Error> {
        let tally = self.counts.tally(store, now).await?;
        Ok(self.tell(&tally))
    }

    /// What has counted was meant: it counts no more. How many that were.
    pub async fn release(&self, store: Option<&dyn Store>, now: Timestamp) -> Result<u64, Error> {
        let released = self.counts.tally(store, now).await?.counted;
        self.counts.release(store).await?;
        tracing::info!(tenant = &*self.tenant, released, "the guard was released");
        self.tripped.store(false, Relaxed);
        self.shown.stands(0, false);
        Ok(released)
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
}
