//! GET many (RFC 7644 §3.4.2): push the filter down, page through, match the rest, sort, cut.

use super::{
    Context,
    error::{Failure, unsupported},
    find, listed, lookup,
    pages::{Page, Pages, list_step},
    place::{PAGE, Place},
    walks::Position,
};
use crate::{
    mapping::{
        plan::{ListOperation, Step},
        translate::render,
    },
    scim::{
        cursor::Search,
        message::{Query, Response},
        resource::Resource,
        sort::Sorter,
    },
};
use serde_json::Value;

/// Records that are read into resources before the first of them is dropped.
const AT_A_TIME: usize = 25;

/// A page of what was found.
struct Cut {
    resources: Vec<Resource>,
    /// Of all that was found; exact, or larger than the last index served.
    total: usize,
    exact: bool,
}

/// Serves a query.
pub async fn search(cx: &Context<'_>, query: &Query) -> Result<Response, Failure> {
    let place = Place::of(query, Search::new(cx.tenant, &cx.plan.kind.name, query))?;
    let Place { before, count, .. } = place;
    let Cut { resources, total, exact } = match (&query.filter, &query.sort) {
        (None, None) => walked(cx, before, count).await?,
        _ => chosen(cx, query, before, count).await?,
    };
    let page = place.page(resources.len(), total, exact);
    Ok(Response::List { resources, page })
}

/// A filter or an order: everything that matches is found first, so that the total is exact and the
/// first page holds what comes first of all (RFC 7644 §3.4.2.3).
async fn chosen(
    cx: &Context<'_>,
    query: &Query,
    before: usize,
    count: usize,
) -> Result<Cut, Failure> {
    let mut found = match &query.filter {
        Some(filter) => find::matching(cx, filter).await?,
        None => find::all(cx).await?,
    };
    if let Some(sort) = &query.sort {
        found = Sorter::new(sort, &cx.plan.kind)?.sorted(found, |found| &found.resource);
    }
    let total = found.len();
    let cut = found.into_iter().skip(before).take(count);
    Ok(Cut { resources: cut.map(|found| found.resource).collect(), total, exact: true })
}

/// Everybody, one page of the client's: the vendor's pages are walked from the nearest place that
/// an earlier request reached.
async fn walked(cx: &Context<'_>, before: usize, count: usize) -> Result<Cut, Failure> {
    if let Some(all) = &cx.plan.fixed {
        let (resources, total) = listed::page(all, before, count);
        return Ok(Cut { resources, total, exact: true });
    }
    let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
    let step = list_step(list)?;
    let remembered = cx.memory.walks.nearest(&list.operation.name, cx.live.generation, before);
    if let Some(position) = remembered {
        match Walk::at(cx, list, step, position).serve(before, count).await {
            // A vendor's cursor does not live for ever: the walk begins again.
            Err(failure) if failure.refusal() || failure.doubtful() => {
                cx.memory.walks.forget(&list.operation.name);
            }
            served => return served,
        }
    }
    Walk::begin(cx, list, step, before)?.serve(before, count).await
}

/// A walk over the vendor's pages.
struct Walk<'c> {
    cx: &'c Context<'c>,
    list: &'c ListOperation,
    pages: Pages<'c>,
    /// Resources before the next page, as a client counts them.
    served: usize,
}

impl<'c> Walk<'c> {
    fn at(
        cx: &'c Context<'c>,
        list: &'c ListOperation,
        step: &'c Step,
        position: Position,
    ) -> Self {
        let Position { served, read, call } = position;
        Self { cx, list, pages: Pages::new(cx, step, Some(call), read), served }
    }

