//! Calls on their way. A read that asks what another one is asking already waits for the same answer, and one
//! whose answer will be wanted may leave before its turn.
//!
//! Nothing is remembered: an answer that is there is nobody's to join. And nothing is read that was asked before
//! a write: each write that begins or ends opens a new era, and only reads of one era join. That holds within
//! this process, as turns do.

use super::Context;
use crate::{
    crash,
    mapping::plan::Step,
    upstream::{Answer, Body, Call, Error, call::Pending, credential::Whose, error::Kind},
};
use futures_util::{
    FutureExt,
    future::{Shared, WeakShared},
};
use http::Method;
use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

type Outcome = Result<Answer, Error>;

/// What came of one attempt.
#[derive(Debug)]
pub struct Heard {
    /// The vendor's answer, or why there is none.
    pub outcome: Outcome,
    /// The call was on its way for another already, and is that one's.
    pub joined: bool,
    /// From when it was asked for, or left ahead.
    pub took: Duration,
}

/// Makes an attempt, or joins the same one of another.
pub async fn ask(
    cx: &Context<'_>,
    step: &Step,
    call: &Arc<Call>,
    attempt: u32,
    until: Instant,
) -> Heard {
    let (begun, upstream) = (Instant::now(), &cx.live.upstream);
    let (outcome, joined) = if writes(step, call) {
        let _writing = cx.memory.flights.writing();
        crash::point("call.before");
        let outcome = upstream.call(call, attempt, until).await;
        crash::point("call.after");
        (outcome, false)
    } else if upstream.ordered() || !joins(call) {
        (upstream.call(call, attempt, until).await, false)
    } else {
        read(cx, call, attempt, until).await
    };
    Heard { outcome, joined, took: begun.elapsed() }
}

async fn read(cx: &Context<'_>, call: &Arc<Call>, attempt: u32, until: Instant) -> (Outcome, bool) {
    loop {
        let begin = |landing| Box::pin(calling(cx, call, attempt, until, Some(landing))) as _;
        let flight = cx.memory.flights.join(Asked::of(cx, call), until, begin);
        if !flight.joined {
            return (flight.outcome.await, false);
        }
        match timeout_at(until, flight.outcome).await {
            // The time of the one who asked first was over, not ours.
            Ok(Err(error)) if is_short(&error) && flight.until < until => {}
            Ok(outcome) => return (outcome, true),
            Err(_) => return (Err(late()), true),
        }
    }
}

/// A first attempt that left before its turn. It goes on by itself, and ends when nobody wants it any more.
#[derive(Debug)]
pub struct Ahead {
    flight: Flight,
    begun: Instant,
}

impl Ahead {
    /// Sends a read off; nothing where each call has to wait for its turn.
    pub fn of(cx: &Context<'_>, step: &Step, call: &Arc<Call>, until: Instant) -> Option<Self> {
        if cx.live.upstream.ordered() || writes(step, call) {
            return None;
        }
        let begin = |landing| by_itself(calling(cx, call, 1, until, landing));
        let flight = match joins(call) {
            true => {
                let asked = Asked::of(cx, call);
                cx.memory.flights.join(asked, until, |landing| begin(Some(landing)))
            }
            false => Flight { outcome: begin(None).shared(), joined: false, until },
        };
        Some(Self { flight, begun: Instant::now() })
    }

    /// What came of it; nothing where it did not leave while nobody waited for it.
    pub async fn heard(self, until: Instant) -> Option<Heard> {
        let Self { flight: Flight { outcome, joined, .. }, begun } = self;
        let outcome = timeout_at(until, outcome).await.unwrap_or_else(|_| Err(late()));
        let left = !outcome.as_ref().is_err_and(is_unsent);
        left.then(|| Heard { outcome, joined, took: begun.elapsed() })
    }
}

/// Whether a call may change something: also a GET of an operation that writes, because old APIs change by it.
fn writes(step: &Step, call: &Call) -> bool {
    step.writes || call.method != Method::GET && !call.safe
}

/// Whether a read can be another's.
fn joins(call: &Call) -> bool {
    call.method == Method::GET && call.body == Body::Empty
}

/// The call itself, with all that it needs of its own.
fn calling(
    cx: &Context<'_>,
    call: &Arc<Call>,
    attempt: u32,
    until: Instant,
    landing: Option<Landing>,
) -> impl Future<Output = Outcome> + Send + 'static {
    let (upstream, call) = (Arc::clone(&cx.live.upstream), Arc::clone(call));
    async move {
        let outcome = upstream.call(&call, attempt, until).await;
        drop(landing);
        outcome
    }
}

