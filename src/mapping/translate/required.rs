//! What a mapping requires must be assigned after every request (`required: true`).

use super::{Error, place, read};
use crate::{
    mapping::plan::ResourcePlan,
    scim::{
        error::{Error as Refusal, ScimType},
        resource::Resource,
    },
};
use serde_json::Value;

/// 400 invalidValue naming everything that is missing at once.
pub fn check(
    plan: &ResourcePlan,
    resource: &Resource,
    tenant: &Value,
    creating: bool,
) -> Result<(), Error> {
    let mut missing = Vec::new();
    for rule in plan.rules.iter().filter(|rule| rule.required) {
        let supplied = creating && rule.default.is_some();
        if !supplied
            && place::take(resource, &rule.target).is_none()
            && read::in_force(rule, tenant)?
        {
            missing.push(format!("`{}`", rule.target));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("the vendor requires a value for {}", missing.join(", "));
    Err(Refusal::bad(ScimType::InvalidValue, detail).into())
}
