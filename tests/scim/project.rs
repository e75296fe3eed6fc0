//! attributes, excludedAttributes and `returned`.

use crate::fixture::{BADGE, ENTERPRISE, mia, user_type};
use scimshim::scim::{
    attribute::AttributePath, message::Projection, project::project, schema::Returned,
};
use serde_json::{Value, json};

fn paths(names: &str) -> Vec<AttributePath> {
    let kind = user_type();
    names
        .split(',')
        .map(|name| kind.canonical(&AttributePath::parse(name).unwrap()).unwrap())
        .collect()
}

fn seen(projection: Projection) -> Value {
    let mut kind = user_type();
    let title = kind.schema.attributes.iter_mut().find(|each| each.name == "title").unwrap();
    title.returned = Returned::Request;
    let mut mia = mia();
    mia.set(&AttributePath::core("title"), json!("boss"));
    mia.set(&AttributePath::core("password"), json!("secret"));
    project(mia, &projection, &kind).as_value().clone()
}

#[test]
fn only_what_is_asked_for() {
    let cases = [
        ("userName", json!({"id": "77c1", "userName": "Mia.Berg@acme.example"})),
        ("name.familyName", json!({"id": "77c1", "name": {"familyName": "Berg"}})),
        (
            "name,NAME.familyName",
            json!({"id": "77c1", "name": {"givenName": "Mia", "familyName": "Berg"}}),
        ),
        (
            "urn:ietf:params:scim:schemas:core:2.0:User:active",
            json!({"id": "77c1", "active": true}),
        ),
        ("emails.type", json!({"id": "77c1", "emails": [{"type": "work"}, {"type": "home"}]})),
        ("emails.primary", json!({"id": "77c1", "emails": [{"primary": true}]})),
        ("emails.display", json!({"id": "77c1"})),
        ("password", json!({"id": "77c1"})),
        ("title", json!({"id": "77c1", "title": "boss"})),
        ("meta.created", json!({"id": "77c1", "meta": {"created": "2010-01-23T04:56:22Z"}})),
        (
            &format!("{ENTERPRISE}:manager,{BADGE}:level"),
            json!({"id": "77c1", ENTERPRISE: {"manager": {"value": "77b0"}}, BADGE: {"level": 9007199254740993u64}}),
        ),
        (
            ENTERPRISE,
            json!({"id": "77c1", ENTERPRISE: {"employeeNumber": "0042", "department": "Ops", "manager": {"value": "77b0"}}}),
        ),
    ];
    for (names, expected) in cases {
        assert_eq!(seen(Projection::Only(paths(names))), expected, "{names}");
    }
    assert_eq!(seen(Projection::Only(Vec::new())), json!({"id": "77c1"}));
}

#[test]
fn all_but_what_is_excluded() {
    let all = mia().as_value().clone();
    assert_eq!(seen(Projection::Default), all);
    assert_eq!(seen(Projection::Except(paths("id,title,password"))), all);
    let seen = seen(Projection::Except(paths(&format!(
        "emails,name.givenName,meta,groups,{ENTERPRISE},{BADGE}:tags,{BADGE}:level,{BADGE}:issued,displayName"
    ))));
    let expected = json!({
        "id": "77c1", "externalId": "00u1Mia", "userName": "Mia.Berg@acme.example",
        "name": {"familyName": "Berg"}, "active": true, BADGE: {"weight": 1.50}
    });
    assert_eq!(seen, expected);
}
