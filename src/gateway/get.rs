//! GET one resource (RFC 7644 §3.4.1).

use super::{Context, crossing::Standing, error::Failure};
use crate::scim::{conditions::Conditions, message::Response};

/// Serves one resource, or says that the client has it already (RFC 7644 §3.14).
pub async fn get(cx: &Context<'_>, id: &str, conditions: &Conditions) -> Result<Response, Failure> {
    let resource = Standing::of(cx, id).await?.into_resource();
    if conditions.unchanged(&resource, &cx.plan.kind)? {
        return Ok(Response::Unchanged(resource));
    }
    Ok(Response::Resource { created: false, resource })
}
