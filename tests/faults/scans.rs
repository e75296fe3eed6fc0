//! A vendor that cannot search: its list is read, and remembered for a while for clients' searches alone.

use crate::harness::{MAPPING, Table, World, detail, patch, user};
use scimshim::{mapping, scim::profile::Profile};
use serde_json::{Value, json};
use std::sync::Arc;

/// The mapping of the harness whose vendor cannot search.
fn scanning(scan: &str) -> String {
    let call = "call: GET /users, query: { login: \"{login}\" }, items: users";
    assert!(MAPPING.contains(call));
    MAPPING.replace(call, scan)
}

async fn found(world: &World, name: &str) -> Value {
    let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
    let wire = world.send("GET", &path, &Value::Null).await;
    assert_eq!(wire.status, 200, "{name}: {}", detail(&wire));
    wire.body.unwrap()["totalResults"].clone()
}

fn person(id: u32, login: &str) -> Value {
    json!({ "id": id, "login": login, "active": true })
}

#[tokio::test]
async fn what_was_read_serves_searches_until_something_is_written() {
    let vendor = Table::default();
    vendor.put("7", person(7, "mia"));
    let mapping = scanning("scan: { at_most: 50, cache: 1h }");
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    let told = || {
        let told = vendor.told();
        vendor.forget();
        told
    };
    // However many ask, one reads.
    let (one, other) = tokio::join!(found(&world, "mia"), found(&world, "zoe"));
    assert_eq!((one, other, told().as_str()), (json!(1), json!(0), "GET /users\n"));
    assert_eq!((found(&world, "MIA").await, told().as_str()), (json!(1), ""));
    // Behind our back: that is what `cache` says.
    vendor.put("8", person(8, "zoe"));
    assert_eq!((found(&world, "zoe").await, told().as_str()), (json!(0), ""));
    // A create looks for a match in a list that is read for it, and makes nobody twice.
    let wire = world.send("POST", "/Users", &user("zoe")).await;
    assert_eq!((wire.status, vendor.records()), (409, 2), "{}", detail(&wire));
    assert_eq!(told(), "GET /users\n");
    // What is read back is the vendor's state, and what was written is found.
    let named = patch(json!([{ "op": "replace", "value": { "userName": "mio" } }]));
    let wire = world.send("PATCH", "/Users/7", &named).await;
    assert_eq!(wire.body.as_ref().unwrap()["userName"], "mio", "{}", detail(&wire));
    told();
    assert_eq!((found(&world, "mio").await, told().as_str()), (json!(1), "GET /users\n"));
    assert_eq!((found(&world, "mia").await, told().as_str()), (json!(0), ""));
    for (method, path, body) in
        [("POST", "/Users", user("eve")), ("DELETE", "/Users/7", Value::Null)]
    {
        let wire = world.send(method, path, &body).await;
        assert!(wire.status / 100 == 2, "{method}: {}", detail(&wire));
        told();
        found(&world, "zoe").await;
        assert_eq!(told(), "GET /users\n", "{method}");
    }
    // A client that lists is not told what was remembered.
    vendor.put("9", person(9, "kai"));
    let wire = world.send("GET", "/Users", &Value::Null).await;
    assert_eq!(wire.body.unwrap()["totalResults"], vendor.records());
}

#[tokio::test]
async fn the_bound_holds_for_what_is_remembered_too() {
    let vendor = Table::default();
    let mapping = scanning("scan: { at_most: 2, cache: 1h }");
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    for id in 1..=3 {
        vendor.put(&id.to_string(), person(id, &format!("p{id}")));
    }
    let path = "/Users?filter=userName%20eq%20%22p1%22";
    for _ in 0..2 {
        let wire = world.send("GET", path, &Value::Null).await;
        assert_eq!(wire.status, 400, "{}", detail(&wire));
        assert_eq!(wire.body.unwrap()["scimType"], "tooMany");
    }
    assert_eq!(vendor.told(), "GET /users\nGET /users\n", "what failed is not remembered");
}

#[tokio::test]
async fn without_cache_each_search_reads_the_list() {
    let vendor = Table::default();
    vendor.put("7", person(7, "mia"));
    let mapping = scanning("scan: { at_most: 50 }");
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    found(&world, "mia").await;
    found(&world, "mia").await;
    assert_eq!(vendor.told(), "GET /users\nGET /users\n");
    let plan = mapping::load("m.yaml", &scanning("scan: { cache: 30s }")).plan.unwrap();
    let words = mapping::explain::plan(&plan);
    let expected =
        "find by userName eq {login}: the list, matched here; it serves clients' searches for 30s";
    assert!(words.contains(expected), "{words}");
}
