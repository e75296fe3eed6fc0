//! Somebody was made and the rest of what his create wanted waits, while clients write to him: what they said counts, and what
//! nobody has said anything of is done all the same.

use crate::{
    ada::USER,
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

fn world(durable: bool) -> Arc<World> {
    let create = format!("create: {{ call: POST /users, record: ., durable: {durable} }}");
    let mapping = MAPPING.replace("create: { call: POST /users, record: . }", &create);
    Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict))
}

/// Not to sign in, which an update says behind the create.
fn off(nick: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "nickName": nick, "active": false,
    })
}

async fn asked(world: &World, wanted: Value) -> Told {
    world.send("POST", "/Users", wanted).await
}

/// His call is carried out, and what follows is not.
async fn half_done(durable: bool) -> Arc<World> {
    let world = world(durable);
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    assert_eq!(world.vendor.writes(), [USER]);
    assert_ne!(world.vendor.active("ada"), Some(false));
    world
}

async fn goes_on(world: &World) {
    for _ in 0..4 {
        world.passes(601);
        world.deliver().await;
    }
}

/// Whoever writes to him of something else has not said that he may sign in.
#[tokio::test]
async fn who_is_to_be_off_is_off_whatever_else_was_written() {
    for durable in [false, true] {
        for repeats in [false, true] {
            let world = half_done(durable).await;
            assert_eq!(world.patch("ada", json!({ "nickName": "N" })).await.status, 200);
            match repeats {
                true => {
                    let told = asked(&world, off("A")).await;
                    assert_eq!(
                        (told.status, &told.body["active"]),
                        (201, &json!(false)),
                        "{told:?}"
                    );
                }
                false => goes_on(&world).await,
            }
            let at = format!("durable: {durable}, repeats: {repeats}");
            assert_eq!(world.vendor.active("ada"), Some(false), "{at}");
            assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N", "{at}");
            assert!(world.journal().await.is_empty(), "{at} {:?}", world.entries().await);
        }
    }
}

/// A PUT says all of him, and so nothing is left to do.
#[tokio::test]
async fn who_was_replaced_is_as_that_says() {
    for durable in [false, true] {
        let world = half_done(durable).await;
        let mut on = off("N");
        on["active"] = json!(true);
        assert_eq!(world.send("PUT", "/Users/ada", on).await.status, 200);
        goes_on(&world).await;
        assert_ne!(world.vendor.active("ada"), Some(false), "durable: {durable}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// What is wanted anew is said behind all of that, and holds.
#[tokio::test]
async fn what_is_promised_behind_a_write_goes_over_it() {
    let world = half_done(true).await;
    assert_eq!(world.patch("ada", json!({ "nickName": "N", "active": true })).await.status, 200);
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(asked(&world, off("B")).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    goes_on(&world).await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "B");
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Of somebody who has his name, and may be another one, a client has spoken: what follows is not written to him, and nobody
/// is told that it was.
#[tokio::test]
async fn who_may_be_another_one_is_let_be_and_told_of() {
    let world = world(true);
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    // Another one, by another way.
    let other = json!({ "id": "p2", "login": "ada", "nick": "P", "active": true });
    world.vendor.joins("p2", other);
    assert_eq!(world.patch("p2", json!({ "title": "T" })).await.status, 200);
    goes_on(&world).await;
    let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    assert_eq!(letter.stage, Stage::Dead, "{letter:?}");
    assert_eq!(world.vendor.active("p2"), Some(true));
    assert_eq!(world.vendor.person("p2").unwrap()["nick"], "P");
    assert!(!world.vendor.writes().iter().any(|write| write == USER));
}
