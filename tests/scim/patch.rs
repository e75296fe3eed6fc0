//! PATCH: RFC 7644 §3.5.2 line by line, and what Okta and Entra send.

use crate::fixture::{BADGE, ENTERPRISE, group_type, mia, resource, user_type};
use proptest::prelude::*;
use scimshim::scim::{
    error::{Error, ScimType},
    patch::{
        apply::{Applied, apply},
        request,
    },
    profile::Profile,
    reading::Reading,
    resource::Resource,
    resource_type::ResourceType,
    validate::update,
};
use serde_json::{Value, json};
use std::sync::Arc;

fn run(before: &Resource, operations: &Value, kind: &ResourceType) -> Result<Applied, Error> {
    read(before, operations, kind, &mut Reading::default())
}

fn read(
    before: &Resource,
    operations: &Value,
    kind: &ResourceType,
    reading: &mut Reading,
) -> Result<Applied, Error> {
    let body = json!({"Operations": operations});
    let operations = request::read(body.as_object().unwrap().clone(), reading)?;
    let applied = apply(&operations, before, kind, reading)?;
    update(before, &applied.resource, kind)?;
    Ok(applied)
}

/// What a User becomes.
fn user(before: &Value, operations: &Value) -> Value {
    let applied = run(&resource(before.clone()), operations, &user_type())
        .unwrap_or_else(|error| panic!("{operations}: {}", error.detail));
    applied.resource.as_value().clone()
}

fn group(before: &Value, operations: &Value) -> Value {
    let applied = run(&resource(before.clone()), operations, &group_type())
        .unwrap_or_else(|error| panic!("{operations}: {}", error.detail));
    applied.resource.as_value().clone()
}

