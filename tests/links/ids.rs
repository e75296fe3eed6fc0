//! `id: link`: ids of ours, which stay whatever becomes of the key.

use crate::{
    vendor::Vendor,
    world::{Own, World, detail, patch, user},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const LINKED: Own = Own::LINKED;
/// The vendor keeps who is deleted.
const KEPT: Own = Own { delete: "{ run: off, afterwards: gone }", ..LINKED };

fn is_uuid(id: &str) -> bool {
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && id.chars().all(|one| one == '-' || one.is_ascii_hexdigit())
}

#[tokio::test]
async fn an_id_of_ours_serves_every_request_and_the_key_none() {
    let vendor = Vendor::start().await;
    let mut world = World::new("serves", LINKED, &vendor);
    let made = world.send("POST", "/Users", user("mia")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let body = made.body.unwrap();
    let id = body["id"].as_str().unwrap().to_owned();
    assert!(is_uuid(&id), "{id}");
    let location = format!("https://gw.example/scim/v2/Users/{id}");
    assert_eq!(body["meta"]["location"], location);
    let one = format!("/Users/{id}");
    world.restart().await;
    vendor.asked();

    let got = world.get(&one).await;
    assert_eq!((got.status, &got.body.unwrap()["id"]), (200, &json!(id)));
    let change = patch(json!([{ "op": "replace", "path": "nickName", "value": "M" },
        { "op": "replace", "path": "title", "value": "Engineer" }]));
    let changed = world.send("PATCH", &one, change).await.body.unwrap();
    assert_eq!((&changed["id"], &changed["nickName"]), (&json!(id), &json!("M")));
    assert_eq!(changed["title"], "Engineer");
    let replaced = world.send("PUT", &one, user("mia2")).await.body.unwrap();
    assert_eq!((&replaced["id"], &replaced["userName"]), (&json!(id), &json!("mia2")));
    assert_eq!(vendor.person(101)["login"], "mia2");
    assert!(vendor.asked().iter().all(|line| line.contains("/people/101")));

    for filter in [format!("id eq \"{id}\""), "userName eq \"mia2\"".to_owned()] {
        assert_eq!(world.list(&format!("/Users?filter={filter}")).await, (vec![id.clone()], 1));
    }
    vendor.asked();
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let all = [("GET", Value::Null), ("PUT", user("x")), ("PATCH", off), ("DELETE", Value::Null)];
    for (method, body) in all {
        assert_eq!(world.send(method, "/Users/101", body).await.status, 404, "{method}");
    }
    assert_eq!(world.list("/Users?filter=id eq \"101\"").await.1, 0);
    assert_eq!(vendor.asked(), [""; 0], "a key is nobody's id, and nobody is asked");
}

#[tokio::test]
async fn who_is_seen_for_the_first_time_gets_an_id_that_stays() {
    let vendor = Vendor::start().await;
    let mut world = World::new("seen", LINKED, &vendor);
    for number in 0..30 {
        vendor.put(&format!("u{number}"));
    }
    let (found, _) = world.list("/Users?filter=userName eq \"u7\"").await;
    // Several see all of them at the same moment.
    let (one, two) = tokio::join!(world.list("/Users"), world.list("/Users"));
    assert_eq!(one, two);
    let ids: BTreeSet<&String> = one.0.iter().collect();
    assert_eq!((ids.len(), one.1), (30, 30));
    assert!(one.0.iter().all(|id| is_uuid(id)) && one.0[7] == found[0]);
    world.restart().await;
    assert_eq!(world.list("/Users").await, one);
    assert_eq!(world.list("/Users?count=10&startIndex=11").await.0, one.0[10..20]);
    assert_eq!(world.list("/Users?filter=nickName pr").await.1, 0);
}

#[tokio::test]
async fn a_key_that_the_vendor_gives_again_is_somebody_elses() {
    for own in [LINKED, KEPT] {
        let vendor = Vendor::start().await;
        let world = World::new(&format!("again-{}", own.delete.len()), own, &vendor);
        let mia = world.make("mia").await;
        assert_eq!(world.send("DELETE", &format!("/Users/{mia}"), Value::Null).await.status, 204);
        assert_eq!(world.get(&format!("/Users/{mia}")).await.status, 404);
        assert_eq!(world.list("/Users").await, (vec![], 0));
        // Where it only hid her, she went behind our back.
        vendor.lose(101);
        vendor.next(101);
        let kai = world.make("kai").await;
        assert_ne!(kai, mia);
        assert_eq!(vendor.person(101)["login"], "kai");
        assert_eq!(world.list("/Users").await, (vec![kai.clone()], 1));
        assert_eq!(world.get(&format!("/Users/{mia}")).await.status, 404);
        assert_eq!(world.get(&format!("/Users/{kai}")).await.body.unwrap()["userName"], "kai");
    }
}

#[tokio::test]
async fn who_was_hidden_comes_back_by_the_same_id() {
    let vendor = Vendor::start().await;
    let mut world = World::new("hidden", KEPT, &vendor);
    let mia = world.make("mia").await;
    let one = format!("/Users/{mia}");
    let titled = patch(json!([{ "op": "add", "path": "title", "value": "Engineer" }]));
    assert_eq!(world.send("PATCH", &one, titled).await.status, 200);
    assert_eq!(world.send("DELETE", &one, Value::Null).await.status, 204);
    world.restart().await;
    assert_eq!(vendor.person(101)["active"], false);
    assert_eq!(world.list("/Users").await, (vec![], 0), "no id is made for who is hidden");
    assert_eq!(world.make("mia").await, mia);
    let back = world.get(&one).await.body.unwrap();
    assert_eq!((&back["active"], &back["title"]), (&json!(true), &Value::Null));
    assert_eq!(vendor.person(101)["active"], true);
}

#[tokio::test]
async fn an_id_outlives_its_key() {
    // The key is the name, which a client changes.
    let vendor = Vendor::start().await;
    let settings = "id: link\n    on_match: adopt";
    let own = Own { key: "login", settings, ..LINKED };
    let mut world = World::new("rekeyed", own, &vendor);
    vendor.keyed_by_login();
    let mia = world.make("mia").await;
    let one = format!("/Users/{mia}");
    vendor.asked();
    let change = patch(json!([{ "op": "replace", "path": "userName", "value": "lea" },
        { "op": "replace", "path": "title", "value": "Engineer" },
        { "op": "replace", "path": "active", "value": false }]));
    let changed = world.send("PATCH", &one, change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let body = changed.body.unwrap();
    assert_eq!((&body["id"], &body["userName"]), (&json!(mia), &json!("lea")));
    assert_eq!((&body["title"], &body["active"]), (&json!("Engineer"), &json!(false)));
    assert_eq!(vendor.written(), ["PATCH /people/mia", "POST /people/lea/off"]);

    world.restart().await;
    assert_eq!(world.get(&one).await.body.unwrap()["userName"], "lea");
    assert_eq!(world.list("/Users").await, (vec![mia.clone()], 1));
    let again = world.send("POST", "/Users", user("lea")).await;
    assert_eq!((again.status, detail(&again)), (409, "`userName` is taken"), "she is still ours");
    let other = world.make("mia").await;
    assert_ne!(other, mia, "her first name is somebody else's now");
}

#[tokio::test]
async fn a_change_of_the_key_that_nobody_answered_is_found_behind_it() {
    let vendor = Vendor::start().await;
    let own = Own { key: "login", ..LINKED };
    let mut world = World::new("rekeyed-silent", own, &vendor);
    vendor.keyed_by_login();
    let mia = world.make("mia").await;
    let one = format!("/Users/{mia}");
    vendor.asked();
    vendor.silent("PATCH /people/mia");
    let change = patch(json!([{ "op": "replace", "path": "userName", "value": "lea" }]));
    let changed = world.send("PATCH", &one, change).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(vendor.written(), ["PATCH /people/mia"]);
    world.restart().await;
    assert_eq!(world.get(&one).await.body.unwrap()["userName"], "lea");
}

#[tokio::test]
async fn a_key_that_somebody_gave_up_is_taken_with_its_link() {
    let vendor = Vendor::start().await;
    let own = Own { key: "login", ..LINKED };
    let world = World::new("rekeyed-taken", own, &vendor);
    vendor.keyed_by_login();
    let (mia, kai) = (world.make("mia").await, world.make("kai").await);
    // He goes by another name behind our back, and she takes his.
    vendor.set(102, "login", json!("kurt"));
    let change = patch(json!([{ "op": "replace", "path": "userName", "value": "kai" }]));
    assert_eq!(world.send("PATCH", &format!("/Users/{mia}"), change).await.status, 200);
    assert_eq!(world.get(&format!("/Users/{mia}")).await.body.unwrap()["userName"], "kai");
    assert_eq!(
        world.get(&format!("/Users/{kai}")).await.status,
        404,
        "he was lost, not taken for her"
    );
    assert_eq!(world.list("/Users").await.1, 2);
}

#[tokio::test]
async fn who_was_seen_is_not_ours_until_a_create_takes_him_over() {
    let vendor = Vendor::start().await;
    let own = Own { settings: "id: link\n    on_match: adopt", ..LINKED };
    let mut world = World::new("adopted", own, &vendor);
    vendor.put("kai");
    let (seen, _) = world.list("/Users?filter=userName eq \"kai\"").await;
    world.restart().await;
    assert_eq!(world.make("kai").await, seen[0]);
    assert_eq!(world.send("POST", "/Users", user("kai")).await.status, 409);
}

#[tokio::test]
async fn two_tenants_ids_never_mix() {
    let (vendor, other) = (Vendor::start().await, Vendor::start().await);
    let world = World::new("tenants", LINKED, &vendor);
    let beside = world.beside("bolt", &other);
    let (mia, kai) = (world.make("mia").await, beside.make("kai").await);
    assert_ne!(mia, kai, "both have the key 101");
    for (world, own, foreign) in [(&world, &mia, &kai), (&beside, &kai, &mia)] {
        assert_eq!(world.get(&format!("/Users/{own}")).await.status, 200);
        for method in ["GET", "DELETE"] {
            let wire = world.send(method, &format!("/Users/{foreign}"), Value::Null).await;
            assert_eq!(wire.status, 404, "{method}");
        }
        assert_eq!(world.list("/Users").await, (vec![own.clone()], 1));
    }
}
