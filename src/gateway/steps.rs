//! Runs the steps of one operation: render, call, judge, capture.

pub use super::each::groups;

use super::{
    Context,
    error::{Failure, fault, shape},
    exchange,
    journal::{
        keyed, making,
        progress::Reached,
        underway::{Underway, is_alive},
        verdict::{self, Verdict},
    },
    pages::{Pages, within},
    undo::{Deeds, Halted},
};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::{Expression, Scope, Template},
        plan::{Capture, Operation, Step},
        translate::{failure, read, render},
    },
    upstream::{Answer, Call, record::text_of},
};
use futures_util::future::BoxFuture;
use http::Method;
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};

/// What the steps of an operation gave.
#[derive(Debug, Default)]
pub struct Done {
    /// The Record, where a step carries it.
    pub record: Option<Value>,
    /// The items of the last step that has any.
    pub items: Vec<Value>,
    /// Parts of several Records, by the step that gave them.
    pub parts: Vec<(String, Vec<Value>)>,
    /// The key, where the operation says it.
    pub key: Option<String>,
}

/// Runs an operation that reads. `scope` has the names that its kind of operation gives.
pub async fn run(
    cx: &Context<'_>,
    operation: &Operation,
    scope: &Scope<'_>,
) -> Result<Done, Failure> {
    run_within(cx, operation, scope, usize::MAX).await
}

/// The same for one that reads a list of at most so many records.
pub async fn run_within(
    cx: &Context<'_>,
    operation: &Operation,
    scope: &Scope<'_>,
    most: usize,
) -> Result<Done, Failure> {
    let mut run = Run::new(cx, operation, most);
    run.all(operation, scope).await?;
    Ok(run.done)
}

/// Runs an operation that writes. What was done when it stops is the caller's to take back: he knows how to look
/// whether it happened all the same.
pub async fn write<'p>(
    cx: &Context<'_>,
    operation: &'p Operation,
    scope: &Scope<'_>,
) -> Result<Done, Halted<'p>> {
    let _writing = cx.memory.scans.writing(&cx.plan.kind.name);
    let mut run = Run::new(cx, operation, usize::MAX);
    run.underway = cx.underway.clone();
    if let Some(captured) = cx.underway.as_ref().and_then(|underway| underway.captured()) {
        run.captured = captured;
    }
    match run.all(operation, scope).await {
        Ok(()) => Ok(run.done),
        Err(failure) => Err(Halted { failure, made: run.made }),
    }
}

/// The same from where an earlier try stopped. What that did can be taken back with the rest.
pub async fn go_on<'p>(
    cx: &Context<'_>,
    operation: &'p Operation,
    scope: &Scope<'_>,
    reached: Reached,
) -> Result<Done, Halted<'p>> {
    let _writing = cx.memory.scans.writing(&cx.plan.kind.name);
    let mut run = Run::new(cx, operation, usize::MAX);
    run.underway = cx.underway.clone();
    run.follows(reached);
    match run.all(operation, scope).await {
        Ok(()) => Ok(run.done),
        Err(failure) => Err(Halted { failure, made: run.made }),
    }
}

/// What an earlier try has done, with nothing sent; and the step at which it stopped, if it did.
pub async fn recall<'p>(
    cx: &Context<'_>,
    operation: &'p Operation,
    scope: &Scope<'_>,
    reached: Reached,
) -> (Deeds<'p>, Option<usize>) {
    let mut run = Run::new(cx, operation, usize::MAX);
    run.follows(reached);
    run.sends = false;
    for (position, step) in operation.steps.iter().enumerate() {
        if run.step(step, scope).await.is_err() {
            return (run.made, Some(position));
        }
    }
    (run.made, None)
}

/// Runs those `steps` of `get` that compose a Record further (`into`), over one that is there.
pub async fn compose(
    cx: &Context<'_>,
    get: &Operation,
    steps: impl Iterator<Item = &Step>,
    scope: &Scope<'_>,
    record: Value,
) -> Result<Value, Failure> {
    let mut run = Run::new(cx, get, usize::MAX);
    run.done.record = Some(record);
    for step in steps {
        run.step(step, scope).await?;
    }
    Ok(run.done.record.unwrap_or_default())
}

