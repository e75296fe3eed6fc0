//! The Groups that a User is in by the values that he has: nothing of that stands in his record by itself.

use super::Context;
use crate::{
    mapping::{
        plan::RuleKind,
        translate::{place, value::Belonging},
    },
    scim::resource::Resource,
};
use serde_json::{Value, json};

/// Lays them over what his record reads as.
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
