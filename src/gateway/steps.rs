//! Runs the steps of one operation: render, call, judge, capture.

use super::{Context, error::Failure, exchange};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::{Expression, Scope},
        plan::{Capture, Operation, Step},
        translate::{failure, render},
    },
    upstream::{Answer, Call, record::text_of},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// More pages than this is a vendor that never ends, not a list.
const PAGES: usize = 10_000;

/// What the steps of an operation gave.
#[derive(Debug, Default)]
pub struct Done {
    /// The Record, where a step carries it.
    pub record: Option<Value>,
    /// The items of the last step that has any.
    pub items: Vec<Value>,
    /// The key, where the operation says it.
    pub key: Option<String>,
}

/// Runs an operation. `scope` has the names that its kind of operation gives.
pub async fn run(
    cx: &Context<'_>,
    operation: &Operation,
    scope: &Scope<'_>,
) -> Result<Done, Failure> {
    let mut done = Done::default();
    let mut captured = Value::Object(Map::new());
    for step in &operation.steps {
        let names = scope.clone().with("steps", &captured);
        if !holds(step.when.as_ref(), &names, &step.place)? {
            continue;
        }
        let mut kept = Map::new();
        match &step.for_each {
            None => one(cx, operation, step, &names, &mut done, &mut kept).await?,
            Some(list) => {
                for item in each(list, &names, &step.place)? {
                    let names = names.clone().with("item", &item);
                    one(cx, operation, step, &names, &mut done, &mut kept).await?;
                }
            }
        }
        if let Some(members) = captured.as_object_mut() {
            members.insert(step.name.clone(), Value::Object(kept));
        }
    }
    Ok(done)
}

/// One call of a step, and what is taken from its answer.
async fn one(
    cx: &Context<'_>,
    operation: &Operation,
    step: &Step,
    scope: &Scope<'_>,
    done: &mut Done,
    kept: &mut Map<String, Value>,
) -> Result<(), Failure> {
    let (call, answer) = first(cx, step, scope).await?;
    kept.insert("status".into(), answer.status.into());
    // An accepted status that is no success yields nothing: no record, no items, no captures.
    if answer.status / 100 != 2 {
        return Ok(());
    }
    for (name, capture) in &step.capture {
        kept.insert(name.clone(), captured(step, capture, &answer, scope)?);
    }
    if let Some(template) = &operation.key {
        let shown = failure::shown(&answer);
        let names = scope.clone().with("answer", &shown);
        let key = template.text(&names).map_err(|error| fault(&operation.place, &error.message))?;
        done.key = key.filter(|key| !key.is_empty());
        if done.key.is_none() {
            return Err(shape(step, "the key is not in the answer".to_owned()));
        }
    }
    if let Some(content) = content(cx, step, call, answer).await? {
        place(step, content, done);
    }
    Ok(())
}

/// The items or the record of one step that composes a Record.
pub async fn part(cx: &Context<'_>, step: &Step, scope: &Scope<'_>) -> Result<Value, Failure> {
    let (call, answer) = first(cx, step, scope).await?;
    if answer.status / 100 != 2 {
        return Ok(Value::Null);
    }
    Ok(content(cx, step, call, answer).await?.unwrap_or_default())
}

/// Renders and performs the step's own call, on its first page.
async fn first(
    cx: &Context<'_>,
    step: &Step,
    scope: &Scope<'_>,
) -> Result<(Arc<Call>, Answer), Failure> {
    let call = render::call(step, scope)?;
    let call = Arc::new(match &step.paging {
        Some(paging) => paging.first(call),
        None => call,
    });
    let named = scope.get("item").and_then(|item| text_of(item.get("value").unwrap_or(item)));
    let answer = exchange::perform(cx, step, &call, named.as_deref()).await?;
    Ok((call, answer))
}

