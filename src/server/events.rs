//! What was done for a request or for the journal, as lines of the log.

use crate::{
    gateway::trace::{self, Exchange, Matter, Notice, Trace, millis},
    mapping::plan::Meaning,
};

/// Writes a line for every answer of the vendor's that was no success, by the line of the mapping that says so, and for
/// everything else that an operator should know of what was done. `request_id` is the request's, or kind and id of what the
/// journal has something for.
pub fn tell(request_id: &str, tenant: &str, trace: &Trace) {
    trace.exchanges.iter().for_each(|exchange| exchanged(request_id, tenant, exchange));
    if let Some(fault) = &trace.fault {
        let (kind, place, why) = (fault.kind, &fault.place, fault.message.as_str());
        match kind {
            "store" => tracing::error!(request_id, tenant, %place, why, "store failed"),
            _ => {
                tracing::warn!(request_id, tenant, kind, %place, why, "mapping and vendor do not fit");
            }
        }
    }
    if let Some(number) = &trace.acknowledged {
        tracing::warn!(request_id, tenant, number, "acknowledged before the vendor has it");
    }
    for remark in &trace.remarks {
        tracing::warn!(request_id, tenant, remark);
    }
    for Notice { what, attribute, place } in &trace.notices {
        match what {
            Matter::Unreadable => {
                tracing::warn!(request_id, tenant, attribute, %place, "vendor value left out");
            }
            Matter::Unshown => {
                tracing::warn!(request_id, tenant, attribute, %place, "change not shown");
            }
        }
    }
}

fn exchanged(request_id: &str, tenant: &str, exchange: &Exchange) {
    let (call, ms) = (exchange.call.name.as_str(), millis(exchange.took));
    let status = match (&exchange.outcome, &exchange.trouble) {
        (Ok(status), Some(_)) => *status,
        (Ok(_), None) => return,
        (Err(error), _) => {
            let (kind, error) = (error.kind.word(), error.message.as_str());
            let place = &exchange.call.place;
            return tracing::warn!(
                request_id, tenant, call, %place, kind, error, ms, "vendor silent"
            );
        }
    };
    let Some(trouble) = &exchange.trouble else { return };
    let (means, place) = (trace::word(trouble.means), &trouble.place);
    if exchange.credential_refused() {
        tracing::error!(
            request_id, tenant, call, %place, means, status, ms,
            "vendor refused the gateway's own credential"
        );
    } else if trouble.means == Meaning::NotFound {
        // Every client asks now and then for somebody who is gone.
        tracing::debug!(request_id, tenant, call, %place, means, status, ms, "vendor refused");
    } else {
        tracing::warn!(request_id, tenant, call, %place, means, status, ms, "vendor refused");
    }
}
