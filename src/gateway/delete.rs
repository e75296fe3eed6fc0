//! DELETE (R89, R90; RFC 7644 §3.6): 204, and 404 from then on.

use super::{
    Context, crossing, ending,
    error::{Failure, unsupported},
    identity, meets, outsider,
};
use crate::{
    mapping::plan::Delete,
    scim::{conditions::Conditions, error::Error, message::Response},
};

/// Ends one resource, whose turn is held.
pub async fn delete(
    cx: &Context<'_>,
    id: &str,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let delete = cx.plan.operations.delete.as_ref();
    let Delete { how, place, .. } = delete.ok_or_else(|| unsupported("deleting"))?;
    if let Some(exercised) = cx.exercised() {
        exercised.ran(place);
    }
    let ended = match outsider::one(cx, id).await? {
        Some(outsider) => {
            conditions.hold(&outsider.resource, &cx.plan.kind)?;
            crossing::end(cx, how, outsider).await
        }
        None => {
            let who = identity::of(cx, id).await?.ok_or_else(|| Error::not_found(id))?;
            if !conditions.is_empty() {
                conditions.hold(&ending::current(cx, &who).await?.resource, &cx.plan.kind)?;
            }
            let ended = ending::end(cx, how, &who, Vec::new()).await;
            // Whatever came of it: before it joins a group it is asked for.
            cx.lost(&who.key);
            if ended.as_ref().err().is_none_or(Failure::is_gone) {
                meets::ends(cx, &who, ended.is_err()).await?;
            }
            ended
        }
    };
    ended.map(|()| Response::NoContent)
}
