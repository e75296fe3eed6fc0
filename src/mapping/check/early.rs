//! What is acknowledged early is carried out later, or never: it has to be durable, and it is worth a warning.

use crate::{
    diagnostic::Diagnostic,
    mapping::plan::{Claim, Claimed, DeleteBy, Operation, Plan, ResourcePlan, Target},
};
use serde_json::Value;

/// Each operation that says `acknowledge: early`.
pub fn check(plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let passed = plan.upstream.passes_on().is_some();
    for resource in &plan.resources {
        let updates = resource.operations.update.iter().map(|update| &update.operation);
        let updates = updates.map(|one| (one, ends(resource, one)));
        let delete = resource.operations.delete.as_ref().and_then(|delete| match &delete.how {
            DeleteBy::Call(operation) => Some((&**operation, true)),
            DeleteBy::Update(_) => None,
        });
        for (operation, by_default) in updates.chain(delete) {
            findings.extend(one(operation, by_default, passed, resource.skips()));
        }
    }
}

fn one(operation: &Operation, by_default: bool, passed: bool, skips: bool) -> Option<Diagnostic> {
    let place = operation.early.clone()?;
    let (message, help) = match operation.durable {
        _ if passed => (
            "`acknowledge: early`, and `auth` passes the client's credential on: nothing is done later without it",
            "leave it out",
        ),
        _ if skips => (
            "`acknowledge: early`, and `outside` says `skip`: what is held here is read as it is held",
            "leave it out",
        ),
        Some(false) => (
            "`acknowledge: early` beside `durable: false`: what could not be done at once would never be",
            "leave one of them out",
        ),
        None if !by_default => (
            "`acknowledge: early` of an update that is not durable: what could not be done at once would never be",
            "add `durable: true`; only what deactivates (`claims: [active becomes false]`) is durable without it",
        ),
        Some(true) | None => {
            let message =
                "`acknowledge: early`: a 2xx may be a promise, and not what the vendor has";
            let help = "meant for clients that never repeat; others are told when to come back, and hear then what came of it";
            return Some(Diagnostic::warning("M529", place, message).help(help));
        }
    };
    Some(Diagnostic::error("M528", place, message).help(help))
}

/// Whether an update claims that its resource is switched off: that is durable unless the mapping says otherwise.
fn ends(resource: &ResourcePlan, operation: &Operation) -> bool {
    let off = |claim: &&Claim| matches!(claim.what, Claimed::Becomes(Value::Bool(false)));
    let rules = operation.claims.iter().flatten().filter(off).flat_map(|claim| &claim.rules);
    let mut rules = rules.filter_map(|index| resource.rules.get(*index));
    rules.any(|rule| matches!(&rule.target, Target::Attribute(path) if path.is_active()))
}
