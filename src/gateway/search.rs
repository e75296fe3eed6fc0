//! GET many (RFC 7644 §3.4.2): push the filter down, page through, match the rest, sort, cut.

use super::{
    Context,
    error::Failure,
    find,
    linked::Linked,
    listed,
    place::{HELD, Place},
    walk::Walk,
};
use crate::scim::{
    message::{Query, Response, Start},
    resource::Resource,
    sort::Sorter,
};
use std::ops::Range;

/// A page of what was found.
struct Cut {
    resources: Vec<Resource>,
    /// Places of the page that are left empty.
    empty: usize,
    /// Of all that was found; exact, or larger than the last index served.
    total: usize,
    exact: bool,
}

/// The place that a query asks for.
pub fn place(cx: &Context<'_>, query: &Query) -> Result<Place, Failure> {
    Place::of(query, cx.search(&cx.plan.kind.name, query), cx.list_results)
}

/// The same, where the page is too long to be held. What is wrong with a query is said elsewhere.
pub fn long(cx: &Context<'_>, query: &Query) -> Option<Place> {
    // Most ask for less, and need not be looked at twice. A cursor says itself how long its pages are.
    let may_be = match &query.start {
        Start::Index(_) => query.count.is_some_and(|count| count > HELD),
        Start::Cursor(_) => true,
    };
    may_be.then(|| place(cx, query).ok())?.filter(Place::is_long)
}

/// Serves a query with an answer that is held until it is whole.
pub async fn search(cx: &Context<'_>, query: &Query) -> Result<Response, Failure> {
    let place = place(cx, query)?;
    let Cut { resources, empty, total, exact } = match (&query.filter, &query.sort) {
        (None, None) => walked(cx, place.range()).await?,
        _ => {
            let found = chosen(cx, query).await?;
            let total = found.len();
            let resources = found.into_iter().skip(place.before).take(place.count).collect();
            Cut { resources, empty: 0, total, exact: true }
        }
    };
    let page = place.page(resources.len() + empty, total, exact);
    Ok(Response::List { resources, page })
}

/// A filter or an order: everything that matches is found first, so that the total is exact and the
/// first page holds what comes first of all (RFC 7644 §3.4.2.3).
pub async fn chosen(cx: &Context<'_>, query: &Query) -> Result<Vec<Resource>, Failure> {
    let mut found = match &query.filter {
        Some(filter) => find::matching(cx, filter).await?,
        None => find::all(cx).await?,
    };
    if let Some(sort) = &query.sort {
        found = Sorter::new(sort, &cx.plan.kind)?.sorted(found, |found| &found.resource);
    }
    Ok(found.into_iter().map(|found| found.resource).collect())
}

/// Everybody, one page of the client's: the vendor's pages are walked from the nearest place that
/// an earlier request reached.
async fn walked(cx: &Context<'_>, range: Range<usize>) -> Result<Cut, Failure> {
    if let Some(all) = cx.plan.fixed() {
        let (resources, total) = listed::page(all, range);
        return Ok(Cut { resources, empty: 0, total, exact: true });
    }
    let mut resources = Vec::new();
    if let Some(linked) = &cx.plan.operations.linked {
        let mut linked = Linked::new(cx, linked, range);
        while let Some(few) = linked.next(cx).await? {
            resources.extend(few);
        }
        return Ok(Cut { resources, empty: linked.empty(), total: linked.total(), exact: true });
    }
    let mut walk = Walk::new(cx, range)?;
    while let Some(few) = walk.next(cx).await? {
        resources.extend(few);
    }
    let (total, exact) = walk.total();
    Ok(Cut { resources, empty: walk.empty(), total, exact })
}
