//! Rehearsal: one written request through the production engine, over an Upstream of the caller's
//! choice. `test` and `explain` are this.

use super::{Arrival, Gateway, Live, Trace, serve::Asked};
use crate::{
    mapping::plan::Plan,
    metrics::Metrics,
    scim::{
        conditions::Preconditions,
        dialect::Dialect,
        discovery::Bulk,
        encode::{self, Wire},
        error::Error,
    },
    store::{Refusal, Store, sqlite::Sqlite},
};
use http::Method;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Where a rehearsed gateway stands.
pub const BASE: &str = "https://gateway.example/scim/v2";
/// The same as in production; a Script answers at once.
const DEADLINE: Duration = Duration::from_secs(50);

/// The server's defaults, here and below.
const BULK: Bulk = Bulk { max_operations: 100, max_payload_size: 1024 * 1024 };
const LIST_RESULTS: usize = 100_000;

/// A SCIM request as a file writes it.
#[derive(Debug, Clone)]
pub struct Written {
    /// HTTP method.
    pub method: Method,
    /// Below the SCIM base, with its query.
    pub address: String,
    /// JSON, or null for none.
    pub body: Value,
}

/// Runs one request and gives back what the client would see, and what was done.
pub async fn rehearse(live: Live, written: &Written, now: jiff::Timestamp) -> (Wire, Trace) {
    let (path, query) = match written.address.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (written.address.as_str(), None),
    };
    let body = match &written.body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let (preconditions, dialect) = (Preconditions::default(), Dialect::default());
    let asked = Asked { method: &written.method, path, query, body: &body, preconditions, dialect };
    let store = match store(&live.plan) {
        Ok(store) => store,
        Err(refusal) => {
            let error = Error::new(500, refusal.message);
            return (encode::error(&error), Trace::default());
        }
    };
    let gateway = Gateway::new("rehearsal", live, Arc::new(Metrics::default())).keeping(store);
    let deadline = Instant::now() + DEADLINE;
    let arrival = Arrival { now, deadline, bulk: BULK, list_results: LIST_RESULTS, base: BASE };
    gateway.serve(&gateway.live(), asked, arrival).await
}

/// A store in memory, where the mapping keeps something: what is written there ends with it.
pub fn store(plan: &Plan) -> Result<Option<Arc<dyn Store>>, Refusal> {
    if plan.needs().is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Sqlite::in_memory(Arc::new(Metrics::default()))?)))
}
