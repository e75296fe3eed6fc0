//! One state of the world: clients, the tasks that serve them, the store, the calls in flight, the vendor.
//!
//! All writes are to one resource, for the protocol promises nothing across resources.

use crate::vendor::Vendor;

/// The most writes of a row. An entry has the number of the write that made it.
pub const WRITES: usize = 3;
/// A request per write, then a worker per process.
pub const TASKS: usize = WRITES + 2;
/// The most calls in flight; a row that needs more fails.
pub const CALLS: usize = 5;
/// No entry, no task.
pub const NOBODY: u8 = u8::MAX;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub clients: [Client; WRITES],
    pub tasks: [Task; TASKS],
    pub entries: [Entry; WRITES],
    pub lock: Lock,
    pub watch: Watch,
    pub calls: [InFlight; CALLS],
    pub vendor: Vendor,
    pub left: Faults,
    pub broken: Option<Broken>,
}

/// What an action can break at once; `truth.rs` finds the rest by looking at the state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Broken {
    /// The call of an older entry changed what a newer one had written.
    Order,
    /// A holder whose lease was taken committed.
    Fence,
    /// More calls in flight than the model has room for.
    Room,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Client {
    pub told: Told,
    /// The entry that its write made or joined.
    pub entry: u8,
    /// The writes, as bits, that were over when this one was sent: it is newer than they are.
    pub after: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Told {
    /// It has not asked yet.
    Unsent,
    /// It waits for its answer.
    Nothing,
    /// A 2xx: it is so.
    Done,
    /// A 503 with the number of the entry: it will be so.
    Promise,
    /// A 503 without one, or the connection was lost: it may repeat.
    Failure,
    /// A 4xx: it will not be so.
    Refusal,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Entry {
    pub stage: Stage,
    /// Its place in the queue of the resource.
    pub seq: u8,
    /// Which entry was begun first. The protocol does not look at it; `truth.rs` does.
    pub begun: u8,
    /// Somebody beside the request that made it counts on it.
    pub shared: bool,
    /// The call `next` may have left. Of a dead letter: it was done in part, or may have been.
    pub sent: bool,
    /// A call before that was given up, and may still land.
    pub doubt: bool,
    /// The next call: those before it are done.
    pub next: u8,
    /// It ended because it was done. The protocol does not look at it; `truth.rs` does.
    pub well: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    Absent,
    Waiting,
    /// It has ended, and a call of it may still land.
    Settling,
    /// It has ended badly, and a person is told.
    Dead,
    /// It is struck from the store; only the model remembers it.
    Struck,
}

/// The turn. An owner is a task here, which is what owner and epoch are in the store: no task holds it twice at once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Lock {
    pub owner: u8,
    /// The owner's heartbeat has not run out.
    pub live: bool,
}

/// What is kept for a second look.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Watch {
    pub on: bool,
    /// Nobody can send any more what he was about to when he lost the lease.
    pub over: bool,
    /// How often somebody who was fenced said that he had sent something, and nobody has looked since.
    pub reports: u8,
    /// The entries that were carried out since, in their order, and `NOBODY` behind them.
    pub kept: [u8; WRITES],
}

/// What runs in a process: a client's request, or the worker.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Task {
    pub at: At,
    /// The entry that it carries out, and the call of it.
    pub entry: u8,
    pub call: u8,
    /// A call of the entry was given up earlier, by anyone, and may still land.
    pub doubt: bool,
    /// Its own clock says that its lease has run out.
    pub lapsed: bool,
    /// It has sent something with this turn.
    pub sent: bool,
    /// It asks once more for what was done.
    pub looks: bool,
    /// What it will tell its client.
    pub answer: Told,
}

/// Where a task stands: each is one atomic action away from the next.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum At {
    Idle,
    /// About to commit the entry, or that it joins one.
    Enter,
    /// Has seen in its snapshot which entry it joins, and is about to.
    Join,
    /// Waits for the turn.
    Turn,
    /// Has seen that the turn is free, and is about to take it on the strength of that.
    Seen,
    /// Has the turn; about to look what is next, and to read the vendor.
    Choose,
    /// About to commit `sent`.
    Mark,
    /// About to check its lease and to send.
    Send,
    /// Has checked its lease, and is about to send.
    Gap,
    /// A call is in flight.
    Await,
    /// About to commit how the entry ends, or that it waits.
    Close(Close),
    /// Has looked once more; about to commit what comes of it.
    Looked,
    /// About to let the turn go.
    Leave,
    /// About to answer its client.
    Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Close {
    Done,
    /// The vendor refuses it for good.
    Refused,
    /// Nobody can say whether a call that may not be repeated has landed.
    Unknown,
    /// The vendor cannot take it now, and has not.
    Later,
    /// The call was given up: it may have landed, or may still.
    Lost,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InFlight {
    /// Whose call; `NOBODY` for an empty place.
    pub entry: u8,
    pub call: u8,
    /// The task that waits for the answer, or `NOBODY`.
    pub from: u8,
}

/// How often each fault may still happen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Faults {
    /// A request is lost before it reaches the vendor.
    pub lost: u8,
    /// The answer is lost, or the call is given up and lands later, or never.
    pub late: u8,
    /// The vendor answers 503.
    pub busy: u8,
    /// The vendor refuses for good what it took before.
    pub refuse: u8,
    /// A process is killed, and starts again.
    pub kill: u8,
    /// A holder pauses until its lease has run out.
    pub pause: u8,
    /// A commit fails, or is done and looks failed.
    pub store: u8,
    /// A client gives up waiting.
    pub gone: u8,
}

