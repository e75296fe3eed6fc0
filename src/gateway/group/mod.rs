//! Groups of our own, for a vendor that has none: name, `externalId` and members stand in the store
//! alone. Nothing here reads a list of members that nobody asked for: a Group may have a hundred
//! thousand, and a client changes a few of them.

mod patch;
mod read;
pub mod search;
mod write;

pub use patch::named;
pub use read::{USER, shows_members};
pub use write::users;

use super::{Context, error::Failure};
use crate::scim::{
    conditions::Conditions,
    message::{Action, Projection, Response},
    schema::MEMBERS,
};

/// Does what a request asks of the kept Groups.
pub async fn act(
    cx: &Context<'_>,
    action: Action,
    projection: &Projection,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let members = shows_members(projection);
    match action {
        Action::Get { id } => read::get(cx, &id, members, conditions).await,
        Action::Search(query) => search::search(cx, &query, members).await,
        Action::Create(resource) => write::create(cx, resource).await,
        Action::Replace { id, resource } => {
            write::replace(cx, &id, resource, conditions).await?;
            read::get(cx, &id, members, &Conditions::default()).await
        }
        Action::Patch { id, operations } => {
            patch::patch(cx, &id, &operations, conditions).await?;
            // Of members alone it is answered with 204, which reads nobody (RFC 7644 §3.5.2).
            let kind = &cx.plan.kind;
            let quiet = *projection == Projection::Default
                && operations.iter().all(|operation| operation.is_about(MEMBERS, kind));
            let members = members && !quiet;
            read::get(cx, &id, members, &Conditions::default()).await
        }
        Action::Delete { id } => write::delete(cx, &id, conditions).await,
    }
}
