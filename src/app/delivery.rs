//! Delivery: what is in the journal of a tenant is carried out while the process runs.

use crate::{
    gateway::{Arrival, Gateway, delivery::deliveries::Deliveries},
    server::events,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::{future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

/// How often the journal is looked at: what another process has entered is found by that alone.
const EVERY: Duration = Duration::from_secs(1);

/// Begins to carry out what is in the journals of all tenants, until it is told to stop; ends when what is under way
/// then has ended. Each has so much time as a request has.
pub fn start(
    gateways: Vec<(Arc<str>, Arc<Gateway>)>,
    within: Duration,
    stop: watch::Receiver<bool>,
) -> impl Future<Output = ()> {
    let tasks = gateways.into_iter().map(|(tenant, gateway)| {
        let stop = stop.clone();
        tokio::spawn(async move { of(&tenant, gateway, within, stop).await })
    });
    let tasks: Vec<_> = tasks.collect();
    async { drop(join_all(tasks).await) }
}

async fn of(
    tenant: &str,
    gateway: Arc<Gateway>,
    within: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let arrival = move || Arrival::of_nobody(now(), Instant::now() + within);
    let mut deliveries = Deliveries::of(gateway.clone(), arrival);
    // A reload may take the journal away, and another one bring it back; a store comes with a start alone.
    while gateway.remembers() && !*stop.borrow() {
        // What the store cannot answer, readiness says.
        let next = deliveries.look().await.ok().flatten();
        let mut over = pin!(sleep(next.map_or(EVERY, |next| next.min(EVERY))));
        loop {
            tokio::select! {
                () = &mut over => break,
                Some((resource, trace)) = deliveries.ended() => {
                    events::tell(&resource, tenant, &trace);
                    if deliveries.hurry() {
                        break;
                    }
                }
                _ = stop.changed() => break,
            }
        }
    }
    deliveries.stop();
    while let Some((resource, trace)) = deliveries.ended().await {
        events::tell(&resource, tenant, &trace);
    }
}

#[expect(clippy::disallowed_methods, reason = "where the time enters by which deliveries are due")]
fn now() -> Timestamp {
    Timestamp::now()
}
