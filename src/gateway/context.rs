//! What every operation of one request is given.

use super::{
    Arrival, Live, Trace,
    error::Failure,
    exercised::Exercised,
    journal::{
        due::{self, later},
        queue,
        underway::Underway,
    },
    memory::Memory,
    names,
    overlay::Overlay,
    recall::Recall,
    references,
    trace::{Matter, Notice},
    turns::{Held, Turns},
    withheld::Withheld,
};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::Scope,
        generate::Maker,
        plan::{ResourcePlan, Unmapped},
        translate::{
            names::{Names, Table},
            read::{self, Unreadable},
            unit::Unit,
            units,
            write::Writer,
        },
    },
    metrics::Metrics,
    scim::{
        cursor::Search,
        error::{Error, ScimType},
        message::Query,
        resource::Resource,
        unmapped::UnmappedNames,
    },
    secret::Secret,
    store::{self, Batch, Change, Entry, Lease, Member, Scope as Rows, Store},
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// Of a request's time, what is kept back from its writes: one part in ten, for looking at what
/// became of one that was not answered, and for saying so.
const KEPT_BACK: u32 = 10;

/// One request at work on one kind of resource.
pub struct Context<'a> {
    /// Whose request it is.
    pub tenant: &'a str,
    /// What it runs on, to its end.
    pub live: &'a Live,
    /// The kind of resource it is about.
    pub plan: &'a ResourcePlan,
    /// Where things are counted.
    pub metrics: &'a Metrics,
    /// The request's one instant.
    pub now: jiff::Timestamp,
    /// The same as text, for expressions.
    pub now_text: Value,
    /// How values are made up.
    pub make: Maker,
    /// When it began, as clocks of the process go.
    pub begun: Instant,
    /// No call ends later.
    pub deadline: Instant,
    /// No call that writes ends later: the outcome of one that is cut off can still be looked at.
    pub writes_until: Instant,
    /// Resources in one answer at most.
    pub list_results: usize,
    /// The entry of the journal for what is written.
    pub underway: Option<Arc<Underway>>,
    /// The lease on what is written, against other processes.
    pub lease: Option<Lease>,
    /// What was acknowledged and is not delivered yet, where the request reads; nothing where nothing was.
    pub overlay: Option<Arc<Overlay>>,
    /// What the gateway remembers between requests.
    pub memory: &'a Memory,
    /// What the vendor has shown to the credential of this request.
    pub recall: Arc<Recall>,
    /// What lookups said to this request.
    pub table: Arc<Table>,
    /// What ids in references stand for.
    pub keys: Arc<references::Keys>,
    // A std mutex: nothing awaits while it is held. Read-again steps run side by side.
    trace: Arc<Mutex<Trace>>,
    // What was made up: blacked out of whatever the vendor says of it. No trace holds it.
    made: Arc<Mutex<Vec<Secret>>>,
}

impl<'a> Context<'a> {
    /// A context with an empty trace.
    pub fn new(
        tenant: &'a str,
        live: &'a Live,
        plan: &'a ResourcePlan,
        arrival: Arrival<'_>,
        memory: &'a Memory,
        metrics: &'a Metrics,
    ) -> Self {
        let Arrival { now, make, deadline, list_results, .. } = arrival;
        let begun = Instant::now();
        let left = deadline.saturating_duration_since(begun);
        Self {
            tenant,
            live,
            plan,
            metrics,
            now,
            now_text: Value::String(now.to_string()),
            make,
            begun,
            deadline,
            writes_until: deadline - left / KEPT_BACK,
            list_results,
            underway: None,
            lease: None,
            overlay: None,
            memory,
            recall: memory.recalls.of(live.upstream.whose()),
            table: Arc::default(),
            keys: Arc::default(),
            trace: Arc::default(),
            made: Arc::default(),
        }
    }

    /// The same request at work on another kind of resource.
    pub fn about(&self, plan: &'a ResourcePlan) -> Self {
        let (trace, made) = (Arc::clone(&self.trace), Arc::clone(&self.made));
        let (now_text, table) = (self.now_text.clone(), Arc::clone(&self.table));
        let (recall, keys) = (Arc::clone(&self.recall), Arc::clone(&self.keys));
        let (underway, lease) = (self.underway.clone(), self.lease.clone());
        let overlay = self.overlay.clone();
        Self { plan, now_text, underway, lease, overlay, recall, table, keys, trace, made, ..*self }
    }

