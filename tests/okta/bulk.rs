//! Bulk over HTTP: each operation as a request of its own, with references between them.

use crate::harness::{Okta, Reply};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn bulk(okta: &Okta, fail_on_errors: usize, operations: Value) -> Reply {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": fail_on_errors, "Operations": operations,
    });
    okta.send("POST", "/Bulk", Some(body)).await
}

fn statuses(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{reply:?}");
    let operations = reply.body["Operations"].as_array().unwrap();
    operations.iter().map(|each| each["status"].as_str().unwrap()).collect()
}

/// A POST of a user whose manager is made in the same request.
fn user(name: &str, manager: Option<&str>) -> Value {
    let mut data = json!({
        "schemas": [USER, ENTERPRISE], "userName": format!("{name}@acme.example"),
        "name": { "givenName": name, "familyName": "Berg" },
    });
    if let Some(manager) = manager {
        data[ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{manager}") } });
    }
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
}

fn group(name: &str, members: &[&str]) -> Value {
    let members = members.iter().map(|to| json!({ "value": format!("bulkId:{to}") }));
    let data = json!({
        "schemas": [GROUP], "displayName": name, "members": members.collect::<Value>(),
    });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

fn delete(path: &str) -> Value {
    json!({ "method": "DELETE", "path": path })
}

async fn at(okta: &Okta, told: &Value) -> Reply {
    let location = told["location"].as_str().unwrap();
    okta.send("GET", location.split_once("/scim/v2").unwrap().1, None).await
}

#[tokio::test]
async fn references_lead_to_what_is_made_before_or_behind() {
    let okta = Okta::new().await;
    // R102, and the group before its member.
    let reply = bulk(&okta, 0, json!([group("Sales", &["mia"]), user("mia", None)])).await;
    assert_eq!(statuses(&reply), ["201", "201"], "{reply:?}");
    let told = reply.body["Operations"].as_array().unwrap();
    assert_eq!((&told[0]["bulkId"], &told[1]["bulkId"]), (&json!("Sales"), &json!("mia")));
    assert_eq!(told[0].get("response"), None);
    let (sales, mia) = (at(&okta, &told[0]).await, at(&okta, &told[1]).await);
    assert_eq!(sales.body["members"][0]["value"], mia.body["id"]);
    assert_eq!(told[0]["version"], sales.headers["etag"].to_str().unwrap());
    // A circle: who is made first gets its reference afterwards.
    let reply = bulk(&okta, 0, json!([user("a", Some("b")), user("b", Some("a"))])).await;
    assert_eq!(statuses(&reply), ["201", "201"], "{reply:?}");
    let told = reply.body["Operations"].as_array().unwrap();
    let (a, b) = (at(&okta, &told[0]).await, at(&okta, &told[1]).await);
    assert_eq!(a.body[ENTERPRISE]["manager"]["value"], b.body["id"]);
    assert_eq!(b.body[ENTERPRISE]["manager"]["value"], a.body["id"]);
    assert_eq!(told[1]["version"], b.headers["etag"].to_str().unwrap(), "as it is in the end");
}

/// RFC 7644 §3.7.2: also where a filter selects what is changed.
#[tokio::test]
async fn references_in_the_filters_of_a_patch_lead_to_what_is_made() {
    let okta = Okta::new().await;
    let ida = okta.user("ida@acme.example").await;
    let change = |operations: Value| {
        let data = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        json!({ "method": "PATCH", "path": "/Groups/bulkId:Sales", "data": data })
    };
    let out = |who: &str| {
        change(json!([{ "op": "remove", "path": format!("members[value eq \"{who}\"]") }]))
    };
    let mut sales = group("Sales", &["mia", "leo"]);
    sales["data"]["members"].as_array_mut().unwrap().push(json!({ "value": ida }));
    let (mia, leo) = (user("mia", None), user("leo", None));
    let operations = json!([out("bulkId:mia"), out("bulkId:nobody"), sales, mia, leo]);
    let reply = bulk(&okta, 0, operations).await;
    assert_eq!(statuses(&reply), ["204", "400", "201", "201", "201"], "{reply:?}");
    let told = reply.body["Operations"].as_array().unwrap();
    let (sales, leo) = (at(&okta, &told[2]).await, at(&okta, &told[4]).await);
    let mut members: Vec<_> = sales.body["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["value"].as_str().unwrap())
        .collect();
    members.sort_unstable();
    let mut expected = [leo.body["id"].as_str().unwrap(), &*ida];
    expected.sort_unstable();
    assert_eq!(members, expected);
    // What was not made is not taken for what selects nothing.
    let mut lost = out("bulkId:mia");
    lost["path"] = json!(format!("/Groups/{}", sales.body["id"].as_str().unwrap()));
    let reply = bulk(&okta, 0, json!([lost, user("mia", None)])).await;
    assert_eq!(statuses(&reply), ["409", "409"], "{reply:?}");
}

#[tokio::test]
async fn each_operation_says_what_came_of_it() {
    let okta = Okta::new().await;
    let id = okta.user("mia@acme.example").await;
    let path = format!("/Users/{id}");
    let title = |text: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "title", "value": text }],
        })
    };
    let reply = bulk(
        &okta,
        0,
        json!([
            user("mia", None),
            group("Lost", &["mia"]),
            group("Nameless", &["nobody"]),
            { "method": "patch", "path": path, "data": title("Boss") },
            { "method": "PATCH", "path": path, "data": title("Chief"), "version": "W/\"old\"" },
            { "method": "PATCH", "path": path, "data": title("Chief"), "version": "old" },
            { "method": "PUT", "path": path, "data": { "schemas": [USER] } },
            delete("/Users/7"),
                delete("/Users"),
            user("leo", None),
            delete("/Users/bulkId:leo"),
        ]),
    )
    .await;
    let expected = ["409", "409", "400", "200", "412", "400", "400", "404", "405", "201", "204"];
    assert_eq!(statuses(&reply), expected, "{reply:?}");
    for (told, status) in reply.body["Operations"].as_array().unwrap().iter().zip(expected) {
        let failed = status > "299";
        assert_eq!(told.get("response").is_some(), failed, "{told}");
        assert_eq!(told["location"].is_string(), !failed || told["method"] != "POST", "{told}");
        if failed {
            assert_eq!(told["response"]["status"], status);
            assert!(!told["response"]["detail"].as_str().unwrap().is_empty());
        }
    }
    let told = &reply.body["Operations"];
    assert_eq!(
        (&told[0]["response"]["scimType"], &told[3]["method"]),
        (&json!("uniqueness"), &json!("patch"))
    );
    assert_eq!(okta.send("GET", &path, None).await.body["title"], "Boss");
}

