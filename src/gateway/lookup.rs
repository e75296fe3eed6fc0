//! Finds Records: by the SCIM id, or for a resource that is about to be made.

use super::{Context, error::Failure, steps};
use crate::{
    mapping::{
        expr::Scope,
        plan::{Find, ListOperation, Operation, Step},
        translate::{
            pushdown::{self, Served},
            read,
        },
    },
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        filter::{Filter, Operator, matches},
        resource::Resource,
    },
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

/// A Record with what it reads as.
#[derive(Debug, Clone)]
pub struct Found {
    /// The vendor's key.
    pub key: String,
    /// The vendor's JSON, composed of all parts.
    pub record: Value,
    /// The same in SCIM's words.
    pub resource: Resource,
}

/// The present Record of an id. 404 when the vendor has none or `exists` says so.
pub async fn current(cx: &Context<'_>, id: &str) -> Result<Found, Failure> {
    let get = cx.plan.operations.get.as_ref().ok_or_else(|| unsupported("reading one"))?;
    let record = compose(cx, get, id, None).await.map_err(|failure| named(failure, id))?;
    found(cx, record)?.ok_or_else(|| Error::not_found(id).into())
}

/// The message of a 404 names what the client asked for.
fn named(failure: Failure, id: &str) -> Failure {
    if failure.not_found() { Error::not_found(id).into() } else { failure }
}

/// Runs `get` for a key; over `main`, only the steps that compose it further.
async fn compose(
    cx: &Context<'_>,
    get: &Operation,
    key: &str,
    main: Option<Value>,
) -> Result<Value, Failure> {
    let key = Value::String(key.to_owned());
    let scope = cx.scope().with("key", &key);
    match main {
        None => {
            let done = steps::run(cx, get, &scope).await?;
            done.record.ok_or_else(|| Failure::Shape {
                place: get.place.clone(),
                message: "no step of `get` gave a record".to_owned(),
            })
        }
        Some(mut record) => {
            for step in get.steps.iter().filter(|step| step.into.is_some()) {
                part(cx, step, &scope, &mut record).await?;
            }
            Ok(record)
        }
    }
}

/// One further part of a Record.
async fn part(
    cx: &Context<'_>,
    step: &Step,
    scope: &Scope<'_>,
    record: &mut Value,
) -> Result<(), Failure> {
    let value = steps::part(cx, step, scope).await?;
    if let Some(into) = &step.into {
        into.set(record, value);
    }
    Ok(())
}

/// A Record as a resource that is there, or nothing.
pub fn found(cx: &Context<'_>, record: Value) -> Result<Option<Found>, Failure> {
    if !read::exists(cx.plan, &record, &cx.live.variables)? {
        return Ok(None);
    }
    let resource = cx.read(&record)?;
    let key = resource.id().unwrap_or_default().to_owned();
    Ok(Some(Found { key, record, resource }))
}

/// What is there of a page of items, each read again where the list says so.
pub async fn page(
    cx: &Context<'_>,
    list: &ListOperation,
    items: Vec<Value>,
) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::with_capacity(items.len());
    if list.read_again.is_empty() {
        for item in items {
            all.extend(found(cx, item)?);
        }
        return Ok(all);
    }
    // In order, a few at a time: a page of 100 must fit the client's minute.
    let mut composed =
        stream::iter(items).map(|item| read_again(cx, list, item)).buffered(list.concurrent.max(1));
    while let Some(record) = composed.try_next().await? {
        if let Some(record) = record {
            all.extend(found(cx, record)?);
        }
    }
    Ok(all)
}

