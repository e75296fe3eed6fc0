//! Groups that are values: can those who have one be found, and can they leave it?

use crate::{
    diagnostic::Diagnostic,
    mapping::{
        compile::Gaps,
        plan::{Clear, Plan, ResourcePlan, ValuesOf},
        translate::{names::Names, pushdown, value::Belonging},
    },
    upstream::record::text_of,
};

/// All checks of this kind.
pub fn check(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    for of in plan.resources.iter().filter_map(ResourcePlan::values_of) {
        let users = plan.resources.iter().zip(gaps).find(|(each, _)| each.kind.name == of.resource);
        let Some((users, gaps)) = users else { continue };
        let Some(belonging) = Belonging::new(of, users) else { continue };
        if !gaps.finds {
            found(users, &belonging, findings);
        }
        left(&belonging, findings);
        kept(of, findings);
    }
}

/// Who has a value is found by it, else among all users.
fn found(users: &ResourcePlan, belonging: &Belonging<'_>, findings: &mut Vec<Diagnostic>) {
    let (of, name) = (belonging.of, &users.kind.name);
    let filter = belonging.filter(&sample(belonging));
    let served = pushdown::serve(users, &filter, &Names::default()).is_some();
    let target = &belonging.rule.target;
    let found = users.operations.list.is_some() || served && of.names.is_some();
    if !found {
        let message = format!(
            "the Groups are the values of `{target}`, and {name} has no `list` to find them in"
        );
        let help = match served {
            true => "add `list`, or name the Groups in `names`",
            false => "add `list`, or a `find` by the attribute and the `names` of the Groups",
        };
        findings.push(Diagnostic::error("M520", of.place.clone(), message).help(help));
    } else if !served {
        let message = format!(
            "members are looked for by `{target}`, and no find of {name} serves it: each look at a Group reads the whole list"
        );
        let help =
            format!("add a find with `{target} eq {{value}}`, or `scan` to say that it is so");
        findings.push(Diagnostic::warning("M501", of.place.clone(), message).help(help));
    }
}

/// Without it nobody leaves.
fn left(belonging: &Belonging<'_>, findings: &mut Vec<Diagnostic>) {
    let rule = belonging.rule;
    let why = match rule.clear {
        _ if rule.default.is_some() => return,
        _ if rule.required => "is required",
        Clear::Omit => "is not cleared (`clear: omit`)",
        Clear::Reject => "cannot be cleared (`clear: reject`)",
        Clear::Null | Clear::Empty => return,
    };
    let who = if belonging.is_list() { "the last Group" } else { "a Group" };
    let message = format!("who leaves {who} has no `{}` any more, and that {why}", rule.target);
    let help = "give its rule a `default`: who leaves has that";
    findings.push(Diagnostic::error("M403", belonging.of.place.clone(), message).help(help));
}

/// What is not as a client of SCIM has it elsewhere.
fn kept(of: &ValuesOf, findings: &mut Vec<Diagnostic>) {
    let mut warn = |code, message: &str, help: &str| {
        findings.push(Diagnostic::warning(code, of.place.clone(), message).help(help));
    };
    if of.names.is_some() && !of.keeps_empty {
        let message = "a Group of `names` that a client deletes stays readable, without members";
        warn("M508", message, "`empty: keep` remembers that it is gone (RFC 7644 §3.6: 404)");
    }
    if of.moves {
        let message = "`rename: move` gives a Group another id, and its client knows the old one (RFC 7643 §3.1)";
        warn("M509", message, "leave `rename` out, unless the client reads the id from the answer");
    }
}

/// A value that the attribute can have.
fn sample(belonging: &Belonging<'_>) -> String {
    let named = belonging.of.names.as_ref().and_then(|names| names.first().cloned());
    let row = || belonging.passage.table.as_ref()?.rows.first();
    named.or_else(|| text_of(&row()?.scim)).unwrap_or_else(|| "x".to_owned())
}
