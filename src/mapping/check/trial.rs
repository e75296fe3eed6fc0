//! A trial: the calls that an operation would make for a sample, rendered by the engine itself.

use super::sample::Samples;
use crate::{
    mapping::{
        expr::Scope,
        generate::Recipe,
        plan::{Each, Operation, ResourcePlan, Update},
        translate::{Error, names::Names, render, unit::Unit, units, write::Writer},
    },
    scim::resource::Resource,
    secret::Secret,
    upstream::Call,
};
use serde_json::{Map, Value, json};

/// One resource under trial, for one tenant.
pub struct Trial<'a> {
    /// Its mapping.
    pub plan: &'a ResourcePlan,
    /// The tenant.
    pub tenant: &'a Value,
    /// What is sent.
    pub samples: Samples,
    /// Rules that are not tried.
    pub skipped: Vec<usize>,
    now: Value,
    /// A lookup is a relabelling: each name is its own key.
    names: Names<'static>,
}

/// Items at most: a sample has two.
const ITEMS: usize = 8;

impl<'a> Trial<'a> {
    /// Of a resource.
    pub fn new(plan: &'a ResourcePlan, tenant: &'a Value) -> Self {
        let samples = Samples::of(plan);
        let (skipped, now) = (Vec::new(), json!("2026-01-01T00:00:00Z"));
        Self { plan, tenant, samples, skipped, now, names: Names::sample(plan) }
    }

    /// Without these rules.
    pub fn without(self, skipped: Vec<usize>) -> Self {
        Self { skipped, ..self }
    }

    fn writer(&self) -> Writer<'_> {
        Writer { plan: self.plan, tenant: self.tenant, now: &self.now, names: &self.names }
    }

    /// The calls of `create`; nothing when a sample does not get that far.
    pub fn create(&self, create: &Operation, resource: &Resource) -> Option<Vec<Call>> {
        let claims = create.claims.as_deref();
        let sends = |index: usize| units::created(self.plan, claims, index);
        // What is made up is the same for both samples: no claim is shown by it.
        let make = |_: &Recipe| Some(Secret::new("generated"));
        let creation = self.writer().creation(resource, |index, _| sends(index), make).ok()?;
        let scope = Scope::new()
            .with("tenant", self.tenant)
            .with("now", &self.now)
            .with("resource", resource.as_value())
            .with("fields", &creation.fields);
        calls(create, &scope)
    }

    /// The calls of `get` for one that is there; nothing when a sample does not get that far.
    pub fn get(&self, get: &Operation, person: &Resource) -> Option<Vec<Call>> {
        let key = self.key(person);
        let scope =
            Scope::new().with("tenant", self.tenant).with("now", &self.now).with("key", &key);
        calls(get, &scope)
    }

    /// The calls of `delete` for one that is there; nothing when a sample does not get that far.
    pub fn delete(&self, delete: &Operation, before: &Resource) -> Option<Vec<Call>> {
        let key = self.key(before);
        let record = self.record(before)?;
        let scope = Scope::new()
            .with("tenant", self.tenant)
            .with("now", &self.now)
            .with("key", &key)
            .with("before", before.as_value())
            .with("record", &record);
        calls(delete, &scope)
    }

    fn key(&self, person: &Resource) -> Value {
        json!(person.id().unwrap_or_default())
    }

    /// The vendor's Record of one that is there.
    pub fn record(&self, before: &Resource) -> Option<Value> {
        let mut record = self.writer().fields(before, |_, _| true, true).ok()?;
        if self.plan.key.get(&record).is_none() {
            self.plan.key.set(&mut record, self.key(before));
        }
        Some(record)
    }

    /// The calls of an update that takes these units; nothing when a sample does not get that far.
    pub fn update(
        &self,
        update: &Update,
        before: &Resource,
        after: &Resource,
        units: &[Unit],
    ) -> Option<Vec<Call>> {
        let writer = self.writer();
        let key = self.key(before);
        let record = self.record(before)?;
        // Only what is asked for: each of these is as long as the mapping.
        let made = |name: &str, make: &dyn Fn() -> Result<Value, Error>| match update
            .operation
            .mentions(name)
        {
            true => make().ok(),
            false => Some(Value::Null),
        };
        let changes = made("changes", &|| Ok(units::changes(self.plan, units, before, after)))?;
        let changed = made("changed", &|| writer.changed(units, after, &record))?;
        let whole = made("whole", &|| writer.whole(units, after, &record))?;
        let fields = made("fields", &|| writer.fields(after, |_, rule| !rule.only_create, false))?;
        let scope = Scope::new()
            .with("tenant", self.tenant)
            .with("now", &self.now)
            .with("key", &key)
            .with("before", before.as_value())
            .with("after", after.as_value())
            .with("resource", after.as_value())
            .with("changes", &changes)
            .with("record", &record)
            .with("changed", &changed)
            .with("whole", &whole)
            .with("fields", &fields);
        if let Some(when) = &update.when
            && when.evaluate(&scope).ok()? != Value::Bool(true)
        {
            return None;
        }
        let Some(each) = &update.for_each else { return calls(&update.operation, &scope) };
        let mut all = Vec::new();
        for group in groups(each, &scope)? {
            all.extend(calls(&update.operation, &scope.clone().with(each.name(), &group))?);
        }
        Some(all)
    }
}

/// What calls are made for.
fn groups(each: &Each, scope: &Scope<'_>) -> Option<Vec<Value>> {
    let Value::Array(mut items) = each.list.evaluate(scope).ok()? else { return None };
    items.truncate(ITEMS);
    Some(each.groups(items))
}

/// What the steps send. What earlier ones would capture is made up; no step that runs means that
/// nothing can be said.
fn calls(operation: &Operation, scope: &Scope<'_>) -> Option<Vec<Call>> {
    let mut captured = Map::new();
    let mut all = Vec::new();
    for step in &operation.steps {
        let steps = Value::Object(captured.clone());
        let names = scope.clone().with("steps", &steps);
        let runs = match &step.when {
            None => true,
            Some(when) => when.evaluate(&names).ok()? == Value::Bool(true),
        };
        if runs {
            match &step.for_each {
                None => all.push(render::call(step, &names).ok()?),
                Some(each) => {
                    for group in groups(each, &names)? {
                        let names = names.clone().with(each.name(), &group);
                        all.push(render::call(step, &names).ok()?);
                    }
                }
            }
        }
        let mut kept: Map<String, Value> =
            step.capture.iter().map(|(name, _)| (name.clone(), json!("7"))).collect();
        kept.insert("status".to_owned(), json!(200));
        captured.insert(step.name.clone(), Value::Object(kept));
    }
    (!all.is_empty()).then_some(all)
}
