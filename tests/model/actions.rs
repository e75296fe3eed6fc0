//! What may happen next: the clients, the network, the vendor, and what kills and pauses processes.
//! What the processes themselves do is in `tasks.rs`.

use crate::{
    protocol::{Protocol, Tells},
    rows::Row,
    state::{
        At, Broken, Close, Faults, InFlight, NOBODY, Stage, State, TASKS, Task, Told, WRITES,
        numbers,
    },
    vendor::{Call, Intent},
};

/// One atomic action and the state after it.
pub struct Step {
    /// Who acts: a task by its number, or `NOBODY` for the world.
    pub who: u8,
    pub what: &'static str,
    pub then: State,
    /// It need not happen: nothing may hang on it.
    pub is_fault: bool,
}

/// The protocol at work on the writes of a row.
pub struct Model<'a> {
    pub row: &'a Row,
    pub protocol: Protocol,
    /// What may go wrong.
    pub faults: Faults,
}

impl Model<'_> {
    pub fn steps(&self, state: &State) -> Vec<Step> {
        let mut steps = Vec::with_capacity(16);
        self.clients(state, &mut steps);
        for task in numbers(TASKS) {
            self.task(state, task, &mut steps);
        }
        self.network(state, &mut steps);
        self.leases(state, &mut steps);
        self.watch_ends(state, &mut steps);
        self.kills(state, &mut steps);
        for step in &mut steps {
            step.then = step.then.settled();
        }
        steps
    }

    pub fn intent(&self, entry: u8) -> Intent {
        self.row.writes[usize::from(entry)].intent
    }

    pub fn is_durable(&self, write: u8) -> bool {
        self.row.writes[usize::from(write)].durable
    }

    /// Requests are spread over the processes; behind them stands a worker per process.
    pub fn process(&self, task: u8) -> u8 {
        match usize::from(task).checked_sub(WRITES) {
            _ if !self.row.replicas => 0,
            None => task % 2,
            Some(worker) => u8::from(worker > 0),
        }
    }

    pub fn writes(&self) -> impl Iterator<Item = u8> {
        numbers(self.row.writes.len())
    }

    fn clients(&self, state: &State, steps: &mut Vec<Step>) {
        for write in self.writes() {
            let client = state.clients[usize::from(write)];
            let over = |&other: &u8| is_over(state.clients[usize::from(other)].told);
            let in_turn = (0..write).all(|earlier| over(&earlier));
            if client.told == Told::Unsent && (self.row.concurrent || in_turn) {
                let mut then = *state;
                let after = self.writes().filter(over).fold(0, |bits, other| bits | 1 << other);
                let client = &mut then.clients[usize::from(write)];
                (client.told, client.after) = (Told::Nothing, after);
                let enters = self.is_durable(write) && self.protocol.journals;
                then.task_mut(write).at = if enters { At::Enter } else { At::Turn };
                steps.push(Step { who: write, what: "client asks", then, is_fault: false });
            }
            if client.told == Told::Nothing && state.left.gone > 0 {
                let mut then = *state;
                then.left.gone -= 1;
                then.clients[usize::from(write)].told = Told::Failure;
                steps.push(Step { who: write, what: "client gives up", then, is_fault: true });
            }
        }
    }

    fn network(&self, state: &State, steps: &mut Vec<Step>) {
        for (place, flight) in state.calls.iter().enumerate() {
            let Some(call) = self.call(*flight) else { continue };
            let mut lost = *state;
            lost.calls[place] = InFlight::NONE;
            let mut landed = lost;
            self.apply(&mut landed, *flight, call);
            if flight.from == NOBODY {
                let ends = [("a late call lands", landed), ("a late call is lost", lost)];
                let late = |(what, then)| Step { who: NOBODY, what, then, is_fault: false };
                steps.extend(ends.map(late));
                continue;
            }
            if call == Call::Refused {
                let then = answered(lost, flight.from, Close::Refused);
                let what = "the vendor refuses the call";
                steps.push(Step { who: flight.from, what, then, is_fault: false });
                continue;
            }
            steps.push(self.taken(landed, *flight));
            let mut late = *state;
            late.calls[place].from = NOBODY;
            let faults: [Fault; 5] = [
                (|left| &mut left.lost, Close::Lost, lost, "the request is lost"),
                (|left| &mut left.late, Close::Lost, landed, "the call lands, its answer is lost"),
                (|left| &mut left.late, Close::Lost, late, "gives up a call in flight"),
                (|left| &mut left.busy, Close::Later, lost, "the vendor answers 503"),
                (|left| &mut left.refuse, Close::Refused, lost, "the vendor refuses the call"),
            ];
            for (count, close, then, what) in faults {
                let mut then = answered(then, flight.from, close);
                let left = count(&mut then.left);
                if *left > 0 {
                    *left -= 1;
                    steps.push(Step { who: flight.from, what, then, is_fault: true });
                }
            }
        }
    }

    fn call(&self, flight: InFlight) -> Option<Call> {
        if flight.entry == NOBODY { None } else { self.intent(flight.entry).call(flight.call) }
    }

    /// The vendor takes the call and says so: on to the next one.
    fn taken(&self, mut then: State, flight: InFlight) -> Step {
        let task = *then.task(flight.from);
        then.task_mut(flight.from).at = self.after_call(&task);
        then.task_mut(flight.from).call = task.call + 1;
        let ends = then.task(flight.from).at == At::Close(Close::Done);
        if ends && self.protocol.tells == Tells::BeforeEnd {
            self.tell_own(&mut then, flight.from, Told::Done);
        }
        Step { who: flight.from, what: "the call lands, and is answered", then, is_fault: false }
    }

    /// Lets a call have its effect, and sees whether it is an older one than what stood there.
    fn apply(&self, state: &mut State, flight: InFlight, call: Call) {
        let entry = flight.entry;
        let Some(attribute) = state.vendor.apply(call, entry) else { return };
        let others = numbers(WRITES).filter(|&other| other != entry);
        let newer = |other: u8| {
            let begun_later = state.entry(other).begun > state.entry(entry).begun;
            let asked_later = state.clients[usize::from(other)].after & 1 << entry != 0;
            state.vendor.wrote[attribute] & 1 << other != 0 && (begun_later || asked_later)
        };
        // While it is watched that is put right.
        if others.into_iter().any(newer) && !state.watch.on {
            state.broken = Some(Broken::Order);
        }
    }

    fn leases(&self, state: &State, steps: &mut Vec<Step>) {
        let owner = state.lock.owner;
        if !self.row.replicas || owner == NOBODY || !state.lock.live {
            return;
        }
        let mut then = *state;
        then.lock.live = false;
        if !state.task(owner).holds() {
            let what = "the lease of a dead holder runs out";
            steps.push(Step { who: NOBODY, what, then, is_fault: false });
        } else if state.left.pause > 0 {
            then.left.pause -= 1;
            then.task_mut(owner).lapsed = true;
            let what = "pauses until its lease has run out";
            steps.push(Step { who: owner, what, then, is_fault: true });
        }
    }

    /// A process dies between any two actions; another starts in its place at once.
    fn kills(&self, state: &State, steps: &mut Vec<Step>) {
        if state.left.kill == 0 {
            return;
        }
        for process in 0..=u8::from(self.row.replicas) {
            let dies = |task: &u8| self.process(*task) == process;
            if numbers(TASKS).filter(dies).all(|task| state.task(task).at == At::Idle) {
                continue;
            }
            let mut then = *state;
            then.left.kill -= 1;
            for task in numbers(TASKS).filter(dies) {
                then.tasks[usize::from(task)] = Task::IDLE;
                if let Some(client) = then.clients.get_mut(usize::from(task))
                    && client.told == Told::Nothing
                {
                    client.told = Told::Failure;
                }
                for call in then.calls.iter_mut().filter(|call| call.from == task) {
                    call.from = NOBODY;
                }
            }
            if !self.row.replicas {
                then.lock.owner = NOBODY;
            }
            let what = if process == 0 { "process 0 is killed" } else { "process 1 is killed" };
            steps.push(Step { who: NOBODY, what, then, is_fault: true });
        }
    }
}

/// Where it is counted how often it may still come, what the task hears, the world after it, and its name.
type Fault = (fn(&mut Faults) -> &mut u8, Close, State, &'static str);

fn answered(mut then: State, task: u8, close: Close) -> State {
    then.task_mut(task).at = At::Close(close);
    then
}

/// The client has its answer, or has none to hope for.
pub fn is_over(told: Told) -> bool {
    !matches!(told, Told::Unsent | Told::Nothing)
}

/// The entry is in the store, and not ended.
pub fn is_waiting(state: &State, entry: u8) -> bool {
    entry != NOBODY && state.entry(entry).stage == Stage::Waiting
}
