//! Okta's cloud, SCIM 2.0: apps of the integration network (PATCH and PUT) and of the wizard (PUT for all).

use crate::{
    conversation::{Conversation, conversation},
    exchange::{Exchange, GROUP, USER, delete, get, patch, post, put, vendor},
    service::token,
};
use serde_json::{Value, json};

const HEADERS: &[(&str, &str)] = &[
    ("user-agent", "Okta SCIM Client 1.0.0"),
    ("accept", "application/scim+json"),
    ("accept-charset", "utf-8"),
    ("content-type", "application/scim+json; charset=utf-8"),
    ("accept-encoding", "gzip,deflate"),
];

pub fn conversations() -> Vec<Conversation> {
    let okta = |about, exchanges| conversation(about, "okta", "/scim/v2", HEADERS, exchanges);
    let strict = |about, exchanges| conversation(about, "strict", "/scim/v2", HEADERS, exchanges);
    vec![
        okta("Okta tests its credentials", credentials()),
        okta("Okta looks up, creates and updates", lifecycle("lina")),
        okta("Okta deactivates with PATCH", deactivation()),
        okta("Okta's wizard apps use PUT for all", wizard()),
        okta("Okta imports", import()),
        okta("Okta pushes a group", push()),
        okta("Okta discovers entitlements", entitlements()),
        // What of this contradicts no rule needs no leniency.
        strict("Okta looks up, creates and updates, strictly", lifecycle("lina")),
        strict("Okta repeats the id of a group, strictly", repeated_id()),
    ]
}

fn credentials() -> Vec<Exchange> {
    let users = || get("/Users?startIndex=1&count=2");
    vec![
        users().is("/startIndex", 1).is("/itemsPerPage", 2).shows("content-type", "scim+json"),
        get("/Groups?startIndex=1&count=100").is("/startIndex", 1),
        // The wizard's `Header` mode has no scheme.
        users().header("authorization", token("okta")),
        // `okta:passw0rd`.
        users().header("authorization", "Basic b2t0YTpwYXNzdzByZA=="),
        users().header("authorization", "Bearer wrong").status(401),
        get("//Users/?startIndex=1&count=2"),
    ]
}

fn user(login: &str) -> Value {
    json!({
        "schemas": [USER], "userName": login,
        "name": { "givenName": "Lina", "familyName": "Holm" },
        "emails": [{ "primary": true, "value": login, "type": "work" }],
        "displayName": "Lina Holm", "locale": "sv-SE", "externalId": format!("00u-{login}"),
        "groups": [], "password": "x7Tr-random", "active": true,
    })
}

fn lifecycle(name: &str) -> Vec<Exchange> {
    let login = format!("{name}+o'hara%1@åcme.example");
    // `%20` separates; what stands for itself is encoded.
    let look_up = |login: &str| {
        let filter = format!("userName%20eq%20%22{login}%22");
        get(format!("/Users?filter={filter}&startIndex=1&count=100"))
    };
    let encoded = format!("{name}%2Bo%27hara%251%40%C3%A5cme.example");
    let update = json!({
        "schemas": [USER], "id": "{lina}", "userName": login,
        "name": { "givenName": "Lina", "middleName": "K", "familyName": "Holm" },
        "emails": [{ "primary": true, "value": login, "type": "work", "display": login }],
        "displayName": "", "active": true, "groups": [], "meta": { "resourceType": "User" },
    });
    vec![
        look_up(&encoded).is("/totalResults", 0).is("/itemsPerPage", 0).length("/Resources", 0),
        post("/Users", user(&login))
            .is("/userName", login.as_str())
            .is("/active", true)
            .is("/emails/0/primary", true)
            .is("/meta/resourceType", "User")
            .absent("/password")
            .hides("x7Tr")
            .shows("location", "/scim/v2/Users/")
            .keep("lina", "/id"),
        vendor("/people/{lina}")
            .is("/data/login", login.as_str())
            .is("/data/fore", "Lina")
            .is("/data/status", "A")
            .is("/data/ref_code", format!("00u-{login}").as_str()),
        // Case says nothing in a userName.
        look_up(&encoded.replace("hara", "HARA"))
            .is("/totalResults", 1)
            .is("/Resources/0/id", "{lina}"),
        // A part of a name is another name.
        look_up(name).is("/totalResults", 0),
        post("/Users", user(&login)).refused(409, "uniqueness").says("userName"),
        get("/Users/{lina}").is("/name/familyName", "Holm").absent("/password"),
        put("/Users/{lina}", update)
            .is("/id", "{lina}")
            .is("/name/middleName", "K")
            .absent("/displayName"),
        vendor("/people/{lina}").is("/data/mid", "K").absent("/data/caption"),
    ]
}

