//! An attempt at an entry, with the turn: read the vendor, mark the call, send it. How it went is
//! written down in `close.rs`.

use crate::{
    actions::{Model, Step, is_waiting},
    protocol::{Checks, Reads, Resumes},
    queue::insert,
    state::{At, Broken, Close, Entry, InFlight, NOBODY, Stage, State, Task, Told},
    tasks::{Commit, step},
    vendor::Call,
};

const SETTLES: &str = "lets the turn go until a call has settled";

impl Model<'_> {
    /// With the turn: what is next, how does the vendor stand, what is to be done about it.
    pub fn choose(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let goes = |told: Told, what: &'static str| {
            let mut then = *state;
            self.go(&mut then, task, told);
            step(task, what, then)
        };
        let own = self.own(state, task);
        if let Some(own) = own.filter(|&own| !is_waiting(state, own) && self.has_entry(task)) {
            let is_dead = state.entry(own).stage == Stage::Dead;
            let told = if is_dead { Told::Refusal } else { Told::Done };
            return steps.push(goes(told, "finds that its entry has ended"));
        }
        let Some(entry) = self.next(state).or(own) else {
            if self.is_due(state) {
                return self.look_again(state, task, steps);
            }
            return steps.push(goes(Told::Nothing, "finds nothing that waits"));
        };
        if !self.may_begin(state, entry) {
            return steps.push(goes(self.put_off(task), SETTLES));
        }
        if state.left.busy > 0 {
            let mut failed = goes(self.put_off(task), "reads the vendor, which answers 503");
            failed.then.left.busy -= 1;
            steps.push(Step { is_fault: true, ..failed });
        }
        let mut then = *state;
        let what = self.read(&mut then, task, entry);
        steps.push(step(task, what, then));
    }

    /// Reads the vendor for the entry and decides.
    fn read(&self, then: &mut State, task: u8, entry: u8) -> &'static str {
        let found = *then.entry(entry);
        let Some(call) = self.intent(entry).call(found.next) else { return "finds no call" };
        let doubt = found.doubt || found.sent && self.protocol.doubts_what_it_finds;
        let holder = Task { entry, call: found.next, doubt, ..*then.task(task) };
        *then.task_mut(task) = holder;
        if self.is_buried(then, entry) {
            if found.stage != Stage::Waiting {
                self.go(then, task, Told::Refusal);
            } else {
                then.task_mut(task).at = At::Close(Close::Refused);
            }
            return "finds a dead letter that asked for the same";
        }
        if self.is_in_place(then, entry) && !self.goes_on(entry, &found) {
            if found.stage != Stage::Waiting && !self.keeps_noop(then, entry) {
                self.go(then, task, Told::Done);
                return "finds nothing to do, and no entry to end";
            }
            then.task_mut(task).at = At::Close(Close::Done);
            return "reads: it is done";
        }
        if self.is_held_back(then, entry) {
            self.go(then, task, self.put_off(task));
            return SETTLES;
        }
        let is_doubtful = found.sent && !call.is_safe();
        if is_doubtful && !call.is_visible() && self.protocol.unknown_is_dead {
            then.task_mut(task).at = At::Close(Close::Unknown);
            return "finds a call that may have landed, and no read can tell";
        }
        if is_doubtful && call.is_visible() && self.is_made(then, call) {
            *then.task_mut(task) =
                Task { at: self.after_call(&holder), call: holder.call + 1, ..holder };
            return "reads: the call has landed";
        }
        then.task_mut(task).at = At::Mark;
        "reads: a call is to be sent"
    }

    /// The operation goes on at its next call, whatever a read shows: not every call does.
    fn goes_on(&self, entry: u8, found: &Entry) -> bool {
        let is_begun = match self.protocol.resumes {
            Resumes::Begun => found.is_begun(),
            Resumes::Sent => found.sent || found.next > 0,
            Resumes::Never => false,
        };
        is_begun && self.intent(entry).has_several_calls()
    }

    fn is_in_place(&self, state: &State, entry: u8) -> bool {
        let shown = |call: Call| match call {
            Call::Show(value) => state.vendor.values[0] == value,
            Call::Make(_) => self.is_made(state, call),
            Call::Hide(_) => true,
            Call::Once(_) | Call::Known(_) | Call::Taken(_) | Call::Refused => false,
        };
        // Of two calls on one attribute only what the second leaves is to be seen.
        let calls = self.intent(entry).calls();
        let last = calls[1].filter(|call| matches!(call, Call::Show(_))).or(calls[0]);
        last.is_some_and(shown)
    }

    /// A thing of this name is there, whichever entry made it.
    fn is_made(&self, state: &State, call: Call) -> bool {
        let is_made = |entry: u8| state.vendor.counts[usize::from(entry)] > 0;
        let mut same = self.writes().filter(|&entry| self.intent(entry).call(0) == Some(call));
        self.protocol.reads != Reads::Never && same.any(is_made)
    }

    /// Where a task stands once its call is done.
    pub fn after_call(&self, task: &Task) -> At {
        match self.intent(task.entry).call(task.call + 1) {
            Some(_) => At::Mark,
            None => At::Close(Close::Done),
        }
    }

    /// `sent` is in the store before the call leaves.
    pub fn mark(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let holder = *state.task(task);
        let Some(call) = self.intent(holder.entry).call(holder.call) else { return };
        let first = holder.call == state.entry(holder.entry).next;
        let unsettled = !first && state.is_in_flight(holder.entry);
        if self.protocol.steps_settle && unsettled {
            return;
        }
        let marked = |then: &mut State| {
            then.task_mut(task).at = At::Send;
            if then.entry(holder.entry).begun == 0 {
                let begun = then.entries.iter().map(|entry| entry.begun).max();
                then.entry_mut(holder.entry).begun = begun.unwrap_or(0) + 1;
            }
            if !self.protocol.journals {
                return;
            }
            if holder.looks {
                insert(then, holder.entry);
            } else if then.entry(holder.entry).stage == Stage::Absent {
                insert(then, holder.entry);
                then.clients[usize::from(task)].entry = task;
            }
            let entry = then.entry_mut(holder.entry);
            entry.next = holder.call;
            entry.doubt = holder.doubt;
            entry.sent = call.is_safe() || self.protocol.marks_unsafe;
        };
        let failed = |then: &mut State| self.go(then, task, self.put_off(task));
        let what = "commits `sent`";
        self.commit(state, task, Commit { what, guarded: true, done: marked, failed }, steps);
    }

    /// A holder asks its own clock, and sends: what it sends nobody can take back.
    pub fn send(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let holder = *state.task(task);
        let mut then = *state;
        let checks = holder.at == At::Send && self.protocol.checks != Checks::Never;
        if checks && holder.lapsed {
            self.stop(&mut then, task, self.put_off(task));
            return steps.push(step(task, "sees that its lease is over, and does not send", then));
        }
        if holder.at == At::Send && self.protocol.checks == Checks::BeforeSend {
            then.task_mut(task).at = At::Gap;
            return steps.push(step(task, "sees that its lease is its own", then));
        }
        match then.calls.iter_mut().find(|place| place.entry == NOBODY) {
            Some(place) => *place = InFlight { entry: holder.entry, call: holder.call, from: task },
            None => then.broken = Some(Broken::Room),
        }
        then.task_mut(task).at = At::Await;
        then.task_mut(task).sent = self.watches();
        steps.push(step(task, "sends the call", then));
    }
}
