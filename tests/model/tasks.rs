//! What a process does: a request from its entry to its answer, and the worker that carries out what waits.

use crate::{
    actions::{Model, Step},
    state::{At, Broken, NOBODY, State, Task, Told, WRITES},
};

/// A transaction that is about to be committed.
pub struct Commit<Done, Failed> {
    pub what: &'static str,
    /// It asks that its task still has the turn.
    pub guarded: bool,
    pub done: Done,
    /// What the task does where it hears that nothing was done, whether that is so or not.
    pub failed: Failed,
}

impl Model<'_> {
    pub fn task(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        match state.task(task).at {
            At::Idle => self.wake(state, task, steps),
            At::Enter => self.look(state, task, steps),
            At::Join => self.enter(state, task, steps),
            At::Turn => self.turn(state, task, steps),
            At::Seen => self.take(state, task, steps),
            At::Choose => self.choose(state, task, steps),
            At::Mark => self.mark(state, task, steps),
            At::Send | At::Gap => self.send(state, task, steps),
            At::Await => {}
            At::Close(close) => self.close(state, task, close, steps),
            At::Looked => self.looked(state, task, steps),
            At::Leave => self.leave(state, task, steps),
            At::Answer => self.answer(state, task, steps),
        }
    }

    /// The turn is let go; a store that refuses this is asked until it agrees, or a live owner would keep it for ever.
    fn leave(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let mut then = *state;
        if state.lock.owner == task || !self.protocol.fences {
            then.lock.owner = NOBODY;
        }
        self.stop(&mut then, task, state.task(task).answer);
        steps.push(step(task, "lets the turn go", then));
    }

    fn answer(&self, state: &State, task: u8, steps: &mut Vec<Step>) {
        let told = state.task(task).answer;
        let mut then = *state;
        self.tell_own(&mut then, task, told);
        then.tasks[usize::from(task)] = Task::IDLE;
        let what = match told {
            Told::Done => "answers 2xx",
            Told::Promise => "answers 503 with a number",
            Told::Refusal => "answers 4xx",
            Told::Unsent | Told::Nothing | Told::Failure => "answers 503 without a number",
        };
        steps.push(step(task, what, then));
    }

    /// Done, or refused because the turn was taken, or failed, or done and told as failed.
    pub fn commit(
        &self,
        state: &State,
        task: u8,
        commit: Commit<impl Fn(&mut State), impl Fn(&mut State)>,
        steps: &mut Vec<Step>,
    ) {
        let mut then = *state;
        if commit.guarded && state.lock.owner != task {
            if self.protocol.fences {
                self.report(&mut then, task);
                self.stop(&mut then, task, self.put_off(task));
                return steps.push(step(task, "is fenced: another has the turn", then));
            }
            then.broken = Some(Broken::Fence);
        }
        (commit.done)(&mut then);
        steps.push(step(task, commit.what, then));
        if state.left.store == 0 {
            return;
        }
        let mut lost = *state;
        (commit.done)(&mut lost);
        // Only the store knows that it was done.
        *lost.task_mut(task) = *state.task(task);
        let ends = [
            ("commits, and the store fails", *state),
            ("commits, and the store does it and says that it failed", lost),
        ];
        for (what, mut then) in ends {
            then.left.store -= 1;
            (commit.failed)(&mut then);
            steps.push(Step { is_fault: true, ..step(task, what, then) });
        }
    }

    /// The entry of the task's own write; a passing write's before it is in the store, too.
    pub fn own(&self, state: &State, task: u8) -> Option<u8> {
        if usize::from(task) >= WRITES {
            return None;
        }
        let entry = state.clients[usize::from(task)].entry;
        Some(if entry == NOBODY { task } else { entry })
    }

    /// Its write was entered before it took the turn.
    pub fn has_entry(&self, task: u8) -> bool {
        self.is_durable(task) && self.protocol.journals
    }

    /// What a request says that ends without knowing: a durable write is promised, any other is not kept.
    pub fn put_off(&self, task: u8) -> Told {
        let is_request = usize::from(task) < WRITES;
        if is_request && self.is_durable(task) { Told::Promise } else { Told::Failure }
    }

    /// On the way out with the turn: a mutex is let go at once, a lease by a commit.
    pub fn go(&self, then: &mut State, task: u8, answer: Told) {
        if self.row.replicas {
            *then.task_mut(task) = Task { at: At::Leave, answer, ..*then.task(task) };
        } else {
            then.lock.owner = NOBODY;
            self.stop(then, task, answer);
        }
    }

    /// On the way out without the turn.
    pub fn stop(&self, then: &mut State, task: u8, answer: Told) {
        let is_request = usize::from(task) < WRITES;
        let answers = Task { at: At::Answer, answer, ..Task::IDLE };
        *then.task_mut(task) = if is_request { answers } else { Task::IDLE };
    }

    /// Tells the task's client, if it has one that still waits.
    pub fn tell_own(&self, then: &mut State, task: u8, told: Told) {
        if let Some(client) = then.clients.get_mut(usize::from(task))
            && client.told == Told::Nothing
        {
            client.told = told;
        }
    }
}

pub fn step(who: u8, what: &'static str, then: State) -> Step {
    Step { who, what, then, is_fault: false }
}
