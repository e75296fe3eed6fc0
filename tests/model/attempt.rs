//! An attempt at an entry, with the turn: read the vendor, mark the call, send it, and write down how it went.

use crate::{
    actions::{Model, Step, is_waiting},
    protocol::{Checks, Reads, Resumes, Settles},
    queue::insert,
    state::{At, Broken, Close, InFlight, NOBODY, Stage, State, Task, Told, numbers},
    tasks::{Guard, step},
    vendor::Call,
};

impl Model<'_> {
    /// With the turn: what is next, how does the vendor stand, what is to be done about it.
    pub fn choose(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let own = self.own(state, task);
        if let Some(own) = own.filter(|&own| !is_waiting(state, own) && self.has_entry(task)) {
            let mut then = *state;
            let dead = state.entry(own).stage == Stage::Dead;
            then.task_mut(task).answer = if dead { Told::Refusal } else { Told::Done };
            self.go(&mut then, task);
            return steps.push(step(task, "finds that its entry has ended", then));
        }
        let is_passing = own.is_some() && !self.has_entry(task);
        if is_passing && self.buried(state, task).is_some() {
            let mut then = *state;
            then.task_mut(task).answer = Told::Refusal;
            self.go(&mut then, task);
            return steps.push(step(task, "finds the dead letter of the same", then));
        }
        let Some(entry) = self.next(state).or(own) else {
            let mut then = *state;
            self.go(&mut then, task);
            return steps.push(step(task, "finds nothing that waits", then));
        };
        if !self.may_begin(state, entry) {
            let mut then = *state;
            self.put_off(&mut then, task);
            self.go(&mut then, task);
            return steps.push(step(task, "lets the turn go until a call has settled", then));
        }
        if state.left.busy > 0 {
            let mut then = *state;
            then.left.busy -= 1;
            self.put_off(&mut then, task);
            self.go(&mut then, task);
            let what = "reads the vendor, which answers 503";
            steps.push(Step { is_fault: true, ..step(task, what, then) });
        }
        let mut then = *state;
        let what = self.read(&mut then, task, entry);
        steps.push(step(task, what, then));
    }

    /// Reads the vendor for the entry and decides.
    fn read(&self, then: &mut State, task: u8, entry: u8) -> &'static str {
        let found = *then.entry(entry);
        let Some(call) = self.intent(entry).call(found.next) else { return "finds no call" };
        let in_place = self.is_in_place(then, entry);
        let begun = match self.protocol.resumes {
            Resumes::Begun => found.is_begun(),
            Resumes::Sent => found.sent || found.next > 0,
            Resumes::Never => false,
        };
        let goes_on = begun && self.intent(entry).has_several_calls();
        let doubt = found.doubt || found.sent && self.protocol.doubts_what_it_finds;
        let holder = then.task_mut(task);
        (holder.entry, holder.call, holder.doubt) = (entry, found.next, doubt);
        if in_place && !goes_on {
            if found.stage != Stage::Waiting {
                then.task_mut(task).answer = Told::Done;
                self.go(then, task);
                return "finds nothing to do, and no entry to end";
            }
            then.task_mut(task).at = At::Close(Close::Done);
            return "reads: it is done";
        }
        if self.is_held_back(then, entry) {
            self.put_off(then, task);
            self.go(then, task);
            return "lets the turn go until a call has settled";
        }
        if found.sent && !call.is_safe() {
            if !call.is_visible() && self.protocol.unknown_is_dead {
                then.task_mut(task).at = At::Close(Close::Unknown);
                return "finds a call that may have landed, and no read can tell";
            }
            if call.is_visible() && self.protocol.reads != Reads::Never && is_made(self, then, call)
            {
                let holder = *then.task(task);
                then.task_mut(task).at = self.after_call(&holder);
                then.task_mut(task).call += 1;
                return "reads: the call has landed";
            }
        }
        then.task_mut(task).at = At::Mark;
        "reads: a call is to be sent"
    }

    fn is_in_place(&self, state: &State, entry: u8) -> bool {
        let shown = |call: Call| match call {
            Call::Show(value) => state.vendor.values[0] == value,
            Call::Make(_) => self.protocol.reads != Reads::Never && is_made(self, state, call),
            Call::Hide(_) => true,
            Call::Once(_) | Call::Refused => false,
        };
        // Of two calls on one attribute only what the second leaves is to be seen.
        let calls = self.intent(entry).calls();
        let last = calls[1].filter(|call| matches!(call, Call::Show(_))).or(calls[0]);
        last.is_some_and(shown)
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
            if then.entry(holder.entry).stage == Stage::Absent {
                insert(then, holder.entry);
                then.clients[usize::from(task)].entry = task;
            }
            let entry = then.entry_mut(holder.entry);
            entry.next = holder.call;
            entry.doubt = holder.doubt;
            entry.sent = call.is_safe() || self.protocol.marks_unsafe;
        };
        let failed = |then: &mut State| {
            self.put_off(then, task);
            self.go(then, task);
        };
        self.commit(state, task, Guard::Turn, "commits `sent`", marked, failed, steps);
    }

    /// A holder asks its own clock, and sends: what it sends nobody can take back.
    pub fn send(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let holder = *state.task(task);
        let mut then = *state;
        let checks = holder.at == At::Send && self.protocol.checks != Checks::Never;
        if checks && holder.lapsed {
            self.put_off(&mut then, task);
            self.stop(&mut then, task);
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
        steps.push(step(task, "sends the call", then));
    }

    /// How the entry stands after the attempt is in the store before the client is told.
    pub fn close(&self, state: &State, task: u8, close: Close, steps: &mut Vec<Step>) {
        let holder = *state.task(task);
        let is_own = self.own(state, task) == Some(holder.entry);
        let lost = matches!(close, Close::Lost | Close::Unknown);
        let several = self.intent(holder.entry).has_several_calls();
        let in_part = several && (holder.call > 0 || holder.doubt || close == Close::Lost);
        let passing = is_own && !self.is_durable(task) && !(in_part && self.protocol.finishes);
        let closed = |then: &mut State| {
            let shared = then.entry(holder.entry).shared && self.protocol.counts_sharers;
            let own_alone = is_own && (!self.is_durable(task) || holder.entry == task && !shared);
            let strikes = own_alone && !(in_part && self.protocol.finishes);
            let (end, told) = match close {
                Close::Done => (Some(Stage::Struck), Told::Done),
                Close::Refused if strikes || !self.protocol.buries => {
                    (Some(Stage::Struck), Told::Refusal)
                }
                Close::Refused | Close::Unknown => (Some(Stage::Dead), Told::Refusal),
                Close::Later | Close::Lost if passing => (Some(Stage::Struck), Told::Failure),
                Close::Later | Close::Lost => (None, Told::Nothing),
            };
            let entry = then.entry_mut(holder.entry);
            let remembers = self.protocol.remembers_doubt || end.is_some();
            entry.doubt = holder.doubt && remembers || lost && end.is_some();
            entry.sent = match end {
                None => close == Close::Lost,
                Some(end) => end == Stage::Dead && (in_part || close == Close::Unknown),
            };
            entry.next = if end.is_none() { holder.call } else { 0 };
            entry.well = close == Close::Done;
            if let Some(end) = end.filter(|_| entry.stage == Stage::Waiting) {
                let settles = end == Stage::Struck && entry.doubt;
                let kept = self.protocol.settles != Settles::WithEntry;
                entry.stage = if settles && kept { Stage::Settling } else { end };
            }
            if end.is_some() && !is_own {
                then.task_mut(task).at = At::Choose;
                return;
            }
            self.put_off(then, task);
            if is_own && end.is_some() {
                then.task_mut(task).answer = told;
            }
            self.go(then, task);
        };
        // The strike may be in the store although it looks failed: then nobody is left to keep a promise.
        let promises = close != Close::Refused || self.protocol.promises_in_doubt;
        let failed = |then: &mut State| {
            self.put_off(then, task);
            if !promises {
                then.task_mut(task).answer = Told::Failure;
            }
            self.go(then, task);
        };
        self.commit(state, task, Guard::Turn, word(close), closed, failed, steps);
    }
}

/// A thing of this name is there, whichever entry made it.
fn is_made(model: &Model, state: &State, call: Call) -> bool {
    let makes = |entry: &u8| model.row.writes[usize::from(*entry)].intent.call(0) == Some(call);
    numbers(model.row.writes.len())
        .filter(makes)
        .any(|entry| state.vendor.counts[usize::from(entry)] > 0)
}

fn word(close: Close) -> &'static str {
    match close {
        Close::Done => "commits the end",
        Close::Refused => "commits the refusal",
        Close::Unknown => "commits a dead letter `unknown`",
        Close::Later | Close::Lost => "commits that the entry waits",
    }
}