impl Faults {
    /// Each fault as often as it is named.
    pub fn named(words: &str) -> Self {
        let mut faults = Self::default();
        for word in words.split_whitespace() {
            *match word {
                "lost" => &mut faults.lost,
                "late" => &mut faults.late,
                "busy" => &mut faults.busy,
                "refuse" => &mut faults.refuse,
                "kill" => &mut faults.kill,
                "pause" => &mut faults.pause,
                "store" => &mut faults.store,
                "gone" => &mut faults.gone,
                other => panic!("no fault is called {other}"),
            } += 1;
        }
        faults
    }
}

impl State {
    pub fn new(left: Faults) -> Self {
        let client = Client { told: Told::Unsent, entry: NOBODY, after: 0 };
        Self {
            clients: [client; WRITES],
            tasks: [Task::IDLE; TASKS],
            entries: [Entry::ABSENT; WRITES],
            lock: Lock { owner: NOBODY, live: false },
            watch: Watch::NONE,
            calls: [InFlight::NONE; CALLS],
            vendor: Vendor::NEW,
            left,
            broken: None,
        }
    }

    pub fn entry(&self, entry: u8) -> &Entry {
        &self.entries[usize::from(entry)]
    }

    pub fn entry_mut(&mut self, entry: u8) -> &mut Entry {
        &mut self.entries[usize::from(entry)]
    }

    pub fn task(&self, task: u8) -> &Task {
        &self.tasks[usize::from(task)]
    }

    pub fn task_mut(&mut self, task: u8) -> &mut Task {
        &mut self.tasks[usize::from(task)]
    }

    pub fn waiting(&self) -> impl Iterator<Item = u8> {
        numbers(WRITES).filter(|&entry| self.entry(entry).stage == Stage::Waiting)
    }

    /// A call of the entry may still land: its settle time is not over.
    pub fn is_in_flight(&self, entry: u8) -> bool {
        self.calls.iter().any(|call| call.entry == entry)
    }

    /// Makes states that differ in nothing that matters the same.
    pub fn settled(mut self) -> Self {
        self.calls.sort_unstable();
        for entry in numbers(WRITES) {
            let over = !self.is_in_flight(entry);
            let entry = self.entry_mut(entry);
            match entry.stage {
                // What ends is time; a later look would see the same.
                Stage::Settling if over => entry.stage = Stage::Struck,
                Stage::Dead if over => entry.doubt = false,
                _ => {}
            }
        }
        self
    }
}

/// The numbers of so many clients, tasks or entries.
pub fn numbers(count: usize) -> impl Iterator<Item = u8> {
    (0..count).filter_map(|number| u8::try_from(number).ok())
}

impl Task {
    pub const IDLE: Self = Self {
        at: At::Idle,
        entry: NOBODY,
        call: 0,
        doubt: false,
        lapsed: false,
        sent: false,
        looks: false,
        answer: Told::Nothing,
    };

    /// It has the turn, as far as it knows.
    pub fn holds(&self) -> bool {
        !matches!(self.at, At::Idle | At::Enter | At::Join | At::Turn | At::Seen | At::Answer)
    }
}

impl Entry {
    const ABSENT: Self = Self {
        stage: Stage::Absent,
        seq: 0,
        begun: 0,
        shared: false,
        sent: false,
        doubt: false,
        next: 0,
        well: false,
    };

    /// A call of it may have left.
    pub fn is_begun(&self) -> bool {
        self.sent || self.doubt || self.next > 0
    }
}

impl Watch {
    pub const NONE: Self = Self { on: false, over: false, reports: 0, kept: [NOBODY; WRITES] };
}

impl InFlight {
    pub const NONE: Self = Self { entry: NOBODY, call: 0, from: NOBODY };
}
