//! Read: Record -> Resource.

use super::{Error, place};
use crate::{
    mapping::{
        expr::Scope,
        plan::{
            Direction, Passage, ResourcePlan, Rule, RuleKind, SubKind, SubRule, TableRow, Target,
        },
    },
    scim::{attribute::AttributePath, resource::Resource, schema::Type},
    upstream::record::{FieldPath, text, text_of},
};
use serde_json::{Map, Value};

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

/// What a rule finds in a Record.
enum Found {
    Value(Value),
    Nothing,
    Unreadable,
}

fn rule_value(rule: &Rule, record: &Value, scope: &Scope<'_>) -> Result<Found, Error> {
    let found = match &rule.kind {
        RuleKind::Field { field, read: None, .. } => {
            scalar(&rule.passage, field.get(record).unwrap_or(&Value::Null))
        }
        RuleKind::Field { read: Some(read), .. } | RuleKind::Computed { read } => {
            let value =
                read.evaluate(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            scalar(&rule.passage, &value)
        }
        RuleKind::List { field, owned, element, plain, .. } => {
            list(field.get(record).unwrap_or(&Value::Null), owned, element, *plain)
        }
        RuleKind::Constant(_) | RuleKind::Ignore | RuleKind::Reject => Found::Nothing,
    };
    match (&found, &rule.missing) {
        (Found::Nothing, Some(missing)) => {
            let value =
                missing.value(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            Ok(coerce(value, rule.passage.kind).map_or(Found::Nothing, Found::Value))
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

/// One vendor value: converters backwards, then the table, then the schema's type.
fn scalar(passage: &Passage, vendor: &Value) -> Found {
    if unassigned(vendor) {
        return Found::Nothing;
    }
    match unconverted(passage, vendor) {
        Some(value) if unassigned(&value) => Found::Nothing,
        Some(value) => Found::Value(value),
        None => Found::Unreadable,
    }
}

/// The SCIM value of a vendor value, or nothing when it fits neither table nor type.
pub fn unconverted(passage: &Passage, vendor: &Value) -> Option<Value> {
    let mut value = std::borrow::Cow::Borrowed(vendor);
    for converter in passage.converters.iter().rev() {
        value = std::borrow::Cow::Owned(converter.read(&value)?);
    }
    if let Some(table) = &passage.table {
        return row_of(&table.rows, &value).map(|row| row.scim.clone());
    }
    match (passage.list, value.into_owned()) {
        (true, Value::Array(items)) => {
            items.into_iter().map(|item| coerce(item, passage.kind)).collect()
        }
        (true, single) => Some(Value::Array(vec![coerce(single, passage.kind)?])),
        (false, value) => coerce(value, passage.kind),
    }
}

/// Vendor values compare by text: `1` is `"1"`.
fn row_of<'a>(rows: &'a [TableRow], vendor: &Value) -> Option<&'a TableRow> {
    let wanted = text(vendor)?;
    rows.iter()
        .find(|row| row.vendor.iter().any(|value| text(value) == Some(wanted)))
        .or_else(|| rows.iter().find(|row| row.rest))
}

/// A list of vendor elements: those that this rule owns, one SCIM element each.
fn list(vendor: &Value, owned: &[(String, Value)], subs: &[SubRule], plain: bool) -> Found {
    let items = match vendor {
        Value::Array(items) => items,
        other if unassigned(other) => return Found::Nothing,
        _ => return Found::Unreadable,
    };
    let elements: Vec<Value> = items
        .iter()
        .filter(|item| owns(owned, item))
        .enumerate()
        .filter_map(|(position, item)| element(subs, item, position == 0))
        .filter_map(|mut element| match plain {
            true => element.get_mut("value").map(Value::take),
            false => Some(element),
        })
        .collect();
    if elements.is_empty() { Found::Nothing } else { Found::Value(Value::Array(elements)) }
}

/// Whether a vendor element has the fields of `where`.
pub fn owns(owned: &[(String, Value)], item: &Value) -> bool {
    owned.iter().all(|(name, wanted)| item.get(name).and_then(text) == text(wanted))
}

/// One vendor element in SCIM's words; nothing when only constants would be left.
pub fn element(subs: &[SubRule], item: &Value, first: bool) -> Option<Value> {
    let mut members = Map::new();
    for sub in subs.iter().filter(|sub| sub.direction != Direction::Write) {
        if let SubKind::Field(field) = &sub.kind
            && let Found::Value(value) =
                scalar(&sub.passage, field.get(item).unwrap_or(&Value::Null))
        {
            members.insert(sub.name.clone(), value);
        }
    }
    if members.is_empty() {
        return None;
    }
    for sub in subs {
        match &sub.kind {
            SubKind::Constant(value) => {
                members.insert(sub.name.clone(), value.clone());
            }
            SubKind::First if first => {
                members.insert(sub.name.clone(), Value::Bool(true));
            }
            SubKind::First | SubKind::Field(_) => {}
        }
    }
    Some(Value::Object(members))
}

/// Fits a value to the schema's type, tolerating what vendors confuse: `"true"`, `30`, `"30"`.
pub fn coerce(value: Value, kind: Type) -> Option<Value> {
    match (kind, value) {
        (Type::Boolean, Value::Bool(value)) => Some(Value::Bool(value)),
        (Type::Boolean, other) => match text_of(&other)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        (Type::Integer | Type::Decimal, Value::Number(number)) => Some(Value::Number(number)),
        (Type::Integer | Type::Decimal, Value::String(text)) => {
            serde_json::from_str::<serde_json::Number>(text.trim()).ok().map(Value::Number)
        }
        (Type::Complex, value @ (Value::Object(_) | Value::Array(_))) => Some(value),
        (Type::Complex | Type::Integer | Type::Decimal, _) => None,
        (_, value @ Value::String(_)) => Some(value),
        (_, value) => text_of(&value).map(Value::String),
    }
}

/// absent, null, `""` and `[]` are one thing (RFC 7643 §2.5).
pub fn unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The part of a composed Record that an attribute reads, as the first name of its field.
pub fn reads(rule: &Rule) -> Option<&str> {
    rule.field().and_then(FieldPath::top)
}

/// The canonical path of `externalId` and other plain attributes.
pub fn plain(name: &str) -> AttributePath {
    AttributePath { urn: None, name: name.to_owned(), sub: None }
}
