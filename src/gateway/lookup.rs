//! Finds the Record of a resource, composed of all its parts.

use super::{
    Context,
    beside::Beside,
    error::{Failure, unsupported},
    found::{self, Found},
    identity::{self, Identity},
    listed, many,
    place::AT_A_TIME,
    record::record,
    steps,
};
use crate::{
    mapping::{
        plan::{ListOperation, Operation},
        translate::read,
    },
    scim::error::Error,
    upstream::encode::{climbs, controls},
};
use futures_util::{StreamExt, TryStreamExt, future::join, stream};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The present Record of whom a client means by an id. 404 when there is none.
pub async fn current(cx: &Context<'_>, id: &str) -> Result<Found, Failure> {
    named(cx, id).await?.ok_or_else(|| Error::not_found(id).into())
}

/// The same; nothing when there is none.
pub async fn named(cx: &Context<'_>, id: &str) -> Result<Option<Found>, Failure> {
    match identity::of(cx, id).await? {
        Some(who) => present(cx, &who).await,
        None => Ok(None),
    }
}

/// The present Record; nothing when there is none or a client has deleted it.
pub async fn present(cx: &Context<'_>, who: &Identity) -> Result<Option<Found>, Failure> {
    Ok(existing(cx, who).await?.filter(|found| !found.gone && !found.ended))
}

/// The present Record, also of one that a client has deleted. 404 when there is none.
pub async fn standing(cx: &Context<'_>, who: &Identity) -> Result<Found, Failure> {
    existing(cx, who).await?.ok_or_else(|| Error::not_found(&who.id).into())
}

/// The same; nothing when the vendor has none, `exists` says so, or it goes by another key: a
/// vendor that takes `007` for `7` must not make two resources of one, and one that answers with
/// somebody else's Record must not have that one changed.
pub async fn existing(cx: &Context<'_>, who: &Identity) -> Result<Option<Found>, Failure> {
    if !is_key(&who.key) {
        return Ok(None);
    }
    if let Some(all) = cx.plan.fixed() {
        return Ok(listed::pick(all, &who.id));
    }
    let operations = &cx.plan.operations;
    let get = match (&operations.get, &operations.list) {
        (Some(get), _) => get,
        (None, Some(list)) => return listed::present(cx, list, who).await,
        (None, None) => return Err(unsupported("reading one")),
    };
    // At once: neither needs to know what the other says.
    let ids = [who.id.clone()];
    let (record, beside) = join(record(cx, get, &who.key), Beside::of(cx, &ids)).await;
    let found = match record? {
        Some(record) => found::known(cx, record, who, &beside?).await?,
        None => None,
    };
    if found.is_none() {
        cx.lost(&who.key);
    }
    Ok(found)
}

/// The same of several, so many calls at once, with the store asked once.
pub async fn each(
    cx: &Context<'_>,
    mut all: Vec<Identity>,
    at_once: usize,
) -> Result<Vec<(Identity, Option<Found>)>, Failure> {
    let mut named = HashSet::with_capacity(all.len());
    all.retain(|who| named.insert(who.key.clone()));
    let ids: Vec<String> = all.iter().map(|who| who.id.clone()).collect();
    let beside = Beside::of(cx, &ids).await?;
    // What is no key leads nowhere, as of one alone.
    let keys = all.iter().map(|who| who.key.clone()).filter(|key| is_key(key));
    let mut read = records(cx, keys.collect(), at_once).await?;
    let mut found = Vec::with_capacity(all.len());
    for who in all {
        let record = read.remove(&who.key);
        let one = match record {
            Some(record) => found::known(cx, record, &who, &beside).await?,
            None => None,
        };
        if one.is_none() {
            cx.lost(&who.key);
        }
        found.push((who, one));
    }
    Ok(found)
}

