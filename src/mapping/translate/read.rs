//! Read: Record -> Resource.

use super::{
    Error,
    passage::{self, Found},
    place,
};
use crate::{
    mapping::{
        expr::Scope,
        plan::{Direction, ResourcePlan, Rule, RuleKind, Target},
    },
    scim::resource::Resource,
    upstream::record::text_of,
};
use serde_json::Value;

/// A Resource, and what of the Record could not be read.
#[derive(Debug)]
pub struct Reading<'a> {
    /// The vendor's state in SCIM's words.
    pub resource: Resource,
    /// Rules whose vendor value fits no table row or type; left unassigned, to be counted.
    pub unreadable: Vec<&'a Rule>,
}

/// The text of a Record's key. Numbers keep every digit.
pub fn key(plan: &ResourcePlan, record: &Value) -> Option<String> {
    plan.key.get(record).and_then(text_of).filter(|key| !key.is_empty())
}

/// Whether the Record counts as there (`exists:`).
pub fn exists(plan: &ResourcePlan, record: &Value, tenant: &Value) -> Result<bool, Error> {
    truth(plan.exists.as_ref(), true, plan, record, tenant)
}

/// Whether the Record is already ours (`managed:`).
pub fn managed(plan: &ResourcePlan, record: &Value, tenant: &Value) -> Result<bool, Error> {
    truth(plan.managed.as_ref(), false, plan, record, tenant)
}

fn truth(
    expression: Option<&crate::mapping::expr::Expression>,
    otherwise: bool,
    plan: &ResourcePlan,
    record: &Value,
    tenant: &Value,
) -> Result<bool, Error> {
    let Some(expression) = expression else { return Ok(otherwise) };
    let scope = Scope::new().with("record", record).with("tenant", tenant);
    let value =
        expression.evaluate(&scope).map_err(|error| Error::expression(&plan.place, &error))?;
    Ok(value == Value::Bool(true))
}

/// Reads a whole Record.
pub fn resource<'a>(
    plan: &'a ResourcePlan,
    record: &Value,
    tenant: &Value,
) -> Result<Reading<'a>, Error> {
    let id = key(plan, record).ok_or_else(|| Error::Record {
        place: plan.place.clone(),
        message: format!("the record has no key at `{}`", plan.key),
    })?;
    let scope = Scope::new().with("record", record).with("tenant", tenant);
    let mut reading = Reading { resource: Resource::new(), unreadable: Vec::new() };
    reading.resource.set_id(&id);
    let mut constants = Vec::new();
    for rule in &plan.rules {
        if rule.direction == Direction::Write || !in_force(rule, tenant)? {
            continue;
        }
        if let RuleKind::Constant(value) = &rule.kind {
            constants.push((rule, value));
            continue;
        }
        match rule_value(rule, record, &scope)? {
            Found::Value(value) => place::put(&mut reading.resource, &rule.target, value),
            Found::Nothing => {}
            Found::Unreadable if whole(rule) => {
                let message = format!("not every element of `{}` can be read", rule.target);
                return Err(Error::Record { place: rule.place.clone(), message });
            }
            Found::Unreadable => reading.unreadable.push(rule),
        }
    }
    // In an element a constant only stands beside another value.
    for (rule, value) in constants {
        let alone = matches!(rule.target, Target::Attribute(_));
        if alone || place::element_exists(&reading.resource, &rule.target) {
            place::put(&mut reading.resource, &rule.target, value.clone());
        }
    }
    Ok(reading)
}

/// A list of references that is written too must be read whole: what is missing in it would be
/// taken out of it.
fn whole(rule: &Rule) -> bool {
    matches!(&rule.kind, RuleKind::List { elements, .. } if elements.refers() && rule.writable())
}

fn rule_value(rule: &Rule, record: &Value, scope: &Scope<'_>) -> Result<Found, Error> {
    let found = match &rule.kind {
        RuleKind::Field { field, read: None, .. } => {
            passage::read(&rule.passage, field.get(record).unwrap_or(&Value::Null))
        }
        RuleKind::Field { read: Some(read), .. } | RuleKind::Computed { read } => {
            let value =
                read.evaluate(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            passage::read(&rule.passage, &value)
        }
        RuleKind::List { field, elements, .. } => {
            elements.read(field.get(record).unwrap_or(&Value::Null))
        }
        RuleKind::Constant(_) | RuleKind::Kept | RuleKind::Ignore | RuleKind::Reject => {
            Found::Nothing
        }
    };
    match (&found, &rule.missing) {
        (Found::Nothing, Some(missing)) => {
            let value =
                missing.value(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            Ok(passage::coerce(value, rule.passage.kind).map_or(Found::Nothing, Found::Value))
        }
        _ => Ok(found),
    }
}

/// Whether the rule's `when` holds for this tenant.
pub fn in_force(rule: &Rule, tenant: &Value) -> Result<bool, Error> {
    let Some(when) = &rule.when else { return Ok(true) };
    let value = when
        .evaluate(&Scope::new().with("tenant", tenant))
        .map_err(|error| Error::expression(&rule.place, &error))?;
    Ok(value == Value::Bool(true))
}
