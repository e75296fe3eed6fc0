//! DELETE: R89 and R90.

use crate::{
    exchange::{USER, delete, filter, get, patch, post, put, user},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::json;

pub fn rows() -> Vec<Row> {
    let again = || json!({ "schemas": [USER], "userName": "{me}@acme.example" });
    vec![
        row(
            "R89",
            "what is deleted is not there",
            [
                user(json!({})),
                delete("/Users/{user}").status(204),
                get("/Users/{user}").status(404),
                put("/Users/{user}", again()).status(404),
                patch(
                    "/Users/{user}",
                    json!([{ "op": "replace", "path": "active", "value": true }]),
                )
                .status(404),
                delete("/Users/{user}").status(404),
            ],
        ),
        row(
            "R90",
            "nor found, and its name is free",
            [
                user(json!({ "externalId": "of {me}" })),
                delete("/Users/{user}").status(204),
                filter("/Users", r#"userName eq "{me}@acme.example""#)
                    .shows(Is("/totalResults", json!(0))),
                filter("/Users", r#"externalId eq "of {me}""#).shows(Is("/totalResults", json!(0))),
                post("/Users", again()).status(201).shows(IsNot("/id", "user")),
            ],
        ),
    ]
}
