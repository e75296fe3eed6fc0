//! One change to the value of one attribute (RFC 7644 §3.5.2.1 to §3.5.2.3).

use super::{
    PatchKind,
    select::{append, implied, one_primary, picked, subtract},
};
use crate::scim::{
    budget::Budget,
    canonical::{self, Trail},
    changes::equal,
    compare::is_assigned,
    error::{Error, ScimType},
    filter::Filter,
    leniency::Leniency,
    reading::Reading,
    schema::{Attribute, Mutability, Type},
};
use serde_json::{Map, Value};

/// What is changed, and how.
pub struct Edit<'a> {
    /// What the operation does.
    pub kind: PatchKind,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// Which elements; absent means all, or the attribute itself.
    pub filter: Option<&'a Filter>,
    /// The sub-attribute that is meant.
    pub sub: Option<&'a Attribute>,
    /// The attribute's name, for messages.
    pub at: Trail<'a>,
    /// Whose habits count; gets the names in the value that the schema does not have.
    pub reading: &'a mut Reading,
    /// What may still be done.
    pub budget: &'a mut Budget,
}

/// Sub-attributes with their new values; `None` unassigns.
type Parts<'a> = Vec<(&'a Attribute, Option<Value>)>;

impl<'a> Edit<'a> {
    /// The value that `current` becomes; `None` is unassigned. A single value is treated as a list of one.
    pub fn run(
        &mut self,
        current: Option<Value>,
        sent: Option<&Value>,
    ) -> Result<Option<Value>, Error> {
        let mut elements = match current {
            Some(Value::Array(elements)) if self.attribute.multi_valued => elements,
            single => single.into_iter().collect(),
        };
        self.budget.looks(elements.len())?;
        match (self.kind, self.filter, self.sub) {
            (PatchKind::Remove, None, None) => self.remove(&mut elements, sent)?,
            (_, None, None) => self.whole(&mut elements, sent.unwrap_or(&Value::Null))?,
            _ => self.within(&mut elements, sent)?,
        }
        elements.retain(is_assigned);
        Ok(match self.attribute.multi_valued {
            true if elements.is_empty() => None,
            true => Some(Value::Array(elements)),
            false => elements.pop(),
        })
    }

    /// Removes the attribute (R73; RFC 7644 §3.5.2.2).
    fn remove(&mut self, elements: &mut Vec<Value>, sent: Option<&Value>) -> Result<(), Error> {
        match sent {
            // Of a list, what the value lists and no more; an empty list is nothing.
            Some(listed)
                if self.attribute.multi_valued && (is_assigned(listed) || listed.is_array()) =>
            {
                may_list(self.at, self.reading)?;
                if let Some(Value::Array(listed)) = self.canonical(listed)? {
                    subtract(elements, &listed, self.attribute, self.budget)?;
                }
                Ok(())
            }
            _ => self.clear(elements),
        }
    }

    /// Adds to the attribute, or replaces it, which of nothing is an add (R70; RFC 7644 §3.5.2.1, §3.5.2.3).
    fn whole(&mut self, elements: &mut Vec<Value>, sent: &Value) -> Result<(), Error> {
        let complex = self.attribute.kind == Type::Complex && !self.attribute.multi_valued;
        if complex && (sent.is_object() || is_assigned(sent)) {
            // R71, RFC 7644 §3.5.2.3. The sub-attributes that are given are set, the others stay.
            let parts = self.parts(sent)?;
            if elements.is_empty() {
                elements.push(Value::Object(Map::new()));
            }
            return self.assign(elements, &[0], &parts);
        }
        match (self.kind, self.canonical(sent)?) {
            (PatchKind::Add, None) => {}
            (_, None) => self.clear(elements)?,
            (PatchKind::Add, Some(Value::Array(new))) if self.attribute.multi_valued => {
                let primaries = append(elements, new, self.attribute);
                one_primary(elements, &primaries, self.attribute)?;
            }
            // R86, RFC 7644 §3.5.2.3.
            (_, Some(Value::Array(new))) if self.attribute.multi_valued => *elements = new,
            (_, Some(value)) => *elements = vec![value],
        }
        Ok(())
    }

