//! Which values are the same to write.

use crate::fixture::{BADGE, ENTERPRISE, group_type, mia, resource, user_type};
use scimshim::scim::{
    changes::equal, resource::Resource, resource_type::ResourceType, schema::Mutability,
};
use serde_json::{Value, json};

/// The attributes that a client could write and that differ.
fn between(before: &Resource, after: &Resource, kind: &ResourceType) -> Vec<String> {
    let mut changed = Vec::new();
    let extensions = kind.extensions.iter().map(|extension| Some(&extension.schema));
    for schema in std::iter::once(None).chain(extensions) {
        let attributes: Vec<_> = match schema {
            Some(schema) => schema.attributes.iter().collect(),
            None => kind.core_attributes().collect(),
        };
        for attribute in attributes {
            let of = |resource: &Resource| resource.attribute(schema, &attribute.name).cloned();
            let same = equal(of(before).as_ref(), of(after).as_ref(), attribute);
            if attribute.mutability != Mutability::ReadOnly && !same {
                let urn = schema.map(|schema| format!("{}:", schema.id)).unwrap_or_default();
                changed.push(format!("{urn}{}", attribute.name));
            }
        }
    }
    changed
}

fn changed(before: Value, after: Value) -> Vec<String> {
    between(&resource(before), &resource(after), &user_type())
}

#[test]
fn same() {
    let cases = [
        (json!({}), json!({})),
        (json!({"id": "1", "meta": {"created": "x"}}), json!({"groups": [{"value": "g"}]})),
        (
            json!({BADGE: {"level": 1, "weight": 1.5}}),
            json!({BADGE: {"level": 1, "weight": 15e-1}}),
        ),
        (
            json!({BADGE: {"issued": "2011-05-13T04:42:34Z", "tags": ["a", "b"]}}),
            json!({BADGE: {"issued": "2011-05-13T06:42:34.0+02:00", "tags": ["b", "a"]}}),
        ),
        (
            json!({"emails": [{"value": "a", "type": "work"}, {"value": "b", "primary": true}]}),
            json!({"emails": [{"primary": true, "value": "b"}, {"type": "work", "value": "a", "primary": false}]}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "1", "displayName": "x", "$ref": "y"}}}),
            json!({ENTERPRISE: {"manager": {"value": "1"}}}),
        ),
    ];
    for (before, after) in cases {
        assert_eq!(
            changed(before.clone(), after.clone()),
            Vec::<String>::new(),
            "{before} {after}"
        );
    }
    assert!(between(&mia(), &mia(), &user_type()).is_empty());
}

#[test]
fn different() {
    let cases = [
        (json!({"userName": "a"}), json!({"userName": "A"}), "userName"),
        (json!({"active": true}), json!({"active": false}), "active"),
        (json!({"active": true}), json!({}), "active"),
        (json!({}), json!({"password": "x"}), "password"),
        (json!({}), json!({"externalId": "x"}), "externalId"),
        (
            json!({"name": {"givenName": "a"}}),
            json!({"name": {"givenName": "a", "middleName": "b"}}),
            "name",
        ),
        (
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": [{"value": "a"}, {"value": "b"}]}),
            "emails",
        ),
        (json!({"emails": [{"value": "a"}]}), json!({"emails": [{"value": "A"}]}), "emails"),
        (
            json!({"emails": [{"value": "a"}]}),
            json!({"emails": [{"value": "a", "primary": true}]}),
            "emails",
        ),
        (
            json!({"addresses": [{"locality": "a"}]}),
            json!({"addresses": [{"region": "a"}]}),
            "addresses",
        ),
        (
            json!({BADGE: {"tags": ["a"]}}),
            json!({BADGE: {"tags": ["a", "b"]}}),
            "urn:x:badge:2.0:User:tags",
        ),
        (
            json!({BADGE: {"level": 9007199254740993u64}}),
            json!({BADGE: {"level": 9007199254740992u64}}),
            "urn:x:badge:2.0:User:level",
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "1"}}}),
            json!({}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        ),
    ];
    for (before, after, expected) in cases {
        assert_eq!(changed(before.clone(), after.clone()), [expected], "{before} {after}");
        assert_eq!(changed(after, before), [expected]);
    }
}

#[test]
fn members_are_known_by_value() {
    let of = |members: Value| resource(json!({"displayName": "x", "members": members}));
    let kind = group_type();
    let before =
        of(json!([{"value": "1", "type": "User", "$ref": "u", "display": "a"}, {"value": "2"}]));
    assert!(
        between(&before, &of(json!([{"value": "2", "display": "b"}, {"value": "1"}])), &kind)
            .is_empty()
    );
    assert_eq!(between(&before, &of(json!([{"value": "1"}])), &kind).len(), 1);
    assert_eq!(between(&before, &of(json!([{"value": "1"}, {"value": "3"}])), &kind).len(), 1);
}
