//! Microsoft Entra ID, in the shapes of old and with `aadOptscim062020`.

use crate::{
    conversation::{Conversation, conversation},
    exchange::{ENTERPRISE, Exchange, GROUP, USER, delete, get, patch, post, vendor},
};
use serde_json::{Value, json};

const HEADERS: &[(&str, &str)] = &[
    ("accept", "application/scim+json"),
    ("content-type", "application/scim+json; charset=utf-8"),
];
const MICROSOFT: &str = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
const WORK: &str = "emails[type eq \"work\"].value";

pub fn conversations() -> Vec<Conversation> {
    let entra = |about, exchanges| conversation(about, "entra", "/scim", HEADERS, exchanges);
    let strict = |about, exchanges| conversation(about, "strict", "/scim", HEADERS, exchanges);
    let okta = |about, exchanges| conversation(about, "okta", "/scim", HEADERS, exchanges);
    vec![
        entra("Entra tests the connection", connection()),
        entra("Entra provisions a user, old shape", user_without_flag()),
        entra("Entra provisions a user, with the flag", user_with_flag()),
        entra("Entra provisions a group", group()),
        entra("Entra reads what it may", discovery()),
        strict("Entra's old shape, strictly", strictly()),
        okta("Entra's own habits, outside its profile", outside()),
    ]
}

fn connection() -> Vec<Exchange> {
    let nobody = "/Users?filter=userName+eq+%22nobody-7c1e%22";
    let nobody = |query: &str| {
        get(format!("{nobody}{query}")).is("/totalResults", 0).length("/Resources", 0)
    };
    // The flag stands in the tenant's URL, and so in each query.
    vec![nobody(""), nobody("&aadOptscim062020"), nobody("&AzureAdScimPatch2017=1")]
}

fn user(login: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE], "externalId": login, "userName": format!("{login}@acme.example"),
        "active": true, "displayName": "Alva Dahl", "meta": { "resourceType": "User" },
        "name": { "formatted": "Alva Dahl", "familyName": "Dahl", "givenName": "Alva" },
        "emails": [{ "primary": true, "type": "work", "value": format!("{login}@acme.example") }],
        "roles": [], ENTERPRISE: { "department": "Ops", "manager": "{boss}" },
    })
}

fn boss(login: &str) -> Exchange {
    post("/Users", json!({ "schemas": [USER], "userName": login })).keep("boss", "/id")
}

