//! Lists: never the shorter one, never one without an end.

use crate::harness::{Vendor, World, detail, http, json_answer, send};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::sync::Arc;

#[tokio::test]
async fn a_list_that_breaks_or_never_ends_is_no_shorter_list() {
    let breaks = |_: &str, before: usize| match before {
        0 => json_answer(&json!({ "users": [{ "id": 1, "login": "a" }], "next": "x" })),
        _ => http(500, "", "{}"),
    };
    let vendor = Vendor::new(Arc::new(breaks)).await;
    let path = "/Users?count=50";
    assert_eq!(send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await.status, 502);

    let same = |_: &str, _: usize| {
        json_answer(&json!({ "users": [{ "id": 1, "login": "a" }], "next": "x" }))
    };
    let vendor = Vendor::new(Arc::new(same)).await;
    assert_eq!(send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await.status, 502);
    assert_eq!(vendor.asked().len(), 2, "the same cursor twice is the end of patience");
}

#[tokio::test]
async fn a_filter_or_an_order_that_would_need_too_many_records_is_refused() {
    let page = |_: &str, before: usize| {
        let users: Vec<Value> =
            (0..60).map(|n| json!({ "id": before * 60 + n, "login": "x" })).collect();
        json_answer(&json!({ "users": users, "next": (before < 3).then(|| before.to_string()) }))
    };
    for query in ["filter=nickName%20eq%20%22n%22", "sortBy=userName&count=2"] {
        let vendor = Vendor::new(Arc::new(page)).await;
        let path = format!("/Users?{query}");
        let wire = send(&vendor.url, Profile::Okta, "GET", &path, &Value::Null).await;
        assert_eq!(wire.status, 400, "{query}");
        assert!(detail(&wire).contains("raise `limits.scan`"), "{}", detail(&wire));
        assert_eq!(wire.body.expect("a body")["scimType"], "tooMany", "{query}");
    }
}

#[tokio::test]
async fn what_is_too_much_is_noticed_while_it_is_read() {
    let page = |_: &str, before: usize| {
        let users: Vec<Value> =
            (0..60).map(|n| json!({ "id": before * 60 + n, "login": "x" })).collect();
        json_answer(&json!({ "users": users, "next": before.to_string() }))
    };
    let vendor = Vendor::new(Arc::new(page)).await;
    let path = "/Users?filter=nickName%20eq%20%22n%22";
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!(wire.body.unwrap()["scimType"], "tooMany");
    assert_eq!(vendor.asked().len(), 2, "60 and 60 are more than 100: nothing more is read");
}

#[tokio::test]
async fn a_circle_of_cursors_is_no_list() {
    let round = |line: &str, _: usize| {
        let next = if line.ends_with("after=b") { "c" } else { "b" };
        json_answer(&json!({ "users": [{ "id": 1, "login": "a" }], "next": next }))
    };
    for path in ["/Users?count=50", "/Users?filter=nickName%20eq%20%22n%22"] {
        let vendor = Vendor::new(Arc::new(round)).await;
        let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
        assert_eq!(wire.status, 502, "{path}: {}", detail(&wire));
        assert_eq!(vendor.asked().len(), 4, "{path}");
    }
}

#[tokio::test]
async fn a_walk_whose_cursor_expired_begins_again() {
    // Two people a page; a cursor is taken once.
    let taken = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let script = move |line: &str, _: usize| {
        let cursor = line.split_once("after=").map_or("0", |(_, cursor)| cursor).to_owned();
        if cursor != "0" && !taken.lock().unwrap().insert(cursor.clone()) {
            return http(400, "", r#"{"message": "cursor expired"}"#);
        }
        let at: usize = cursor.parse().unwrap();
        let users: Vec<Value> =
            (at..at + 2).map(|id| json!({ "id": id + 1, "login": "x" })).collect();
        let next = (at < 4).then(|| (at + 2).to_string());
        json_answer(&json!({ "users": users, "next": next }))
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::new(&vendor.url, Profile::Okta);
    let first = world.send("GET", "/Users?startIndex=1&count=2", &Value::Null).await;
    assert_eq!(first.status, 200);
    let second = world.send("GET", "/Users?startIndex=3&count=2", &Value::Null).await;
    assert_eq!((second.status, &second.body.unwrap()["Resources"][0]["id"]), (200, &json!("3")));
    // The remembered cursor was used up; the walk from the start meets it as well, and says so.
    let again = world.send("GET", "/Users?startIndex=3&count=2", &Value::Null).await;
    assert_eq!(again.status, 400, "{}", detail(&again));
    assert_eq!(vendor.asked().iter().filter(|line| !line.contains("after")).count(), 2);
}

#[tokio::test]
async fn a_search_that_says_by_status_or_row_that_nobody_is_there_found_nobody() {
    let path = "/Users?filter=userName%20eq%20%22mia%22";
    // A row says so.
    let vendor = Vendor::new(Arc::new(|_, _| http(200, "", r#"{"none": true}"#))).await;
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!((wire.status, &wire.body.unwrap()["totalResults"]), (200, &json!(0)));
    // A bare 404 of a list may as well be a wrong address: never "nobody", never a 404.
    let vendor = Vendor::new(Arc::new(|_, _| http(404, "", "{}"))).await;
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!(wire.status, 400);
    assert!(detail(&wire).contains("`mia`"), "{}", detail(&wire));
    let wire = send(&vendor.url, Profile::Okta, "GET", "/Users", &Value::Null).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    let wire =
        send(&vendor.url, Profile::Okta, "POST", "/Users", &crate::harness::user("mia")).await;
    assert_ne!(wire.status, 404, "{}", detail(&wire));
}
