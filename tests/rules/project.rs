//! What a client wants to see: R27 to R33.

use crate::{
    exchange::{ENTERPRISE, USER, filter, get, group, patch, post, put, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

fn full() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "name": { "givenName": "Mia", "familyName": "Berg" },
        "displayName": "Mia Berg",
        "emails": [{ "value": "mia@acme.example", "type": "work", "primary": true }],
        ENTERPRISE: { "department": "Ops" },
    })
}

pub fn rows() -> Vec<Row> {
    const ONE: &[&str] = &["schemas", "id", "userName"];
    let only = |path: &str| get(path).shows(Members("", ONE));
    let urn = "urn:ietf:params:scim:schemas:core:2.0:User:userName";
    vec![
        row("R27", "what is asked for, and what is always there", [
            user(full()),
            only("/Users/{user}?attributes=userName"),
        ]),
        row("R28", "a part of an attribute", [
            user(full()),
            get("/Users/{user}?attributes=name.familyName")
                .shows(Is("/name", json!({ "familyName": "Berg" })))
                .shows(Absent("/displayName")),
        ]),
        row("R29", "by its whole name", [
            user(full()),
            only(&format!("/Users/{{user}}?attributes={urn}")),
        ]),
        row("R29", "of an extension too", [
            user(full()),
            get(format!("/Users/{{user}}?attributes={ENTERPRISE}:department"))
                .shows(Members("", &["schemas", "id", ENTERPRISE])),
        ]),
        row("R30", "all but", [
            user(full()),
            get("/Users/{user}?excludedAttributes=emails,name")
                .shows(Absent("/emails"))
                .shows(Absent("/name"))
                .shows(Present("/displayName")),
        ]),
        row("R31", "an id is always there", [
            user(full()),
            get("/Users/{user}?excludedAttributes=id").shows(IsKept("/id", "user")),
        ]),
        row("R32", "of a list", [
            user(full()),
            get("/Users?attributes=userName").shows(Holds("every user is cut", |list| {
                let users = list["Resources"].as_array().unwrap();
                !users.is_empty() && users.iter().all(|user| user.as_object().unwrap().len() == 3)
            })),
        ]),
        row("R32", "and of what is written", [
            post("/Users?attributes=userName", json!({
                "schemas": [USER], "userName": "{me}@acme.example", "displayName": "Mia",
            }))
            .status(201)
            .shows(Members("", ONE))
            .shows(Header("location", "/Users/"))
            .keep("user", "/id"),
            put("/Users/{user}?attributes=userName", json!({
                "schemas": [USER], "userName": "{me}@acme.example", "displayName": "Mia Berg",
            }))
            .shows(Members("", ONE)),
            patch("/Users/{user}?excludedAttributes=displayName", json!([
                { "op": "replace", "path": "nickName", "value": "mi" },
            ]))
            .shows(Absent("/displayName"))
            .shows(Is("/nickName", json!("mi"))),
        ]),
        row("R33", "groups without their members", [
            user(json!({})),
            group(json!({ "members": [{ "value": "{user}" }] })).shows(Length("/members", 1)),
            filter("/Groups", r#"displayName eq "group of {me}""#)
                .shows(Has("/Resources/0/members", json!({ "value": "{user}" }))),
            get("/Groups?excludedAttributes=members&filter=displayName%20eq%20%22group%20of%20{me}%22")
                .shows(Is("/totalResults", json!(1)))
                .shows(Is("/Resources/0/id", json!("{group}")))
                .shows(Absent("/Resources/0/members")),
        ]),
    ]
}
