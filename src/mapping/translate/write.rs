//! Write: Resources and units become the vendor's fields.
//!
//! Three objects come of it, for templates to use: `fields` (what a create sends), `changed`
//! (what an update's units come to) and `whole` (the present Record with `changed` over it).

use super::{Error, place, read, unit::Unit};
use crate::{
    diagnostic::Place,
    mapping::{
        expr::Scope,
        plan::{
            Clear, Direction, ExtraField, ExtraValue, Passage, ResourcePlan, Rule, RuleKind,
            SubKind, SubRule,
        },
    },
    scim::{
        error::{Error as Refusal, ScimType},
        resource::Resource,
    },
    upstream::record::{FieldPath, text_of},
};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Writes for one tenant at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The mapping's rules.
    pub plan: &'a ResourcePlan,
    /// The tenant's variables.
    pub tenant: &'a Value,
    /// The request's instant, as text.
    pub now: &'a Value,
}

impl Writer<'_> {
    /// What a create sends: rules that `sends` says it claims, defaults included, unassigned ones
    /// left out; and the extra fields.
    pub fn fields(
        &self,
        resource: &Resource,
        sends: impl Fn(usize, &Rule) -> bool,
        creating: bool,
    ) -> Result<Value, Error> {
        let mut fields = Value::Object(Map::new());
        for (index, rule) in self.plan.rules.iter().enumerate() {
            let Some(field) = rule.field() else { continue };
            if !rule.writable() || !sends(index, rule) || !read::in_force(rule, self.tenant)? {
                continue;
            }
            if let Some(value) = self.mapped_or_default(rule, resource, creating)? {
                self.set(&mut fields, rule, field, value, None);
            }
        }
        for extra in &self.plan.fields {
            if creating || !extra.only_create {
                self.set_extra(&mut fields, extra, resource)?;
            }
        }
        Ok(fields)
    }

    /// What an update's units come to. A cleared attribute is sent as its rule says.
    pub fn changed(
        &self,
        units: &[Unit],
        after: &Resource,
        record: &Value,
    ) -> Result<Value, Error> {
        let mut changed = Value::Object(Map::new());
        let mut written: Vec<usize> = Vec::new();
        for unit in units {
            let Some(rule) = self.plan.rules.get(unit.rule) else { continue };
            let Some(field) = rule.field().filter(|_| !written.contains(&unit.rule)) else {
                continue;
            };
            written.push(unit.rule);
            match self.mapped(rule, after)? {
                Some(value) => self.set(&mut changed, rule, field, value, Some(record)),
                None => self.clear(&mut changed, rule, field, record)?,
            }
        }
        Ok(changed)
    }

    /// The present Record with what the units come to over it; unknown fields untouched.
    pub fn whole(&self, units: &[Unit], after: &Resource, record: &Value) -> Result<Value, Error> {
        let mut whole = record.clone();
        for unit in units {
            let Some(rule) = self.plan.rules.get(unit.rule) else { continue };
            let Some(field) = rule.field() else { continue };
            match self.mapped(rule, after)? {
                Some(value) => self.set(&mut whole, rule, field, value, Some(record)),
                None => self.clear(&mut whole, rule, field, record)?,
            }
        }
        Ok(whole)
    }

    /// Whether the vendor would see a difference in this rule.
    pub fn differs(&self, rule: &Rule, before: &Resource, after: &Resource) -> Result<bool, Error> {
        if matches!(rule.kind, RuleKind::Computed { .. }) {
            return Ok(place::take(before, &rule.target) != place::take(after, &rule.target));
        }
        let (old, new) = (self.mapped(rule, before)?, self.mapped(rule, after)?);
        Ok(!same(rule, old.as_ref(), new.as_ref()))
    }

    /// Whether the rule writes an expression over other attributes.
    pub fn depends_on_others(&self, rule: &Rule) -> bool {
        matches!(&rule.kind, RuleKind::Field { write: Some(_), .. })
    }

    /// The vendor's value of a rule, or nothing when its attribute is unassigned.
    pub fn mapped(&self, rule: &Rule, resource: &Resource) -> Result<Option<Value>, Error> {
        if let RuleKind::Field { write: Some(write), .. } = &rule.kind {
            let scope = Scope::new()
                .with("resource", resource.as_value())
                .with("tenant", self.tenant)
                .with("now", self.now);
            let value =
                write.evaluate(&scope).map_err(|error| Error::expression(&rule.place, &error))?;
            return Ok(if read::unassigned(&value) { None } else { Some(value) });
        }
        let Some(value) = place::take(resource, &rule.target) else { return Ok(None) };
        match &rule.kind {
            RuleKind::List { owned, element, plain, .. } => {
                let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
                if *plain {
                    let wrapped: Vec<Value> =
                        elements.iter().map(|value| json!({ "value": value })).collect();
                    return self.elements(rule, owned, element, &wrapped).map(Some);
                }
                self.elements(rule, owned, element, elements).map(Some)
            }
            _ => converted(&rule.passage, value)
                .map(Some)
                .map_err(|reason| refused(&rule.target.to_string(), &reason)),
        }
    }

    fn mapped_or_default(
        &self,
        rule: &Rule,
        resource: &Resource,
        creating: bool,
    ) -> Result<Option<Value>, Error> {
        if let Some(value) = self.mapped(rule, resource)? {
            return Ok(Some(value));
        }
        let Some(default) = rule.default.as_ref().filter(|_| creating) else { return Ok(None) };
        let value = default
            .value(&Scope::new().with("tenant", self.tenant))
            .map_err(|error| Error::expression(&rule.place, &error))?;
        let value = read::coerce(value, rule.passage.kind).unwrap_or_default();
        converted(&rule.passage, &value)
            .map(Some)
            .map_err(|reason| refused(&rule.target.to_string(), &reason))
    }

    /// SCIM elements as the vendor's; the primary one first where the rule says so.
    fn elements(
        &self,
        rule: &Rule,
        owned: &[(String, Value)],
        subs: &[SubRule],
        elements: &[Value],
    ) -> Result<Value, Error> {
        let first = subs.iter().any(|sub| matches!(sub.kind, SubKind::First));
        let mut ordered: Vec<&Value> = elements.iter().collect();
        if first {
            ordered.sort_by_key(|element| element.get("primary") != Some(&Value::Bool(true)));
        }
        let mut items = Vec::with_capacity(ordered.len());
        for element in ordered {
            let mut item = Value::Null;
            for sub in subs.iter().filter(|sub| sub.direction != Direction::Read) {
                let SubKind::Field(field) = &sub.kind else { continue };
                let Some(value) = element.get(&sub.name) else { continue };
                let value = converted(&sub.passage, value)
                    .map_err(|reason| refused(&format!("{}.{}", rule.target, sub.name), &reason))?;
                field.set(&mut item, value);
            }
            if item.is_null() {
                continue;
            }
            mark(&mut item, owned);
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    /// Puts a value where the vendor wants it. Inside a list the whole list is sent: the elements
    /// of others as the present Record has them.
    fn set(
        &self,
        fields: &mut Value,
        rule: &Rule,
        field: &FieldPath,
        value: Value,
        record: Option<&Value>,
    ) {
        self.lay_list(fields, field, record);
        let value = match &rule.kind {
            RuleKind::List { owned, element, .. } => {
                let present = field.get(fields).or_else(|| record.and_then(|r| field.get(r)));
                merged(present, owned, element, value)
            }
            _ => value,
        };
        field.set(fields, value);
    }

    fn clear(
        &self,
        fields: &mut Value,
        rule: &Rule,
        field: &FieldPath,
        record: &Value,
    ) -> Result<(), Error> {
        let list = matches!(rule.kind, RuleKind::List { .. }) || rule.passage.list;
        if let RuleKind::List { owned, element, .. } = &rule.kind
            && !owned.is_empty()
        {
            // Others' elements stay: an emptied part of a list is a shorter list.
            let present = field.get(fields).or_else(|| field.get(record));
            let rest = merged(present, owned, element, Value::Array(Vec::new()));
            field.set(fields, rest);
            return Ok(());
        }
        match rule.clear {
            Clear::Omit => {}
            Clear::Reject => {
                return Err(Refusal::bad(
                    ScimType::Mutability,
                    format!("`{}` cannot be cleared at the vendor", rule.target),
                )
                .into());
            }
            Clear::Null | Clear::Empty if field.within_list().is_some() => {
                self.lay_list(fields, field, Some(record));
                field.remove(fields);
            }
            Clear::Null => field.set(fields, Value::Null),
            Clear::Empty if list => field.set(fields, Value::Array(Vec::new())),
            Clear::Empty => field.set(fields, Value::String(String::new())),
        }
        Ok(())
    }

    /// Copies the present Record's list before something inside it is written.
    fn lay_list(&self, fields: &mut Value, field: &FieldPath, record: Option<&Value>) {
        if let Some(list) = field.within_list()
            && list.get(fields).is_none()
            && let Some(present) = record.and_then(|record| list.get(record))
        {
            list.set(fields, present.clone());
        }
    }

    fn set_extra(
        &self,
        fields: &mut Value,
        extra: &ExtraField,
        resource: &Resource,
    ) -> Result<(), Error> {
        let scope = Scope::new()
            .with("resource", resource.as_value())
            .with("tenant", self.tenant)
            .with("now", self.now);
        let fault = |error| Error::expression(&extra.place, &error);
        if let Some(when) = &extra.when
            && when.evaluate(&scope).map_err(fault)? != Value::Bool(true)
        {
            return Ok(());
        }
        let mut value = match &extra.value {
            ExtraValue::Constant(template) => template.value(&scope).map_err(fault)?,
            ExtraValue::Write(expression) => expression.evaluate(&scope).map_err(fault)?,
        };
        if read::unassigned(&value) {
            return Ok(());
        }
        for converter in &extra.converters {
            value = converter
                .write(&value)
                .map_err(|message| Error::Expression { place: extra.place.clone(), message })?;
        }
        extra.field.set(fields, value);
        Ok(())
    }
}

/// One SCIM value in the vendor's terms: table, then converters in writing order. The error says
/// what was found and what is allowed.
pub fn converted(passage: &Passage, value: &Value) -> Result<Value, String> {
    let mut value = match &passage.table {
        None => value.clone(),
        Some(table) => {
            let row = table.rows.iter().find(|row| alike(passage, &row.scim, value));
            match row.and_then(|row| row.vendor.first()) {
                Some(vendor) => vendor.clone(),
                None => {
                    let allowed: Vec<String> = table
                        .rows
                        .iter()
                        .filter(|row| !row.vendor.is_empty())
                        .filter_map(|row| text_of(&row.scim))
                        .collect();
                    let found = text_of(value).unwrap_or_else(|| value.to_string());
                    return Err(format!("`{found}` is none of: {}", allowed.join(", ")));
                }
            }
        }
    };
    for converter in &passage.converters {
        value = converter.write(&value)?;
    }
    Ok(value)
}

/// Whether two SCIM values of this attribute are one.
fn alike(passage: &Passage, one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) if !passage.case_exact => {
            one.to_lowercase() == other.to_lowercase()
        }
        _ => one == other,
    }
}

