//! Entries of `fields` that are written from what no client can write: they would come to nothing, in silence.

use crate::{
    diagnostic::Diagnostic,
    mapping::plan::{
        Claimed, Direction, ExtraField, ExtraValue, ResourcePlan, Rule, RuleKind, Target,
    },
};

/// All rules of one resource that only read by what they leave out.
pub fn check(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    for (index, rule) in resource.rules.iter().enumerate() {
        // Who says `direction: read` means it.
        let silent = rule.direction == Direction::Both
            && matches!(rule.kind, RuleKind::Computed { .. })
            && !claimed(resource, index);
        let Some(extra) = resource.fields.iter().find(|extra| silent && written_from(extra, rule))
        else {
            continue;
        };
        let message = format!(
            "`{}` is only read, and the field `{}` is written from it: what a client sends of it is dropped",
            rule.target, extra.field
        );
        let help = format!(
            "write it in its own rule, `{{ field: {}, read: ..., write: ... }}`, or claim it in an update; `direction: read` says that it is meant",
            extra.field
        );
        findings.push(Diagnostic::warning("M420", rule.place.clone(), message).help(help));
    }
}

/// Whether some update makes it an attribute that a client can write.
fn claimed(resource: &ResourcePlan, rule: usize) -> bool {
    let updates = resource.operations.update.iter();
    let mut claims = updates.flat_map(|update| update.operation.claims.iter().flatten());
    claims.any(|claim| claim.rules.contains(&rule) && claim.what != Claimed::Alters)
}

/// Whether the entry asks for just this attribute: one that takes the whole resource has more to say.
fn written_from(extra: &ExtraField, rule: &Rule) -> bool {
    let (ExtraValue::Write(write), Target::Attribute(path)) = (&extra.value, &rule.target) else {
        return false;
    };
    let wanted = path.urn.iter().chain([&path.name]).chain(&path.sub);
    let wanted: Vec<&String> = wanted.collect();
    let names = write.names().iter().filter(|name| name.root == "resource");
    names.into_iter().any(|name| {
        name.path.len() >= wanted.len() && name.path.iter().zip(&wanted).all(|(a, b)| a == *b)
    })
}
