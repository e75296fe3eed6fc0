//! Case: a Resource that is made, or that becomes another one, by the engine; and what comes of it.

use super::{
    context::{Context, looks_around},
    judged::Judged,
    norm,
};
use crate::{
    diagnostic::Place,
    mapping::{
        check::sample,
        path::Select,
        plan::{Clear, Direction, Rule, Target},
        translate::{Error, place, read, units},
    },
    scim::resource::Resource,
};
use serde_json::Value;

/// What is known of the rules so far.
pub struct Whole<'a> {
    /// Who they are tried on.
    pub context: &'a Context<'a>,
    judged: &'a [Judged],
    /// Rules that stand in a finding.
    out: Vec<bool>,
    /// Expressions that fail.
    failing: Vec<Place>,
}

/// By rule: which of its values, if any.
pub type Picks = Vec<Option<usize>>;

/// A Resource that is made, or that becomes another one.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is there; nothing where it is made.
    pub before: Option<Picks>,
    /// What is sent.
    pub after: Picks,
}

/// What comes of a case.
#[derive(Debug)]
pub enum Verdict {
    /// Everything is found again.
    Holds,
    /// The engine refuses it, or it cannot be told.
    Unknown,
    /// This rule does not find its own.
    Breaks {
        /// Which.
        rule: usize,
        /// What was sent, what the vendor has, what is read.
        way: [Option<Value>; 3],
    },
    /// This rule sees a change where what was sent is sent again.
    Changes {
        /// Which.
        rule: usize,
        /// What was sent, and what is read.
        way: [Option<Value>; 2],
    },
    /// An expression fails.
    Fails {
        /// Where it stands.
        place: Place,
        /// Why.
        message: String,
        /// While a Record is read.
        reading: bool,
    },
}

impl<'a> Whole<'a> {
    /// Nothing is known yet but what each rule is alone.
    pub fn new(context: &'a Context<'a>, judged: &'a [Judged]) -> Self {
        Self { context, judged, out: vec![false; judged.len()], failing: Vec::new() }
    }

    /// Whether the rule is tried: it keeps the laws alone, it is in force, and stands in no finding.
    pub fn is_in(&self, index: usize) -> bool {
        let rule = self.context.plan.rules.get(index);
        self.values(index).is_some()
            && self.out.get(index) == Some(&false)
            && rule.is_some_and(|rule| read::in_force(rule, self.context.tenant).unwrap_or(false))
    }

    fn values(&self, index: usize) -> Option<&[Value]> {
        self.judged.get(index).map(Judged::values).filter(|values| !values.is_empty())
    }

    /// Takes a rule out: what follows from a finding is no further one.
    pub fn take_out(&mut self, index: usize) {
        if let Some(out) = self.out.get_mut(index) {
            *out = true;
        }
    }

    /// Whether a rule stands in a finding.
    pub fn is_broken(&self, index: usize) -> bool {
        self.out.get(index) == Some(&true) || matches!(self.judged.get(index), Some(Judged::Broken))
    }

    /// Remembers an expression that fails.
    pub fn fails(&mut self, place: &Place) {
        self.failing.push(place.clone());
    }

    /// Whether what the rule reads is compared.
    fn is_compared(&self, index: usize, rule: &Rule) -> bool {
        rule.direction == Direction::Both && rule.lossy.is_none() && self.is_in(index)
    }

    /// The Resource of these picks.
    fn resource(&self, picks: &Picks) -> Resource {
        let mut made = Resource::new();
        made.set_id("7");
        for (index, (rule, pick)) in self.context.plan.rules.iter().zip(picks).enumerate() {
            let (Some(pick), true) = (pick, self.is_in(index)) else { continue };
            let values = self.values(index).unwrap_or_default();
            // Elements before a place in a list are not invented.
            if !has_room(&made, &rule.target) {
                continue;
            }
            if let Some(value) = values.get(pick % values.len().max(1)) {
                sample::put(&mut made, &rule.target, value.clone());
            }
        }
        made
    }

    fn written(&self, resource: &Resource) -> Result<Value, Verdict> {
        let sends = |index: usize, _: &Rule| self.is_in(index);
        let fields = self.context.writer().fields(resource, sends, true);
        let fields = fields.map_err(|error| self.stopped(error, false))?;
        Ok(self.context.with_key(fields))
    }

    fn read(&self, record: &Value) -> Result<Resource, Verdict> {
        let read =
            read::resource(self.context.plan, record, self.context.tenant, &self.context.names);
        read.map(|read| read.resource).map_err(|error| self.stopped(error, true))
    }

