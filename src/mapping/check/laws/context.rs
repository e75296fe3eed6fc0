//! Context: who the rules are tried on. One person with a value for every attribute, and the Record that
//! the vendor has of it, with fields and elements that no rule names.

use super::generate::{self, Generator};
use crate::{
    mapping::{
        check::sample,
        expr::Expression,
        plan::{ResourcePlan, Rule, RuleKind},
        translate::{names::Names, passage, write::Writer},
    },
    scim::resource::Resource,
};
use serde_json::{Value, json};

/// One resource under the laws.
pub struct Context<'a> {
    /// Its mapping.
    pub plan: &'a ResourcePlan,
    /// The tenant.
    pub tenant: &'a Value,
    now: Value,
    /// A lookup is a relabelling: each name is its own key.
    pub names: Names<'static>,
    /// By rule: what is tried, in the order of trial.
    pub candidates: Vec<Vec<Value>>,
    /// With a value for every rule.
    pub person: Resource,
    /// What the vendor has of that person.
    pub record: Value,
}

impl<'a> Context<'a> {
    /// Generates what is tried.
    pub fn new(plan: &'a ResourcePlan, tenant: &'a Value, generator: &mut Generator) -> Self {
        let candidates = plan.rules.iter().map(|rule| candidates(plan, rule, generator)).collect();
        let mut context = Self {
            plan,
            tenant,
            now: json!("2026-01-01T00:00:00Z"),
            names: Names::sample(plan),
            candidates,
            person: Resource::new(),
            record: Value::Null,
        };
        context.person = context.everything();
        // Where the person cannot be written, its rules are judged on a Record of nothing else.
        let fields = context.writer().fields(&context.person, |_, _| true, true);
        context.record = context.with_key(fields.unwrap_or_else(|_| json!({})));
        context
    }

    /// The engine that writes.
    pub fn writer(&self) -> Writer<'_> {
        Writer { plan: self.plan, tenant: self.tenant, now: &self.now, names: &self.names }
    }

    /// The Record with a key, and with a field that no rule names.
    pub fn with_key(&self, mut record: Value) -> Value {
        if self.plan.key.get(&record).is_none() {
            self.plan.key.set(&mut record, json!("7"));
        }
        if let Some(members) = record.as_object_mut() {
            members.entry("nobodys").or_insert_with(|| json!({ "kept": [1] }));
        }
        record
    }

    fn everything(&self) -> Resource {
        let mut person = Resource::new();
        person.set_id("7");
        for (index, (rule, values)) in self.plan.rules.iter().zip(&self.candidates).enumerate() {
            let written: Vec<&Value> =
                values.iter().filter(|value| takes(rule, value, self.tenant)).collect();
            // Neighbours have different values, so that none can stand in for another.
            if let Some(value) = written.get(index % written.len().max(1)) {
                sample::put(&mut person, &rule.target, (*value).clone());
            }
        }
        person
    }

    /// A Record for a rule that looks at nothing but its own field: elements of others stand in its list.
    pub fn neighbours(&self, rule: &Rule) -> Value {
        let mut record = self.with_key(json!({}));
        let Some(field) = rule.field() else { return record };
        let foreign = json!([{ "nobodys": "kept" }]);
        match &rule.kind {
            RuleKind::List { elements, .. } if !elements.owned.is_empty() => {
                field.set(&mut record, foreign);
            }
            // By its place in a list it would be anybody's.
            RuleKind::Field { .. } if field.to_string().contains('[') => {
                if let Some(list) = field.within_list() {
                    list.set(&mut record, foreign);
                }
            }
            _ => {}
        }
        record
    }
}

fn candidates(plan: &ResourcePlan, rule: &Rule, generator: &mut Generator) -> Vec<Value> {
    let attribute = sample::attribute(plan, &rule.target);
    let values = match &rule.kind {
        RuleKind::List { elements, .. } => generator.lists(elements, attribute),
        RuleKind::Field { .. } => generator.values(&rule.passage, attribute),
        _ => Vec::new(),
    };
    values.into_iter().filter(|value| generate::allowed(value, attribute)).collect()
}

/// Whether the vendor's value of it can be made, as far as that depends on the value alone.
fn takes(rule: &Rule, value: &Value, tenant: &Value) -> bool {
    match &rule.kind {
        RuleKind::Field { write: None, .. } => passage::write(&rule.passage, value).is_ok(),
        RuleKind::List { elements, .. } => {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let items = elements.write(&rule.target, list, tenant, &Names::default());
            items.is_ok_and(|items| passage::together(&rule.passage, items).is_ok())
        }
        _ => true,
    }
}

/// Whether an expression looks at the tenant's variables: the sample's may be none that it takes.
pub fn of_tenant(rule: &Rule) -> bool {
    let RuleKind::Field { read, write, .. } = &rule.kind else { return false };
    let looks =
        |expression: &Expression| expression.names().iter().any(|name| name.root == "tenant");
    read.iter().chain(write).any(looks)
}

/// Whether a rule looks at more than its own attribute and field.
pub fn looks_around(rule: &Rule) -> bool {
    matches!(&rule.kind, RuleKind::Field { read, write, .. } if read.is_some() || write.is_some())
        || rule.missing.as_ref().is_some_and(|missing| !missing.is_literal())
}
