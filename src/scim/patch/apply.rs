//! PatchOps + Resource -> Resource (RFC 7644 §3.5.2), one operation after another, all or none.

use super::{
    PatchKind, PatchOp,
    edit::{Edit, listed, may_list},
    members::{Members, single_value},
    path::PatchPath,
};
use crate::scim::{
    attribute::AttributePath,
    budget::Budget,
    canonical::{self, Trail},
    compare::is_assigned,
    error::{Error, ScimType},
    filter::Filter,
    leniency::Leniency,
    reading::Reading,
    resource::Resource,
    resource_type::ResourceType,
    schema::{Attribute, Mutability, Schema, Type},
    shown::found,
};
use serde_json::{Map, Value};

/// What came of a PATCH.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The resource as it shall be, canonical.
    pub resource: Resource,
}

/// Applies the operations in order (R77); a failure leaves nothing changed (R76; RFC 7644 §3.5.2: "atomic"). Errors
/// are 400 with noTarget, invalidPath, invalidFilter, invalidValue, mutability or tooMany, and name the
/// operation. Whether the outcome keeps its schema is [`crate::scim::validate`]'s to say.
pub fn apply(
    operations: &[PatchOp],
    before: &Resource,
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Applied, Error> {
    let mut patch = Patch::new(kind, before.clone(), reading);
    for (index, operation) in operations.iter().enumerate() {
        patch.run(operation).map_err(|error| match operations.len() {
            1 => error,
            _ => Error { detail: format!("operation {}: {}", index + 1, error.detail), ..error },
        })?;
    }
    patch.close();
    Ok(Applied { resource: patch.resource })
}

/// Where the target of a change was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// In `path`: what cannot be changed is refused.
    Path,
    /// As a key of a path-less value. Okta and Entra send whole resources so: what they cannot change is
    /// left aside.
    Key,
}

/// A list that is changed as a whole.
#[derive(Clone, Copy)]
struct Target<'a, 'p> {
    attribute: &'a Attribute,
    spelled: &'p AttributePath,
    at: Trail<'p>,
}

struct Patch<'a, 'r> {
    kind: &'a ResourceType,
    resource: Resource,
    /// Gets the keys of path-less values that no served schema has.
    reading: &'r mut Reading,
    budget: Budget,
    /// The list that the operations before this one changed.
    open: Option<Members<'a>>,
}

impl<'a, 'r> Patch<'a, 'r> {
    fn new(kind: &'a ResourceType, resource: Resource, reading: &'r mut Reading) -> Self {
        Self { kind, resource, reading, budget: Budget::of_patch(), open: None }
    }

    /// Puts the open list back where it was.
    fn close(&mut self) {
        if let Some(list) = self.open.take() {
            let path = list.path().clone();
            self.resource.set(&path, list.into_value());
        }
    }

    fn run(&mut self, operation: &PatchOp) -> Result<(), Error> {
        let PatchOp { kind, path, value } = operation;
        match (path, kind, value) {
            (_, PatchKind::Add | PatchKind::Replace, None) => {
                Err(value_error(format!("`value`: found nothing, expected what to {kind}")))
            }
            (Some(path), ..) => self.change(*kind, path, value.as_ref(), Named::Path),
            // R72, RFC 7644 §3.5.2.2: remove needs a path.
            (None, PatchKind::Remove, _) => Err(Error::bad(
                ScimType::NoTarget,
                "`path`: found nothing, expected what to remove",
            )),
            (None, _, Some(Value::Object(members))) => self.members(*kind, None, members),
            (None, _, other) => Err(no_object("value", other.as_ref())),
        }
    }

    /// R66, RFC 7644 §3.5.2.1. A value that is a resource, or the part of one that stands under `extension`.
    fn members(
        &mut self,
        kind: PatchKind,
        extension: Option<&'a Schema>,
        members: &Map<String, Value>,
    ) -> Result<(), Error> {
        for (key, sent) in members {
            if extension.is_none() && key.eq_ignore_ascii_case("id") {
                self.same_id(sent)?;
                continue;
            }
            let Ok(mut path) = PatchPath::parse(key, self.reading) else {
                canonical::note(&Trail::name(None, key), sent, self.reading);
                continue;
            };
            if self.is_more_than_a_name(&path) && !self.reading.allows(Leniency::PathKeys) {
                return Err(value_error(format!(
                    "`{key}`: found a path, expected the name of an attribute"
                )));
            }
            if let (Some(schema), None) = (extension, &path.attribute.urn) {
                path.attribute.urn = Some(schema.id.clone());
            }
            self.change(kind, &path, Some(sent), Named::Key)?;
        }
        Ok(())
    }

