//! What a write does that names a resource which is there.

use super::super::{
    Context, delete,
    error::{Failure, unsupported},
    patch, replace, values,
};
use crate::{
    mapping::plan::Form,
    scim::{
        conditions::Conditions,
        error::Error,
        message::{Action, Projection, Response},
    },
};
use futures_util::{FutureExt, future::BoxFuture};

/// Does what a request asks, whose turn is held, and of which its client wants to see so much. Each in a box of its own: it
/// would otherwise take as much memory as the largest of them.
pub fn act<'f>(
    cx: &'f Context<'_>,
    action: Action,
    conditions: &'f Conditions,
    shown: &'f Projection,
) -> BoxFuture<'f, Result<Response, Failure>> {
    if let Form::Values(_) = cx.plan.form {
        return values::write(cx, action, shown, conditions);
    }
    match action {
        Action::Replace { id, resource } => {
            async move { replace::replace(cx, &id, resource, conditions).await }.boxed()
        }
        Action::Patch { id, operations } => {
            async move { patch::patch(cx, &id, &operations, conditions).await }.boxed()
        }
        Action::Delete { id } => async move { delete::delete(cx, &id, conditions).await }.boxed(),
        // A Group was a value when it was made.
        Action::Create(_) => async { Err(unsupported("making a group of values")) }.boxed(),
        Action::Get { .. } | Action::Search(_) => {
            let words = "it writes nothing of a resource that is there";
            async move { Err(Error::new(500, words).into()) }.boxed()
        }
    }
}
