//! The other clients, each with what is its own.

use crate::{
    conversation::{Conversation, conversation},
    exchange::{Exchange, GROUP, USER, delete, get, patch, post, put, send, vendor},
    service::token,
};
use serde_json::{Value, json};

const SCIM: &[(&str, &str)] =
    &[("accept", "application/scim+json"), ("content-type", "application/scim+json")];
const JSON: &[(&str, &str)] =
    &[("accept", "application/json"), ("content-type", "application/json")];
const CORE_1: &str = "urn:scim:schemas:core:1.0";

pub fn conversations() -> Vec<Conversation> {
    let two =
        |about, headers, exchanges| conversation(about, "okta", "/scim/v2", headers, exchanges);
    let one =
        |about, headers, exchanges| conversation(about, "okta", "/scim/v1", headers, exchanges);
    let strict =
        |about, headers, exchanges| conversation(about, "strict", "/scim/v2", headers, exchanges);
    vec![
        two("OneLogin, with a template of 2.0", JSON, onelogin()),
        one("OneLogin, with a template of 1.1", JSON, onelogin_of_old()),
        two("JumpCloud tests", SCIM, jumpcloud()),
        two("SailPoint disables by an add", JSON, sailpoint()),
        strict("SailPoint disables by an add, strictly", JSON, sailpoint()),
        two("PingFederate, 2.0", JSON, ping()),
        one("PingFederate, 1.1", JSON, ping_of_old()),
        two("Keycloak's extension", SCIM, keycloak()),
        strict("Keycloak's extension, strictly", SCIM, keycloak_strictly()),
        two("Google Workspace suspends and deletes", JSON, google()),
        two("Rippling matches by externalId", SCIM, rippling()),
        two("WSO2 accepts JSON and nothing else", &[("accept", "application/json")], wso2()),
        two("authentik reads what is supported first", SCIM, authentik()),
    ]
}