/// The Records of these keys, as `get` composes them: of several as many in one call as the vendor takes, else so
/// many calls at once.
async fn records(
    cx: &Context<'_>,
    keys: Vec<String>,
    at_once: usize,
) -> Result<HashMap<String, Value>, Failure> {
    let get = cx.plan.operations.get.as_ref().ok_or_else(|| unsupported("reading one"))?;
    let at_once = at_once.max(1);
    let records = match cx.plan.operations.get_many.as_ref().filter(|_| keys.len() > 1) {
        Some(many) => many::records(cx, many, get, keys.clone(), at_once).await?,
        None => {
            // Owned: they run side by side.
            let all = stream::iter(keys.clone());
            let records = all.map(|key| async move { record(cx, get, &key).await });
            records.buffered(at_once).try_collect().await?
        }
    };
    let found = keys.into_iter().zip(records);
    Ok(found.filter_map(|(key, record)| Some((key, record?))).collect())
}

/// Whether a text can be a vendor's key: in a path another one would lead elsewhere.
fn is_key(text: &str) -> bool {
    !text.is_empty() && !climbs(text) && !controls(text)
}

/// The Record that an operation's own answer carries: that of `who`, or the mapping takes another
/// one for it.
pub async fn answered(
    cx: &Context<'_>,
    operation: &Operation,
    who: &Identity,
    record: Value,
) -> Result<Option<Found>, Failure> {
    if let Some(other) = read::key(cx.plan, &record).filter(|key| *key != who.key) {
        return Err(Failure::Shape {
            place: operation.place.clone(),
            message: format!("the answer holds another record, with the key `{other}`"),
        });
    }
    let beside = Beside::of(cx, std::slice::from_ref(&who.id)).await?;
    found::known(cx, record, who, &beside).await
}

/// Records of a list that are looked at together.
pub fn at_a_time(cx: &Context<'_>, list: &ListOperation) -> usize {
    match list.reads_all_again() {
        true => many::at_a_time(cx),
        false => AT_A_TIME,
    }
}

/// What is there of a page of items, each read again where the list says so; also what a client has
/// deleted.
pub async fn page(
    cx: &Context<'_>,
    list: &ListOperation,
    items: Vec<Value>,
) -> Result<Vec<Found>, Failure> {
    if list.read_again.is_empty() {
        return found::all(cx, items).await;
    }
    if list.reads_all_again() && cx.plan.operations.get_many.is_some() {
        let keys = items.iter().filter_map(|item| read::key(cx.plan, item)).collect::<Vec<_>>();
        let mut read = records(cx, keys, list.concurrent).await?;
        let again = items.into_iter().filter_map(|item| match read::key(cx.plan, &item) {
            Some(key) => read.remove(&key).filter(|record| is_of(cx, record, &key)),
            None => Some(item),
        });
        return found::all(cx, again.collect()).await;
    }
    // In order, a few at a time: a page of 100 must fit the client's minute.
    let mut composed =
        stream::iter(items).map(|item| read_again(cx, list, item)).buffered(list.concurrent.max(1));
    let mut all = Vec::new();
    while let Some(record) = composed.try_next().await? {
        all.extend(record);
    }
    drop(composed);
    found::all(cx, all).await
}

/// Whether it is the Record of this key.
fn is_of(cx: &Context<'_>, record: &Value, key: &str) -> bool {
    read::key(cx.plan, record).as_deref() == Some(key)
}

/// An item with the parts that the list does not carry; nothing when it went away meanwhile.
async fn read_again(
    cx: &Context<'_>,
    list: &ListOperation,
    item: Value,
) -> Result<Option<Value>, Failure> {
    let get = cx.plan.operations.get.as_ref().ok_or_else(|| unsupported("reading one"))?;
    let Some(key) = read::key(cx.plan, &item) else { return Ok(Some(item)) };
    if list.reads_all_again() {
        let record = record(cx, get, &key).await?;
        return Ok(record.filter(|record| is_of(cx, record, &key)));
    }
    let key = Value::String(key);
    let scope = cx.scope().with("key", &key);
    let parts = get.steps.iter().filter(|step| list.read_again.contains(&step.name));
    steps::compose(cx, get, parts, &scope, item).await.map(Some)
}
