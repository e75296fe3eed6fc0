//! Checks: what a mapping says is held against itself. All findings at once, never the first only.

mod names;
mod operations;
mod reach;
mod sample;
mod trial;
mod writes;

use super::{document::Document, plan::Plan};
use crate::diagnostic::{Diagnostic, Place, Span};

/// What is judged before compiling: the names that expressions use.
pub fn document(document: &Document, findings: &mut Vec<Diagnostic>) {
    names::tenant(document, findings);
}

/// What is judged on the Plan: whether the operations can do what the attributes promise.
pub fn plan(plan: &Plan, document: &Names, findings: &mut Vec<Diagnostic>) {
    let tenant = sample::tenant(&plan.variables);
    for (index, resource) in plan.resources.iter().enumerate() {
        names::attributes(resource, index, document, findings);
        names::written(resource, index, document, findings);
        writes::check(resource, findings);
        operations::check(resource, findings);
        reach::check(resource, &tenant, findings);
    }
}

/// The names that a document's expressions use, kept for the checks after compiling.
#[derive(Debug)]
pub struct Names {
    file: std::sync::Arc<str>,
    uses: Vec<super::document::Use>,
}

impl Names {
    /// Of a document.
    pub fn of(document: &Document) -> Self {
        Self { file: document.file.clone(), uses: document.uses.clone() }
    }

    fn place(&self, span: Span) -> Place {
        Place { file: self.file.clone(), span }
    }
}
