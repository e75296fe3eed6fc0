//! The requests of a file, each with the calls that it causes.

use super::{remark, shown::Shown, tenant};
use crate::{
    cli::{
        exchange::{Exchange, File},
        say,
    },
    gateway::{
        Live,
        exercised::How,
        rehearsal::{self, Rehearsed},
    },
    mapping::{explain::outside, plan::Plan},
    upstream::{
        Client, Upstream,
        script::{Expected, Script},
    },
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Every request of the file.
pub async fn all(
    plan: Plan,
    file: &File,
    said: &Map<String, Value>,
    live_reads: bool,
) -> Result<(), String> {
    let plan = Arc::new(plan);
    let mut told = Vec::new();
    for exchange in &file.exchanges {
        let mut given = file.tenant.clone();
        given.extend(exchange.tenant.clone());
        given.extend(said.clone());
        let mut tenant = tenant::of(&plan, &given, live_reads)?;
        tenant.hidden.extend(tenant::passwords(&exchange.request.body));
        if tenant.legend != told {
            tenant.legend.iter().for_each(remark);
            told.clone_from(&tenant.legend);
            if let Some(fetch) = &tenant.fetch {
                remark(
                    "the token that signs the calls is fetched once, and renewed before its end",
                );
                let mut spelled: Vec<String> =
                    tenant.hidden.iter().flat_map(|hidden| hidden.spelled(fetch)).collect();
                spelled.dedup();
                spelled.iter().for_each(remark);
                say(fetch);
            }
        }
        let line = format!("{} {}", exchange.request.method, exchange.request.address);
        // A bare request has no name but itself.
        if exchange.name != line {
            remark(&exchange.name);
        }
        remark(line);
        let world: Arc<dyn Upstream> = match live_reads {
            false => Arc::new(script(exchange)),
            true => {
                let client = Client::new("explain", tenant.settings.clone(), Arc::default());
                Arc::new(client.map_err(|error| error.message)?)
            }
        };
        let shown = Arc::new(Shown::new(world, &plan, tenant.curl, tenant.hidden, live_reads));
        let upstream = Arc::clone(&shown) as Arc<dyn Upstream>;
        let variables = Arc::new(tenant.variables);
        let live = Live::new(Arc::clone(&plan), upstream, variables, exchange.client, 1);
        let rows = exchange.rows(&plan, file.now);
        let Rehearsed { wire, uses, .. } =
            rehearsal::rehearse(live, rows, &exchange.request, file.now).await;
        let judged = uses.iter().filter(|used| used.how == How::Judged);
        judged.filter_map(|used| outside(&plan, used.at)).for_each(remark);
        if shown.conclude(wire.status) {
            continue;
        }
        remark(format!("-> {}", wire.status));
        if wire.status >= 500 {
            remark("   this request fails: the mapping or the answers do not fit, see the detail");
        }
        if let Some(body) = &wire.body {
            remark(format!("   {body}"));
        }
        say("");
    }
    Ok(())
}

/// The answers that stand beside a request.
fn script(exchange: &Exchange) -> Script {
    let expected = exchange.calls.iter().map(|call| Expected {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        answer: call.answer.clone(),
        times: call.times,
    });
    Script::new(expected.collect())
}
