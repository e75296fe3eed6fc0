//! GET many (RFC 7644 §3.4.2): push the filter down, page through, match the rest, cut.

use super::{
    Context,
    error::Failure,
    exchange,
    lookup::{self, Found},
    steps,
};
use crate::{
    mapping::{
        plan::{ListOperation, Step},
        translate::{pushdown, render},
    },
    scim::{
        filter::{Filter, matches},
        message::{Query, Response},
        resource::Resource,
    },
    upstream::Call,
};
use std::{collections::HashSet, sync::Arc};

/// Resources on a page when the client does not say. Okta adds 100 whatever it gets, so a smaller
/// page would lose users in an import.
const PAGE: usize = 100;
/// Resources on a page at most, whatever the client says: one answer must fit its minute.
pub const LONGEST_PAGE: usize = 1_000;

/// Serves a query.
pub async fn search(cx: &Context<'_>, query: &Query) -> Result<Response, Failure> {
    let count = query.count.unwrap_or(PAGE).min(LONGEST_PAGE);
    match &query.filter {
        None => walk(cx, query.start_index, count).await,
        Some(filter) => filtered(cx, filter, query.start_index, count).await,
    }
}

/// A filter: everything that matches is found first, so that the total is exact.
async fn filtered(
    cx: &Context<'_>,
    filter: &Filter,
    start_index: usize,
    count: usize,
) -> Result<Response, Failure> {
    // Also with nothing to match it against, a wrong filter is a 400 (RFC 7644 §3.4.2.2).
    matches::check(filter, &cx.plan.kind)?;
    let found = match pushdown::serve(cx.plan, filter) {
        Some(parts) => {
            let mut all: Vec<Found> = Vec::new();
            let mut seen = HashSet::new();
            for served in parts {
                for found in lookup::matching(cx, &served, filter).await? {
                    if seen.insert(found.key.clone()) {
                        all.push(found);
                    }
                }
            }
            all
        }
        None => {
            let list = offered(cx)?;
            let mut all = Vec::new();
            for found in lookup::everybody(cx, list).await? {
                if matches::matches(filter, &found.resource, &cx.plan.kind)? {
                    all.push(found);
                }
            }
            all
        }
    };
    let total = found.len();
    let resources: Vec<Resource> =
        found.into_iter().skip(start_index - 1).take(count).map(|found| found.resource).collect();
    Ok(Response::List { resources, total, start_index })
}

fn offered<'a>(cx: &Context<'a>) -> Result<&'a ListOperation, Failure> {
    cx.plan.operations.list.as_ref().ok_or_else(|| lookup::unsupported("listing"))
}

/// Everybody, one page of the client's: the vendor's pages are walked from the nearest place that
/// an earlier request reached.
async fn walk(cx: &Context<'_>, start_index: usize, count: usize) -> Result<Response, Failure> {
    let list = offered(cx)?;
    let Some(step) = list.operation.steps.first() else {
        return Err(lookup::unsupported("listing"));
    };
    let (wanted, end) = (start_index - 1, start_index - 1 + count);
    let mut walk = Walk::begin(cx, list, step, wanted)?;
    let mut resources = Vec::with_capacity(count.min(PAGE));
    let mut told = None;
    while let Some(call) = walk.next.take() {
        let page = walk.page(cx, list, step, call).await?;
        told = page.total.or(told);
        for (position, found) in (page.from..).zip(page.found) {
            if (wanted..end).contains(&position) {
                resources.push(found.resource);
            }
        }
        // The rest is only read to be counted, and only where the vendor does not say the total.
        let counting = told.is_none() && count == 0;
        if walk.served >= end && !counting {
            break;
        }
    }
    let total = match told {
        Some(total) => total,
        // Larger than the last index served, so that a client that pages goes on.
        None if walk.next.is_some() => walk.served + 1,
        None => walk.served,
    };
    Ok(Response::List { resources, total, start_index })
}

/// A walk over the vendor's pages.
struct Walk {
    /// The call for the next page.
    next: Option<Call>,
    /// Resources before it, as a client counts them.
    served: usize,
    /// Records before it, as the vendor counts them.
    read: usize,
}

/// One page of the vendor's.
struct Page {
    /// Resources before it.
    from: usize,
    /// What of it is there.
    found: Vec<Found>,
    /// Of all, where the vendor says it and nothing is hidden here.
    total: Option<usize>,
}

impl Walk {
    fn begin(
        cx: &Context<'_>,
        list: &ListOperation,
        step: &Step,
        wanted: usize,
    ) -> Result<Self, Failure> {
        if let Some((at, call)) =
            cx.cursors.nearest(&list.operation.name, cx.live.generation, wanted)
        {
            return Ok(Self { next: Some(call), served: at, read: at });
        }
        let call = render::call(step, &cx.scope())?;
        let Some(paging) = &step.paging else {
            return Ok(Self { next: Some(call), served: 0, read: 0 });
        };
        // Where nothing is hidden here, page and offset reach the place directly.
        if cx.plan.exists.is_none()
            && let Some((call, skipped)) = paging.at(&call, wanted)
        {
            return Ok(Self { next: Some(call), served: skipped, read: skipped });
        }
        Ok(Self { next: Some(paging.first(call)), served: 0, read: 0 })
    }

    async fn page(
        &mut self,
        cx: &Context<'_>,
        list: &ListOperation,
        step: &Step,
        call: Call,
    ) -> Result<Page, Failure> {
        let call = Arc::new(call);
        let answer = exchange::perform(cx, step, &call, None).await?;
        let total = step.paging.as_ref().and_then(|paging| paging.total(&answer));
        let steps::Page { items, next } = steps::page(cx, step, &call, answer, self.read)?;
        self.read += items.len();
        self.next = next;
        let from = self.served;
        let found = lookup::page(cx, list, items).await?;
        self.served += found.len();
        if let Some(next) = &self.next {
            let name = &list.operation.name;
            cx.cursors.note(name, cx.live.generation, self.served, next.clone());
        }
        let total = total.filter(|_| cx.plan.exists.is_none()).map(|total| total as usize);
        Ok(Page { from, found, total })
    }
}
