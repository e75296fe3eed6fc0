//! A Record that was found, and what it reads as.

use super::{Context, beside::Beside, error::Failure};
use crate::{mapping::translate::read, scim::resource::Resource};
use serde_json::Value;

/// A Record with what it reads as.
#[derive(Debug, Clone)]
pub struct Found {
    /// The vendor's key.
    pub key: String,
    /// The vendor's JSON, composed of all parts.
    pub record: Value,
    /// The same in SCIM's words, with what is kept of it.
    pub resource: Resource,
    /// A client has deleted it, and the vendor still has it: only a create may find it.
    pub gone: bool,
}

/// A Record as a resource that is there, or nothing.
pub async fn found(cx: &Context<'_>, record: Value) -> Result<Option<Found>, Failure> {
    all(cx, vec![record]).await.map(|mut found| found.pop())
}

/// The same of the one of this id, when what the store has of him is known already.
pub async fn known(
    cx: &Context<'_>,
    record: Value,
    id: &str,
    beside: &Beside<'_>,
) -> Result<Option<Found>, Failure> {
    let Some(mut found) = bare(cx, vec![record]).await?.pop().filter(|found| found.key == id)
    else {
        return Ok(None);
    };
    found.gone = beside.lay(cx, &found.key, &mut found.resource);
    seen(cx, std::slice::from_ref(&found));
    Ok(Some(found))
}

/// Those of the Records that are there, in their order.
pub async fn all(cx: &Context<'_>, records: Vec<Value>) -> Result<Vec<Found>, Failure> {
    let found = remembered(cx, records).await?;
    seen(cx, &found);
    Ok(found)
}

/// The same of Records that were read a while ago: that they were there says nothing of now.
pub async fn remembered(cx: &Context<'_>, records: Vec<Value>) -> Result<Vec<Found>, Failure> {
    let mut found = bare(cx, records).await?;
    let ids: Vec<String> = found.iter().map(|one| one.key.clone()).collect();
    let beside = Beside::of(cx, &ids).await?;
    for one in &mut found {
        one.gone = beside.lay(cx, &one.key, &mut one.resource);
    }
    Ok(found)
}

/// Without what the store has.
async fn bare(cx: &Context<'_>, records: Vec<Value>) -> Result<Vec<Found>, Failure> {
    let mut there = Vec::with_capacity(records.len());
    for record in records {
        if read::exists(cx.plan, &record, &cx.live.variables)? {
            there.push(record);
        } else if let Some(key) = read::key(cx.plan, &record) {
            cx.lost(&key);
        }
    }
    let resources = cx.read(&there).await?;
    let found = there.into_iter().zip(resources).map(|(record, resource)| {
        let key = resource.id().unwrap_or_default().to_owned();
        Found { key, record, resource, gone: false }
    });
    Ok(found.collect())
}

fn seen(cx: &Context<'_>, found: &[Found]) {
    cx.saw(found.iter().filter(|found| !found.gone).map(|found| found.key.as_str()));
}

/// The keys of those of the Records that are there; what they read as is not made.
pub async fn keys(cx: &Context<'_>, records: &[Value]) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::with_capacity(records.len());
    for record in records {
        if read::exists(cx.plan, record, &cx.live.variables)? {
            keys.extend(read::key(cx.plan, record));
        }
    }
    if cx.plan.buries() && !keys.is_empty() {
        let held = cx.ask(cx.store()?.held(&cx.rows(), &keys)).await?;
        keys.retain(|key| held.get(key).is_none_or(|held| held.gone.is_none()));
    }
    cx.saw(keys.iter().map(String::as_str));
    Ok(keys)
}
