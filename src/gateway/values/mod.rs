//! Groups that are the values of one of a User's attributes (`values_of`): a role, a team, a department. Members
//! are those who have the value, and who joins or leaves is changed as any User is. A Group is there while
//! somebody has its value, while the mapping names it, and while the store holds one that a client made.

mod earlier;
mod group;
mod having;
mod held;
mod moves;
mod patch;
mod search;
mod write;

pub use earlier::Earlier;
pub use search::{all, chosen};

use super::{
    Context,
    error::{Failure, unsupported},
    group::{MEMBERS, USER},
};
use crate::{
    mapping::{
        plan::{RuleKind, ValuesOf},
        translate::{place, value::Belonging},
    },
    scim::{
        conditions::Conditions,
        message::{Action, Projection, Response},
        resource::Resource,
    },
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

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
        Ok(Self { cx, users: cx.about(users), belonging })
    }

    fn of(&self) -> &'c ValuesOf {
        self.belonging.of
    }
}

/// Does what a request asks of them. Boxed: it holds a whole request about a User.
pub fn act<'f>(
    cx: &'f Context<'_>,
    action: Action,
    projection: &'f Projection,
    conditions: &'f Conditions,
) -> BoxFuture<'f, Result<Response, Failure>> {
    acted(cx, action, projection, conditions).boxed()
}

async fn acted(
    cx: &Context<'_>,
    action: Action,
    projection: &Projection,
    conditions: &Conditions,
) -> Result<Response, Failure> {
    let values = Values::new(cx)?;
    match action {
        Action::Get { id } => values.get(&id, conditions).await,
        Action::Search(query) => search::search(cx, &query).await,
        Action::Create(resource) => values.create(resource).await,
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
    }
}

/// The Groups that a User is in, laid over what his record reads as.
pub fn lay(cx: &Context<'_>, user: &mut Resource) {
    let Some(rule) = cx.plan.rules.iter().find(|rule| matches!(rule.kind, RuleKind::Groups)) else {
        return;
    };
    let groups = cx.live.plan.resources.iter().filter_map(|plan| plan.values_of());
    let belonging = groups.filter_map(|of| Belonging::new(of, cx.plan));
    let shown = belonging.flat_map(|belonging| {
        let names = belonging.values(user).filter_map(|value| belonging.name(value));
        let show = |name: &str| json!({ "value": name, "display": name, "type": "direct" });
        names.map(show).collect::<Vec<_>>()
    });
    let shown: Vec<Value> = shown.collect();
    if shown.is_empty() {
        return place::clear(user, &rule.target);
    }
    if let Some(exercised) = cx.exercised() {
        exercised.kept(rule);
    }
    place::put(user, &rule.target, Value::Array(shown));
}
