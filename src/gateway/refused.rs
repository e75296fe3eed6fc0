//! What the mapping refuses beyond the schema: attributes without a place (`reject: true`), and elements
//! and parts of attributes that must be there and are not (`required: true`).

use super::{Context, error::Failure};
use crate::{
    mapping::{
        plan::{Direction, RuleKind, Target},
        translate::{place, read},
    },
    scim::{
        error::{Error, ScimType},
        resource::Resource,
    },
};

/// 400 invalidValue when the client gives a value to what the vendor must never be told. What is
/// there already and comes back unchanged is no such value. And 400 when an element or a part is missing.
pub fn check(cx: &Context<'_>, before: Option<&Resource>, after: &Resource) -> Result<(), Failure> {
    for rule in cx.plan.rules.iter().filter(|rule| matches!(rule.kind, RuleKind::Reject)) {
        let new = place::take(after, &rule.target);
        if new.is_some() && new != before.and_then(|before| place::take(before, &rule.target)) {
            let detail =
                format!("`{}` is refused here: the vendor has no place for it", rule.target);
            return Err(Error::bad(ScimType::InvalidValue, detail).into());
        }
    }
    required(cx, before, after)
}

/// The schema knows whether an attribute is required; which element must be there only its rule does, and so does
/// it of a part (`name.familyName`) of what is left out whole. As with attributes, a record that the vendor holds
/// without it can still be changed.
fn required(cx: &Context<'_>, before: Option<&Resource>, after: &Resource) -> Result<(), Failure> {
    let parts = cx.plan.rules.iter().filter(|rule| {
        let ours = rule.default.is_some() || rule.generate.is_some();
        is_part(&rule.target) && rule.required && !ours && rule.direction != Direction::Read
    });
    for rule in parts {
        let missing = |resource: &Resource| place::take(resource, &rule.target).is_none();
        let lost = missing(after) && before.is_none_or(|before| !missing(before));
        if lost && read::in_force(rule, &cx.live.variables)? {
            let detail = format!("`{}` is required: found no value, expected one", rule.target);
            return Err(Error::bad(ScimType::InvalidValue, detail).into());
        }
    }
    Ok(())
}

fn is_part(target: &Target) -> bool {
    match target {
        Target::Element { .. } => true,
        Target::Attribute(path) => path.sub.is_some(),
    }
}
