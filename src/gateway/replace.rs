//! PUT (RFC 7644 §3.5.1): the same as PATCH with another "after".

use super::{
    Context,
    crossing::{self, Standing},
    error::Failure,
    stays, unsaid,
};
use crate::scim::{conditions::Conditions, message::Response, resource::Resource, validate};

/// Replaces one resource, whose turn is held. PUT never makes one (R58; RFC 7644 §3.5.1).
pub async fn replace(
    cx: &Context<'_>,
    id: &str,
    resource: Resource,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let before = Standing::of(cx, id).await?;
    conditions.hold(before.resource(), &cx.plan.kind)?;
    let before = before.adopted_by(cx, &resource).await?;
    let mut after = unsaid::completed(cx, resource, before.resource());
    stays::keep(cx, &mut after, before.resource());
    validate::update(before.resource(), &after, &cx.plan.kind)?;
    let resource = crossing::apply(cx, before, &after).await?;
    Ok(Response::Resource { created: false, resource })
}
