//! What went wrong between clients and other services, and must not here.

use crate::{
    conversation::{Conversation, conversation},
    exchange::{Exchange, GROUP, PATCH_OP, USER, get, patch, post, put, send, vendor},
};
use serde_json::{Value, json};

pub fn conversations() -> Vec<Conversation> {
    let okta = |about, exchanges| conversation(about, "okta", "/scim/v2", &[], exchanges);
    let strict = |about, exchanges| conversation(about, "strict", "/scim/v2", &[], exchanges);
    vec![
        okta("a change without members empties no group", without_members()),
        okta("a text is no truth", truths()),
        okta("a name in upper case finds", upper_case()),
        strict("a name in upper case finds, strictly", upper_case()),
        okta("ids as numbers are text from end to end", numbers()),
        strict("ids as numbers, strictly", numbers_strictly()),
        okta("a plus in a userName is no space", plus()),
        okta("parameters that nobody knows", unknown_parameters()),
        strict("parameters that nobody knows, strictly", unknown_parameters_strictly()),
        okta("a word said twice decides nothing", twice()),
        okta("an empty group has no null for members", empty_group()),
    ]
}

fn user(login: &str, more: Value) -> Exchange {
    let mut body = json!({ "schemas": [USER], "userName": login });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    post("/Users", body)
}

fn without_members() -> Vec<Exchange> {
    let named = |name: &str| json!({ "schemas": [GROUP], "displayName": name });
    let mut made = named("Crew");
    if let Some(made) = made.as_object_mut() {
        made.insert("members".to_owned(), json!([{ "value": "{one}" }]));
    }
    vec![
        user("one@acme.example", json!({})).keep("one", "/id"),
        post("/Groups", made).keep("crew", "/id"),
        patch("/Groups/{crew}", json!([{ "op": "replace", "value": { "displayName": "Crew 2" } }]))
            .is("/displayName", "Crew 2")
            .length("/members", 1),
        patch(
            "/Groups/{crew}",
            json!([{ "op": "replace", "path": "displayName", "value": "Crew 3" }]),
        )
        .length("/members", 1),
        vendor("/memberships?team={crew}").length("/data", 1),
    ]
}

fn truths() -> Vec<Exchange> {
    vec![
        user("two@acme.example", json!({ "active": "False" }))
            .is("/active", false)
            .keep("two", "/id"),
        vendor("/people/{two}").is("/data/status", "S"),
        patch("/Users/{two}", json!([{ "op": "replace", "path": "active", "value": "True" }]))
            .is("/active", true),
        patch("/Users/{two}", json!([{ "op": "replace", "value": { "active": "no" } }]))
            .refused(400, "invalidValue"),
        vendor("/people/{two}").is("/data/status", "A"),
    ]
}

fn upper_case() -> Vec<Exchange> {
    let found = |filter: &str| get(format!("/Users?filter={filter}")).is("/totalResults", 1);
    vec![
        user("three@acme.example", json!({})),
        found("USERNAME%20eq%20%22three%40acme.example%22"),
        found("userName%20EQ%20%22THREE%40acme.example%22"),
        found(
            "urn:ietf:params:scim:schemas:core:2.0:User:UserName%20eq%20%22three%40acme.example%22",
        ),
    ]
}

