//! Laws: what is written reads back, what is read and written back is no change, and no rule touches
//! what another one reads. Not proven but tried, on generated values, by the engine that runs.
//!
//! | law | precisely |
//! |---|---|
//! | put-get | what a rule writes it reads back as what it was given |
//! | get-put | what a rule reads it writes back as what stood there |
//! | idempotence | what was read back and is sent once more is no change, so no call |
//! | others untouched | writing one rule changes what no other one reads |
//! | whole | the same of whole Resources: least, full, cleared, and some by chance |
//!
//! A rule is only under them where it goes both ways. One-way is never inferred.

mod case;
mod context;
mod culprit;
mod generate;
mod judged;
mod norm;
mod rule;
mod shrink;
mod whole;

use crate::{
    diagnostic::{Diagnostic, Severity},
    mapping::{
        compile::Gaps,
        document::Failed,
        plan::{ResourcePlan, Rule, RuleKind},
    },
};
use context::Context;
use generate::Generator;
use judged::Judged;
use serde_json::Value;

/// All laws on one resource. `name` is the mapping's: it seeds what is tried. Gives back the rules that
/// stand in a finding.
pub fn check(
    name: &str,
    resource: &ResourcePlan,
    tenant: &Value,
    gaps: &Gaps,
    findings: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let mut generator = Generator::seeded(name);
    let context = Context::new(resource, tenant, &mut generator);
    let judged: Vec<Judged> = resource
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let excused = Failed::excuses(&gaps.rules, &rule.target.attribute().name)
                || is_mistaken(resource, rule, findings);
            let travels = matches!(rule.kind, RuleKind::Field { .. } | RuleKind::List { .. });
            match excused || !travels || !rule.writable() {
                true => Judged::Untried,
                false => rule::check(&context, index, findings),
            }
        })
        .collect();
    whole::check(&context, &judged, &mut generator, findings)
}

/// Whether a mistake was found in what the rule says (M2xx) or in an expression of it (M6xx): what it
/// does then is no news. It reaches from its attribute to the next thing in the file.
fn is_mistaken(resource: &ResourcePlan, rule: &Rule, findings: &[Diagnostic]) -> bool {
    let begins = rule.place.span.start;
    let rules = resource.rules.iter().map(|rule| &rule.place);
    let fields = resource.fields.iter().map(|extra| &extra.place);
    let operations = resource.operations.all().map(|operation| &operation.place);
    let starts = rules.chain(fields).chain(operations).map(|place| place.span.start);
    let ends = starts.filter(|start| *start > begins).min().unwrap_or(usize::MAX);
    findings.iter().any(|found| {
        found.severity == Severity::Error
            && (found.code.starts_with("M2") || found.code.starts_with("M6"))
            && (begins..ends).contains(&found.place.span.start)
    })
}
