//! PUT: R58 to R62.

use crate::{
    exchange::{Exchange, USER, filter, get, named_user, put, send, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::json;

pub fn rows() -> Vec<Row> {
    vec![
        row("R58", "nobody is made by PUT", [
            put("/Users/no-such-id", json!({ "schemas": [USER], "userName": "{me}@acme.example" })).status(404),
            filter("/Users", r#"userName eq "{me}@acme.example""#).shows(Is("/totalResults", json!(0))),
        ]),
        row("R59", "what was read can be sent back", [
            user(json!({
                "displayName": "D", "name": { "givenName": "G" },
                "emails": [{ "value": "e@acme.example", "type": "work", "primary": true }],
            })),
            get("/Users/{user}").keep("whole", "").keep("emails", "/emails").keep("name", "/name"),
            send("PUT", "/Users/{user}", "{whole}")
                .status(200)
                .shows(IsKept("/emails", "emails"))
                .shows(IsKept("/name", "name"))
                .shows(Is("/displayName", json!("D"))),
            send("PUT", "/Users/{user}", json!({
                "schemas": [USER], "userName": "{me}@acme.example", "displayName": "D", "id": "another",
                "meta": { "resourceType": "Mine" }, "groups": [{ "value": "none" }],
            }).to_string())
            .status(200)
            .shows(IsKept("/id", "user"))
            .shows(Is("/meta/resourceType", json!("User")))
            .shows(Absent("/groups"))
            .shows(Is("/displayName", json!("D"))),
        ]),
        row("R60", "what is required stays", [
            user(json!({ "nickName": "n" })),
            put("/Users/{user}", json!({ "schemas": [USER], "nickName": "m" })).status(400),
            get("/Users/{user}").shows(Is("/nickName", json!("n"))),
        ]),
        row("R61", "a userName is taken by PUT no more than by POST", [
            user(json!({})),
            named_user("{me}-2@acme.example", "other", json!({})),
            put("/Users/{other}", json!({ "schemas": [USER], "userName": "{me}@acme.example" }))
                .status(409)
                .scim_type(["uniqueness"]),
        ]),
        row("R62", "a change is dated", changed()),
    ]
}

fn changed() -> [Exchange; 2] {
    [
        user(json!({})).keep("created", "/meta/created").keep("modified", "/meta/lastModified"),
        put(
            "/Users/{user}",
            json!({
                "schemas": [USER], "userName": "{me}@acme.example", "nickName": "n",
            }),
        )
        .status(200)
        .shows(IsKept("/meta/created", "created"))
        .shows(IsLater("/meta/lastModified", "modified")),
    ]
}
