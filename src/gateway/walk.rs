//! A walk over the vendor's list: its pages one after the other, from the nearest place that an earlier
//! request reached, and what a client sees of them a few resources at a time.

use super::{
    Context,
    error::{Failure, unsupported},
    found::Found,
    items::Items,
    lookup,
    outsider::Behind,
    pages::{Pages, list_step},
    place::AT_A_TIME,
    rest::Rest,
};
use crate::{
    mapping::plan::{ListOperation, Step},
    scim::resource::Resource,
};
use serde_json::Value;
use std::ops::Range;

/// Records behind the range that are looked at to tell exactly how many resources there are.
const COUNTED: usize = 1_000;

/// A walk to the resources of a range, counted as a client counts them.
pub struct Walk<'p> {
    list: &'p ListOperation,
    step: &'p Step,
    pages: Pages<'p>,
    range: Range<usize>,
    /// Of the page that was read last, what is not looked at yet.
    items: Items,
    /// Resources before those.
    served: usize,
    /// Places of the range that were passed over and left empty.
    empty: usize,
    /// How many there are, as the vendor says.
    told: Option<usize>,
    /// The next page is at a place that an earlier request reached.
    resumed: bool,
    /// Of writes: when it began.
    era: u64,
    /// What is behind the range was not counted.
    uncounted: bool,
    over: bool,
    /// Those who are outside: they come behind the vendor's, when its list has ended.
    outside: Behind,
}

impl<'p> Walk<'p> {
    /// A walk to these places.
    pub fn new(cx: &Context<'p>, range: Range<usize>) -> Result<Self, Failure> {
        let list = cx.plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
        let step = list_step(list)?;
        let name = &list.operation.name;
        let of = (name.clone(), cx.live.generation, cx.memory.flights.era());
        if let Some(Rest { served, items, behind, told, .. }) =
            cx.recall.rest.take(&of, range.start)
        {
            let walk = Self::of(cx, list, step, range, Pages::from(step, behind));
            return Ok(Self { served, items, told, resumed: true, ..walk });
        }
        match cx.recall.walks.nearest(name, cx.live.generation, range.start) {
            Some((served, position)) => {
                let pages = Pages::from(step, position);
                Ok(Self { served, resumed: true, ..Self::of(cx, list, step, range, pages) })
            }
            None => Self::begin(cx, list, step, range),
        }
    }

    fn begin(
        cx: &Context<'_>,
        list: &'p ListOperation,
        step: &'p Step,
        range: Range<usize>,
    ) -> Result<Self, Failure> {
        let pages = Pages::from_the_first(cx, step)?.packed();
        Ok(Self::of(cx, list, step, range, pages))
    }

    fn of(
        cx: &Context<'_>,
        list: &'p ListOperation,
        step: &'p Step,
        range: Range<usize>,
        pages: Pages<'p>,
    ) -> Self {
        let (items, era) = (Items::default(), cx.memory.flights.era());
        let (served, empty, told, resumed, uncounted, over) = (0, 0, None, false, false, false);
        let outside = Behind::default();
        Self {
            list,
            step,
            pages,
            range,
            items,
            served,
            empty,
            told,
            resumed,
            era,
            uncounted,
            over,
            outside,
        }
    }