fn deactivation() -> Vec<Exchange> {
    let active = |active: bool| {
        patch("/Users/{mo}", json!([{ "op": "replace", "value": { "active": active } }]))
            .is("/active", active)
            .is("/id", "{mo}")
    };
    vec![
        post("/Users", user("mo@acme.example")).keep("mo", "/id"),
        active(false),
        vendor("/people/{mo}").is("/data/status", "S"),
        // Who is off is still read and found.
        get("/Users/{mo}").is("/active", false),
        get("/Users?filter=userName%20eq%20%22mo%40acme.example%22&startIndex=1&count=100")
            .is("/Resources/0/active", false),
        active(true),
        vendor("/people/{mo}").is("/data/status", "A"),
        patch("/Users/{mo}", json!([{ "op": "replace", "value": { "password": "N3w-s3cret" } }]))
            .absent("/password")
            .hides("N3w-s3cret"),
    ]
}

fn wizard() -> Vec<Exchange> {
    let with = |more: &[(&str, Value)]| {
        let mut body = user("nils@acme.example");
        for (name, value) in more {
            if let Some(body) = body.as_object_mut() {
                body.insert((*name).to_owned(), value.clone());
            }
        }
        put("/Users/{nils}", body).is("/id", "{nils}")
    };
    vec![
        post("/Users", user("nils@acme.example")).keep("nils", "/id"),
        with(&[("active", json!(false))]).is("/active", false),
        vendor("/people/{nils}").is("/data/status", "S"),
        with(&[("password", json!("N3w-s3cret"))]).is("/active", true).hides("N3w-s3cret"),
        vendor("/people/{nils}").is("/data/status", "A"),
        // What is not sent of `active` is not changed by it.
        put("/Users/{nils}", json!({ "schemas": [USER], "userName": "nils@acme.example" }))
            .is("/active", true)
            .absent("/name"),
        post("/Groups", json!({ "schemas": [GROUP], "displayName": "Wizards", "members": [] }))
            .keep("wizards", "/id"),
        put(
            "/Groups/{wizards}",
            json!({
                "schemas": [GROUP], "displayName": "Wizards",
                "members": [{ "value": "{nils}", "display": "nils@acme.example" }],
            }),
        )
        .has("/members", json!({ "value": "{nils}" })),
        vendor("/memberships?team={wizards}").length("/data", 1).says("\"person_id\":{nils}"),
        put(
            "/Groups/{wizards}",
            json!({ "schemas": [GROUP], "displayName": "Wizards", "members": [] }),
        ),
        vendor("/memberships?team={wizards}").length("/data", 0),
    ]
}

fn import() -> Vec<Exchange> {
    vec![
        get("/Users?startIndex=1&count=2")
            .is("/itemsPerPage", 2)
            .length("/Resources", 2)
            .keep("total", "/totalResults"),
        get("/Users?startIndex=3&count=2").is("/startIndex", 3),
        get("/Users?startIndex=9001&count=100").is("/itemsPerPage", 0).length("/Resources", 0),
        // The members stand in the list.
        get("/Groups?startIndex=1&count=100").says("\"members\":[{").says("Everybody North"),
    ]
}

