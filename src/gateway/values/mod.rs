//! Groups that are the values of one of a User's attributes (`values_of`): a role, a team, a department. Members
//! are those who have the value, and who joins or leaves is changed as any User is. A Group is there while
//! somebody has its value, while the mapping names it, and while the store holds one that a client made.

mod group;
mod having;
mod held;
mod make;
mod moves;
mod patch;
mod search;
mod waiting;
mod write;

pub use search::{all, chosen};

use super::{
    Context,
    error::{Failure, unsupported},
};
use crate::{
    mapping::{plan::ValuesOf, translate::value::Belonging},
    scim::{
        conditions::Conditions,
        error::Error,
        message::{Action, Projection, Query, Response},
        resource::Resource,
        schema::MEMBERS,
    },
};
use futures_util::{FutureExt, future::BoxFuture};

/// A request at work on Groups that are values.
struct Values<'a, 'c> {
    /// About the Groups.
    cx: &'a Context<'c>,
    /// About the Users who are in them.
    users: Context<'c>,
    /// How they are in them.
    belonging: Belonging<'c>,
}

impl<'a, 'c> Values<'a, 'c> {
    fn new(cx: &'a Context<'c>) -> Result<Self, Failure> {
        let made = cx.plan.values_of().and_then(|of| {
            let users = cx.live.plan.resource(&of.resource)?;
            Some((users, Belonging::new(of, users)?))
        });
        let (users, belonging) = made.ok_or_else(|| unsupported("reading Groups"))?;
        // What becomes of a User is an entry of his own.
        Ok(Self { cx, users: cx.about(users).alone(), belonging })
    }

    fn of(&self) -> &'c ValuesOf {
        self.belonging.of
    }
}

/// One of them. Boxed, as all of these: it holds whole requests about Users.
pub fn get<'f>(
    cx: &'f Context<'_>,
    id: &'f str,
    conditions: &'f Conditions,
) -> BoxFuture<'f, Result<Response, Failure>> {
    async move { Values::new(cx)?.get(id, conditions).await }.boxed()
}

/// Those of them that a query asks for.
pub fn search<'f>(
    cx: &'f Context<'_>,
    query: &'f Query,
) -> BoxFuture<'f, Result<Response, Failure>> {
    search::search(cx, query).boxed()
}

/// Makes one.
pub fn create<'f>(
    cx: &'f Context<'_>,
    wanted: Resource,
) -> BoxFuture<'f, Result<Response, Failure>> {
    make::create(cx, wanted).boxed()
}

/// Changes or ends of them, whose turn is held. Of each member the journal has an entry while he is being changed;
/// of the whole from before the first one, so that somebody goes on with what nobody lives to end.
pub fn write<'f>(
    cx: &'f Context<'_>,
    action: Action,
    projection: &'f Projection,
    conditions: &'f Conditions,
) -> BoxFuture<'f, Result<Response, Failure>> {
    written(cx, action, projection, conditions).boxed()
}

async fn written(
    cx: &Context<'_>,
    action: Action,
    projection: &Projection,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let values = Values::new(cx)?;
    match action {
        Action::Replace { id, resource } => {
            let done = values.replace(&id, resource, conditions).await?;
            values.told(done).await
        }
        Action::Patch { id, operations } => {
            let done = values.patch(&id, &operations, conditions).await?;
            // Of members alone it is answered with 204, for which nobody is looked for (RFC 7644 §3.5.2).
            let quiet = *projection == Projection::Default;
            match quiet && operations.iter().all(|one| one.is_about(MEMBERS, &cx.plan.kind)) {
                true => Ok(Response::NoContent),
                false => values.told(done).await,
            }
        }
        Action::Delete { id } => values.delete(&id, conditions).await,
        Action::Create(wanted) => values.finish(&wanted).await,
        Action::Get { .. } | Action::Search(_) => {
            Err(Error::new(500, "it writes nothing of a group that is there").into())
        }
    }
}