    fn clear(&self, elements: &mut Vec<Value>) -> Result<(), Error> {
        if self.attribute.mutability == Mutability::Immutable && !elements.is_empty() {
            return Err(self.immutable(None));
        }
        elements.clear();
        Ok(())
    }

    /// Changes the selected elements, or the sub-attribute of them (R68; RFC 7644 §3.5.2.3).
    fn within(&mut self, elements: &mut Vec<Value>, sent: Option<&Value>) -> Result<(), Error> {
        let mut selected = match self.filter {
            Some(filter) => picked(elements, filter, self.attribute, self.budget)?,
            None => (0..elements.len()).collect(),
        };
        let sent = match (self.kind, sent) {
            (PatchKind::Add | PatchKind::Replace, Some(sent)) if is_assigned(sent) => sent,
            (PatchKind::Add, _) => return Ok(()),
            // R69, whatever should have stood there.
            (PatchKind::Replace, _) if self.filter.is_some() && selected.is_empty() => {
                return self.made().map(drop);
            }
            // What is absent already is no error.
            _ => return self.unassign(elements, &selected),
        };
        if selected.is_empty() {
            selected.push(elements.len());
            elements.push(self.made()?);
        }
        if selected.len() > 1 {
            self.budget.copies(selected.len(), sent.to_string().len())?;
        }
        match (self.sub, self.attribute.kind) {
            (Some(sub), _) => {
                let at = Trail::name(Some(&self.at), &sub.name);
                let value = canonical::value(sent.clone(), sub, at, self.reading)?;
                self.assign(elements, &selected, &vec![(sub, value)])?;
            }
            (None, Type::Complex) if self.kind == PatchKind::Add => {
                let parts = self.parts(sent)?;
                self.assign(elements, &selected, &parts)?;
            }
            (None, _) => {
                let value = self.replacement(sent)?;
                for &index in &selected {
                    if let Some(element) = elements.get_mut(index) {
                        element.clone_from(&value);
                    }
                }
            }
        }
        one_primary(elements, &selected, self.attribute)
    }

    /// The element that is changed when none is selected.
    fn made(&mut self) -> Result<Value, Error> {
        let Some(filter) = self.filter else { return Ok(Value::Object(Map::new())) };
        // R69, §3.5.2.3: a replace whose filter selects nothing is noTarget. An add, of which the RFC says
        // nothing, makes the element that the filter describes.
        let members = implied(filter).unwrap_or_default();
        let made = self.element(Value::Object(members))?;
        if is_assigned(&made)
            && (self.kind == PatchKind::Add || self.reading.allows(Leniency::FilteredReplaceAdds))
        {
            return Ok(made);
        }
        Err(Error::bad(
            ScimType::NoTarget,
            format!("`{}[{filter}]` selects nothing, expected something to {}", self.at, self.kind),
        ))
    }

    /// An element in place of another. Where it is silent, what the filter says of it stays true.
    fn replacement(&mut self, sent: &Value) -> Result<Value, Error> {
        let mut new = canonical::single(sent.clone(), self.attribute, self.at, self.reading)?
            .unwrap_or_default();
        let implied = self.filter.and_then(implied).unwrap_or_default();
        if let (Value::Object(new), Value::Object(implied)) =
            (&mut new, self.element(Value::Object(implied))?)
        {
            for (name, part) in implied {
                new.entry(name).or_insert(part);
            }
        }
        Ok(new)
    }

    /// Removes the selected elements, or the sub-attribute of them.
    fn unassign(&self, elements: &mut Vec<Value>, selected: &[usize]) -> Result<(), Error> {
        if let Some(sub) = self.sub {
            return self.assign(elements, selected, &vec![(sub, None)]);
        }
        let mut index = 0..;
        // The positions are in order.
        elements.retain(|_| match index.next() {
            Some(index) => selected.binary_search(&index).is_err(),
            None => true,
        });
        Ok(())
    }

