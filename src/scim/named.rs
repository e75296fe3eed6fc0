//! What a write names, told without what it says: attributes in the schema's spelling, and no value but `active`.
//!
//! A value may be anything about a person, also where the schema calls it harmless; a filter within a path holds
//! values, and a name that no schema knows may be one. So what is told is the schema's own words.

use super::{
    attribute::AttributePath,
    message::Action,
    patch::{PatchKind, PatchOp},
    resource_type::ResourceType,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Names by what is done with them: `set` by a create or a replacement, else the word of the PatchOp.
pub type Names = BTreeMap<&'static str, BTreeSet<String>>;

/// What a write names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Attributes and sub-attributes.
    pub attributes: Names,
    /// What it wants `active` to be, where it says so.
    pub active: Option<bool>,
}

/// Stands for all names that no schema here knows.
const UNKNOWN: &str = "(unknown)";

/// What `action` names of a resource of this kind.
pub fn named(action: &Action, kind: &ResourceType) -> Named {
    let mut named = Named::default();
    match action {
        Action::Create(resource) | Action::Replace { resource, .. } => {
            named.members("set", resource.as_map(), kind);
        }
        Action::Patch { operations, .. } => {
            operations.iter().for_each(|operation| named.operation(operation, kind));
        }
        Action::Get { .. } | Action::Search(_) | Action::Delete { .. } => {}
    }
    named
}

impl Named {
    fn operation(&mut self, operation: &PatchOp, kind: &ResourceType) {
        let PatchOp { kind: does, path, value } = operation;
        let value = value.as_ref().unwrap_or(&Value::Null);
        match (path, value) {
            (Some(path), _) => {
                let sub = path.sub.clone().or_else(|| path.attribute.sub.clone());
                let path = AttributePath { sub, ..path.attribute.clone() };
                self.attribute(does.as_str(), &path, value, kind);
            }
            (None, Value::Object(members)) => self.members(does.as_str(), members, kind),
            (None, _) => {}
        }
        // What is removed has no value any more.
        if *does == PatchKind::Remove
            && path.as_ref().is_some_and(|path| path.attribute.is_active())
        {
            self.active = None;
        }
    }

    /// The members of a resource, or of a PatchOp's value.
    fn members(&mut self, does: &'static str, members: &Map<String, Value>, kind: &ResourceType) {
        for (name, value) in members {
            match (kind.extension(name), value) {
                (Some(schema), Value::Object(members)) => {
                    for (name, value) in members {
                        let path = AttributePath::of(&schema.id, name);
                        self.attribute(does, &path, value, kind);
                    }
                }
                _ => match AttributePath::parse(name) {
                    Ok(path) => self.attribute(does, &path, value, kind),
                    Err(_) => self.note(does, UNKNOWN),
                },
            }
        }
    }

    /// An attribute, or each of its sub-attributes that the value has.
    fn attribute(
        &mut self,
        does: &'static str,
        path: &AttributePath,
        value: &Value,
        kind: &ResourceType,
    ) {
        let Some(canonical) = known(path, kind) else { return self.note(does, UNKNOWN) };
        if canonical.is_active() {
            self.active = truth(value);
        }
        let elements = match value {
            Value::Array(elements) => elements.as_slice(),
            value => std::slice::from_ref(value),
        };
        let names = elements.iter().filter_map(Value::as_object).flat_map(Map::keys);
        let subs = names.filter_map(|name| known(&canonical.clone().dot(name), kind));
        let subs: BTreeSet<String> = match canonical.sub {
            None => subs.map(|path| path.to_string()).collect(),
            Some(_) => BTreeSet::new(),
        };
        match subs.is_empty() {
            true => self.note(does, &canonical.to_string()),
            false => subs.iter().for_each(|name| self.note(does, name)),
        }
    }

    fn note(&mut self, does: &'static str, name: &str) {
        self.attributes.entry(does).or_default().insert(name.to_owned());
    }
}

/// The path in the schema's spelling, also of what the schema has and the mapping does not serve.
fn known(path: &AttributePath, kind: &ResourceType) -> Option<AttributePath> {
    let whole = || kind.whole.as_ref().and_then(|whole| whole.canonical(path));
    kind.canonical(path).or_else(whole)
}

/// Some clients write a boolean as a text.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::{
        patch::path::PatchPath,
        profile::Profile,
        reading::Reading,
        resource::Resource,
        resource_type::Extension,
        schema::{ENTERPRISE_USER, enterprise_user, user},
    };
    use serde_json::json;

    fn kind() -> ResourceType {
        ResourceType {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: String::new(),
            schema: user(),
            extensions: vec![Extension { schema: enterprise_user(), required: false }],
            external_id: true,
            read_only: false,
            whole: None,
        }
    }

    fn names(named: &Named, does: &str) -> Vec<String> {
        named.attributes.get(does).into_iter().flatten().cloned().collect()
    }

    #[test]
    fn a_create_names_attributes_down_to_their_parts() {
        let Value::Object(members) = json!({
            "userName": "ada@acme.example",
            "name": { "familyName": "Lovelace" },
            "emails": [{ "value": "ada@acme.example", "type": "work" }, { "value": "a@b", "primary": true }],
            "active": true,
            ENTERPRISE_USER: { "department": "Engines" },
            "ada@acme.example": "as a name",
        }) else {
            unreachable!()
        };
        let named = named(&Action::Create(Resource::from_map(members)), &kind());
        let department = format!("{ENTERPRISE_USER}:department");
        assert_eq!(
            names(&named, "set"),
            [
                UNKNOWN,
                "active",
                "emails.primary",
                "emails.type",
                "emails.value",
                "name.familyName",
                &department,
                "userName"
            ]
        );
        assert_eq!(named.active, Some(true));
        assert!(!format!("{named:?}").contains("acme"), "{named:?}");
    }

    #[test]
    fn a_patch_names_what_each_operation_is_about() {
        use PatchKind::{Add, Remove, Replace};
        let table = [
            (Replace, Some("active"), json!(false), vec!["active"], Some(false)),
            (Replace, Some("ACTIVE"), json!("False"), vec!["active"], Some(false)),
            (
                Replace,
                None,
                json!({ "active": true, "nickname": "x" }),
                vec!["active", "nickName"],
                Some(true),
            ),
            (Remove, Some("active"), Value::Null, vec!["active"], None),
            (
                Remove,
                Some("emails[value eq \"ada@acme.example\"]"),
                Value::Null,
                vec!["emails"],
                None,
            ),
            (
                Replace,
                Some("emails[type eq \"work\"].value"),
                json!("x"),
                vec!["emails.value"],
                None,
            ),
            (Add, Some("name"), json!({ "givenName": "Ada" }), vec!["name.givenName"], None),
            (Add, Some("name"), json!("Ada"), vec!["name"], None),
            (Add, Some("ada"), json!("Ada"), vec![UNKNOWN], None),
            (Add, None, json!({ "name.givenName": "Ada" }), vec!["name.givenName"], None),
            (Add, None, json!("Ada"), vec![], None),
        ];
        for (does, path, value, expected, active) in table {
            let mut reading = Reading::new(Profile::Okta);
            let path = path.map(|path| PatchPath::parse(path, &mut reading).unwrap());
            let shown = format!("{does} {path:?} {value}");
            let operations = vec![PatchOp { kind: does, path, value: Some(value) }];
            let named = named(&Action::Patch { id: "7".to_owned(), operations }, &kind());
            assert_eq!(names(&named, does.as_str()), expected, "{shown}");
            assert_eq!(named.active, active, "{shown}");
        }
    }
}
