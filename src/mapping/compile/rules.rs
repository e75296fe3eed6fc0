//! Rules: attribute paths meet schemas.

use super::{
    Compiler, constants,
    element::{beside_element, sub_rule},
    generate, kept, lookup,
    modifiers::{refers, unordered, useless},
    templates,
    values::passage,
};
use crate::{
    mapping::{
        document::{Failed, KindSection, RuleSection},
        plan::{Clear, Direction, Elements, IfChanged, Rule, RuleKind, Target},
        translate::passage::coerce,
    },
    scim::{
        resource_type::ResourceType,
        schema::{Attribute, Type},
    },
};

/// One rule against the schemas; nothing when its path does not resolve.
pub fn rule(cx: &mut Compiler<'_>, section: &RuleSection, full: &ResourceType) -> Option<Rule> {
    let span = section.path.span;
    let target = cx.target(&section.path.value, span, full)?;
    let attribute = leaf(&target, full)?;
    if attribute.multi_valued
        && attribute.kind == Type::Complex
        && matches!(target, Target::Attribute(_))
        && matches!(section.kind, KindSection::Field { .. })
    {
        let message = format!("`{}` is a list; the rule has no element and no selector", target);
        let help = "say what an element is, e.g. `element: { value: { field: . } }`".to_owned();
        cx.error("M205", span, message, Some(help));
    }
    let many = attribute.multi_valued && matches!(target, Target::Attribute(_));
    if matches!(section.kind, KindSection::List { .. }) && !many {
        let message = format!("`{target}` is a single value: `element` makes no sense");
        let help = "say where it stands, e.g. `field: job`".to_owned();
        cx.error("M204", span, message, Some(help));
        return None;
    }
    if within_list(&target, full)
        && !matches!(section.kind, KindSection::Ignore | KindSection::Reject)
    {
        let message =
            format!("`{target}` is in each element of a list, and the rule does not say in which");
        let help =
            "select one, e.g. `emails.^[type=='work'].value`; or map the list with `element`";
        cx.error("M205", span, message, Some(help.to_owned()));
    }
    useless(cx, section);
    unordered(cx, section, many);
    // Of what can change there is nothing to ask, and what is only read the RFC decides.
    if section.if_changed.is_some() && !section.only_create {
        let message = "`if_changed` does nothing without `only: create`";
        cx.error("M217", span, message, Some("leave `if_changed` out".to_owned()));
    }
    refers(cx, section);
    let passage = passage(cx, section, &attribute);
    templates::check(cx, section, &passage, &attribute);
    generate::check(cx, section, &passage, &attribute);
    let direction = section.direction.unwrap_or(Direction::Both);
    let refused = section.only_create || matches!(section.kind, KindSection::Reject);
    let if_changed = section.if_changed.unwrap_or(match refused {
        true => IfChanged::Reject,
        false => IfChanged::Ignore,
    });
    let rule = Rule {
        kind: kind(cx, section, &attribute)?,
        passage,
        direction,
        only_create: section.only_create,
        if_changed,
        // What the RFC requires a mapping cannot make optional (userName, a Group's displayName).
        required: section.required || (attribute.required && !target_is_element(&target)),
        refers: section.refers.as_ref().map(|refers| refers.value.clone()),
        lookup: lookup::rule(cx, section),
        default: section.default.as_ref().map(|default| default.value.clone()),
        missing: section.missing.as_ref().map(|missing| missing.value.clone()),
        generate: section.generate.as_ref().map(|generate| generate.value.clone()),
        // A form has no null: an empty value is how it says so.
        clear: section.clear.unwrap_or(if cx.form { Clear::Empty } else { Clear::Null }),
        when: section.when.clone(),
        lossy: section.lossy.as_ref().map(|why| why.value.clone()),
        evidence: section.evidence,
        place: cx.place(span),
        target,
    };
    match rule.kind {
        RuleKind::Kept => kept::rule(cx, rule, &attribute),
        _ => Some(rule),
    }
}

fn target_is_element(target: &Target) -> bool {
    match target {
        Target::Element { .. } => true,
        Target::Attribute(path) => path.sub.is_some(),
    }
}

/// The attribute whose values a rule carries.
pub fn leaf(target: &Target, full: &ResourceType) -> Option<Attribute> {
    let (path, sub) = match target {
        Target::Attribute(path) => (path.clone(), None),
        Target::Element { list, sub, .. } => (list.clone(), Some(sub)),
    };
    let resolved = full.resolve(&path)?;
    let attribute = resolved.sub.or(resolved.attribute)?;
    match sub {
        None => Some(attribute.clone()),
        Some(sub) => attribute.sub(sub).cloned(),
    }
}

/// Whether the target is a part of a list's elements without a word about which of them.
fn within_list(target: &Target, full: &ResourceType) -> bool {
    let Target::Attribute(path) = target else { return false };
    let resolved = full.resolve(path);
    resolved.is_some_and(|resolved| {
        resolved.sub.is_some() && resolved.attribute.is_some_and(|list| list.multi_valued)
    })
}

fn kind(cx: &mut Compiler<'_>, section: &RuleSection, attribute: &Attribute) -> Option<RuleKind> {
    Some(match &section.kind {
        KindSection::Field { field, read, write } => {
            RuleKind::Field { field: field.value.clone(), read: read.clone(), write: write.clone() }
        }
        KindSection::Computed(read) => RuleKind::Computed { read: read.clone() },
        KindSection::Constant(value) => {
            if let Some((why, help)) = constants::wrong(value, attribute) {
                cx.error("M210", section.path.span, format!("`constant` {why}"), Some(help));
                return None;
            }
            let Some(value) = coerce(value.clone(), attribute.kind) else {
                let kind = attribute.kind.as_str();
                let message = format!("`{value}` in `constant` is no {kind}");
                let help = format!("write the SCIM value, a {kind}");
                cx.error("M210", section.path.span, message, Some(help));
                return None;
            };
            RuleKind::Constant(value)
        }
        KindSection::List { field, owned, element } => {
            beside_element(cx, section, element);
            let subs: Vec<_> =
                element.iter().filter_map(|sub| sub_rule(cx, sub, attribute)).collect();
            if subs.len() < element.len() {
                cx.gaps.rules.push(Failed::Attribute(section.path.value.name.clone()));
            }
            let (owned, plain) = (owned.clone(), attribute.kind != Type::Complex);
            let elements = Elements { owned, subs, unordered: section.unordered, plain };
            RuleKind::List { field: field.value.clone(), elements }
        }
        KindSection::First => {
            let help = "it stands in a list's rule: `element: { primary: { first: true }, ... }`";
            let message = "`first` outside `element.primary`";
            cx.error("M215", section.path.span, message, Some(help.to_owned()));
            return None;
        }
        KindSection::Kept => RuleKind::Kept,
        KindSection::Ignore => RuleKind::Ignore,
        KindSection::Reject => RuleKind::Reject,
    })
}
