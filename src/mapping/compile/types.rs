//! Resource types: the schemas a mapping may name, and what of them is served.

use super::Compiler;
use crate::{
    diagnostic::{did_you_mean, nearest},
    mapping::{
        document::{AttributeSection, FormSection, ResourceSection, SchemaSection},
        plan::{Claimed, Direction, Operations, Rule, RuleKind, SubKind, Target},
    },
    scim::{
        resource::Resource,
        resource_type::{Extension, ResourceType},
        schema::{self, Attribute, Mutability, Returned, Schema, Type},
    },
    yaml::Spanned,
};
use std::sync::Arc;

/// Everything that a rule of this resource may name: the RFC's schemas and the mapping's own.
pub fn full(
    cx: &mut Compiler<'_>,
    section: &ResourceSection,
    schemas: &[SchemaSection],
) -> Option<ResourceType> {
    let name = section.name.value.as_str();
    let known = match name {
        "User" => Some(("/Users", schema::user())),
        "Group" => Some(("/Groups", schema::group())),
        _ => None,
    };
    let own = section.endpoint.as_ref().map(|endpoint| endpoint.value.clone());
    let (endpoint, mut core) = match (known, own, &section.schema) {
        (Some((endpoint, core)), own, _) => (own.unwrap_or_else(|| endpoint.to_owned()), core),
        (None, Some(endpoint), Some(urn)) => (endpoint, core_of(cx, urn, name, schemas)?),
        _ => {
            let message = format!("resource `{name}` needs `endpoint` and `schema`");
            let help = match nearest(name, ["User", "Group"]) {
                Some(near) => did_you_mean(near),
                None => format!(
                    "only User and Group are known by name; e.g. `endpoint: /Roles`, `schema: {}`",
                    schema::OKTA_ROLE
                ),
            };
            cx.error("M103", section.name.span, message, Some(help));
            return None;
        }
    };
    let mut extensions = Vec::new();
    if name == "User" {
        extensions.push(schema::enterprise_user());
    }
    for own in schemas {
        let urn = &own.id.value;
        let into = match extensions.iter_mut().find(|extension| same_urn(&extension.id, urn)) {
            _ if same_urn(&core.id, urn) => &mut core,
            Some(extension) => extension,
            None => {
                extensions.push(empty(urn, own.name.as_deref().unwrap_or_else(|| last_part(urn))));
                match extensions.last_mut() {
                    Some(extension) => extension,
                    None => continue,
                }
            }
        };
        if let Some(about) = &own.about {
            into.description.clone_from(about);
        }
        for attribute in &own.attributes {
            declare(&mut into.attributes, attribute);
        }
    }
    Some(ResourceType {
        name: name.to_owned(),
        endpoint,
        description: core.description.clone(),
        schema: core,
        extensions: extensions
            .into_iter()
            .map(|schema| Extension { schema, required: false })
            .collect(),
        external_id: true,
        read_only: false,
        whole: None,
    })
}

/// The core schema of a kind that is not known by its name: one that is built in, or one of the
/// mapping's own.
fn core_of(
    cx: &mut Compiler<'_>,
    urn: &Spanned<String>,
    name: &str,
    schemas: &[SchemaSection],
) -> Option<Schema> {
    if let Some(known) = schema::core(&urn.value) {
        return Some(known);
    }
    let own = schemas.iter().find(|own| same_urn(&own.id.value, &urn.value));
    let Some(own) = own else {
        let message = format!("schema `{}` is not known", urn.value);
        let known = schema::CORE.into_iter().chain(schemas.iter().map(|own| own.id.value.as_str()));
        let help = nearest(&urn.value, known)
            .map_or_else(|| "declare its attributes under `schemas`".to_owned(), did_you_mean);
        cx.error("M218", urn.span, message, Some(help));
        return None;
    };
    Some(empty(&own.id.value, own.name.as_deref().unwrap_or(name)))
}

/// Whether nothing of this kind is ever written. Of the kinds that provisioning is about a `get`
/// beside the `list` says that writes were meant to follow, and their absence is told.
pub fn read_only(section: &ResourceSection) -> bool {
    let operations = &section.operations;
    let writes =
        operations.create.is_some() || !operations.update.is_empty() || operations.delete.is_some();
    let about_people = matches!(section.name.value.as_str(), "User" | "Group");
    let promises = about_people && operations.get.is_some();
    match section.form {
        FormSection::Records => !(writes || promises),
        FormSection::Fixed(_) => true,
        FormSection::Kept | FormSection::Values(_) => false,
    }
}

fn empty(urn: &str, name: &str) -> Schema {
    Schema {
        id: urn.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        attributes: Vec::new(),
    }
}

