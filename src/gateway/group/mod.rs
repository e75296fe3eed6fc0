//! Groups of our own, for a vendor that has none: name, `externalId` and members stand in the store
//! alone. Nothing here reads a list of members that nobody asked for: a Group may have a hundred
//! thousand, and a client changes a few of them.

mod patch;
mod read;
mod search;
mod write;

use super::{Context, error::Failure};
use crate::scim::message::{Action, Projection, Response};

/// Does what a request asks of the kept Groups.
pub async fn act(
    cx: &Context<'_>,
    action: Action,
    projection: &Projection,
) -> Result<Response, Failure> {
    let members = read::shows_members(projection);
    match action {
        Action::Get { id } => read::get(cx, &id, members).await,
        Action::Search(query) => search::search(cx, &query, members).await,
        Action::Create(resource) => write::create(cx, resource).await,
        Action::Replace { id, resource } => write::replace(cx, &id, resource, members).await,
        Action::Patch { id, operations } => {
            // A 204 says all there is to say, and reads nobody (RFC 7644 §3.5.2).
            let shown = *projection != Projection::Default;
            patch::patch(cx, &id, &operations).await?;
            if shown { read::get(cx, &id, members).await } else { Ok(Response::NoContent) }
        }
        Action::Delete { id } => write::delete(cx, &id).await,
    }
}