/// An item with the parts that the list does not carry; nothing when it went away meanwhile.
async fn read_again(
    cx: &Context<'_>,
    list: &ListOperation,
    item: Value,
) -> Result<Option<Value>, Failure> {
    let Some(get) = &cx.plan.operations.get else { return Ok(Some(item)) };
    let Some(key) = read::key(cx.plan, &item) else { return Ok(Some(item)) };
    let whole = list.read_again.iter().any(|name| name == "get");
    let key_value = Value::String(key.clone());
    let scope = cx.scope().with("key", &key_value);
    let composed = async {
        if whole {
            return compose(cx, get, &key, None).await;
        }
        let mut record = item;
        for step in get.steps.iter().filter(|step| list.read_again.contains(&step.name)) {
            part(cx, step, &scope, &mut record).await?;
        }
        Ok(record)
    };
    match composed.await {
        Ok(record) => Ok(Some(record)),
        Err(failure) if failure.not_found() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Everything that a served filter finds, matched again with the whole filter: what a vendor
/// returns for `?email=` may be everybody.
pub async fn matching(
    cx: &Context<'_>,
    served: &Served<'_>,
    filter: &Filter,
) -> Result<Vec<Found>, Failure> {
    let candidates = match served {
        Served::Key(id) => match current(cx, id).await {
            Ok(found) => vec![found],
            Err(Failure::Refused(error)) if error.status == 404 => Vec::new(),
            Err(failure) => return Err(failure),
        },
        Served::Find(find, holes) => match &find.list {
            Some(list) => search(cx, list, holes).await?,
            None => scan(cx, find).await?,
        },
    };
    let mut matched = Vec::new();
    for candidate in candidates {
        if matches::matches(filter, &candidate.resource, &cx.plan.kind)? {
            matched.push(candidate);
        }
    }
    Ok(matched)
}

/// Runs a `find` with its holes filled.
async fn search(
    cx: &Context<'_>,
    list: &ListOperation,
    holes: &[(String, Value)],
) -> Result<Vec<Found>, Failure> {
    let mut scope = cx.scope();
    for (name, value) in holes {
        scope = scope.with(name, value);
    }
    let done = steps::run(cx, &list.operation, &scope).await?;
    if let Some(key) = done.key {
        return Ok(vec![current(cx, &key).await?]);
    }
    let mut items = done.items;
    items.extend(done.record);
    bounded(cx, items.len())?;
    page(cx, list, items).await
}

/// "The vendor cannot search": the whole list, within the bound.
async fn scan(cx: &Context<'_>, find: &Find) -> Result<Vec<Found>, Failure> {
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    let done = steps::run(cx, &list.operation, &cx.scope()).await?;
    let most = find.at_most.unwrap_or(cx.live.plan.upstream.scan);
    within(most, done.items.len())?;
    page(cx, list, done.items).await
}

/// All there is, for a filter that no `find` serves.
pub async fn everybody(cx: &Context<'_>, list: &ListOperation) -> Result<Vec<Found>, Failure> {
    let done = steps::run(cx, &list.operation, &cx.scope()).await?;
    bounded(cx, done.items.len())?;
    page(cx, list, done.items).await
}

fn bounded(cx: &Context<'_>, read: usize) -> Result<(), Failure> {
    within(cx.live.plan.upstream.scan, read)
}

/// Beyond the bound the answer would be a guess or take too long (RFC 7644 §3.4.2: tooMany).
fn within(most: usize, read: usize) -> Result<(), Failure> {
    if read <= most {
        return Ok(());
    }
    Err(Error::bad(
        ScimType::TooMany,
        format!("the filter would need more than {most} records to be read; filter by an attribute that the vendor can search"),
    )
    .into())
}

/// Who has this value of a `match` attribute. Tombstones and links come with the store.
pub async fn same(
    cx: &Context<'_>,
    path: &AttributePath,
    value: &Value,
) -> Result<Vec<Found>, Failure> {
    let filter =
        Filter::Compare { path: path.clone(), operator: Operator::Equal, value: value.clone() };
    let mut all = Vec::new();
    for served in pushdown::serve(cx.plan, &filter).unwrap_or_default() {
        all.extend(matching(cx, &served, &filter).await?);
    }
    Ok(all)
}

/// The mapping does not offer it (RFC 7644 §3.12: 501).
pub fn unsupported(what: &str) -> Failure {
    Error::new(501, format!("{what} is not offered: the mapping has no such operation")).into()
}
