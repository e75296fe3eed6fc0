//! What stays as it is, whatever a client says of it afterwards.

use super::Context;
use crate::{
    mapping::{plan::IfChanged, translate::place},
    scim::resource::Resource,
};

/// Puts back what is sent once and whose change is ignored (`only: create`, `if_changed: ignore`): to the schema it is
/// immutable, and another value of it would else be refused.
pub fn keep(cx: &Context<'_>, after: &mut Resource, before: &Resource) {
    for rule in &cx.plan.rules {
        if rule.only_create
            && rule.if_changed == IfChanged::Ignore
            && let Some(value) = place::take(before, &rule.target)
        {
            place::put(after, &rule.target, value.clone());
        }
    }
}