    /// The same request with other time for what comes next, which only reads or takes back.
    pub fn until(&self, deadline: Instant) -> Self {
        Self { deadline, writes_until: deadline, ..self.about(self.plan) }
    }

    /// The same request at work on what an entry of the journal says.
    pub fn under(&self, underway: &Arc<Underway>) -> Self {
        Self { underway: Some(Arc::clone(underway)), ..self.about(self.plan) }
    }

    /// The same request, which sees this over what the vendor has.
    pub fn over(&self, overlay: Overlay) -> Self {
        Self { overlay: Some(Arc::new(overlay)), ..self.about(self.plan) }
    }

    /// The same on its own account: nothing of it is written down in an entry.
    pub fn alone(&self) -> Self {
        Self { underway: None, ..self.about(self.plan) }
    }

    /// The same within a turn.
    pub fn within(&self, turn: &Held<'_>) -> Self {
        Self { lease: turn.leased(), ..self.about(self.plan) }
    }

    /// The same under a lease of which another thing is known.
    pub fn under_lease(&self, lease: Lease) -> Self {
        Self { lease: Some(lease), ..self.about(self.plan) }
    }

    /// Nothing to write yet, of this tenant, by who has the lease.
    pub fn batch(&self) -> Batch {
        Batch::new(self.tenant).holding(self.lease.clone())
    }

    /// This moment, by the clock that the request's instant was read from.
    pub fn at(&self) -> jiff::Timestamp {
        later(self.now, self.live.upstream.now().saturating_duration_since(self.begun))
    }

    /// How long it still is until then; nothing where that is over.
    pub fn left_until(&self, then: jiff::Timestamp) -> Option<Duration> {
        due::until(then, self.at())
    }

    /// How long an entry of the journal still has to wait; nothing for one that is due.
    pub fn waits(&self, entry: &Entry) -> Option<Duration> {
        due::left(entry, self.at())
    }

