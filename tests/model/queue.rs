//! The queue of the resource: how an entry comes into it, who has the turn, and which entry is next.

use crate::{
    actions::{Model, Step},
    protocol::{Order, Reads, Settles, Tells},
    state::{At, NOBODY, Stage, State, TASKS, Task, Told, WRITES, numbers},
    tasks::{Commit, step},
    vendor::Call,
};

impl Model<'_> {
    /// The worker looks for what waits and may begin.
    pub fn wake(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let is_worker = usize::from(task) >= WRITES;
        let exists = usize::from(task) == WRITES || self.row.replicas;
        if !is_worker || !exists {
            return;
        }
        let Some(next) = self.next(state) else {
            if self.is_due(state) && self.is_free(state, task) {
                self.claim(state, task, steps);
            }
            return;
        };
        if self.may_begin(state, next) && self.is_free(state, task) {
            self.claim(state, task, steps);
        }
    }

    /// What the write joins is decided under the lock in which it does.
    pub fn look(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let mut seen = *state;
        seen.task_mut(task).entry = self.joins(state, task).unwrap_or(task);
        if self.protocol.joins_under_lock {
            return self.enter(&seen, task, steps);
        }
        seen.task_mut(task).at = At::Join;
        steps.push(step(task, "sees in its snapshot what waits", seen));
    }

    /// The last entry that waits, if it asks for the same.
    fn joins(&self, state: &State, task: u8) -> Option<u8> {
        let last = state.waiting().max_by_key(|&entry| state.entry(entry).seq);
        let same = |&entry: &u8| {
            let joinable = self.is_durable(entry) || !self.protocol.joins_durable_only;
            self.intent(entry) == self.intent(task) && joinable
        };
        last.filter(same)
    }

    /// There is a dead letter that asked for the same as the entry and was done in part, or may have been: how far is
    /// for a person to find out, for a read would not tell.
    pub fn is_buried(&self, state: &State, entry: u8) -> bool {
        self.protocol.dead_answers
            && self.writes().any(|other| {
                let letter = state.entry(other);
                let is_dead = letter.stage == Stage::Dead && letter.sent;
                is_dead && self.intent(other) == self.intent(entry)
            })
    }

    /// The durable write is in the store before anything else happens.
    pub fn enter(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let entry = state.task(task).entry;
        let joined = entry != task;
        let entered = |then: &mut State| {
            if joined {
                then.entry_mut(entry).shared = true;
            } else {
                insert(then, task);
            }
            then.clients[usize::from(task)].entry = entry;
            *then.task_mut(task) = Task { at: At::Turn, ..Task::IDLE };
            if self.protocol.tells == Tells::Early {
                self.tell_own(then, task, Told::Done);
            }
        };
        let failed = |then: &mut State| {
            then.clients[usize::from(task)].entry = NOBODY;
            self.stop(then, task, Told::Failure);
        };
        let what = if joined { "joins an entry" } else { "commits its entry" };
        self.commit(state, task, Commit { what, guarded: false, done: entered, failed }, steps);
    }

    pub fn turn(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        if self.is_free(state, task) {
            return self.claim(state, task, steps);
        }
        let mut then = *state;
        self.stop(&mut then, task, self.put_off(task));
        steps.push(step(task, "has waited for the turn long enough", then));
    }

    /// The turn of a resource is a mutex in one process, and a lease over several.
    fn is_free(&self, state: &State, task: u8) -> bool {
        let lease = state.lock.owner == NOBODY || !state.lock.live;
        self.has_mutex(state, task) && (lease || !self.row.replicas)
    }

    fn has_mutex(&self, state: &State, task: u8) -> bool {
        numbers(TASKS)
            .filter(|&other| other != task && self.process(other) == self.process(task))
            .all(|other| !state.task(other).holds())
    }

    fn claim(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        if self.protocol.locks_first {
            return self.take(state, task, steps);
        }
        let mut then = *state;
        then.task_mut(task).at = At::Seen;
        steps.push(step(task, "sees in its snapshot that the turn is free", then));
    }

    pub fn take(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        if !self.has_mutex(state, task) {
            return;
        }
        let mut then = *state;
        if state.lock.owner != NOBODY {
            self.watch(&mut then);
        }
        then.lock.owner = task;
        then.lock.live = true;
        let holder = *then.task(task);
        *then.task_mut(task) = Task { at: At::Choose, lapsed: false, sent: false, ..holder };
        steps.push(step(task, "takes the turn", then));
    }

    /// What is to be carried out first.
    pub fn next(&self, state: &State) -> Option<u8> {
        state.waiting().min_by_key(|&entry| {
            let entry = state.entry(entry);
            match self.protocol.order {
                Order::BegunFirst => (!entry.is_begun(), entry.seq),
                Order::Number => (false, entry.seq),
                Order::NewestFirst => (false, u8::MAX - entry.seq),
            }
        })
    }

    /// The entry may be looked at: nothing that could still land would make what is read untrue.
    pub fn may_begin(&self, state: &State, entry: u8) -> bool {
        let found = state.entry(entry);
        let call = self.intent(entry).call(found.next);
        let reads = call.is_some_and(|call| !call.is_safe() && call.is_visible());
        if found.sent && reads && self.protocol.reads == Reads::Settled && state.is_in_flight(entry)
        {
            return false;
        }
        let older = |other: u8| state.entry(other).stage == Stage::Dead && other != entry;
        if self.protocol.dead_blocks && self.writes().any(older) {
            return false;
        }
        self.protocol.settles != Settles::BeforeReading || !self.is_held_back(state, entry)
    }

    /// The call of an entry that has ended may still land, and would undo this one's or double it.
    pub fn is_held_back(&self, state: &State, entry: u8) -> bool {
        let call = self.intent(entry).call(state.entry(entry).next);
        let is_safe = call.is_some_and(Call::is_safe) || !self.protocol.unsafe_waits;
        self.writes().any(|other| {
            let found = state.entry(other);
            let settles = match found.stage {
                Stage::Settling => true,
                Stage::Dead => found.doubt && self.protocol.dead_settles,
                Stage::Absent | Stage::Waiting | Stage::Struck => false,
            };
            let differs = other != entry && self.intent(other) != self.intent(entry);
            other != entry && settles && state.is_in_flight(other) && (differs || !is_safe)
        })
    }
}

pub fn insert(then: &mut State, entry: u8) {
    let last = then.entries.iter().map(|entry| entry.seq).max().unwrap_or(0);
    let entry = then.entry_mut(entry);
    (entry.stage, entry.seq) = (Stage::Waiting, last + 1);
}
