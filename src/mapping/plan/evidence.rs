//! How sure a mapping is of its vendor's API, in figures.

use super::{Evidence, Operation, Plan};
use std::fmt;

/// Operations and lookups of a mapping, by what is known of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    documented: usize,
    seen: usize,
    assumed: usize,
}

impl Plan {
    /// What is known of all that calls the vendor.
    pub fn known(&self) -> Known {
        let operations = self.resources.iter().flat_map(|resource| resource.operations.all());
        let lookups = self.lookups.iter().map(|lookup| lookup.evidence);
        let all: Vec<Evidence> = operations.map(least).chain(lookups).collect();
        let count = |wanted| all.iter().filter(|evidence| **evidence == wanted).count();
        Known {
            documented: count(Evidence::Documented),
            seen: count(Evidence::Seen),
            assumed: count(Evidence::Assumed),
        }
    }
}

/// An operation is no surer than its least sure step.
fn least(operation: &Operation) -> Evidence {
    let all = || operation.steps.iter().map(|step| step.evidence).chain([operation.evidence]);
    let order = [Evidence::Assumed, Evidence::Seen];
    let found = order.into_iter().find(|weak| all().any(|evidence| evidence == *weak));
    found.unwrap_or(Evidence::Documented)
}

/// `14 operations and lookups, 12 documented, 2 assumed`
impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { documented, seen, assumed } = *self;
        let all = documented + seen + assumed;
        write!(f, "{all} {}", if all == 1 { "operation" } else { "operations and lookups" })?;
        let parts = [(documented, "documented"), (seen, "seen"), (assumed, "assumed")];
        let mut parts = parts.iter().filter(|(count, _)| *count > 0);
        parts.try_for_each(|(count, word)| write!(f, ", {count} {word}"))
    }
}
