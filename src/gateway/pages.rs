//! A list of the vendor's, page after page. Never the shorter list: a page that fails fails it all.

use super::{
    Context,
    error::{Failure, shape, unsupported},
    exchange,
    fingerprint::Fingerprint,
    flight::Ahead,
    items::Items,
    lists::Lists,
    walks::Position,
};
use crate::{
    mapping::{
        plan::{ListOperation, Step},
        translate::read,
    },
    scim::error::{Error, ScimType},
    upstream::{
        Answer, Call,
        paging::Paging,
        record::{Locator, Packed},
    },
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

/// More pages than this is a vendor that never ends, not a list.
const PAGES: usize = 10_000;

/// One page.
pub struct Page {
    /// Its records.
    pub items: Vec<Value>,
    /// Of one that is packed, those behind them.
    pub rest: Packed,
    /// Of the whole list, where the vendor says it.
    pub total: Option<u64>,
}

/// A walk over the pages of one step; with `for_each` over those of its lists, one after the other.
pub struct Pages<'p> {
    step: &'p Step,
    next: Option<Next>,
    lists: Lists,
    /// Records before it, as the vendor counts them.
    read: usize,
    /// What was asked already: the same page twice is a circle.
    asked: HashSet<String>,
    /// Of the page that was read last, now or by an earlier request.
    last: Option<Fingerprint>,
}

/// The call for the next page.
struct Next {
    call: Arc<Call>,
    /// Where it has left already.
    ahead: Option<Ahead>,
}

impl From<Call> for Next {
    fn from(call: Call) -> Self {
        Self { call: Arc::new(call), ahead: None }
    }
}

impl<'p> Pages<'p> {
    /// Begins with the page that is given to [`Pages::page`].
    pub fn new(step: &'p Step) -> Self {
        let lists = Lists::default();
        Self { step, next: None, lists, read: 0, asked: HashSet::new(), last: None }
    }

    /// Goes on from a place that an earlier request reached.
    pub fn from(step: &'p Step, position: Position) -> Self {
        let Position { read, call, last, lists } = position;
        Self { next: call.map(Next::from), read, last, lists, ..Self::new(step) }
    }

    /// Begins with the list's first page.
    pub fn from_the_first(cx: &Context<'_>, step: &'p Step) -> Result<Self, Failure> {
        let mut pages = Self { lists: Lists::of(cx, step)?, ..Self::new(step) };
        pages.next = pages.lists.turn().map(Next::from);
        Ok(pages)
    }

    /// The same for who looks at a few at a time: of a vendor that has one answer for all, most stays text until
    /// then.
    #[must_use]
    pub fn packed(mut self) -> Self {
        let whole = matches!(self.step.paging, None | Some(Paging::OneAnswer));
        if let Some(Locator::Field(place)) = self.step.items.as_ref().filter(|_| whole)
            && let (names, true) = place.names()
            && let Some(next) = &mut self.next
        {
            let packs = names.into_iter().map(str::to_owned).collect();
            next.call = Arc::new(Call { packs: Some(packs), ..Call::clone(&next.call) });
        }
        self
    }

    /// The call for the page that is read next.
    pub fn next_call(&self) -> Option<&Call> {
        self.next.as_ref().map(|next| &*next.call)
    }

    /// Records before the next page, as the vendor counts them.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Where the next page begins.
    pub fn position(&self) -> Position {
        let (call, lists) = (self.next_call().cloned(), self.lists.clone());
        Position { read: self.read, call, last: self.last, lists }
    }

    /// Passes over the pages before the one that holds the record at `wanted`, where that one can be reached
    /// directly; true when some were.
    pub fn leap(&mut self, wanted: usize) -> bool {
        let Some((call, before)) = self.over(wanted) else { return false };
        (self.next, self.read) = (Some(call.into()), before);
        true
    }

    /// Whether there are such pages.
    pub fn can_leap(&self, wanted: usize) -> bool {
        self.over(wanted).is_some()
    }

    fn over(&self, wanted: usize) -> Option<(Call, usize)> {
        // Which of several lists it is in nobody knows before those in front of it have been read.
        if self.step.for_each.is_some() {
            return None;
        }
        self.step.paging.as_ref()?.leap(self.next_call()?, self.read, wanted)
    }

    /// Sends the call for the next page off, which is wanted: it is on its way while this one is looked at. No
    /// other follows it before it is read.
    pub fn go_ahead(&mut self, cx: &Context<'_>) {
        if let Some(next) = &mut self.next
            && next.ahead.is_none()
        {
            next.ahead = exchange::ahead(cx, self.step, &next.call);
        }
    }

