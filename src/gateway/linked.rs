//! The list of a vendor that cannot list: whom the store has Links for, each read by `get`, or many at once by
//! `get_many`.
//!
//! Whoever is not there any more is left out, and his Link goes, before the page is told: so a page is as long as
//! it was asked for, and the next one, by its index, begins behind it. Where a Link in front of it goes in between,
//! the place where this one ended is remembered.

use super::{
    Context, error::Failure, found::Found, identity::Identity, kept, lookup, many,
    outsider::Behind, pages::within,
};
use crate::{
    mapping::plan::LinkedList,
    scim::resource::Resource,
    store::{Change, Link, Page},
};
use std::ops::Range;

/// A walk to the resources of a range, in the order of their ids.
pub struct Linked<'p> {
    list: &'p LinkedList,
    range: Range<usize>,
    /// Resources before the next Link.
    served: usize,
    /// Places of the range that were passed over and left empty.
    empty: usize,
    /// The Link before it, once the walk has begun.
    after: Option<String>,
    over: bool,
    /// How many there are of them.
    listed: usize,
    /// Those who are outside come behind them.
    outside: Behind,
}

impl<'p> Linked<'p> {
    /// A walk to these places.
    pub fn new(cx: &Context<'p>, list: &'p LinkedList, range: Range<usize>) -> Self {
        if let Some(exercised) = cx.exercised() {
            exercised.ran(&list.place);
        }
        let (name, generation) = (&cx.plan.kind.name, cx.live.generation);
        let nearest = cx.memory.linked.nearest(name, generation, range.start);
        let (served, after) = nearest.map_or((0, None), |(served, id)| (served, Some(id)));
        let (empty, over, listed, outside) = (0, false, 0, Behind::default());
        Self { list, range, served, empty, after, over, listed, outside }
    }

    /// The next few resources of the range; nothing when there are no more.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        loop {
            let before = self.range.start.saturating_sub(self.served);
            let wanted = self.range.end.saturating_sub(self.served + before);
            let wanted = wanted.min(many::at_a_time(cx));
            if self.over || wanted == 0 {
                self.count(cx).await?;
                return match self.over {
                    true => self.outside.next(cx, self.listed, &self.range).await,
                    false => Ok(None),
                };
            }
            let page =
                Page { after: self.after.clone(), skip: before as u64, limit: wanted as u64 };
            let links = cx.ask(cx.store()?.links(&cx.rows(), page)).await?;
            let Some(last) = links.last().map(|link| link.id.clone()) else {
                self.over = true;
                continue;
            };
            let found = there(cx, self.list, links).await?;
            self.served += before + found.len();
            cx.memory.linked.note(
                &cx.plan.kind.name,
                cx.live.generation,
                self.served,
                last.clone(),
            );
            self.after = Some(last);
            let (seen, ended): (Vec<_>, Vec<_>) = found.into_iter().partition(Found::is_there);
            self.empty += ended.len();
            if !seen.is_empty() {
                return Ok(Some(seen.into_iter().map(|found| found.resource).collect()));
            }
        }
    }

    /// As [`Walk::empty`](super::walk::Walk::empty).
    pub fn empty(&self) -> usize {
        self.empty
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.listed.saturating_add(self.outside.total())
    }

    /// Counts them behind the walk: what it did not find is no more. A client that walks on must meet whoever
    /// stands behind it, and no more pages than there are.
    async fn count(&mut self, cx: &Context<'_>) -> Result<(), Failure> {
        self.outside.count(cx).await?;
        let (store, rows) = (cx.store()?, cx.rows());
        let counted = cx.ask(store.count_links(&rows)).await?;
        let counted = usize::try_from(counted).unwrap_or(usize::MAX);
        let more = match self.over || counted > self.served {
            true => false,
            false => {
                let page = Page { after: self.after.clone(), skip: 0, limit: 1 };
                !cx.ask(store.links(&rows, page)).await?.is_empty()
            }
        };
        self.listed = match self.over {
            true => self.served.max(counted.min(self.range.start)),
            false => counted.max(self.served + usize::from(more)),
        };
        Ok(())
    }
}

/// All of them; 400 tooMany, before any is read, when there are more than `most`.
pub async fn everybody(
    cx: &Context<'_>,
    list: &LinkedList,
    most: usize,
) -> Result<Vec<Found>, Failure> {
    if let Some(exercised) = cx.exercised() {
        exercised.ran(&list.place);
    }
    let page = Page::first((most as u64).saturating_add(1));
    let links = cx.ask(cx.store()?.links(&cx.rows(), page)).await?;
    within(most, links.len())?;
    there(cx, list, links).await
}

/// Those who are there.
async fn there(
    cx: &Context<'_>,
    list: &LinkedList,
    links: Vec<Link>,
) -> Result<Vec<Found>, Failure> {
    let all = links.into_iter().map(|Link { id, vendor_key }| Identity { id, key: vendor_key });
    let mut there = Vec::new();
    for (who, found) in lookup::each(cx, all.collect(), list.concurrent).await? {
        there.extend(match found {
            Some(found) => Some(found),
            None => doubted(cx, &who).await?,
        });
    }
    there.retain(Found::counts);
    Ok(there)
}

/// Forgets one who went behind our back: in his turn, and after another look, for a write may have been under way.
async fn doubted(cx: &Context<'_>, who: &Identity) -> Result<Option<Found>, Failure> {
    let _turn = cx.turn(&who.id).await?;
    let found = lookup::existing(cx, who).await?;
    if found.is_none() {
        kept::write(cx, vec![Change::Unlink { id: who.id.clone() }]).await?;
    }
    Ok(found)
}
