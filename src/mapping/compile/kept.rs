//! What is kept: rules that may stand, and those that `unmapped: kept` stands for.

use super::Compiler;
use crate::{
    diagnostic::Span,
    mapping::{
        document::{Failed, ResourceSection},
        plan::{Clear, Direction, IfChanged, Passage, Rule, RuleKind, Target, Unmapped},
    },
    scim::{
        attribute::AttributePath,
        resource_type::ResourceType,
        schema::{Attribute, Mutability, Returned, Type},
    },
};

/// A rule with `kept: true` as it runs; nothing when its attribute cannot be kept.
pub fn rule(cx: &mut Compiler<'_>, rule: Rule, attribute: &Attribute) -> Option<Rule> {
    let span = rule.place.span;
    if secret(attribute) {
        let message = format!("`{}` is kept, and it is a secret", rule.target);
        let help = "give it the vendor's field with `direction: write`, or `ignore: true`";
        cx.error("M513", span, message, Some(help.to_owned()));
        return None;
    }
    if is_groups(&rule.target) {
        // Read from who is in the Groups; nobody writes it.
        let read = Rule { direction: Direction::Read, ..rule };
        if cx.value_groups {
            return Some(Rule { kind: RuleKind::Groups, ..read });
        }
        if !cx.kept_groups {
            let message = "`groups` is kept, and Groups are not";
            let help = "add `Group: { kept: true }`, or read it from the vendor".to_owned();
            cx.error("M513", span, message, Some(help));
            return None;
        }
        return Some(read);
    }
    if attribute.mutability == Mutability::ReadOnly {
        let message = format!("`{}` is kept, and no client can write it", rule.target);
        let help = "leave it out: nothing would ever be kept".to_owned();
        cx.error("M513", span, message, Some(help));
        return None;
    }
    Some(rule)
}

/// The members of kept Groups are there.
pub fn members(cx: &mut Compiler<'_>, span: Span) {
    if !cx.resources.iter().any(|name| name == "User") {
        let message = "resource `User` does not exist, and the members of a kept Group are Users";
        cx.error("M213", span, message, Some("add it, or leave `Group` out".into()));
    }
}

/// `groups` of a User: which Groups of ours he is in.
fn is_groups(target: &Target) -> bool {
    matches!(target, Target::Attribute(path) if path.urn.is_none() && path.sub.is_none() && path.name == "groups")
}

/// A password must stand nowhere but at the vendor.
fn secret(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}

/// One rule for each attribute of the schemas that has none, where `unmapped: kept` says so. A list
/// of which some elements are mapped has no room for others.
pub fn rest(
    cx: &Compiler<'_>,
    section: &ResourceSection,
    rules: &[Rule],
    full: &ResourceType,
) -> Vec<Rule> {
    if section.unmapped != Unmapped::Keep {
        return Vec::new();
    }
    let mut rest = Vec::new();
    let mut keep = |path: AttributePath, attribute: &Attribute| {
        if secret(attribute) || attribute.mutability == Mutability::ReadOnly {
            return;
        }
        rest.push(plain(cx, section, Target::Attribute(path), attribute));
    };
    for (urn, schema) in full
        .schemas()
        .enumerate()
        .map(|(index, schema)| (Some(&schema.id).filter(|_| index > 0), schema))
    {
        for attribute in &schema.attributes {
            let name = attribute.name.clone();
            let path = AttributePath { urn: urn.cloned(), name, sub: None };
            let own: Vec<&Rule> =
                rules.iter().filter(|rule| rule.target.attribute() == path).collect();
            if Failed::excuses(&cx.gaps.rules, &attribute.name) {
                continue;
            }
            if own.is_empty() {
                keep(path, attribute);
                continue;
            }
            let whole = own.iter().any(|rule| rule.target == Target::Attribute(path.clone()));
            if whole || attribute.multi_valued || attribute.kind != Type::Complex {
                continue;
            }
            for sub in &attribute.attributes {
                let path = AttributePath { sub: Some(sub.name.clone()), ..path.clone() };
                if !own.iter().any(|rule| rule.target == Target::Attribute(path.clone())) {
                    keep(path, sub);
                }
            }
        }
    }
    let external = AttributePath { urn: None, name: "externalId".to_owned(), sub: None };
    let known = |rule: &Rule| rule.target == Target::Attribute(external.clone());
    if !rules.iter().any(known) && !Failed::excuses(&cx.gaps.rules, "externalId") {
        let attribute =
            Attribute { case_exact: true, ..Attribute::new("externalId", Type::String) };
        rest.push(plain(cx, section, Target::Attribute(external), &attribute));
    }
    rest
}

fn plain(
    cx: &Compiler<'_>,
    section: &ResourceSection,
    target: Target,
    attribute: &Attribute,
) -> Rule {
    Rule {
        target,
        kind: RuleKind::Kept,
        passage: Passage {
            table: None,
            converters: Vec::new(),
            kind: attribute.kind,
            case_exact: attribute.case_exact,
            list: attribute.multi_valued,
            unordered: false,
        },
        direction: Direction::Both,
        only_create: false,
        if_changed: IfChanged::Ignore,
        required: false,
        refers: None,
        lookup: None,
        default: None,
        missing: None,
        generate: None,
        clear: Clear::Null,
        when: None,
        lossy: None,
        evidence: None,
        place: cx.place(section.name.span),
    }
}
