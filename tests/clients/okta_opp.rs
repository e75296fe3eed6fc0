//! Okta's on-premises agent, and what else speaks SCIM 1.1.

use crate::{
    conversation::{Conversation, conversation},
    exchange::{Exchange, PATCH_OP, USER, delete, get, post, put, send, vendor},
};
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";
const CAPABILITIES: &str = "urn:okta:schemas:scim:providerconfig:1.0";

const HEADERS: &[(&str, &str)] =
    &[("accept", "application/json"), ("content-type", "application/json")];

pub fn conversations() -> Vec<Conversation> {
    let agent =
        |about, exchanges| conversation(about, "okta-opp-1.1", "/scim/v1", HEADERS, exchanges);
    vec![
        agent("the agent asks what it may do", abilities()),
        agent("the agent provisions a user", lifecycle()),
        agent("the agent pushes a group", push()),
        agent("the agent is told what is wrong", errors()),
    ]
}

fn abilities() -> Vec<Exchange> {
    vec![
        get("/ServiceProviderConfigs")
            .is("/schemas/0", CORE)
            .is("/schemas/1", CAPABILITIES)
            .is("/patch/supported", true)
            .is("/bulk/supported", false)
            .is("/filter/supported", true)
            .shows("content-type", "application/json")
            .says("userManagementCapabilities")
            .says("PUSH_USER_DEACTIVATION"),
    ]
}

fn user(login: &str) -> Value {
    json!({
        "schemas": [CORE], "userName": login, "name": { "givenName": "Siri", "familyName": "Ek" },
        "emails": [{ "primary": true, "value": login, "type": "work" }],
        "displayName": "Siri Ek", "locale": "sv-SE", "externalId": format!("00u-{login}"),
        "groups": [], "password": "x7Tr-random", "active": true,
    })
}

fn patch(path: &str, body: Value) -> Exchange {
    send("PATCH", path, body.to_string())
}

fn lifecycle() -> Vec<Exchange> {
    let look_up = || {
        get("/Users?filter=userName%20eq%20%22siri%40acme.example%22&startIndex=1&count=100")
            .is("/schemas/0", CORE)
    };
    let active = |active: bool| {
        let body = json!({ "schemas": [CORE], "id": "{siri}", "active": active });
        patch("/Users/{siri}", body).is("/active", active)
    };
    vec![
        look_up().is("/totalResults", 0).is("/itemsPerPage", 0).length("/Resources", 0),
        post("/Users", user("siri@acme.example"))
            .is("/schemas/0", CORE)
            .hides("x7Tr")
            .shows("location", "/scim/v1/Users/")
            .keep("siri", "/id"),
        look_up().is("/totalResults", 1).is("/Resources/0/id", "{siri}"),
        vendor("/people/{siri}").is("/data/fore", "Siri"),
        put("/Users/{siri}", user("siri@acme.example")).is("/id", "{siri}"),
        active(false),
        vendor("/people/{siri}").is("/data/status", "S"),
        get("/Users/{siri}").is("/active", false),
        active(true),
        vendor("/people/{siri}").is("/data/status", "A"),
    ]
}

fn push() -> Vec<Exchange> {
    let change = json!({
        "schemas": [CORE], "id": "{team}", "displayName": "Depot South",
        "members": [
            { "operation": "delete", "value": "{tor}" },
            { "value": "{uma}", "display": "uma@acme.example" },
        ],
        "urn:okta:custom:group:1.0": { "description": "who packs" },
    });
    vec![
        post("/Users", user("tor@acme.example")).keep("tor", "/id"),
        post("/Users", user("uma@acme.example")).keep("uma", "/id"),
        post(
            "/Groups",
            json!({ "schemas": [CORE], "displayName": "Depot", "members": [{ "value": "{tor}" }] }),
        )
        .keep("team", "/id"),
        patch("/Groups/{team}", change)
            .is("/displayName", "Depot South")
            .length("/members", 1)
            .has("/members", json!({ "value": "{uma}" })),
        vendor("/memberships?team={team}").length("/data", 1).says("\"person_id\":{uma}"),
        delete("/Groups/{team}"),
    ]
}

fn errors() -> Vec<Exchange> {
    vec![
        get("/Users/404404")
            .status(404)
            .is("/Errors/0/code", "404")
            .says("\"detail\":")
            .absent("/schemas"),
        post("/Users", user("vera@acme.example")),
        post("/Users", user("vera@acme.example")).status(409).is("/Errors/0/code", "409"),
        // Who speaks 2.0 is told where it is spoken.
        post("/Users", json!({ "schemas": [USER], "userName": "wim" }))
            .status(400)
            .says("found what is of SCIM 2.0, which is spoken at `/scim/v2`")
            .says(CORE),
        patch("/Users/1", json!({ "schemas": [PATCH_OP], "Operations": [] }))
            .status(400)
            .says("`/scim/v2`"),
        get("/Users")
            .header("authorization", "Bearer wrong")
            .status(401)
            .is("/Errors/0/code", "401"),
    ]
}
