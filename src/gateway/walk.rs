//! A walk over the vendor's list: its pages one after the other, from the nearest place that an earlier
//! request reached, and what a client sees of them a few resources at a time.

use super::{
    Context,
    error::{Failure, unsupported},
    found::Found,
    lookup,
    outsider::Behind,
    pages::{Pages, list_step},
    place::AT_A_TIME,
    walks::Position,
};
use crate::{
    mapping::plan::{ListOperation, Step},
    scim::resource::Resource,
};
use serde_json::Value;
use std::{ops::Range, vec};

/// A walk to the resources of a range, counted as a client counts them.
pub struct Walk<'p> {
    list: &'p ListOperation,
    step: &'p Step,
    pages: Pages<'p>,
    range: Range<usize>,
    /// Of the page that was read last, what is not looked at yet.
    items: vec::IntoIter<Value>,
    /// Resources before those.
    served: usize,
    /// How many there are, as the vendor says.
    told: Option<usize>,
    /// The next page is at a place that an earlier request reached.
    resumed: bool,
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
        match cx.recall.walks.nearest(name, cx.live.generation, range.start) {
            Some((served, position)) => {
                let pages = Pages::from(step, position);
                Ok(Self { served, resumed: true, ..Self::of(list, step, range, pages) })
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
        let pages = Pages::from_the_first(cx, step)?;
        Ok(Self::of(list, step, range, pages))
    }

    fn of(list: &'p ListOperation, step: &'p Step, range: Range<usize>, pages: Pages<'p>) -> Self {
        let items = Vec::new().into_iter();
        let (served, told, resumed, over) = (0, None, false, false);
        let outside = Behind::default();
        Self { list, step, pages, range, items, served, told, resumed, over, outside }
    }

    /// The next few resources of the range; nothing when there are no more.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        loop {
            if self.items.as_slice().is_empty() && (self.over || !self.turn(cx).await?) {
                return self.behind(cx).await;
            }
            let found = self.few(cx).await?;
            if self.items.as_slice().is_empty() {
                self.page_ended(cx);
            }
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
    }

    /// Those of the range who are outside.
    async fn behind(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        if self.pages.next_call().is_some() {
            return Ok(None);
        }
        self.outside.next(cx, self.served, &self.range).await
    }

    /// How many there are, and whether that is exact: else it is larger than the last index served.
    pub fn total(&self) -> (usize, bool) {
        match self.told {
            Some(total) => (total, true),
            // A client that pages goes on.
            None if self.pages.next_call().is_some() => (self.served.saturating_add(1), false),
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
            *self = Self::begin(cx, self.list, self.step, self.range.clone())?;
            page = self.pages.next(cx).await;
        }
        self.resumed = false;
        let Some(page) = page? else { return Ok(false) };
        if hides_nothing(cx) && page.total.is_some() {
            self.told = page.total.map(|total| usize::try_from(total).unwrap_or(usize::MAX));
        }
        self.items = page.items.into_iter();
        Ok(true)
    }

    /// Passes over pages that nobody asked for. Only where nothing is hidden here, and the vendor told of so many:
    /// behind the end an empty page would look like a list as long as what was passed over.
    fn leap(&mut self, cx: &Context<'_>) {
        let start = self.range.start;
        let there = self.told.is_some_and(|told| start < told);
        if there && hides_nothing(cx) && !self.loses() && self.pages.leap(start) {
            self.served = self.pages.read();
        }
    }

    /// What is there of the next few records of the page, and in the range.
    async fn few(&mut self, cx: &Context<'_>) -> Result<Vec<Resource>, Failure> {
        if !hides_nothing(cx) || self.loses() {
            let some = self.items.by_ref().take(AT_A_TIME).collect();
            let found = there(cx, self.list, some).await?;
            let from = self.served;
            self.served += found.len();
            let seen = (from..).zip(found).filter(|(at, _)| self.range.contains(at));
            return Ok(seen.map(|(_, resource)| resource).collect());
        }
        // What nobody sees is not composed.
        let before = self.range.start.saturating_sub(self.served);
        self.served += self.items.by_ref().take(before).count();
        let wanted = self.range.end.saturating_sub(self.served).min(AT_A_TIME);
        if wanted == 0 {
            self.served += self.items.by_ref().count();
            return Ok(Vec::new());
        }
        let some: Vec<Value> = self.items.by_ref().take(wanted).collect();
        self.served += some.len();
        there(cx, self.list, some).await
    }

    /// An item that is read again as a whole may be gone by then.
    fn loses(&self) -> bool {
        self.list.read_again.iter().any(|name| name == "get")
    }

    /// Remembers where the next page begins, and says whether it is wanted.
    fn page_ended(&mut self, cx: &Context<'_>) {
        if let Some(call) = self.pages.next_call().cloned() {
            let position = Position { read: self.pages.read(), call, last: self.pages.last() };
            let (name, generation) = (&self.list.operation.name, cx.live.generation);
            cx.recall.walks.note(name, generation, self.served, position);
        }
        // R37, R40, R41; RFC 7644 §3.4.2.4. The rest is only read to be counted, and only where the vendor does not say the total.
        let counting = self.told.is_none() && self.range.is_empty();
        let beyond = self.told.is_some_and(|total| total <= self.range.start);
        self.over = (self.served >= self.range.end && !counting) || beyond;
    }
}

/// Those of a few records that are there.
async fn there(
    cx: &Context<'_>,
    list: &ListOperation,
    some: Vec<Value>,
) -> Result<Vec<Resource>, Failure> {
    let found = lookup::page(cx, list, some).await?;
    Ok(found.into_iter().filter(Found::is_there).map(|found| found.resource).collect())
}

/// Every record of the vendor's list is a resource here, so both count alike.
fn hides_nothing(cx: &Context<'_>) -> bool {
    cx.plan.exists.is_none() && !cx.plan.buries() && !cx.plan.skips()
}
