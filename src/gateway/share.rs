//! The vendor's limits, kept together with the other replicas: the store holds what all may send.

use crate::{
    metrics::Metrics,
    store::{self, Store},
    upstream::{
        call::Pending,
        limit::allowance::{Allowance, Given, Rate},
    },
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::timeout;

/// A store that answers later is not asked: calls that wait for it would stand still with it.
const PATIENCE: Duration = Duration::from_millis(500);

/// One tenant's part in it.
pub struct Share {
    store: Arc<dyn Store>,
    tenant: Arc<str>,
    metrics: Arc<Metrics>,
    patience: Duration,
    /// The store did not answer last time; told when it changes.
    away: AtomicBool,
}

impl Share {
    /// Over a store that all replicas have.
    pub fn new(store: Arc<dyn Store>, tenant: Arc<str>, metrics: Arc<Metrics>) -> Self {
        Self { store, tenant, metrics, patience: PATIENCE, away: AtomicBool::new(false) }
    }

    /// The same that waits so long for the store.
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    async fn asked(&self, rate: store::Rate, wanted: u32) -> Given {
        let why = match timeout(self.patience, self.store.share(&self.tenant, rate, wanted)).await {
            Ok(Ok(share)) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!(tenant = &*self.tenant, "the vendor's limits are shared again");
                }
                return share.map_or(Given::Alone, |share| Given::Calls {
                    count: share.count,
                    wait: share.wait(),
                    apart: share.apart,
                });
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("the store did not answer within {:?}", self.patience),
        };
        self.metrics.unshared(&self.tenant);
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                tenant = &*self.tenant,
                why,
                "the vendor's limits are not shared: this replica keeps them for itself"
            );
        }
        Given::Away
    }
}

impl Allowance for Share {
    fn ask(&self, rate: Rate, wanted: u32) -> Pending<'_, Given> {
        Box::pin(self.asked(of(rate), wanted))
    }

    fn close(&self, rate: Rate, pause: Duration) {
        let (store, tenant) = (Arc::clone(&self.store), Arc::clone(&self.tenant));
        let patience = self.patience;
        // Where it fails the others hear it from the vendor.
        tokio::spawn(async move {
            let closed = store.close_share(&tenant, of(rate), pause);
            drop(timeout(patience, closed).await);
        });
    }
}

fn of(rate: Rate) -> store::Rate {
    match rate {
        Rate::Even(distance) => store::Rate::Even(distance),
        Rate::Window { most, length } => store::Rate::Window { most, length },
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