#[test]
fn single_attributes() {
    let cases = [
        // R70: a replace of what is unassigned adds it; R82: names in any case.
        (
            json!({}),
            json!([{"op": "replace", "path": "NICKNAME", "value": "Mi"}]),
            json!({"nickName": "Mi"}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": "nickName", "value": "Mi"}]),
            json!({"nickName": "Mi"}),
        ),
        (
            json!({"nickName": "a"}),
            json!([{"op": "add", "path": "nickName", "value": "b"}]),
            json!({"nickName": "b"}),
        ),
        (
            json!({"nickName": "a"}),
            json!([{"op": "add", "path": "nickName", "value": ""}]),
            json!({"nickName": "a"}),
        ),
        (
            json!({"nickName": "a"}),
            json!([{"op": "replace", "path": "nickName", "value": ""}]),
            json!({}),
        ),
        (
            json!({"nickName": "a"}),
            json!([{"op": "replace", "path": "nickName", "value": null}]),
            json!({}),
        ),
        (json!({"nickName": "a"}), json!([{"op": "remove", "path": "nickName"}]), json!({})),
        (
            json!({"nickName": "a"}),
            json!([{"op": "remove", "path": "nickName", "value": "a"}]),
            json!({}),
        ),
        (json!({}), json!([{"op": "remove", "path": "nickName"}]), json!({})),
        (json!({}), json!([{"op": "remove", "path": "name.givenName"}]), json!({})),
        (
            json!({}),
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
            json!({"active": false}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName", "value": "a"}]),
            json!({"userName": "a"}),
        ),
        // R71: the other parts of a complex attribute stay.
        (
            json!({"name": {"givenName": "Mia", "familyName": "Berg"}}),
            json!([{"op": "replace", "path": "name", "value": {"GIVENNAME": "Zed"}}]),
            json!({"name": {"givenName": "Zed", "familyName": "Berg"}}),
        ),
        (
            json!({"name": {"givenName": "Mia", "familyName": "Berg"}}),
            json!([{"op": "replace", "path": "name", "value": {"givenName": ""}}]),
            json!({"name": {"familyName": "Berg"}}),
        ),
        (
            json!({"name": {"givenName": "Mia"}}),
            json!([{"op": "add", "path": "name", "value": {"givenName": "", "familyName": "Berg"}}]),
            json!({"name": {"givenName": "Mia", "familyName": "Berg"}}),
        ),
        (
            json!({"name": {"givenName": "Mia"}}),
            json!([{"op": "replace", "path": "name", "value": null}]),
            json!({}),
        ),
        (
            json!({"name": {"givenName": "Mia"}}),
            json!([{"op": "replace", "path": "name", "value": {}}]),
            json!({"name": {"givenName": "Mia"}}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": "name.givenName", "value": "a"}]),
            json!({"name": {"givenName": "a"}}),
        ),
        // R73.
        (
            json!({"name": {"givenName": "Mia", "familyName": "Berg"}}),
            json!([{"op": "remove", "path": "name.givenName"}]),
            json!({"name": {"familyName": "Berg"}}),
        ),
        (
            json!({"name": {"givenName": "Mia"}}),
            json!([{"op": "remove", "path": "name.givenName"}]),
            json!({}),
        ),
        (
            json!({"name": {"givenName": "Mia"}}),
            json!([{"op": "remove", "path": "name"}]),
            json!({}),
        ),
        (
            json!({"userName": "a"}),
            json!([{"op": "add", "path": "schemas", "value": [ENTERPRISE]}]),
            json!({"userName": "a"}),
        ),
        (
            json!({}),
            json!([{"op": "replace", "path": "externalId", "value": 42}]),
            json!({"externalId": "42"}),
        ),
        (
            json!({}),
            json!([{"op": "replace", "value": {"password": "N3w"}}]),
            json!({"password": "N3w"}),
        ),
    ];
    for (before, operations, expected) in cases {
        assert_eq!(user(&before, &operations), expected, "{operations}");
    }
}

#[test]
fn lists() {
    let work = json!({"value": "a@x", "type": "work", "primary": true});
    let home = json!({"value": "b@x", "type": "home"});
    let both = json!({"emails": [work, home]});
    let cases = [
        // R66, R67: appended, not twice.
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "c@x"}]}]),
            json!([work, home, {"value": "c@x"}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": {"value": "c@x"}}]),
            json!([work, home, {"value": "c@x"}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [work.clone(), home.clone()]}]),
            json!([work, home]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "value": {"emails": [{"value": "a@x"}]}}]),
            json!([work, home]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "c@x"}, {"value": "c@x"}]}]),
            json!([work, home, {"value": "c@x"}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "other"}]}]),
            json!([work, home, {"value": "a@x", "type": "other"}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "b@x", "type": "home", "display": "B"}]}]),
            json!([work, {"value": "b@x", "type": "home", "display": "B"}]),
        ),
        (both.clone(), json!([{"op": "add", "path": "emails", "value": []}]), json!([work, home])),
        // Replaced as a whole, unassigned.
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails", "value": [{"value": "c@x"}]}]),
            json!([{"value": "c@x"}]),
        ),
        (both.clone(), json!([{"op": "replace", "path": "emails", "value": []}]), Value::Null),
        (both.clone(), json!([{"op": "remove", "path": "emails"}]), Value::Null),
        // R78: one primary.
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "c@x", "primary": true}]}]),
            json!([{"value": "a@x", "type": "work", "primary": false}, home, {"value": "c@x", "primary": true}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails", "value": [{"value": "c@x", "primary": true}, {"value": "a@x"}]}]),
            json!([{"value": "a@x", "type": "work", "primary": false}, home, {"value": "c@x", "primary": true}]),
        ),
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
            json!([{"value": "a@x", "type": "work", "primary": false}, {"value": "b@x", "type": "home", "primary": true}]),
        ),
        // R68, R82: a part of the selected elements.
        (
            both.clone(),
            json!([{"op": "replace", "path": "EMAILS[TYPE EQ \"WORK\"].VALUE", "value": "new@x"}]),
            json!([{"value": "new@x", "type": "work", "primary": true}, home]),
        ),
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails[value sw \"b\" and not (primary eq true)].display", "value": "B"}]),
            json!([work, {"value": "b@x", "type": "home", "display": "B"}]),
        ),
        // The selected element as a whole: the filter stays true.
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "new@x"}}]),
            json!([work, {"value": "new@x", "type": "home"}]),
        ),
        (
            both.clone(),
            json!([{"op": "add", "path": "emails[type eq \"work\"]", "value": {"display": "A"}}]),
            json!([{"value": "a@x", "type": "work", "primary": true, "display": "A"}, home]),
        ),
        // R73.
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
            json!([work]),
        ),
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]),
            json!([work, home]),
        ),
        (both.clone(), json!([{"op": "remove", "path": "emails[type pr]"}]), Value::Null),
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]),
            json!([{"value": "a@x", "type": "work"}, home]),
        ),
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": null}]),
            json!([work]),
        ),
        (both.clone(), json!([{"op": "remove", "path": "emails.display"}]), json!([work, home])),
        (
            both.clone(),
            json!([{"op": "replace", "path": "emails.display", "value": "x"}]),
            json!([
                {"value": "a@x", "type": "work", "primary": true, "display": "x"},
                {"value": "b@x", "type": "home", "display": "x"}
            ]),
        ),
        (
            json!({}),
            json!([{"op": "replace", "path": "emails.value", "value": "x"}]),
            json!([{"value": "x"}]),
        ),
        // R77: the second sees the first.
        (
            json!({"emails": [work]}),
            json!([
                {"op": "add", "path": "emails", "value": [{"value": "b@x", "type": "home"}]},
                {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "c@x"}
            ]),
            json!([work, {"value": "c@x", "type": "home"}]),
        ),
        // An add that selects nothing makes what it describes.
        (
            json!({}),
            json!([{"op": "add", "path": "emails[type eq \"work\" and primary eq \"True\"].value", "value": "a@x"}]),
            json!([{"type": "work", "primary": true, "value": "a@x"}]),
        ),
        // A list of what to remove.
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails", "value": [{"value": "A@X"}]}]),
            json!([home]),
        ),
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails", "value": [{"value": "a@x", "type": "home"}]}]),
            json!([work, home]),
        ),
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails", "value": [{"type": "home"}]}]),
            json!([work]),
        ),
        (
            both.clone(),
            json!([{"op": "remove", "path": "emails", "value": []}]),
            json!([work, home]),
        ),
        (both.clone(), json!([{"op": "remove", "path": "emails", "value": null}]), Value::Null),
    ];
    for (before, operations, expected) in cases {
        let after = user(&before, &operations);
        assert_eq!(after.get("emails").unwrap_or(&Value::Null), &expected, "{operations}");
    }
}