    /// The names that every expression has: `tenant` and `now`.
    pub fn scope(&self) -> Scope<'_> {
        Scope::new().with("tenant", &self.live.variables).with("now", &self.now_text)
    }

    /// What lookups said so far.
    pub fn names(&self) -> Names<'_> {
        Names::of(&self.table)
    }

    /// Translates until nothing is left to be asked of a lookup. What is made without an answer is
    /// thrown away, with its faults: only the last counts.
    pub async fn resolved<T>(
        &self,
        make: impl Fn(&Names<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        loop {
            let asked = {
                let names = self.names();
                let made = make(&names);
                let asked = names.into_asked();
                if asked.is_nothing() {
                    return made;
                }
                asked
            };
            names::answer(self, asked).await?;
        }
    }

    /// Writes for this tenant at this instant.
    pub fn writer<'w>(&'w self, names: &'w Names<'w>) -> Writer<'w> {
        Writer { plan: self.plan, tenant: &self.live.variables, now: &self.now_text, names }
    }

    /// The units between two Resources, in the vendor's keys; the Record is that of the first.
    pub async fn units(
        &self,
        record: &Value,
        before: &Resource,
        after: &Resource,
    ) -> Result<Vec<Unit>, Failure> {
        self.left(record, before, &*references::keyed(self, after).await?).await
    }

    /// The same to what has keys in its references already.
    pub async fn left(
        &self,
        record: &Value,
        before: &Resource,
        after: &Resource,
    ) -> Result<Vec<Unit>, Failure> {
        let before = references::keyed(self, before).await?;
        self.resolved(|names| {
            Ok(units::against(self.plan, &self.writer(names), record, &before, after)?)
        })
        .await
    }

    /// Reads Records, all at once so that a lookup is asked once for all of them, and counts and tells what
    /// of them could not be read. Each has the vendor's key for its id; references have ids.
    pub async fn read(&self, records: &[Value]) -> Result<Vec<Resource>, Failure> {
        let readings = self.resolved(|names| {
            let read = |record| read::resource(self.plan, record, &self.live.variables, names);
            Ok(records.iter().map(read).collect::<Result<Vec<_>, _>>()?)
        });
        let readings = readings.await?.into_iter().zip(records);
        let resources = readings.map(|(reading, record)| {
            if let Some(exercised) = self.exercised() {
                exercised.read(self.plan, record, &reading.resource);
            }
            for Unreadable { attribute, place } in reading.unreadable {
                self.metrics.unreadable(self.tenant, &attribute);
                self.notice(Matter::Unreadable, attribute, place);
            }
            reading.resource
        });
        let mut resources: Vec<Resource> = resources.collect();
        references::identify(self, &mut resources).await?;
        Ok(resources)
    }

    /// The turn on one resource: concurrent writes to it would lose each other's changes. Nobody has it whose resource
    /// has earlier writes in the journal: those come first.
    pub async fn turn(&self, id: &str) -> Result<Held<'a>, Failure> {
        let turn = self.turn_of(id).await?;
        queue::clear(self, id).await?;
        // What comes now is in no journal, and what was wanted before must not come back over it.
        if let Some(lease) = turn.leased().filter(|lease| lease.watched) {
            let forget = Change::Forget { name: lease.name.clone() };
            let batch = self.within(&turn).batch().with(self.rows().kind, forget);
            self.ask(self.store()?.write(batch)).await?;
        }
        Ok(turn)
    }

    /// The same for who carries those out.
    pub async fn turn_of(&self, id: &str) -> Result<Held<'a>, Failure> {
        self.lease_on(format!("{} {id}", self.plan.kind.name)).await
    }

    /// The turn on a name, among all processes.
    pub async fn lease_on(&self, name: String) -> Result<Held<'a>, Failure> {
        let mut turn = self.turn_on(name).await?;
        let memory: &'a Memory = self.memory;
        if let Some(store) = memory.store.as_ref().filter(|_| memory.journalling) {
            match self.ask(Box::pin(turn.lease(store, self.tenant, self.deadline))).await? {
                true => {}
                false => return Err(Failure::Waiting),
            }
        }
        Ok(turn)
    }

    /// The turn on a name of another kind, within this process.
    pub async fn turn_on(&self, name: String) -> Result<Held<'a>, Failure> {
        let turns: &'a Turns = &self.memory.turns;
        turns.take(name, self.deadline).await.ok_or(Failure::Waiting)
    }

    /// The store. A mapping that needs one is not served without.
    pub fn store(&self) -> Result<&'a dyn Store, Failure> {
        let memory: &'a Memory = self.memory;
        memory.store.as_deref().ok_or_else(|| Failure::Store {
            error: store::Error::Unavailable("none is configured".to_owned()),
            place: self.plan.place.clone(),
        })
    }

    /// Whether what is written of a resource is journalled.
    pub fn journals(&self) -> bool {
        self.memory.journal(self.live).is_some()
    }

    /// Whether anything may be acknowledged before the vendor has it. Where not, nobody asks the store for it.
    pub fn acknowledges_early(&self) -> bool {
        let mut all = self.live.plan.resources.iter();
        self.journals() && all.any(|plan| plan.operations.early().next().is_some())
    }

    /// How long after it was given up a call may still reach the vendor.
    pub fn settling(&self) -> Duration {
        due::settles(self.live.plan.upstream.settle)
    }

    /// The same after it has left.
    pub fn at_large(&self) -> Duration {
        due::settles(self.live.plan.upstream.at_large())
    }

    /// Whose rows in the store this request is about.
    pub fn rows(&self) -> Rows {
        Rows::new(self.tenant, self.plan.kind.name.as_str())
    }

    /// One of this kind as a member of a kept Group.
    pub fn member(&self, id: &str) -> Member {
        Member { kind: self.plan.kind.name.clone(), id: id.to_owned() }
    }

    /// Those of the kind who have these keys are there. Where they can join a group, they need not be asked
    /// for then.
    pub fn saw<'k>(&self, keys: impl IntoIterator<Item = &'k str>) {
        if self.plan.joins {
            let (kind, generation) = (&self.plan.kind.name, self.live.generation);
            self.recall.seen.note(kind, keys, generation, self.begun);
        }
    }

    /// Whoever of the kind has this key is not there, or its end is under way.
    pub fn lost(&self, key: &str) {
        if self.plan.joins {
            self.recall.seen.lose(&self.plan.kind.name, key);
            self.memory.recalls.doubt(&self.plan.kind.name, key);
        }
    }

    /// The generation of the plan, and the era of writes: what was read in another one is read anew.
    pub fn era(&self) -> (u64, u64) {
        (self.live.generation, self.memory.flights.era())
    }

    /// Remembers what was shown to a client's own credential, which the vendor has taken.
    pub fn remember(&self) {
        if let Some(whose) = self.live.upstream.whose()
            && self.trace().heard()
        {
            self.memory.recalls.keep(whose, &self.recall);
        }
    }

    /// Forgets all that was shown to a credential that the vendor does not take.
    pub fn disown(&self) {
        if let Some(whose) = self.live.upstream.whose() {
            self.memory.recalls.forget(whose);
        }
    }

    /// A search as its cursors know it: one that was given for another client's credential is none of them.
    pub fn search(&self, kind: &str, query: &Query) -> Search {
        let search = Search::new(self.tenant, kind, query);
        match self.live.upstream.whose() {
            Some(whose) => search.with(whose.seal()),
            None => search,
        }
    }

    /// Waits for the store, and no longer than the client does.
    pub async fn ask<T>(&self, asked: store::Pending<'_, T>) -> Result<T, Failure> {
        let late = || store::Error::Unavailable("it did not answer in time".to_owned());
        let answer = timeout_at(self.deadline, asked).await.unwrap_or_else(|_| Err(late()));
        answer.map_err(|error| Failure::Store { error, place: self.plan.place.clone() })
    }

    /// Attributes that no rule has: counted, or refused where the mapping says so.
    pub fn note_unmapped(&self, unmapped: &UnmappedNames) -> Result<(), Failure> {
        let Some(first) = unmapped.names().first() else { return Ok(()) };
        self.metrics.unmapped(self.tenant, &self.plan.kind.name, unmapped.count() as u64);
        match self.plan.unmapped {
            Unmapped::Ignore | Unmapped::Keep => Ok(()),
            Unmapped::Reject => {
                let detail = format!(
                    "`{first}` is not served here, and the mapping refuses what it does not know"
                );
                Err(Error::bad(ScimType::InvalidValue, detail).into())
            }
        }
    }

    /// Where a rehearsal notes what is used.
    pub fn exercised(&self) -> Option<&'a Exercised> {
        let memory: &'a Memory = self.memory;
        memory.exercised.as_ref()
    }

    /// Lets a vendor that reads its own writes a moment late catch up.
    pub async fn settle(&self) {
        self.live.upstream.wait(SETTLE).await;
    }

    /// Nobody is told these values.
    pub fn hide(&self, made: Vec<Secret>) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).extend(made);
    }

    /// What the client is told of a failure, without what is withheld.
    pub fn judge(&self, failure: Failure) -> Error {
        // Of what was refused here no vendor has said anything.
        if let Failure::Refused(error) = failure {
            return error;
        }
        let passed = self.live.plan.upstream.passes_on().is_some();
        failure.judge(self.live.profile, &self.withheld(), passed)
    }

    /// The tenant's secrets, what signed calls lately, and what was made up. Gathered where something has failed.
    pub fn withheld(&self) -> Withheld {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = self.live.upstream.tokens();
        self.live.withheld().and(made.iter().cloned().chain(tokens))
    }

    /// The trace, for a moment.
    pub fn trace(&self) -> MutexGuard<'_, Trace> {
        // A panic while a line is added leaves a trace that is short of that line, no worse.
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The failure of a request of which something was carried out: client and operator are told what.
    pub fn halfway(&self, failure: Failure, done: &str) -> Failure {
        self.remark(format!("a request failed halfway: {done}"));
        failure.and(done)
    }

    /// What an operator should know of this request.
    pub fn remark(&self, words: String) {
        let words = self.withheld().black_out(&words);
        self.trace().remarks.push(words);
    }

    /// The same of one attribute, whose name is given back.
    pub fn notice(&self, what: Matter, attribute: String, place: &Place) {
        self.trace().notice(Notice { what, attribute, place: place.clone() });
    }

    /// A failure that the client is told of: the operator is too, where no exchange says it.
    pub fn fault(&self, failure: &super::error::Failure) {
        if let Some(fault) = super::trace::Fault::of(failure) {
            let message = self.withheld().black_out(&fault.message);
            self.trace().fault = Some(super::trace::Fault { message, ..fault });
        }
    }

    /// The trace, at the end.
    pub fn into_trace(self) -> Trace {
        std::mem::take(&mut *self.trace())
    }
}

/// A vendor that reads its own writes a moment late gets one more look before it is called a liar.
const SETTLE: Duration = Duration::from_millis(300);
