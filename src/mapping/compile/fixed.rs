//! The entries of `fixed`, held against their schemas as if a client had sent them.

use super::Compiler;
use crate::{
    diagnostic::did_you_mean,
    mapping::document::FixedSection,
    scim::{
        attribute::AttributePath,
        profile::Profile,
        reading::Reading,
        resource::Resource,
        resource_type::ResourceType,
        schema::{Attribute, Mutability},
        validate,
    },
};
use serde_json::Value;
use std::collections::HashMap;

/// All resources of a fixed kind, in file order.
pub fn entries(
    cx: &mut Compiler<'_>,
    sections: Vec<FixedSection>,
    full: &ResourceType,
) -> Vec<Resource> {
    let open = opened(full);
    let mut lines = HashMap::new();
    let mut made = Vec::with_capacity(sections.len());
    for section in sections {
        let (id, span) = (section.id.value.clone(), section.id.span);
        if let Some(line) = lines.insert(id.clone(), span.line) {
            let message = format!("the id `{id}` stands twice in `fixed`");
            let help = format!("the first one stands at line {line}; ids are unique");
            cx.error("M102", span, message, Some(help));
        }
        made.extend(entry(cx, section, &open));
    }
    made
}

fn entry(cx: &mut Compiler<'_>, section: FixedSection, open: &ResourceType) -> Option<Resource> {
    for name in ["schemas", "meta"] {
        if section.attributes.contains_key(name) {
            let message = format!("`{name}` does nothing in an entry of `fixed`");
            let help = "leave it out: it is made when the resource is served".to_owned();
            cx.error("M217", section.span, message, Some(help));
        }
    }
    // Nobody's habits: what stands in a mapping is written as the RFC has it.
    let mut reading = Reading::new(Profile::Strict);
    let sent = Value::Object(section.attributes);
    let mut resource = match Resource::canonical(sent, open, &mut reading) {
        Ok(resource) => resource,
        Err(error) => {
            let help = "write it as a client would send it".to_owned();
            cx.error("M210", section.span, error.detail, Some(help));
            return None;
        }
    };
    for name in reading.unmapped.names() {
        let near = AttributePath::parse(name).ok().and_then(|path| open.nearest(&path));
        let help = near.map_or_else(
            || "an extension's attributes stand under its URN, which `schemas` declares".to_owned(),
            |near| did_you_mean(&near),
        );
        let message = format!("`{name}` is not an attribute of {}", open.name);
        cx.error("M201", section.span, message, Some(help));
    }
    if let Err(error) = validate::create(&resource, open) {
        let help = "add it to the entry".to_owned();
        cx.error("M211", section.span, error.detail, Some(help));
    }
    resource.set_id(section.id.value);
    Some(resource)
}

/// The same kind with everything writable: what a client could not write the mapping can.
fn opened(full: &ResourceType) -> ResourceType {
    fn open(attributes: &mut [Attribute]) {
        for attribute in attributes {
            attribute.mutability = Mutability::ReadWrite;
            open(&mut attribute.attributes);
        }
    }
    let mut kind = full.clone();
    open(&mut kind.schema.attributes);
    for extension in &mut kind.extensions {
        open(&mut extension.schema.attributes);
    }
    kind
}
