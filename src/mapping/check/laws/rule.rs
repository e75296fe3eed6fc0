//! The laws of one rule: put-get, get-put, and that what was read back is no change.

use super::{
    context::{Context, looks_around, of_tenant},
    generate,
    judged::{Counterexample, Judged, MEND, not_given_back, shown, shown_or_nothing},
    norm,
    shrink::smallest,
};
use crate::{
    diagnostic::Diagnostic,
    mapping::{
        check::sample,
        convert::Converter,
        plan::{Direction, Passage, Rule, RuleKind, SubKind},
        translate::{
            Error,
            passage::{self, Found},
            place, read,
            unit::{Part, Unit},
        },
    },
    scim::{resource::Resource, schema::Attribute},
};
use serde_json::Value;

/// The rule of this index.
pub fn check(context: &Context<'_>, index: usize, findings: &mut Vec<Diagnostic>) -> Judged {
    let Some(rule) = context.plan.rules.get(index) else { return Judged::Untried };
    let candidates = context.candidates.get(index).map(Vec::as_slice).unwrap_or_default();
    let found = parts(context, rule, candidates);
    let broken = !found.is_empty();
    findings.extend(found);
    if broken {
        return Judged::Broken;
    }
    if candidates.is_empty() && rule.direction == Direction::Both {
        findings.extend(untried(context, rule));
        return Judged::Untried;
    }
    let mut journey = Journey::new(context, index, rule);
    if rule.direction != Direction::Both {
        return Judged::Sound(journey.taken(candidates));
    }
    let excused = rule.lossy.is_some();
    let broken = candidates.iter().find(|value| journey.breaks(value, excused).is_some());
    if let Some(value) = broken {
        let small = smallest(value.clone(), |value| journey.breaks(value, excused).is_some());
        if let Some(found) = journey.breaks(&small, excused) {
            findings.push(not_given_back(rule, &rule.target.to_string(), &found));
        }
        return Judged::Broken;
    }
    let keeps = |value: &Value| journey.breaks(value, false).is_none();
    if excused && candidates.iter().all(keeps) {
        let message = format!("`{}` is `lossy` and gives back all that it was given", rule.target);
        let finding = Diagnostic::warning("M304", rule.place.clone(), message);
        findings.push(finding.help("take `lossy` out"));
    }
    Judged::Sound(journey.taken(candidates))
}

/// A rule that no value of ours fits was not tried, and looks no worse for it.
fn untried(context: &Context<'_>, rule: &Rule) -> Option<Diagnostic> {
    sample::attribute(context.plan, &rule.target)?.pattern.as_ref()?;
    let name = &rule.target;
    let message =
        format!("the laws of `{name}` are untried: no value that was tried matches its `pattern`");
    let help = "try it in a test beside the mapping";
    Some(Diagnostic::note("M308", rule.place.clone(), message).help(help))
}

/// What is wrong with the tables and converters themselves: of the rule, or of its elements' parts.
fn parts(context: &Context<'_>, rule: &Rule, candidates: &[Value]) -> Vec<Diagnostic> {
    let attribute = sample::attribute(context.plan, &rule.target);
    let both = rule.direction == Direction::Both;
    match &rule.kind {
        RuleKind::Field { read: None, write: None, .. } if both => {
            part(rule, &rule.target.to_string(), &rule.passage, candidates, attribute)
                .into_iter()
                .collect()
        }
        RuleKind::List { elements, .. } if both => {
            let subs = elements.subs.iter().filter(|sub| {
                sub.direction == Direction::Both && matches!(sub.kind, SubKind::Field(_))
            });
            let found = subs.filter_map(|sub| {
                let items = candidates.iter().filter_map(Value::as_array).flatten();
                let values: Vec<Value> = match elements.plain {
                    true => items.cloned().collect(),
                    false => items.filter_map(|item| item.get(&sub.name)).cloned().collect(),
                };
                let known = match elements.plain {
                    true => attribute,
                    false => attribute.and_then(|attribute| attribute.sub(&sub.name)),
                };
                part(rule, &format!("{}.{}", rule.target, sub.name), &sub.passage, &values, known)
            });
            found.collect()
        }
        _ => Vec::new(),
    }
}

