//! Can every attribute that a client may change reach the vendor, and come back?

use crate::{
    diagnostic::Diagnostic,
    mapping::{
        compile::Gaps,
        document::Failed,
        plan::{
            Claimed, Clear, Direction, ExtraField, ExtraValue, IdBy, Operations, ResourcePlan,
            Rule, RuleKind,
        },
        translate::{
            unit::{Part, Unit},
            units,
        },
    },
    scim::schema::{GROUP, OKTA_ENTITLEMENT, OKTA_ROLE, USER},
    upstream::record::text_of,
};
use serde_json::Value;

/// All checks of this kind on one resource.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    required(resource, gaps, findings);
    password(resource, findings);
    clearing(resource, findings);
    generated(resource, gaps, findings);
    unwritable(resource, gaps, findings);
    moving(resource, findings);
    // Nobody knows what a claim that did not resolve would have taken.
    if gaps.claims {
        return;
    }
    for (index, rule) in resource.rules.iter().enumerate().filter(|(_, rule)| changeable(rule)) {
        let uncovered = missing_parts(resource, index, rule);
        if let Some(part) = uncovered {
            let (code, help) = match part {
                "removes" => ("M403", "without it nobody leaves: claim `removes` in an update"),
                _ => ("M401", "claim it in an update; or `only: create`, `direction: read`"),
            };
            let what = if part.is_empty() { String::new() } else { format!(" ({part})") };
            let message = format!("`{}` can change, and no update writes it{what}", rule.target);
            findings.push(Diagnostic::error(code, rule.place.clone(), message).help(help));
        }
    }
}

/// What the schema requires must have a rule.
fn required(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let name = match resource.kind.schema.id.as_str() {
        USER => "userName",
        GROUP | OKTA_ROLE | OKTA_ENTITLEMENT => "displayName",
        _ => return,
    };
    let there = resource.rules.iter().any(|rule| rule.target.to_string() == name);
    if !there && !Failed::excuses(&gaps.rules, name) {
        let message = format!("required attribute `{name}` of {} has no rule", resource.kind.name);
        let help = format!("add `{name}: {{ field: ... }}`");
        findings.push(Diagnostic::error("M211", resource.place.clone(), message).help(help));
    }
}

/// What a client clears and nobody sends stays as it was.
fn clearing(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    for rule in resource.rules.iter().filter(|rule| rule.clear == Clear::Omit && rule.writable()) {
        let message = format!("clearing `{}` does nothing at the vendor", rule.target);
        let finding = Diagnostic::warning("M303", rule.place.clone(), message);
        findings.push(finding.help("`clear: reject`, if the client should hear of it"));
    }
}

/// A SCIM value that reads from a table and for which nothing can be written: a client that sends back what it got
/// is refused.
fn unwritable(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    // Of `active` the harm is told (M410), and of what did not compile the mistake.
    let told = |name: &str| {
        (name == "active" && resource.kind.name == "User") || Failed::excuses(&gaps.rules, name)
    };
    let both = |rule: &&Rule| rule.writable() && rule.direction == Direction::Both;
    for rule in resource.rules.iter().filter(both) {
        if told(&rule.target.attribute().name) {
            continue;
        }
        let parts = match &rule.kind {
            RuleKind::List { elements, .. } => elements.subs.as_slice(),
            _ => &[],
        };
        let parts = parts.iter().filter(|part| part.direction == Direction::Both);
        let tables = std::iter::once(&rule.passage).chain(parts.map(|part| &part.passage));
        let rows =
            tables.filter_map(|passage| passage.table.as_ref()).flat_map(|table| &table.rows);
        for row in rows.filter(|row| row.vendor.is_empty()) {
            let value = text_of(&row.scim).unwrap_or_default();
            let message =
                format!("`values` of `{}` has nothing to write for `{value}`", rule.target);
            let help = format!(
                "name the vendor's value first, e.g. `{value}: [one, \"*\"]`; or `direction: read`"
            );
            findings.push(Diagnostic::error("M209", rule.place.clone(), message).help(help));
        }
    }
}