    /// Whether a key says more than an attribute's name, or the URN of a schema, can.
    fn is_more_than_a_name(&self, path: &PatchPath) -> bool {
        let AttributePath { urn, sub, .. } = &path.attribute;
        match urn {
            None => sub.is_some() || path.filter.is_some() || path.sub.is_some(),
            // A URN that is not served, whatever stands behind it, is an extension's.
            Some(_) => {
                let place = self.kind.resolve(&path.attribute);
                place.is_some_and(|place| place.attribute.is_some())
            }
        }
    }

    /// Okta repeats the id in the value.
    fn same_id(&mut self, sent: &Value) -> Result<(), Error> {
        let same = match (sent, self.resource.id()) {
            (Value::String(sent), Some(id)) => sent == id,
            (Value::Number(sent), Some(id)) => sent.as_str() == id,
            _ => !is_assigned(sent) || self.resource.id().is_none(),
        };
        let passes = same && (!is_assigned(sent) || self.reading.allows(Leniency::ReadOnlyKeys));
        if passes { Ok(()) } else { Err(read_only("id")) }
    }

    /// One change at one place.
    fn change(
        &mut self,
        kind: PatchKind,
        path: &PatchPath,
        value: Option<&Value>,
        named: Named,
    ) -> Result<(), Error> {
        let Some(place) = self.kind.resolve(&path.attribute) else {
            return self.unknown(path, value, named);
        };
        let Some(attribute) = place.attribute else {
            return self.schema(kind, path, place.extension, value);
        };
        let sub = match &path.sub {
            Some(name) => match attribute.sub(name) {
                Some(sub) => Some(sub),
                None => return self.unknown(path, value, named),
            },
            None => place.sub,
        };
        if attribute.name == "schemas" {
            return self.schemas(kind, value);
        }
        if attribute.mutability == Mutability::ReadOnly
            || sub.is_some_and(|sub| sub.mutability == Mutability::ReadOnly)
        {
            return match named {
                Named::Key if self.reading.allows(Leniency::ReadOnlyKeys) => Ok(()),
                // R75, RFC 7644 §3.5.2.
                _ => Err(read_only(&path.to_string())),
            };
        }
        if path.filter.is_some() && !attribute.multi_valued && attribute.kind != Type::Complex {
            let detail =
                format!("`{path}`: `{}` is a single value, expected no `[`", attribute.name);
            return Err(Error::bad(ScimType::InvalidPath, detail));
        }
        let filter = path.filter.as_ref();
        let filter =
            filter.map(|filter| filter.canonical_within(attribute, self.reading)).transpose()?;
        let filter = filter.as_ref();
        let spelled = AttributePath {
            urn: place.extension.map(|schema| schema.id.clone()),
            name: attribute.name.clone(),
            sub: None,
        };
        let urn = Trail::top(place.extension);
        let at = Trail::name(urn.as_ref(), &attribute.name);
        if sub.is_none() && Members::suits(attribute) {
            let target = Target { attribute, spelled: &spelled, at };
            if self.by_value(kind, filter, value, target)? {
                return Ok(());
            }
        }
        if self.open.as_ref().is_some_and(|open| *open.path() == spelled) {
            self.close();
        }
        let current = self.resource.remove(&spelled);
        let mut edit = Edit {
            kind,
            attribute,
            filter,
            sub,
            at,
            reading: self.reading,
            budget: &mut self.budget,
        };
        if let Some(changed) = edit.run(current, value)? {
            self.resource.set(&spelled, changed);
        }
        Ok(())
    }

    /// RFC 7644 §3.5.2: `schemas` follow from the attributes that a resource has. To name what is served changes
    /// nothing; to remove what is required is refused (§3.5.2.2).
    fn schemas(&mut self, kind: PatchKind, value: Option<&Value>) -> Result<(), Error> {
        let urns = match value {
            Some(Value::Array(urns)) => urns.as_slice(),
            Some(urn) => std::slice::from_ref(urn),
            None => &[],
        };
        if kind == PatchKind::Remove || urns.is_empty() {
            return Err(read_only("schemas"));
        }
        let served = |urn: &str| self.kind.is_core(urn) || self.kind.extension(urn).is_some();
        let Some(other) = urns.iter().find(|urn| !urn.as_str().is_some_and(served)) else {
            return Ok(());
        };
        if urns.iter().all(Value::is_string) && self.reading.allows(Leniency::ForeignSchemas) {
            return Ok(());
        }
        let (found, kind) = (found(other), &self.kind.name);
        Err(value_error(format!("`schemas`: found {found}, expected the schemas of {kind}")))
    }

