//! A client's own credential that goes on: what the gateway holds is told to nobody whom the vendor does not know.

use crate::{diagnostic::Diagnostic, mapping::plan::Plan};

/// Where something is held the credential is proven by a call, which is the list's.
pub fn check(plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let lists = plan.resources.iter().any(|resource| resource.operations.list.is_some());
    if plan.upstream.passes_on().is_none() || lists {
        return;
    }
    findings.extend(plan.needs().iter().map(|need| {
        let why = need.why.join(", ");
        let message = format!(
            "{why} of {} would be told to any client: `auth` passes its credential on, and no `list` proves it",
            need.kind
        );
        let help = "add a `list` of some kind, whose call is made before; or keep nothing";
        Diagnostic::error("M517", need.place.clone(), message).help(help)
    }));
}
