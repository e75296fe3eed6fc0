//! A Plan in words: which attribute goes where, which calls serve what.

mod calls;
mod needs;
mod origin;
mod rule;
mod step;

pub use needs::{Needs, needs};
pub use origin::{Origin, origins};
pub use step::heading;

use super::{
    plan::{DeleteBy, OnMatch, Plan, ResourcePlan, Unmapped, Update},
    translate::units,
};
use crate::scim::{filter::Operator, resource::Resource, resource_type::ResourceType};
use calls::{calls, row};
use rule::of_rule;
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
    writeln!(out, "\nthe vendor at {}", plan.upstream.base_url.as_written())?;
    for one in &plan.upstream.errors {
        writeln!(out, "  {}", row(one))?;
    }
    plan.resources.iter().try_for_each(|resource| of_resource(resource, out))
}

/// A kind that the mapping lists: no vendor is asked.
fn of_fixed(kind: &ResourceType, entries: &[Resource], out: &mut String) -> fmt::Result {
    writeln!(out, "\n{} at {}, listed in the mapping", kind.name, kind.endpoint)?;
    let ids: Vec<&str> = entries.iter().filter_map(Resource::id).collect();
    writeln!(out, "  there are {}: {}", ids.len(), ids.join(", "))?;
    writeln!(out, "  read only: a write is refused (405)")
}

fn of_resource(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    if let Some(entries) = &resource.fixed {
        return of_fixed(&resource.kind, entries, out);
    }
    if resource.kept {
        writeln!(out, "\n{} at {}, kept in the store", resource.kind.name, resource.kind.endpoint)?;
        return writeln!(
            out,
            "  the vendor is asked for new members, and hears nothing else of it"
        );
    }
    writeln!(
        out,
        "\n{} at {}, the vendor's key at `{}`",
        resource.kind.name, resource.kind.endpoint, resource.key
    )?;
    if let Some(exists) = &resource.exists {
        writeln!(out, "  is there when `{}`", exists.text())?;
    }
    if !resource.matches.is_empty() {
        let paths: Vec<String> = resource.matches.iter().map(ToString::to_string).collect();
        let then = match resource.on_match {
            OnMatch::Adopt => "is adopted",
            OnMatch::Conflict => "is a conflict",
        };
        writeln!(out, "  a create that meets the same {} {then}", paths.join(" or "))?;
    }
    writeln!(out, "\n  attributes")?;
    let width = resource.rules.iter().map(|rule| rule.target.to_string().len()).max().unwrap_or(0);
    for rule in &resource.rules {
        writeln!(out, "    {:<width$}  {}", rule.target.to_string(), of_rule(rule))?;
    }
    if !resource.kind.read_only {
        let others = match resource.unmapped {
            Unmapped::Ignore => "dropped and counted",
            Unmapped::Keep => "dropped and counted, for no schema has them",
            Unmapped::Reject => "refused",
        };
        writeln!(out, "    all others are {others}")?;
    }
    for extra in &resource.fields {
        writeln!(out, "    the vendor's `{}` is {}", extra.field, rule::of_extra(extra))?;
    }
    writeln!(out, "\n  calls")?;
    let operations = &resource.operations;
    match &operations.get {
        Some(get) => calls("get", get, out)?,
        None => writeln!(out, "    get: picked from the list")?,
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
    if resource.kind.read_only {
        return writeln!(out, "    read only: a write is refused (405)");
    }
    if let Some(create) = &operations.create {
        calls("create", create, out)?;
        let unsent: Vec<String> = resource
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.writable())
            .filter(|(index, _)| !units::created(resource, create.claims.as_deref(), *index))
            .map(|(_, rule)| rule.target.to_string())
            .collect();
        if !unsent.is_empty() {
            writeln!(out, "      does not send {}; that follows as an update", unsent.join(", "))?;
        }
    }
    for update in &operations.update {
        calls(&of_update(update), &update.operation, out)?;
    }
    match operations.delete.as_ref().map(|delete| &delete.how) {
        Some(DeleteBy::Call(operation)) => calls("delete", operation, out),
        Some(DeleteBy::Update(index)) => {
            let name = operations.update.get(*index).map(|update| update.name.as_str());
            let then = match resource.buries() {
                true => "a tombstone hides the record from then on",
                false => "the resource stays readable",
            };
            writeln!(out, "    delete: runs `{}`; {then}", name.unwrap_or("?"))
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

fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::StartsWith => "sw",
        Operator::Contains => "co",
        _ => "eq",
    }
}