fn user_without_flag() -> Vec<Exchange> {
    let changed = |operations| patch("/Users/{alva}", operations).status(204);
    vec![
        boss("boss.one@acme.example"),
        post("/Users", user("Alva"))
            .is("/userName", "Alva@acme.example")
            .is("/externalId", "Alva")
            .keep("alva", "/id"),
        post("/Users", user("Alva")).refused(409, "uniqueness"),
        vendor("/people/{alva}").is("/data/unit", "Ops").says("\"manager_id\":\"{boss}\""),
        get("/Users?filter=externalId+eq+%22Alva%22").is("/Resources/0/id", "{alva}"),
        // Its documentation shows a value without quotes.
        get("/Users?filter=externalId+eq+Alva").is("/Resources/0/id", "{alva}"),
        get("/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22alva%40acme.example%22")
            .is("/Resources/0/id", "{alva}"),
        changed(json!([
            { "op": "Replace", "path": "active", "value": "False" },
            { "op": "Add", "path": "nickName", "value": "Al" },
            { "op": "Replace", "path": WORK, "value": "A.Dahl@acme.example" },
            { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "{boss}" },
        ])),
        vendor("/people/{alva}")
            .is("/data/status", "S")
            .is("/data/alias", "Al")
            .has("/data/contacts", json!({ "address": "A.Dahl@acme.example", "main": true })),
        // It compares what it sent with what it reads.
        get("/Users/{alva}")
            .is("/active", false)
            .is("/emails/0/value", "A.Dahl@acme.example")
            .length("/emails", 1),
        // Who is off is still found.
        get("/Users?filter=userName+eq+%22alva%40acme.example%22").is("/totalResults", 1),
        changed(json!([
            { "op": "Replace", "path": "active", "value": "True" },
            { "op": "Remove", "path": "nickName" },
            { "op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+46 7" },
        ])),
        vendor("/people/{alva}").is("/data/status", "A").absent("/data/alias").has(
            "/data/contacts",
            json!({ "address": "+46 7", "label": "mobile", "kind": "phone" }),
        ),
        get("/Roles?count=1").keep("role", "/Resources/0/id"),
        changed(json!([
            { "op": "Add", "path": "roles", "value": [{ "value": "{role}", "primary": "True" }] },
            { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": [{ "value": "{boss}" }] },
        ])),
        get("/Users/{alva}").is("/roles/0/primary", true),
        delete("/Users/{alva}"),
        get("/Users/{alva}").status(404),
    ]
}

fn user_with_flag() -> Vec<Exchange> {
    let department = format!("{ENTERPRISE}:department");
    let changed = |value| {
        let operations = json!([{ "op": "replace", "value": value }]);
        patch("/Users/{bea}?aadOptscim062020", operations).status(204)
    };
    vec![
        boss("boss.two@acme.example"),
        post("/Users?aadOptscim062020", user("bea")).keep("bea", "/id"),
        changed(json!({
            "active": false, "name.givenName": "Bea L", "displayName": "Bea L Dahl",
            department.as_str(): "Sales", WORK: "bea.d@acme.example",
        })),
        vendor("/people/{bea}")
            .is("/data/status", "S")
            .is("/data/fore", "Bea L")
            .is("/data/sur", "Dahl")
            .is("/data/unit", "Sales")
            .has("/data/contacts", json!({ "address": "bea.d@acme.example", "main": true })),
        get("/Users/{bea}?aadOptscim062020").length("/emails", 1).is("/active", false),
        // Of a user who has none, the element is made.
        changed(json!({ "phoneNumbers[type eq \"work\"].value": "+46 8" })),
        vendor("/people/{bea}")
            .has("/data/contacts", json!({ "address": "+46 8", "label": "work", "kind": "phone" })),
        delete("/Users/{bea}?aadOptscim062020"),
    ]
}

fn group() -> Vec<Exchange> {
    let changed = |operations| patch("/Groups/{group}", operations).status(204);
    let listed = json!([{ "$ref": null, "value": "{boss}" }]);
    vec![
        boss("boss.three@acme.example"),
        get("/Groups?excludedAttributes=members&filter=displayName+eq+%22Yard%22")
            .is("/totalResults", 0),
        post(
            "/Groups",
            json!({
                "schemas": [GROUP, MICROSOFT], "externalId": "8aa1-yard", "displayName": "Yard",
                "meta": { "resourceType": "Group" },
            }),
        )
        .is("/externalId", "8aa1-yard")
        .keep("group", "/id"),
        changed(json!([{ "op": "Replace", "path": "displayName", "value": "Yard East" }])),
        changed(json!([{ "op": "Add", "path": "members", "value": listed }])),
        vendor("/memberships?team={group}").length("/data", 1).says("\"person_id\":{boss}"),
        changed(json!([{ "op": "Replace", "path": "displayName", "value": "Yard West" }])),
        get("/Groups/{group}").is("/displayName", "Yard West").length("/members", 1),
        get("/Groups/{group}?excludedAttributes=members").absent("/members"),
        get("/Groups?filter=id+eq+%22{group}%22+and+members+eq+%22{boss}%22&attributes=id")
            .is("/totalResults", 1)
            .is("/Resources/0/id", "{group}")
            .absent("/Resources/0/displayName"),
        // The value says who leaves; the others stay.
        post("/Users", json!({ "schemas": [USER], "userName": "cid@acme.example" }))
            .keep("cid", "/id"),
        changed(json!([{ "op": "Add", "path": "members", "value": [{ "value": "{cid}" }] }])),
        changed(json!([{ "op": "Remove", "path": "members", "value": listed }])),
        vendor("/memberships?team={group}").length("/data", 1).says("\"person_id\":{cid}"),
        changed(json!([{ "op": "remove", "path": "members[value eq \"{cid}\"]" }])),
        vendor("/memberships?team={group}").length("/data", 0),
        delete("/Groups/{group}"),
    ]
}

fn discovery() -> Vec<Exchange> {
    let schemas =
        get("/Schemas").is("/schemas/0", "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    vec![
        schemas
            .has("/Resources", json!({ "id": USER }))
            .has("/Resources", json!({ "id": ENTERPRISE })),
        get("/ServiceProviderConfig?aadOptscim062020").is("/patch/supported", true),
    ]
}

/// The same words, for a tenant that bears with none of them.
fn strictly() -> Vec<Exchange> {
    let user = |operations| patch("/Users/{boss}", operations);
    vec![
        boss("boss.four@acme.example"),
        user(json!([{ "op": "Replace", "path": "active", "value": false }]))
            .refused(400, "invalidSyntax"),
        user(json!([{ "op": "replace", "path": "active", "value": "False" }]))
            .refused(400, "invalidValue"),
        user(json!([{ "op": "replace", "path": WORK, "value": "a@acme.example" }]))
            .refused(400, "noTarget"),
        user(json!([{ "op": "replace", "value": { "name.givenName": "A" } }]))
            .refused(400, "invalidValue"),
        user(json!([{ "op": "add", "path": format!("{ENTERPRISE}:manager"), "value": "{boss}" }]))
            .refused(400, "invalidValue"),
        get("/Users?filter=externalId+eq+Alva").refused(400, "invalidFilter"),
        post("/Groups", json!({ "schemas": [GROUP, MICROSOFT], "displayName": "Yard" }))
            .refused(400, "invalidValue"),
        post(
            "/Groups",
            json!({ "schemas": [GROUP], "displayName": "Fold", "members": [{ "value": "{boss}" }] }),
        )
        .keep("group", "/id"),
        patch(
            "/Groups/{group}",
            json!([{ "op": "remove", "path": "members", "value": [{ "value": "{boss}" }] }]),
        )
        .refused(400, "invalidValue"),
        vendor("/memberships?team={group}").length("/data", 1),
        vendor("/people/{boss}").is("/data/status", "A").absent("/data/contacts"),
    ]
}

/// What contradicts a rule is Entra's alone.
fn outside() -> Vec<Exchange> {
    vec![
        boss("boss.five@acme.example"),
        patch(
            "/Users/{boss}",
            json!([{ "op": "replace", "path": WORK, "value": "a@acme.example" }]),
        )
        .refused(400, "noTarget"),
        // A key of a path-less value asks for the same as a path.
        patch("/Users/{boss}", json!([{ "op": "replace", "value": { WORK: "a@acme.example" } }]))
            .refused(400, "noTarget"),
        vendor("/people/{boss}").absent("/data/contacts"),
        get("/Users?filter=externalId+eq+Alva").refused(400, "invalidFilter"),
        patch("/Users/{boss}", json!([{ "op": "Replace", "path": "active", "value": "False" }]))
            .is("/active", false),
    ]
}
