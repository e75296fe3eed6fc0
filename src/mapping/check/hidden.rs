//! `exists` beside `active`: who is deactivated is still there, or the client hears 404 of what it asked for.

use super::{activity::activity, reach::tried, trial::Trial};
use crate::{
    diagnostic::Diagnostic,
    mapping::translate::{place, read},
};
use serde_json::Value;

/// Writes the sample as activated and as deactivated, and asks `exists` of both Records.
pub fn check(trial: &Trial<'_>, findings: &mut Vec<Diagnostic>) {
    let plan = trial.plan;
    let Some((index, rule)) = activity(plan).filter(|_| plan.kind.name == "User") else { return };
    if plan.exists.is_none() || plan.operations.update.is_empty() || !tried(trial, index) {
        return;
    }
    let there = |active: bool| {
        let mut person = trial.samples.resource(plan, |_| 0);
        person.set_id("7");
        place::put(&mut person, &rule.target, Value::Bool(active));
        read::exists(plan, &trial.record(&person)?, trial.tenant).ok()
    };
    // One who is not there when activated is hidden by something else that the sample does not know.
    if there(true) == Some(true) && there(false) == Some(false) {
        let message = "`exists` hides whom `active` calls deactivated: a deactivation is answered 404, and nobody can come back";
        let help = "let `exists` hold for the deactivated, or take that value out of the table of `active`";
        findings.push(Diagnostic::warning("M421", rule.place.clone(), message).help(help));
    }
}
