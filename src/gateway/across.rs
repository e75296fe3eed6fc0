//! A search of all kinds at once (RFC 7644 §3.4.2.1): each kind is asked for what can match there, and the
//! page is cut from all of it.

use super::{
    Context,
    error::Failure,
    find,
    found::Found,
    group,
    place::{HELD, Place},
    proof::prove,
    values,
};
use crate::scim::{
    message::{Across, Part, Response, Seen},
    resource::Resource,
    sort::{self, Sorter},
};

/// Serves it. Kinds that cannot be listed are no part of it, here as at their own endpoint; one that fails
/// fails it all, because a shorter list would look like the whole. What each kind gives is bounded by
/// `limits.scan`.
pub async fn across(cx: &Context<'_>, across: &Across) -> Result<Response, Failure> {
    let query = &across.query;
    let most = cx.list_results.min(HELD);
    let place = Place::of(query, cx.search("", query), most)?;
    let mut all = Vec::new();
    for part in &across.parts {
        let Some(plan) = cx.live.plan.resource(&part.kind) else { continue };
        let cx = cx.about(plan);
        prove(&cx).await?;
        of_kind(&cx, across, part, &mut all).await?;
    }
    let found = match &query.sort {
        Some(sort) => sort::sorted(all, sort.descending, |seen| &seen.resource),
        None => all.into_iter().map(|(_, seen)| seen).collect(),
    };
    let total = found.len();
    let resources: Vec<_> = found.into_iter().skip(place.before).take(place.count).collect();
    let page = place.page(resources.len(), total, true);
    Ok(Response::Across { resources, page })
}

/// Adds what one kind has, each with what it is sorted by.
async fn of_kind(
    cx: &Context<'_>,
    across: &Across,
    part: &Part,
    all: &mut Vec<(Option<sort::Key>, Seen)>,
) -> Result<(), Failure> {
    let found: Vec<Resource> = match &part.filter {
        filter if cx.plan.kept() => {
            group::search::all(cx, filter.as_ref(), &part.projection).await?
        }
        filter if cx.plan.values_of().is_some() => values::all(cx, filter.as_ref()).await?,
        filter if !find::can(cx, filter.as_ref()) => return Ok(()),
        Some(filter) => resources(find::matching(cx, filter).await?),
        None => resources(find::all(cx).await?),
    };
    // RFC 7644 §3.4.2.1: what a kind does not have is unassigned there.
    let sorter = across.query.sort.as_ref().and_then(|sort| Sorter::new(sort, &cx.plan.kind).ok());
    all.extend(found.into_iter().map(|resource| {
        let key = sorter.as_ref().and_then(|sorter| sorter.key(&resource));
        let (kind, projection) = (cx.plan.kind.clone(), part.projection.clone());
        (key, Seen { kind, projection, resource })
    }));
    Ok(())
}

fn resources(found: Vec<Found>) -> Vec<Resource> {
    found.into_iter().map(|found| found.resource).collect()
}
