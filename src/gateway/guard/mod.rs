//! The guard: more than so many deactivations and deletions in a window are held back, until an operator says that
//! they are meant or the window has passed.
//!
//! A client that has gone wrong (an import that came back empty, a rule that matches nobody any more) takes everybody's
//! access away within minutes, each request as sound as any. Counted are distinct resources: whose `active` becomes
//! false, or that are deleted, where the vendor is told of it. What changes nothing does not count, and a resource counts
//! once in a window, so that the repeat of a request is let through.
//!
//! With a store it is counted there, by all replicas together and over restarts; without one each process counts for
//! itself. A store that does not answer lets nobody pass: it might have been full.
//!
//! It is decided before the vendor's first write, and what was decided counts whatever the vendor then says.

pub mod counts;
pub mod limit;
pub mod operator;
pub mod standing;
pub mod watch;
pub mod window;

pub use limit::Limit;
pub use standing::{Standing, Tripped};
pub use watch::Guard;

use super::{Context, error::Failure};
use crate::mapping::{
    plan::{Claimed, DeleteBy, Leaving, ResourcePlan, Target, Then, Update},
    translate::unit::Unit,
};
use serde_json::Value;

/// Lets a write pass that ends the access of `id`, or holds it back. It was decided to carry it out.
pub async fn pass(cx: &Context<'_>, id: &str) -> Result<(), Failure> {
    let Some(guard) = &cx.memory.guard else { return Ok(()) };
    let store = cx.memory.store.as_deref();
    let counted = guard.count(store, &cx.plan.kind.name, id, cx.now);
    let Some(standing) = cx.ask(Box::pin(counted)).await? else { return Ok(()) };
    // Of which resource and which client: the request's own line says it.
    cx.remark("held back by the guard".to_owned());
    let (tenant, limit) = (guard.tenant.to_string(), standing.limit);
    let (most, within, rest) = (limit.most, limit.time(), standing.rest(cx.now));
    Err(Failure::Guarded { tenant, most, within, rest })
}

/// The same where these changes end somebody's access; others pass.
pub async fn pass_changes<'u>(
    cx: &Context<'_>,
    id: &str,
    mut units: impl Iterator<Item = &'u Unit>,
) -> Result<(), Failure> {
    match units.any(|unit| ends(cx, unit)) {
        true => pass(cx, id).await,
        false => Ok(()),
    }
}

/// Whether a change ends somebody's access, by whichever request: `active` becomes false, or what the mapping runs for
/// a delete (`delete: { run: archive }`) or for who leaves the scope happens.
fn ends(cx: &Context<'_>, unit: &Unit) -> bool {
    let rule = cx.plan.rules.get(unit.rule).map(|rule| &rule.target);
    let of_active = matches!(rule, Some(Target::Attribute(path)) if path.is_active());
    of_active && unit.after == Value::Bool(false)
        || removals(cx).any(|update| becomes(update, unit))
}

/// The updates that stand for a removal.
fn removals<'p>(cx: &Context<'p>) -> impl Iterator<Item = &'p Update> {
    let plan: &'p ResourcePlan = cx.plan;
    let delete = plan.operations.delete.as_ref().and_then(|delete| match &delete.how {
        DeleteBy::Update(index) => Some(*index),
        DeleteBy::Call(_) => None,
    });
    let leaving = plan.outside.iter().filter_map(|row| match &row.then {
        Then::Skip(Leaving::Update(index)) => Some(*index),
        _ => None,
    });
    delete.into_iter().chain(leaving).filter_map(|index| plan.operations.update.get(index))
}

/// Whether a change is the transition that an update claims.
fn becomes(update: &Update, unit: &Unit) -> bool {
    update.operation.claims.iter().flatten().any(|claim| {
        claim.rules.contains(&unit.rule)
            && matches!(&claim.what, Claimed::Becomes(value) if *value == unit.after)
    })
}
