//! The sequences of Okta's SCIM 1.1, beside 2.0 on the same tenant.

use crate::harness::Okta;
use serde_json::{Value, json};

const CORE: &str = "urn:scim:schemas:core:1.0";

/// The same world, at the base URL of 1.1.
async fn world() -> Okta {
    let mut okta = Okta::new().await;
    okta.base = okta.base.replace("/scim/v2", "/scim/v1");
    okta
}

#[tokio::test]
async fn a_user_lives_and_a_group_is_pushed() {
    let okta = world().await;
    let body = json!({
        "schemas": [CORE], "userName": "mia@acme.example", "active": true,
        "name": { "givenName": "Mia", "familyName": "Berg" }, "groups": [], "password": "q8Zt1",
        "emails": [{ "primary": true, "value": "mia@acme.example", "type": "work" }],
    });
    let made = okta.send("POST", "/Users", Some(body.clone())).await;
    assert_eq!((made.status, &made.body["schemas"]), (201, &json!([CORE])), "{made:?}");
    assert_eq!(made.headers["content-type"], "application/json");
    let id = made.body["id"].as_str().unwrap();
    assert!(made.headers["location"].to_str().unwrap().ends_with(&format!("/scim/v1/Users/{id}")));
    let again = okta.send("POST", "/Users", Some(body)).await;
    assert_eq!((again.status, &again.body["Errors"][0]["code"]), (409, &json!("409")));

    let off = json!({ "schemas": [CORE], "id": id, "active": false });
    let off = okta.send("PATCH", &format!("/Users/{id}"), Some(off)).await;
    assert_eq!((off.status, &off.body["active"]), (200, &json!(false)), "{off:?}");

    let members = |group: &Value| {
        let members = group["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|each| each["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let other = okta.people(1).remove(0);
    let group =
        json!({ "schemas": [CORE], "displayName": "Sales", "members": [{ "value": other }] });
    let group = okta.send("POST", "/Groups", Some(group)).await;
    assert_eq!((group.status, members(&group.body)), (201, vec![other.clone()]), "{group:?}");
    let path = format!("/Groups/{}", group.body["id"].as_str().unwrap());
    let change = json!({
        "schemas": [CORE], "id": group.body["id"], "displayName": "Sales EU",
        "members": [{ "operation": "delete", "value": other }, { "value": id, "display": "mia" }],
        "urn:okta:custom:group:1.0": { "description": "who sells" },
    });
    let changed = okta.send("PATCH", &path, Some(change)).await;
    assert_eq!((changed.status, members(&changed.body)), (200, vec![id.to_owned()]), "{changed:?}");
    assert_eq!(changed.body["displayName"], "Sales EU");
    assert_eq!(okta.send("DELETE", &path, None).await.status, 204);
}

#[tokio::test]
async fn the_agent_reads_what_it_may_do() {
    let okta = world().await;
    let config = okta.send("GET", "/ServiceProviderConfigs", None).await;
    assert_eq!(config.status, 200);
    let words =
        &config.body["urn:okta:schemas:scim:providerconfig:1.0"]["userManagementCapabilities"];
    assert_eq!(
        *words,
        json!([
            "GROUP_PUSH",
            "IMPORT_NEW_USERS",
            "IMPORT_PROFILE_UPDATES",
            "PUSH_NEW_USERS",
            "PUSH_PASSWORD_UPDATES",
            "PUSH_PENDING_USERS",
            "PUSH_PROFILE_UPDATES",
            "PUSH_USER_DEACTIVATION",
            "REACTIVATE_USERS",
        ])
    );
    // Bulk and cursors are of 2.0 alone here.
    assert_eq!(
        (&config.body["bulk"]["supported"], config.body.get("pagination")),
        (&json!(false), None)
    );
    let bulk = json!({ "schemas": [CORE], "Operations": [] });
    assert_eq!(okta.send("POST", "/Bulk", Some(bulk)).await.status, 501);
    let refused = okta.with("Bearer no", "GET", "/Users", None).await;
    assert_eq!((refused.status, &refused.body["Errors"][0]["code"]), (401, &json!("401")));
}
