//! Rows of which the first that holds counts, `errors` and `outside`: each can be reached. Those of `errors` name
//! attributes that are there.

use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean, nearest},
    mapping::{
        compile::Gaps,
        document::Failed,
        expr::Expression,
        plan::{ErrorRow, LookupPlan, Operation, Plan, ResourcePlan},
    },
    scim::attribute::AttributePath,
};

/// The rows of `upstream`: they judge the calls of all resources.
pub fn upstream(plan: &Plan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let resources: Vec<&ResourcePlan> = plan.resources.iter().collect();
    let failed: Vec<Failed> = gaps.iter().flat_map(|gaps| gaps.rules.clone()).collect();
    reached(errors(&plan.upstream.errors), findings);
    attributes(&plan.upstream.errors, &resources, &failed, findings);
}

/// The rows of one resource's calls.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    reached(resource.outside.iter().map(|row| (&row.when, &row.place)), findings);
    for step in resource.operations.all().flat_map(Operation::calls) {
        reached(errors(&step.errors), findings);
        attributes(&step.errors, &[resource], &gaps.rules, findings);
    }
}

/// The rows of a lookup's calls: the attributes of every resource may be looked up.
pub fn lookup(plan: &Plan, lookup: &LookupPlan, gaps: &[Gaps], findings: &mut Vec<Diagnostic>) {
    let resources: Vec<&ResourcePlan> = plan.resources.iter().collect();
    let failed: Vec<Failed> = gaps.iter().flat_map(|gaps| gaps.rules.clone()).collect();
    for step in lookup.steps() {
        reached(errors(&step.errors), findings);
        attributes(&step.errors, &resources, &failed, findings);
    }
}

fn errors(rows: &[ErrorRow]) -> impl Iterator<Item = (&Expression, &Place)> {
    rows.iter().map(|row| (&row.when, &row.place))
}

/// A row below one that holds whenever it would.
fn reached<'r>(
    rows: impl Iterator<Item = (&'r Expression, &'r Place)>,
    findings: &mut Vec<Diagnostic>,
) {
    let rows: Vec<_> = rows.map(|(when, place)| (conjuncts(when.text()), place)).collect();
    for (index, (parts, place)) in rows.iter().enumerate() {
        let covering = rows
            .iter()
            .take(index)
            .find(|(wanted, _)| wanted.iter().all(|part| part == "true" || parts.contains(part)));
        if let Some((_, earlier)) = covering {
            let line = earlier.span.line;
            let message =
                format!("this row can never be reached: the one at line {line} covers it");
            let help = "put the narrower row first, or take one out";
            findings.push(Diagnostic::error("M608", (*place).clone(), message).help(help));
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
