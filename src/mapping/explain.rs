//! A Plan in words: which attribute goes where, which calls serve what.

use super::plan::{
    DeleteBy, Direction, Evidence, Operation, Plan, ResourcePlan, Rule, RuleKind, Step, SubKind,
    Unmapped, Update,
};
use crate::scim::filter::Operator;
use std::fmt::{self, Write};

/// The whole plan, for people.
pub fn plan(plan: &Plan) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = words(plan, &mut text);
    text
}

fn words(plan: &Plan, out: &mut String) -> fmt::Result {
    writeln!(out, "{} ({})", plan.title, plan.name)?;
    if !plan.variables.is_empty() {
        writeln!(out, "\neach tenant supplies")?;
        for variable in &plan.variables {
            let secret = if variable.secret { ", a secret" } else { "" };
            let default = match &variable.default {
                Some(default) => format!(", else {default}"),
                None => String::new(),
            };
            let about = variable.about.as_deref().map(|about| format!(": {about}"));
            let about = about.unwrap_or_default();
            writeln!(out, "  {}{secret}{default}{about}", variable.name)?;
        }
    }
    plan.resources.iter().try_for_each(|resource| of_resource(resource, out))
}

fn of_resource(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\n{} at {}, the vendor's key at `{}`",
        resource.kind.name, resource.kind.endpoint, resource.key
    )?;
    writeln!(out, "\n  attributes")?;
    let width = resource.rules.iter().map(|rule| rule.target.to_string().len()).max().unwrap_or(0);
    for rule in &resource.rules {
        writeln!(out, "    {:<width$}  {}", rule.target.to_string(), of_rule(rule))?;
    }
    let others = match resource.unmapped {
        Unmapped::Ignore => "dropped and counted",
        Unmapped::Reject => "refused",
    };
    writeln!(out, "    all others are {others}")?;
    writeln!(out, "\n  calls")?;
    let operations = &resource.operations;
    if let Some(get) = &operations.get {
        calls("get", get, out)?;
    }
    if let Some(list) = &operations.list {
        calls("list", &list.operation, out)?;
    }
    for find in &operations.find {
        let filter: Vec<String> = find
            .filter
            .iter()
            .map(|term| format!("{} {} {{{}}}", term.target, operator(term.operator), term.hole))
            .collect();
        let name = format!("find by {}", filter.join(" and "));
        match &find.list {
            Some(list) => calls(&name, &list.operation, out)?,
            None => writeln!(out, "    {name}: the list, matched here")?,
        }
    }
    if let Some(create) = &operations.create {
        calls("create", create, out)?;
    }
    for update in &operations.update {
        calls(&of_update(update), &update.operation, out)?;
    }
    match operations.delete.as_ref().map(|delete| &delete.how) {
        Some(DeleteBy::Call(operation)) => calls("delete", operation, out),
        Some(DeleteBy::Update(index)) => {
            let name = operations.update.get(*index).map(|update| update.name.as_str());
            writeln!(out, "    delete: runs `{}`; the resource stays readable", name.unwrap_or("?"))
        }
        None => writeln!(out, "    delete: not offered (501)"),
    }
}

fn of_update(update: &Update) -> String {
    let claims = match &update.operation.claims {
        None => "everything that no other update claims".to_owned(),
        Some(claims) => {
            claims.iter().map(|claim| claim.text.clone()).collect::<Vec<_>>().join(", ")
        }
    };
    let may_fail = if update.may_fail { ", may fail beside others" } else { "" };
    format!("update `{}` for {claims}{may_fail}", update.name)
}

fn of_rule(rule: &Rule) -> String {
    let arrow = match rule.direction {
        Direction::Read => "<-",
        Direction::Write => "->",
        Direction::Both => "<>",
    };
    let mut words = match &rule.kind {
        RuleKind::Field { field, read, write } => {
            let read = read.as_ref().map(|read| format!(", read as `{}`", read.text()));
            let write = write.as_ref().map(|write| format!(", written as `{}`", write.text()));
            format!("{arrow} {field}{}{}", read.unwrap_or_default(), write.unwrap_or_default())
        }
        RuleKind::Computed { read } => format!("<- `{}`", read.text()),
        RuleKind::Constant(value) => format!("always {value}"),
        RuleKind::Ignore => "ignored".to_owned(),
        RuleKind::Reject => "refused".to_owned(),
        RuleKind::List { field, elements } => {
            let owned: Vec<String> =
                elements.owned.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let owned =
                if owned.is_empty() { String::new() } else { format!("[{}]", owned.join(",")) };
            let element: Vec<String> = elements
                .subs
                .iter()
                .map(|sub| match &sub.kind {
                    SubKind::Field(field) => format!("{}: {field}", sub.name),
                    SubKind::Constant(value) => format!("{}: always {value}", sub.name),
                    SubKind::First => format!("{}: the first", sub.name),
                })
                .collect();
            format!("{arrow} {field}{owned} ({})", element.join(", "))
        }
    };
    for (said, what) in [(rule.required, "required"), (rule.only_create, "only on create")] {
        if said {
            words.push_str(&format!(", {what}"));
        }
    }
    if rule.passage.table.is_some() {
        words.push_str(", by a table");
    }
    words
}

fn calls(name: &str, operation: &Operation, out: &mut String) -> fmt::Result {
    let assumed = match operation.evidence {
        Evidence::Assumed => "  (assumed)",
        Evidence::Documented | Evidence::Seen => "",
    };
    writeln!(out, "    {name}{assumed}")?;
    operation.steps.iter().try_for_each(|step| {
        writeln!(
            out,
            "      {}{}  {}",
            of_step(step),
            if step.safe { "" } else { "  (never repeated blindly)" },
            step.place
        )
    })
}

fn of_step(step: &Step) -> String {
    let each = step.for_each.as_ref().map(|list| format!(" for each of `{}`", list.text()));
    let query: Vec<&str> = step.query.iter().map(|(name, _)| name.as_str()).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{} {}{query}{}", step.method, step.path.as_written(), each.unwrap_or_default())
}

fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::StartsWith => "sw",
        Operator::Contains => "co",
        _ => "eq",
    }
}
