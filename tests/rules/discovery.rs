//! What a service says of itself, and what it does not offer: R91 to R99, R109.

use crate::{
    exchange::{ENTERPRISE, GROUP, USER, filter, get, post, send},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

fn list(body: &Value) -> &[Value] {
    body["Resources"].as_array().map_or(&[], Vec::as_slice)
}

fn is_complete(attribute: &Value) -> bool {
    let said = ["name", "type", "multiValued", "required", "mutability", "returned"];
    let subs = attribute["subAttributes"].as_array();
    let complex = attribute["type"] == "complex";
    said.iter().all(|name| !attribute[name].is_null())
        && complex == subs.is_some()
        && subs.into_iter().flatten().all(is_complete)
}

fn attributes_are_complete(schemas: &Value) -> bool {
    let attributes = |schema: &Value| schema["attributes"].as_array().cloned().unwrap_or_default();
    list(schemas)
        .iter()
        .all(|schema| !attributes(schema).is_empty() && attributes(schema).iter().all(is_complete))
}

fn types_are_complete(types: &Value) -> bool {
    list(types).iter().all(|kind| {
        let extensions = kind["schemaExtensions"].as_array().cloned().unwrap_or_default();
        ["name", "endpoint", "schema"].iter().all(|name| kind[name].is_string())
            && extensions
                .iter()
                .all(|each| each["schema"].is_string() && each["required"].is_boolean())
    })
}

pub fn rows() -> Vec<Row> {
    let supported = |about: &'static str, place: &'static str| {
        row("R91", about, [get("/ServiceProviderConfig").status(200).shows(Present(place))])
    };
    vec![
        supported("PATCH", "/patch/supported"),
        supported("the limits of Bulk", "/bulk/maxOperations"),
        supported("the limits of Bulk", "/bulk/maxPayloadSize"),
        supported("Bulk", "/bulk/supported"),
        supported("filters", "/filter/supported"),
        supported("the limit of filters", "/filter/maxResults"),
        supported("passwords", "/changePassword/supported"),
        supported("sorting", "/sort/supported"),
        supported("versions", "/etag/supported"),
        row(
            "R91",
            "who may call, and no way that is refused",
            [
                get("/ServiceProviderConfig")
                    .shows(Length("/authenticationSchemes", 1))
                    .shows(Has("/authenticationSchemes", json!({ "type": "oauthbearertoken" }))),
                get("/Users").header("authorization", "Basic dWlkOmtleQ==").status(401),
            ],
        ),
        row(
            "R92",
            "every kind is told",
            [get("/ResourceTypes")
                .status(200)
                .shows(Has(
                    "/Resources",
                    json!({ "name": "User", "endpoint": "/Users", "schema": USER }),
                ))
                .shows(Has(
                    "/Resources",
                    json!({ "name": "Group", "endpoint": "/Groups", "schema": GROUP }),
                ))
                .shows(Holds("every kind says all of itself", types_are_complete))],
        ),
        row(
            "R93",
            "and each by itself",
            [get("/ResourceTypes/User").status(200).shows(Is("/name", json!("User"))).shows(Has(
                "/schemaExtensions",
                json!({ "schema": ENTERPRISE, "required": false }),
            ))],
        ),
        row(
            "R94",
            "every schema is told, to its last attribute",
            [
                get("/ResourceTypes").keep("third", "/Resources/2/schema"),
                get("/Schemas")
                    .status(200)
                    .shows(Has("/Resources", json!({ "id": USER })))
                    .shows(Has("/Resources", json!({ "id": ENTERPRISE })))
                    .shows(Has("/Resources", json!({ "id": GROUP })))
                    .shows(Has("/Resources", json!({ "id": "{third}" })))
                    .shows(Holds("every attribute says all of itself", attributes_are_complete)),
            ],
        ),
        row(
            "R95",
            "and each by itself",
            [get(format!("/Schemas/{USER}"))
                .status(200)
                .shows(Is("/id", json!(USER)))
                .shows(Present("/attributes"))],
        ),
        row(
            "R95",
            "a schema that is not served is not found",
            [get("/Schemas/urn:none").status(404)],
        ),
        row(
            "R96",
            "the list of schemas is always whole",
            [
                get("/Schemas").keep("total", "/totalResults").keep("all", "/Resources"),
                get("/Schemas?startIndex=2&count=1&attributes=id")
                    .status(200)
                    .shows(IsKept("/totalResults", "total"))
                    .shows(IsKept("/Resources", "all")),
            ],
        ),
        row(
            "R97",
            "discovery is not filtered",
            [get("/ServiceProviderConfig?filter=patch%20pr").status(403)],
        ),
        row("R97", "nor are schemas", [get("/Schemas?filter=id%20pr").status(403)]),
        row("R97", "nor kinds", [get("/ResourceTypes?filter=name%20pr").status(403)]),
        row(
            "R98",
            "what is not offered says so",
            [post("/Me", json!({ "schemas": [USER] })).status(501)],
        ),
        row(
            "R98",
            "nor is what the configuration calls unsupported",
            [
                get("/scim/v1/ServiceProviderConfigs").shows(Is("/bulk/supported", json!(false))),
                post(
                    "/scim/v1/Bulk",
                    json!({
                        "schemas": ["urn:scim:schemas:core:1.0"],
                        "Operations": [{
                            "method": "POST", "path": "/Users", "bulkId": "1",
                            "data": { "userName": "{me}@acme.example" },
                        }],
                    }),
                )
                .status(501),
                filter("/Users", r#"userName eq "{me}@acme.example""#)
                    .shows(Is("/totalResults", json!(0))),
            ],
        ),
        // The policy for answers: what is only read has one method.
        row(
            "R98",
            "nor is discovery written",
            [
                post("/Schemas", json!({})).status(405).shows(Header("allow", "GET")),
                send("DELETE", "/ServiceProviderConfig", "")
                    .status(405)
                    .shows(Header("allow", "GET")),
                send("PUT", "/ResourceTypes/User", "{}").status(405).shows(Header("allow", "GET")),
            ],
        ),
        row("R99", "nobody is Me", [get("/Me").status(501)]),
        row(
            "R109",
            "who prefers to wait elsewhere waits here",
            [post(
                "/Users",
                json!({
                    "schemas": [USER], "userName": "{me}@acme.example",
                }),
            )
            .header("prefer", "respond-async")
            .status(201)
            .shows(Present("/id"))],
        ),
    ]
}