/// As a task that is stopped with its future.
fn by_itself(calling: impl Future<Output = Outcome> + Send + 'static) -> Pending<'static, Outcome> {
    let mut task = JoinSet::new();
    task.spawn(calling);
    Box::pin(async move {
        let ended = task.join_next().await.and_then(Result::ok);
        ended.unwrap_or_else(|| {
            let message = "the call ended without an answer".to_owned();
            Err(Error { kind: Kind::Broken, message })
        })
    })
}

/// The reads of one tenant that are on their way.
#[derive(Debug, Default)]
pub struct Flights {
    // A std mutex: held to look, never across an await.
    reads: Arc<Mutex<Reads>>,
    /// Writes that began, and writes that ended.
    era: AtomicU64,
}

#[derive(Debug, Default)]
struct Reads {
    flying: HashMap<Asked, Flying>,
    /// Of all that were begun: each has a number of its own.
    begun: u64,
}

#[derive(Debug)]
struct Flying {
    number: u64,
    until: Instant,
    outcome: WeakShared<Pending<'static, Outcome>>,
}

/// A read on its way, as one of those who wait for it has it. It is stopped with the last of them.
#[derive(Debug)]
struct Flight {
    outcome: Shared<Pending<'static, Outcome>>,
    joined: bool,
    /// When it ends at the latest: the time of the one who asked first.
    until: Instant,
}

impl Flights {
    /// The flight of a read: one that is on its way, else what `begin` makes.
    fn join(
        &self,
        asked: Asked,
        until: Instant,
        begin: impl FnOnce(Landing) -> Pending<'static, Outcome>,
    ) -> Flight {
        let mut reads = lock(&self.reads);
        if let Some(flying) = reads.flying.get(&asked)
            && let Some(outcome) = flying.outcome.upgrade()
        {
            return Flight { outcome, joined: true, until: flying.until };
        }
        reads.begun += 1;
        let number = reads.begun;
        let landing = Landing { reads: Arc::clone(&self.reads), asked: asked.clone(), number };
        let outcome = begin(landing).shared();
        if let Some(weak) = outcome.downgrade() {
            reads.flying.insert(asked, Flying { number, until, outcome: weak });
        }
        Flight { outcome, joined: false, until }
    }

    /// Rises with each write that begins or ends.
    pub fn era(&self) -> u64 {
        self.era.load(Ordering::SeqCst)
    }

    /// A write goes on as long as this is held.
    fn writing(&self) -> Writing<'_> {
        self.era.fetch_add(1, Ordering::SeqCst);
        Writing { flights: self }
    }
}

/// A write under way: it may be stopped, and have been carried out.
struct Writing<'f> {
    flights: &'f Flights,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.flights.era.fetch_add(1, Ordering::SeqCst);
    }
}

/// Takes a flight off the list as soon as its call has ended, or was stopped.
#[derive(Debug)]
struct Landing {
    reads: Arc<Mutex<Reads>>,
    asked: Asked,
    number: u64,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut reads = lock(&self.reads);
        // One that was stopped may have been begun anew meanwhile.
        if reads.flying.get(&self.asked).is_some_and(|flying| flying.number == self.number) {
            reads.flying.remove(&self.asked);
        }
    }
}

/// What makes two reads the same one.
#[derive(Debug, Clone)]
struct Asked {
    era: u64,
    signed: Signed,
    call: Arc<Call>,
}

/// By what a read is signed: who may see one answer need not be allowed to see another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signed {
    /// Of the plan, and of the tenant's credential.
    generation: u64,
    /// Whose credential goes on to the vendor, where that is a client's.
    whose: Option<Whose>,
}

impl Signed {
    fn of(cx: &Context<'_>) -> Self {
        Self { generation: cx.live.generation, whose: cx.live.upstream.whose() }
    }
}

impl Asked {
    fn of(cx: &Context<'_>, call: &Arc<Call>) -> Self {
        let era = cx.memory.flights.era();
        Self { era, signed: Signed::of(cx), call: Arc::clone(call) }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        let (one, another) = (&self.call, &other.call);
        (self.era, self.signed) == (other.era, other.signed)
            && one.path == another.path
            && one.query == another.query
            && one.headers == another.headers
            // What is packed holds the beginning of a list alone: who wants all of it waits for another answer.
            && one.packs == another.packs
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.era.hash(state);
        self.call.path.hash(state);
        self.call.query.hash(state);
    }
}

/// Whether our own limits had no room for it in its time.
fn is_short(error: &Error) -> bool {
    matches!(error.kind, Kind::Busy(_))
}

/// Whether it never left.
fn is_unsent(error: &Error) -> bool {
    is_short(error) || matches!(error.kind, Kind::Open(_))
}

fn late() -> Error {
    Error { kind: Kind::Timeout, message: "no answer in time".to_owned() }
}

fn lock(reads: &Mutex<Reads>) -> MutexGuard<'_, Reads> {
    reads.lock().unwrap_or_else(PoisonError::into_inner)
}