/// Table and converters of one value, on their own.
fn part(
    rule: &Rule,
    name: &str,
    passage: &Passage,
    candidates: &[Value],
    attribute: Option<&Attribute>,
) -> Option<Diagnostic> {
    if passage.converters.contains(&Converter::LastSegment) {
        let message = format!("`last_segment` of `{name}` only reads: what stood before is lost");
        let finding = Diagnostic::error("M216", rule.place.clone(), message);
        return Some(finding.help("say `direction: read`"));
    }
    if !candidates.is_empty()
        && candidates.iter().all(|value| passage::write(passage, value).is_err())
    {
        let kind = passage.kind.as_str();
        let list = if passage.list { "list of " } else { "" };
        let message = format!("`convert` of `{name}` takes no value: it is a {list}{kind}");
        let finding = Diagnostic::error("M216", rule.place.clone(), message);
        return Some(finding.help("the converters stand in writing order, SCIM to vendor"));
    }
    if rule.lossy.is_some() {
        return None;
    }
    let put =
        |value: &Value| put_get(passage, value).filter(|_| generate::allowed(value, attribute));
    if let Some(broken) = candidates.iter().find(|value| put(value).is_some()) {
        let found = put(&smallest(broken.clone(), |value| put(value).is_some()))?;
        return Some(not_given_back(rule, name, &found));
    }
    let get = |vendor: &Value| get_put(passage, vendor);
    let vendors = generate::vendor(passage, candidates);
    let broken = vendors.iter().find(|vendor| get(vendor).is_some())?;
    let found = get(&smallest(broken.clone(), |vendor| get(vendor).is_some()))?;
    let way = found.became.join(" -> ");
    let message = format!(
        "the rule of `{name}` does not write back what it read: {} -> {way}",
        shown(&found.given)
    );
    Some(Diagnostic::error("M301", rule.place.clone(), message).help(MEND))
}

/// What is written reads back. What cannot be written is 400, and what comes to nothing is unassigned.
fn put_get(passage: &Passage, value: &Value) -> Option<Counterexample> {
    let vendor = passage::write(passage, value).ok()?;
    if passage::unassigned(&vendor) {
        return None;
    }
    let found = passage::read(passage, &vendor);
    let holds = match &found {
        Found::Value(back) => norm::values(passage, value, back),
        Found::Nothing => norm::value_of_nothing(passage, value),
        Found::Unreadable => false,
    };
    (!holds).then(|| Counterexample {
        given: value.clone(),
        became: vec![shown(&vendor), told(&found)],
    })
}

/// What is read is written back as it was, or as a value of the same row. What cannot be written back
/// is none that the vendor was to have.
fn get_put(passage: &Passage, vendor: &Value) -> Option<Counterexample> {
    let Found::Value(value) = passage::read(passage, vendor) else { return None };
    let again = passage::write(passage, &value).ok()?;
    let alike = passage.table.is_some() || norm::vendors(passage, vendor, &again);
    let one = match passage::read(passage, &again) {
        Found::Value(back) => norm::values(passage, &value, &back),
        Found::Nothing => norm::value_of_nothing(passage, &value),
        Found::Unreadable => false,
    };
    let became = || vec![shown(&value), shown(&again)];
    (!alike || !one).then(|| Counterexample { given: vendor.clone(), became: became() })
}

fn told(found: &Found) -> String {
    match found {
        Found::Value(back) => shown(back),
        Found::Nothing => "nothing".to_owned(),
        Found::Unreadable => "what nobody can read".to_owned(),
    }
}

/// A rule's way to the vendor and back, by the engine.
struct Journey<'a> {
    context: &'a Context<'a>,
    index: usize,
    rule: &'a Rule,
    sent: Resource,
    back: Resource,
    record: Value,
}

/// What became of a value.
enum Fate {
    /// A client that sends it is told so.
    Refused,
    /// An expression fails: the client would be told that the mapping is wrong.
    Fails(String),
    /// The vendor's value, and what is read of it.
    Back(Option<Value>, Found),
}