/// The SCIM id is the key, and an id never changes (RFC 7643 §3.1): whoever changes what the key is made of is
/// somebody else from then on, and the client's next request for the old id finds nobody.
fn moving(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    // An id of ours stays, whatever becomes of the key.
    if resource.operations.update.is_empty() || resource.id == IdBy::Link {
        return;
    }
    let key = &resource.key;
    let rules = resource.rules.iter().filter(|rule| rule.writable() && !rule.only_create);
    let rules = rules.filter(|rule| rule.field().is_some_and(|field| field.overlaps(key)));
    let rules = rules.map(|rule| (format!("`{}`", rule.target), &rule.place));
    // A constant is everybody's, and no key.
    let follows =
        |extra: &&ExtraField| !extra.only_create && matches!(extra.value, ExtraValue::Write(_));
    let fields = resource.fields.iter().filter(follows);
    let fields = fields.filter(|extra| extra.field.overlaps(key));
    let fields = fields.map(|extra| (format!("the field `{}`", extra.field), &extra.place));
    for (what, place) in rules.chain(fields) {
        let message =
            format!("{what} can change, and writes the key `{key}`, which is the SCIM id");
        let help = "say `id: link`, for ids of ours; or `only: create` or `direction: read`; or choose a `key` that never changes";
        findings.push(Diagnostic::error("M509", place.clone(), message).help(help));
    }
}

/// A password that is read would be returned.
fn password(resource: &ResourcePlan, findings: &mut Vec<Diagnostic>) {
    let rule = resource.rules.iter().find(|rule| rule.target.to_string() == "password");
    // One that is generated is refused for that.
    if let Some(rule) = rule.filter(|rule| rule.field().is_some() && rule.generate.is_none())
        && rule.direction != Direction::Write
    {
        let message = "the rule of `password` is not `direction: write`";
        let finding = Diagnostic::warning("M306", rule.place.clone(), message);
        findings.push(finding.help("say `direction: write`, or it would be read and returned"));
    }
}

/// What is made up is made up by create, so create must send it.
fn generated(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let create = resource.operations.create.as_ref();
    let Some(create) = create.filter(|_| !gaps.claims) else { return };
    let unsent = |index: usize| !units::created(resource, create.claims.as_deref(), index);
    for (index, rule) in resource.rules.iter().enumerate() {
        if rule.generate.is_some() && unsent(index) {
            let message =
                format!("`generate` of `{}` does nothing: create does not send it", rule.target);
            let help = "claim it in `create`, or take it out of the update that claims it";
            findings.push(Diagnostic::error("M217", rule.place.clone(), message).help(help));
        }
    }
}

fn changeable(rule: &Rule) -> bool {
    rule.writable()
        && !rule.only_create
        && rule.direction == Direction::Both
        && !matches!(rule.kind, RuleKind::Computed { .. })
}

/// The first part of a change of this rule that no update takes; nothing when all are taken.
fn missing_parts(resource: &ResourcePlan, index: usize, rule: &Rule) -> Option<&'static str> {
    let parts: &[(&str, Part)] = match rule.kind {
        RuleKind::List { .. } => &[("adds", Part::Adds), ("removes", Part::Removes)],
        _ => &[("", Part::Value)],
    };
    // Transitions are judged by `M402`; a rule claimed by one of them only is not lost here.
    let by_transition = claims(&resource.operations)
        .any(|claim| claim.rules.contains(&index) && matches!(claim.what, Claimed::Becomes(_)));
    parts.iter().find_map(|(name, part)| {
        let unit = Unit {
            rule: index,
            part: *part,
            before: Value::Null,
            after: Value::String("\u{0}".to_owned()),
        };
        let covered =
            resource.operations.update.iter().any(|update| units::claimed(resource, update, &unit));
        (!covered && !by_transition).then_some(*name)
    })
}

fn claims(operations: &Operations) -> impl Iterator<Item = &crate::mapping::plan::Claim> {
    operations.update.iter().flat_map(|update| update.operation.claims.iter().flatten())
}
