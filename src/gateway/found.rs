//! A Record that was found, and what it reads as.

use super::{
    Context,
    beside::Beside,
    error::Failure,
    identity::{self, Identity},
    overlay,
};
use crate::{mapping::translate::read, scim::resource::Resource};
use serde_json::Value;

/// A Record with what it reads as.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose.
    pub who: Identity,
    /// The vendor's JSON, composed of all parts.
    pub record: Value,
    /// The same in SCIM's words, with what is kept of it.
    pub resource: Resource,
    /// A client has deleted it, and the vendor still has it: only a create may find it.
    pub gone: bool,
    /// What a client sees of it is held here, and the vendor's Record is hidden behind that.
    pub outside: bool,
    /// A client was told that it is deleted, and the vendor has still to be: it is not read any more.
    pub ended: bool,
}

impl Found {
    /// Whether this is what a client sees.
    pub fn is_there(&self) -> bool {
        self.counts() && !self.ended
    }

    /// Whether it has a place in a list. What has ended leaves it empty: pages keep their bounds until the vendor knows.
    pub fn counts(&self) -> bool {
        !self.gone && !self.outside
    }
}

/// A Record as a resource that is there, or nothing.
pub async fn found(cx: &Context<'_>, record: Value) -> Result<Option<Found>, Failure> {
    all(cx, vec![record]).await.map(|mut found| found.pop())
}

/// The same of this one, when what the store has of him is known already.
pub async fn known(
    cx: &Context<'_>,
    record: Value,
    who: &Identity,
    beside: &Beside<'_>,
) -> Result<Option<Found>, Failure> {
    let Some((record, resource)) = there(cx, vec![record]).await?.pop() else { return Ok(None) };
    if resource.id() != Some(&who.key) {
        return Ok(None);
    }
    let found = laid(cx, who.clone(), record, resource, beside);
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
    let there = there(cx, records).await?;
    let keys = there.iter().filter_map(|(_, resource)| resource.id()).map(str::to_owned);
    let keys: Vec<String> = keys.collect();
    let named = identity::seen(cx, keys.clone()).await?;
    let all: Vec<Identity> = keys.into_iter().map(|key| named.identity(key)).collect();
    let ids: Vec<String> = all.iter().map(|who| who.id.clone()).collect();
    let beside = Beside::of(cx, &ids).await?;
    let found = all.into_iter().zip(there);
    let found = found.map(|(who, (record, resource))| laid(cx, who, record, resource, &beside));
    let found: Vec<Found> = found.collect();
    Ok(found)
}

/// Those that are there, with what they read as: the key in place of the id, and nothing of the store's.
async fn there(cx: &Context<'_>, records: Vec<Value>) -> Result<Vec<(Value, Resource)>, Failure> {
    let mut there = Vec::with_capacity(records.len());
    for record in records {
        if read::exists(cx.plan, &record, &cx.live.variables)? {
            there.push(record);
        } else if let Some(key) = read::key(cx.plan, &record) {
            cx.lost(&key);
        }
    }
    let resources = cx.read(&there).await?;
    Ok(there.into_iter().zip(resources).collect())
}

/// By its id, with what the store has of it.
fn laid(
    cx: &Context<'_>,
    who: Identity,
    record: Value,
    mut resource: Resource,
    beside: &Beside<'_>,
) -> Found {
    if who.id != who.key {
        resource.set_id(&who.id);
    }
    beside.lay(cx, &who.id, &mut resource);
    let (gone, outside) = beside.hides(&who.id);
    let ended = overlay::lay(cx, &who.id, &mut resource);
    Found { who, record, resource, gone, outside, ended }
}

fn seen(cx: &Context<'_>, found: &[Found]) {
    cx.saw(found.iter().filter(|found| found.is_there()).map(|found| found.who.key.as_str()));
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
        let named = identity::known(cx, keys.clone()).await?;
        let ids: Vec<String> =
            keys.iter().filter_map(|key| named.of(key)).map(str::to_owned).collect();
        let held = cx.ask(cx.store()?.held(&cx.rows(), &ids)).await?;
        let gone = |id: &str| held.get(id).is_some_and(|held| held.gone.is_some());
        keys.retain(|key| !named.of(key).is_some_and(gone));
    }
    cx.saw(keys.iter().map(String::as_str));
    Ok(keys)
}
