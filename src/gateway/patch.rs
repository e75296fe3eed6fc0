//! PATCH (RFC 7644 §3.5.2): fetch, apply, validate, compare, run, read back.

use super::{Context, error::Failure, lookup, update};
use crate::scim::{
    conditions::Conditions,
    message::Response,
    patch::{PatchOp, apply},
    reading::Reading,
    validate,
};

/// Changes parts of one resource.
pub async fn patch(
    cx: &Context<'_>,
    id: &str,
    operations: &[PatchOp],
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let _turn = cx.turn(id).await?;
    let before = lookup::current(cx, id).await?;
    conditions.hold(&before.resource, &cx.plan.kind)?;
    let mut reading = Reading::new(cx.live.profile);
    let applied = apply::apply(operations, &before.resource, &cx.plan.kind, &mut reading);
    cx.trace().read(&reading);
    let applied = applied?;
    cx.note_unmapped(&reading.unmapped)?;
    validate::update(&before.resource, &applied.resource, &cx.plan.kind)?;
    let resource = update::apply(cx, before, &applied.resource).await?;
    Ok(Response::Resource { created: false, resource })
}