#[test]
fn lists_of_other_shapes() {
    let old = json!({"locality": "Lund", "type": "work"});
    let before = json!({"addresses": [old], BADGE: {"tags": ["red", "blue"]}});
    let badge = |path: &str| format!("{BADGE}:tags{path}");
    let cases = [
        (
            json!([{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "Lund", "primary": false}]}]),
            "/addresses",
            json!([{"type": "work", "locality": "Lund", "primary": false}]),
        ),
        (
            json!([{"op": "add", "path": "addresses", "value": [{"locality": "Ystad"}]}]),
            "/addresses",
            json!([old, {"locality": "Ystad"}]),
        ),
        (
            json!([{"op": "add", "path": badge(""), "value": ["blue", "green"]}]),
            "/urn:x:badge:2.0:User/tags",
            json!(["red", "blue", "green"]),
        ),
        (
            json!([{"op": "remove", "path": badge("[value eq \"red\"]")}]),
            "/urn:x:badge:2.0:User/tags",
            json!(["blue"]),
        ),
        (
            json!([{"op": "remove", "path": badge(""), "value": ["blue"]}]),
            "/urn:x:badge:2.0:User/tags",
            json!(["red"]),
        ),
        (
            json!([{"op": "replace", "path": badge("[value eq \"red\"]"), "value": "pink"}]),
            "/urn:x:badge:2.0:User/tags",
            json!(["pink", "blue"]),
        ),
    ];
    for (operations, pointer, expected) in cases {
        assert_eq!(user(&before, &operations).pointer(pointer), Some(&expected), "{operations}");
    }
}

#[test]
fn extensions() {
    let department = |value: &str| json!({ENTERPRISE: {"department": value}});
    let of = |name: &str| format!("{ENTERPRISE}:{name}");
    let cases = [
        (
            json!({}),
            json!([{"op": "add", "path": of("department"), "value": "Ops"}]),
            department("Ops"),
        ),
        (
            department("Ops"),
            json!([{"op": "replace", "path": of("DEPARTMENT").to_uppercase(), "value": "IT"}]),
            department("IT"),
        ),
        (department("Ops"), json!([{"op": "remove", "path": of("department")}]), json!({})),
        (
            json!({}),
            json!([{"op": "Add", "path": of("manager"), "value": "77b0"}]),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": of("manager"), "value": [{"value": "77b0"}]}]),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": of("manager.value"), "value": "77b0"}]),
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "77b0", "displayName": "Bo", "$ref": "x"}}}),
            json!([{"op": "replace", "path": of("manager"), "value": {"value": "77b1"}}]),
            json!({ENTERPRISE: {"manager": {"value": "77b1"}}}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "77b0", "displayName": "Bo"}}}),
            json!([{"op": "replace", "path": of("manager"), "value": "77b0"}]),
            json!({ENTERPRISE: {"manager": {"value": "77b0", "displayName": "Bo"}}}),
        ),
        (
            json!({ENTERPRISE: {"manager": {"value": "77b0"}}}),
            json!([{"op": "replace", "path": of("manager"), "value": ""}]),
            json!({}),
        ),
        // The whole extension.
        (
            department("Ops"),
            json!([{"op": "add", "path": ENTERPRISE, "value": {"costCenter": "7"}}]),
            json!({ENTERPRISE: {"department": "Ops", "costCenter": "7"}}),
        ),
        (department("Ops"), json!([{"op": "remove", "path": ENTERPRISE}]), json!({})),
        (
            department("Ops"),
            json!([{"op": "replace", "path": ENTERPRISE, "value": null}]),
            json!({}),
        ),
        (
            department("Ops"),
            json!([{"op": "replace", "value": {ENTERPRISE: {"department": ""}}}]),
            json!({}),
        ),
        (json!({}), json!([{"op": "add", "value": {of("department"): "Ops"}}]), department("Ops")),
        (
            json!({}),
            json!([{"op": "add", "value": {ENTERPRISE: {"Department": "Ops", "manager.value": "1"}}}]),
            json!({ENTERPRISE: {"department": "Ops", "manager": {"value": "1"}}}),
        ),
        (
            json!({}),
            json!([{"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User", "value": {"title": "x"}}]),
            json!({"title": "x"}),
        ),
    ];
    for (before, operations, expected) in cases {
        assert_eq!(user(&before, &operations), expected, "{operations}");
    }
}

