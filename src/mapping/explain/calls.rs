//! Operations in words.

use crate::{
    mapping::{
        expr::Tree,
        plan::{ErrorRow, Evidence, Operation, Step},
    },
    upstream::paging::Paging,
};
use std::fmt::{self, Write};

/// The calls of one operation, with what they send and how their answers are judged.
pub fn calls(name: &str, operation: &Operation, out: &mut String) -> fmt::Result {
    writeln!(out, "    {name}  ({})", evidence(operation.evidence))?;
    operation.steps.iter().try_for_each(|step| {
        writeln!(
            out,
            "      {}{}  {}",
            of_step(step),
            if step.safe { "" } else { "  (never repeated blindly)" },
            step.place
        )?;
        details(step, out)
    })
}

/// How sure the mapping is of a call.
pub fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Assumed => "assumed",
        Evidence::Documented => "documented",
        Evidence::Seen => "seen",
    }
}

fn of_step(step: &Step) -> String {
    let each = step.for_each.as_ref().map(|list| format!(" for each of `{}`", list.text()));
    let query: Vec<&str> = step.query.iter().map(|(name, _)| name.as_str()).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{} {}{query}{}", step.method, step.path.as_written(), each.unwrap_or_default())
}

fn details(step: &Step, out: &mut String) -> fmt::Result {
    if let Some(when) = &step.when {
        writeln!(out, "        only when `{}`", when.text())?;
    }
    if let Some(body) = &step.body {
        writeln!(out, "        sends {}", tree(body))?;
    }
    if let Some(paging) = &step.paging {
        writeln!(out, "        {}", pages(paging))?;
    }
    for one in &step.errors {
        writeln!(out, "        {}", row(one))?;
    }
    Ok(())
}

/// A body as the mapping writes it.
fn tree(body: &Tree) -> String {
    match body {
        Tree::Template(template) => template.as_written().to_owned(),
        Tree::Fixed(value) => value.to_string(),
        Tree::List(items) => {
            format!("[{}]", items.iter().map(tree).collect::<Vec<_>>().join(", "))
        }
        Tree::Map(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, body)| format!("{name}: {}", tree(body))).collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}

/// One row of `errors`.
pub fn row(row: &ErrorRow) -> String {
    let detail = row.detail.as_ref().map(|detail| format!(": {}", detail.as_written()));
    let means = format!("{:?}", row.means).to_lowercase();
    format!("when `{}` it is {means}{}", row.when.text(), detail.unwrap_or_default())
}

fn pages(paging: &Paging) -> String {
    match paging {
        Paging::OneAnswer => "one answer is all".to_owned(),
        Paging::Page { param, size_param, size, .. } => {
            format!("page by page, by `{param}`{}", each(size_param, *size))
        }
        Paging::Offset { param, size_param, size, .. } => {
            format!("by the offset `{param}`{}", each(size_param, *size))
        }
        Paging::Cursor { param, next, .. } => {
            format!("by the cursor `{param}`, the next one at `{next}`")
        }
        Paging::NextUrl { field } => format!("on to the address at `{field}`"),
        Paging::Link { rel } => format!("on by the Link header `{rel}`"),
    }
}

/// The size of a page, where it is asked for.
fn each(size_param: &Option<String>, size: u64) -> String {
    size_param.as_ref().map(|_| format!(", {size} each")).unwrap_or_default()
}