    /// Gives the selected elements new parts.
    fn assign(
        &self,
        elements: &mut [Value],
        selected: &[usize],
        parts: &Parts<'_>,
    ) -> Result<(), Error> {
        for &index in selected {
            let Some(Value::Object(element)) = elements.get_mut(index) else { continue };
            for (sub, new) in parts {
                let old = element.get(&sub.name);
                let same = old.is_none() || equal(old, new.as_ref(), sub);
                // R88, X1; RFC 7643 §7, RFC 7644 §3.5.2.
                if sub.mutability == Mutability::Immutable && !same {
                    return Err(self.immutable(Some(sub)));
                }
            }
            self.forget_derived(element, parts);
            for (sub, new) in parts {
                match new {
                    Some(value) => element.insert(sub.name.clone(), value.clone()),
                    None => element.remove(&sub.name),
                };
            }
        }
        Ok(())
    }

    /// Another `value` is another thing: where it is read and what it is called are not known yet.
    fn forget_derived(&self, element: &mut Map<String, Value>, parts: &Parts<'_>) {
        let value = parts.iter().find(|(sub, _)| sub.name == "value");
        if value.is_none_or(|(sub, new)| equal(element.get("value"), new.as_ref(), sub)) {
            return;
        }
        for sub in &self.attribute.attributes {
            if sub.mutability == Mutability::ReadOnly || sub.name == "$ref" {
                element.remove(&sub.name);
            }
        }
    }

    /// The sub-attributes that a value gives; readOnly ones are left aside. Of an add, unassigned ones say
    /// nothing.
    fn parts(&mut self, sent: &Value) -> Result<Parts<'a>, Error> {
        let members = canonical::object_of(sent.clone(), self.attribute, self.at, self.reading)?;
        let mut parts = Vec::with_capacity(members.len());
        for (name, sent) in members {
            let Some(sub) = self.attribute.sub(&name) else {
                canonical::note(&Trail::name(Some(&self.at), &name), &sent, self.reading);
                continue;
            };
            let at = Trail::name(Some(&self.at), &sub.name);
            let value = canonical::value(sent, sub, at, self.reading)?;
            let says = value.is_some() || self.kind == PatchKind::Replace;
            if says && sub.mutability != Mutability::ReadOnly {
                parts.push((sub, value));
            }
        }
        Ok(parts)
    }

    fn canonical(&mut self, sent: &Value) -> Result<Option<Value>, Error> {
        let sent = listed(self.kind, sent.clone(), self.attribute);
        canonical::value(sent, self.attribute, self.at, self.reading)
    }

    /// The element that the members of a filter describe.
    fn element(&mut self, members: Value) -> Result<Value, Error> {
        let made = canonical::single(members, self.attribute, self.at, self.reading)?;
        Ok(made.unwrap_or_default())
    }

    fn immutable(&self, sub: Option<&Attribute>) -> Error {
        let sub = sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        Error::bad(
            ScimType::Mutability,
            format!("`{}{sub}` is immutable: it cannot be changed once it has a value", self.at),
        )
    }
}

/// RFC 7644 §3.5.2.1: an add to a list may be of one value.
pub fn listed(kind: PatchKind, sent: Value, attribute: &Attribute) -> Value {
    match kind {
        PatchKind::Add if attribute.multi_valued && !sent.is_array() && is_assigned(&sent) => {
            Value::Array(vec![sent])
        }
        _ => sent,
    }
}

/// A remove with a value is not of the RFC (§3.5.2.2). Read as if the value were not there, it would empty a
/// group of which one member should go: who may not say it is refused.
pub fn may_list(at: Trail<'_>, reading: &mut Reading) -> Result<(), Error> {
    if reading.allows(Leniency::RemoveListed) {
        return Ok(());
    }
    let detail = format!("`{at}`: found a remove with a value, expected a filter in its path");
    Err(Error::bad(ScimType::InvalidValue, detail))
}