/// An operation at work.
struct Run<'c, 'p> {
    cx: &'c Context<'c>,
    most: usize,
    done: Done,
    made: Deeds<'p>,
    /// Whether a step has changed something, in this try or in an earlier one.
    wrote: bool,
    /// `steps` in expressions.
    captured: Value,
    /// Whether an expression asks for `steps`.
    captures: bool,
    /// `answer` in the operation's `key`: that of the last call.
    answer: Value,
    /// Whether the operation has a `key`.
    shows_answer: bool,
    /// The journal's entry of what is written.
    underway: Option<Arc<Underway>>,
    /// Calls that an earlier try has carried out, where it is told so here.
    passed: Option<usize>,
    /// Nothing is sent otherwise: it is only said what was done.
    sends: bool,
    /// The operation's `key`.
    key: Option<&'p Template>,
}

impl<'c, 'p> Run<'c, 'p> {
    fn new(cx: &'c Context<'c>, operation: &'p Operation, most: usize) -> Self {
        Self {
            cx,
            most,
            done: Done::default(),
            made: Deeds::default(),
            wrote: false,
            captured: Value::Object(Map::new()),
            // Of what can be taken back it must be known later whether it did anything.
            captures: operation.mentions("steps")
                || operation.steps.iter().any(|step| step.undo.is_some()),
            answer: Value::Null,
            shows_answer: operation.key.is_some(),
            underway: None,
            passed: None,
            sends: true,
            key: operation.key.as_ref(),
        }
    }

    /// It begins where an earlier try stopped.
    fn follows(&mut self, reached: Reached) {
        self.passed = Some(reached.calls);
        if !reached.captured.is_null() {
            self.captured = reached.captured;
        }
    }

    /// Whether the next call that writes was carried out by an earlier try.
    fn passes(&mut self) -> bool {
        match &mut self.passed {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => self.underway.as_ref().is_some_and(|underway| underway.skips()),
        }
    }

    /// All steps, then the key.
    async fn all(&mut self, operation: &'p Operation, scope: &Scope<'_>) -> Result<(), Failure> {
        for (position, step) in operation.steps.iter().enumerate() {
            self.made.blind = self.wrote || position + 1 < operation.steps.len();
            self.step(step, scope).await?;
        }
        let Some(template) = &operation.key else { return Ok(()) };
        // Once, when everything that it may ask for is there.
        let names = scope.clone().with("steps", &self.captured).with("answer", &self.answer);
        let key = template.text(&names).map_err(|error| fault(&operation.place, &error.message))?;
        self.done.key = key.filter(|key| !key.is_empty());
        match self.done.key {
            Some(_) => Ok(()),
            None => {
                let message = "the key is not in the answer".to_owned();
                Err(Failure::Shape { place: operation.place.clone(), message })
            }
        }
    }

    /// One step, for each of its items where it has such.
    async fn step(&mut self, step: &'p Step, scope: &Scope<'_>) -> Result<(), Failure> {
        let captured = self.captured.clone();
        let names = scope.clone().with("steps", &captured);
        if !holds(step.when.as_ref(), &names, &step.place)? {
            return Ok(());
        }
        let mut kept = Map::new();
        match &step.for_each {
            None => self.call(step, &names, &mut kept).await?,
            Some(each) => {
                let mut listed = Vec::new();
                for group in groups(each, &names, &step.place)? {
                    let names = names.clone().with(each.name(), &group);
                    self.call(step, &names, &mut kept).await?;
                    if step.lists() {
                        listed.append(&mut self.done.items);
                        within(self.most, listed.len())?;
                    }
                }
                if step.lists() {
                    self.done.items = once(self.cx, listed);
                }
            }
        }
        if self.captures
            && let Some(members) = self.captured.as_object_mut()
        {
            members.insert(step.name.clone(), Value::Object(kept));
        }
        Ok(())
    }

