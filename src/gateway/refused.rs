//! Attributes that the mapping refuses (`reject: true`).

use super::{Context, error::Failure};
use crate::{
    mapping::{plan::RuleKind, translate::place},
    scim::{
        error::{Error, ScimType},
        resource::Resource,
    },
};

/// 400 invalidValue when the client gives a value to what the vendor must never be told. What is
/// there already and comes back unchanged is no such value.
pub fn check(cx: &Context<'_>, before: Option<&Resource>, after: &Resource) -> Result<(), Failure> {
    for rule in cx.plan.rules.iter().filter(|rule| matches!(rule.kind, RuleKind::Reject)) {
        let new = place::take(after, &rule.target);
        if new.is_some() && new != before.and_then(|before| place::take(before, &rule.target)) {
            let detail =
                format!("`{}` is refused here: the vendor has no place for it", rule.target);
            return Err(Error::bad(ScimType::InvalidValue, detail).into());
        }
    }
    Ok(())
}