/// clients.md §1.1, §1.3.
#[test]
fn without_a_path() {
    let before = json!({"id": "77c1", "userName": "mia", "active": true, "groups": [{"value": "g"}], "emails": [{"value": "a@x", "type": "work"}]});
    let changed = |changes: Value| {
        let mut after = before.clone();
        after.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        after
    };
    let cases = [
        (json!([{"op": "replace", "value": {"active": false}}]), json!({"active": false})),
        (json!([{"op": "add", "value": {"active": false}}]), json!({"active": false})),
        (
            json!([{"op": "replace", "value": {
                "active": "False", "name.givenName": "Mia L", "displayName": "Mia L Berg",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Sales",
                "emails[type eq \"work\"].value": "m@x"
            }}]),
            json!({
                "active": false, "name": {"givenName": "Mia L"}, "displayName": "Mia L Berg",
                ENTERPRISE: {"department": "Sales"}, "emails": [{"value": "m@x", "type": "work"}]
            }),
        ),
        // Of an add, a filter that selects nothing makes the element.
        (
            json!([{"op": "add", "value": {"phoneNumbers[type eq \"work\"].value": "1"}}]),
            json!({"phoneNumbers": [{"type": "work", "value": "1"}]}),
        ),
        (json!([{"op": "add", "value": {"phoneNumbers[type eq \"work\"].value": ""}}]), json!({})),
        // What is readOnly comes back from clients that send whole resources.
        (
            json!([{"op": "replace", "value": {"schemas": ["x"], "id": "77c1", "groups": [], "meta": {"resourceType": "User"}, "title": "x"}}]),
            json!({"title": "x"}),
        ),
        (
            json!([{"op": "replace", "value": {"title": "x", "nickName": null}}]),
            json!({"title": "x"}),
        ),
    ];
    for (operations, changes) in cases {
        assert_eq!(user(&before, &operations), changed(changes), "{operations}");
    }
}

/// What the schemas have and no rule serves is left out of a path as of a body; what they do not have is a mistake.
#[test]
fn a_path_that_no_rule_serves_is_left_out_and_told() {
    let whole = user_type();
    let mut kind = ResourceType { whole: Some(Arc::new(whole.clone())), ..whole };
    kind.extensions.clear();
    kind.schema
        .attributes
        .retain(|each| matches!(each.name.as_str(), "userName" | "active" | "name"));
    let name = kind.schema.attributes.iter_mut().find(|each| each.name == "name").unwrap();
    name.attributes.retain(|sub| sub.name == "familyName");
    let department = format!("{ENTERPRISE}:department");
    let off = json!({"op": "replace", "path": "active", "value": false});
    for (left_out, told) in [
        (json!({"op": "replace", "path": "title", "value": "x"}), Some("title")),
        (json!({"op": "add", "path": "NAME.givenName", "value": "x"}), Some("NAME.givenName")),
        (
            json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": "a@x"}),
            Some("emails.value"),
        ),
        (json!({"op": "add", "path": "name", "value": {"givenName": "x"}}), Some("name.givenName")),
        (json!({"op": "add", "path": department, "value": "x"}), Some(&*department)),
        (json!({"op": "add", "path": "addresses", "value": [{"street": "x"}]}), Some("addresses")),
        // What is absent already is no error, and nothing is lost.
        (json!({"op": "remove", "path": "title"}), None),
        (json!({"op": "replace", "path": "title", "value": null}), None),
    ] {
        let mut reading = Reading::new(Profile::Strict);
        let operations = json!([left_out, off]);
        let applied = read(&resource(json!({"active": true})), &operations, &kind, &mut reading);
        assert_eq!(applied.unwrap().resource.as_value(), &json!({"active": false}), "{left_out}");
        assert_eq!(reading.unmapped.names(), told.as_slice(), "{left_out}");
    }
    for (refused, scim_type, part) in [
        (
            json!({"op": "replace", "path": "userNme", "value": "x"}),
            ScimType::InvalidPath,
            "userName",
        ),
        (
            json!({"op": "replace", "path": "title.x", "value": "x"}),
            ScimType::InvalidPath,
            "title.x",
        ),
        (
            json!({"op": "replace", "path": "emails[type eq \"work\"].valu", "value": "x"}),
            ScimType::InvalidPath,
            "emails.valu",
        ),
        (
            json!({"op": "replace", "path": "emails[kind eq \"work\"].value", "value": "x"}),
            ScimType::InvalidFilter,
            "kind",
        ),
        (
            json!({"op": "add", "path": "groups", "value": [{"value": "x"}]}),
            ScimType::Mutability,
            "groups",
        ),
    ] {
        let mut reading = Reading::default();
        let error = read(&resource(json!({})), &json!([refused]), &kind, &mut reading).unwrap_err();
        assert_eq!(error.scim_type, Some(scim_type), "{refused}: {error:?}");
        assert!(error.detail.contains(part), "{error:?}");
    }
}

