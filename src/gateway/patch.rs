//! PATCH (RFC 7644 §3.5.2): fetch, apply, validate, compare, run, read back.

use super::{
    Context,
    crossing::{self, Standing},
    error::Failure,
    stays,
};
use crate::scim::{
    conditions::Conditions,
    message::Response,
    patch::{PatchOp, apply},
    reading::Reading,
    resource::Resource,
    validate,
};

/// Changes parts of one resource, whose turn is held.
pub async fn patch(
    cx: &Context<'_>,
    id: &str,
    operations: &[PatchOp],
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let before = Standing::of(cx, id).await?;
    conditions.hold(before.resource(), &cx.plan.kind)?;
    let after = applied(cx, operations, before.resource())?;
    let resource = crossing::apply(cx, before, &after).await?;
    Ok(Response::Resource { created: false, resource })
}

/// What the operations make of a resource, checked; what was borne with in reading them is counted.
pub fn applied(
    cx: &Context<'_>,
    operations: &[PatchOp],
    before: &Resource,
) -> Result<Resource, Failure> {
    let mut reading = Reading::new(cx.live.profile);
    let applied = apply::apply(operations, before, &cx.plan.kind, &mut reading);
    cx.trace().read(&reading);
    let mut after = applied?.resource;
    cx.note_unmapped(&reading.unmapped)?;
    stays::keep(cx, &mut after, before);
    validate::update(before, &after, &cx.plan.kind)?;
    Ok(after)
}
