//! Rehearsal: one written request through the production engine, over an Upstream of the caller's
//! choice. `test` and `explain` are this.

use super::{Arrival, Caller, Gateway, Live, exercised::Use, made, serve::Asked};
use crate::{
    mapping::plan::Plan,
    metrics::Metrics,
    scim::{
        conditions::Preconditions,
        dialect::Dialect,
        discovery::{Authentication, Bulk},
        encode::{self, Wire},
        error::Error,
    },
    store::{Batch, Change, Holding, Refusal, Scope, Store, sqlite::Sqlite},
};
use http::Method;
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Where a rehearsed gateway stands.
pub const BASE: &str = "https://gateway.example/scim/v2";
/// The same as in production; a Script answers at once.
const DEADLINE: Duration = Duration::from_secs(50);

/// The server's defaults, here and below.
const BULK: Bulk = Bulk { max_operations: 100, max_payload_size: 1024 * 1024 };
const LIST_RESULTS: usize = 100_000;
/// Nobody calls; a tenant's clients mostly do so.
const AUTHENTICATION: [Authentication; 1] = [Authentication::Bearer];

/// Whose rows a rehearsal's are.
const TENANT: &str = "rehearsal";

/// A SCIM request as a file writes it.
#[derive(Debug, Clone)]
pub struct Written {
    /// HTTP method.
    pub method: Method,
    /// Below the SCIM base, with its query.
    pub address: String,
    /// JSON, or null for none.
    pub body: Value,
    /// `If-Match`
    pub if_match: Option<String>,
    /// `If-None-Match`
    pub if_none_match: Option<String>,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Rehearsed {
    /// What the client would see.
    pub wire: Wire,
    /// What the store holds then, where the mapping keeps something.
    pub held: Vec<(Scope, Holding)>,
    /// What of the mapping was used.
    pub uses: BTreeSet<Use>,
}

/// Runs one request. `rows` is what the store holds at first, each with its kind.
pub async fn rehearse(
    live: Live,
    rows: Vec<(String, Change)>,
    written: &Written,
    now: jiff::Timestamp,
) -> Rehearsed {
    let store = match filled(&live.plan, rows).await {
        Ok(store) => store,
        Err(why) => {
            let wire = encode::error(&Error::new(500, why));
            return Rehearsed { wire, ..Rehearsed::default() };
        }
    };
    let keeping = store.clone().map(|store| store as Arc<dyn Store>);
    let metrics = Arc::new(Metrics::default());
    let gateway = Gateway::new(TENANT, live, metrics).keeping(keeping).noting();
    let wire = one(&gateway, written, now).await;
    let uses = gateway.into_uses();
    let held = match &store {
        Some(store) => store.contents().await,
        None => Ok(Vec::new()),
    };
    match held {
        Ok(held) => Rehearsed { wire, held, uses },
        Err(error) => {
            let wire = encode::error(&Error::new(500, error.to_string()));
            Rehearsed { wire, uses, ..Rehearsed::default() }
        }
    }
}

async fn one(gateway: &Gateway, written: &Written, now: jiff::Timestamp) -> Wire {
    let (path, query) = match written.address.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (written.address.as_str(), None),
    };
    let body = match &written.body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let preconditions = Preconditions {
        if_match: written.if_match.as_deref(),
        if_none_match: written.if_none_match.as_deref(),
    };
    let (method, dialect) = (&written.method, Dialect::default());
    let asked = Asked { method, path, query, body: &body, preconditions, dialect };
    let deadline = Instant::now() + DEADLINE;
    let arrival = Arrival {
        now,
        make: made::by_name,
        deadline,
        bulk: BULK,
        list_results: LIST_RESULTS,
        authentication: &AUTHENTICATION,
        base: BASE,
        caller: Caller::default(),
    };
    gateway.serve(&gateway.live(), asked, arrival).await.0
}

/// The store with these rows in it.
async fn filled(plan: &Plan, rows: Vec<(String, Change)>) -> Result<Option<Arc<Sqlite>>, String> {
    let Some(store) = in_memory(plan).map_err(|refusal| refusal.message)? else { return Ok(None) };
    // One batch, so that each id has the version 1.
    let batch = rows
        .into_iter()
        .fold(Batch::new(TENANT), |batch, (kind, change)| batch.with(kind.as_str(), change));
    store.write(batch).await.map_err(|error| format!("the rows of `store`: {error}"))?;
    Ok(Some(store))
}

/// A store in memory, where the mapping keeps something: what is written there ends with it.
pub fn store(plan: &Plan) -> Result<Option<Arc<dyn Store>>, Refusal> {
    Ok(in_memory(plan)?.map(|store| store as Arc<dyn Store>))
}

fn in_memory(plan: &Plan) -> Result<Option<Arc<Sqlite>>, Refusal> {
    if plan.needs().is_empty() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Sqlite::in_memory(Arc::default())?)))
}
