//! One Record, as the steps of `get` compose it.

use super::{Context, error::Failure, steps};
use crate::mapping::plan::{Operation, Step};
use serde_json::Value;

/// The Record itself, as `get` composes it; nothing when the vendor has none.
pub async fn record(
    cx: &Context<'_>,
    get: &Operation,
    key: &str,
) -> Result<Option<Value>, Failure> {
    let key = Value::String(key.to_owned());
    let scope = cx.scope().with("key", &key);
    let record = match steps::run(cx, get, &scope).await {
        Ok(done) => done.record,
        Err(failure) if failure.not_found() && failure.at(main_step(get)) => return Ok(None),
        Err(failure) => return Err(failure),
    };
    record.map(Some).ok_or_else(|| Failure::Shape {
        place: get.place.clone(),
        message: "no step of `get` gave a record".to_owned(),
    })
}

/// The step of `get` that gives the Record itself; the others give parts of it, and a part that is
/// not found is a fault and not an absent resource.
fn main_step(get: &Operation) -> Option<&Step> {
    get.steps.iter().find(|step| step.into.is_none() && step.record.is_some())
}
