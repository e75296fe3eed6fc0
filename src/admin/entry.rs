//! An entry of the journal as operators see it: with names, and with no value but that of `active`.

use crate::{
    gateway::journal::progress::{Begun, Progress, Sent},
    scim::intent::Intent,
    store::{Entry, Stage},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The words for its states.
pub const STATES: [(&str, Stage); 3] =
    [("pending", Stage::Waiting), ("settling", Stage::Settling), ("dead", Stage::Dead)];

/// In one line.
pub fn brief(tenant: &str, entry: &Entry) -> Value {
    // Each once, though a PATCH may name it in each of its operations.
    let paths: BTreeSet<String> = Intent::paths(&entry.intent).into_iter().collect();
    json!({
        "number": entry.number,
        "tenant": tenant,
        "kind": entry.kind,
        "id": entry.id,
        "verb": Intent::verb(&entry.intent),
        "paths": paths,
        "active": Intent::access(&entry.intent),
        "durable": entry.durable,
        "acknowledged": entry.acknowledged,
        "state": STATES.iter().find(|(_, stage)| *stage == entry.stage).map(|(word, _)| word),
        "accepted": entry.accepted.to_string(),
        "due": entry.due.to_string(),
        "attempts": entry.attempts,
        "error": entry.error,
    })
}

/// The same with what of it has left for the vendor: `sent` is the call of which nothing is known, with when it left;
/// `operation` how many calls are done of the one under way, `done` how many operations were before it; until `until` a
/// call that was given up may still reach the vendor.
pub fn whole(tenant: &str, entry: &Entry) -> Value {
    let Progress { sent, begun, done, until, .. } = Progress::of(&entry.progress);
    let instant = |at| Timestamp::from_millisecond(at).map(|at| at.to_string()).ok();
    let sent = sent.map(|Sent { call, at, .. }| json!({ "call": call, "at": instant(at) }));
    // Most have one at most.
    let operation = begun.first().map(|Begun { calls, .. }| json!({ "calls": calls }));
    let mut shown = brief(tenant, entry);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("sent".to_owned(), json!(sent));
        shown.insert("operation".to_owned(), json!(operation));
        shown.insert("done".to_owned(), json!(done.len()));
        shown.insert("until".to_owned(), json!(until.and_then(instant)));
    }
    shown
}
