//! Asks whether the vendor is there and takes our credential: the mapping's `probe`.

use super::{Arrival, Context, Gateway, Live, error::Failure, exchange, probed::Probed};
use crate::mapping::translate::render;
use std::sync::Arc;
use tokio::time::Instant;

impl Gateway {
    /// Asks, or tells what was answered just now: whoever asks us cannot make us ask the vendor more often.
    pub async fn probe(&self, now: jiff::Timestamp, deadline: Instant) -> Probed {
        let live = self.live();
        self.memory.probed.or(live.generation, self.asked(&live, now, deadline)).await
    }

    async fn asked(&self, live: &Live, now: jiff::Timestamp, deadline: Instant) -> Probed {
        let upstream = &live.plan.upstream;
        // Where clients' own credentials go on, nobody here has one to ask with. A mapping without a resource is refused.
        let probe = upstream.probe.as_ref().filter(|_| upstream.passes_on().is_none());
        let (Some(step), Some(plan)) = (probe, live.plan.resources.first()) else {
            return Probed::Unasked;
        };
        let arrival = Arrival::of_nobody(now, deadline);
        let cx = Context::new(&self.tenant, live, plan, arrival, &self.memory, &self.metrics);
        let call = match render::call(step, &cx.scope()) {
            Ok(call) => Arc::new(call),
            Err(error) => return Probed::Ill(cx.judge(Failure::from(error)).detail),
        };
        match exchange::perform(&cx, step, &call, None).await {
            Ok(answer) => {
                let path = cx.withheld().black_out(&call.path);
                Probed::Well(format!("`GET {path}` was answered {}", answer.status))
            }
            Err(failure) => Probed::Ill(cx.judge(failure).detail),
        }
    }
}
