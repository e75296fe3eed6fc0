//! Does a canonical Resource keep its schema?

use super::{
    changes::equal,
    compare::elements,
    error::{Error, ScimType},
    resource::Resource,
    resource_type::ResourceType,
    schema::{Attribute, Mutability, Schema},
};
use serde_json::Value;

/// Whether everything required is assigned (R16, R17, R83; RFC 7643 §4.1.1, §4.2); 400 invalidValue naming
/// all that is not (RFC 7643 §7).
pub fn create(resource: &Resource, kind: &ResourceType) -> Result<(), Error> {
    let mut missing = Vec::new();
    for (extension, attribute) in writable(kind) {
        let value = resource.attribute(extension, &attribute.name);
        missing.extend(missing_in(value, extension, attribute));
    }
    required(&missing)
}

/// Whether an update leaves assigned what is required (R60, R74; 400 invalidValue) and untouched what is
/// immutable (X1; 400 mutability; RFC 7644 §3.5.1, §3.5.2.2). A required attribute that was not assigned before
/// may stay so: a record that the vendor holds without it must still be one that can be deactivated. An
/// immutable attribute may be left out, which leaves it as it is.
pub fn update(before: &Resource, after: &Resource, kind: &ResourceType) -> Result<(), Error> {
    let mut missing = Vec::new();
    for (extension, attribute) in writable(kind) {
        let was = before.attribute(extension, &attribute.name);
        let is = after.attribute(extension, &attribute.name);
        let gone = missing_in(is, extension, attribute);
        if !gone.is_empty() {
            let already = missing_in(was, extension, attribute);
            missing.extend(gone.into_iter().filter(|name| !already.contains(name)));
        }
        immutable(was, is, attribute).map_err(|name| changed(&full_name(extension, &name)))?;
    }
    required(&missing)
}

/// Every attribute that a client may write, with its extension.
fn writable(kind: &ResourceType) -> impl Iterator<Item = (Option<&Schema>, &Attribute)> {
    let core = kind.core_attributes().map(|attribute| (None, attribute));
    let extended = kind.extensions.iter().flat_map(|extension| {
        let schema = &extension.schema;
        schema.attributes.iter().map(move |attribute| (Some(schema), attribute))
    });
    core.chain(extended).filter(|(_, attribute)| attribute.mutability != Mutability::ReadOnly)
}

/// The names of what is required and not assigned: the attribute, or sub-attributes of its elements.
fn missing_in(
    value: Option<&Value>,
    extension: Option<&Schema>,
    attribute: &Attribute,
) -> Vec<String> {
    let Some(value) = value else {
        return if attribute.required {
            vec![full_name(extension, &attribute.name)]
        } else {
            Vec::new()
        };
    };
    let required = attribute
        .attributes
        .iter()
        .filter(|sub| sub.required && sub.mutability != Mutability::ReadOnly);
    required
        .filter(|sub| elements(value).iter().any(|element| element.get(&sub.name).is_none()))
        .map(|sub| full_name(extension, &format!("{}.{}", attribute.name, sub.name)))
        .collect()
}

/// The name of what is immutable and changes. Elements of lists come and go as a whole.
fn immutable(was: Option<&Value>, is: Option<&Value>, attribute: &Attribute) -> Result<(), String> {
    let (Some(was), Some(is)) = (was, is) else { return Ok(()) };
    if attribute.mutability == Mutability::Immutable && !equal(Some(was), Some(is), attribute) {
        return Err(attribute.name.clone());
    }
    if attribute.multi_valued {
        return Ok(());
    }
    attribute.attributes.iter().try_for_each(|sub| {
        immutable(was.get(&sub.name), is.get(&sub.name), sub)
            .map_err(|name| format!("{}.{name}", attribute.name))
    })
}

fn full_name(extension: Option<&Schema>, name: &str) -> String {
    match extension {
        Some(schema) => format!("{}:{name}", schema.id),
        None => name.to_owned(),
    }
}

fn required(missing: &[String]) -> Result<(), Error> {
    let verb = match missing {
        [] => return Ok(()),
        [_] => "is",
        _ => "are",
    };
    let names = missing.join("`, `");
    Err(Error::bad(
        ScimType::InvalidValue,
        format!("`{names}` {verb} required: found no value, expected one"),
    ))
}

fn changed(name: &str) -> Error {
    Error::bad(
        ScimType::Mutability,
        format!("`{name}` is immutable: it cannot be changed once it has a value"),
    )
}
