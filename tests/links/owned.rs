//! `owns: linked`: whom we neither made nor adopted is read, and left as he is.

use crate::{
    vendor::Vendor,
    world::{Own, World, detail, patch, user},
};
use serde_json::{Value, json};

const OWNED: Own = Own { settings: "owns: linked\n    on_match: adopt", ..Own::LINKED };

fn others() -> Vec<(&'static str, Value)> {
    let change = patch(json!([{ "op": "replace", "path": "nickName", "value": "M" }]));
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let kept = patch(json!([{ "op": "replace", "path": "title", "value": "Boss" }]));
    let nothing = patch(json!([{ "op": "replace", "path": "userName", "value": "kai" }]));
    vec![
        ("PATCH", change),
        ("PATCH", off),
        ("PATCH", kept),
        ("PATCH", nothing),
        ("PUT", user("another")),
        ("DELETE", Value::Null),
    ]
}

#[tokio::test]
async fn whom_nobody_made_or_adopted_is_read_and_left_as_he_is() {
    let hides = Own { delete: "{ run: off, afterwards: gone }", ..OWNED };
    let linked = Own { settings: "owns: linked\n    on_match: adopt\n    id: link", ..OWNED };
    for (name, own) in [("key", OWNED), ("hides", hides), ("link", linked)] {
        let vendor = Vendor::start().await;
        let mut world = World::new(&format!("owned-{name}"), own, &vendor);
        let kai = vendor.put("kai");
        let mia = world.make("mia").await;
        let (ids, total) = world.list("/Users").await;
        assert_eq!(total, 2, "reads and lists show everybody");
        let other = ids.iter().find(|id| **id != mia).unwrap();
        let one = format!("/Users/{other}");
        world.restart().await;
        vendor.asked();
        for (method, body) in others() {
            let refused = world.send(method, &one, body.clone()).await;
            assert_eq!(refused.status, 403, "{name} {method} {body}");
            let expected = "this User was neither made nor adopted here, so it is left as it is (`owns: \
                            linked`); a create or a PUT of the same `userName` adopts it";
            assert_eq!(detail(&refused), expected);
        }
        assert_eq!(vendor.written(), [""; 0], "{name}");
        assert_eq!(vendor.person(kai), json!({ "id": kai, "login": "kai", "active": true }));

        // A create takes him over, by the id that he had; then he is as the others.
        assert_eq!(world.make("kai").await, *other);
        assert_eq!(world.send("POST", "/Users", user("kai")).await.status, 409);
        world.restart().await;
        for (method, body) in others() {
            let status = world.send(method, &one, body.clone()).await.status;
            assert!([200, 204].contains(&status), "{name} {method} {status}");
        }
        assert_eq!(world.get(&one).await.status, 404);
        assert_eq!(world.list("/Users").await, (vec![mia], 1));
    }
}

/// A client that found somebody sends no create any more.
#[tokio::test]
async fn a_put_of_the_same_person_adopts_as_a_create_does() {
    let vendor = Vendor::start().await;
    let mut world = World::new("owned-put", OWNED, &vendor);
    let kai = vendor.put("kai");
    let one = format!("/Users/{kai}");
    assert_eq!(world.send("PUT", &one, user("mia")).await.status, 403);
    assert_eq!(world.send("PUT", &one, user("KAI")).await.status, 200);
    world.restart().await;
    assert_eq!(world.send("POST", "/Users", user("KAI")).await.status, 409);
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(world.send("PATCH", &one, off).await.status, 200);
}

#[tokio::test]
async fn where_nobody_is_adopted_no_put_does_it() {
    let vendor = Vendor::start().await;
    let world =
        World::new("owned-put-conflict", Own { settings: "owns: linked", ..OWNED }, &vendor);
    let one = format!("/Users/{}", vendor.put("kai"));
    assert_eq!(world.send("PUT", &one, user("kai")).await.status, 403);
    assert_eq!(vendor.written(), [""; 0]);
}

#[tokio::test]
async fn what_is_made_again_behind_our_back_is_not_ours() {
    let vendor = Vendor::start().await;
    let world = World::new("owned-again", OWNED, &vendor);
    let mia = world.make("mia").await;
    assert_eq!(world.send("DELETE", &format!("/Users/{mia}"), Value::Null).await.status, 204);
    vendor.next(101);
    assert_eq!(vendor.put("kai"), 101);
    vendor.asked();
    for (method, body) in others() {
        assert_eq!(world.send(method, "/Users/101", body).await.status, 403, "{method}");
    }
    assert_eq!(vendor.written(), [""; 0]);
}

#[tokio::test]
async fn one_who_is_not_there_is_not_found_rather_than_another_s() {
    let vendor = Vendor::start().await;
    let world = World::new("owned-none", OWNED, &vendor);
    for (method, body) in others() {
        assert_eq!(world.send(method, "/Users/7", body).await.status, 404, "{method}");
    }
}

#[tokio::test]
async fn where_no_create_adopts_the_client_is_told_what_would() {
    let vendor = Vendor::start().await;
    let world = World::new("owned-conflict", Own { settings: "owns: linked", ..OWNED }, &vendor);
    let mia = world.make("mia").await;
    let kai = vendor.put("kai");
    let (_, change) = others().swap_remove(0);
    let made = world.send("PATCH", &format!("/Users/{mia}"), change.clone()).await;
    assert_eq!(made.status, 200, "who was made is ours, whatever `on_match` says");
    let refused = world.send("PATCH", &format!("/Users/{kai}"), change).await;
    assert_eq!(refused.status, 403);
    assert!(
        detail(&refused).ends_with("`on_match: adopt` in the mapping would let a create adopt it")
    );
    assert_eq!(world.send("POST", "/Users", user("kai")).await.status, 409);
}

#[tokio::test]
async fn the_records_own_word_counts_as_well() {
    let vendor = Vendor::start().await;
    let settings = "owns: linked\n    managed: record.nick == 'ours'";
    let world = World::new("owned-managed", Own { settings, ..OWNED }, &vendor);
    let kai = vendor.put("kai");
    let one = format!("/Users/{kai}");
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(world.send("PATCH", &one, off.clone()).await.status, 403);
    vendor.set(kai, "nick", json!("ours"));
    assert_eq!(world.send("PATCH", &one, off).await.status, 200);
    assert_eq!(vendor.person(kai)["active"], false);
}

/// Who is in a Group is the Group's: the User is not changed by it.
#[tokio::test]
async fn a_group_may_hold_whom_nobody_owns() {
    let vendor = Vendor::start().await;
    let world = World::new("owned-group", OWNED, &vendor);
    let kai = vendor.put("kai");
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    let group = json!({ "schemas": schemas, "displayName": "Crew",
        "members": [{ "value": kai.to_string() }] });
    let made = world.send("POST", "/Groups", group).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(vendor.team(102)["people"], json!([kai]));
}
