//! What is known of a write under way, behind its lock.

use super::{
    due::{self, later},
    progress::{Begun, Progress},
};
use crate::{
    gateway::Context,
    mapping::plan::Step,
    store::{Change, Entry},
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// When a call that is about to leave has left at the latest. Where the vendor's limit is kept it may wait for a place
/// until its time is over.
pub fn leaves(cx: &Context<'_>) -> Timestamp {
    let waits = cx.live.plan.upstream.limits.requests.is_some();
    let left = cx.writes_until.saturating_duration_since(Instant::now());
    later(cx.at(), if waits { left } else { Duration::ZERO })
}

/// It.
#[derive(Debug)]
pub struct State {
    /// As it stands in the store, or will.
    pub entry: Entry,
    /// The store has it.
    pub entered: bool,
    /// How far it has come.
    pub progress: Progress,
    /// Whether the vendor's record will show what the operation under way does.
    pub visible: bool,
    /// Calls of the operation under way that an earlier try has carried out.
    pub skip: usize,
    /// The operation under way.
    pub now: Option<String>,
    /// Those that an earlier try has begun, and that have not been met again.
    pub inherited: Vec<String>,
    /// The call that was given up last.
    pub given_up: Option<String>,
    /// Until then one of another entry that wanted the same may reach the vendor.
    pub others: Option<Timestamp>,
    /// Something of it has left in this try.
    pub sent: bool,
    /// An earlier try was about to change several resources, and did not live to tell of how many it has.
    pub left: bool,
    /// Nobody goes on with it later.
    pub passing: bool,
    /// Another request has entered it than the one that is answered now.
    pub joined: bool,
    /// It was told that it came late.
    pub late: bool,
}

impl State {
    /// Whoever finds it is not to wait for less than what its call may take.
    pub fn leaves(&mut self, cx: &Context<'_>) {
        let now = cx.at();
        let due = if due::is_ahead(&self.entry, now) { now } else { self.entry.due };
        let due = due.max(later(leaves(cx), cx.at_large()));
        self.entry = Entry { due, planned: now, ..self.entry.clone() };
    }

    /// The operation under way, where it is one of several calls.
    pub fn begun(&mut self) -> Option<&mut Begun> {
        let now = self.now.as_ref()?;
        self.progress.begun.iter_mut().find(|begun| begun.like == *now)
    }

    /// How long a call has to wait for those that were given up before it: one that may not be made twice for all of
    /// them, any other for those that are not its own.
    pub fn unsettled(&self, now: Timestamp, step: &Step, safe: bool) -> Option<Duration> {
        let own = self.progress.until.and_then(|until| Timestamp::from_millisecond(until).ok());
        let again = self.given_up.as_ref() == Some(&step.label);
        let own = own.filter(|_| !safe || self.entry.durable && !again);
        let others = self.others.filter(|_| !safe);
        let until = own.into_iter().chain(others).max()?;
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }

    /// What writes it down.
    pub fn change(&mut self) -> Change {
        self.entry.progress = self.progress.held();
        let entry = self.entry.clone();
        if self.entered { Change::Amend(entry) } else { Change::Enter(entry) }
    }
}
