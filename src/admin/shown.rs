//! What the metrics show of the tenants at each scrape: time alone changes it, and other replicas.

use super::tenants::Gateways;
use crate::metrics::Metrics;
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::timeout;

/// Who scrapes gives up soon, and the metrics of the rest are worth more than those of the store.
const MOMENT: Duration = Duration::from_secs(1);

/// Has the metrics show how each guard stands now, and how much there is in each journal. What the store does not say in
/// a moment stays as it was.
pub async fn show(gateways: &Gateways, metrics: &Metrics, now: Timestamp) {
    let guards = gateways.iter().map(|(_, gateway)| gateway.guard(now));
    let journals = gateways.iter().filter(|(_, gateway)| gateway.journals());
    let journals = journals.map(async |(tenant, gateway)| {
        if let Ok(depth) = gateway.depth().await {
            let oldest = depth.oldest.map(Timestamp::as_second);
            metrics.journal(tenant, depth.waiting, depth.dead, oldest);
        }
    });
    let _ = timeout(MOMENT, join(join_all(guards), join_all(journals))).await;
}