    /// Reads the next page; nothing when all lists have ended.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Page>, Failure> {
        let Some(Next { call, ahead }) = self.next.take() else { return Ok(None) };
        let answer = exchange::go_on(cx, self.step, &call, None, ahead).await?;
        self.page(cx, &call, answer).map(Some)
    }

    /// The page that `answer` to `call` holds; the walk goes on behind it.
    pub fn page(&mut self, cx: &Context<'_>, call: &Call, answer: Answer) -> Result<Page, Failure> {
        let known = self.asked.len();
        if !self.asked.insert(call.address()) {
            let message = "the vendor gives a page that was read before: the list never ends";
            return Err(shape(self.step, message.to_owned()));
        }
        if known >= PAGES {
            return Err(shape(self.step, format!("the list does not end within {PAGES} pages")));
        }
        let total = self.step.paging.as_ref().and_then(|paging| paging.total(&answer));
        let total = self.lists.total(total);
        let rest = answer.rest.clone();
        let Some(place) = &self.step.items else {
            return Ok(Page { items: Vec::new(), rest, total });
        };
        let first = self.read == 0;
        // Where the next page is may stand in an item: it is found before they are moved out.
        let items = if place.is_query() {
            let items: Vec<Value> = place.all(&answer.body).into_iter().cloned().collect();
            self.next = self.following(cx, call, &answer, items.len())?.map(Next::from);
            items
        } else {
            // null is empty; absent is broken unless the mapping says otherwise.
            let received = match place.first(&answer.body) {
                Some(Value::Array(list)) => list.len(),
                Some(Value::Null) => 0,
                None if self.step.may_lack_items => 0,
                _ => {
                    let message = format!("there is no list at `{place}` in the answer");
                    return Err(shape(self.step, message));
                }
            };
            self.next = self.following(cx, call, &answer, received)?.map(Next::from);
            match place.taken(answer.body) {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        };
        self.read += items.len() + rest.len();
        self.moves(cx, &items, first)?;
        self.turn();
        Ok(Page { items, rest, total })
    }

    /// Behind the last page of a list the next one begins.
    fn turn(&mut self) {
        if self.next.is_some() {
            return;
        }
        if let Some(call) = self.lists.turn() {
            self.lists.read += std::mem::take(&mut self.read);
            (self.next, self.last) = (Some(call.into()), None);
        }
    }

    /// A vendor that does not know the parameter gives its first page for ever.
    fn moves(&mut self, cx: &Context<'_>, items: &[Value], first: bool) -> Result<(), Failure> {
        // A part of a Record (`into`) holds other things than the resource's records.
        let key =
            |item: &Value| self.step.into.is_none().then(|| read::key(cx.plan, item)).flatten();
        let Some(found) = Fingerprint::of(items, key) else { return Ok(()) };
        if first && self.lists.begins(found) {
            let message = "the vendor gives the same list for each item of `for_each`: does it know the parameter?";
            return Err(shape(self.step, message.to_owned()));
        }
        let Some(paging) = &self.step.paging else { return Ok(()) };
        if self.last.is_some_and(|last| found.repeats(&last)) {
            let message = match paging.param() {
                Some(param) => format!(
                    "the vendor gave the same page twice: does it know `{param}`? If it gives its last page \
                     again behind the end, say where it tells `total` or `more`"
                ),
                None => "the vendor gave the same page twice".to_owned(),
            };
            return Err(shape(self.step, message));
        }
        self.last = Some(found);
        Ok(())
    }

    /// The next few of a page's records.
    pub fn few(&self, items: &mut Items, count: usize) -> Result<Vec<Value>, Failure> {
        let unreadable = || shape(self.step, "a record of the list is nested too deep".to_owned());
        items.take(count).ok_or_else(unreadable)
    }

    /// All records from here on; 400 tooMany as soon as there are more than `most`.
    pub async fn all(
        mut self,
        cx: &Context<'_>,
        first: Page,
        most: usize,
    ) -> Result<Vec<Value>, Failure> {
        let mut items = first.items;
        within(most, items.len())?;
        while let Some(page) = self.next(cx).await? {
            items.extend(page.items);
            within(most, items.len())?;
        }
        Ok(items)
    }

    fn following(
        &self,
        cx: &Context<'_>,
        call: &Call,
        answer: &Answer,
        received: usize,
    ) -> Result<Option<Call>, Failure> {
        let Some(paging) = &self.step.paging else { return Ok(None) };
        let base = cx.live.plan.upstream.base_url.text(&cx.scope());
        let base = base.ok().flatten().unwrap_or_default();
        let so_far = self.read.saturating_add(received);
        self.look(cx, answer, received);
        paging
            .next(call, answer, received, so_far, &base)
            .map_err(|message| shape(self.step, message))
    }

    /// Tells the operator once when a list seems to end at its first page only because nothing stands where the
    /// mapping looks.
    fn look(&self, cx: &Context<'_>, answer: &Answer, received: usize) {
        let Some(paging) = &self.step.paging else { return };
        let Some((place, there)) = paging.goes_on_by(answer) else { return };
        let Step { label, place: line, .. } = self.step;
        let step = format!("{label} {line}");
        if there {
            return cx.memory.unproven.seen(&step);
        }
        // One record is what a search for one person finds.
        let first = self.read == 0 && received > 1;
        if first && cx.memory.unproven.missed(&step) {
            cx.remark(format!(
                "`{label}` ({line}): the first page has {received} records and nothing at `{place}`, so it is taken \
                 for the whole list; if the vendor has more, the place is wrong"
            ));
        }
    }
}

/// A list is one step that yields items.
pub fn list_step(list: &ListOperation) -> Result<&Step, Failure> {
    let step = list.operation.steps.first().ok_or_else(|| unsupported("listing"))?;
    match step.items {
        Some(_) => Ok(step),
        None => Err(shape(step, "a list says where its `items` are".to_owned())),
    }
}

/// Beyond the bound the answer would be a guess or take too long (X3; RFC 7644 §3.4.2: tooMany).
pub fn within(most: usize, read: usize) -> Result<(), Failure> {
    if read <= most {
        return Ok(());
    }
    Err(Error::bad(
        ScimType::TooMany,
        format!(
            "more than {most} records would have to be read to match or sort them here; filter by an \
             attribute that the vendor can search, or raise `limits.scan` in the mapping"
        ),
    )
    .into())
}