    fn begin(
        cx: &'c Context<'c>,
        list: &'c ListOperation,
        step: &'c Step,
        before: usize,
    ) -> Result<Self, Failure> {
        let call = render::call(step, &cx.scope())?;
        let (call, skipped) = match &step.paging {
            None => (call, 0),
            // Where nothing is hidden here, page and offset reach the place directly.
            Some(paging) => match paging.at(&call, before).filter(|_| hides_nothing(cx)) {
                Some((call, skipped)) => (call, skipped),
                None => (paging.first(call), 0),
            },
        };
        Ok(Self::at(cx, list, step, Position { served: skipped, read: skipped, call }))
    }

    /// The resources from `before` on, and how many there are.
    async fn serve(mut self, before: usize, count: usize) -> Result<Cut, Failure> {
        let end = before.saturating_add(count);
        let mut resources = Vec::with_capacity(count.min(PAGE));
        let mut told = None;
        while let Some(page) = self.pages.next().await? {
            told = page.total.filter(|_| hides_nothing(self.cx)).or(told);
            let from = self.served;
            let found = self.found(page, before, end).await?;
            let of_client = (from..).zip(found).filter(|(at, _)| (before..end).contains(at));
            resources.extend(of_client.filter_map(|(_, found)| found));
            self.note();
            // R37, R40, R41. The rest is only read to be counted, and only where the vendor does not say the total.
            let counting = told.is_none() && count == 0;
            let known = told.and_then(|total| usize::try_from(total).ok());
            if (self.served >= end && !counting) || known.is_some_and(|total| total <= before) {
                break;
            }
        }
        let (total, exact) = match told {
            Some(total) => (usize::try_from(total).unwrap_or(usize::MAX), true),
            // Larger than the last index served, so that a client that pages goes on.
            None if self.pages.next_call().is_some() => (self.served.saturating_add(1), false),
            None => (self.served, true),
        };
        Ok(Cut { resources, total, exact })
    }

    /// What is there of a page. Where nothing is hidden, what nobody sees is not composed.
    async fn found(
        &mut self,
        page: Page,
        before: usize,
        end: usize,
    ) -> Result<Vec<Option<Resource>>, Failure> {
        let (from, items) = (self.served, page.items);
        if !hides_nothing(self.cx) || !self.list.read_again.is_empty() && self.loses() {
            let found = self.there(items.into_iter()).await?;
            self.served += found.len();
            return Ok(found.into_iter().map(Some).collect());
        }
        self.served += items.len();
        let seen = |at: usize| (before..end).contains(&at);
        let skipped = (from..self.served).take_while(|at| !seen(*at)).count();
        let wanted =
            items.into_iter().zip(from..).filter(|(_, at)| seen(*at)).map(|(item, _)| item);
        let found = self.there(wanted).await?;
        let unseen = std::iter::repeat_with(|| None).take(skipped);
        Ok(unseen.chain(found.into_iter().map(Some)).collect())
    }

    /// Those that are there. A few Records at a time: both trees of a whole page are megabytes.
    async fn there(
        &self,
        mut items: impl Iterator<Item = Value>,
    ) -> Result<Vec<Resource>, Failure> {
        let mut there = Vec::new();
        loop {
            let some: Vec<Value> = items.by_ref().take(AT_A_TIME).collect();
            if some.is_empty() {
                return Ok(there);
            }
            let found = lookup::page(self.cx, self.list, some).await?;
            there.extend(found.into_iter().filter(|found| !found.gone).map(|found| found.resource));
        }
    }

    /// An item that is read again as a whole may be gone by then.
    fn loses(&self) -> bool {
        self.list.read_again.iter().any(|name| name == "get")
    }

    /// Remembers where the next page begins.
    fn note(&self) {
        let Some(call) = self.pages.next_call().cloned() else { return };
        let position = Position { served: self.served, read: self.pages.read(), call };
        let walks = &self.cx.memory.walks;
        walks.note(&self.list.operation.name, self.cx.live.generation, position);
    }
}

/// Every record of the vendor's list is a resource here, so both count alike.
fn hides_nothing(cx: &Context<'_>) -> bool {
    cx.plan.exists.is_none() && !cx.plan.buries()
}