    /// The changes of members that hundreds of operations ask for. False: it is another change.
    fn by_value(
        &mut self,
        kind: PatchKind,
        filter: Option<&Filter>,
        sent: Option<&Value>,
        target: Target<'a, '_>,
    ) -> Result<bool, Error> {
        match (kind, filter, sent) {
            (PatchKind::Remove, Some(filter), _) => {
                let Some(id) = single_value(filter) else { return Ok(false) };
                self.list(target)?.remove(id);
            }
            (PatchKind::Add | PatchKind::Remove, None, Some(sent)) if is_assigned(sent) => {
                let Target { attribute, at, .. } = target;
                if kind == PatchKind::Remove {
                    may_list(at, self.reading)?;
                }
                let sent = listed(kind, sent.clone(), attribute);
                let listed = canonical::value(sent, attribute, at, self.reading)?;
                let Some(Value::Array(listed)) = listed else { return Ok(true) };
                let list = self.list(target)?;
                match kind {
                    PatchKind::Add => list.add(listed),
                    _ => list.subtract(&listed),
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The list of an attribute, open to be changed.
    fn list(&mut self, target: Target<'a, '_>) -> Result<&mut Members<'a>, Error> {
        let Target { attribute, spelled, .. } = target;
        let open = match self.open.take() {
            Some(open) if open.path() == spelled => open,
            other => {
                self.open = other;
                self.close();
                let current = self.resource.remove(spelled);
                let list = Members::new(attribute, spelled.clone(), current);
                self.budget.looks(list.length())?;
                list
            }
        };
        Ok(self.open.insert(open))
    }

    /// The target is all that a schema holds.
    fn schema(
        &mut self,
        kind: PatchKind,
        path: &PatchPath,
        extension: Option<&'a Schema>,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        if path.filter.is_some() {
            let detail = format!("`{path}`: a schema is no list, expected no `[`");
            return Err(Error::bad(ScimType::InvalidPath, detail));
        }
        match (kind, value, extension) {
            (PatchKind::Add | PatchKind::Replace, Some(Value::Object(members)), _) => {
                self.members(kind, extension, members)
            }
            (PatchKind::Add | PatchKind::Replace, Some(value), _) if is_assigned(value) => {
                Err(no_object(&path.to_string(), Some(value)))
            }
            (PatchKind::Add, ..) => Ok(()),
            (_, _, Some(schema)) => schema.attributes.iter().try_for_each(|attribute| {
                let attribute = AttributePath::of(&schema.id, &attribute.name);
                let path = PatchPath { attribute, filter: None, sub: None };
                self.change(PatchKind::Remove, &path, None, Named::Key)
            }),
            (_, _, None) => Err(Error::bad(
                ScimType::NoTarget,
                format!("`{path}` is the whole resource, expected one of its attributes"),
            )),
        }
    }

    /// No rule serves it.
    fn unknown(
        &mut self,
        path: &PatchPath,
        value: Option<&Value>,
        named: Named,
    ) -> Result<(), Error> {
        let attribute = path.attribute.clone();
        let spelled = match &path.sub {
            Some(name) => attribute.dot(name),
            None => attribute,
        };
        if named == Named::Path {
            self.of_its_schemas(path, &spelled)?;
        }
        let text = spelled.to_string();
        match value {
            Some(value) if spelled.urn.is_some() => canonical::unknown(&text, value, self.reading),
            Some(value) => canonical::note(&Trail::name(None, &text), value, self.reading),
            // What is absent already is no error.
            None => {}
        }
        Ok(())
    }

    /// A path may name what the schemas have and no rule serves: it is left out as the same member of a body is,
    /// or it would take the other operations of its PATCH with it.
    fn of_its_schemas(&mut self, path: &PatchPath, spelled: &AttributePath) -> Result<(), Error> {
        let whole = self.kind.whole.as_deref();
        let Some(place) = whole.and_then(|whole| whole.resolve(spelled)) else {
            return Err(Error::bad(ScimType::InvalidPath, self.kind.unknown(spelled)));
        };
        let mut steps = place.attribute.into_iter().chain(place.sub);
        if steps.any(|step| step.mutability == Mutability::ReadOnly) {
            return Err(read_only(&spelled.to_string()));
        }
        if let (Some(filter), Some(attribute)) = (&path.filter, place.attribute) {
            filter.canonical_within(attribute, self.reading)?;
        }
        Ok(())
    }
}

fn read_only(path: &str) -> Error {
    Error::bad(ScimType::Mutability, format!("`{path}` is read-only"))
}

fn no_object(place: &str, sent: Option<&Value>) -> Error {
    let found = sent.map_or("nothing".to_owned(), found);
    value_error(format!("`{place}`: found {found}, expected an object of attributes"))
}

fn value_error(detail: String) -> Error {
    Error::bad(ScimType::InvalidValue, detail)
}
