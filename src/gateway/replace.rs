//! PUT (RFC 7644 §3.5.1): the same as PATCH with another "after".

use super::{Context, error::Failure, lookup, stays, update};
use crate::{
    mapping::{
        plan::{Direction, RuleKind, Target},
        translate::place,
    },
    scim::{
        attribute::AttributePath, conditions::Conditions, message::Response, resource::Resource,
        validate,
    },
};

/// Replaces one resource. PUT never makes one (R58; RFC 7644 §3.5.1).
pub async fn replace(
    cx: &Context<'_>,
    id: &str,
    resource: Resource,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let _turn = cx.turn(id).await?;
    let before = lookup::current(cx, id).await?;
    conditions.hold(&before.resource, &cx.plan.kind)?;
    let mut after = completed(cx, resource, &before.resource);
    stays::keep(cx, &mut after, &before.resource);
    validate::update(&before.resource, &after, &cx.plan.kind)?;
    let resource = update::apply(cx, before, &after).await?;
    Ok(Response::Resource { created: false, resource })
}

/// What the client left out and may not mean to clear stays: `active` (an absent one must not
/// lock anybody out), what is written once, what nobody reads, and what the vendor alone sets.
fn completed(cx: &Context<'_>, mut after: Resource, before: &Resource) -> Resource {
    for rule in &cx.plan.rules {
        let is_active = |path: &AttributePath| path.is_active();
        let stays = matches!(&rule.target, Target::Attribute(path) if is_active(path))
            || rule.only_create
            || rule.direction != Direction::Both
            || !matches!(
                rule.kind,
                RuleKind::Field { .. } | RuleKind::List { .. } | RuleKind::Kept
            );
        if stays
            && place::take(&after, &rule.target).is_none()
            && let Some(value) = place::take(before, &rule.target)
        {
            place::put(&mut after, &rule.target, value.clone());
        }
    }
    // R13, RFC 7643 §3.1.
    after.set_id(before.id().unwrap_or_default());
    after
}
