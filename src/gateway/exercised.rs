//! Exercised: what of a mapping was used. Noted in rehearsals only; production pays nothing for it.

use crate::{
    diagnostic::Place,
    mapping::{
        plan::{ResourcePlan, Rule, RuleKind, Step},
        translate::{
            failure::Verdict,
            place,
            unit::{Part, Unit},
        },
    },
    scim::{compare::is_assigned, resource::Resource},
    store::Change,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// How something was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// A rule gave a value of the vendor's, or of the store's.
    Read,
    /// A value of the client's went through a rule.
    Written,
    /// A step made its call.
    Called,
    /// A row of `errors` judged an answer, or one of `outside` a resource.
    Judged,
    /// A `find`, the `delete` or a list of Links was carried out.
    Ran,
}

/// One use of one line of the mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// How.
    pub how: How,
    /// Where that which was used begins in the mapping, in bytes.
    pub at: usize,
    /// Of a list, the sub-attribute of its elements.
    pub sub: Option<String>,
}

/// All uses so far.
#[derive(Debug, Default)]
pub struct Exercised {
    // A std mutex: nothing awaits while it is held. Read-again steps run side by side.
    uses: Mutex<BTreeSet<Use>>,
}

impl Exercised {
    /// What was noted.
    pub fn into_uses(self) -> BTreeSet<Use> {
        self.uses.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// A Record read as this. What only `missing` gave is no value of the vendor's.
    pub fn read(&self, plan: &ResourcePlan, record: &Value, resource: &Resource) {
        for rule in &plan.rules {
            let given = match &rule.kind {
                RuleKind::Field { field, read: None, .. } | RuleKind::List { field, .. } => {
                    field.get(record).is_some_and(is_assigned)
                }
                _ => rule.missing.is_none(),
            };
            if given {
                self.value(How::Read, rule, place::take(resource, &rule.target));
            }
        }
    }

    /// The store gave the value of a kept rule.
    pub fn kept(&self, rule: &Rule) {
        self.note(How::Read, &rule.place, None);
    }

    /// The store took these.
    pub fn keeps(&self, plan: &ResourcePlan, changes: &[Change]) {
        for (_, rule) in plan.kept_rules() {
            let name = rule.target.to_string();
            let kept =
                |change: &Change| matches!(change, Change::Keep { path, .. } if *path == name);
            if changes.iter().any(kept) {
                self.note(How::Written, &rule.place, None);
            }
        }
    }

    /// A create sends these fields: of the resource, what rules of these indexes say.
    pub fn created(
        &self,
        plan: &ResourcePlan,
        wanted: &Resource,
        fields: &Value,
        sends: impl Fn(usize) -> bool,
    ) {
        for (index, rule) in plan.rules.iter().enumerate() {
            let there = rule.field().is_some_and(|field| field.get(fields).is_some());
            if !there || !rule.writable() || !sends(index) {
                continue;
            }
            let sent = place::take(wanted, &rule.target);
            self.value(How::Written, rule, sent);
            // A default, or an expression over other attributes. Of a list that several rules write it may be another's.
            if sent.is_none() && !matches!(rule.kind, RuleKind::List { .. }) {
                self.note(How::Written, &rule.place, None);
            }
        }
        self.extra(plan, fields);
    }

    /// An update sends these units. Taking away is no value.
    pub fn changed(&self, plan: &ResourcePlan, units: &[Unit]) {
        for unit in units.iter().filter(|unit| unit.part != Part::Removes) {
            let Some(rule) = plan.rules.get(unit.rule) else { continue };
            self.value(How::Written, rule, Some(&unit.after).filter(|after| is_assigned(after)));
        }
    }

    /// Fields that no attribute stands for are among these.
    pub fn extra(&self, plan: &ResourcePlan, fields: &Value) {
        for extra in &plan.fields {
            if extra.field.get(fields).is_some() {
                self.note(How::Written, &extra.place, None);
            }
        }
    }

    /// A step makes its call.
    pub fn called(&self, step: &Step) {
        self.note(How::Called, &step.place, None);
    }

    /// An answer was judged.
    pub fn judged(&self, verdict: &Verdict) {
        if verdict.by_row {
            self.note(How::Judged, &verdict.place, None);
        }
    }

    /// A row of `outside` held for a resource.
    pub fn held_for(&self, place: &Place) {
        self.note(How::Judged, place, None);
    }

    /// What stands at this place was carried out.
    pub fn ran(&self, place: &Place) {
        self.note(How::Ran, place, None);
    }

    fn value(&self, how: How, rule: &Rule, value: Option<&Value>) {
        let Some(value) = value else { return };
        self.note(how, &rule.place, None);
        let RuleKind::List { elements, .. } = &rule.kind else { return };
        for sub in &elements.subs {
            let has = |element: &Value| elements.plain || element.get(&sub.name).is_some();
            if value.as_array().is_some_and(|list| list.iter().any(has)) {
                self.note(how, &rule.place, Some(&sub.name));
            }
        }
    }

    fn note(&self, how: How, place: &Place, sub: Option<&str>) {
        let used = Use { how, at: place.span.start, sub: sub.map(str::to_owned) };
        // A panic in between leaves a set that is short of a use, no worse.
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(used);
    }
}
