//! What is in the journal is carried out without a client: each resource's entries in their order, until one has to wait.

use super::{
    super::{Arrival, Gateway, Trace},
    births,
    due::{self, later},
    look, turn, unborn, verdict,
};
use crate::store::{Batch, Change, Depth, Entry, Error, Stage, Store};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::Instant;

/// Entries that are looked at in one round: those of as many resources.
const A_ROUND: u64 = 64;

/// Deliveries at once: what clients ask for now is not to stand behind what they asked for before.
const AT_ONCE: usize = 4;

/// What a round of deliveries came to.
#[derive(Debug, Default)]
pub struct Round {
    /// What was done for each resource whose turn it was, by its kind and id.
    pub traces: Vec<(String, Trace)>,
    /// Until the next entry is due; nothing when none waits.
    pub next: Option<Duration>,
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

    /// Carries out what is due by the arrival's instant, and what is due later where whoever was at work on it is no more.
    pub async fn deliver(&self, arrival: Arrival<'_>) -> Result<Round, Error> {
        let mut round = Round::default();
        let Some(store) = self.journal() else { return Ok(round) };
        // What could leave no line is not carried out.
        if !self.memory.can_tell() {
            return Ok(round);
        }
        let left_behind = store.left_behind(&self.tenant).await?;
        let kind_and_id = |name: String| {
            let (kind, id) = name.split_once(' ')?;
            Some((kind.to_owned(), id.to_owned()))
        };
        let live = self.live();
        let looks = store.looks(&self.tenant, live.plan.upstream.at_large()).await?;
        let mut due: BTreeSet<(String, String)> =
            left_behind.into_iter().chain(looks).filter_map(kind_and_id).collect();
        for entry in store.due(&self.tenant, A_ROUND).await? {
            match due::left(&entry, arrival.now) {
                Some(left) => round.next = Some(round.next.map_or(left, |next| next.min(left))),
                None if live.plan.resource(&entry.kind).is_none() => {
                    self.put_off(store, entry, arrival.now).await?;
                }
                None => drop(due.insert((entry.kind, entry.id))),
            }
        }
        let (since, begun) = (live.upstream.now(), Instant::now());
        // Each has all the time of a request, from its own beginning.
        let afresh = || {
            let passed = live.upstream.now().saturating_duration_since(since);
            let (now, deadline) = (later(arrival.now, passed), arrival.deadline + begun.elapsed());
            Arrival { now, deadline, ..arrival }
        };
        let afresh = &afresh;
        let done = due.into_iter().map(|(kind, id)| async move {
            let (trace, clear) = self.deliver_to(&kind, &id, afresh()).await?;
            Some((format!("{kind} {id}"), trace, clear))
        });
        let done: Vec<_> = stream::iter(done).buffer_unordered(AT_ONCE).collect().await;
        for (resource, trace, clear) in done.into_iter().flatten() {
            round.traces.push((resource, trace));
            if clear {
                // Others may be due that this round had no place for. Where nothing moves, nobody is in a hurry.
                round.next = Some(Duration::ZERO);
            }
        }
        Ok(round)
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

    /// Carries out what there is of one resource, and says whether nothing is left of it; nothing where its kind is served
    /// no more.
    async fn deliver_to(
        &self,
        kind: &str,
        id: &str,
        arrival: Arrival<'_>,
    ) -> Option<(Trace, bool)> {
        let live = self.live();
        let cx = self.context(&live, live.plan.resource(kind)?, arrival);
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
        Some((cx.into_trace(), done.is_ok_and(|clear| clear)))
    }
}
