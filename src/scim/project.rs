//! attributes, excludedAttributes and `returned` -> the Resource a client sees (RFC 7644 §3.9, RFC 7643 §7).

use super::{
    attribute::AttributePath,
    compare::is_assigned,
    message::Projection,
    resource::Resource,
    resource_type::ResourceType,
    schema::{Attribute, Returned, Schema},
};
use serde_json::{Map, Value};

/// What the client sees of a resource, be it one of a list or one that was just written (R32; RFC 7644 §3.9). The paths of the projection are canonical.
pub fn project(mut resource: Resource, projection: &Projection, kind: &ResourceType) -> Resource {
    let members = resource.as_map_mut();
    prune(members, kind.core_attributes(), &Wanted { projection, extension: None });
    for schema in kind.extensions.iter().map(|extension| &extension.schema) {
        let Some(Value::Object(extension)) = members.get_mut(&schema.id) else { continue };
        let wanted = Wanted { projection, extension: Some(schema) };
        prune(extension, schema.attributes.iter(), &wanted);
        if extension.is_empty() {
            members.remove(&schema.id);
        }
    }
    resource
}

/// Takes out of an object what the client does not see.
fn prune<'a>(
    members: &mut Map<String, Value>,
    attributes: impl Iterator<Item = &'a Attribute>,
    wanted: &Wanted<'_>,
) {
    for attribute in attributes {
        let seen = wanted.attribute(attribute);
        let mut subs = attribute.attributes.iter();
        // First: to most clients everything is shown, and then nothing needs to be looked up.
        if seen && subs.all(|sub| wanted.sub(attribute, sub)) {
            continue;
        }
        let Some(value) = members.get_mut(&attribute.name) else { continue };
        if seen {
            let subs = attribute.attributes.iter();
            let unseen: Vec<_> = subs.filter(|sub| !wanted.sub(attribute, sub)).collect();
            without(value, &unseen);
            if is_assigned(value) {
                continue;
            }
        }
        members.remove(&attribute.name);
    }
}

/// Takes sub-attributes out of a complex value or of every element of a list; elements that are empty then go.
fn without(value: &mut Value, unseen: &[&Attribute]) {
    match value {
        Value::Object(members) => {
            for sub in unseen {
                members.remove(&sub.name);
            }
        }
        Value::Array(elements) => {
            for element in elements.iter_mut() {
                without(element, unseen);
            }
            elements.retain(is_assigned);
        }
        _ => {}
    }
}

/// What a projection asks of one schema.
struct Wanted<'a> {
    projection: &'a Projection,
    extension: Option<&'a Schema>,
}

impl Wanted<'_> {
    /// Whether anything of an attribute is seen.
    fn attribute(&self, attribute: &Attribute) -> bool {
        match (attribute.returned, self.projection) {
            // R21, RFC 7643 §7.
            (Returned::Never, _) => false,
            // R31, RFC 7644 §3.9.
            (Returned::Always, _) => true,
            // R27, RFC 7644 §3.4.2.5.
            (_, Projection::Only(paths)) => paths.iter().any(|path| self.names(path, attribute)),
            // X2, RFC 7643 §7: it was not named.
            (Returned::Request, _) => false,
            (Returned::Default, Projection::Default) => true,
            // R30, R33; RFC 7644 §3.4.2.5.
            (Returned::Default, Projection::Except(paths)) => {
                !paths.iter().any(|path| path.sub.is_none() && self.names(path, attribute))
            }
        }
    }

    /// Whether a sub-attribute of an attribute that is seen is seen (R28; RFC 7644 §3.4.2.5).
    fn sub(&self, attribute: &Attribute, sub: &Attribute) -> bool {
        let named = |path: &AttributePath| {
            self.names(path, attribute) && path.sub.as_ref() == Some(&sub.name)
        };
        match (sub.returned, self.projection) {
            (Returned::Never, _) => false,
            (Returned::Always, _) => true,
            (returned, Projection::Only(paths)) => {
                let whole =
                    |path: &AttributePath| path.sub.is_none() && self.names(path, attribute);
                let by_default = attribute.returned == Returned::Always || paths.iter().any(whole);
                returned == Returned::Default && by_default || paths.iter().any(named)
            }
            (Returned::Request, _) => false,
            (Returned::Default, Projection::Default) => true,
            (Returned::Default, Projection::Except(paths)) => !paths.iter().any(named),
        }
    }

    /// Whether a path is that of the attribute, of a part of it, or of the schema that it stands in.
    fn names(&self, path: &AttributePath, attribute: &Attribute) -> bool {
        match (&path.urn, self.extension) {
            (None, None) => path.name == attribute.name,
            (Some(urn), Some(schema)) if *urn == schema.id => path.name == attribute.name,
            (Some(_), Some(schema)) => path.to_string() == schema.id,
            _ => false,
        }
    }
}
