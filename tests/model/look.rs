//! The second look: what is done under a lease that was taken is kept, until it was asked for once more. A replica that
//! paused between the look at its lease and its call sends that call within the watch (A2), and no store can stop it.
//!
//! All of it as one write leaves what the last one wanted, so of what is kept the last one is carried out again, by the
//! ordinary way of an entry. The rows with it have writes of one call that shows and may be repeated.

use crate::{
    actions::{Model, Step},
    protocol::{Checks, Looks},
    state::{At, NOBODY, Stage, State, Task, Told, WRITES, Watch, numbers},
    tasks::{Commit, step},
};

impl Model<'_> {
    /// Whether late calls are looked after here.
    pub fn watches(&self) -> bool {
        self.row.replicas && self.protocol.checks == Checks::BeforeSend
    }

    /// The lease is taken from a holder that has not let go of it.
    pub fn watch(&self, then: &mut State) {
        if self.watches() {
            then.watch = Watch { on: true, over: false, ..then.watch };
        }
    }

    /// The entry was carried out, or there was nothing to do.
    pub fn keep(&self, then: &mut State, entry: u8) {
        if !then.watch.on {
            return;
        }
        let kept = &mut then.watch.kept;
        let place = kept.iter().position(|&other| other == entry || other == NOBODY);
        if let Some(place) = place {
            kept[place] = NOBODY;
            // The last one is the last.
            kept[place..].rotate_left(1);
        }
        let end = kept.iter().position(|&other| other == NOBODY);
        if let Some(end) = end {
            kept[end] = entry;
        }
    }

    /// A holder that was fenced after it had sent says so.
    pub fn report(&self, then: &mut State, task: u8) {
        if then.watch.on && then.task(task).sent {
            then.watch.reports += 1;
        }
    }

    /// Something is to be looked at.
    pub fn is_due(&self, state: &State) -> bool {
        state.watch.on && (state.watch.over || state.watch.reports > 0)
    }

    /// A worker with the turn, and with nothing that waits: how does the vendor stand?
    pub fn look_again(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let last = state.watch.kept.iter().rev().find(|&&entry| entry != NOBODY).copied();
        let differs = last.filter(|&entry| {
            let wanted = self.intent(entry).wants()[0];
            wanted.is_some_and(|wanted| state.vendor.values[0] != wanted)
        });
        let mut then = *state;
        let Watch { reports, over, .. } = state.watch;
        let looker = *then.task(task);
        let (what, looker) = match differs {
            // It is in no queue before it is marked: behind it something may have been received.
            Some(entry) => {
                let again = then.entry_mut(entry);
                (again.sent, again.doubt, again.next) = (false, false, 0);
                let mark =
                    Task { at: At::Mark, entry, call: 0, doubt: false, looks: true, ..looker };
                ("looks: an older write has come last", mark)
            }
            None => {
                let looked = Task { at: At::Looked, call: reports, doubt: over, ..looker };
                ("looks at what was done since", looked)
            }
        };
        *then.task_mut(task) = looker;
        steps.push(step(task, what, then));
    }

    /// What comes of the look is in the store.
    pub fn looked(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let Task { call: reports, doubt: over, .. } = *state.task(task);
        let ends = over || self.protocol.looks == Looks::EarlyEnds;
        let done = |then: &mut State| {
            then.watch.reports -= reports.min(then.watch.reports);
            if ends && then.watch.reports == 0 {
                then.watch = Watch::NONE;
            }
            self.go(then, task, Told::Nothing);
        };
        let failed = |then: &mut State| self.go(then, task, Told::Nothing);
        let what = "commits the look";
        self.commit(state, task, Commit { what, guarded: true, done, failed }, steps);
    }

    /// The watch is over when nobody can send any more what he was about to (A2), and what was sent has come (A1).
    pub fn watch_ends(&self, state: &State, steps: &mut Vec<Step>) {
        if !state.watch.on || state.watch.over {
            return;
        }
        let lost = |task: u8| state.task(task).at == At::Gap && state.lock.owner != task;
        let gap = self.protocol.outlasts && numbers(WRITES + 2).any(lost);
        if gap || state.calls.iter().any(|call| call.entry != NOBODY) {
            return;
        }
        let mut then = *state;
        then.watch.over = true;
        if self.protocol.looks == Looks::Never {
            then.watch = Watch::NONE;
        }
        steps.push(Step { who: NOBODY, what: "the watch is over", then, is_fault: false });
    }

    /// A write that finds nothing to do commits that too, where it would have to be asked for once more.
    pub fn keeps_noop(&self, state: &State, entry: u8) -> bool {
        state.watch.on && self.protocol.keeps_noops && state.entry(entry).stage != Stage::Waiting
    }
}