#[test]
fn unknown_keys_are_left_out_and_told() {
    let operations = json!([{"op": "replace", "value": {
        "title": "x", "shoeSize": 38, "empty": "", "a b": 1, "name": {"nick": "x"}, "urn:none:2.0:User": {"a": 1},
        "urn:none:2.0:User:b": 2, ENTERPRISE: {"desk": 1}
    }}]);
    let mut reading = Reading::default();
    let applied = read(&resource(json!({})), &operations, &user_type(), &mut reading).unwrap();
    assert_eq!(applied.resource.as_value(), &json!({"title": "x"}));
    let desk = format!("{ENTERPRISE}:desk");
    assert_eq!(
        reading.unmapped.names(),
        ["a b", "name.nick", "shoeSize", &desk, "urn:none:2.0:User:a", "urn:none:2.0:User:b"]
    );
}

#[test]
fn group_push() {
    let before = json!({"id": "g9", "displayName": "Sales", "members": [{"value": "5a01", "display": "Bo"}, {"value": "5a02"}]});
    let members = |after: Value| after.get("members").cloned().unwrap_or(Value::Null);
    let cases = [
        // Okta: rename, change, Push Now.
        (
            json!([{"op": "replace", "value": {"id": "g9", "displayName": "Sales"}}]),
            before["members"].clone(),
        ),
        (
            json!([
                {"op": "remove", "path": "members[value eq \"5a01\"]"},
                {"op": "add", "path": "members", "value": [{"value": "77c1", "display": "mia"}]}
            ]),
            json!([{"value": "5a02"}, {"value": "77c1"}]),
        ),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": "77c1"}]}]),
            json!([{"value": "77c1"}]),
        ),
        (json!([{"op": "replace", "path": "members", "value": []}]), Value::Null),
        (json!([{"op": "replace", "value": {"members": []}}]), Value::Null),
        (
            json!([{"op": "replace", "value": {"id": "g9", "members": [{"value": "1"}]}}]),
            json!([{"value": "1"}]),
        ),
        // Entra: a list to remove is a subset.
        (
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "5a01"}]}]),
            json!([{"value": "5a02"}]),
        ),
        (
            json!([{"op": "Remove", "path": "members", "value": ["5a01", {"value": "none"}]}]),
            json!([{"value": "5a02"}]),
        ),
        (
            json!([{"op": "Remove", "path": "members", "value": {"value": "none"}}]),
            before["members"].clone(),
        ),
        (
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "77c1"}]}]),
            json!([{"value": "5a01", "display": "Bo"}, {"value": "5a02"}, {"value": "77c1"}]),
        ),
        // R84-R86.
        (
            json!([{"op": "add", "path": "members", "value": [{"value": "5a01"}, {"value": "5a01", "type": "User"}]}]),
            before["members"].clone(),
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"none\"]"}]),
            before["members"].clone(),
        ),
        (json!([{"op": "remove", "path": "members"}]), Value::Null),
    ];
    for (operations, expected) in cases {
        assert_eq!(members(group(&before, &operations)), expected, "{operations}");
    }
    let renamed = group(
        &before,
        &json!([{"op": "replace", "value": {"id": "g9", "displayName": "Sales Europe"}}]),
    );
    assert_eq!(renamed["displayName"], "Sales Europe");
}