fn push() -> Vec<Exchange> {
    let members = |operations| patch("/Groups/{sales}", operations).status(204);
    let rename = |name: &str| {
        let value = json!({ "id": "{sales}", "displayName": name });
        patch("/Groups/{sales}", json!([{ "op": "replace", "value": value }]))
    };
    let look_up =
        || get("/Groups?filter=displayName%20eq%20%22Sales%20North%22&startIndex=1&count=100");
    let olga = json!({ "value": "{olga}", "display": "olga@acme.example" });
    vec![
        post("/Users", user("olga@acme.example")).keep("olga", "/id"),
        post("/Users", user("per@acme.example")).keep("per", "/id"),
        look_up().is("/totalResults", 0),
        post("/Groups", json!({ "schemas": [GROUP], "displayName": "Sales North", "members": [] }))
            .is("/displayName", "Sales North")
            .keep("sales", "/id"),
        look_up().is("/totalResults", 1).is("/Resources/0/id", "{sales}"),
        members(json!([{ "op": "add", "path": "members", "value": [olga] }])),
        // A rename says nothing of the members.
        rename("Sales Nordics")
            .is("/displayName", "Sales Nordics")
            .length("/members", 1)
            .has("/members", json!({ "value": "{olga}" })),
        vendor("/memberships?team={sales}").length("/data", 1).says("\"person_id\":{olga}"),
        members(json!([
            { "op": "remove", "path": "members[value eq \"{olga}\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "{per}", "display": "per" }] },
        ])),
        get("/Groups/{sales}").length("/members", 1).has("/members", json!({ "value": "{per}" })),
        // Who has left can leave, who is there can come.
        members(json!([{ "op": "remove", "path": "members[value eq \"{olga}\"]" }])),
        members(json!([{ "op": "add", "path": "members", "value": [{ "value": "{per}" }] }])),
        vendor("/memberships?team={sales}").length("/data", 1).says("\"person_id\":{per}"),
        // Push Now.
        members(json!([{ "op": "replace", "path": "members", "value": [olga] }])),
        vendor("/memberships?team={sales}").length("/data", 1).says("\"person_id\":{olga}"),
        patch(
            "/Groups/{sales}",
            json!([{ "op": "replace", "value": {
                "id": "{sales}", "displayName": "Sales All",
                "members": [olga, { "value": "{per}" }],
            } }]),
        )
        .length("/members", 2),
        members(json!([{ "op": "replace", "value": { "members": [] } }])),
        get("/Groups/{sales}").is("/displayName", "Sales All").absent("/members/0"),
        members(json!([{ "op": "replace", "path": "members", "value": [] }])),
        vendor("/memberships?team={sales}").length("/data", 0),
        delete("/Groups/{sales}"),
        get("/Groups/{sales}").status(404),
    ]
}

fn entitlements() -> Vec<Exchange> {
    let roles = json!([{ "value": "{role}", "display": "Reader", "type": "Role" }]);
    let mut body = user("rut@acme.example");
    if let Some(body) = body.as_object_mut() {
        body.insert("roles".to_owned(), roles);
        body.insert(
            "entitlements".to_owned(),
            json!([{ "value": "seat-2", "display": "Gold seat", "type": "License" }]),
        );
    }
    vec![
        get("/ResourceTypes").has(
            "/Resources",
            json!({ "endpoint": "/Roles", "schema": "urn:okta:scim:schemas:core:1.0:Role" }),
        ),
        get("/Schemas").shows("content-type", "scim+json"),
        get("/Roles?count=1&startIndex=1")
            .is("/itemsPerPage", 1)
            .is("/Resources/0/displayName", "Reader")
            .is("/Resources/0/schemas/0", "urn:okta:scim:schemas:core:1.0:Role")
            .keep("role", "/Resources/0/id"),
        post("/Users", body)
            .has("/roles", json!({ "value": "{role}" }))
            .has("/entitlements", json!({ "value": "seat-2", "type": "License" }))
            .keep("rut", "/id"),
        vendor("/people/{rut}").is("/data/grants/0/code", "seat-2"),
    ]
}

/// A readOnly attribute in a PATCH is mutability (R75), unless it says what is so.
fn repeated_id() -> Vec<Exchange> {
    let value = json!({ "id": "{group}", "displayName": "Renamed" });
    vec![
        post("/Groups", json!({ "schemas": [GROUP], "displayName": "Named" })).keep("group", "/id"),
        patch("/Groups/{group}", json!([{ "op": "replace", "value": value }]))
            .refused(400, "mutability"),
    ]
}
