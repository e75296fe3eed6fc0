//! Reads several Records by their keys, so many in one call.
//!
//! That somebody is not among the answers says nothing: a vendor may cap such an answer, hide who is switched off
//! from it, or be late with it. Whoever is missing is read by `get`, which alone can say that he is gone. So the
//! list is never the shorter one, and of a vendor that answers in full nobody is read twice.

use super::{
    Context,
    error::{Failure, shape},
    place::{AT_A_TIME, HELD},
    record::record,
    steps,
};
use crate::{
    mapping::{
        plan::{ManyOperation, Operation, Step},
        translate::read,
    },
    upstream::record::text_of,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Records that are read at a time where each is read by its key: as many as one call takes, and no more than an
/// answer holds.
pub fn at_a_time(cx: &Context<'_>) -> usize {
    cx.plan.operations.get_many.as_ref().map_or(AT_A_TIME, |many| many.at_most.min(HELD))
}

/// The Record of each of these keys, in their order, as `get` composes it; nothing for those whom the vendor has
/// not. So many calls at once.
pub async fn records(
    cx: &Context<'_>,
    many: &ManyOperation,
    get: &Operation,
    keys: Vec<String>,
    at_once: usize,
) -> Result<Vec<Option<Value>>, Failure> {
    // Owned: the calls run side by side.
    let groups: Vec<Vec<String>> = keys.chunks(many.at_most.max(1)).map(<[_]>::to_vec).collect();
    let answers = stream::iter(groups).map(|keys| answered(cx, many, keys));
    let answers: Vec<_> = answers.buffered(at_once).try_collect().await?;
    let mut answers: HashMap<String, Value> = answers.into_iter().flatten().collect();
    let found: Vec<(String, Option<Value>)> =
        keys.into_iter().map(|key| (key.clone(), answers.remove(&key))).collect();
    let records = stream::iter(found).map(|(key, found)| async move {
        match found {
            Some(record) => rest(cx, many, get, key, record).await.map(Some),
            None => record(cx, get, &key).await,
        }
    });
    records.buffered(at_once).try_collect().await
}

/// A Record with those parts that nobody gives for many.
async fn rest(
    cx: &Context<'_>,
    many: &ManyOperation,
    get: &Operation,
    key: String,
    record: Value,
) -> Result<Value, Failure> {
    let key = Value::String(key);
    let scope = cx.scope().with("key", &key);
    let parts = get.steps.iter().filter(|step| many.read_again.contains(&step.name));
    steps::compose(cx, get, parts, &scope, record).await
}

/// Those of these keys who are among the answers, each with the parts that stand in them.
async fn answered(
    cx: &Context<'_>,
    many: &ManyOperation,
    keys: Vec<String>,
) -> Result<HashMap<String, Value>, Failure> {
    let asked = json!(keys);
    let scope = cx.scope().with("keys", &asked);
    let done = match steps::run(cx, &many.operation, &scope).await {
        Ok(done) => done,
        // A vendor that knows one of them not may know nothing of the others: the mapping says so.
        Err(failure) if failure.not_found() && failure.by_row() => return Ok(HashMap::new()),
        Err(failure) => return Err(failure),
    };
    // A vendor that does not know the parameter answers with everybody.
    let wanted: HashSet<&String> = keys.iter().collect();
    let mut records: HashMap<String, Value> = HashMap::with_capacity(keys.len());
    for item in done.items {
        let Some(key) = read::key(cx.plan, &item).filter(|key| wanted.contains(key)) else {
            continue;
        };
        records.insert(key, item);
    }
    for (name, items) in done.parts {
        let step = many.operation.steps.iter().find(|step| step.name == name);
        if let Some(step) = step {
            put(cx, step, items, &mut records)?;
        }
    }
    Ok(records)
}

/// Puts a part into each Record. Of whom no item tells is not among the answers, unless the mapping says that who
/// has nothing is left out.
fn put(
    cx: &Context<'_>,
    step: &Step,
    items: Vec<Value>,
    records: &mut HashMap<String, Value>,
) -> Result<(), Failure> {
    let (Some(into), Some(part)) = (&step.into, &step.part) else { return Ok(()) };
    let mut theirs: HashMap<String, Vec<Value>> = HashMap::new();
    for item in items {
        let of = part.of.as_ref().unwrap_or(&cx.plan.key);
        if let Some(key) = of.get(&item).and_then(text_of) {
            theirs.entry(key).or_default().push(item);
        }
    }
    if !step.may_lack_items {
        records.retain(|key, _| theirs.contains_key(key));
    }
    for (key, record) in records {
        let own = theirs.remove(key).unwrap_or_default();
        let value = match &part.take {
            None => Some(Value::Array(own)),
            Some(take) if take.is_query() => {
                Some(own.iter().flat_map(|item| take.all(item)).cloned().collect())
            }
            Some(take) => match own.as_slice() {
                [] => None,
                [item] => take.first(item).cloned(),
                _ => {
                    let message = format!("two items of the answer are of the key `{key}`");
                    return Err(shape(step, message));
                }
            },
        };
        if let Some(value) = value {
            into.set(record, value);
        }
    }
    Ok(())
}