    /// The next few resources of the range; nothing when there are no more.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        loop {
            if self.items.is_empty() && (self.over || !self.turn(cx).await?) {
                return self.behind(cx).await;
            }
            let found = self.few(cx).await?;
            if self.items.is_empty() {
                self.page_ended(cx);
            }
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
    }

    /// Those of the range who are outside.
    async fn behind(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        if !self.ended() {
            return Ok(None);
        }
        self.outside.next(cx, self.served, &self.range).await
    }

    /// Nothing is behind what was counted.
    fn ended(&self) -> bool {
        !self.uncounted && self.pages.next_call().is_none()
    }

    /// Places of the range that whoever has ended leaves empty: the next page begins behind them all the same.
    pub fn empty(&self) -> usize {
        self.empty
    }

    /// How many there are, and whether that is exact: else it is larger than the last index served.
    pub fn total(&self) -> (usize, bool) {
        match self.told {
            Some(total) => (total, true),
            // A client that pages goes on.
            None if !self.ended() => (self.served.saturating_add(1), false),
            None => (self.served.saturating_add(self.outside.total()), true),
        }
    }

    /// Reads the next page; false when the list has ended.
    async fn turn(&mut self, cx: &Context<'_>) -> Result<bool, Failure> {
        self.leap(cx);
        let mut page = self.pages.next(cx).await;
        // A vendor's cursor does not live for ever: the walk begins again.
        if let Err(failure) = &page
            && self.resumed
            && (failure.refusal() || failure.doubtful())
        {
            cx.recall.walks.forget(&self.list.operation.name);
            // What was told of the rest of a page is not told again.
            let range = self.range.start.max(self.served)..self.range.end;
            let empty = self.empty;
            *self = Self { empty, ..Self::begin(cx, self.list, self.step, range)? };
            page = self.pages.next(cx).await;
        }
        self.resumed = false;
        let Some(page) = page? else { return Ok(false) };
        if hides_nothing(cx) && page.total.is_some() {
            self.told = page.total.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
        }
        self.items = Items::new(page.items, page.rest);
        // Where this page cannot be the last that is wanted, the next one is on its way while this one is read.
        let behind = self.served.saturating_add(self.items.len());
        if self.wants(behind) && !self.can_leap(cx) {
            self.pages.go_ahead(cx);
        }
        Ok(true)
    }

    /// Passes over pages that nobody asked for. Only where nothing is hidden here, and the vendor told of so many:
    /// behind the end an empty page would look like a list as long as what was passed over.
    fn leap(&mut self, cx: &Context<'_>) {
        if self.can_leap(cx) && self.pages.leap(self.range.start) {
            self.served = self.pages.read();
        }
    }

    fn can_leap(&self, cx: &Context<'_>) -> bool {
        let start = self.range.start;
        let there = self.told.is_some_and(|told| start < told);
        there && self.counts_alike(cx) && self.pages.can_leap(start)
    }

    /// What is there of the next few records of the page, and in the range.
    async fn few(&mut self, cx: &Context<'_>) -> Result<Vec<Resource>, Failure> {
        // What nobody sees is not composed.
        if self.counts_alike(cx) {
            let before = self.range.start.saturating_sub(self.served);
            self.served += self.items.skip(before);
        }
        let few = lookup::at_a_time(cx, self.list);
        let wanted = self.range.end.saturating_sub(self.served).min(few);
        if wanted == 0 {
            return self.leave(cx).await.map(|()| Vec::new());
        }
        let some = self.pages.few(&mut self.items, wanted)?;
        let found = there(cx, self.list, some).await?;
        let from = self.served;
        self.served += found.len();
        let seen = (from..).zip(found).filter(|(at, _)| self.range.contains(at));
        let (seen, ended): (Vec<_>, Vec<_>) =
            seen.map(|(_, found)| found).partition(Found::is_there);
        self.empty += ended.len();
        Ok(seen.into_iter().map(|found| found.resource).collect())
    }

    /// What of the page is behind the range: its client comes back for it, and it is counted where that costs
    /// nothing, or is all that is asked for.
    async fn leave(&mut self, cx: &Context<'_>) -> Result<(), Failure> {
        self.remember_rest(cx);
        if self.counts_alike(cx) {
            self.served += self.items.skip(usize::MAX);
            return Ok(());
        }
        if !self.range.is_empty() && (self.loses() || self.items.len() > COUNTED) {
            (self.items, self.uncounted) = (Items::default(), true);
            return Ok(());
        }
        while !self.items.is_empty() {
            let some = self.pages.few(&mut self.items, AT_A_TIME)?;
            self.served += there(cx, self.list, some).await?.len();
        }
        Ok(())
    }

    fn remember_rest(&self, cx: &Context<'_>) {
        let untouched = cx.memory.flights.era() == self.era;
        if self.range.is_empty() || self.items.is_empty() || !untouched {
            return;
        }
        let of = (self.list.operation.name.clone(), cx.live.generation, self.era);
        let (served, items, told) = (self.served, self.items.packed(), self.told);
        cx.recall.rest.leave(Rest { of, served, items, behind: self.pages.position(), told });
    }

    /// Whether each record of a page is a resource.
    fn counts_alike(&self, cx: &Context<'_>) -> bool {
        hides_nothing(cx) && !self.loses()
    }

    /// An item that is read again as a whole may be gone by then.
    fn loses(&self) -> bool {
        self.list.reads_all_again()
    }

    /// Remembers where the next page begins, and says whether it is wanted.
    fn page_ended(&mut self, cx: &Context<'_>) {
        if self.pages.next_call().is_some() && !self.uncounted {
            let (name, generation) = (&self.list.operation.name, cx.live.generation);
            cx.recall.walks.note(name, generation, self.served, self.pages.position());
        }
        self.over = !self.wants(self.served);
    }

    /// Whether what comes behind so many resources is wanted.
    fn wants(&self, served: usize) -> bool {
        // R37, R40, R41; RFC 7644 §3.4.2.4. The rest is only read to be counted, and only where the vendor does not say the total.
        let counting = self.told.is_none() && self.range.is_empty();
        let beyond = self.told.is_some_and(|total| total <= self.range.start);
        (served < self.range.end || counting) && !beyond
    }
}

/// Those of a few records that have a place in the list.
async fn there(
    cx: &Context<'_>,
    list: &ListOperation,
    some: Vec<Value>,
) -> Result<Vec<Found>, Failure> {
    let mut found = lookup::page(cx, list, some).await?;
    found.retain(Found::counts);
    Ok(found)
}

/// Every record of the vendor's list is a resource here, so both count alike.
fn hides_nothing(cx: &Context<'_>) -> bool {
    cx.plan.exists.is_none() && !cx.plan.buries() && !cx.plan.skips()
}