    /// One call of a step, and what is taken from its answer.
    async fn call(
        &mut self,
        step: &'p Step,
        scope: &Scope<'_>,
        kept: &mut Map<String, Value>,
    ) -> Result<(), Failure> {
        let writes = step.method != Method::GET;
        let done_before = writes && self.passes();
        if !self.sends && writes && !done_before {
            return Err(Failure::Waiting);
        }
        if done_before || !self.sends {
            // What an earlier try has captured of it.
            if let Some(Value::Object(known)) = self.captured.get(&step.name) {
                kept.extend(known.clone());
            }
            self.wrote |= writes;
            if writes && self.passed.is_some() {
                self.made.calls += 1;
                // An accepted answer that is no success did nothing; of several items it is that of the last.
                let status = kept.get("status").filter(|_| step.for_each.is_none());
                if status.and_then(Value::as_u64).is_none_or(|status| status / 100 == 2) {
                    self.did(step, scope, kept);
                }
            }
            return Ok(());
        }
        // One box for each call: what is awaited below is no part of what all operations are made of.
        let answered: BoxFuture<'_, _> = Box::pin(self.once(step, scope));
        let (call, answer) = answered.await?;
        self.wrote |= writes;
        self.made.calls += usize::from(writes);
        if self.captures {
            kept.insert("status".into(), answer.status.into());
        }
        // An accepted status that is no success yields nothing: no record, no items, no captures.
        if answer.status / 100 != 2 {
            self.answered(step, scope, kept);
            return Ok(());
        }
        let captured: Result<(), Failure> = step.capture.iter().try_for_each(|(name, capture)| {
            kept.insert(name.clone(), taken(step, capture, &answer, scope)?);
            Ok(())
        });
        self.did(step, scope, kept);
        if let Err(failure) = captured {
            // An answer that has not what is to be taken from it does not say that it was done: nobody goes on from there.
            let underway = self.underway.as_ref().filter(|_| writes);
            underway.iter().for_each(|underway| underway.doubtful(self.cx));
            self.made.calls -= usize::from(writes);
            return Err(failure);
        }
        self.answered(step, scope, kept);
        if self.shows_answer {
            self.answer = failure::shown(&answer);
        }
        let Some(content) = self.content(step, &call, answer).await? else { return Ok(()) };
        match (&step.into, content) {
            (Some(_), Value::Array(items)) if step.part.is_some() => {
                self.done.parts.push((step.name.clone(), items));
            }
            (Some(into), content) => into.set(self.done.record.get_or_insert_default(), content),
            (None, Value::Array(items)) => self.done.items = items,
            (None, record) => {
                let key = read::key(self.cx.plan, &record);
                making::is_answered(self.cx, self.underway.as_ref(), key);
                self.done.record = Some(record);
            }
        }
        Ok(())
    }

    /// The step's own call and its answer. What changes something is written down before it leaves.
    async fn once(&self, step: &Step, scope: &Scope<'_>) -> Result<(Arc<Call>, Answer), Failure> {
        let underway = self.underway.as_ref().filter(|_| step.method != Method::GET);
        let (call, named) = rendered(self.cx, underway.map(AsRef::as_ref), step, scope)?;
        match underway {
            Some(underway) => underway.sends(self.cx, step, call.safe).await?,
            // In no journal, and in somebody's turn all the same.
            None if step.method != Method::GET && self.cx.lease.is_some() => {
                is_alive(self.cx, step)?;
            }
            None => {}
        }
        let answer = exchange::perform(self.cx, step, &call, named.as_deref()).await;
        if let (Some(underway), Err(failure)) = (underway, &answer)
            && !failure.doubtful()
            && !may_have_come(step, failure)
        {
            underway.refused(self.cx);
        }
        Ok((call, answer?))
    }

    /// What is known of an operation under way after an answer, for who has to go on with it.
    fn answered(&self, step: &Step, scope: &Scope<'_>, kept: &Map<String, Value>) {
        let Some(underway) = self.underway.as_ref().filter(|_| step.method != Method::GET) else {
            return;
        };
        let mut captured = self.captured.clone();
        if let Some(members) = captured.as_object_mut() {
            members.insert(step.name.clone(), Value::Object(kept.clone()));
        }
        underway.answered(&captured);
        // Of whom it makes the key may be known before all is done.
        let names = scope.clone().with("steps", &captured);
        let key = self.key.and_then(|template| template.text(&names).ok().flatten());
        making::is_answered(self.cx, Some(underway), key);
    }

