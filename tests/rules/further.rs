//! What needs knowledge of the server: X1 to X9. X2 needs an attribute that is declared so, which the sample's mapping has
//! not: `tests/okta/declared.rs` has one, and tries it over a socket.

use crate::{
    exchange::{
        ENTERPRISE, Exchange, PATCH_OP, SEARCH_REQUEST, USER, filter, get, group, patch, post, user,
    },
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

/// A search in a body that is refused.
fn search(path: &str, mut body: Value) -> Exchange {
    body["schemas"] = json!([SEARCH_REQUEST]);
    post(path, body).status(400).scim_type(["sensitive"])
}

/// A change of whoever has this password.
fn guess(password: &str) -> Value {
    let path = format!(r#"password[value eq "{password}"]"#);
    json!([{ "op": "replace", "path": path, "value": "new" }])
}

fn guessed(password: &str) -> Value {
    let data = json!({ "schemas": [PATCH_OP], "Operations": guess(password) });
    json!({ "method": "PATCH", "path": "/Users/{user}", "data": data })
}

pub fn rows() -> Vec<Row> {
    let department = format!("{ENTERPRISE}:department");
    let staff = json!({ "schemas": [USER, ENTERPRISE], ENTERPRISE: { "department": "Ops" } });
    let same = json!([{
        "op": "replace", "path": "members[value eq \"{user}\"].value", "value": "{user}",
    }]);
    let other = json!([{
        "op": "replace", "path": "members[value eq \"{user}\"].value", "value": "{group}",
    }]);
    vec![
        row("X1", "what is immutable may be said again, and not otherwise", [
            user(json!({})),
            group(json!({ "members": [{ "value": "{user}" }] })),
            patch("/Groups/{group}", same).status(204),
            patch("/Groups/{group}", other).status(400).scim_type(["mutability"]),
            get("/Groups/{group}").shows(Has("/members", json!({ "value": "{user}" }))),
        ]),
        row("X3", "a page of a filter tells the total", [
            get("/Users").keep("total", "/totalResults"),
            get("/Users?filter=userName%20pr&count=1")
                .status(200)
                .shows(IsKept("/totalResults", "total"))
                .shows(Is("/itemsPerPage", json!(1))),
        ]),
        row("X4", "attributes are heeded before excludedAttributes", [
            user(json!({ "displayName": "D" })),
            get("/Users/{user}?attributes=userName,displayName&excludedAttributes=displayName")
                .status(200)
                .shows(Members("", &["schemas", "id", "userName", "displayName"])),
        ]),
        row("X5", "a filter does not guess at a password", [
            user(json!({ "password": "s3cret-pass" })),
            filter("/Users", r#"password eq "s3cret-pass""#).status(400).scim_type(["sensitive"]),
            filter("/Users", r#"userName pr and password sw "s""#).status(400).scim_type(["sensitive"]),
            filter("/Users", "not (password pr)").status(400).scim_type(["sensitive"]),
            filter("/", r#"userName pr or password sw "s""#).status(400).scim_type(["sensitive"]),
            get("/Users?sortBy=password").status(400).scim_type(["sensitive"]),
        ]),
        row("X5", "nor does a search that stands in a body", [
            user(json!({ "password": "s3cret-pass" })),
            search("/Users/.search", json!({ "filter": r#"password eq "s3cret-pass""# })),
            search("/.search", json!({ "filter": r#"id pr and password eq "s3cret-pass""# })),
            search("/Users/.search", json!({ "sortBy": "password" })),
            search("/.search", json!({ "filter": "id pr", "sortBy": "password" })),
        ]),
        row("X5", "nor the filter of a PATCH, right or wrong, alone or in a Bulk", [
            user(json!({ "password": "s3cret-pass" })),
            patch("/Users/{user}", guess("s3cret-pass")).status(400).scim_type(["invalidPath"]),
            patch("/Users/{user}", guess("another")).status(400).scim_type(["invalidPath"]),
            post("/Bulk", json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [guessed("s3cret-pass"), guessed("another")],
            }))
            .status(200)
            .shows(Is("/Operations/0/response/scimType", json!("invalidPath")))
            .shows(Is("/Operations/1/response/scimType", json!("invalidPath"))),
        ]),
        row("X7", "nobody is sent elsewhere", [
            get("//Users/").status(200),
            get("/users").status(200),
            get("/ServiceProviderConfigs").status(200),
        ]),
        row("X8", "what is written comes back as it was written", [
            post("/Users", json!({
                "schemas": [USER], "userName": "{me}.Mixed@Acme.Example", "externalId": "aBc {me}",
                "emails": [{ "value": "Mixed@Acme.Example", "type": "work" }],
            }))
            .status(201)
            .keep("user", "/id"),
            get("/Users/{user}")
                .shows(Is("/userName", json!("{me}.Mixed@Acme.Example")))
                .shows(Is("/externalId", json!("aBc {me}")))
                .shows(Has("/emails", json!({ "value": "Mixed@Acme.Example" }))),
        ]),
        row("X9", "an extension ends with its last attribute", [
            user(staff).shows(Has("/schemas", json!(ENTERPRISE))),
            patch("/Users/{user}", json!([{ "op": "remove", "path": department }])).status(200),
            get("/Users/{user}").shows(HasNot("/schemas", json!(ENTERPRISE))),
        ]),
    ]
}
