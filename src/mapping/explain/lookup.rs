//! Lookups in words: what a client says, what the vendor wants, and the calls that know both.

use super::{calls, vendor::time};
use crate::mapping::plan::LookupPlan;
use std::fmt::{self, Write};

/// All of them.
pub fn words(lookups: &[LookupPlan], out: &mut String) -> fmt::Result {
    if !lookups.is_empty() {
        writeln!(out, "\nlookups, of a key by its name and back")?;
    }
    lookups.iter().try_for_each(|lookup| of_lookup(lookup, out))
}

fn of_lookup(lookup: &LookupPlan, out: &mut String) -> fmt::Result {
    let LookupPlan { name, name_at, key_at, cache, .. } = lookup;
    let evidence = calls::evidence(lookup.evidence);
    let case = if lookup.case_exact { "with case" } else { "without case" };
    writeln!(
        out,
        "  {name}: `{name_at}` is the name, compared {case}, `{key_at}` the key  ({evidence})"
    )?;
    let what = if lookup.one { "for each name" } else { "the whole list" };
    calls::step(&lookup.step, lookup.evidence, out)?;
    writeln!(out, "        {what}, kept for {}", time(*cache))?;
    match &lookup.by_key {
        None => Ok(()),
        Some(step) => {
            calls::step(step, lookup.evidence, out)?;
            writeln!(out, "        for each key, kept for {}", time(*cache))
        }
    }
}
