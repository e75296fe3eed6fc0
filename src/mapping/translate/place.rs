//! Takes and puts values where a rule's [`Target`] points in a Resource.

use crate::{
    mapping::{path::Select, plan::Target},
    scim::resource::Resource,
};
use serde_json::{Map, Value};

/// The value at `target`, if assigned. `primary==true` falls back to the first element when none
/// is marked (RFC 7643 §2.4 makes `primary` optional).
pub fn take<'a>(resource: &'a Resource, target: &Target) -> Option<&'a Value> {
    match target {
        Target::Attribute(path) => resource.get(path),
        Target::Element { list, select, sub } => {
            let elements = resource.get(list)?.as_array()?;
            pick(elements, select)?.get(sub)
        }
    }
}

/// The same, to be changed in place.
pub fn take_mut<'a>(resource: &'a mut Resource, target: &Target) -> Option<&'a mut Value> {
    match target {
        Target::Attribute(path) => {
            let attribute = resource.get_mut(path)?;
            match &path.sub {
                Some(sub) => attribute.get_mut(sub),
                None => Some(attribute),
            }
        }
        Target::Element { list, select, sub } => {
            let elements = resource.get_mut(list)?.as_array_mut()?;
            let at = position(elements, select)?;
            elements.get_mut(at)?.get_mut(sub)
        }
    }
}

/// The element that `select` means.
pub(super) fn pick<'a>(elements: &'a [Value], select: &Select) -> Option<&'a Value> {
    elements.get(position(elements, select)?)
}

fn position(elements: &[Value], select: &Select) -> Option<usize> {
    if let Select::Index(index) = select {
        return Some(*index);
    }
    elements.iter().position(|element| select.holds(element)).or_else(|| {
        let unmarked =
            || elements.iter().all(|element| element.get("primary") != Some(&Value::Bool(true)));
        (select.is_primary() && unmarked()).then_some(0)
    })
}

/// Puts `value` at `target`, making the element with its selector when it is missing, so that a
/// client finds it again by `type` or `primary`.
pub fn put(resource: &mut Resource, target: &Target, value: Value) {
    let (list, select, sub) = match target {
        Target::Attribute(path) => return resource.set(path, value),
        Target::Element { list, select, sub } => (list, select, sub),
    };
    match resource.get_mut(list).and_then(Value::as_array_mut) {
        Some(elements) => put_element(elements, select, sub, value),
        None => resource.set(list, Value::Array(vec![element(select, sub, value)])),
    }
}

/// Takes the value at `target` away; an element that is left with nothing but its selector goes with it.
pub fn clear(resource: &mut Resource, target: &Target) {
    let (list, select, sub) = match target {
        Target::Attribute(path) => {
            resource.remove(path);
            return;
        }
        Target::Element { list, select, sub } => (list, select, sub),
    };
    let Some(Value::Array(mut elements)) = resource.remove(list) else { return };
    if let Some(at) = position(&elements, select)
        && let Some(element) = elements.get_mut(at).and_then(Value::as_object_mut)
    {
        element.remove(sub);
        let own = |name: &String| matches!(select, Select::Where { name: own, .. } if own == name);
        if element.keys().all(own) {
            elements.remove(at);
        }
    }
    resource.set(list, Value::Array(elements));
}

/// The same in a list.
pub(super) fn put_element(elements: &mut Vec<Value>, select: &Select, sub: &str, value: Value) {
    let found = match select {
        // An index beyond the end appends: elements without a value before it are not invented.
        Select::Index(index) => elements.get_mut(*index),
        Select::Where { .. } => elements.iter_mut().find(|element| select.holds(element)),
    };
    match found.and_then(Value::as_object_mut) {
        Some(element) => {
            element.insert(sub.to_owned(), value);
        }
        None => elements.push(element(select, sub, value)),
    }
}

/// A new element with its selector.
fn element(select: &Select, sub: &str, value: Value) -> Value {
    let mut members = Map::new();
    if let Select::Where { name, value } = select {
        members.insert(name.clone(), value.clone());
    }
    members.insert(sub.to_owned(), value);
    Value::Object(members)
}
