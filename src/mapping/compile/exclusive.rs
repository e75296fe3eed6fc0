//! What two rules must not share: an attribute, a form of list, a vendor field that both write.

use super::Compiler;
use crate::{
    mapping::{
        document::Failed,
        path::Select,
        plan::{Elements, Rule, RuleKind, Target},
    },
    scim::attribute::AttributePath,
};

/// All pairs of one resource.
pub fn check(cx: &mut Compiler<'_>, rules: &[Rule]) {
    for (index, rule) in rules.iter().enumerate() {
        for earlier in rules.iter().take(index) {
            if rule.target == earlier.target {
                let message = format!("`{}` has a rule already", rule.target);
                let help = format!("the first one stands at line {}", earlier.place.span.line);
                cx.error("M202", rule.place.span, message, Some(help));
                cx.gaps.rules.push(Failed::Attribute(rule.target.attribute().name));
            } else if mixed(rule, earlier) {
                let message = format!(
                    "`{}` mixes selector, index and whole-list rules",
                    rule.target.attribute()
                );
                let line = earlier.place.span.line;
                let help = format!("choose one form; the rule at line {line} has another");
                cx.error("M206", rule.place.span, message, Some(help));
                cx.gaps.rules.push(Failed::Attribute(rule.target.attribute().name));
            } else if clash(rule, earlier) {
                let field = rule.field().map(ToString::to_string).unwrap_or_default();
                let message = format!(
                    "`{}` and `{}` both write `{field}`, or one writes inside the other's",
                    earlier.target, rule.target
                );
                let help = "one of them gets `direction: read`, or disjoint `where`".to_owned();
                cx.error("M208", rule.place.span, message, Some(help));
                cx.gaps.rules.push(Failed::Attribute(rule.target.attribute().name));
            }
        }
    }
}

/// One list has selector rules, or index rules, or one whole-list rule. Whole-list rules with
/// `where` share a vendor list, not the attribute.
fn mixed(one: &Rule, other: &Rule) -> bool {
    let form = |rule: &Rule| match &rule.target {
        Target::Element { list, select: Select::Where { .. }, .. } => Some((list.clone(), 1)),
        Target::Element { list, select: Select::Index(_), .. } => Some((list.clone(), 2)),
        Target::Attribute(path) => match rule.kind {
            // Neither has a value.
            RuleKind::Ignore | RuleKind::Reject => None,
            _ => Some((AttributePath { sub: None, ..path.clone() }, 3)),
        },
    };
    // What is kept whole leaves no part of it to another rule.
    let whole = |rule: &Rule| matches!((&rule.kind, &rule.target), (RuleKind::Kept, Target::Attribute(path)) if path.sub.is_none());
    if whole(one) || whole(other) {
        return one.target.attribute() == other.target.attribute();
    }
    match (form(one), form(other)) {
        (Some((list, one)), Some((other_list, other))) => list == other_list && one != other,
        _ => false,
    }
}

fn clash(one: &Rule, other: &Rule) -> bool {
    let (Some(field), Some(other_field)) = (one.field(), other.field()) else { return false };
    if !one.writable() || !other.writable() || !field.overlaps(other_field) {
        return false;
    }
    match (&one.kind, &other.kind) {
        (
            RuleKind::List { elements: Elements { owned, .. }, .. },
            RuleKind::List { elements: Elements { owned: other, .. }, .. },
        ) => {
            // Disjoint when one field must have two values.
            !owned.iter().any(|(name, value)| {
                other.iter().any(|(same, wanted)| name == same && value != wanted)
            })
        }
        _ => true,
    }
}
