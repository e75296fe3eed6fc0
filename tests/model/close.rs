//! How an attempt ends: what becomes of the entry, and what the client is told once that is committed.

use crate::{
    actions::{Model, Step},
    protocol::Settles,
    state::{At, Close, Stage, State, Task, Told},
    tasks::Commit,
};

impl Model<'_> {
    /// How the entry stands after the attempt is in the store before the client is told.
    pub fn close(&self, state: &State, task: u8, close: Close, steps: &mut Vec<Step>) {
        let holder = *state.task(task);
        let is_own = self.own(state, task) == Some(holder.entry);
        let closed = |then: &mut State| {
            then.task_mut(task).looks = false;
            let ended = match holder.looks && matches!(close, Close::Later | Close::Lost) {
                // The next look asks again, and knows what was done meanwhile.
                true => Some((Stage::Struck, Told::Failure)),
                false => self.end(then, task, close),
            };
            let Some((end, told)) = ended else {
                self.wait(then, &holder, close);
                return self.go(then, task, self.put_off(task));
            };
            self.strike(then, &holder, close, end);
            if close == Close::Done {
                self.keep(then, holder.entry);
            }
            if is_own {
                self.go(then, task, told);
            } else {
                then.task_mut(task).at = At::Choose;
            }
        };
        // The strike may be in the store although it looks failed: then nobody is left to keep a promise.
        let promises = close != Close::Refused || self.protocol.promises_in_doubt;
        let told = if promises { self.put_off(task) } else { Told::Failure };
        let failed = |then: &mut State| self.go(then, task, told);
        let what = match close {
            Close::Done => "commits the end",
            Close::Refused => "commits the refusal",
            Close::Unknown => "commits a dead letter `unknown`",
            Close::Later | Close::Lost => "commits how far it came",
        };
        self.commit(state, task, Commit { what, guarded: true, done: closed, failed }, steps);
    }

    /// How the entry ends, and what its own client hears; nothing where it waits. It is decided in the transaction,
    /// for somebody may have joined the entry since it was read.
    fn end(&self, state: &State, task: u8, close: Close) -> Option<(Stage, Told)> {
        let holder = state.task(task);
        let is_own = self.own(state, task) == Some(holder.entry);
        let is_passing = is_own && !self.is_durable(task);
        let is_half = self.protocol.finishes && self.is_in_part(holder, close);
        let is_shared = self.protocol.counts_sharers && state.entry(holder.entry).shared;
        let listens = is_passing || is_own && holder.entry == task && !is_shared;
        match close {
            Close::Done => Some((Stage::Struck, Told::Done)),
            Close::Refused if listens && !is_half || !self.protocol.buries => {
                Some((Stage::Struck, Told::Refusal))
            }
            Close::Refused | Close::Unknown => Some((Stage::Dead, Told::Refusal)),
            Close::Later | Close::Lost if is_passing && !is_half => {
                Some((Stage::Struck, Told::Failure))
            }
            Close::Later | Close::Lost => None,
        }
    }

    /// Some call of several is done, or may be.
    fn is_in_part(&self, holder: &Task, close: Close) -> bool {
        let several = self.intent(holder.entry).has_several_calls();
        several && (holder.call > 0 || holder.doubt || close == Close::Lost)
    }

    fn wait(&self, then: &mut State, holder: &Task, close: Close) {
        let entry = then.entry_mut(holder.entry);
        entry.doubt = holder.doubt && self.protocol.remembers_doubt;
        entry.sent = close == Close::Lost;
        entry.next = holder.call;
    }

    fn strike(&self, then: &mut State, holder: &Task, close: Close, end: Stage) {
        let is_in_part = close == Close::Unknown || self.is_in_part(holder, close);
        let entry = then.entry_mut(holder.entry);
        entry.doubt = holder.doubt || matches!(close, Close::Lost | Close::Unknown);
        entry.sent = end == Stage::Dead && is_in_part;
        entry.next = 0;
        entry.well = close == Close::Done || holder.looks;
        let settles = entry.doubt && self.protocol.settles != Settles::WithEntry;
        if entry.stage == Stage::Waiting {
            let struck = end == Stage::Struck && settles;
            entry.stage = if struck { Stage::Settling } else { end };
        }
    }
}
