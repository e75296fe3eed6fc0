//! What Okta Identity Governance asks: which entitlements there are, and who has which.

use crate::harness::{MAPPING, Okta, patch};
use serde_json::{Value, json};

/// The sample's mapping with two kinds more that are only read: permissions that the vendor lists, and
/// licenses that stand in the mapping. They are no part of what the demo serves: a tester that begins
/// every check with a POST cannot know that a kind is only read.
pub fn mapping() -> String {
    let (schemas, resources) =
        include_str!("entitlements.yaml").split_once("resources:\n").unwrap();
    let (_, schemas) = schemas.split_once("schemas:\n").unwrap();
    let mapping =
        MAPPING.replace("\nresources:\n", &format!("\nschemas:\n{schemas}\nresources:\n"));
    format!("{mapping}\n{resources}")
}

#[tokio::test]
async fn every_endpoint_is_paged_as_okta_pages_it() {
    let okta = Okta::over(&mapping()).await;
    let table = [
        ("/Permissions?count=1&startIndex=1", 3, vec!["1"]),
        ("/Permissions?count=1&startIndex=3", 3, vec!["3"]),
        ("/Permissions?count=100&startIndex=1", 3, vec!["1", "2", "3"]),
        ("/Permissions?count=0", 3, vec![]),
        ("/Permissions?startIndex=4", 3, vec![]),
        ("/Permissions?filter=id%20eq%20%222%22", 1, vec!["2"]),
        ("/Permissions?filter=description%20co%20%22edit%22", 2, vec!["2", "3"]),
        ("/Licenses?count=1&startIndex=1", 2, vec!["full"]),
        ("/Licenses?count=1&startIndex=2", 2, vec!["guest"]),
        ("/Licenses?filter=id%20eq%20%22guest%22", 1, vec!["guest"]),
        ("/Licenses?filter=id%20eq%20%22GUEST%22", 0, vec![]),
        ("/Licenses?filter=displayName%20sw%20%22GUEST%22", 1, vec!["guest"]),
        (
            "/Licenses?filter=urn:sample:scim:schemas:extension:1.0:License:seats%20gt%20100",
            1,
            vec!["full"],
        ),
    ];
    for (path, total, expected) in table {
        let reply = okta.send("GET", path, None).await;
        assert_eq!((reply.status, &reply.body["totalResults"]), (200, &json!(total)), "{path}");
        assert_eq!(reply.body["itemsPerPage"], json!(expected.len()), "{path}");
        let resources = reply.body["Resources"].as_array().unwrap();
        let ids: Vec<&str> = resources.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{path}");
    }
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName eq \"owner\"", "attributes": ["displayName"],
    });
    let reply = okta.send("POST", "/Permissions/.search", Some(search)).await;
    assert_eq!(reply.body["Resources"][0]["displayName"], "Owner", "{reply:?}");
    assert_eq!(reply.body["Resources"][0]["description"], Value::Null);
}

#[tokio::test]
async fn a_role_is_made_changed_and_ended() {
    let okta = Okta::new().await;
    let role = |name: &str| {
        Some(json!({
            "schemas": ["urn:okta:scim:schemas:core:1.0:Role"], "displayName": name,
            "description": "reads what was done",
        }))
    };
    let made = okta.send("POST", "/Roles", role("Auditor")).await;
    assert_eq!(
        (made.status, &made.body["meta"]["resourceType"]),
        (201, &json!("Role")),
        "{made:?}"
    );
    let path = format!("/Roles/{}", made.body["id"].as_str().unwrap());
    assert_eq!(okta.send("POST", "/Roles", role("AUDITOR")).await.status, 409);
    assert_eq!(okta.send("PUT", &path, role("Owner")).await.status, 409);
    let put = okta.send("PUT", &path, role("Inspector")).await;
    assert_eq!((put.status, &put.body["displayName"]), (200, &json!("Inspector")), "{put:?}");
    let clear = patch(json!([{ "op": "remove", "path": "description" }]));
    let patched = okta.send("PATCH", &path, clear).await;
    assert_eq!((patched.status, &patched.body["description"]), (200, &Value::Null), "{patched:?}");
    let found = okta.send("GET", "/Roles?filter=displayName%20eq%20%22inspector%22", None).await;
    assert_eq!(found.body["Resources"], json!([patched.body]));
    for status in [204, 404] {
        assert_eq!(okta.send("DELETE", &path, None).await.status, status);
    }
}