    fn stopped(&self, error: Error, reading: bool) -> Verdict {
        match error {
            Error::Expression { place, message } if !self.failing.contains(&place) => {
                Verdict::Fails { place, message, reading }
            }
            _ => Verdict::Unknown,
        }
    }

    /// The first rule that does not find in `got` what was `sent`; `asked` says which are asked.
    fn lost(
        &self,
        [sent, got]: [&Resource; 2],
        record: &Value,
        made: bool,
        asked: impl Fn(&Rule) -> bool,
    ) -> Option<Verdict> {
        let rules = self.context.plan.rules.iter().enumerate();
        let mut rules = rules.filter(|(at, rule)| self.is_compared(*at, rule) && asked(rule));
        rules.find_map(|(index, rule)| {
            let pair = (place::take(sent, &rule.target), place::take(got, &rule.target));
            let holds = match pair {
                (None, None) => true,
                (Some(sent), Some(got)) => norm::same(rule, sent, got),
                (Some(sent), None) => norm::nothing(rule, sent),
                (None, Some(_)) => {
                    rule.missing.is_some()
                        || rule.default.is_some()
                        || !made && rule.clear == Clear::Omit
                        || looks_around(rule)
                        // No Record is without its key: the vendor makes what is not sent.
                        || rule.field() == Some(&self.context.plan.key)
                }
            };
            let vendor = rule.field().and_then(|field| field.get(record));
            let way = [pair.0, vendor, pair.1].map(Option::<&Value>::cloned);
            (!holds).then_some(Verdict::Breaks { rule: index, way })
        })
    }
}

impl Case {
    /// Runs it.
    pub fn verdict(&self, whole: &Whole<'_>) -> Verdict {
        let run = match &self.before {
            None => self.made(whole),
            Some(before) => self.changed(whole, before),
        };
        run.unwrap_or_else(|stopped| stopped)
    }

    /// `read(fields(R)) = R`.
    fn made(&self, whole: &Whole<'_>) -> Result<Verdict, Verdict> {
        let sent = whole.resource(&self.after);
        let record = whole.written(&sent)?;
        let got = whole.read(&record)?;
        Ok(whole.lost([&sent, &got], &record, true, |_| true).unwrap_or(Verdict::Holds))
    }

    /// `read(whole(r, R -> R2)) = R2`, and R2 sent again is no change.
    fn changed(&self, whole: &Whole<'_>, before: &Picks) -> Result<Verdict, Verdict> {
        let (plan, writer) = (whole.context.plan, whole.context.writer());
        let held = whole.resource(before);
        let record = whole.written(&held)?;
        let before = whole.read(&record)?;
        let mut sent = whole.resource(&self.after);
        // What cannot change stays as it is; a client that says otherwise is refused, or not heard.
        for rule in plan.rules.iter().filter(|rule| rule.only_create) {
            let stays = place::take(&before, &rule.target).cloned().unwrap_or_default();
            place::put(&mut sent, &rule.target, stays);
        }
        let units = |record: &Value, before: &Resource, after: &Resource| {
            let mut units = units::against(plan, &writer, record, before, after)
                .map_err(|error| whole.stopped(error, false))?;
            units.retain(|unit| whole.is_in(unit.rule));
            Ok::<_, Verdict>(units)
        };
        let first = units(&record, &before, &sent)?;
        let record =
            writer.whole(&first, &sent, &record).map_err(|error| whole.stopped(error, false))?;
        let got = whole.read(&record)?;
        // What falls back on another field while it has no value of its own may be told that value: it
        // is no change then, and goes with the other field.
        let own = |rule: &Rule| !looks_around(rule) || place::take(&held, &rule.target).is_some();
        if let Some(lost) = whole.lost([&sent, &got], &record, false, own) {
            return Ok(lost);
        }
        // What clearing leaves as it was is cleared again, and M303 says so; what is made of others' values may read
        // as those.
        let stays = |rule: &Rule| {
            (rule.clear == Clear::Omit || looks_around(rule))
                && place::take(&sent, &rule.target).is_none()
        };
        let again = units(&record, &got, &sent)?.into_iter().find(|unit| {
            plan.rules
                .get(unit.rule)
                .is_some_and(|rule| whole.is_compared(unit.rule, rule) && own(rule) && !stays(rule))
        });
        Ok(again.map_or(Verdict::Holds, |unit| {
            let way = [unit.after, unit.before].map(|value| Some(value).filter(|v| !v.is_null()));
            Verdict::Changes { rule: unit.rule, way }
        }))
    }
}

/// Whether the elements before the place that is meant are there.
fn has_room(resource: &Resource, target: &Target) -> bool {
    let Target::Element { list, select: Select::Index(index), .. } = target else { return true };
    *index <= resource.get(list).and_then(Value::as_array).map_or(0, Vec::len)
}
