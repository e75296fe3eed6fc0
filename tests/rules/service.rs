//! Who may call, media types and errors: R01 to R09.

use crate::{
    exchange::{USER, get, post, send},
    predicate::Predicate::*,
    row::{Row, row},
};
use serde_json::json;

const JSON: &str = "application/scim+json";

pub fn rows() -> Vec<Row> {
    let new = |name: &str| json!({ "schemas": [USER], "userName": name });
    vec![
        row(
            "R01",
            "who says nothing is challenged",
            [get("/Users").anonymous().status(401).shows(Header("www-authenticate", "Bearer"))],
        ),
        row(
            "R02",
            "a wrong token is a SCIM error",
            [get("/Users")
                .header("authorization", "Bearer wrong")
                .status(401)
                .shows(Is("/status", json!("401")))
                .shows(Header("www-authenticate", "Bearer"))],
        ),
        row(
            "R03",
            "SCIM's media type is answered in kind",
            [get("/Users").header("accept", JSON).status(200).shows(Header("content-type", JSON))],
        ),
        row(
            "R04",
            "no Accept is any",
            [get("/Users").status(200).shows(Header("content-type", JSON))],
        ),
        row("R04", "and so is */*", [get("/Users").header("accept", "*/*").status(200)]),
        row(
            "R05",
            "plain JSON is accepted",
            [get("/Users").header("accept", "application/json").status(200)],
        ),
        row(
            "R06",
            "plain JSON is read, and its charset",
            [post("/Users", new("{me}@acme.example"))
                .header("content-type", "application/json; charset=utf-8")
                .status(201)],
        ),
        row(
            "R07",
            "an unknown id is not found",
            [get("/Users/no-such-id").status(404).shows(Is("/status", json!("404")))],
        ),
        row(
            "R08",
            "broken JSON is a matter of syntax",
            [send("POST", "/Users", r#"{"schemas":["#).status(400).scim_type(["invalidSyntax"])],
        ),
        row("R09", "an unknown endpoint is not found", [get("/Nothing").status(404)]),
        row("R09", "nor what stands below none", [post("/Nothing/at/all", json!({})).status(404)]),
    ]
}
