//! What is written reads back: put-get, on sample values, for rules that are no expression.
//!
//! Converters change what is the same to them (case, blanks, the form of a phone number): there the
//! second writing must give what the first gave. Everything else must come back as it went.

use super::sample;
use crate::{
    diagnostic::Diagnostic,
    mapping::{
        compile::Gaps,
        convert::Converter,
        document::Failed,
        plan::{Direction, Passage, ResourcePlan, Rule, RuleKind, SubKind},
        translate::passage::{self, Found},
    },
    scim::schema::{Attribute, Type},
    upstream::record::text_of,
};
use serde_json::{Value, json};

/// Texts that go wrong first: other scripts, quotes, digits beyond a double, blanks around.
const EDGES: [&str; 6] = [
    "Zo\u{eb} \u{65e5}\u{672c}",
    "9007199254740993",
    "a \"b\" \\ {c} \u{27}d\u{27}",
    "true",
    "007",
    "MiXeD",
];

/// The rules of one resource.
pub fn check(resource: &ResourcePlan, gaps: &Gaps, findings: &mut Vec<Diagnostic>) {
    let whole = |rule: &&Rule| !Failed::excuses(&gaps.rules, &rule.target.attribute().name);
    for rule in resource.rules.iter().filter(whole) {
        let attribute = sample::attribute(resource, &rule.target);
        match &rule.kind {
            RuleKind::Field { read: None, write: None, .. }
                if rule.direction == Direction::Both =>
            {
                one(rule, &rule.target.to_string(), &rule.passage, attribute, findings);
            }
            RuleKind::List { elements, .. } => {
                for sub in &elements.subs {
                    let both =
                        sub.direction == Direction::Both && rule.direction == Direction::Both;
                    if both && matches!(sub.kind, SubKind::Field(_)) {
                        let name = format!("{}.{}", rule.target, sub.name);
                        let known = attribute.and_then(|attribute| attribute.sub(&sub.name));
                        one(rule, &name, &sub.passage, known, findings);
                    }
                }
            }
            _ => {}
        }
    }
}

fn one(
    rule: &Rule,
    name: &str,
    passage: &Passage,
    attribute: Option<&Attribute>,
    findings: &mut Vec<Diagnostic>,
) {
    if passage.kind == Type::Complex {
        return;
    }
    if passage.converters.contains(&Converter::LastSegment) {
        let message = format!("`last_segment` of `{name}` only reads: what stood before is lost");
        let finding = Diagnostic::error("M216", rule.place.clone(), message);
        return findings.push(finding.help("say `direction: read`"));
    }
    let values = values(passage, attribute);
    let written: Vec<(&Value, Value)> = values
        .iter()
        .filter_map(|value| Some((value, passage::write(passage, value).ok()?)))
        .filter(|(_, vendor)| !passage::unassigned(vendor))
        .collect();
    if written.is_empty() && !values.is_empty() {
        let kind = format!("{:?}", passage.kind).to_lowercase();
        let list = if passage.list { "list of " } else { "" };
        let message = format!("`convert` of `{name}` takes no value: it is a {list}{kind}");
        let finding = Diagnostic::error("M216", rule.place.clone(), message);
        return findings
            .push(finding.help("the converters stand in writing order, SCIM to vendor"));
    }
    let broken = written.iter().find_map(|(value, vendor)| {
        let back = passage::read(passage, vendor);
        (!holds(passage, value, vendor, &back, rule.lossy.is_some()))
            .then(|| (shown(value), shown(vendor), back))
    });
    match (broken, &rule.lossy) {
        (Some((value, vendor, back)), _) => {
            let back = match &back {
                Found::Value(back) => shown(back),
                Found::Nothing => "nothing".to_owned(),
                Found::Unreadable => "what nobody can read".to_owned(),
            };
            let message = format!(
                "the rule of `{name}` does not give back what it was given: {value} -> {vendor} -> {back}"
            );
            let help = "mend table or converters; or say why it must be so: `lossy: \"...\"`";
            findings.push(Diagnostic::error("M301", rule.place.clone(), message).help(help));
        }
        (None, Some(_)) if strict(passage, &written) => {
            let message = format!("`{name}` is `lossy` and gives back all that it was given");
            let finding = Diagnostic::warning("M304", rule.place.clone(), message);
            findings.push(finding.help("take `lossy` out"));
        }
        (None, _) => {}
    }
}

/// Whether the rule would keep the law without its excuse.
fn strict(passage: &Passage, written: &[(&Value, Value)]) -> bool {
    written.iter().all(|(value, vendor)| {
        holds(passage, value, vendor, &passage::read(passage, vendor), false)
    })
}

/// Put-get; with an excuse only that a second round changes nothing more.
fn holds(passage: &Passage, value: &Value, vendor: &Value, back: &Found, excused: bool) -> bool {
    let Found::Value(back) = back else { return false };
    if back == value {
        return true;
    }
    let again = || passage::write(passage, back);
    if excused {
        return again().is_ok_and(|vendor| match passage::read(passage, &vendor) {
            Found::Value(once_more) => once_more == *back,
            _ => false,
        });
    }
    let forgiving = passage.converters.iter().any(|converter| {
        matches!(
            converter,
            Converter::Lower
                | Converter::Upper
                | Converter::Trim
                | Converter::PhoneE164
                | Converter::PhoneDigits
                | Converter::Date { .. }
                | Converter::EpochSeconds
                | Converter::EpochMillis
                | Converter::Split(_)
                | Converter::Join(_)
        )
    });
    forgiving && again().is_ok_and(|again| again == *vendor)
}

/// The samples, and for texts without a table the edges.
fn values(passage: &Passage, attribute: Option<&Attribute>) -> Vec<Value> {
    let mut values = sample::values(passage, attribute);
    let free = attribute.is_none_or(|known| !known.enforced && known.pattern.is_none());
    if passage.kind == Type::String && passage.table.is_none() && free {
        let phone = |converter: &Converter| {
            matches!(converter, Converter::PhoneE164 | Converter::PhoneDigits)
        };
        if passage.converters.iter().any(phone) {
            return vec![json!("+46850000001"), json!("+1 (555) 010-0000")];
        }
        values.extend(EDGES.iter().map(|edge| match passage.list {
            true => json!([edge]),
            false => json!(edge),
        }));
    }
    values
}

fn shown(value: &Value) -> String {
    text_of(value).map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}
