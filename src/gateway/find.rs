//! Finds Records by a filter: the vendor's own searches where the mapping has one that serves it,
//! else the list. Everything found is matched again here.

use super::{
    Context,
    error::{Failure, unsupported},
    found::Found,
    listed, lookup, steps,
};
use crate::{
    mapping::{
        plan::{Find, ListOperation},
        translate::pushdown::{self, Served},
    },
    scim::{
        attribute::AttributePath,
        filter::{Filter, Operator, matches::Matcher},
    },
    upstream::record::text_of,
};
use serde_json::Value;
use std::collections::HashSet;

/// Everything that matches. What a vendor returns for `?email=` may be everybody.
pub async fn matching(cx: &Context<'_>, filter: &Filter) -> Result<Vec<Found>, Failure> {
    // First: also with nothing to match it against, a wrong filter is a 400 (RFC 7644 §3.4.2.2).
    let matcher = Matcher::of_resources(filter, &cx.plan.kind)?;
    if let Some(all) = listed::fixed(cx) {
        return Ok(matched(&matcher, all).collect());
    }
    let Some(parts) = pushdown::serve(cx.plan, filter) else {
        return Ok(matched(&matcher, all(cx).await?).collect());
    };
    let mut all = Vec::new();
    // A part of an `or` may find what another one found.
    let mut seen = HashSet::new();
    for served in parts {
        let found = matched(&matcher, candidates(cx, &served).await?);
        all.extend(found.filter(|found| seen.insert(found.key.clone())));
    }
    Ok(all)
}

/// Whether everything that matches can be found, or everything where there is no filter.
pub fn can(cx: &Context<'_>, filter: Option<&Filter>) -> bool {
    let listed = cx.plan.fixed.is_some() || cx.plan.operations.list.is_some();
    listed || filter.is_some_and(|filter| pushdown::serve(cx.plan, filter).is_some())
}

/// Everything there is; 400 tooMany when that is more than `limits.scan`.
pub async fn all(cx: &Context<'_>) -> Result<Vec<Found>, Failure> {
    if let Some(all) = listed::fixed(cx) {
        return Ok(all);
    }
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    everybody(cx, list, cx.live.plan.upstream.scan).await
}

/// Who has this value of a `match` attribute. Tombstones and links come with the store.
pub async fn same(
    cx: &Context<'_>,
    path: &AttributePath,
    value: &Value,
) -> Result<Vec<Found>, Failure> {
    let (path, value, operator) = (path.clone(), value.clone(), Operator::Equal);
    matching(cx, &Filter::Compare { path, operator, value }).await
}

fn matched(matcher: &Matcher<'_>, candidates: Vec<Found>) -> impl Iterator<Item = Found> {
    candidates.into_iter().filter(|candidate| matcher.matches(&candidate.resource))
}

async fn candidates(cx: &Context<'_>, served: &Served<'_>) -> Result<Vec<Found>, Failure> {
    match served {
        Served::Key(id) => Ok(lookup::present(cx, id).await?.into_iter().collect()),
        Served::Find(find, holes) => match &find.list {
            Some(list) => search(cx, list, holes).await,
            None => scan(cx, find).await,
        },
    }
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
    let most = cx.live.plan.upstream.scan;
    let done = match steps::run_within(cx, &list.operation, &scope, most).await {
        Ok(done) => done,
        Err(failure) if is_nobody(list, &failure) => return Ok(Vec::new()),
        Err(failure) => {
            let values: Vec<String> =
                holes.iter().filter_map(|(_, value)| text_of(value)).collect();
            return Err(failure.naming(Some(values.join("`, `"))));
        }
    };
    if let Some(key) = done.key {
        return Ok(lookup::present(cx, &key).await?.into_iter().collect());
    }
    let mut items = done.items;
    items.extend(done.record);
    lookup::page(cx, list, items).await
}

/// A search that gives one record says by 404 that there is none. Of a list a 404 is no answer
/// unless the mapping has a row for it: an address that is wrong must not read as nobody.
fn is_nobody(list: &ListOperation, failure: &Failure) -> bool {
    failure.not_found() && (list.operation.carries_record() || failure.by_row())
}

/// "The vendor cannot search": the whole list, within the bound.
async fn scan(cx: &Context<'_>, find: &Find) -> Result<Vec<Found>, Failure> {
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    everybody(cx, list, find.at_most.unwrap_or(cx.live.plan.upstream.scan)).await
}

/// All there is, at most so many.
async fn everybody(
    cx: &Context<'_>,
    list: &ListOperation,
    most: usize,
) -> Result<Vec<Found>, Failure> {
    let done = steps::run_within(cx, &list.operation, &cx.scope(), most).await?;
    lookup::page(cx, list, done.items).await
}
