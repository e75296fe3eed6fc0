//! The deck of the bridge: text -> Document -> check -> Plan, and a Plan at work. Pure.

mod check;
mod compile;
pub mod convert;
mod credential;
mod document;
pub mod explain;
pub mod expr;
pub mod generate;
pub mod keys;
mod login;
pub mod okta;
mod parse;
pub mod path;
pub mod plan;
mod supply;
mod tenant;
pub mod translate;

use crate::{
    diagnostic::{Diagnostic, Severity},
    yaml,
};
use plan::Plan;
use std::sync::Arc;

/// What is tried of a Plan, beside what is seen in it.
type Laws = fn(&Plan, &[compile::Gaps], &mut Vec<Diagnostic>);

/// What became of a mapping file.
#[derive(Debug)]
pub struct Loaded {
    /// Absent when a finding is an error.
    pub plan: Option<Plan>,
    /// All findings of the file at once, in file order: errors and warnings.
    pub findings: Vec<Diagnostic>,
    /// What is worth knowing and nothing to mend, in file order.
    pub notes: Vec<Diagnostic>,
}

/// The one door: a mapping's text becomes a Plan, or findings say why not. `file` is how the user
/// names it. The laws are tried: who serves with the Plan relies on them.
pub fn load(file: &str, text: &str) -> Loaded {
    loaded(file, text, check::laws)
}

/// The same without the laws: for who looks at a mapping and neither judges it nor serves with it.
pub fn look(file: &str, text: &str) -> Loaded {
    loaded(file, text, |_, _, _| {})
}

fn loaded(file: &str, text: &str, laws: Laws) -> Loaded {
    let file: Arc<str> = file.into();
    let mut findings = Vec::new();
    let plan = match yaml::read(&file, text) {
        Ok((root, warnings)) => {
            findings.extend(warnings);
            made(&file, &root, laws, &mut findings)
        }
        Err(errors) => {
            findings.extend(errors);
            None
        }
    };
    findings.sort_by_key(|finding| (finding.place.span.line, finding.place.span.column));
    findings.dedup();
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    let (notes, findings) =
        findings.into_iter().partition(|finding| finding.severity == Severity::Note);
    Loaded { plan: plan.filter(|_| !refused), findings, notes }
}

fn made(
    file: &Arc<str>,
    root: &yaml::Node,
    laws: Laws,
    findings: &mut Vec<Diagnostic>,
) -> Option<Plan> {
    let document = parse::document(file, root, findings)?;
    let unread = findings.iter().any(|finding| finding.severity == Severity::Error);
    check::document(&document, unread, findings);
    let names = check::Names::of(&document);
    let (plan, gaps) = compile::compile(document, findings);
    // A half-read document would only repeat its mistakes as further findings.
    if !unread {
        check::plan(&plan, &names, &gaps, findings);
        laws(&plan, &gaps, findings);
    }
    Some(plan)
}
