//! A PATCH of 1.1 as PatchOps (draft-scim-api-01 §3.3.2): the body is a part of the resource. Single values
//! take the place of the old ones, elements of lists are added, those with `"operation": "delete"` and the
//! attributes that `meta.attributes` names go first.

use super::query;
use crate::scim::patch::PATCH_OP;
use serde_json::{Map, Value, json};

/// The body of a PATCH in 2.0; `members` already have the names of 2.0.
pub fn inward(members: Map<String, Value>) -> Map<String, Value> {
    let mut changes = Changes::default();
    for (key, value) in members {
        match (key.to_ascii_lowercase().as_str(), value) {
            // The id in the path counts (§3.3).
            ("schemas" | "id", _) => {}
            ("meta", value) => changes.forget(&value),
            (_, Value::Object(extension)) if key.contains(':') => {
                let mut inner = Changes::default();
                for (name, value) in extension {
                    inner.member(&format!("{key}:{name}"), name, value);
                }
                changes.within(&key, inner);
            }
            (_, value) => changes.member(&key.clone(), key, value),
        }
    }
    let body = json!({ "schemas": [PATCH_OP], "Operations": changes.operations() });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

#[derive(Default)]
struct Changes {
    /// In order, before all else.
    removed: Vec<Value>,
    set: Map<String, Value>,
    added: Map<String, Value>,
}

impl Changes {
    /// `meta.attributes`: what shall be unassigned.
    fn forget(&mut self, meta: &Value) {
        let names = meta.get("attributes").and_then(Value::as_array);
        for name in names.into_iter().flatten().filter_map(Value::as_str) {
            self.removed.push(json!({ "op": "remove", "path": query::path(name) }));
        }
    }

    /// One attribute; `path` is what it is called from outside.
    fn member(&mut self, path: &str, name: String, value: Value) {
        let Value::Array(elements) = value else {
            self.set.insert(name, value);
            return;
        };
        let (gone, new): (Vec<_>, Vec<_>) = elements.into_iter().partition(is_delete);
        for element in gone {
            let path = match selects(&element) {
                Some(filter) => format!("{path}[{filter}]"),
                None => path.to_owned(),
            };
            self.removed.push(json!({ "op": "remove", "path": path }));
        }
        if !new.is_empty() {
            self.added.insert(name, Value::Array(new.into_iter().map(without_operation).collect()));
        }
    }

    /// The changes of an extension.
    fn within(&mut self, urn: &str, inner: Self) {
        self.removed.extend(inner.removed);
        for (all, part) in [(&mut self.set, inner.set), (&mut self.added, inner.added)] {
            if !part.is_empty() {
                all.insert(urn.to_owned(), Value::Object(part));
            }
        }
    }

    /// At least one: a body that changes nothing is no mistake in 1.1.
    fn operations(self) -> Vec<Value> {
        let Self { removed: mut operations, set, added } = self;
        if !added.is_empty() {
            operations.push(json!({ "op": "add", "value": added }));
        }
        if !set.is_empty() || operations.is_empty() {
            operations.push(json!({ "op": "replace", "value": set }));
        }
        operations
    }
}

const OPERATION: &str = "operation";

fn is_delete(element: &Value) -> bool {
    let operation = element.get(OPERATION).and_then(Value::as_str);
    operation.is_some_and(|operation| operation.eq_ignore_ascii_case("delete"))
}

fn without_operation(mut element: Value) -> Value {
    if let Value::Object(members) = &mut element {
        members.remove(OPERATION);
    }
    element
}

/// Which element is meant: the one with its `value`, else the one with all that is said of it. `None` where
/// nothing is said: then it is the whole list.
fn selects(element: &Value) -> Option<String> {
    // RFC 8259 §7: the filter's text is a JSON string.
    if let Some(value) = element.get("value") {
        return Some(format!("value eq {value}"));
    }
    let members = element.as_object()?.iter();
    let terms: Vec<_> = members
        .filter(|(name, value)| *name != OPERATION && !value.is_object() && !value.is_array())
        .map(|(name, value)| format!("{name} eq {value}"))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" and "))
}