#[tokio::test]
async fn it_ends_after_the_errors_that_are_too_many() {
    let okta = Okta::new().await;
    okta.vendor.take_log();
    // R104.
    let operations = json!([delete("/Users/7"), user("mia", None), delete("/Users/8")]);
    assert_eq!(statuses(&bulk(&okta, 1, operations.clone()).await), ["404"]);
    assert!(okta.vendor.take_log().iter().all(|call| !call.starts_with("POST")));
    assert_eq!(statuses(&bulk(&okta, 2, operations.clone()).await), ["404", "201", "404"]);
    // What is in a circle, and was to be completed, is not reported as done.
    let reply = bulk(&okta, 1, json!([user("b", Some("a")), user("a", Some("b"))])).await;
    assert_eq!(statuses(&reply), ["201", "201"]);
    let mut taken = user("c", Some("d"));
    taken["data"]["userName"] = json!("mia@acme.example");
    let reply = bulk(&okta, 1, json!([taken, user("d", Some("c"))])).await;
    assert_eq!(statuses(&reply), ["409", "409"], "{reply:?}");
    let told = &reply.body["Operations"][1];
    assert!(told["response"]["detail"].as_str().unwrap().contains("was made"), "{told}");
    assert_eq!(at(&okta, told).await.status, 200);
}

#[tokio::test]
async fn its_limits_are_advertised_and_kept() {
    let okta = Okta::new().await;
    let config = okta.send("GET", "/ServiceProviderConfig", None).await.body;
    let expected = json!({ "supported": true, "maxOperations": 100, "maxPayloadSize": 1_048_576 });
    assert_eq!(config["bulk"], expected);
    // R103.
    let reply = bulk(&okta, 0, (0..101).map(|_| delete("/Users/7")).collect()).await;
    assert_eq!((reply.status, &reply.body["status"]), (413, &json!("413")), "{reply:?}");
    assert!(reply.body["detail"].as_str().unwrap().contains("100"), "{reply:?}");
    // X6.
    let mut large = user("mia", None);
    large["data"]["title"] = json!("x".repeat(1_048_576));
    let reply = bulk(&okta, 0, json!([large])).await;
    assert_eq!((reply.status, &reply.body["status"]), (413, &json!("413")), "{reply:?}");
    assert!(reply.body["detail"].as_str().unwrap().contains("1048576"), "{reply:?}");
    assert_eq!(okta.send("GET", "/Bulk", None).await.status, 405);
}
