//! GET one resource (RFC 7644 §3.4.1).

use super::{Context, error::Failure, lookup};
use crate::scim::message::Response;

/// Serves one resource.
pub async fn get(cx: &Context<'_>, id: &str) -> Result<Response, Failure> {
    let found = lookup::current(cx, id).await?;
    Ok(Response::Resource { created: false, resource: found.resource })
}
