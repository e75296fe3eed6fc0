//! One who is made by three calls.

use crate::world::MAPPING;
use serde_json::{Value, json};

pub const USER: &str = "POST /users";
pub const WELCOME: &str = "POST /users/ada/welcomed";
pub const SEAT: &str = "POST /users/ada/seated";

/// A create in three calls, the second and third of which nothing shows.
pub fn steps(safe: bool, undo: bool) -> String {
    let repeat = if safe { ", repeat: safe" } else { "" };
    let undo = if undo { ", undo: { call: \"DELETE /users/{steps.user.id}\" }" } else { "" };
    let create = format!(
        "create:
        key: \"{{steps.user.id}}\"
        steps:
          - {{ name: user, call: POST /users, body: \"{{fields}}\", capture: {{ id: id }}{undo} }}
          - {{ name: welcome, call: \"POST /users/{{steps.user.id}}/welcomed\"{repeat}{} }}
          - {{ name: seat, call: \"POST /users/{{steps.user.id}}/seated\"{repeat} }}",
        // What is done to somebody goes with him.
        if undo.is_empty() {
            ""
        } else {
            ", undo: { call: \"DELETE /users/{steps.user.id}/welcomed\" }"
        },
    );
    MAPPING.replace("create: { call: POST /users, record: . }", &create)
}

/// As a client sends her.
pub fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada",
        "nickName": "A",
        "password": "s3cret-of-hers",
    })
}