fn same_urn(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// `urn:...:wsos:2.0:User` -> `User`
fn last_part(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or(urn)
}

/// Adds an attribute, or says more about one that is there.
fn declare(attributes: &mut Vec<Attribute>, section: &AttributeSection) {
    let name = &section.name.value;
    let position = attributes.iter().position(|known| known.name.eq_ignore_ascii_case(name));
    let mut attribute = match position {
        Some(position) => attributes.remove(position),
        None => Attribute::new(name, Type::String),
    };
    if let Some(kind) = section.kind {
        attribute.kind = kind;
    }
    if !section.attributes.is_empty() {
        attribute.kind = Type::Complex;
        for sub in &section.attributes {
            declare(&mut attribute.attributes, sub);
        }
    }
    attribute.multi_valued = section.list.unwrap_or(attribute.multi_valued);
    attribute.case_exact = section.case_exact.unwrap_or(attribute.case_exact);
    attribute.returned = section.returned.unwrap_or(attribute.returned);
    if let Some(about) = &section.about {
        attribute.description.clone_from(about);
    }
    if section.pattern.is_some() {
        attribute.pattern.clone_from(&section.pattern);
    }
    if !section.one_of.is_empty() {
        attribute.canonical_values.clone_from(&section.one_of);
        attribute.enforced = true;
    }
    attributes.insert(position.unwrap_or(attributes.len()), attribute);
}

/// What the rules cover, with mutability and the rest following from them: discovery and decoding
/// know nothing else.
pub fn served(
    full: &ResourceType,
    rules: &[Rule],
    operations: &Operations,
    read_only: bool,
) -> ResourceType {
    let mut served = narrowed(full);
    served.external_id = rules.iter().any(|rule| {
        rule.target.to_string() == "externalId" && !matches!(rule.kind, RuleKind::Ignore)
    });
    keep(&mut served.schema, None, rules, operations);
    for extension in &mut served.extensions {
        let urn = extension.schema.id.clone();
        keep(&mut extension.schema, Some(&urn), rules, operations);
    }
    served.extensions.retain(|extension| !extension.schema.attributes.is_empty());
    if read_only {
        seal(&mut served);
    }
    served
}

/// A kind of which less is served than its schemas have.
fn narrowed(full: &ResourceType) -> ResourceType {
    ResourceType { whole: Some(Arc::new(full.clone())), ..full.clone() }
}

/// What the entries of `fixed` have.
pub fn fixed(full: &ResourceType, entries: &[Resource]) -> ResourceType {
    let mut served = full.clone();
    let has = |extension: Option<&Schema>, name: &str| {
        entries.iter().any(|entry| entry.attribute(extension, name).is_some())
    };
    served.external_id = has(None, "externalId");
    served.schema.attributes.retain(|attribute| has(None, &attribute.name));
    for (extension, all) in served.extensions.iter_mut().zip(&full.extensions) {
        let held = |attribute: &Attribute| has(Some(&all.schema), &attribute.name);
        extension.schema.attributes.retain(held);
    }
    served.extensions.retain(|extension| !extension.schema.attributes.is_empty());
    seal(&mut served);
    served
}

/// What a kept Group has: its members are Users, whose names the vendor has.
pub fn kept(full: &ResourceType) -> ResourceType {
    let mut served = of_users(full);
    if let Some(members) = named(&mut served, "members") {
        members.attributes.retain(|sub| sub.name != "display");
    }
    served
}

/// What a Group that is a value has; its name compares as the value does, and only the store has an
/// `externalId`.
pub fn values(full: &ResourceType, exact: bool, stored: bool) -> ResourceType {
    let mut served = of_users(full);
    served.external_id = stored;
    if let Some(name) = named(&mut served, "displayName") {
        name.case_exact = exact;
    }
    served
}

/// A name, and members that are Users.
fn of_users(full: &ResourceType) -> ResourceType {
    let mut served = narrowed(full);
    served.extensions.clear();
    served
        .schema
        .attributes
        .retain(|known| matches!(known.name.as_str(), "displayName" | "members"));
    if let Some(members) = named(&mut served, "members") {
        narrow(members, Some("User"));
    }
    served
}

fn named<'a>(kind: &'a mut ResourceType, name: &str) -> Option<&'a mut Attribute> {
    kind.schema.attributes.iter_mut().find(|known| known.name == name)
}

/// Nothing of it can be written (RFC 7643 §7: readOnly).
fn seal(kind: &mut ResourceType) {
    fn all(attributes: &mut [Attribute]) {
        for attribute in attributes {
            mark(attribute, true, false, false);
            all(&mut attribute.attributes);
        }
    }
    kind.read_only = true;
    all(&mut kind.schema.attributes);
    for extension in &mut kind.extensions {
        all(&mut extension.schema.attributes);
    }
}

/// Prunes one schema to what rules serve.
fn keep(schema: &mut Schema, urn: Option<&str>, rules: &[Rule], operations: &Operations) {
    schema.attributes.retain_mut(|attribute| {
        let of: Vec<(usize, &Rule)> = rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| {
                let path = rule.target.attribute();
                path.urn.as_deref() == urn && path.name == attribute.name
            })
            .collect();
        // A refused attribute stays known, so that the refusal can be told.
        if of.iter().all(|(_, rule)| matches!(rule.kind, RuleKind::Ignore)) {
            return false;
        }
        shape(attribute, &of, operations);
        true
    });
}

