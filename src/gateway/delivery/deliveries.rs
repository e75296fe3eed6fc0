//! What is in the journal is carried out without a client: each resource's entries in their order, until one has to wait.

use super::{
    super::{
        Arrival, Gateway, Trace,
        journal::{
            due::{self, later},
            unborn, verdict,
        },
    },
    births, look, turn,
};
use crate::store::{Batch, Change, Depth, Entry, Error, Stage, Store};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::task::{self, JoinSet};

/// Entries that are asked for in one look: those of as many resources.
const A_LOOK: u64 = 64;

/// Deliveries at once: what clients ask for now is not to stand behind what they asked for before.
const AT_ONCE: usize = 4;

/// The same with what another replica has left behind, which waits for none of those.
const AT_MOST: usize = 2 * AT_ONCE;

/// A resource of which something is to be carried out: kind and id.
type Resource = (String, String);

/// The deliveries of one gateway. Each goes on by itself: one whose vendor does not answer takes up a place, and no more,
/// and none of those that are kept for what another replica has left behind.
pub struct Deliveries<F> {
    gateway: Arc<Gateway>,
    /// For one that begins now, with all the time of a request.
    arrival: F,
    /// Left behind by another replica and not begun.
    left: VecDeque<Resource>,
    /// Due and not begun, in their order.
    due: VecDeque<Resource>,
    under_way: JoinSet<(Trace, bool)>,
    whose: HashMap<task::Id, Resource>,
    /// There may be more that is due than one look has room for.
    more: bool,
    /// Something came to its end since.
    moved: bool,
}

/// What is due, and until when the rest has time.
struct Found {
    left: Vec<Resource>,
    due: Vec<Resource>,
    next: Option<Duration>,
    more: bool,
}

impl<F: Fn() -> Arrival<'static>> Deliveries<F> {
    /// None is under way.
    pub fn of(gateway: Arc<Gateway>, arrival: F) -> Self {
        let (left, due) = (VecDeque::new(), VecDeque::new());
        let (under_way, whose) = (JoinSet::new(), HashMap::new());
        Self { gateway, arrival, left, due, under_way, whose, more: false, moved: false }
    }

    /// Begins what is due, and what is due later where whoever was at work on it is no more, as far as there is place
    /// now. In how long the next one is due; nothing when none waits.
    pub async fn look(&mut self) -> Result<Option<Duration>, Error> {
        let found = self.gateway.due((self.arrival)().now).await?;
        let Found { mut left, mut due, next, more } = found;
        for all in [&mut left, &mut due] {
            all.retain(|resource| !self.whose.values().any(|begun| begun == resource));
        }
        (self.left, self.due) = (left.into(), due.into());
        (self.more, self.moved) = (more, false);
        self.begin();
        Ok(next)
    }

    /// What was done of a resource, by its kind and id, when the next of them ends; nothing when none is under way.
    pub async fn ended(&mut self) -> Option<(String, Trace)> {
        let ended = self.under_way.join_next_with_id().await?;
        let id = ended.as_ref().map_or_else(task::JoinError::id, |(id, _)| *id);
        let (kind, of) = self.whose.remove(&id).unwrap_or_default();
        let resource = format!("{kind} {of}");
        let (trace, clear) = ended.map_or_else(
            |_| {
                // Its entry is as it was, and it is tried again like any other.
                tracing::error!(
                    request_id = resource,
                    tenant = &*self.gateway.tenant,
                    "a delivery ended in a panic: a mistake in scimshim, please report it"
                );
                (Trace::default(), false)
            },
            |(_, done)| done,
        );
        self.moved |= clear;
        self.begin();
        Some((resource, trace))
    }

    /// Whether it is worth a look at once: there was more than there was room for. Where nothing moves, nobody is in a
    /// hurry.
    pub fn hurry(&self) -> bool {
        self.more && self.moved && self.due.is_empty() && self.left.is_empty()
    }

    /// Begins no more; what is under way goes on.
    pub fn stop(&mut self) {
        self.left.clear();
        self.due.clear();
    }

    fn begin(&mut self) {
        loop {
            let next = match self.under_way.len() {
                ..AT_ONCE => self.left.pop_front().or_else(|| self.due.pop_front()),
                AT_ONCE..AT_MOST => self.left.pop_front(),
                AT_MOST.. => None,
            };
            let Some((kind, id)) = next else { break };
            let (gateway, arrival) = (self.gateway.clone(), (self.arrival)());
            let resource = (kind.clone(), id.clone());
            let task = async move { gateway.deliver_to(&kind, &id, arrival).await };
            self.whose.insert(self.under_way.spawn(task).id(), resource);
        }
    }
}