impl<'a> Journey<'a> {
    fn new(context: &'a Context<'a>, index: usize, rule: &'a Rule) -> Self {
        let around = looks_around(rule);
        let person = if around { context.person.clone() } else { Resource::new() };
        let record = if around { context.record.clone() } else { context.neighbours(rule) };
        Self { context, index, rule, sent: person.clone(), back: person, record }
    }

    /// The values that the engine writes.
    fn taken(&mut self, candidates: &[Value]) -> Vec<Value> {
        let taken = candidates.iter().filter(|value| matches!(self.fate(value), Fate::Back(..)));
        taken.cloned().collect()
    }

    fn fate(&mut self, value: &Value) -> Fate {
        sample::put(&mut self.sent, &self.rule.target, value.clone());
        // A value may hide the element that it stands in.
        if place::take(&self.sent, &self.rule.target) != Some(value)
            || !generate::allowed(value, sample::attribute(self.context.plan, &self.rule.target))
        {
            return Fate::Refused;
        }
        let unit =
            Unit { rule: self.index, part: Part::Value, before: Value::Null, after: value.clone() };
        match self.context.writer().whole(&[unit], &self.sent, &self.record) {
            Err(error) => self.stopped(error),
            Ok(record) => {
                match read::value(self.rule, &record, self.context.tenant, &self.context.names) {
                    Ok(found) => {
                        let vendor = self.rule.field().and_then(|field| field.get(&record));
                        Fate::Back(vendor.cloned(), found)
                    }
                    Err(error) => self.stopped(error),
                }
            }
        }
    }

    fn stopped(&self, error: Error) -> Fate {
        match error {
            Error::Refused(_) => Fate::Refused,
            // A field of nobody's fails for itself, and is told of whole Resources.
            Error::Expression { place, .. } if place != self.rule.place => Fate::Refused,
            // What it says of the sample tenant it does not say of a real one.
            Error::Expression { .. } if of_tenant(self.rule) => Fate::Refused,
            Error::Expression { message, .. } | Error::Record { message, .. } => {
                Fate::Fails(message)
            }
        }
    }

    /// How a value breaks the laws; with an excuse, only that a second round changes nothing more.
    fn breaks(&mut self, value: &Value, excused: bool) -> Option<Counterexample> {
        let (vendor, found) = match self.fate(value) {
            Fate::Refused => return None,
            Fate::Fails(why) => {
                let became = vec![format!("an expression that fails: {why}")];
                return Some(Counterexample { given: value.clone(), became });
            }
            Fate::Back(vendor, found) => (vendor, found),
        };
        let mut became = vec![shown_or_nothing(vendor.as_ref()), told(&found)];
        let holds = match &found {
            Found::Value(back) if excused => {
                let again = self.fate(back);
                matches!(&again, Fate::Back(_, Found::Value(again)) if norm::same(self.rule, back, again))
            }
            // The default is written, and that is what it is then.
            Found::Value(back)
                if self.rule.default.is_some() && norm::nothing(self.rule, value) =>
            {
                !self.changes(back, value)
            }
            Found::Value(back) if norm::same(self.rule, value, back) => {
                let changes = self.changes(back, value);
                became.extend(changes.then(|| "a change when it is sent again".to_owned()));
                !changes
            }
            Found::Value(_) | Found::Unreadable => false,
            Found::Nothing if excused => true,
            Found::Nothing if norm::nothing(self.rule, value) => {
                let changes = self.changes(&Value::Null, value);
                became.extend(changes.then(|| "a change when it is sent again".to_owned()));
                !changes
            }
            Found::Nothing => false,
        };
        (!holds).then(|| Counterexample { given: value.clone(), became })
    }

    /// Whether the vendor would be told something when what was sent is sent again.
    fn changes(&mut self, back: &Value, value: &Value) -> bool {
        if back == value {
            return false;
        }
        sample::put(&mut self.back, &self.rule.target, back.clone());
        sample::put(&mut self.sent, &self.rule.target, value.clone());
        self.context.writer().differs(self.rule, &self.back, &self.sent).unwrap_or(false)
    }
}