/// One attribute as its rules have it.
fn shape(attribute: &mut Attribute, rules: &[(usize, &Rule)], operations: &Operations) {
    for (index, rule) in rules {
        match (&rule.target, &rule.kind) {
            (Target::Attribute(path), RuleKind::List { elements, .. }) if path.sub.is_none() => {
                let element = &elements.subs;
                if attribute.kind == Type::Complex {
                    let refers = element.iter().find_map(|own| own.refers.as_deref());
                    attribute.attributes.retain(|sub| {
                        element.iter().any(|own| own.name == sub.name) || is_reference(sub, refers)
                    });
                    narrow(attribute, refers);
                }
                for own in element {
                    // Who is in the list may be written by operations alone.
                    let only_read = own.direction == Direction::Read
                        && !(own.name == "value" && claimed(*index, operations));
                    let read_only = only_read || matches!(own.kind, SubKind::Constant(_));
                    if let Some(sub) = sub_of(attribute, &own.name) {
                        sub.required = (sub.required || own.required) && own.default.is_none();
                        mark(sub, read_only, own.direction == Direction::Write, false);
                    }
                }
                mark_rule(attribute, rule, *index, operations);
            }
            (Target::Attribute(path), _) => match &path.sub {
                None => mark_rule(attribute, rule, *index, operations),
                Some(name) => {
                    if let Some(sub) = sub_of(attribute, name) {
                        mark_rule(sub, rule, *index, operations);
                    }
                }
            },
            (Target::Element { sub, .. }, _) => {
                if let Some(sub) = sub_of(attribute, sub) {
                    // That this element has one does not make every other need it.
                    let required = sub.required;
                    mark_rule(sub, rule, *index, operations);
                    sub.required = required;
                }
            }
        }
    }
    prune_subs(attribute, rules);
    let subs = &attribute.attributes;
    if !subs.is_empty() && subs.iter().all(|sub| sub.mutability == Mutability::ReadOnly) {
        attribute.mutability = Mutability::ReadOnly;
    }
}

/// A complex attribute served sub-attribute by sub-attribute has no others; selectors are echoed.
fn prune_subs(attribute: &mut Attribute, rules: &[(usize, &Rule)]) {
    let whole = rules
        .iter()
        .any(|(_, rule)| matches!(&rule.target, Target::Attribute(path) if path.sub.is_none()));
    if whole || attribute.kind != Type::Complex {
        return;
    }
    let refers = rules.iter().find_map(|(_, rule)| rule.refers.clone());
    narrow(attribute, refers.as_deref());
    attribute.attributes.retain(|sub| {
        let referred = is_reference(sub, refers.as_deref());
        referred
            || rules.iter().any(|(_, rule)| match &rule.target {
                Target::Attribute(path) => path.sub.as_deref() == Some(&sub.name),
                Target::Element { select, sub: own, .. } => {
                    *own == sub.name
                        || matches!(select, crate::mapping::path::Select::Where { name, .. }
                        if name.eq_ignore_ascii_case(&sub.name))
                }
            })
    });
}

/// `$ref` follows from a value that is the id of a resource we serve (RFC 7643 §2.4).
fn is_reference(sub: &Attribute, refers: Option<&str>) -> bool {
    sub.name == "$ref" && refers.is_some()
}

fn narrow(attribute: &mut Attribute, refers: Option<&str>) {
    if let (Some(refers), Some(reference)) = (refers, sub_of(attribute, "$ref")) {
        reference.reference_types = vec![refers.to_owned()];
    }
}

fn sub_of<'a>(attribute: &'a mut Attribute, name: &str) -> Option<&'a mut Attribute> {
    attribute.attributes.iter_mut().find(|sub| sub.name == name)
}

/// Whether an update says that it writes the rule, or who joins and leaves.
fn claimed(index: usize, operations: &Operations) -> bool {
    let claims =
        operations.update.iter().flat_map(|update| update.operation.claims.iter().flatten());
    claims.into_iter().any(|claim| claim.rules.contains(&index) && claim.what != Claimed::Alters)
}

fn mark_rule(attribute: &mut Attribute, rule: &Rule, index: usize, operations: &Operations) {
    let read_only = rule.direction == Direction::Read
        || matches!(rule.kind, RuleKind::Constant(_))
        || (matches!(rule.kind, RuleKind::Computed { .. }) && !claimed(index, operations));
    mark(attribute, read_only, rule.direction == Direction::Write, rule.only_create);
    // What has a default or is made up the client may leave out; what it comes to is the mapping's.
    let ours = rule.default.is_some() || rule.generate.is_some();
    attribute.required = (attribute.required || rule.required) && !ours;
    if let Some(table) = &rule.passage.table {
        attribute.canonical_values =
            table.rows.iter().filter_map(|row| row.scim.as_str().map(str::to_owned)).collect();
    }
}

fn mark(attribute: &mut Attribute, read_only: bool, write_only: bool, once: bool) {
    if read_only {
        attribute.mutability = Mutability::ReadOnly;
        attribute.required = false;
    } else if write_only {
        attribute.mutability = Mutability::WriteOnly;
        attribute.returned = Returned::Never;
    } else if once {
        attribute.mutability = Mutability::Immutable;
    } else if attribute.mutability == Mutability::ReadOnly {
        attribute.mutability = Mutability::ReadWrite;
    }
}