/// Ids differ by case, and a thousand operations on a large group take no time worth speaking of.
#[test]
fn many_members() {
    let members: Vec<_> = (0..5000).map(|id| json!({"value": format!("u{id}")})).collect();
    let before = resource(json!({"id": "g", "displayName": "All", "members": members}));
    let mut operations: Vec<_> = (0..200)
        .map(|id| json!({"op": "remove", "path": format!("members[value eq \"u{id}\"]")}))
        .collect();
    operations.push(json!({"op": "add", "path": "members", "value": members.clone()}));
    operations.push(json!({"op": "add", "path": "members", "value": [{"value": "U300"}]}));
    let after = run(&before, &Value::Array(operations), &group_type()).unwrap().resource;
    assert_eq!(after.as_map()["members"].as_array().unwrap().len(), 5001);
}

#[test]
fn refusals() {
    use ScimType::{InvalidFilter, InvalidPath, InvalidValue, Mutability, NoTarget};
    let cases = [
        // R69, R72, R74-R76, R80, R88.
        (
            json!([{"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "1"}]),
            NoTarget,
            "`phoneNumbers[type eq \"fax\"]` selects nothing, expected something to replace",
        ),
        (
            json!([{"op": "add", "path": "phoneNumbers[type ne \"fax\"].value", "value": "1"}]),
            NoTarget,
            "`phoneNumbers[type ne \"fax\"]` selects nothing, expected something to add",
        ),
        (
            json!([{"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": ""}]),
            NoTarget,
            "`phoneNumbers[type eq \"fax\"]` selects nothing, expected something to replace",
        ),
        (
            json!([{"op": "replace", "value": {"phoneNumbers[type eq \"fax\"].value": "1"}}]),
            NoTarget,
            "`phoneNumbers[type eq \"fax\"]` selects nothing, expected something to replace",
        ),
        (json!([{"op": "remove"}]), NoTarget, "`path`: found nothing, expected what to remove"),
        (
            json!([{"op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:User"}]),
            NoTarget,
            "`urn:ietf:params:scim:schemas:core:2.0:User` is the whole resource, expected one of its attributes",
        ),
        (
            json!([{"op": "remove", "path": "userName"}]),
            InvalidValue,
            "`userName` is required: found no value, expected one",
        ),
        (
            json!([{"op": "replace", "path": "userName", "value": ""}]),
            InvalidValue,
            "`userName` is required: found no value, expected one",
        ),
        (
            json!([{"op": "replace", "value": {"userName": null}}]),
            InvalidValue,
            "`userName` is required: found no value, expected one",
        ),
        (
            json!([{"op": "replace", "path": "id", "value": "77c1"}]),
            Mutability,
            "`id` is read-only",
        ),
        (json!([{"op": "replace", "value": {"id": "other"}}]), Mutability, "`id` is read-only"),
        (
            json!([{"op": "replace", "path": "displayName", "value": "x"}, {"op": "replace", "path": "id", "value": "x"}]),
            Mutability,
            "operation 2: `id` is read-only",
        ),
        (
            json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]),
            Mutability,
            "`groups` is read-only",
        ),
        (
            json!([{"op": "remove", "path": "groups[value eq \"g1\"]"}]),
            Mutability,
            "`groups[value eq \"g1\"]` is read-only",
        ),
        (
            json!([{"op": "replace", "path": "meta.created", "value": "x"}]),
            Mutability,
            "`meta.created` is read-only",
        ),
        (
            json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.displayName"), "value": "x"}]),
            Mutability,
            "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName` is read-only",
        ),
        // Names.
        (
            json!([{"op": "add", "path": "emial", "value": "x"}]),
            InvalidPath,
            "`emial` is no attribute of User; did you mean `emails`?",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"work\"].valeu", "value": "x"}]),
            InvalidPath,
            "`emails.valeu` is no attribute of User; did you mean `emails.value`?",
        ),
        (
            json!([{"op": "add", "path": "department", "value": "x"}]),
            InvalidPath,
            "`department` is no attribute of User; did you mean `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`?",
        ),
        (
            json!([{"op": "add", "path": "urn:none:2.0:User:desk", "value": "x"}]),
            InvalidPath,
            "`urn:none:2.0:User:desk` is no attribute of User",
        ),
        (
            json!([{"op": "add", "path": "userName[value eq \"x\"]", "value": "x"}]),
            InvalidPath,
            "`userName[value eq \"x\"]`: `userName` is a single value, expected no `[`",
        ),
        (
            json!([{"op": "add", "path": "emails[kind eq \"x\"]", "value": "x"}]),
            InvalidFilter,
            "`kind` is no sub-attribute of `emails`",
        ),
        // Values.
        (
            json!([{"op": "replace", "path": "active", "value": "banana"}]),
            InvalidValue,
            "`active`: found the text `banana`, expected true or false",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"work\"].primary", "value": "x"}]),
            InvalidValue,
            "`emails.primary`: found the text `x`, expected true or false",
        ),
        (
            json!([{"op": "replace", "value": "x"}]),
            InvalidValue,
            "`value`: found the text `x`, expected an object of attributes",
        ),
        (
            json!([{"op": "replace", "path": ENTERPRISE, "value": "x"}]),
            InvalidValue,
            "`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`: found the text `x`, expected an object of attributes",
        ),
        (
            json!([{"op": "replace", "path": "emails.primary", "value": true}]),
            InvalidValue,
            "`emails`: found several elements that are `primary`, expected one at most",
        ),
    ];
    for (operations, scim_type, detail) in cases {
        let error = run(&mia(), &operations, &user_type()).unwrap_err();
        assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{operations}");
        assert_eq!(error.detail, detail);
    }
    let group = resource(json!({"id": "g", "displayName": "x", "members": [{"value": "a"}]}));
    for operations in [
        json!([{"op": "replace", "path": "members[value eq \"a\"].value", "value": "b"}]),
        json!([{"op": "remove", "path": "members[value eq \"a\"].value"}]),
    ] {
        let error = run(&group, &operations, &group_type()).unwrap_err();
        assert_eq!(error.scim_type, Some(Mutability), "{operations}");
        assert_eq!(
            error.detail,
            "`members.value` is immutable: it cannot be changed once it has a value"
        );
    }
}