/// What the answer carries: a list of items, a record, or nothing that the mapping wants.
async fn content(
    cx: &Context<'_>,
    step: &Step,
    call: Arc<Call>,
    answer: Answer,
) -> Result<Option<Value>, Failure> {
    if step.items.is_some() {
        return Ok(Some(Value::Array(all_items(cx, step, call, answer).await?)));
    }
    let Some(record) = &step.record else { return Ok(None) };
    match record.taken(answer.body) {
        Some(found @ Value::Object(_)) => Ok(Some(found)),
        _ => Err(shape(step, format!("there is no record at `{record}` in the answer"))),
    }
}

/// Puts a step's content where it belongs in the composed Record.
fn place(step: &Step, content: Value, done: &mut Done) {
    match (&step.into, content) {
        (Some(into), content) => into.set(done.record.get_or_insert_default(), content),
        (None, Value::Array(items)) => done.items = items,
        (None, record) => done.record = Some(record),
    }
}

/// All items of a step, page after page. Never the shorter list: a page that fails fails it all.
async fn all_items(
    cx: &Context<'_>,
    step: &Step,
    mut call: Arc<Call>,
    mut answer: Answer,
) -> Result<Vec<Value>, Failure> {
    let mut items = Vec::new();
    for _ in 0..PAGES {
        let page = page(cx, step, &call, answer, items.len())?;
        items.extend(page.items);
        let Some(further) = page.next else { return Ok(items) };
        call = Arc::new(further);
        answer = exchange::perform(cx, step, &call, None).await?;
    }
    Err(shape(step, format!("the list does not end within {PAGES} pages")))
}

/// What one answer of a list holds.
pub struct Page {
    /// Its items.
    pub items: Vec<Value>,
    /// The call for the page after this one.
    pub next: Option<Call>,
}

/// One page of a list, `before` items behind its beginning.
pub fn page(
    cx: &Context<'_>,
    step: &Step,
    call: &Call,
    answer: Answer,
    before: usize,
) -> Result<Page, Failure> {
    let Some(place) = &step.items else { return Ok(Page { items: Vec::new(), next: None }) };
    // Where the next page is may stand in an item: it is found before they are moved out.
    if place.is_query() {
        let items: Vec<Value> = place.all(&answer.body).into_iter().cloned().collect();
        let next = next(cx, step, call, &answer, items.len(), before)?;
        return Ok(Page { items, next });
    }
    // null is empty; absent is broken unless the mapping says otherwise.
    let received = match place.first(&answer.body) {
        Some(Value::Array(list)) => list.len(),
        Some(Value::Null) => 0,
        None if step.may_lack_items => 0,
        _ => return Err(shape(step, format!("there is no list at `{place}` in the answer"))),
    };
    let next = next(cx, step, call, &answer, received, before)?;
    let items = match place.taken(answer.body) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    Ok(Page { items, next })
}

fn next(
    cx: &Context<'_>,
    step: &Step,
    call: &Call,
    answer: &Answer,
    received: usize,
    before: usize,
) -> Result<Option<Call>, Failure> {
    let Some(paging) = &step.paging else { return Ok(None) };
    let base = cx.live.plan.upstream.base_url.text(&cx.scope()).ok().flatten().unwrap_or_default();
    paging
        .next(call, answer, received, before + received, &base)
        .map_err(|message| shape(step, message))
}

fn captured(
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

/// The items of a `for_each`; null is none.
pub fn each(list: &Expression, scope: &Scope<'_>, place: &Place) -> Result<Vec<Value>, Failure> {
    match list.evaluate(scope).map_err(|error| fault(place, &error.message))? {
        Value::Array(items) => Ok(items),
        Value::Null => Ok(Vec::new()),
        _ => Err(fault(place, "`for_each` gives no list")),
    }
}

fn shape(step: &Step, message: String) -> Failure {
    Failure::Shape { place: step.place.clone(), message }
}

fn fault(place: &Place, message: &str) -> Failure {
    Failure::Expression { place: place.clone(), message: message.to_owned() }
}
