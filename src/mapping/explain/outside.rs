//! Who is none of the vendor's business, in words.

use crate::mapping::plan::{Leaving, ResourcePlan, Then};
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
                writeln!(
                    out,
                    "    held in the store and served from there; no call is made before a change"
                )?;
                writeln!(
                    out,
                    "    takes it inside: then it is created, or updated where the vendor has it"
                )?;
                writeln!(out, "    who leaves: {}", of_leaving(resource, *leaving))?;
            }
        }
    }
    Ok(())
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