#[tokio::test]
async fn what_is_only_read_has_one_method() {
    let okta = Okta::over(&mapping()).await;
    okta.vendor.take_log();
    let body = || Some(json!({ "displayName": "x" }));
    let table = [
        ("POST", "/Permissions", body()),
        ("POST", "/Licenses", Some(json!([]))),
        ("PUT", "/Permissions/1", body()),
        ("PUT", "/Licenses/full", body()),
        (
            "PATCH",
            "/Permissions/1",
            patch(json!([{ "op": "replace", "path": "displayName", "value": "x" }])),
        ),
        ("DELETE", "/Permissions/1", None),
        ("DELETE", "/Licenses/nobody", None),
    ];
    for (method, path, body) in table {
        let reply = okta.send(method, path, body).await;
        assert_eq!(reply.status, 405, "{method} {path}: {reply:?}");
        // RFC 9110 §15.5.6.
        assert_eq!(reply.headers["allow"], "GET, HEAD", "{method} {path}");
    }
    assert_eq!(okta.vendor.take_log(), [""; 0], "no vendor was asked");
    for (path, status) in [
        ("/Permissions/1", 200),
        ("/Permissions/9", 404),
        ("/Licenses/full", 200),
        ("/Licenses/FULL", 404),
    ] {
        assert_eq!(okta.send("GET", path, None).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn one_of_a_list_is_looked_for_no_further_than_the_mapping_allows() {
    let small = mapping()
        .replace("  errors:  ", "  limits: { scan: 1 }\n  errors:  ")
        .replace("call: GET /roles\n        items: data\n        paging: { cursor: { param: after, next: page.after, size_param: limit, size: 50", "call: GET /roles\n        items: data\n        paging: { cursor: { param: after, next: page.after, size_param: limit, size: 1");
    let okta = Okta::over(&small).await;
    okta.vendor.take_log();
    assert_eq!(okta.send("GET", "/Permissions/1", None).await.status, 200);
    assert_eq!(okta.vendor.take_log(), ["GET /roles?limit=1 -> 200"], "no page too many is read");
    let reply = okta.send("GET", "/Permissions/3", None).await;
    assert_eq!((reply.status, &reply.body["scimType"]), (400, &json!("tooMany")), "{reply:?}");
    assert!(reply.body["detail"].as_str().unwrap().contains("limits.scan"), "{reply:?}");
    let all = okta.send("GET", "/Permissions", None).await;
    assert_eq!(all.body["Resources"].as_array().unwrap().len(), 3, "a list is no search");
}

#[tokio::test]
async fn what_a_user_is_given_comes_back_by_every_way_it_is_sent() {
    let okta = Okta::over(&mapping()).await;
    let roles = json!([{ "value": "2", "display": "Writer", "type": "Role" }]);
    let seats = json!([{ "value": "full", "display": "Full seat", "type": "License" }]);
    let user = |roles: &Value, seats: &Value| {
        Some(json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "mia@acme.example", "active": true, "roles": roles, "entitlements": seats,
        }))
    };
    let made = okta.send("POST", "/Users", user(&roles, &seats)).await;
    assert_eq!((made.status, &made.body["roles"]), (201, &roles), "{made:?}");
    assert_eq!(made.body["entitlements"], seats);
    let path = format!("/Users/{}", made.body["id"].as_str().unwrap());

    let more = json!([
        { "value": "2", "display": "Writer", "type": "Role" },
        { "value": "3", "display": "Owner", "type": "Role" },
    ]);
    let put = okta.send("PUT", &path, user(&more, &json!([]))).await;
    assert_eq!((put.status, &put.body["roles"]), (200, &more), "{put:?}");
    assert_eq!(put.body["entitlements"], Value::Null);

    let change = patch(json!([
        { "op": "remove", "path": "roles[value eq \"2\"]" },
        { "op": "add", "path": "entitlements", "value": seats },
    ]));
    let changed = okta.send("PATCH", &path, change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let read = okta.send("GET", &path, None).await;
    assert_eq!(read.body["roles"], json!([{ "value": "3", "display": "Owner", "type": "Role" }]));
    assert_eq!(read.body["entitlements"], seats);
}
