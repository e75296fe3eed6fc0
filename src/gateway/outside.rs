//! Who is none of the vendor's business, by the mapping's `outside`: judged on the resource as it would be, before
//! anything is sent.

use super::{Context, error::Failure, steps, trace::Aside};
use crate::{
    mapping::{
        expr::Template,
        plan::{Leaving, Then},
    },
    scim::{
        attribute::AttributePath,
        error::{Error, ScimType},
        resource::Resource,
    },
};
use serde_json::Value;

/// Where a resource belongs.
#[derive(Debug)]
pub enum Place {
    /// At the vendor.
    Inside,
    /// Here; when it leaves the vendor, its record goes through this.
    Outside(Leaving),
    /// Nowhere.
    Refused(Error),
}

/// Where it belongs as it would be: the first row that holds says so.
pub fn place(cx: &Context<'_>, after: &Resource) -> Result<Place, Failure> {
    for row in &cx.plan.outside {
        let scope = cx.scope().with("resource", after.as_value());
        if !steps::holds(Some(&row.when), &scope, &row.place)? {
            continue;
        }
        if let Some(exercised) = cx.exercised() {
            exercised.held_for(&row.place);
        }
        return Ok(match &row.then {
            Then::Skip(leaving) => Place::Outside(*leaving),
            Then::Reject(detail) => {
                let own = |detail: &Template| detail.text(&scope).ok().flatten();
                let words = || {
                    let kind = &cx.plan.kind.name;
                    format!("this {kind} is outside of what is synced ({})", row.place)
                };
                let words = detail.as_ref().and_then(own).unwrap_or_else(words);
                Place::Refused(Error::bad(ScimType::InvalidValue, words))
            }
        });
    }
    Ok(Place::Inside)
}

/// Notes what became of a request for that.
pub fn note(cx: &Context<'_>, aside: Aside) {
    cx.metrics.outside(cx.tenant, &cx.plan.kind.name, aside.word());
    cx.trace().outside = Some(aside);
}

/// Whether it may not be used: nobody may sign in with it.
pub fn is_off(resource: &Resource) -> bool {
    resource.get(&active()) == Some(&Value::Bool(false))
}

/// The same resource switched off.
pub fn off(resource: &Resource) -> Resource {
    let mut off = resource.clone();
    off.set(&active(), Value::Bool(false));
    off
}

/// Whether a change switches it off, or says that once more, and does nothing else. Where one belongs never holds that
/// up: a leaver whose account stays alive because of his city is the worst that a sync can do.
pub fn only_ends(before: &Resource, after: &Resource) -> bool {
    is_off(after) && off(before) == *after
}

fn active() -> AttributePath {
    AttributePath::core("active")
}
