//! What the configuration of the service offers beyond reading and writing one: an order, versions, Bulk and
//! cursors.

use crate::{
    exchange::{
        ENTERPRISE, Exchange, GROUP, SEARCH_REQUEST, USER, cursors, filter, get, named_user, patch,
        post, user,
    },
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::{Value, json};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn bulk(operations: Value) -> Exchange {
    post("/Bulk", json!({ "schemas": [BULK_REQUEST], "Operations": operations }))
}

fn make(kind: &str, data: Value) -> Value {
    json!({ "method": "POST", "path": format!("/{kind}"), "bulkId": kind, "data": data })
}

/// More operations than any server allows.
fn too_many() -> Exchange {
    let none = json!({ "method": "DELETE", "path": "/Users/no-such-id" });
    bulk(Value::Array(vec![none; 10_001]))
}

pub fn rows() -> Vec<Row> {
    let called = |number: &str, nick: &str| {
        let name = format!("{{me}}-{number}@acme.example");
        named_user(&name, "other", json!({ "nickName": nick }))
    };
    let person = || json!({ "schemas": [USER], "userName": "{me}@acme.example" });
    let sorted = "sortBy=nickName&sortOrder=descending&filter=userName%20sw%20%22{me}%22";
    let supports =
        |place: &'static str| get("/ServiceProviderConfig").shows(Is(place, json!(true)));
    vec![
        row("R57", "in descending order, without case", [
            supports("/sort/supported"),
            called("1", "b"),
            called("2", "C"),
            called("3", "a"),
            get(format!("/Users?{sorted}"))
                .status(200)
                .shows(Is("/Resources/0/nickName", json!("C")))
                .shows(Is("/Resources/1/nickName", json!("b")))
                .shows(Is("/Resources/2/nickName", json!("a"))),
        ]),
        row("R57", "what is made when a resource is told has no order", [
            get("/Users?sortBy=meta.location").status(400).scim_type(["invalidValue"]),
            get("/Users?sortBy=groups.$ref").status(400).scim_type(["invalidValue"]),
            post("/.search", json!({ "schemas": [SEARCH_REQUEST], "sortBy": "meta.version" }))
                .status(400)
                .scim_type(["invalidValue"]),
        ]),
        row("R100", "a stale version changes nothing", [
            supports("/etag/supported"),
            user(json!({ "nickName": "n" })),
            patch("/Users/{user}", json!([{ "op": "replace", "path": "nickName", "value": "m" }]))
                .header("if-match", r#"W/"stale""#)
                .status(412),
            get("/Users/{user}").shows(Is("/nickName", json!("n"))),
        ]),
        row("R101", "a known version is not sent again", [
            user(json!({})),
            get("/Users/{user}").shows(HeaderIs("etag", "/meta/version")).keep("version", "/meta/version"),
            get("/Users/{user}").header("if-none-match", "{version}").status(304),
        ]),
        row("R101", "every answer of one resource has its version", [
            user(json!({})).shows(HeaderIs("etag", "/meta/version")).keep("version", "/meta/version"),
            patch("/Users/{user}", json!([{ "op": "replace", "path": "nickName", "value": "m" }]))
                .shows(HeaderIs("etag", "/meta/version"))
                .shows(IsNot("/meta/version", "version")),
        ]),
        row("R101", "nor is a document that is known", [
            get("/ServiceProviderConfig").header("if-none-match", "*").status(304),
            get("/ResourceTypes/User").header("if-none-match", "*").status(304),
            get(format!("/Schemas/{USER}")).header("if-none-match", "*").status(304),
            get(format!("/Schemas/{USER}")).header("if-none-match", r#"W/"stale""#).status(200),
            get(format!("/Schemas/{USER}")).header("if-match", r#"W/"stale""#).status(412),
            get("/Schemas").header("if-none-match", "*").status(200),
        ]),
        row("R102", "one operation names what another makes", [
            supports("/bulk/supported"),
            bulk(json!([
                make("Users", person()),
                make("Groups", json!({
                    "schemas": [GROUP], "displayName": "group of {me}",
                    "members": [{ "value": "bulkId:Users" }],
                })),
            ]))
            .status(200)
            .shows(Is("/schemas", json!([BULK_RESPONSE])))
            .shows(Is("/Operations/0/method", json!("POST")))
            .shows(Is("/Operations/0/bulkId", json!("Users")))
            .shows(Is("/Operations/0/status", json!("201")))
            .shows(Is("/Operations/1/status", json!("201")))
            .keep("place", "/Operations/1/location"),
            filter("/Users", r#"userName eq "{me}@acme.example""#).keep("user", "/Resources/0/id"),
            get("{place}").status(200).shows(Has("/members", json!({ "value": "{user}" }))),
        ]),
        row("R103", "too many operations are too many", [too_many()
            .status(413)
            .shows(Holds("the limit is told", |error| {
                error["detail"].as_str().is_some_and(|text| text.contains(|c: char| c.is_ascii_digit()))
            }))]),
        row("R104", "it ends with the first error", [
            post("/Bulk", json!({
                "schemas": [BULK_REQUEST], "failOnErrors": 1,
                "Operations": [make("Users", json!({ "schemas": [USER] })), make("Users", person())],
            }))
            .status(200)
            .shows(Length("/Operations", 1))
            .shows(Is("/Operations/0/status", json!("400")))
            .shows(Present("/Operations/0/response/detail")),
            filter("/Users", r#"userName eq "{me}@acme.example""#).shows(Is("/totalResults", json!(0))),
        ]),
        row("R105", "cursor by cursor, everybody once", [
            user(json!({})),
            named_user("{me}-2@acme.example", "other", json!({})),
            get("/Users?cursor&count=2").status(200).shows(AtMost("/Resources", 2)).shows(Present("/nextCursor")),
            cursors("/Users", 2).shows(Holds("everybody is met once", |walk| {
                walk["ids"] == walk["different"] && walk["ids"] == walk["total"]
            })),
        ]),
        row("R106", "what is no cursor is none", [get("/Users?cursor=not-a-cursor")
            .status(400)
            .scim_type(["invalidCursor", "expiredCursor"])]),
        row("R107", "a search by POST has cursors too", [post("/Users/.search", json!({
            "schemas": [SEARCH_REQUEST], "cursor": "", "count": 2,
        }))
        .status(200)
        .shows(AtMost("/Resources", 2))
        .shows(Present("/nextCursor"))]),
        row("R108", "both ways to page are told", [get("/ServiceProviderConfig")
            .shows(Is("/pagination/cursor", json!(true)))
            .shows(Is("/pagination/index", json!(true)))
            .shows(Is("/pagination/defaultPaginationMethod", json!("index")))]),
        row("X6", "a circle of bulkIds is resolved", [bulk(json!([
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": {
                "schemas": [USER, ENTERPRISE], "userName": "a.{me}@acme.example",
                ENTERPRISE: { "manager": { "value": "bulkId:b" } } } },
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": {
                "schemas": [USER, ENTERPRISE], "userName": "b.{me}@acme.example",
                ENTERPRISE: { "manager": { "value": "bulkId:a" } } } },
        ]))
        .status(200)
        .shows(Has("/Operations", json!({ "bulkId": "a", "status": "201" })))
        .shows(Has("/Operations", json!({ "bulkId": "b", "status": "201" })))]),
        row("X10", "the first page has none before it", [get("/Users?cursor=&count=1")
            .status(200)
            .shows(Absent("/previousCursor"))
            .shows(Holds("a cursor is at home in a URL", |list| {
                let cursor = list["nextCursor"].as_str().unwrap_or_default();
                !cursor.is_empty()
                    && cursor.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c))
            }))]),
        row("X10", "another count is another walk", [
            get("/Users?cursor=&count=1").keep("next", "/nextCursor"),
            get("/Users?cursor={next}&count=2").status(400).scim_type(["invalidCount"]),
        ]),
        row("X11", "the sizes of pages are told", [get("/ServiceProviderConfig")
            .shows(Holds("there are sizes", |config| {
                let size = |name: &str| config["pagination"][name].as_u64();
                size("defaultPageSize") <= size("maxPageSize") && size("defaultPageSize") > Some(0)
            }))
            .shows(Holds("a timeout, if there is one, is in seconds", |config| {
                let timeout = &config["pagination"]["cursorTimeout"];
                timeout.is_null() || timeout.is_u64()
            }))]),
    ]
}
