//! What a client leaves out of a whole resource and may not mean to clear.

use super::Context;
use crate::{
    mapping::{
        plan::{Direction, RuleKind, Target},
        translate::place,
    },
    scim::{attribute::AttributePath, resource::Resource},
};

/// `after` with it: `active` (an absent one must not lock anybody out), what is written once, what nobody reads, and
/// what the vendor alone sets.
pub fn completed(cx: &Context<'_>, mut after: Resource, before: &Resource) -> Resource {
    for rule in &cx.plan.rules {
        let is_active = |path: &AttributePath| path.is_active();
        let stays = matches!(&rule.target, Target::Attribute(path) if is_active(path))
            || rule.only_create
            || rule.direction != Direction::Both
            || !matches!(
                rule.kind,
                RuleKind::Field { .. } | RuleKind::List { .. } | RuleKind::Kept
            );
        // Beside nothing else it would make an element of what was cleared.
        let alone = matches!(rule.kind, RuleKind::Constant(_))
            && matches!(&rule.target, Target::Element { list, .. } if after.get(list).is_none());
        if stays
            && !alone
            && place::take(&after, &rule.target).is_none()
            && let Some(value) = place::take(before, &rule.target)
        {
            place::put(&mut after, &rule.target, value.clone());
        }
    }
    // R13, RFC 7643 §3.1.
    after.set_id(before.id().unwrap_or_default());
    after
}
