//! Which elements of a list a PatchOp is about, and what the list owes the others.

use crate::scim::{
    budget::Budget,
    canonical::is_primary,
    changes::{equal, signature},
    compare::{folded, same_text},
    error::{Error, ScimType},
    filter::{Filter, Operator, matches::Selector},
    schema::{Attribute, Mutability},
};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::HashMap};

/// Positions of the elements that the filter selects.
pub fn picked(
    elements: &[Value],
    filter: &Filter,
    attribute: &Attribute,
    budget: &mut Budget,
) -> Result<Vec<usize>, Error> {
    let selector = Selector::of_elements(filter, attribute)?;
    let mut selected = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        if selector.selects(element, budget)? {
            selected.push(index);
        }
    }
    Ok(selected)
}

/// What an element must hold for the filter to select it, as sent: `{type: "work"}` for
/// `type eq "work"`. `None`: the filter asks more than equality.
pub fn implied(filter: &Filter) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for part in filter.conjuncts() {
        match part {
            Filter::Compare { path, operator: Operator::Equal, value }
                if path.urn.is_none() && path.sub.is_none() && !value.is_null() =>
            {
                members.insert(path.name.clone(), value.clone());
            }
            _ => return None,
        }
    }
    Some(members)
}

/// Adds elements that the list does not have yet (R67; RFC 7644 §3.5.2.1) and brings those that it has up to date.
/// Gives back the positions of those that `new` says to be primary: one that was it before and is repeated without
/// a word of that makes no second one.
pub fn append(elements: &mut Vec<Value>, new: Vec<Value>, attribute: &Attribute) -> Vec<usize> {
    // The old elements are looked at once, whatever the number of new ones: groups are large.
    let mut known: HashMap<String, Vec<usize>> =
        new.iter().map(|element| (key(element, attribute).into_owned(), Vec::new())).collect();
    for (index, element) in elements.iter().enumerate() {
        if let Some(found) = known.get_mut(key(element, attribute).as_ref()) {
            found.push(index);
        }
    }
    let mut primaries = Vec::new();
    for element in new {
        let candidates = known.entry(key(&element, attribute).into_owned()).or_default();
        let same = candidates
            .iter()
            .copied()
            .find(|&index| elements.get(index).is_some_and(|old| same_type(old, &element)));
        let index = same.unwrap_or(elements.len());
        if is_primary(&element) {
            primaries.push(index);
        }
        match elements.get_mut(index) {
            Some(old) => refresh(old, element, attribute),
            None => {
                candidates.push(index);
                elements.push(element);
            }
        }
    }
    primaries
}

/// Removes the elements that are listed: by `value` (and `type`, where both say it), else by all that is
/// listed of them.
pub fn subtract(
    elements: &mut Vec<Value>,
    listed: &[Value],
    attribute: &Attribute,
    budget: &mut Budget,
) -> Result<(), Error> {
    let by_value: HashMap<Cow<'_, str>, Vec<&Value>> =
        listed.iter().filter(|each| has_value(each)).fold(HashMap::new(), |mut map, each| {
            map.entry(key(each, attribute)).or_default().push(each);
            map
        });
    let by_parts: Vec<_> = listed.iter().filter(|each| !has_value(each)).collect();
    budget.looks(elements.len().saturating_mul(by_parts.len()))?;
    elements.retain(|element| {
        let named = by_value.get(&key(element, attribute));
        let named = named.is_some_and(|listed| listed.iter().any(|each| same_type(element, each)));
        !named && !by_parts.iter().any(|parts| holds_all(element, parts, attribute))
    });
    Ok(())
}

/// R78, RFC 7644 §3.5.2: setting `primary` on one element takes it from all others. `set` are the positions of
/// those that were just written; two primaries among them are 400 invalidValue.
pub fn one_primary(
    elements: &mut [Value],
    set: &[usize],
    attribute: &Attribute,
) -> Result<(), Error> {
    if attribute.sub("primary").is_none() {
        return Ok(());
    }
    let mut set = set.iter().filter(|&&index| elements.get(index).is_some_and(is_primary));
    let Some(&first) = set.next() else { return Ok(()) };
    if set.any(|&index| index != first) {
        return Err(Error::bad(
            ScimType::InvalidValue,
            format!(
                "`{}`: found several elements that are `primary`, expected one at most",
                attribute.name
            ),
        ));
    }
    for (index, element) in elements.iter_mut().enumerate() {
        if index != first
            && is_primary(element)
            && let Some(primary) = element.get_mut("primary")
        {
            *primary = Value::Bool(false);
        }
    }
    Ok(())
}

fn has_value(element: &Value) -> bool {
    element.as_object().is_none_or(|members| members.contains_key("value"))
}

/// What an element is known by: its `value`, else all that it holds.
pub fn key<'a>(element: &'a Value, attribute: &Attribute) -> Cow<'a, str> {
    let value = match attribute.sub("value") {
        Some(_) => element.get("value"),
        None => Some(element),
    };
    match value.and_then(Value::as_str) {
        Some(text) => key_of(text, attribute),
        None => Cow::Owned(signature(element, attribute)),
    }
}

/// The key of an element with this `value`.
pub fn key_of<'a>(value: &'a str, attribute: &Attribute) -> Cow<'a, str> {
    match attribute.sub("value").unwrap_or(attribute).case_exact {
        true => Cow::Borrowed(value),
        false => Cow::Owned(folded(value)),
    }
}

/// RFC 7643 §2.4: `value` and `type` together tell elements apart. Clients often leave `type` out.
pub fn same_type(a: &Value, b: &Value) -> bool {
    match (a.get("type").and_then(Value::as_str), b.get("type").and_then(Value::as_str)) {
        (Some(a), Some(b)) => same_text(a, b, false),
        _ => true,
    }
}

fn holds_all(element: &Value, parts: &Value, attribute: &Attribute) -> bool {
    let Value::Object(parts) = parts else { return element == parts };
    parts.iter().all(|(name, part)| match (attribute.sub(name), element.get(name)) {
        (Some(sub), Some(value)) => equal(Some(value), Some(part), sub),
        _ => false,
    })
}

/// Brings an element up to date with one that says the same `value`. A member has nothing to update.
fn refresh(old: &mut Value, new: Value, attribute: &Attribute) {
    let fixed = attribute.sub("value").is_some_and(|sub| sub.mutability == Mutability::Immutable);
    if let (false, Value::Object(old), Value::Object(new)) = (fixed, old, new) {
        old.extend(new);
    }
}
