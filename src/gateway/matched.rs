//! A filter that no search of the vendor's serves, over the whole list: every record is read and matched here,
//! a few at a time.

use super::{
    Context,
    error::{Failure, unsupported},
    found::Found,
    items::Items,
    lookup, outsider,
    pages::{Pages, list_step},
    place::AT_A_TIME,
};
use crate::{
    mapping::{
        plan::{FindBy, ListOperation},
        translate::pushdown::{self, Served},
    },
    scim::{
        filter::{Filter, matches::Matcher},
        resource::Resource,
    },
};
use std::ops::Range;

/// Whether the whole list has to be read for a filter, and as much of it as there is.
pub fn reads_all(cx: &Context<'_>, filter: &Filter) -> bool {
    let whole = |served: &Served<'_>| match served {
        Served::Find(find, _) | Served::Both(_, find, _) => {
            matches!(&find.how, FindBy::Scan(scan) if scan.at_most.is_none())
        }
        Served::Key(_) | Served::Kept(_) => false,
    };
    cx.plan.operations.list.is_some()
        && pushdown::serve(cx.plan, filter, &cx.names()).is_none_or(|parts| parts.iter().any(whole))
}

/// Those of the list that match, counted as a client counts them. All of them are counted: the total is exact.
pub struct Matched<'p> {
    list: &'p ListOperation,
    matcher: Matcher<'p>,
    pages: Pages<'p>,
    range: Range<usize>,
    /// Of the page that was read last, what is not looked at yet.
    items: Items,
    /// Matches so far.
    matched: usize,
    /// Of those who are outside, the ones that were looked at.
    outside: usize,
}

impl<'p> Matched<'p> {
    /// The matches at these places.
    pub fn new(cx: &Context<'p>, filter: &'p Filter, range: Range<usize>) -> Result<Self, Failure> {
        let plan = cx.plan;
        let matcher = Matcher::of_resources(filter, &plan.kind)?;
        let list = plan.operations.list.as_ref().ok_or_else(|| unsupported("listing"))?;
        let pages = Pages::from_the_first(cx, list_step(list)?)?.packed();
        let items = Items::default();
        Ok(Self { list, matcher, pages, range, items, matched: 0, outside: 0 })
    }

    /// The next few of them; nothing when there are no more.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        loop {
            let few = lookup::at_a_time(cx, self.list);
            let some = self.pages.few(&mut self.items, few)?;
            if some.is_empty() {
                let Some(page) = self.pages.next(cx).await? else { return self.behind(cx).await };
                self.items = Items::new(page.items, page.rest);
                self.pages.go_ahead(cx);
                continue;
            }
            let found = lookup::page(cx, self.list, some).await?.into_iter();
            let there = found.filter(Found::is_there).map(|found| found.resource);
            let few = self.matching(there)?;
            if !few.is_empty() {
                return Ok(Some(few));
            }
        }
    }

    /// The next few of them who are outside: they come behind the vendor's.
    async fn behind(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        loop {
            let some = outsider::page(cx, self.outside, AT_A_TIME).await?;
            if some.is_empty() {
                return Ok(None);
            }
            self.outside += some.len();
            let few = self.matching(some.into_iter().map(|outsider| outsider.resource))?;
            if !few.is_empty() {
                return Ok(Some(few));
            }
        }
    }

    /// Those that match and are in the range.
    fn matching(&mut self, some: impl Iterator<Item = Resource>) -> Result<Vec<Resource>, Failure> {
        let mut few = Vec::new();
        for resource in some {
            if !self.matcher.matches(&resource)? {
                continue;
            }
            if self.range.contains(&self.matched) {
                few.push(resource);
            }
            self.matched += 1;
        }
        Ok(few)
    }

    /// How many match.
    pub fn total(&self) -> usize {
        self.matched
    }
}
