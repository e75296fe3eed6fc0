//! Checks: what a mapping says is held against itself. All findings at once, never the first only.

mod activity;
mod addresses;
mod derived;
mod early;
mod endpoints;
mod hidden;
mod items;
mod key;
mod keyed;
mod laws;
mod lists;
mod lookups;
mod many;
mod methods;
mod names;
mod notes;
mod operations;
mod passed;
mod reach;
mod rows;
mod sample;
mod trial;
mod values;
mod writes;

use super::{
    compile::Gaps,
    document::Document,
    plan::{Plan, ResourcePlan},
};
use crate::diagnostic::{Diagnostic, Place, Span};
use trial::Trial;

/// What is judged before compiling: the names that expressions use. Of a document that was only
/// half read nobody knows which names it does not use.
pub fn document(document: &Document, unread: bool, findings: &mut Vec<Diagnostic>) {
    names::undeclared(document, findings);
    names::answers(document, findings);
    endpoints::check(document, findings);
    if !unread {
        lists::check(document, findings);
        names::unused(document, findings);
    }
}

/// What is judged on the Plan: whether the operations can do what the attributes promise.
/// What is the doing of a gap is no further mistake.
pub fn plan(plan: &Plan, document: &Names, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    rows::upstream(plan, gaps, findings);
    for (resource, gaps) in at_the_vendor(plan, gaps) {
        let index = gaps.section;
        let before = findings.len();
        names::attributes(resource, index, document, gaps, findings);
        items::check(resource, findings);
        let nameless = findings.len() > before;
        writes::check(resource, gaps, findings);
        activity::check(resource, gaps, findings);
        operations::check(resource, gaps, findings);
        many::check(resource, findings);
        methods::check(resource, findings);
        addresses::check(resource, findings);
        if !gaps.claims {
            derived::check(resource, findings);
        }
        rows::check(resource, gaps, findings);
        // What a missing rule, claim or name would have sent is no news.
        if !nameless && gaps.is_nothing_missing() {
            names::written(resource, index, document, findings);
        }
    }
    values::check(plan, gaps, findings);
    lookups::check(plan, gaps, findings);
    passed::check(plan, findings);
    keyed::check(plan, findings);
    early::check(plan, findings);
    notes::check(plan, gaps, findings);
}

/// What is tried by running the engine on samples: what is written reads back, what is claimed
/// reaches the calls, the calls name whom they are about.
pub fn laws(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let tenant = sample::tenant(&plan.variables);
    // What an expression does not find is in no call, and that is no news.
    let unnamed = findings.iter().any(|finding| finding.code == "M603");
    for (resource, gaps) in at_the_vendor(plan, gaps) {
        let broken = laws::check(&plan.name, resource, &tenant, gaps, findings);
        // What a rule in a finding sends, or does not, is no further one.
        let trial = Trial::new(resource, &tenant).without(broken);
        key::check(&trial, gaps, findings);
        hidden::check(&trial, findings);
        if gaps.is_nothing_missing() && !unnamed {
            reach::check(&trial, findings);
        }
    }
}

/// The resources that the vendor has. What the others hold was judged entry by entry.
fn at_the_vendor<'p>(
    plan: &'p Plan,
    gaps: &'p [Gaps],
) -> impl Iterator<Item = (&'p ResourcePlan, &'p Gaps)> {
    let all = plan.resources.iter().zip(gaps);
    all.filter(|(resource, _)| resource.at_the_vendor())
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
