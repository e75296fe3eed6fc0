//! Checks: what a mapping says is held against itself. All findings at once, never the first only.

mod activity;
mod endpoints;
mod key;
mod laws;
mod methods;
mod names;
mod notes;
mod operations;
mod reach;
mod rows;
mod sample;
mod trial;
mod writes;

use super::{compile::Gaps, document::Document, plan::Plan};
use crate::diagnostic::{Diagnostic, Place, Span};

/// What is judged before compiling: the names that expressions use. Of a document that was only
/// half read nobody knows which names it does not use.
pub fn document(document: &Document, unread: bool, findings: &mut Vec<Diagnostic>) {
    names::undeclared(document, findings);
    names::answers(document, findings);
    endpoints::check(document, findings);
    if !unread {
        names::unused(document, findings);
    }
}

/// What is judged on the Plan: whether the operations can do what the attributes promise.
/// What is the doing of a gap is no further mistake.
pub fn plan(plan: &Plan, document: &Names, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let tenant = sample::tenant(&plan.variables);
    rows::upstream(plan, gaps, findings);
    for (resource, gaps) in plan.resources.iter().zip(gaps) {
        // What it holds was judged entry by entry; there is nothing else to judge.
        if resource.fixed.is_some() || resource.kept {
            continue;
        }
        let index = gaps.section;
        let before = findings.len();
        names::attributes(resource, index, document, gaps, findings);
        let nameless = findings.len() > before;
        writes::check(resource, gaps, findings);
        activity::check(resource, gaps, findings);
        operations::check(resource, gaps, findings);
        methods::check(resource, findings);
        key::check(resource, &tenant, gaps, findings);
        rows::check(resource, gaps, findings);
        laws::check(resource, gaps, findings);
        // What a missing rule, claim or name would have sent is no news.
        if !nameless && gaps.rules.is_empty() && !gaps.claims {
            names::written(resource, index, document, findings);
            reach::check(resource, &tenant, findings);
        }
    }
    notes::check(plan, gaps, findings);
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