fn user(login: &str, more: Value) -> Value {
    let mut body = json!({ "schemas": [USER], "userName": format!("{login}@acme.example") });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

fn group(name: &str, members: Value) -> Value {
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}

fn onelogin() -> Vec<Exchange> {
    vec![
        get("/Users?filter=userName%20eq%20%22odd%40acme.example%22").is("/totalResults", 0),
        post("/Users", user("odd", json!({ "active": true, "title": "Clerk" }))).keep("odd", "/id"),
        put("/Users/{odd}", user("odd", json!({ "active": false, "title": "Chief" })))
            .is("/title", "Chief"),
        vendor("/people/{odd}").is("/data/job", "Chief").is("/data/status", "S"),
        post("/Groups", group("OneLogin", json!([]))).keep("group", "/id"),
        patch(
            "/Groups/{group}",
            json!([{ "op": "add", "path": "members", "value": [{ "value": "{odd}" }] }]),
        )
        .status(204),
        put("/Groups/{group}", group("OneLogin all", json!([{ "value": "{odd}" }])))
            .is("/displayName", "OneLogin all"),
        vendor("/memberships?team={group}").length("/data", 1),
    ]
}

fn onelogin_of_old() -> Vec<Exchange> {
    let body = |title: &str| json!({ "schemas": [CORE_1], "userName": "ole@acme.example", "title": title, "active": true });
    vec![
        post("/Users", body("Clerk")).is("/schemas/0", CORE_1).keep("ole", "/id"),
        put("/Users/{ole}", body("Chief")).is("/title", "Chief"),
        vendor("/people/{ole}").is("/data/job", "Chief"),
    ]
}

fn jumpcloud() -> Vec<Exchange> {
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": "{jo}" }] }]);
    let remove = json!([{ "op": "Remove", "path": "members", "value": [{ "value": "{jo}" }] }]);
    vec![
        post("/Users", user("jo", json!({}))).keep("jo", "/id"),
        post("/Users", user("jim", json!({}))).keep("jim", "/id"),
        post("/Groups", group("Jump", json!([{ "value": "{jim}" }]))).keep("group", "/id"),
        patch("/Groups/{group}", add).status(204),
        patch("/Groups/{group}", remove).status(204),
        vendor("/memberships?team={group}").length("/data", 1).says("\"person_id\":{jim}"),
        delete("/Groups/{group}"),
        delete("/Users/{jo}"),
        delete("/Users/{jim}"),
        vendor("/people/{jo}").status(404),
    ]
}

fn sailpoint() -> Vec<Exchange> {
    let active = |active: bool| {
        patch("/Users/{sol}", json!([{ "op": "add", "value": { "active": active } }]))
            .is("/active", active)
    };
    vec![
        post("/Users", user("sol", json!({ "active": true }))).keep("sol", "/id"),
        active(false),
        vendor("/people/{sol}").is("/data/status", "S"),
        active(true),
        vendor("/people/{sol}").is("/data/status", "A"),
        get("/Users?filter=id%20eq%20%22{sol}%22").is("/Resources/0/id", "{sol}"),
        get("/Users?filter=userName%20eq%20%22sol%40acme.example%22").is("/totalResults", 1),
    ]
}

fn ping() -> Vec<Exchange> {
    vec![
        // `okta:passw0rd`.
        get("/Users?count=1").header("authorization", "Basic b2t0YTpwYXNzdzByZA=="),
        post("/Users", user("pia", json!({ "nickName": "P" }))).keep("pia", "/id"),
        put("/Users/{pia}", user("pia", json!({ "nickName": "Pi" }))).is("/nickName", "Pi"),
        patch("/Users/{pia}", json!([{ "op": "replace", "path": "nickName", "value": "Pip" }]))
            .is("/nickName", "Pip"),
        post("/Groups", group("Ping", json!([]))).keep("group", "/id"),
        patch(
            "/Groups/{group}",
            json!([{ "op": "add", "path": "members", "value": [{ "value": "{pia}" }] }]),
        )
        .status(204),
        vendor("/memberships?team={group}").length("/data", 1),
    ]
}

fn ping_of_old() -> Vec<Exchange> {
    let body = |more: Value| {
        let mut body = json!({ "schemas": [CORE_1] });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        body
    };
    vec![
        post("/Users", body(json!({ "userName": "pim@acme.example" }))).keep("pim", "/id"),
        send("PATCH", "/Users/{pim}", body(json!({ "nickName": "Pip" })).to_string())
            .is("/nickName", "Pip")
            .shows("content-type", "application/json"),
        vendor("/people/{pim}").is("/data/alias", "Pip"),
    ]
}

fn keycloak() -> Vec<Exchange> {
    let members = json!([{ "value": "{kai}" }, { "value": "{kim}" }]);
    let emails = json!([{ "value": "kai@acme.example" }]);
    vec![
        // A text that is not empty is true to many; this one says false.
        post("/Users", user("kai", json!({ "active": "false", "emails": emails })))
            .is("/active", false)
            .is("/emails/0/value", "kai@acme.example")
            .keep("kai", "/id"),
        vendor("/people/{kai}").is("/data/status", "S"),
        post("/Users", user("kim", json!({}))).keep("kim", "/id"),
        post("/Groups", group("Keys", json!([{ "value": "{kim}" }]))).keep("group", "/id"),
        // The whole list, each time.
        patch("/Groups/{group}", json!([{ "op": "replace", "path": "members", "value": members }]))
            .status(204),
        vendor("/memberships?team={group}").length("/data", 2),
    ]
}

fn keycloak_strictly() -> Vec<Exchange> {
    vec![post("/Users", user("kai", json!({ "active": "false" }))).refused(400, "invalidValue")]
}

fn google() -> Vec<Exchange> {
    let look_up = || get("/Users?filter=userName+eq+%22gry%2Btest%40acme.example%22");
    let active = |active: bool| user("gry+test", json!({ "active": active }));
    vec![
        look_up().is("/totalResults", 0),
        post("/Users", active(true)).keep("gry", "/id"),
        look_up().is("/totalResults", 1),
        put("/Users/{gry}", active(false)).is("/active", false),
        vendor("/people/{gry}").is("/data/status", "S"),
        look_up().is("/Resources/0/active", false),
        delete("/Users/{gry}"),
        look_up().is("/totalResults", 0),
    ]
}

fn rippling() -> Vec<Exchange> {
    let by_external_id = || get("/Users?filter=externalId%20eq%20%22rip-17%22");
    vec![
        by_external_id().is("/totalResults", 0),
        get("/Users?filter=userName%20eq%20%22rip%40acme.example%22").is("/totalResults", 0),
        post("/Users", user("rip", json!({ "externalId": "rip-17" }))).keep("rip", "/id"),
        by_external_id().is("/totalResults", 1).is("/Resources/0/id", "{rip}"),
    ]
}

fn wso2() -> Vec<Exchange> {
    vec![
        get("/Users?count=1").shows("content-type", "json"),
        get("/Users?count=1").header("accept", "text/html"),
        post("/Users", user("wes", json!({}))).is("/userName", "wes@acme.example"),
        get("/ServiceProviderConfig"),
    ]
}

fn authentik() -> Vec<Exchange> {
    vec![
        get("/ServiceProviderConfig")
            .is("/patch/supported", true)
            .is("/filter/supported", true)
            .says("authenticationSchemes"),
        post("/Users", user("aud", json!({ "externalId": "aud-1" }))).keep("aud", "/id"),
        get("/Users/{aud}").header("authorization", format!("bearer {}", token("okta"))),
        post("/Groups", group("Auth", json!([]))).keep("group", "/id"),
        patch(
            "/Groups/{group}",
            json!([{ "op": "add", "path": "members", "value": [{ "value": "{aud}" }] }]),
        )
        .status(204),
        vendor("/memberships?team={group}").length("/data", 1),
    ]
}
