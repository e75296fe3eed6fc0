//! A search that the vendor cannot serve: its list is read, and matched here.
//!
//! With `cache` the list is remembered for so long, for clients' searches alone. A create looks for a match in a list
//! that is read for it: an old one would make somebody twice. What is read back after a write is never out of it.

mod memory;

pub use memory::{Scans, Writing};

use super::{
    Context,
    error::{Failure, unsupported},
    found::{self, Found},
    linked, lookup, steps,
};
use crate::mapping::plan::Scan;

/// How old the list may be that is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It is read now.
    None,
    /// As the mapping says.
    Cache,
}

/// The list of an entry of `find` with `scan`.
pub async fn list(cx: &Context<'_>, scan: &Scan, age: Age) -> Result<Vec<Found>, Failure> {
    let most = scan.at_most.unwrap_or(cx.live.plan.upstream.scan);
    // What a vendor shows to one client's own credential is not another's to see.
    let shared = cx.live.upstream.whose().is_none();
    let Some(cache) = scan.cache.filter(|_| age == Age::Cache && shared) else {
        return everybody(cx, most).await;
    };
    let (kind, generation) = (cx.plan.kind.name.as_str(), cx.live.generation);
    let scans = &cx.memory.scans;
    let known = || {
        let records = scans.list(kind, generation, cache, cx.live.upstream.now());
        records.filter(|records| records.len() <= most)
    };
    if let Some(records) = known() {
        return found::remembered(cx, records.to_vec()).await;
    }
    // One reads, and all others wait for what it finds.
    let _turn = cx.turn_on(format!("scan {kind}")).await?;
    if let Some(records) = known() {
        return found::remembered(cx, records.to_vec()).await;
    }
    let (begun, ticket) = (cx.live.upstream.now(), scans.begin(kind));
    let found = everybody(cx, most).await?;
    let records = found.iter().map(|found| found.record.clone()).collect();
    scans.keep(kind, generation, ticket, records, begun);
    Ok(found)
}

/// All there is, at most so many; also what a client has deleted and the vendor still has.
pub async fn everybody(cx: &Context<'_>, most: usize) -> Result<Vec<Found>, Failure> {
    if let Some(linked) = &cx.plan.operations.linked {
        return linked::everybody(cx, linked, most).await;
    }
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    let done = steps::run_within(cx, &list.operation, &cx.scope(), most).await?;
    lookup::page(cx, list, done.items).await
}
