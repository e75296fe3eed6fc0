//! Rows of `errors`: each can be reached, and names attributes that are there.

use crate::{
    diagnostic::{Diagnostic, did_you_mean, nearest},
    mapping::{
        compile::Gaps,
        document::Failed,
        plan::{ErrorRow, LookupPlan, Operation, Plan, ResourcePlan},
    },
    scim::attribute::AttributePath,
};

/// The rows of `upstream`: they judge the calls of all resources.
pub fn upstream(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let resources: Vec<&ResourcePlan> = plan.resources.iter().collect();
    let failed: Vec<Failed> = gaps.iter().flat_map(|gaps| gaps.rules.clone()).collect();
    reached(&plan.upstream.errors, findings);
    attributes(&plan.upstream.errors, &resources, &failed, findings);
}

/// The rows of one resource's calls.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    for step in resource.operations.all().flat_map(Operation::calls) {
        reached(&step.errors, findings);
        attributes(&step.errors, &[resource], &gaps.rules, findings);
    }
}

/// The rows of a lookup's calls: the attributes of every resource may be looked up.
pub fn lookup(plan: &Plan, lookup: &LookupPlan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let resources: Vec<&ResourcePlan> = plan.resources.iter().collect();
    let failed: Vec<Failed> = gaps.iter().flat_map(|gaps| gaps.rules.clone()).collect();
    for step in lookup.steps() {
        reached(&step.errors, findings);
        attributes(&step.errors, &resources, &failed, findings);
    }
}

/// A row below one that holds whenever it would.
fn reached(rows: &[ErrorRow], findings: &mut Vec<Diagnostic>) {
    let all: Vec<Vec<String>> = rows.iter().map(|row| conjuncts(row.when.text())).collect();
    for (index, (row, parts)) in rows.iter().zip(&all).enumerate() {
        let covering =
            rows.iter().zip(&all).take(index).find(|(_, wanted)| {
                wanted.iter().all(|part| part == "true" || parts.contains(part))
            });
        if let Some((earlier, _)) = covering {
            let line = earlier.place.span.line;
            let message =
                format!("this row can never be reached: the one at line {line} covers it");
            let help = "put the narrower row first, or take one out";
            findings.push(Diagnostic::error("M608", row.place.clone(), message).help(help));
        }
    }
}

/// The parts of an expression that are joined by `&&` at its top, blanks taken out.
fn conjuncts(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut depth, mut quote, mut whole) = (0usize, None, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            // Either side of these may hold alone: nothing can be taken apart.
            (None, '|' | '?') if depth == 0 => whole = true,
            (None, '&') if depth == 0 && characters.peek() == Some(&'&') => {
                characters.next();
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        if quote.is_some() || !c.is_whitespace() {
            part.push(c);
        }
    }
    parts.push(part);
    match whole {
        true => vec![parts.join("&&")],
        false => parts,
    }
}

fn attributes(
    rows: &[ErrorRow],
    resources: &[&ResourcePlan],
    failed: &[Failed],
    findings: &mut Vec<Diagnostic>,
) {
    for row in rows {
        let Some(attribute) = &row.attribute else { continue };
        let parsed = AttributePath::parse(attribute).ok();
        let known = parsed.as_ref().is_some_and(|path| {
            Failed::excuses(failed, &path.name)
                || resources.iter().any(|resource| resource.kind.resolve(path).is_some())
        });
        if known {
            continue;
        }
        let names = resources.iter().flat_map(|resource| resource.kind.core_attributes());
        let near = nearest(attribute, names.map(|known| known.name.as_str()));
        let help = match near {
            Some(near) => did_you_mean(near),
            None => "name an attribute that has a rule".to_owned(),
        };
        let message = format!("`{attribute}` is not an attribute that is served");
        findings.push(Diagnostic::error("M201", row.place.clone(), message).help(help));
    }
}
