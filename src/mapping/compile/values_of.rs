//! `values_of`: an attribute whose values are Groups, held against the rules of the kind that has it.

use super::{Compiler, Gaps};
use crate::{
    diagnostic::{did_you_mean, nearest},
    mapping::{
        document::{Failed, ValuesSection},
        plan::{Direction, ResourcePlan, Rule, RuleKind, Target, ValuesOf},
        translate::value::Belonging,
    },
    scim::{attribute::AttributePath, schema::Type},
    upstream::record::text_of,
    yaml::Spanned,
};

/// The values, and whether they compare with case.
pub fn values(
    cx: &mut Compiler<'_>,
    section: &ValuesSection,
    made: &[(ResourcePlan, Gaps)],
) -> Option<(ValuesOf, bool)> {
    let (users, gaps) = users(cx, &section.resource, made)?;
    let written = &section.attribute;
    let whole = users.kind.whole.as_ref().unwrap_or(&users.kind);
    let target = cx.target(&written.value, written.span, whole)?;
    let Some((index, rule)) = rule_of(users, &target) else {
        if !Failed::excuses(&gaps.rules, &target.attribute().name) {
            let message = format!("`{target}` of {} has no rule", users.kind.name);
            let help = format!("add `{target}: {{ field: ... }}` to its `attributes`");
            cx.error("M519", written.span, message, Some(help));
        }
        return None;
    };
    let of = ValuesOf {
        resource: users.kind.name.clone(),
        rule: index,
        names: section
            .names
            .as_ref()
            .map(|names| names.iter().map(|name| name.value.clone()).collect()),
        keeps_empty: section.keeps_empty,
        moves: section.moves,
        place: cx.place(written.span),
    };
    let belonging = Belonging::of(&of, rule);
    let (Some(belonging), None) = (belonging, refused(rule, belonging)) else {
        let why = refused(rule, belonging).unwrap_or("its elements have no `value`");
        let message = format!("`{target}` cannot be what Groups are made of: {why}");
        let help =
            format!("a text that clients can change: its rule is at line {}", rule.place.span.line);
        cx.error("M519", written.span, message, Some(help));
        return None;
    };
    names(cx, section.names.as_deref().unwrap_or_default(), &belonging);
    let exact = belonging.passage.case_exact;
    Some((of, exact))
}

/// The kind that has the attribute: Users, of whom the vendor has records.
fn users<'p>(
    cx: &mut Compiler<'_>,
    named: &Spanned<String>,
    made: &'p [(ResourcePlan, Gaps)],
) -> Option<(&'p ResourcePlan, &'p Gaps)> {
    let found = made.iter().find(|(plan, _)| plan.kind.name == named.value);
    match found {
        Some((plan, gaps)) if named.value == "User" && plan.at_the_vendor() => Some((plan, gaps)),
        // One that is there and was not made has its own finding.
        None if cx.resources.contains(&named.value) => None,
        _ => {
            let message = match found {
                Some(_) => {
                    format!("the members of a Group are Users, and `{}` has none", named.value)
                }
                None => format!("resource `{}` does not exist", named.value),
            };
            let help = match nearest(&named.value, ["User"]) {
                Some(near) => did_you_mean(near),
                None => "say `resource: User`, whose records the vendor has".to_owned(),
            };
            cx.error("M213", named.span, message, Some(help));
            None
        }
    }
}

/// The rule of a place; of a list it may be named by its `value`.
fn rule_of<'p>(users: &'p ResourcePlan, target: &Target) -> Option<(usize, &'p Rule)> {
    let whole = match target {
        Target::Attribute(AttributePath { sub: Some(sub), .. }) if sub == "value" => {
            Some(Target::Attribute(target.attribute()))
        }
        _ => None,
    };
    let list = |rule: &Rule| {
        matches!(rule.kind, RuleKind::List { .. }) && whole.as_ref() == Some(&rule.target)
    };
    let mut rules = users.rules.iter().enumerate();
    rules.find(|(_, rule)| rule.target == *target || list(rule))
}

/// Why no Group can be made of a rule's values.
fn refused(rule: &Rule, belonging: Option<Belonging<'_>>) -> Option<&'static str> {
    let text = belonging.is_none_or(|it| it.passage.kind == Type::String);
    match &rule.kind {
        RuleKind::Kept => Some("it is kept here, and nobody could be found by it"),
        RuleKind::Ignore | RuleKind::Reject | RuleKind::Constant(_) | RuleKind::Groups => {
            Some("its rule takes no value")
        }
        RuleKind::Computed { .. } => Some("it is only computed"),
        _ if rule.direction != Direction::Both => Some("it goes one way only"),
        _ if rule.only_create => Some("it is sent once (`only: create`)"),
        _ if rule.refers.is_some() => Some("it is a reference"),
        _ if !text => Some("it is no text"),
        _ => None,
    }
}

/// Each name is a value that the rule has, once.
fn names(cx: &mut Compiler<'_>, names: &[Spanned<String>], belonging: &Belonging<'_>) {
    for (index, name) in names.iter().enumerate() {
        let text = name.value.as_str();
        if names.iter().take(index).any(|other| belonging.same(&other.value, text)) {
            let message = format!("`{text}` stands twice in `names`");
            cx.error("M102", name.span, message, Some("each Group is one value".to_owned()));
        }
        if belonging.name(text).is_none() {
            let target = &belonging.rule.target;
            let message = format!("`{text}` in `names` is no value that `{target}` can have");
            let rows = belonging.passage.table.iter().flat_map(|table| &table.rows);
            let known: Vec<String> = rows.filter_map(|row| text_of(&row.scim)).collect();
            let help = match (nearest(text, known.iter().map(String::as_str)), known.as_slice()) {
                (Some(near), _) => did_you_mean(near),
                (None, []) => "a text that a path can hold, e.g. `admin`".to_owned(),
                (None, known) => format!("its `values` has {}", known.join(", ")),
            };
            cx.error("M210", name.span, message, Some(help));
        }
    }
}