fn numbers() -> Vec<Exchange> {
    vec![
        // The vendor's own keys are numbers that no double can hold.
        user("four@acme.example", json!({ "externalId": 90071992547410011_u64 }))
            .is("/externalId", "90071992547410011")
            .keep("four", "/id"),
        vendor("/people/{four}").says("\"uid\":{four}").is("/data/ref_code", "90071992547410011"),
        get("/Users?filter=externalId%20eq%2090071992547410011").is("/Resources/0/id", "{four}"),
        get("/Users/{four}").is("/id", "{four}").is("/externalId", "90071992547410011"),
        post("/Groups", json!({ "schemas": [GROUP], "displayName": "Numbers", "externalId": 7 }))
            .is("/externalId", "7")
            .keep("group", "/id"),
        number_for_text(patch(
            "/Groups/{group}",
            json!([{ "op": "add", "path": "members", "value": [{ "value": "{four}" }] }]),
        ))
        .status(204),
        get("/Groups/{group}").is("/members/0/value", "{four}"),
        // The id repeated as a number is still the resource's own.
        number_for_text(patch(
            "/Users/{four}",
            json!([{ "op": "replace", "value": { "id": "{four}", "nickName": "IV" } }]),
        ))
        .is("/nickName", "IV"),
        number_for_text(put(
            "/Users/{four}",
            json!({ "schemas": [USER], "id": "{four}", "userName": "four@acme.example" }),
        ))
        .is("/id", "{four}"),
        patch("/Groups/{group}", json!([{ "op": "remove", "path": "members[value eq {four}]" }]))
            .status(204),
        vendor("/memberships?team={group}").length("/data", 0),
    ]
}

/// The user's id as a JSON number.
fn number_for_text(mut exchange: Exchange) -> Exchange {
    exchange.body = exchange.body.replace("\"{four}\"", "{four}");
    exchange
}

fn numbers_strictly() -> Vec<Exchange> {
    vec![
        user("four@acme.example", json!({ "externalId": 17 })).refused(400, "invalidValue"),
        get("/Users?filter=externalId%20eq%2017").refused(400, "invalidFilter"),
    ]
}

fn plus() -> Vec<Exchange> {
    vec![
        user("five+six@acme.example", json!({})).keep("five", "/id"),
        get("/Users?filter=userName+eq+%22five%2Bsix%40acme.example%22")
            .is("/Resources/0/id", "{five}"),
        // This plus is a space, and no such name is there.
        get("/Users?filter=userName+eq+%22five+six%40acme.example%22").is("/totalResults", 0),
    ]
}

fn unknown_parameters() -> Vec<Exchange> {
    vec![get("/Users?aadOptscim062020&tenant=7&count=1"), get("/Groups?%FF=%FF&count=1")]
}

fn unknown_parameters_strictly() -> Vec<Exchange> {
    vec![
        get("/Users?tenant=7&count=1").refused(400, "invalidValue").says("`tenant`"),
        // RFC 7644 §4: discovery ignores them all.
        get("/Schemas?tenant=7"),
    ]
}

/// Parsers differ in which of two equal names they keep: a deactivation must not hang on it.
fn twice() -> Vec<Exchange> {
    let body = |members: &str| format!(r#"{{"schemas":["{USER}"],{members}}}"#);
    let operation = r#"{"op":"replace","value":{"active":false,"Active":true}}"#;
    vec![
        user("six@acme.example", json!({})).keep("six", "/id"),
        send(
            "PATCH",
            "/Users/{six}",
            format!(r#"{{"schemas":["{PATCH_OP}"],"Operations":[{operation}]}}"#),
        )
        .refused(400, "invalidSyntax")
        .says("`Active`"),
        send("POST", "/Users", body(r#""userName":"seven","USERNAME":"eight""#))
            .refused(400, "invalidSyntax"),
        send("POST", "/Users", body(r#""userName":"seven","userName":"eight""#))
            .refused(400, "invalidSyntax"),
        vendor("/people/{six}").is("/data/status", "A"),
        get("/Users?filter=userName%20sw%20%22six%22&filter=userName%20pr")
            .refused(400, "invalidFilter"),
        get("/Users/{six}?attributes=userName&attributes=active")
            .is("/userName", "six@acme.example")
            .is("/active", true)
            .absent("/meta"),
    ]
}

fn empty_group() -> Vec<Exchange> {
    vec![
        post("/Groups", json!({ "schemas": [GROUP], "displayName": "Nobody", "members": [] }))
            .hides("null")
            .keep("group", "/id"),
        get("/Groups/{group}").hides("null"),
        get("/Groups?filter=displayName%20eq%20%22Nobody%22").hides("null"),
    ]
}
