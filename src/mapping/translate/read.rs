//! Read: Record -> Resource.

use super::{
    Error,
    names::Names,
    passage::{self, Found},
};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::{Expression, Scope},
        plan::{Direction, ResourcePlan, Rule, RuleKind},
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
    /// What was left unassigned for that, to be counted.
    pub unreadable: Vec<Unreadable<'a>>,
}

/// A vendor value that fits no table row or type, of a rule or of one part of a list's element.
#[derive(Debug)]
pub struct Unreadable<'a> {
    /// `active`, `emails.type`
    pub attribute: String,
    /// Where the rule stands.
    pub place: &'a Place,
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
    expression: Option<&Expression>,
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
    names: &Names<'_>,
) -> Result<Reading<'a>, Error> {
    let id = key(plan, record).ok_or_else(|| Error::Record {
        place: plan.place.clone(),
        message: format!("the record has no key at `{}`", plan.key),
    })?;
    let scope = scope(record, tenant, names);
    // Room for the lists that rules share, too.
    let mut values = Vec::with_capacity(plan.rules.len() + plan.in_resource.lists.len());
    let mut unreadable = Vec::new();
    let field = |rule: usize| plan.rules.get(rule)?.field()?.get(record);
    for (rule, vendor) in plan.rules.iter().zip(plan.in_record.apart(record, field)) {
        let read = match rule.direction != Direction::Write && in_force(rule, tenant)? {
            true => rule_value(rule, vendor, &scope, names, &mut unreadable)?,
            false => Found::Nothing,
        };
        values.push(match read {
            Found::Value(value) => Some(value),
            Found::Nothing => None,
            Found::Unreadable if whole(rule) => {
                let message = format!("not every element of `{}` can be read", rule.target);
                return Err(Error::Record { place: rule.place.clone(), message });
            }
            Found::Unreadable => {
                let attribute = rule.target.to_string();
                unreadable.push(Unreadable { attribute, place: &rule.place });
                None
            }
        });
    }
    let resource = plan.in_resource.together(&plan.rules, values, id);
    Ok(Reading { resource, unreadable })
}

/// What one rule reads of a Record.
pub fn value(
    rule: &Rule,
    record: &Value,
    tenant: &Value,
    names: &Names<'_>,
) -> Result<Found, Error> {
    let scope = scope(record, tenant, names);
    let vendor = rule.field().and_then(|field| field.get(record));
    rule_value(rule, vendor, &scope, names, &mut Vec::new())
}

/// Whether the Record has a value of the rule's own: without one it reads as its `missing`.
pub fn has_own(
    rule: &Rule,
    record: &Value,
    tenant: &Value,
    names: &Names<'_>,
) -> Result<bool, Error> {
    let scope = scope(record, tenant, names);
    let vendor = rule.field().and_then(|field| field.get(record));
    let found = own_value(rule, vendor, &scope, names, &mut Vec::new())?;
    Ok(found != Found::Nothing)
}

/// The names that a rule reads by.
fn scope<'s>(record: &'s Value, tenant: &'s Value, names: &'s Names<'_>) -> Scope<'s> {
    Scope::new().with("record", record).with("tenant", tenant).with("lookups", names.lists())
}

/// A list of references or names that is written too must be read whole: what is missing in it would be
/// taken out of it.
fn whole(rule: &Rule) -> bool {
    let names = match &rule.kind {
        RuleKind::List { elements, .. } => elements.refers() || elements.looks_up(),
        _ => rule.passage.list && rule.lookup.is_some(),
    };
    names && rule.writable()
}

/// Parts of elements that cannot be read are told beside what can.
fn rule_value<'a>(
    rule: &'a Rule,
    vendor: Option<&Value>,
    scope: &Scope<'_>,
    names: &Names<'_>,
    unreadable: &mut Vec<Unreadable<'a>>,
) -> Result<Found, Error> {
    let found = own_value(rule, vendor, scope, names, unreadable)?;
    match (&found, &rule.missing) {
        (Found::Nothing, Some(missing)) => {
            names.need(missing.holes().flat_map(Expression::names));
            let value =
                missing.value(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            Ok(passage::coerce(value, rule.passage.kind).map_or(Found::Nothing, Found::Value))
        }
        _ => Ok(found),
    }
}

/// The same without its `missing`.
fn own_value<'a>(
    rule: &'a Rule,
    vendor: Option<&Value>,
    scope: &Scope<'_>,
    names: &Names<'_>,
    unreadable: &mut Vec<Unreadable<'a>>,
) -> Result<Found, Error> {
    let lookup = rule.lookup.as_ref();
    let vendor = vendor.unwrap_or(&Value::Null);
    Ok(match &rule.kind {
        RuleKind::Field { read: None, .. } => names.read(lookup, &rule.passage, vendor),
        RuleKind::Field { read: Some(read), .. } | RuleKind::Computed { read } => {
            names.need(read.names());
            let value =
                read.evaluate(scope).map_err(|error| Error::expression(&rule.place, &error))?;
            names.read(lookup, &rule.passage, &value)
        }
        RuleKind::List { elements, .. } => {
            let Some(list) = passage::apart(&rule.passage, vendor) else {
                return Ok(Found::Unreadable);
            };
            let (found, parts) = elements
                .read(&list, scope, names)
                .map_err(|error| Error::expression(&rule.place, &error))?;
            unreadable.extend(parts.into_iter().map(|sub| Unreadable {
                attribute: format!("{}.{}", rule.target, sub.name),
                place: &sub.place,
            }));
            found
        }
        RuleKind::Constant(value) => Found::Value(value.clone()),
        RuleKind::Kept | RuleKind::Groups | RuleKind::Ignore | RuleKind::Reject => Found::Nothing,
    })
}

/// Whether the rule's `when` holds for this tenant.
pub fn in_force(rule: &Rule, tenant: &Value) -> Result<bool, Error> {
    let Some(when) = &rule.when else { return Ok(true) };
    let value = when
        .evaluate(&Scope::new().with("tenant", tenant))
        .map_err(|error| Error::expression(&rule.place, &error))?;
    Ok(value == Value::Bool(true))
}