impl Gateway {
    /// Whether it has a journal.
    pub fn journals(&self) -> bool {
        self.journal().is_some()
    }

    /// How much there is in it.
    pub async fn depth(&self) -> Result<Depth, Error> {
        match self.journal() {
            Some(store) => store.depth(&self.tenant).await,
            None => Ok(Depth::default()),
        }
    }

    pub(super) fn journal(&self) -> Option<&dyn Store> {
        self.memory.journal(&self.live())
    }

    /// What is to be carried out now.
    async fn due(&self, now: Timestamp) -> Result<Found, Error> {
        let mut found = Found { left: vec![], due: vec![], next: None, more: false };
        let Some(store) = self.journal() else { return Ok(found) };
        // What could leave no line is not carried out.
        if !self.memory.can_tell() {
            return Ok(found);
        }
        let live = self.live();
        let left_behind = store.left_behind(&self.tenant).await?;
        let looks = store.looks(&self.tenant, live.plan.upstream.at_large()).await?;
        let names = left_behind.iter().chain(&looks).filter_map(|name| name.split_once(' '));
        let left: BTreeSet<(&str, &str)> =
            names.filter(|(kind, _)| live.plan.resource(kind).is_some()).collect();
        found.left = left.into_iter().map(|(kind, id)| (kind.to_owned(), id.to_owned())).collect();
        let entries = store.due(&self.tenant, A_LOOK).await?;
        found.more = entries.len() as u64 == A_LOOK;
        for entry in entries {
            match due::left(&entry, now) {
                Some(left) => found.next = Some(found.next.map_or(left, |next| next.min(left))),
                None if live.plan.resource(&entry.kind).is_none() => {
                    self.put_off(store, entry, now).await?;
                }
                None => {
                    let resource = (entry.kind, entry.id);
                    if !found.left.contains(&resource) {
                        found.due.push(resource);
                    }
                }
            }
        }
        Ok(found)
    }

    /// What the mapping does not serve now waits for one that does, and not before all else: a look has room for so many.
    async fn put_off(&self, store: &dyn Store, entry: Entry, now: Timestamp) -> Result<(), Error> {
        if entry.stage != Stage::Waiting {
            // What it settled for is over, and nobody comes by to see it.
            let over = Change::Strike { number: entry.number };
            let batch = Batch::new(&*self.tenant).with(entry.kind.as_str(), over);
            return store.write(batch).await.map(drop);
        }
        let (kind, due) = (entry.kind.clone(), later(now, verdict::LONGEST));
        let error = Some(format!("the mapping does not serve `{kind}`"));
        let later = Change::Amend(Entry { due, planned: now, error, ..entry });
        store.write(Batch::new(&*self.tenant).with(kind.as_str(), later)).await.map(drop)
    }

    /// Carries out what there is of one resource, and says whether nothing is left of it.
    pub async fn deliver_to(&self, kind: &str, id: &str, arrival: Arrival<'_>) -> (Trace, bool) {
        let live = self.live();
        // A reload may have come between.
        let Some(plan) = live.plan.resource(kind) else { return (Trace::default(), false) };
        let cx = self.context(&live, plan, arrival);
        let done = async {
            // Of a create nothing is looked at once more, but its watch ends as any other does.
            let is_clear = match unborn::is_provisional(id) {
                true => Box::pin(births::carry_out(&cx, id)).await?,
                false => true,
            };
            let turn = cx.turn_of(id).await?;
            let cx = &cx.within(&turn);
            let settles = turn::clear(cx, id, None).await?.until;
            match settles.and_then(|until| cx.left_until(until)) {
                // What is read now may not be what stands when that is over.
                Some(_) => Ok(is_clear),
                None => look::look(cx, id).await.map(|()| is_clear),
            }
        };
        let done = done.await;
        if let Err(failure) = &done {
            cx.fault(failure);
        }
        (cx.into_trace(), done.is_ok_and(|clear| clear))
    }
}
