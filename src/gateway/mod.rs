//! The traffic on the deck: SCIM requests become vendor calls, and their answers SCIM again.

pub mod live;
pub mod trace;

pub use live::Live;
pub use trace::Trace;

use crate::{metrics::Metrics, scim};
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::time::Instant;

/// One tenant's gateway.
pub struct Gateway {
    tenant: Arc<str>,
    live: ArcSwap<Live>,
    metrics: Arc<Metrics>,
}

/// What a request brings from outside: time enters here and nowhere below.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// The request's one instant.
    pub now: jiff::Timestamp,
    /// The client gives up after this; no call begins later.
    pub deadline: Instant,
}

impl Gateway {
    /// A gateway for `tenant` over what is live now.
    pub fn new(tenant: &str, live: Live, metrics: Arc<Metrics>) -> Self {
        Self { tenant: tenant.into(), live: ArcSwap::from_pointee(live), metrics }
    }

    /// What is live now. A request takes it once and keeps it to its end.
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// Swaps plan and upstream as one; requests under way keep the old ones.
    pub fn swap(&self, live: Live) {
        self.live.store(Arc::new(live));
    }

    /// Serves one request. The Trace tells what was done, whatever came of it.
    pub async fn handle(
        &self,
        _live: &Arc<Live>,
        _request: scim::message::Request,
        _arrival: Arrival,
    ) -> (Result<scim::message::Response, scim::error::Error>, Trace) {
        let _ = (&self.tenant, &self.metrics);
        (Err(scim::error::Error::new(501, "not built yet")), Trace::default())
    }
}
