//! Group push: look up, create, rename, members, push now, unlink.

use crate::harness::{Okta, patch};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

async fn group(okta: &Okta, name: &str) -> String {
    let body = json!({ "schemas": [GROUP], "displayName": name, "members": [] });
    let made = okta.send("POST", "/Groups", Some(body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["meta"]["resourceType"], "Group");
    made.body["id"].as_str().unwrap().to_owned()
}

fn members(body: &Value) -> Vec<&str> {
    let list = body["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<&str> = list.iter().map(|member| member["value"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

/// Changes the members of a group and nothing else (204), and reads who they are then.
async fn pushed(okta: &Okta, path: &str, operations: Value) -> Vec<String> {
    let reply = okta.send("PATCH", path, patch(operations.clone())).await;
    assert_eq!((reply.status, &reply.body), (204, &Value::Null), "{operations}: {reply:?}");
    let read = okta.send("GET", path, None).await;
    for header in ["etag", "location"] {
        assert_eq!(reply.headers[header], read.headers[header], "{operations}");
    }
    members(&read.body).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_group_is_looked_up_created_renamed_and_deleted() {
    let okta = Okta::new().await;
    let find = "/Groups?filter=displayName%20eq%20%22Sales%20EU%22&startIndex=1&count=100";
    assert_eq!(okta.send("GET", find, None).await.body["totalResults"], 0);
    let id = group(&okta, "Sales EU").await;
    assert_eq!(okta.send("GET", find, None).await.body["Resources"][0]["id"], id);
    let path = format!("/Groups/{id}");
    let rename =
        patch(json!([{ "op": "replace", "value": { "id": id, "displayName": "Sales Europe" } }]));
    let renamed = okta.send("PATCH", &path, rename).await;
    assert_eq!((renamed.status, &renamed.body["displayName"]), (200, &json!("Sales Europe")));
    let twice = json!({ "schemas": [GROUP], "displayName": "sales europe", "members": [] });
    assert_eq!(okta.send("POST", "/Groups", Some(twice)).await.status, 409);
    assert_eq!(okta.send("DELETE", &path, None).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(okta.send(method, &path, None).await.status, 404, "{method}");
    }
}

#[tokio::test]
async fn members_come_and_go() {
    let okta = Okta::new().await;
    let (a, b) = (okta.user("a@acme.example").await, okta.user("b@acme.example").await);
    let path = format!("/Groups/{}", group(&okta, "Sales EU").await);
    let add = |id: &str| json!({ "op": "add", "path": "members", "value": [{ "value": id, "display": "x" }] });
    let both = json!([add(&a), add(&b), add(&a)]);
    assert_eq!(pushed(&okta, &path, both).await, [a.as_str(), b.as_str()]);
    // In the sample vendor keys grow, so the older user stands first.
    let swap = json!([{ "op": "remove", "path": format!("members[value eq \"{a}\"]") }, add(&b)]);
    assert_eq!(pushed(&okta, &path, swap).await, [b.as_str()]);
    // Who is not there can be removed; who is there can be added.
    let absent = json!([{ "op": "remove", "path": format!("members[value eq \"{a}\"]") }]);
    assert_eq!(pushed(&okta, &path, absent).await, [b.as_str()]);
    assert_eq!(pushed(&okta, &path, json!([add(&b)])).await, [b.as_str()]);
    // Who asks for attributes gets them (RFC 7644 §3.5.2, R81).
    for (query, shown) in
        [("attributes=members", vec![b.as_str()]), ("excludedAttributes=members", vec![])]
    {
        let asked = okta.send("PATCH", &format!("{path}?{query}"), patch(json!([add(&b)]))).await;
        assert_eq!((asked.status, members(&asked.body)), (200, shown), "{query}");
    }
    // The user shows the group, and it cannot be written there.
    let user = okta.send("GET", &format!("/Users/{b}"), None).await;
    assert_eq!(user.body["groups"][0]["display"], "Sales EU");
}

#[tokio::test]
async fn push_now_replaces_the_whole_list_in_every_shape() {
    let okta = Okta::new().await;
    let (a, b) = (okta.user("a@acme.example").await, okta.user("b@acme.example").await);
    let id = group(&okta, "Sales EU").await;
    let path = format!("/Groups/{id}");
    let one = |id: &str| json!([{ "value": id, "display": "x" }]);
    let shapes = [
        (json!([{ "op": "replace", "path": "members", "value": one(&a) }]), vec![a.as_str()]),
        (
            json!([{ "op": "replace", "value": { "id": id, "displayName": "Sales EU", "members": one(&b) } }]),
            vec![b.as_str()],
        ),
        (json!([{ "op": "replace", "path": "members", "value": [] }]), vec![]),
        (json!([{ "op": "replace", "path": "members", "value": one(&a) }]), vec![a.as_str()]),
        (json!([{ "op": "replace", "value": { "members": [] } }]), vec![]),
    ];
    for (operations, expected) in shapes {
        // With the name beside the members it is the group that is told.
        if operations[0]["value"].get("displayName").is_some() {
            let reply = okta.send("PATCH", &path, patch(operations.clone())).await;
            assert_eq!((reply.status, members(&reply.body)), (200, expected), "{operations}");
            continue;
        }
        assert_eq!(pushed(&okta, &path, operations.clone()).await, expected, "{operations}");
    }
    // AIW apps replace the group.
    let body = json!({ "schemas": [GROUP], "displayName": "Sales EU", "members": one(&b) });
    let put = okta.send("PUT", &path, Some(body)).await;
    assert_eq!((put.status, members(&put.body)), (200, vec![b.as_str()]));
}

#[tokio::test]
async fn two_pushes_at_once_lose_nobody() {
    let okta = Okta::new().await;
    let path = format!("/Groups/{}", group(&okta, "Sales EU").await);
    let mut users = Vec::new();
    for number in 0..8 {
        users.push(okta.user(&format!("u{number}@acme.example")).await);
    }
    let pushes = users.iter().map(|id| {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        okta.send("PATCH", &path, patch(add))
    });
    for reply in futures_util::future::join_all(pushes).await {
        assert_eq!(reply.status, 204, "{reply:?}");
    }
    let mut expected: Vec<&str> = users.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(members(&okta.send("GET", &path, None).await.body), expected);
}

#[tokio::test]
async fn an_unknown_member_is_refused_in_words() {
    let okta = Okta::new().await;
    let path = format!("/Groups/{}", group(&okta, "Sales EU").await);
    for id in ["7", "nobody"] {
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        let reply = okta.send("PATCH", &path, patch(add)).await;
        assert_eq!(
            (reply.status, &reply.body["scimType"]),
            (400, &json!("invalidValue")),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_group_may_be_made_with_its_members() {
    let okta = Okta::new().await;
    let (a, b) = (okta.user("a@acme.example").await, okta.user("b@acme.example").await);
    let listed = json!([{ "value": a, "display": "a@acme.example" }, { "value": b, "display": "b@acme.example" }]);
    let body = json!({ "schemas": [GROUP], "displayName": "Sales EU", "members": listed });
    let made = okta.send("POST", "/Groups", Some(body)).await;
    assert_eq!((made.status, members(&made.body)), (201, vec![a.as_str(), b.as_str()]), "{made:?}");
    let path = format!("/Groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(members(&okta.send("GET", &path, None).await.body), [a.as_str(), b.as_str()]);
}

#[tokio::test]
async fn a_group_is_renamed_and_its_members_change_in_one_patch() {
    let okta = Okta::new().await;
    let (a, b) = (okta.user("a@acme.example").await, okta.user("b@acme.example").await);
    let id = group(&okta, "Sales EU").await;
    let path = format!("/Groups/{id}");
    let shapes = [
        (
            json!([
                { "op": "replace", "value": { "id": id, "displayName": "Sales Europe" } },
                { "op": "add", "path": "members", "value": [{ "value": a, "display": "a@acme.example" }] },
            ]),
            "Sales Europe",
            &a,
        ),
        (
            json!([
                { "op": "remove", "path": format!("members[value eq \"{a}\"]") },
                { "op": "add", "path": "members", "value": [{ "value": b, "display": "b@acme.example" }] },
                { "op": "replace", "value": { "id": id, "displayName": "Sales" } },
            ]),
            "Sales",
            &b,
        ),
    ];
    for (operations, name, member) in shapes {
        let reply = okta.send("PATCH", &path, patch(operations)).await;
        assert_eq!((reply.status, &reply.body["displayName"]), (200, &json!(name)), "{reply:?}");
        assert_eq!(members(&reply.body), [member.as_str()]);
    }
}

#[tokio::test]
async fn large_groups_come_in_batches_and_as_a_whole() {
    let okta = Okta::new().await;
    let people = okta.people(300);
    let path = format!("/Groups/{}", group(&okta, "Sales EU").await);
    let listed = |ids: &[String]| {
        ids.iter().map(|id| json!({ "value": id, "display": "x" })).collect::<Value>()
    };
    // One operation with many, then many operations with one each.
    let (first, rest) = people.split_at(120);
    let batch = json!([{ "op": "add", "path": "members", "value": listed(first) }]);
    assert_eq!(pushed(&okta, &path, batch).await.len(), 120);
    let each =
        rest.iter().map(|id| json!({ "op": "add", "path": "members", "value": [{ "value": id }] }));
    let gone = first
        .iter()
        .map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }));
    assert_eq!(pushed(&okta, &path, gone.chain(each).collect()).await.len(), 180);
    let body = json!({ "schemas": [GROUP], "displayName": "Sales EU", "members": listed(&people) });
    okta.vendor.take_log();
    let put = okta.send("PUT", &path, Some(body)).await;
    assert_eq!(
        (put.status, members(&put.body)),
        (200, people.iter().map(String::as_str).collect())
    );
    let joined = okta.vendor.take_log().iter().filter(|call| call.starts_with("POST")).count();
    assert_eq!(joined, 120, "only who is missing joins");
}
