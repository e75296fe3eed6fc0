//! Write: Resources and units become the vendor's fields.
//!
//! Three objects come of it, for templates to use: `fields` (what a create sends), `changed`
//! (what an update's units come to) and `whole` (the present Record with `changed` over it).

use super::{
    Error,
    names::Names,
    passage::{self, Found, unassigned},
    place, read,
    unit::{ListChange, Unit},
};
use crate::{
    mapping::{
        expr::Scope,
        plan::{Clear, Direction, Elements, Passage, ResourcePlan, Rule, RuleKind, Unknown},
    },
    scim::{
        error::{Error as Refusal, ScimType},
        resource::Resource,
    },
    upstream::record::FieldPath,
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
    /// What lookups know.
    pub names: &'a Names<'a>,
}

impl Writer<'_> {
    /// What a create sends that is not made up: rules that `sends` says it claims, defaults included, unassigned ones
    /// left out; and the extra fields.
    pub fn fields(
        &self,
        resource: &Resource,
        sends: impl Fn(usize, &Rule) -> bool,
        creating: bool,
    ) -> Result<Value, Error> {
        let mut values = vec![None; self.plan.rules.len()];
        let sent = self.plan.in_resource.apart(&self.plan.rules, resource);
        for (index, (rule, sent)) in self.plan.rules.iter().zip(sent).enumerate() {
            if rule.field().is_none()
                || !rule.writable()
                || !sends(index, rule)
                || !read::in_force(rule, self.tenant)?
            {
                continue;
            }
            if let Some(place) = values.get_mut(index) {
                *place = self.written_or_default(rule, sent, resource, creating)?;
            }
        }
        let mut fields = Value::Object(self.plan.in_record.together(&mut values, None));
        for (rule, value) in self.plan.rules.iter().zip(values) {
            if let (Some(field), Some(value)) = (rule.field(), value) {
                self.set(&mut fields, rule, field, value, None)?;
            }
        }
        for extra in &self.plan.fields {
            if (creating || !extra.only_create)
                && let Some(value) = self.extra(extra, resource)?
            {
                extra.field.set(&mut fields, value);
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
            match self.mapped_or_default(rule, after)? {
                Some(value) => self.set(&mut changed, rule, field, value, Some(record))?,
                None => self.clear(&mut changed, rule, field, record)?,
            }
        }
        self.follow(&mut changed, units, after)?;
        Ok(changed)
    }

    /// The present Record with what the units come to over it; unknown fields untouched.
    pub fn whole(&self, units: &[Unit], after: &Resource, record: &Value) -> Result<Value, Error> {
        let mut whole = record.clone();
        for unit in units {
            let Some(rule) = self.plan.rules.get(unit.rule) else { continue };
            let Some(field) = rule.field() else { continue };
            match self.mapped_or_default(rule, after)? {
                Some(value) => self.set(&mut whole, rule, field, value, Some(record))?,
                None => self.clear(&mut whole, rule, field, record)?,
            }
        }
        self.follow(&mut whole, units, after)?;
        Ok(whole)
    }

    /// Whether the vendor would see a difference in this rule.
    pub fn differs(&self, rule: &Rule, before: &Resource, after: &Resource) -> Result<bool, Error> {
        if matches!(rule.kind, RuleKind::Computed { .. }) {
            return Ok(place::take(before, &rule.target) != place::take(after, &rule.target));
        }
        if self.drops(rule, after)? {
            return Ok(false);
        }
        // Who joins and who leaves may be told by operations alone, while no element says it in a field.
        if let RuleKind::List { elements, .. } = &rule.kind
            && !elements.write_values()
        {
            let list = |resource| place::take(resource, &rule.target).unwrap_or(&Value::Null);
            let change = ListChange::between(list(before), list(after));
            if !change.added.is_empty() || !change.removed.is_empty() {
                return Ok(true);
            }
        }
        let old = self.mapped(rule, before)?;
        // What is cleared becomes the default; what was never assigned may stay so.
        let new = match old {
            Some(_) => self.mapped_or_default(rule, after)?,
            None => self.mapped(rule, after)?,
        };
        Ok(!same(rule, old.as_ref(), new.as_ref()))
    }

    /// Whether the client says a name that the rule's lookup drops: nothing of it is written, so what is there stays.
    fn drops(&self, rule: &Rule, resource: &Resource) -> Result<bool, Error> {
        let dropping = rule.lookup.as_ref().is_some_and(|lookup| lookup.unknown == Unknown::Drop);
        let said = place::take(resource, &rule.target).filter(|said| !said.is_array());
        Ok(dropping && said.is_some() && self.mapped(rule, resource)?.is_none())
    }

    /// Whether the rule writes an expression over other attributes.
    pub fn depends_on_others(&self, rule: &Rule) -> bool {
        matches!(&rule.kind, RuleKind::Field { write: Some(_), .. })
    }

    /// The vendor's value of a rule, or nothing when its attribute is unassigned.
    pub fn mapped(&self, rule: &Rule, resource: &Resource) -> Result<Option<Value>, Error> {
        self.written(rule, place::take(resource, &rule.target), resource)
    }

    /// The names that a value is written by.
    pub(super) fn scope<'s>(&'s self, resource: &'s Resource) -> Scope<'s> {
        Scope::new()
            .with("resource", resource.as_value())
            .with("tenant", self.tenant)
            .with("now", self.now)
            .with("lookups", self.names.lists())
    }

    /// The same of the attribute's value in the resource.
    fn written(
        &self,
        rule: &Rule,
        sent: Option<&Value>,
        resource: &Resource,
    ) -> Result<Option<Value>, Error> {
        if let RuleKind::Field { write: Some(write), .. } = &rule.kind {
            self.names.need(write.names());
            let value = write
                .evaluate(&self.scope(resource))
                .map_err(|error| Error::expression(&rule.place, &error))?;
            if unassigned(&value) {
                return Ok(None);
            }
            return self.keyed(rule, value, true);
        }
        match sent {
            Some(value) => self.own(rule, value, true),
            None => Ok(None),
        }
    }

    /// One SCIM value of the rule's attribute in the vendor's terms; nothing when a lookup drops it. `falls`: the rule's default
    /// may stand in for a name that no lookup knows.
    fn own(&self, rule: &Rule, value: &Value, falls: bool) -> Result<Option<Value>, Error> {
        match &rule.kind {
            RuleKind::List { elements, .. } => {
                let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
                let items = elements.write(&rule.target, list, self.tenant, self.names)?;
                let items = passage::left_of(&rule.passage, items);
                let items = items.map_err(|reason| refused(&rule.target.to_string(), &reason))?;
                let items = if elements.unordered { once(items) } else { items };
                Ok(Some(Value::Array(items)))
            }
            _ => {
                let written = passage::write(&rule.passage, value)
                    .map_err(|reason| refused(&rule.target.to_string(), &reason))?;
                self.keyed(rule, written, falls)
            }
        }
    }

    /// The key of a name, where the rule has a lookup.
    fn keyed(&self, rule: &Rule, name: Value, falls: bool) -> Result<Option<Value>, Error> {
        let Some(lookup) = &rule.lookup else { return Ok(Some(name)) };
        match self.names.key(lookup, &name) {
            Ok(key) => Ok(key),
            Err(_) if falls && lookup.unknown == Unknown::Default => self.default(rule),
            Err(why) => Err(refused(&rule.target.to_string(), &why)),
        }
    }

    fn mapped_or_default(&self, rule: &Rule, after: &Resource) -> Result<Option<Value>, Error> {
        match self.mapped(rule, after)? {
            Some(value) => Ok(Some(value)),
            None => self.default(rule),
        }
    }

    /// The vendor's value of a rule's `default`.
    fn default(&self, rule: &Rule) -> Result<Option<Value>, Error> {
        let Some(default) = &rule.default else { return Ok(None) };
        let value = default
            .value(&Scope::new().with("tenant", self.tenant))
            .map_err(|error| Error::expression(&rule.place, &error))?;
        if unassigned(&value) {
            return Ok(None);
        }
        let value = match (&rule.kind, value) {
            (_, list @ Value::Array(_)) => list,
            (RuleKind::List { elements, .. }, one) => {
                let sub = elements.subs.iter().find(|sub| sub.name == "value");
                let kind = sub.map_or(rule.passage.kind, |sub| sub.passage.kind);
                let one = passage::coerce(one, kind).unwrap_or_default();
                let element = if elements.plain { one } else { json!({ "value": one }) };
                Value::Array(vec![element])
            }
            (_, one) => match passage::coerce(one, rule.passage.kind).unwrap_or_default() {
                one if rule.passage.list => Value::Array(vec![one]),
                one => one,
            },
        };
        self.own(rule, &value, false)
    }

    fn written_or_default(
        &self,
        rule: &Rule,
        sent: Option<&Value>,
        resource: &Resource,
        creating: bool,
    ) -> Result<Option<Value>, Error> {
        if let Some(value) = self.written(rule, sent, resource)? {
            return Ok(Some(value));
        }
        // What nobody reads is not known to be unassigned: an update would overwrite it.
        if !creating && rule.direction == Direction::Write {
            return Ok(None);
        }
        self.default(rule)
    }

    /// Puts a value where the vendor wants it. Inside a list the whole list is sent: the elements
    /// of others as the present Record has them. A list that is one text at the vendor becomes it last.
    fn set(
        &self,
        fields: &mut Value,
        rule: &Rule,
        field: &FieldPath,
        value: Value,
        record: Option<&Value>,
    ) -> Result<(), Error> {
        self.lay_list(fields, field, record);
        let value = match (&rule.kind, value) {
            (RuleKind::List { elements, .. }, Value::Array(items)) => {
                let present = field.get(fields).or_else(|| record.and_then(|r| field.get(r)));
                merged(rule, elements, present, items)?
            }
            (_, value) => value,
        };
        field.set(fields, value);
        Ok(())
    }

    fn clear(
        &self,
        fields: &mut Value,
        rule: &Rule,
        field: &FieldPath,
        record: &Value,
    ) -> Result<(), Error> {
        if let RuleKind::List { elements, .. } = &rule.kind
            && !elements.owned.is_empty()
        {
            // Others' elements stay: an emptied part of a list is a shorter list.
            let present = field.get(fields).or_else(|| field.get(record));
            let rest = merged(rule, elements, present, Vec::new())?;
            field.set(fields, rest);
            return Ok(());
        }
        match rule.clear {
            // What may not be cleared was refused when the units were cut.
            Clear::Omit | Clear::Reject => {}
            Clear::Null | Clear::Empty if field.within_list().is_some() => {
                self.lay_list(fields, field, Some(record));
                field.remove(fields);
            }
            Clear::Null => field.set(fields, Value::Null),
            // Of a list that is one text at the vendor nothing is an empty text.
            Clear::Empty if rule.passage.list => {
                let none = Value::Array(Vec::new());
                let written = passage::write(&rule.passage, &none);
                field.set(fields, written.unwrap_or(none));
            }
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
}

/// Whether the vendor would see the same value.
fn same(rule: &Rule, old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (Some(Value::Array(old)), Some(Value::Array(new))) if is_unordered(rule) => sets(old, new),
        (Some(old), Some(new)) => old == new || alike(&rule.passage, old, new),
        (Some(one), None) | (None, Some(one)) => comes_to_nothing(rule, one),
        (None, None) => true,
    }
}

/// Whether two vendor values read as one: converters call the same what they make the same.
fn alike(passage: &Passage, old: &Value, new: &Value) -> bool {
    let read = |vendor| match passage::read(passage, vendor) {
        Found::Value(value) => Some(value),
        Found::Nothing | Found::Unreadable => None,
    };
    if passage.converters.is_empty() {
        return false;
    }
    match (read(old), read(new)) {
        // A set in one text: `a,b` is `b,a`.
        (Some(Value::Array(old)), Some(Value::Array(new))) if passage.unordered => sets(&old, &new),
        (old, new) => old.is_some() && old == new,
    }
}

/// Whether a vendor value reads as none: blanks that `trim` left nothing of are no change each time they are sent.
fn comes_to_nothing(rule: &Rule, value: &Value) -> bool {
    let read = || passage::read(&rule.passage, value);
    unassigned(value) || !rule.passage.converters.is_empty() && read() == Found::Nothing
}

/// Whether two lists are one set. Items are taken as their texts: comparing each with each is too slow for a group of
/// thousands.
fn sets(one: &[Value], other: &[Value]) -> bool {
    let set = |items: &[Value]| items.iter().map(Value::to_string).collect::<HashSet<_>>();
    one.len() == other.len() && set(one) == set(other)
}

/// A set has nothing twice.
fn once(items: Vec<Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.to_string())).collect()
}

fn is_unordered(rule: &Rule) -> bool {
    match &rule.kind {
        RuleKind::List { elements, .. } => elements.unordered,
        _ => rule.passage.unordered,
    }
}

/// The vendor's list with `items` as this rule's part of it.
fn merged(
    rule: &Rule,
    elements: &Elements,
    present: Option<&Value>,
    items: Vec<Value>,
) -> Result<Value, Error> {
    let present = present.and_then(|present| passage::apart(&rule.passage, present));
    let present = present.as_ref().and_then(|present| present.as_array());
    let merged = elements.merge(present.map(Vec::as_slice).unwrap_or_default(), items);
    passage::together(&rule.passage, merged)
        .map_err(|reason| refused(&rule.target.to_string(), &reason))
}

/// The client's value cannot be written.
pub fn refused(attribute: &str, reason: &str) -> Error {
    Refusal::bad(ScimType::InvalidValue, format!("`{attribute}`: {reason}")).into()
}
