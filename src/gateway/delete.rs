//! DELETE (R89, R90; RFC 7644 §3.6): 204, and 404 from then on.

use super::{
    Context,
    error::{Failure, unsupported},
    lookup, steps, update,
};
use crate::{
    mapping::{
        plan::{Claimed, Delete, DeleteBy, Operation},
        translate::{
            place,
            unit::{Part, Unit},
        },
    },
    scim::{conditions::Conditions, error::Error, message::Response},
};
use serde_json::Value;

/// Ends one resource.
pub async fn delete(
    cx: &Context<'_>,
    id: &str,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let delete = cx.plan.operations.delete.as_ref();
    let Delete { how, .. } = delete.ok_or_else(|| unsupported("deleting"))?;
    let _turn = cx.turn(id).await?;
    if !conditions.is_empty() {
        conditions.hold(&lookup::current(cx, id).await?.resource, &cx.plan.kind)?;
    }
    match how {
        DeleteBy::Call(operation) => call(cx, operation, id).await?,
        DeleteBy::Update(index) => transitions(cx, *index, id).await?,
    }
    Ok(Response::NoContent)
}

/// A call of its own. The Record is only read first where a template asks for it.
async fn call(cx: &Context<'_>, operation: &Operation, id: &str) -> Result<(), Failure> {
    let needed =
        operation.mentions("before") || operation.mentions("record") || cx.plan.exists.is_some();
    let found = if needed { Some(lookup::current(cx, id).await?) } else { None };
    let key = Value::String(id.to_owned());
    let mut scope = cx.scope().with("key", &key);
    if let Some(found) = &found {
        scope = scope.with("before", found.resource.as_value()).with("record", &found.record);
    }
    match steps::run(cx, operation, &scope).await {
        Ok(_) => Ok(()),
        Err(failure) if failure.not_found() => Err(Error::not_found(id).into()),
        // Sent, and no answer to go by: gone is gone.
        Err(failure) if failure.doubtful() => match lookup::present(cx, id).await {
            Ok(None) => Ok(()),
            _ => Err(failure),
        },
        Err(failure) => Err(failure),
    }
}

/// An update instead: the transitions that it claims happen, through the same engine.
async fn transitions(cx: &Context<'_>, index: usize, id: &str) -> Result<(), Failure> {
    let before = lookup::current(cx, id).await?;
    let mut after = before.resource.clone();
    let mut units = Vec::new();
    let claims = cx.plan.operations.update.get(index).map(|update| &update.operation.claims);
    for claim in claims.into_iter().flatten().flatten() {
        let Claimed::Becomes(value) = &claim.what else { continue };
        for index in &claim.rules {
            let Some(rule) = cx.plan.rules.get(*index) else { continue };
            let old = place::take(&after, &rule.target).cloned().unwrap_or_default();
            if old != *value {
                place::put(&mut after, &rule.target, value.clone());
                let after = value.clone();
                units.push(Unit { rule: *index, part: Part::Value, before: old, after });
            }
        }
    }
    update::run(cx, before, &after, units, false).await.map(drop)
}