fn any_path() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        proptest::sample::select(vec![
            "title",
            "NAME",
            "name.givenName",
            "emails",
            "emails.value",
            "emails[type eq \"work\"]",
            "emails[type eq \"work\"].value",
            "emails[not (primary eq true)].primary",
            "addresses",
            "groups",
            "active",
            "id",
            "schemas",
            "meta",
            "password",
            "x509Certificates",
            "urn:x:badge:2.0:User:tags",
            "urn:x:badge:2.0:User:tags[value eq \"red\"]",
            "urn:x:badge:2.0:User",
            "urn:x:badge:2.0:User:level",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "userName",
            "unknown",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "roles[value eq \"x\" and primary eq true]",
        ])
        .prop_map(Value::from),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..3i64).prop_map(Value::from),
        proptest::sample::select(vec!["", "x", "work", "True", "red", "2026-01-31T12:00:00Z"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let names = vec![
            "value",
            "type",
            "primary",
            "Display",
            "givenName",
            "title",
            "emails",
            "active",
            "groups",
            "id",
            "emails[type eq \"work\"].value",
            "name.givenName",
            "urn:x:badge:2.0:User",
            "tags",
            "level",
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(names), inner), 0..4).prop_map(
                |members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            ),
        ]
    })
}

#[test]
fn large_groups_change_by_many_operations() {
    let element = |id: usize| json!({"value": format!("u{id}")});
    let list = |ids: std::ops::Range<usize>| ids.map(element).collect::<Value>();
    let before = json!({"id": "g9", "displayName": "Sales", "members": list(0..100_000)});
    // Each operation by itself would look at every member: a thousand million times.
    let operations: Value = (0..10_000)
        .map(|id| match id % 2 {
            0 => json!({"op": "remove", "path": format!("members[value eq \"u{id}\"]")}),
            _ => json!({"op": "add", "path": "members", "value": [element(id), element(id + 100_000)]}),
        })
        .collect();
    let after = group(&before, &operations);
    let members = after["members"].as_array().unwrap();
    assert_eq!(members.len(), 100_000);
    assert_eq!((&members[0], &members[99_999]), (&element(1), &element(109_999)));
    // Nor does what stands between them matter.
    let operations: Value = (0..1_000)
        .map(|id| match id % 2 {
            0 => json!({"op": "add", "path": "members", "value": [element(id + 100_000)]}),
            _ => json!({"op": "replace", "value": {"displayName": format!("Sales {id}")}}),
        })
        .collect();
    let after = group(&before, &operations);
    assert_eq!(after["members"].as_array().unwrap().len(), 100_500);
    assert_eq!(after["displayName"], "Sales 999");
    // What cannot be looked up is bounded.
    let operations: Value = (0..10_000)
        .map(|id| json!({"op": "remove", "path": format!("members[value sw \"x{id}\"]")}))
        .collect();
    let error = run(&resource(before), &operations, &group_type()).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::TooMany));
}

