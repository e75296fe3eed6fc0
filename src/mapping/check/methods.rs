//! What reads must not write: a health probe or an import would change people.

use crate::{
    diagnostic::Diagnostic,
    mapping::plan::{Find, LookupPlan, ResourcePlan, Step},
};
use http::Method;

/// The reading operations of one resource.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let operations = &resource.operations;
    if let Some(get) = &operations.get {
        reads(&get.steps, "get", findings);
    }
    if let Some(many) = &operations.get_many {
        reads(&many.operation.steps, "get_many", findings);
    }
    if let Some(list) = &operations.list {
        reads(&list.operation.steps, "list", findings);
    }
    for find in operations.find.iter().filter_map(Find::call) {
        reads(&find.operation.steps, "find", findings);
    }
}

/// The calls of a lookup.
pub fn lookup(lookup: &LookupPlan, findings: &mut Vec<Diagnostic>) {
    reads(lookup.steps(), &format!("lookup {}", lookup.name), findings);
}

fn reads<'s>(
    steps: impl IntoIterator<Item = &'s Step>,
    what: &str,
    findings: &mut Vec<Diagnostic>,
) {
    for step in steps {
        let finding = match step.method {
            Method::GET => continue,
            // Many APIs search by POST; `repeat: safe` says that it is one of those.
            Method::POST if step.safe => continue,
            Method::POST => {
                Diagnostic::warning("M417", step.place.clone(), format!("`{what}` asks with POST"))
                    .help("say `repeat: safe` if it is a search and changes nothing")
            }
            _ => Diagnostic::error(
                "M417",
                step.place.clone(),
                format!("`{what}` would change something: its method is {}", step.method),
            )
            .help("a read is GET, or a POST that only searches"),
        };
        findings.push(finding);
    }
}
