//! Finds the Record of a SCIM id, composed of all its parts.

use super::{
    Context,
    beside::Beside,
    error::{Failure, unsupported},
    found::{self, Found, found},
    listed, steps,
};
use crate::{
    mapping::{
        plan::{ListOperation, Operation, Step},
        translate::read,
    },
    scim::error::Error,
    upstream::encode::{climbs, controls},
};
use futures_util::{StreamExt, TryStreamExt, future::join, stream};
use serde_json::Value;

/// The present Record of an id. 404 when there is none.
pub async fn current(cx: &Context<'_>, id: &str) -> Result<Found, Failure> {
    present(cx, id).await?.ok_or_else(|| Error::not_found(id).into())
}

/// The same; nothing when there is none or a client has deleted it.
pub async fn present(cx: &Context<'_>, id: &str) -> Result<Option<Found>, Failure> {
    Ok(existing(cx, id).await?.filter(|found| !found.gone))
}

/// The present Record of an id, also of one that a client has deleted. 404 when there is none.
pub async fn standing(cx: &Context<'_>, id: &str) -> Result<Found, Failure> {
    existing(cx, id).await?.ok_or_else(|| Error::not_found(id).into())
}

/// The same; nothing when the vendor has none, `exists` says so, or it goes by another key: a
/// vendor that takes `007` for `7` must not make two resources of one, and one that answers with
/// somebody else's Record must not have that one changed.
pub async fn existing(cx: &Context<'_>, id: &str) -> Result<Option<Found>, Failure> {
    // No id, and in a path it would lead elsewhere.
    if id.is_empty() || climbs(id) || controls(id) {
        return Ok(None);
    }
    if let Some(all) = &cx.plan.fixed {
        return Ok(listed::pick(all, id));
    }
    let operations = &cx.plan.operations;
    let get = match (&operations.get, &operations.list) {
        (Some(get), _) => get,
        (None, Some(list)) => return listed::present(cx, list, id).await,
        (None, None) => return Err(unsupported("reading one")),
    };
    // At once: neither needs to know what the other says.
    let ids = [id.to_owned()];
    let (record, beside) = join(record(cx, get, id), Beside::of(cx, &ids)).await;
    let found = match record? {
        Some(record) => found::known(cx, record, id, &beside?).await?,
        None => None,
    };
    if found.is_none() {
        cx.lost(id);
    }
    Ok(found)
}

/// The Record itself, as `get` composes it; nothing when the vendor has none.
async fn record(cx: &Context<'_>, get: &Operation, id: &str) -> Result<Option<Value>, Failure> {
    let key = Value::String(id.to_owned());
    let scope = cx.scope().with("key", &key);
    let record = match steps::run(cx, get, &scope).await {
        Ok(done) => done.record,
        Err(failure) if failure.not_found() && failure.at(main_step(get)) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    record.map(Some).ok_or_else(|| Failure::Shape {
        place: get.place.clone(),
        message: "no step of `get` gave a record".to_owned(),
    })
}

/// The step of `get` that gives the Record itself; the others give parts of it, and a part that is
/// not found is a fault and not an absent resource.
fn main_step(get: &Operation) -> Option<&Step> {
    get.steps.iter().find(|step| step.into.is_none() && step.record.is_some())
}

/// The Record that an operation's own answer carries: that of `key`, or the mapping takes another
/// one for it.
pub async fn answered(
    cx: &Context<'_>,
    operation: &Operation,
    key: &str,
    record: Value,
) -> Result<Option<Found>, Failure> {
    let found = found(cx, record).await?;
    match &found {
        Some(other) if other.key != key => Err(Failure::Shape {
            place: operation.place.clone(),
            message: format!("the answer holds another record, with the key `{}`", other.key),
        }),
        _ => Ok(found),
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

/// An item with the parts that the list does not carry; nothing when it went away meanwhile.
async fn read_again(
    cx: &Context<'_>,
    list: &ListOperation,
    item: Value,
) -> Result<Option<Value>, Failure> {
    let get = cx.plan.operations.get.as_ref().ok_or_else(|| unsupported("reading one"))?;
    let Some(key) = read::key(cx.plan, &item) else { return Ok(Some(item)) };
    if list.read_again.iter().any(|name| name == "get") {
        let record = record(cx, get, &key).await?;
        return Ok(record.filter(|record| read::key(cx.plan, record).as_ref() == Some(&key)));
    }
    let key = Value::String(key);
    let scope = cx.scope().with("key", &key);
    let parts = get.steps.iter().filter(|step| list.read_again.contains(&step.name));
    steps::compose(cx, get, parts, &scope, item).await.map(Some)
}
