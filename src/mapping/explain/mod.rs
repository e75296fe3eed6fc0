//! A Plan in words: which attribute goes where, which calls serve what; and a Call beside its mapping.

mod calls;
mod errors;
mod login;
mod lookup;
mod needs;
mod origin;
mod outside;
mod paging;
mod resource;
mod rule;
mod step;
mod vendor;

pub use needs::{Needs, needs};
pub use origin::{Origin, origins};
pub use outside::outside;
pub use step::heading;

use super::plan::Plan;
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
            let default = variable.default.iter().map(|default| format!(", else {default}"));
            let about = variable.about.iter().map(|about| format!(": {about}"));
            let rest: String = default.chain(about).collect();
            writeln!(out, "  {}{secret}{rest}", variable.name)?;
        }
    }
    vendor::words(&plan.upstream, out)?;
    lookup::words(&plan.lookups, out)?;
    for (position, need) in plan.needs().iter().enumerate() {
        let apart = if position == 0 { "\n" } else { "" };
        writeln!(out, "{apart}a store is needed for {}: {}", need.kind, need.why.join(", "))?;
    }
    plan.resources.iter().try_for_each(|resource| resource::words(resource, plan, out))
}

/// `one`, or `3 of them`.
fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