/// Whether the vendor would see the same value.
fn same(rule: &Rule, old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(Value::Array(old)), Some(Value::Array(new))) if is_unordered(rule) => {
            old.len() == new.len() && set(old) == set(new)
        }
        (Some(old), Some(new)) => {
            old == new || rule.passage.converters.last().is_some_and(|last| last.equal(old, new))
        }
        (old, new) => old.is_none() && new.is_none(),
    }
}

/// Items as their texts: comparing each with each is too slow for a group of thousands.
fn set(items: &[Value]) -> HashSet<String> {
    items.iter().map(Value::to_string).collect()
}

fn is_unordered(rule: &Rule) -> bool {
    matches!(&rule.kind, RuleKind::List { unordered: true, .. })
}

/// The vendor's list after a rule wrote its elements: those of others stay where they stand, ours
/// follow. An element that was there keeps the fields that no rule knows.
fn merged(
    present: Option<&Value>,
    owned: &[(String, Value)],
    subs: &[SubRule],
    items: Value,
) -> Value {
    let present = present.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mine = |item: &&Value| read::owns(owned, item);
    let identity = subs
        .iter()
        .filter_map(|sub| match &sub.kind {
            SubKind::Field(field) if sub.name == "value" => Some(field),
            _ => None,
        })
        .next();
    let mut list: Vec<Value> = present.iter().filter(|item| !mine(item)).cloned().collect();
    for item in items.as_array().into_iter().flatten() {
        let before = identity.and_then(|field| {
            let value = field.get(item).and_then(text_of)?;
            present
                .iter()
                .filter(mine)
                .find(|old| field.get(old).and_then(text_of).as_ref() == Some(&value))
        });
        list.push(overlaid(before, item, subs));
    }
    Value::Array(list)
}

/// `item` over what the element was; written fields that are unassigned now are gone.
fn overlaid(before: Option<&Value>, item: &Value, subs: &[SubRule]) -> Value {
    let (Some(Value::Object(before)), Value::Object(item)) = (before, item) else {
        return item.clone();
    };
    let mut all = Value::Object(before.clone());
    for sub in subs.iter().filter(|sub| sub.direction != Direction::Read) {
        if let SubKind::Field(field) = &sub.kind {
            field.remove(&mut all);
        }
    }
    if let Some(members) = all.as_object_mut() {
        members.extend(item.clone());
    }
    all
}

/// Sets the fields that make an element this rule's.
fn mark(item: &mut Value, owned: &[(String, Value)]) {
    if let Some(members) = item.as_object_mut() {
        for (name, value) in owned {
            members.insert(name.clone(), value.clone());
        }
    }
}

/// The client's value cannot be written.
fn refused(attribute: &str, reason: &str) -> Error {
    Refusal::bad(ScimType::InvalidValue, format!("`{attribute}`: {reason}")).into()
}

/// The place of a rule, for messages that name the mapping's line.
pub fn line(rule: &Rule) -> &Place {
    &rule.place
}
