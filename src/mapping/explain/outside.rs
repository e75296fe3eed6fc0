//! Who is none of the vendor's business, in words.

use crate::mapping::plan::{Leaving, Plan, ResourcePlan, Then};
use std::fmt::{self, Write};

/// Each row, and what becomes of who it holds for.
pub fn words(resource: &ResourcePlan, out: &mut String) -> fmt::Result {
    for row in &resource.outside {
        let line = row.place.span.line;
        writeln!(out, "  is outside when `{}` (line {line}):", row.when.text())?;
        match &row.then {
            Then::Reject(detail) => {
                let detail = detail.iter().map(|detail| format!(", `{}`", detail.as_written()));
                let detail: String = detail.collect();
                writeln!(out, "    refused (400{detail}); a DELETE or a mere deactivation is not")?;
            }
            Then::Skip(leaving) => {
                let held =
                    "held in the store and served from there, without a call, until a change";
                writeln!(out, "    {held}")?;
                writeln!(
                    out,
                    "    takes it inside: that creates it, or updates the record that was its own"
                )?;
                writeln!(out, "    who leaves: {}", of_leaving(resource, *leaving))?;
            }
        }
    }
    Ok(())
}

/// The row that stands `at` this byte of the mapping, as it holds for a request; nothing when none stands there.
pub fn outside(plan: &Plan, at: usize) -> Option<String> {
    let mut rows = plan.resources.iter().flat_map(|resource| &resource.outside);
    let row = rows.find(|row| row.place.span.start == at)?;
    let then = match &row.then {
        Then::Reject(_) => "reject",
        Then::Skip(_) => "skip",
    };
    Some(format!("`outside` holds for it ({}): {then}", row.place))
}

fn of_leaving(resource: &ResourcePlan, leaving: Leaving) -> String {
    match leaving {
        Leaving::AsItIs => {
            "the vendor's record stays as it is, unless it is deactivated".to_owned()
        }
        Leaving::Delete => "`delete` runs".to_owned(),
        Leaving::Update(index) => {
            let update = resource.operations.update.get(index);
            format!("`{}` runs", update.map(|update| update.name.as_str()).unwrap_or_default())
        }
    }
}
