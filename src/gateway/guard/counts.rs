//! Where it is counted: in the store where there is one, for all replicas and over restarts; else in this process.

use super::{Limit, window::Window};
use crate::store::{Batch, Change, Clash, Error, Store, Tally};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What counts of one tenant.
pub struct Counts {
    tenant: Arc<str>,
    limit: Limit,
    // A std mutex: held to count only, never across an await.
    window: Mutex<Window>,
}

impl Counts {
    /// Nobody counts yet; of a store, whom it says.
    pub fn new(tenant: Arc<str>, limit: Limit) -> Self {
        Self { tenant, limit, window: Mutex::default() }
    }

    /// Counts the resource, unless it counts already. False: as many others do as may, and it was not.
    pub async fn count(
        &self,
        store: Option<&dyn Store>,
        kind: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let Some(store) = store else {
            return Ok(self.window().count(self.limit, kind, id, now));
        };
        let (id, most, after) = (id.to_owned(), self.limit.most, self.limit.after(now));
        let count = Change::Count { id, most, after, at: now };
        match store.write(self.batch().with(kind, count)).await {
            Ok(_) => Ok(true),
            Err(Error::Conflict(Clash::Guard)) => {
                // Apart from the batch that was refused, and so undone.
                store.write(self.batch().with(kind, Change::Trip { at: now })).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// What counts at `now`.
    pub async fn tally(&self, store: Option<&dyn Store>, now: Timestamp) -> Result<Tally, Error> {
        match store {
            Some(store) => store.tally(&self.tenant, self.limit.after(now)).await,
            None => Ok(self.window().tally(self.limit.within, now)),
        }
    }

    /// Nobody counts any more.
    pub async fn release(&self, store: Option<&dyn Store>) -> Result<(), Error> {
        match store {
            Some(store) => {
                store.write(self.batch().with(EVERY_KIND, Change::Release)).await.map(drop)
            }
            None => {
                self.window().clear();
                Ok(())
            }
        }
    }

    fn batch(&self) -> Batch {
        Batch::new(self.tenant.clone())
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        // A panic while it counts leaves a count, no worse.
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A release is of no kind.
const EVERY_KIND: &str = "";
