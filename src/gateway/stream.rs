//! A list that is too long to be held: read, translated and told a few resources at a time.
//!
//! What fails before the first piece is told is the request's failure, as of any other. What fails after it cuts
//! the client's connection: a list that ends is a list that is whole.

use super::{
    Context,
    error::Failure,
    group,
    linked::Linked,
    matched::{self, Matched},
    outlet::{Gone, Inlet, Outlet},
    place::Place,
    search,
    trace::{End, Streamed},
    values,
    walk::Walk,
};
use crate::scim::{
    listing::Listing,
    message::{Projection, Query},
    resource::Resource,
};
use std::{mem, ops::Range, vec};
use tokio::time::Instant;

/// Bytes of a piece: some twenty users. A piece is a wake-up of its connection, and what is lost when its client
/// goes.
const PIECE: usize = 32 * 1024;

/// Why a list was not told to its end.
enum Stop {
    Failed(Failure),
    Gone,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Gone> for Stop {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// Tells the page of a query. The trace says what came of it once something is told; before that it is the
/// Failure.
pub async fn stream(
    cx: &Context<'_>,
    query: &Query,
    place: &Place,
    projection: &Projection,
    listing: Listing<'_>,
    outlet: Outlet<'_>,
) -> Result<(), Failure> {
    let source = Source::of(cx, query, place, projection).await?;
    let (text, inlet) = (Vec::with_capacity(PIECE), Inlet::new(outlet));
    let mut teller = Teller { listing, text, inlet };
    let outcome = teller.tell(cx, source, place).await;
    let end = match &outcome {
        Ok(()) => End::Whole,
        Err(Stop::Failed(_)) => End::Cut,
        Err(Stop::Gone) => End::Abandoned,
    };
    if teller.inlet.is_open() {
        cx.trace().streamed = Some(Streamed { resources: teller.listing.held(), end });
    }
    match outcome {
        Err(Stop::Failed(failure)) => Err(failure),
        Ok(()) | Err(Stop::Gone) => Ok(()),
    }
}

/// A list on its way to the client.
struct Teller<'a> {
    listing: Listing<'a>,
    /// The next piece.
    text: Vec<u8>,
    inlet: Inlet<'a>,
}

impl Teller<'_> {
    async fn tell(
        &mut self,
        cx: &Context<'_>,
        mut source: Source<'_>,
        place: &Place,
    ) -> Result<(), Stop> {
        self.listing.begin(&mut self.text);
        loop {
            // The first piece is due as any answer is, each later one for itself: how long all of them take is
            // the client's to bear, who asked for so many.
            let each = self.inlet.each().and_then(|each| Instant::now().checked_add(each));
            let timed = each.map(|deadline| cx.until(deadline));
            let few = tokio::select! {
                biased;
                () = self.inlet.gone() => return Err(Stop::Gone),
                few = source.next(timed.as_ref().unwrap_or(cx)) => few?,
            };
            cx.trace().settle();
            let Some(few) = few else { break };
            for resource in few {
                self.listing.put(resource, &mut self.text);
                if self.text.len() >= PIECE {
                    self.piece(false).await?;
                }
            }
        }
        let (total, exact) = source.total();
        self.listing
            .end(place.page(self.listing.held() + source.empty(), total, exact), &mut self.text);
        self.piece(true).await
    }

    async fn piece(&mut self, last: bool) -> Result<(), Stop> {
        let text = mem::replace(&mut self.text, Vec::with_capacity(if last { 0 } else { PIECE }));
        Ok(self.inlet.tell(text, last).await?)
    }
}

/// Where the resources of a list come from.
enum Source<'p> {
    /// The vendor's list.
    Walked(Walk<'p>),
    /// The vendor's list, each matched.
    Matched(Matched<'p>),
    /// Whom the store has Links for.
    Linked(Linked<'p>),
    /// Groups of our own.
    Kept(group::search::Listed),
    /// What was found first, and how many there are: an order has all of them before its first, and a search of
    /// the vendor's gives no more than `limits.scan`.
    Found(vec::IntoIter<Resource>, usize),
}

impl<'p> Source<'p> {
    async fn of(
        cx: &Context<'p>,
        query: &'p Query,
        place: &Place,
        projection: &Projection,
    ) -> Result<Self, Failure> {
        let range = place.range();
        let unordered = query.sort.is_none();
        if cx.plan.values_of().is_some() {
            let found = values::chosen(cx, query, place.before > 0).await?;
            return Ok(Self::cut(found, range));
        }
        if cx.plan.kept() {
            let members = group::shows_members(projection);
            let listed = group::search::Listed::new(cx, query, range, members).await?;
            return Ok(Self::Kept(listed));
        }
        match &query.filter {
            None if unordered && cx.plan.fixed().is_none() => match &cx.plan.operations.linked {
                Some(linked) => Ok(Self::Linked(Linked::new(cx, linked, range))),
                None => Walk::new(cx, range).map(Self::Walked),
            },
            Some(filter) if unordered && matched::reads_all(cx, filter) => {
                Matched::new(cx, filter, range).map(Self::Matched)
            }
            _ => {
                let found = search::chosen(cx, query).await?;
                Ok(Self::cut(found, range))
            }
        }
    }

    /// The page of what was found.
    fn cut(mut found: Vec<Resource>, range: Range<usize>) -> Self {
        let total = found.len();
        found.truncate(range.end);
        let seen = found.drain(range.start.min(found.len())..).collect::<Vec<_>>();
        Self::Found(seen.into_iter(), total)
    }

    /// The next few; nothing when there are no more.
    async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Vec<Resource>>, Failure> {
        match self {
            Self::Walked(walk) => walk.next(cx).await,
            Self::Matched(matched) => matched.next(cx).await,
            Self::Linked(linked) => linked.next(cx).await,
            Self::Kept(listed) => listed.next(cx).await,
            Self::Found(found, _) => Ok(found.next().map(|resource| vec![resource])),
        }
    }

    /// Places of the page that are left empty.
    fn empty(&self) -> usize {
        match self {
            Self::Walked(walk) => walk.empty(),
            Self::Linked(linked) => linked.empty(),
            Self::Matched(_) | Self::Kept(_) | Self::Found(..) => 0,
        }
    }

    /// How many there are, and whether that is exact.
    fn total(&self) -> (usize, bool) {
        match self {
            Self::Walked(walk) => walk.total(),
            Self::Matched(matched) => (matched.total(), true),
            Self::Linked(linked) => (linked.total(), true),
            Self::Kept(listed) => (listed.total(), true),
            Self::Found(_, total) => (*total, true),
        }
    }
}
