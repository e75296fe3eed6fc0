//! Making a user: R10 to R26.

use crate::{
    exchange::{ENTERPRISE, GROUP, USER, filter, get, named_user, patch, post, put, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let new = |name: &str| json!({ "schemas": [USER], "userName": name });
    vec![
        row("R10", "text of every script comes back", [
            user(json!({ "displayName": "Zoë 日本 😀" })).shows(Is("/displayName", json!("Zoë 日本 😀"))),
            get("/Users/{user}").shows(Is("/displayName", json!("Zoë 日本 😀"))),
        ]),
        row("R11", "what was made is told whole, and where", [
            post("/Users", new("{me}@acme.example"))
                .status(201)
                .shows(HeaderIs("location", "/meta/location"))
                .shows(HeaderIs("content-location", "/meta/location"))
                .shows(Is("/userName", json!("{me}@acme.example")))
                .keep("place", "/meta/location")
                .keep("id", "/id"),
            get("{place}").status(200).shows(IsKept("/id", "id")),
        ]),
        row("R12", "id and meta are the server's", [post("/Users", json!({
            "schemas": [USER], "userName": "{me}@acme.example", "id": "mine",
            "meta": { "resourceType": "Mine", "created": "1999-01-01T00:00:00Z" },
        }))
            .status(201)
            .shows(Present("/id"))
            .shows(Is("/meta/resourceType", json!("User")))
            .shows(Holds("the id is not the client's", |user| user["id"] != "mine"))
            .shows(Holds("created is not the client's", |user| {
                !user["meta"]["created"].as_str().unwrap().starts_with("1999")
            }))]),
        row("R13", "an id is a text, its own and for ever", [
            user(json!({})).shows(Holds("the id is a text, and no bulkId", |user| {
                user["id"].as_str().is_some_and(|id| !id.is_empty() && id != "bulkId")
            })),
            named_user("{me}-2@acme.example", "other", json!({})).shows(IsNot("/id", "user")),
            put("/Users/{user}", json!({
                "schemas": [USER], "userName": "{me}@acme.example", "nickName": "n",
            }))
            .shows(IsKept("/id", "user")),
            patch("/Users/{user}", json!([{ "op": "replace", "path": "nickName", "value": "m" }]))
                .shows(IsKept("/id", "user")),
            get("/Users/{user}").shows(IsKept("/id", "user")),
        ]),
        row("R14", "meta says what, when and where", [user(json!({}))
            .shows(Is("/meta/resourceType", json!("User")))
            .shows(IsDateTime("/meta/created"))
            .shows(IsDateTime("/meta/lastModified"))
            .shows(Present("/meta/location"))]),
        row("R15", "a body names its schemas", [
            post("/Users", json!({ "userName": "{me}@acme.example" }))
                .status(400)
                .scim_type(["invalidSyntax", "invalidValue"]),
            filter("/Users", r#"userName eq "{me}@acme.example""#).shows(Is("/totalResults", json!(0))),
        ]),
        row("R16", "a user has a userName", [post("/Users", json!({ "schemas": [USER], "nickName": "n" }))
            .status(400)
            .scim_type(["invalidValue"])]),
        row("R17", "and it is not empty", [post("/Users", new("")).status(400)]),
        row("R18", "one userName, one user", [
            user(json!({})),
            post("/Users", new("{me}@acme.example")).status(409).scim_type(["uniqueness"]),
        ]),
        row("R19", "in whatever case", [
            user(json!({})),
            post("/Users", new("{me}@ACME.Example")).status(409).scim_type(["uniqueness"]),
        ]),
        row("R20", "attribute names have no case", [post("/Users", json!({
            "SCHEMAS": [USER], "USERNAME": "{me}@acme.example", "NAME": { "GivenName": "Zoë" },
            "DisplayName": "Z",
        }))
            .status(201)
            .shows(Is("/userName", json!("{me}@acme.example")))
            .shows(Is("/name/givenName", json!("Zoë")))
            .shows(Is("/displayName", json!("Z")))]),
        row("R21", "a password is shown to nobody", [
            user(json!({ "password": "s3cret-pass" })).shows(Nowhere("assword")).shows(Nowhere("s3cret")),
            get("/Users/{user}").shows(Nowhere("assword")).shows(Nowhere("s3cret")),
            get("/Users/{user}?attributes=password").shows(Nowhere("assword")).shows(Nowhere("s3cret")),
            get("/Users?attributes=password").shows(Nowhere("assword")),
            get("/Users?count=1000").shows(Nowhere("assword")),
            patch("/Users/{user}?attributes=password", json!([
                { "op": "replace", "path": "password", "value": "s3cret-too" },
            ]))
            .shows(Nowhere("assword"))
            .shows(Nowhere("s3cret")),
        ]),
        row("R22", "null and an empty list are no value", [
            user(json!({ "nickName": null, "phoneNumbers": [] })),
            get("/Users/{user}").shows(Absent("/nickName")).shows(Absent("/phoneNumbers")),
            filter("/Users", r#"userName eq "{me}@acme.example" and nickName pr"#)
                .shows(Is("/totalResults", json!(0))),
        ]),
        row("R23", "one element is primary at most", [post("/Users", json!({
            "schemas": [USER], "userName": "{me}@acme.example",
            "emails": [
                { "value": "a@acme.example", "type": "work", "primary": true },
                { "value": "b@acme.example", "type": "home", "primary": true },
            ],
        }))
            .status(400)
            .scim_type(["invalidValue"])]),
        row("R24", "a word is no boolean", [
            post("/Users", json!({
                "schemas": [USER], "userName": "{me}@acme.example", "active": "banana",
            }))
            .status(400)
            .scim_type(["invalidValue"]),
            filter("/Users", r#"userName eq "{me}@acme.example""#).shows(Is("/totalResults", json!(0))),
        ]),
        row("R25", "an extension stands under its URN", [
            post("/Users", json!({
                "schemas": [USER, ENTERPRISE], "userName": "{me}@acme.example",
                ENTERPRISE: { "employeeNumber": "701", "department": "Ops" },
            }))
            .status(201)
            .keep("user", "/id"),
            get("/Users/{user}")
                .shows(Is("/schemas", json!([USER, ENTERPRISE])))
                .shows(Holds("the extension is kept", |user| {
                    user[ENTERPRISE] == json!({ "employeeNumber": "701", "department": "Ops" })
                })),
        ]),
        row("R26", "groups of a user are not written there", [
            post("/Groups", json!({ "schemas": [GROUP], "displayName": "group of {me}" }))
                .status(201)
                .keep("group", "/id"),
            user(json!({ "groups": [{ "value": "{group}" }] })).shows(Absent("/groups")),
            get("/Groups/{group}").shows(Absent("/members")),
        ]),
    ]
}