    /// A call was carried out, whatever is made of its answer: it may have to be taken back.
    fn did(&mut self, step: &'p Step, scope: &Scope<'_>, kept: &Map<String, Value>) {
        let (cx, underway) = (self.cx, self.underway.as_deref());
        if step.undo.is_none() {
            return self.made.note(cx, underway, step, scope);
        }
        let mut captured = self.captured.clone();
        if let Some(members) = captured.as_object_mut() {
            members.insert(step.name.clone(), Value::Object(kept.clone()));
        }
        self.made.note(cx, underway, step, &scope.clone().with("steps", &captured));
    }

    /// What the answer carries: a list of items, a record, or nothing that the mapping wants.
    async fn content(
        &self,
        step: &Step,
        call: &Call,
        answer: Answer,
    ) -> Result<Option<Value>, Failure> {
        if step.items.is_some() {
            let mut pages = Pages::new(step);
            let first = pages.page(self.cx, call, answer)?;
            let items = pages.all(self.cx, first, self.most).await?;
            return Ok(Some(Value::Array(items)));
        }
        let Some(record) = &step.record else { return Ok(None) };
        match record.taken(answer.body) {
            Some(found @ Value::Object(_)) => Ok(Some(found)),
            _ => Err(shape(step, format!("there is no record at `{record}` in the answer"))),
        }
    }
}

/// Several lists as one: whoever is in two of them is there once.
fn once(cx: &Context<'_>, mut items: Vec<Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    items.retain(|item| read::key(cx.plan, item).is_none_or(|key| seen.insert(key)));
    items
}

/// Items of a batch that are named when the vendor knows one of them not.
const NAMED: usize = 10;

/// What an item is called.
fn named(item: &Value) -> Option<String> {
    text_of(item.get("value").unwrap_or(item))
}

/// Who stands before the vendor may answer 503 or 429 for what he has let through. A call that is known again costs nothing
/// by being taken for one of those: its next one has the same key.
fn may_have_come(step: &Step, failure: &Failure) -> bool {
    step.idempotency_key.is_some()
        && matches!(failure.bare(), Failure::Vendor { .. })
        && matches!(verdict::of(failure), Verdict::Later(_))
}

/// The step's own call, on its first page, and what it names.
fn rendered(
    cx: &Context<'_>,
    underway: Option<&Underway>,
    step: &Step,
    scope: &Scope<'_>,
) -> Result<(Arc<Call>, Option<String>), Failure> {
    let mut call = render::call(step, scope)?;
    keyed::put(cx, underway, step, scope, &mut call.headers)?;
    let call = Arc::new(match &step.paging {
        Some(paging) => paging.first(call),
        None => call,
    });
    let named = scope.get("item").and_then(named).or_else(|| {
        let batch = scope.get("batch")?.as_array()?;
        let names: Vec<String> = batch.iter().filter_map(named).take(NAMED).collect();
        Some(names.join("`, `")).filter(|names| !names.is_empty())
    });
    Ok((call, named))
}

fn taken(
    step: &Step,
    capture: &Capture,
    answer: &Answer,
    scope: &Scope<'_>,
) -> Result<Value, Failure> {
    match capture {
        Capture::Place(place) => place
            .first(&answer.body)
            .filter(|value| !value.is_null())
            .cloned()
            .ok_or_else(|| shape(step, format!("there is nothing to capture at `{place}`"))),
        Capture::Template(template) => {
            let shown = failure::shown(answer);
            let names = scope.clone().with("answer", &shown);
            template.value(&names).map_err(|error| fault(&step.place, &error.message))
        }
    }
}

/// Whether a condition holds; an absent one does.
pub fn holds(
    condition: Option<&Expression>,
    scope: &Scope<'_>,
    place: &Place,
) -> Result<bool, Failure> {
    let Some(condition) = condition else { return Ok(true) };
    let value = condition.evaluate(scope).map_err(|error| fault(place, &error.message))?;
    Ok(value == Value::Bool(true))
}
