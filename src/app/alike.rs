//! Alike: whether the replicas of one store serve each tenant by the same mapping.
//!
//! While a changed one is taken up two stand side by side for seconds. Where that lasts, what one replica has promised
//! another may carry out by another mapping, at another address of the vendor: somebody must hear of it.

use crate::{gateway::Gateway, metrics::Metrics, store::Store};
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// As often as files are looked at, when nobody says how often.
const EVERY: Duration = Duration::from_secs(5);

/// Compares for ever, and tells when it changes.
pub async fn watch(
    store: Option<Arc<dyn Store>>,
    gateways: Vec<(Arc<str>, Arc<Gateway>)>,
    metrics: &Metrics,
) {
    let Some(store) = store else { return std::future::pending().await };
    let mut known = vec![0; gateways.len()];
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for ((tenant, gateway), known) in gateways.iter().zip(&mut known) {
            let live = gateway.live();
            // What the store cannot answer, readiness says.
            let Ok(others) = store.serves(tenant, &live.digest).await else { continue };
            metrics.differs(tenant, others);
            let (mapping, tenant) = (&*live.digest, &**tenant);
            match (std::mem::replace(known, others), others) {
                (before, others) if before == others => {}
                (_, 0) => {
                    tracing::info!(tenant, mapping, "all replicas serve by the same mapping again");
                }
                (_, others) => {
                    tracing::warn!(
                        tenant,
                        mapping,
                        others,
                        "other replicas serve by another mapping, with other variables or profile"
                    );
                }
            }
        }
    }
}
