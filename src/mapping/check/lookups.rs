//! Lookups: their calls only read, and a list of them is the whole of it.

use super::{methods, rows};
use crate::{
    diagnostic::Diagnostic,
    mapping::{compile::Gaps, plan::Plan},
};

/// All of a mapping.
pub fn check(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    for lookup in &plan.lookups {
        methods::lookup(lookup, findings);
        rows::lookup(plan, lookup, gaps, findings);
        // Of a list that is cut off, names would be refused that the vendor has.
        if !lookup.one && lookup.step.paging.is_none() {
            let place = lookup.step.place.clone();
            let message = format!("lookup `{}` has no paging", lookup.name);
            let help = "is one answer really all? Then say so: `paging: none`";
            findings.push(Diagnostic::warning("M507", place, message).help(help));
        }
    }
}
