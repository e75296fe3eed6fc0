//! What is in the journal is carried out without a client: each resource's entries in their order, until one has to wait.

use super::{
    super::{Arrival, Gateway, Trace},
    births,
    due::{self, later},
    look, turn, unborn, verdict,
};
use crate::store::{Batch, Change, Depth, Entry, Error, Stage, Store};
use jiff::Timestamp;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::task::{self, JoinSet};

/// Entries that are asked for in one look: those of as many resources.
const A_LOOK: u64 = 64;

/// Deliveries at once: what clients ask for now is not to stand behind what they asked for before.
const AT_ONCE: usize = 4;

/// A resource of which something is to be carried out: kind and id.
type Resource = (String, String);

/// The deliveries of one gateway. Each goes on by itself: one whose vendor does not answer holds up no other, nor the
/// taking over of what another replica has left behind.
pub struct Deliveries<F> {
    gateway: Arc<Gateway>,
    /// For one that begins now, with all the time of a request.
    arrival: F,
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
    resources: Vec<Resource>,
    next: Option<Duration>,
    more: bool,
}

impl<F: Fn() -> Arrival<'static>> Deliveries<F> {
    /// None is under way.
    pub fn of(gateway: Arc<Gateway>, arrival: F) -> Self {
        let (due, under_way, whose) = (VecDeque::new(), JoinSet::new(), HashMap::new());
        Self { gateway, arrival, due, under_way, whose, more: false, moved: false }
    }

    /// Begins what is due, and what is due later where whoever was at work on it is no more, as far as there is place
    /// now. In how long the next one is due; nothing when none waits.
    pub async fn look(&mut self) -> Result<Option<Duration>, Error> {
        let Found { mut resources, next, more } = self.gateway.due((self.arrival)().now).await?;
        resources.retain(|resource| !self.whose.values().any(|begun| begun == resource));
        (self.due, self.more, self.moved) = (resources.into(), more, false);
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
        self.more && self.moved && self.due.is_empty()
    }

    /// Begins no more; what is under way goes on.
    pub fn stop(&mut self) {
        self.due.clear();
    }

    fn begin(&mut self) {
        while self.under_way.len() < AT_ONCE
            && let Some((kind, id)) = self.due.pop_front()
        {
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
        let mut found = Found { resources: vec![], next: None, more: false };
        let Some(store) = self.journal() else { return Ok(found) };
        // What could leave no line is not carried out.
        if !self.memory.can_tell() {
            return Ok(found);
        }
        let live = self.live();
        let left_behind = store.left_behind(&self.tenant).await?;
        let looks = store.looks(&self.tenant, live.plan.upstream.at_large()).await?;
        let mut add = |resource: Resource| {
            if !found.resources.contains(&resource) && live.plan.resource(&resource.0).is_some() {
                found.resources.push(resource);
            }
        };
        for name in left_behind.into_iter().chain(looks) {
            if let Some((kind, id)) = name.split_once(' ') {
                add((kind.to_owned(), id.to_owned()));
            }
        }
        let entries = store.due(&self.tenant, A_LOOK).await?;
        found.more = entries.len() as u64 == A_LOOK;
        for entry in entries {
            match due::left(&entry, now) {
                Some(left) => found.next = Some(found.next.map_or(left, |next| next.min(left))),
                None if live.plan.resource(&entry.kind).is_none() => {
                    self.put_off(store, entry, now).await?;
                }
                None => add((entry.kind, entry.id)),
            }
        }
        Ok(found)
    }

    /// What the mapping does not serve now waits for one that does, and not before all else: a round has room for so many.
    async fn put_off(&self, store: &dyn Store, entry: Entry, now: Timestamp) -> Result<(), Error> {
        if entry.stage != Stage::Waiting {
            return Ok(());
        }
        let (kind, due) = (entry.kind.clone(), later(now, verdict::LONGEST));
        let error = Some(format!("the mapping does not serve `{kind}`"));
        let later = Change::Amend(Entry { due, planned: now, error, ..entry });
        store.write(Batch::new(&*self.tenant).with(kind.as_str(), later)).await.map(drop)
    }

    /// Carries out what there is of one resource, and says whether nothing is left of it.
    async fn deliver_to(&self, kind: &str, id: &str, arrival: Arrival<'_>) -> (Trace, bool) {
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