#[test]
fn no_request_can_ask_for_hours() {
    let emails = |count: usize| {
        (0..count).map(|id| json!({"value": format!("a{id}@acme.example")})).collect::<Value>()
    };
    let before = resource(json!({"id": "1", "userName": "a", "emails": emails(5_000)}));
    let parts: Value = (0..5_000).map(|id| json!({"display": format!("d{id}")})).collect();
    let long = "x".repeat(1_000_000);
    let terms = vec!["value eq \"x\""; 500].join(" or ");
    let searches: Value =
        (0..3).map(|_| json!({"op": "remove", "path": format!("emails[{terms}]")})).collect();
    let error = run(&before, &searches, &user_type()).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::TooMany));
    // One value, of as many bytes as many are.
    let title = resource(json!({"id": "1", "userName": "a", "emails": [{"display": long}]}));
    let searches: Value =
        (0..800).map(|_| json!({"op": "remove", "path": "emails[display co \"y\"]"})).collect();
    let error = run(&title, &searches, &user_type()).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::TooMany));
    for operation in [
        json!({"op": "remove", "path": "emails", "value": parts}),
        json!({"op": "replace", "path": "emails.display", "value": long}),
        json!({"op": "replace", "path": "emails[value pr]", "value": {"display": long}}),
    ] {
        let error = run(&before, &json!([operation]), &user_type()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::TooMany));
    }
}

#[test]
fn members_in_every_order() {
    let before =
        json!({"displayName": "x", "members": [{"value": "1"}, {"value": "2", "type": "User"}]});
    let add = |value: Value| json!({"op": "add", "path": "members", "value": value});
    let remove = |filter: &str| json!({"op": "remove", "path": format!("members[{filter}]")});
    let rename = json!({"op": "replace", "path": "displayName", "value": "x"});
    let cases = [
        (json!([remove("value eq \"1\""), add(json!([{"value": "1"}]))]), vec!["2", "1"]),
        (json!([add(json!([{"value": "3"}])), remove("VALUE EQ \"3\"")]), vec!["1", "2"]),
        (
            json!([add(json!([{"value": "3"}])), rename, add(json!([{"value": "3"}]))]),
            vec!["1", "2", "3"],
        ),
        (json!([add(json!([{"value": "3"}])), remove("value sw \"3\"")]), vec!["1", "2"]),
        (
            json!([add(json!(["3", "3"])), {"op": "remove", "path": "members", "value": [{"value": "2", "type": "Group"}, "1"]}]),
            vec!["2", "3"],
        ),
        (json!([add(json!({"value": "2", "type": "Group"}))]), vec!["1", "2", "2"]),
        (
            json!([remove("value eq \"1\""), {"op": "remove", "path": "members"}, add(json!("4"))]),
            vec!["4"],
        ),
        (json!([remove("value eq \"1\""), remove("value eq \"2\"")]), vec![]),
    ];
    for (operations, expected) in cases {
        let after = group(&before, &operations);
        let members = after["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<_> = members.iter().map(|member| member["value"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{operations}");
    }
}

proptest! {
    /// Whatever is sent: no panic, and what comes of it is canonical.
    #[test]
    fn what_comes_of_it_is_canonical(
        operations in proptest::collection::vec(
            (proptest::sample::select(vec!["add", "remove", "replace"]), any_path(), any_value()), 1..5,
        )
    ) {
        let operations: Value = operations
            .into_iter()
            .map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
            .collect();
        let kind = user_type();
        if let Ok(Applied { resource, .. }) = run(&mia(), &operations, &kind) {
            let mut reading = Reading::default();
            let again = Resource::canonical(resource.as_value().clone(), &kind, &mut reading).unwrap();
            prop_assert_eq!(reading.unmapped.count(), 0);
            let mut expected = resource.clone();
            for name in ["id", "meta", "groups"] {
                expected.as_map_mut().remove(name);
            }
            prop_assert_eq!(again, expected);
        }
    }

    /// A list that stays open between operations ends as one that is walked for each of them.
    #[test]
    fn members_end_the_same_in_one_patch_and_in_many(
        operations in proptest::collection::vec((0..5_u8, 0..4_u8, 0..4_u8), 1..12)
    ) {
        let operations: Vec<Value> = operations
            .into_iter()
            .map(|(kind, one, other)| {
                let listed = json!([{"value": one.to_string()}, {"value": other.to_string(), "type": "User"}]);
                let filter = match kind {
                    3 => format!("members[value eq \"{one}\"]"),
                    _ => format!("members[value eq \"{one}\" or value eq \"{other}\"]"),
                };
                match kind {
                    0 => json!({"op": "add", "path": "members", "value": listed}),
                    1 => json!({"op": "remove", "path": "members", "value": listed}),
                    2 => json!({"op": "replace", "path": "displayName", "value": "y"}),
                    _ => json!({"op": "remove", "path": filter}),
                }
            })
            .collect();
        let before = json!({"displayName": "x", "members": [{"value": "1"}, {"value": "2", "type": "Group"}]});
        let together = group(&before, &Value::from(operations.clone()));
        let apart = operations.iter().fold(before, |before, operation| group(&before, &json!([operation])));
        prop_assert_eq!(together, apart);
    }
}
