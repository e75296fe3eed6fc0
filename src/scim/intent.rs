//! What a client wants of one resource, in a form that can be held and taken up again: with names in clear, and without
//! what nobody may read.
//!
//! | request | held |
//! |---|---|
//! | PATCH | `{"patch": [{"op": "replace", "path": "active", "value": false}]}` |
//! | PUT | `{"replace": {"userName": "ada", "active": false}}` |
//! | DELETE | `"delete"` |
//! | POST | `{"create": {"userName": "ada"}}` |
//!
//! Beside one of which a password was left out stands `"withheld": true`.

use super::{
    attribute::AttributePath,
    message::Action,
    patch::{PatchKind, PatchOp, path::PatchPath},
    reading::Reading,
    resource::Resource,
    resource_type::ResourceType,
    schema::{Mutability, Returned},
};
use serde_json::{Map, Value, json};

/// Says that something was left out. In order of names it stands behind what is wanted.
const WITHHELD: &str = "withheld";

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// As it is held.
    pub value: Value,
    /// Nothing was left out: what is held is all that was wanted.
    pub whole: bool,
}

impl Intent {
    /// What an action wants of a resource, or that there be one; nothing when it writes nothing.
    pub fn of(action: &Action, kind: &ResourceType) -> Option<Self> {
        let mut whole = true;
        let value = match action {
            Action::Patch { operations, .. } => {
                let held = operations.iter().filter_map(|it| operation(it, kind, &mut whole));
                json!({ "patch": held.collect::<Vec<_>>() })
            }
            Action::Replace { resource, .. } => {
                let mut held = resource.as_map().clone();
                readable(&mut held, kind, &mut whole);
                json!({ "replace": held })
            }
            Action::Delete { .. } => json!("delete"),
            Action::Create(resource) => {
                let mut held = resource.as_map().clone();
                readable(&mut held, kind, &mut whole);
                json!({ "create": held })
            }
            Action::Get { .. } | Action::Search(_) => return None,
        };
        let mut value = value;
        if let Some(held) = value.as_object_mut().filter(|_| !whole) {
            held.insert(WITHHELD.to_owned(), json!(true));
        }
        Some(Self { value, whole })
    }

    /// Whether two want the same for certain. Of what was left out nobody can tell.
    pub fn is_same(one: &Value, other: &Value) -> bool {
        one == other && one.get(WITHHELD).is_none()
    }

    /// The action upon `id` of what is held, which a create has none of; nothing when no such thing can be held.
    pub fn action(held: &Value, id: &str) -> Option<Action> {
        let id = id.to_owned();
        if held == "delete" {
            return Some(Action::Delete { id });
        }
        match held.as_object()?.iter().next()? {
            (word, Value::Array(operations)) if word == "patch" => {
                let operations: Option<Vec<_>> = operations.iter().map(taken_up).collect();
                Some(Action::Patch { id, operations: operations? })
            }
            (word, Value::Object(members)) if word == "replace" => {
                let resource = Resource::from_map(members.clone());
                Some(Action::Replace { id, resource })
            }
            (word, Value::Object(members)) if word == "create" => {
                Some(Action::Create(Resource::from_map(members.clone())))
            }
            _ => None,
        }
    }

    /// Whether what is held says all that there is to say of its resource: nothing that was wanted before counts then. A
    /// PUT that says nothing of `active` leaves it as it stands.
    pub fn is_whole(held: &Value) -> bool {
        Self::verb(held) == Some("delete") || held.pointer("/replace/active").is_some()
    }

    /// The word for what is held: `patch`, `replace`, `delete` or `create`; nothing when no such thing can be held.
    pub fn verb(held: &Value) -> Option<&str> {
        match held {
            Value::String(word) => Some(word),
            held => held.as_object()?.keys().next().map(String::as_str),
        }
    }

    /// What is held says of `active` in the end; nothing where it says nothing of it.
    pub fn access(held: &Value) -> Option<bool> {
        let (_, wanted) = held.as_object()?.iter().next()?;
        let said = |operation: &Value| {
            let value = operation.get("value")?;
            match operation.get("path").and_then(Value::as_str) {
                Some(path) => is_access(path).then(|| truth(value))?,
                None => of_members(value),
            }
        };
        match wanted {
            Value::Array(operations) => operations.iter().filter_map(said).next_back(),
            members => of_members(members),
        }
    }

    /// The paths that what is held names, for people: never a value.
    pub fn paths(held: &Value) -> Vec<String> {
        let Some((_, wanted)) = held.as_object().and_then(|held| held.iter().next()) else {
            return Vec::new();
        };
        match wanted {
            Value::Array(operations) => {
                let path = |operation: &Value| match operation.get("path") {
                    Some(Value::String(path)) => vec![bare(path)],
                    _ => operation.get("value").map(names).unwrap_or_default(),
                };
                operations.iter().flat_map(path).collect()
            }
            members => names(members),
        }
    }
}

