//! Does `get_many` ask for those who are wanted, and does it give the Record that `get` gives?

use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    mapping::{
        expr::{Template, Tree},
        plan::{ManyOperation, Operation, ResourcePlan, Step},
    },
};

/// All checks of this kind on one resource.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let Some(many) = &resource.operations.get_many else { return };
    let Some(get) = &resource.operations.get else {
        let help = "who is not among the answers is read by it, e.g. `get: { call: \"GET /users/{key}\", record: . }`";
        let place = many.operation.place.clone();
        findings.push(Diagnostic::error("M103", place, "`get` is missing").help(help));
        return;
    };
    asking(many, findings);
    composing(many, get, findings);
}

/// Each step asks for the keys, and says where the answer holds what it gives.
fn asking(many: &ManyOperation, findings: &mut Vec<Diagnostic>) {
    let mut records = many.operation.steps.iter().filter(|step| step.into.is_none());
    if let (Some(_), Some(other)) = (records.next(), records.next()) {
        let message = format!("two steps of `get_many` give the records: `{}` too", other.name);
        let help = "one gives them; of the others say by `into` where in the record theirs belongs";
        findings.push(Diagnostic::error("M526", other.place.clone(), message).help(help));
    }
    if many.operation.steps.iter().all(|step| step.into.is_some()) {
        let message = "no step of `get_many` gives the records";
        let help = "the one without `into` does: `items: users`";
        let place = many.operation.place.clone();
        findings.push(Diagnostic::error("M526", place, message).help(help));
    }
    for step in &many.operation.steps {
        let place = || step.place.clone();
        if step.items.is_none() {
            let help = "say where the answer holds the list: `items: users`";
            findings.push(Diagnostic::error("M103", place(), "`items` is missing").help(help));
        }
        if !templates(step).iter().any(|template| names_keys(template)) {
            let message = match many.operation.steps.as_slice() {
                [_] => "`get_many` never sends `{keys}`".to_owned(),
                _ => format!("`{}` of `get_many` never sends `{{keys}}`", step.name),
            };
            let help = "whoever is asked for, the answer would be the same: `body: { ids: \"{keys}\" }`, or `\"{join(keys, ',')}\"` in `query`";
            findings.push(Diagnostic::error("M526", place(), message).help(help));
        }
    }
}

/// A part that one of them reads and the other does not would be there or not, by the way in which somebody is read.
fn composing(many: &ManyOperation, get: &Operation, findings: &mut Vec<Diagnostic>) {
    let place = || many.operation.place.clone();
    for name in &many.read_again {
        let parts: Vec<&str> = parts(get).map(|(step, _)| step.name.as_str()).collect();
        if !parts.contains(&name.as_str()) {
            let message = format!("`read_again` names `{name}`, no such part of `get`");
            let help = match nearest(name, parts.iter().copied()) {
                Some(near) => did_you_mean(near),
                None if parts.is_empty() => "`get` is of one call: leave it out".to_owned(),
                None => format!("`get` has {}", parts.join(", ")),
            };
            findings.push(Diagnostic::error("M213", place(), message).help(help));
        }
    }
    for (step, into) in parts(get) {
        let given = parts(&many.operation).any(|(_, other)| other == into);
        let again = many.read_again.contains(&step.name);
        let (message, help) = match (given, again) {
            (false, false) => (
                format!(
                    "`get` reads `{into}`, and `get_many` does not: a record would differ by how it is read"
                ),
                format!("add a step with `into: {into}`, or `read_again: [{}]`", step.name),
            ),
            (true, true) => (
                format!("`{into}` is given by a step of `get_many`, and read again for each"),
                format!("take `{}` out of `read_again`", step.name),
            ),
            _ => continue,
        };
        findings.push(Diagnostic::error("M527", place(), message).help(help));
    }
    for (step, into) in parts(&many.operation) {
        if !parts(get).any(|(_, other)| other == into) {
            let message = format!(
                "`get_many` reads `{into}`, and `get` does not: a record would differ by how it is read"
            );
            let help = format!("add a step with `into: {into}` to `get`, or take it out here");
            findings.push(Diagnostic::error("M527", step.place.clone(), message).help(help));
        }
    }
}

/// The steps that give a part of the Record, and where it belongs.
fn parts(operation: &Operation) -> impl Iterator<Item = (&Step, String)> {
    let steps = operation.steps.iter();
    steps.filter_map(|step| Some((step, step.into.as_ref()?.to_string())))
}

fn templates(step: &Step) -> Vec<&Template> {
    let values = step.query.iter().chain(&step.headers).map(|(_, value)| value);
    let body = step.body.iter().flat_map(Tree::templates);
    std::iter::once(&step.path).chain(values).chain(body).collect()
}

fn names_keys(template: &Template) -> bool {
    template.names().iter().any(|name| name.root == "keys")
}
