//! Who was never at the vendor: made, read, found, changed and ended here, and nobody else hears of him.

use crate::world::{MAPPING, World, user, work};
use http::Method;
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};

#[tokio::test]
async fn he_is_made_read_changed_and_found_without_a_call() {
    let mut world = World::new().await;
    let mut mia = user("mia", "Paris");
    mia["password"] = json!("s3cret-of-mia");
    let made = world.ask(Method::POST, "/Users", mia).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(made.trace.outside.unwrap().word(), "skip");
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36, "an id of our own");
    for (name, value) in [
        ("userName", json!("mia@acme.example")),
        ("displayName", json!("mia")),
        ("externalId", json!("00u-mia")),
        ("active", json!(true)),
        ("addresses", work("Paris")),
        ("password", Value::Null),
    ] {
        assert_eq!(made.body[name], value, "{name}");
    }
    world.restart().await;
    let one = format!("/Users/{id}");
    let read = world.get(&one).await;
    assert_eq!((read.status, &read.body), (200, &made.body));

    let changed =
        world.patch(&id, json!([{ "op": "add", "path": "title", "value": "Clerk" }])).await;
    assert_eq!((changed.status, &changed.body["title"]), (200, &json!("Clerk")));
    let put = world.ask(Method::PUT, &one, user("mia", "Oslo")).await;
    assert_eq!((put.status, &put.body["title"]), (200, &Value::Null), "a PUT clears");
    let off = world.switch(&id, false).await;
    assert_eq!((off.status, &off.body["active"]), (200, &json!(false)));
    world.restart().await;
    let read = world.get(&one).await.body;
    assert_eq!((&read["active"], &read["addresses"]), (&json!(false), &work("Oslo")));

    let gone = world.ask(Method::DELETE, &one, Value::Null).await;
    assert_eq!((gone.status, world.outside().await), (204, 0));
    assert_eq!(world.get(&one).await.status, 404);
    let asked = world.told();
    assert_eq!(asked, [format!("GET /employees/{id}")], "of who is nobody's the vendor is asked");
    assert!(world.vendor.state().employees.is_empty());
}

#[tokio::test]
async fn what_no_client_may_read_is_not_held() {
    let read = "title: { field: attributes.title }";
    let written = "title: { field: attributes.title, direction: write }";
    let world = World::of(&MAPPING.replace(read, written), Profile::Strict).await;
    let mut mia = user("mia", "Paris");
    mia["password"] = json!("s3cret-of-mia");
    mia["title"] = json!("s3cret-title");
    let id = world.make(mia).await;
    let set = json!([{ "op": "replace", "path": "password", "value": "s3cret-2" }]);
    let patched = world.patch(&id, set).await;
    assert_eq!((patched.status, &patched.body["password"]), (200, &Value::Null));
    let scope = scimshim::store::Scope::new("t", "User");
    let held = world.store.outsider(&scope, &id).await.unwrap().unwrap();
    assert!(!held.said.to_string().contains("s3cret"), "{}", held.said);
    assert_eq!(held.said.get("meta"), None);
}

#[tokio::test]
async fn his_names_are_his() {
    let world = World::of(MAPPING, Profile::Okta).await;
    let id = world.make(user("mia", "Paris")).await;
    // Okta repeats a create whose answer it did not hear.
    let mut again = user("MIA", "Paris");
    for city in ["Paris", "San Francisco"] {
        again["addresses"] = work(city);
        let repeat = world.ask(Method::POST, "/Users", again.clone()).await;
        assert_eq!(
            (repeat.status, &repeat.body["scimType"]),
            (409, &json!("uniqueness")),
            "{city}"
        );
    }
    let other = world.make(user("kai", "Paris")).await;
    let rename = json!([{ "op": "replace", "path": "userName", "value": "mia@acme.example" }]);
    assert_eq!(world.patch(&other, rename.clone()).await.status, 409);
    assert_eq!(world.patch(&id, rename).await.status, 200, "they are his own");
    assert_eq!(world.found("userName eq \"mia@acme.example\"").await, ["mia@acme.example"]);
    let gone = world.ask(Method::DELETE, &format!("/Users/{id}"), Value::Null).await;
    assert_eq!(gone.status, 204);
    world.make(user("mia", "Paris")).await;
}

#[tokio::test]
async fn two_creates_at_once_make_one() {
    let world = World::new().await;
    let create = || world.ask(Method::POST, "/Users", user("mia", "Paris"));
    let (one, other) = tokio::join!(create(), create());
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!((statuses, world.outside().await), ([201, 409], 1));
}

#[tokio::test]
async fn a_version_guards_him_as_any_other() {
    let world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Staff", "members": [{ "value": id }],
    });
    let made = world.ask(Method::POST, "/Groups", group).await;
    assert_eq!(made.status, 201, "who is held can be in a group of our own: {}", made.body);
    assert_eq!(world.told(), [""; 0]);
    let one = format!("/Users/{id}");
    assert_eq!(world.ask(Method::DELETE, &one, Value::Null).await.status, 204);
    let group = made.body["id"].as_str().unwrap();
    let left = world.get(&format!("/Groups/{group}")).await;
    assert_eq!(left.body["members"], Value::Null, "who is gone is in none");
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_never_a_success() {
    let world = World::new().await;
    let id = world.make(user("mia", "Paris")).await;
    world.no_store().await;
    let one = format!("/Users/{id}");
    for (method, address, body) in [
        (Method::POST, "/Users", user("kai", "Paris")),
        (Method::GET, one.as_str(), Value::Null),
        (Method::GET, "/Users", Value::Null),
        (Method::PUT, one.as_str(), user("mia", "Oslo")),
        (Method::DELETE, one.as_str(), Value::Null),
    ] {
        let answer = world.ask(method.clone(), address, body).await;
        assert_eq!(answer.status, 503, "{method} {address} {}", answer.body);
    }
}