/// Whether a path is that of `active`. The mapping's own schema may know of no such thing any more.
pub fn is_access(path: &str) -> bool {
    path.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case("active"))
}

fn of_members(members: &Value) -> Option<bool> {
    let members = members.as_object()?.iter();
    members.filter(|(name, _)| is_access(name)).filter_map(|(_, value)| truth(value)).next_back()
}

/// Also in the words of clients that write booleans as text.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// A path without the values that stand in its filter.
fn bare(path: &str) -> String {
    match (path.find('['), path.rfind(']')) {
        (Some(from), Some(to)) => {
            [path.get(..from), path.get(to + 1..)].into_iter().flatten().collect()
        }
        _ => path.to_owned(),
    }
}

fn names(members: &Value) -> Vec<String> {
    members.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// Whether an action may switch its resource off, or end it: what must not be lost.
pub fn may_end(action: &Action, kind: &ResourceType) -> bool {
    match action {
        Action::Delete { .. } => true,
        Action::Replace { resource, .. } => resource.as_map().get("active").is_some_and(is_false),
        Action::Patch { operations, .. } => {
            operations.iter().any(|operation| match (&operation.path, &operation.value) {
                (Some(_), Some(value)) => operation.is_about("active", kind) && is_false(value),
                (None, Some(Value::Object(members))) => {
                    let off =
                        |(name, value): (&String, &Value)| is_active(name, kind) && is_false(value);
                    members.iter().any(off)
                }
                _ => false,
            })
        }
        Action::Get { .. } | Action::Search(_) | Action::Create(_) => false,
    }
}

fn is_active(name: &str, kind: &ResourceType) -> bool {
    named(name, kind).is_some_and(|path| path.is_active())
}

/// The canonical path of a member of a PATCH without one.
fn named(name: &str, kind: &ResourceType) -> Option<AttributePath> {
    kind.canonical(&AttributePath::parse(name).ok()?)
}

fn is_false(value: &Value) -> bool {
    truth(value) == Some(false)
}

fn operation(operation: &PatchOp, kind: &ResourceType, whole: &mut bool) -> Option<Value> {
    let PatchOp { kind: what, path, value } = operation;
    let mut value = value.clone();
    match path {
        Some(path) if is_secret(&path.attribute, kind) => {
            *whole = false;
            return None;
        }
        Some(_) => {}
        None => {
            let members = value.as_mut().and_then(Value::as_object_mut);
            if let Some(members) = members {
                readable(members, kind, whole);
            }
        }
    }
    let parts = [
        ("op", Some(json!(what.as_str()))),
        ("path", path.as_ref().map(|path| json!(path.to_string()))),
        ("value", value),
    ];
    let parts = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?)));
    Some(Value::Object(parts.collect()))
}

/// Leaves out what nobody may read.
fn readable(members: &mut Map<String, Value>, kind: &ResourceType, whole: &mut bool) {
    let before = members.len();
    members.retain(|name, _| !AttributePath::parse(name).is_ok_and(|path| is_secret(&path, kind)));
    for schema in kind.extensions.iter().map(|extension| &extension.schema) {
        let Some(Value::Object(extension)) = members.get_mut(&schema.id) else { continue };
        let before = extension.len();
        extension.retain(|name, _| !is_secret(&AttributePath::of(&schema.id, name), kind));
        *whole &= extension.len() == before;
    }
    *whole &= members.len() == before;
}

/// Whether nobody may read what stands there, so that it is held nowhere.
pub fn is_secret(path: &AttributePath, kind: &ResourceType) -> bool {
    let canonical = kind.canonical(path);
    let resolved = canonical.as_ref().and_then(|path| kind.resolve(path));
    let attribute = resolved.as_ref().and_then(|resolved| resolved.leaf());
    attribute.is_some_and(|attribute| {
        attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
    })
}

/// An element of `patch`, as a PATCH has it.
fn taken_up(held: &Value) -> Option<PatchOp> {
    let word = held.get("op")?.as_str()?;
    let kinds = [PatchKind::Add, PatchKind::Remove, PatchKind::Replace];
    let kind = kinds.into_iter().find(|kind| kind.as_str() == word)?;
    let path = match held.get("path") {
        // It was read before, so nothing of it has to be borne with.
        Some(path) => Some(PatchPath::parse(path.as_str()?, &mut Reading::default()).ok()?),
        None => None,
    };
    Some(PatchOp { kind, path, value: held.get("value").cloned() })
}
