//! A list of the vendor's, page after page. Never the shorter list: a page that fails fails it all.

use super::{
    Context,
    error::{Failure, shape, unsupported},
    exchange,
};
use crate::{
    mapping::{
        plan::{ListOperation, Step},
        translate::render,
    },
    scim::error::{Error, ScimType},
    upstream::{Answer, Call},
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

/// More pages than this is a vendor that never ends, not a list.
const PAGES: usize = 10_000;

/// One page.
pub struct Page {
    /// Its records.
    pub items: Vec<Value>,
    /// Of the whole list, where the vendor says it.
    pub total: Option<u64>,
}

/// A walk over the pages of one step.
pub struct Pages<'p> {
    step: &'p Step,
    /// The call for the next page.
    next: Option<Call>,
    /// Records before it, as the vendor counts them.
    read: usize,
    /// What was asked already: the same page twice is a circle.
    asked: HashSet<String>,
}

impl<'p> Pages<'p> {
    /// Begins with `next`, which has `read` records before it.
    pub fn new(step: &'p Step, next: Option<Call>, read: usize) -> Self {
        Self { step, next, read, asked: HashSet::new() }
    }

    /// Begins with the list's first page.
    pub fn from_the_first(cx: &Context<'_>, step: &'p Step) -> Result<Self, Failure> {
        let call = render::call(step, &cx.scope())?;
        let first = match &step.paging {
            Some(paging) => paging.first(call),
            None => call,
        };
        Ok(Self::new(step, Some(first), 0))
    }

    /// The call for the page that is read next.
    pub fn next_call(&self) -> Option<&Call> {
        self.next.as_ref()
    }

    /// Records before the next page, as the vendor counts them.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Reads the next page; nothing when the list has ended.
    pub async fn next(&mut self, cx: &Context<'_>) -> Result<Option<Page>, Failure> {
        let Some(call) = self.next.take() else { return Ok(None) };
        let call = Arc::new(call);
        let answer = exchange::perform(cx, self.step, &call, None).await?;
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
        let Some(place) = &self.step.items else { return Ok(Page { items: Vec::new(), total }) };
        // Where the next page is may stand in an item: it is found before they are moved out.
        let items = if place.is_query() {
            let items: Vec<Value> = place.all(&answer.body).into_iter().cloned().collect();
            self.next = self.following(cx, call, &answer, items.len())?;
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
            self.next = self.following(cx, call, &answer, received)?;
            match place.taken(answer.body) {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        };
        self.read += items.len();
        Ok(Page { items, total })
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
        paging
            .next(call, answer, received, so_far, &base)
            .map_err(|message| shape(self.step, message))
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
fn within(most: usize, read: usize) -> Result<(), Failure> {
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
