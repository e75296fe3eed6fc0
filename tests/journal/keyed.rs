//! Calls that the vendor knows again by a key: they are sent as often as it takes, and done once.

use crate::{
    ada::USER,
    creates::{killed, post},
    leaving::steps_that,
    world::{Fate, MAPPING, Vendor, World},
};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

fn keyed() -> String {
    steps_that(", idempotency_key: Idempotency-Key")
}

/// A create of one call that the vendor knows again.
fn creating() -> String {
    let create = "create: { call: POST /users,";
    MAPPING.replace(create, &format!("{create} idempotency_key: Idempotency-Key,"))
}

fn user(login: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "active": true,
    })
}

/// How many were made.
fn made(world: &World) -> usize {
    world.vendor.writes().iter().filter(|line| *line == USER).count()
}

fn world(mapping: &str, logins: &[&str]) -> World {
    World::of(mapping, Vendor::with(logins), Profile::Strict)
}

fn counts(world: &World) -> [Value; 2] {
    let ada = world.vendor.person("ada").unwrap();
    ["closed", "mailed"].map(|word| ada[word].clone())
}

/// Each of them, and how often it was sent.
fn sent(world: &World) -> Vec<(String, usize, usize)> {
    let keys = world.vendor.keys();
    let paths: BTreeSet<&String> = keys.iter().map(|(path, _)| path).collect();
    let of = |path: &String| keys.iter().filter(|(other, _)| other == path).collect::<Vec<_>>();
    let each = paths.into_iter().map(|path| {
        let different: BTreeSet<_> = of(path).into_iter().collect();
        (path.clone(), of(path).len(), different.len())
    });
    each.collect()
}

/// What nothing shows would be a dead letter in doubt, and is repeated by whoever goes on, with the key that it had.
#[tokio::test]
async fn what_nothing_shows_is_repeated_and_done_once() {
    for fates in [
        [Fate::Well, Fate::Unheard].as_slice(),
        &[Fate::Well, Fate::Lost],
        &[Fate::Well, Fate::Late],
        &[Fate::Well, Fate::Unheard, Fate::Lost, Fate::Unheard],
        &[Fate::Well, Fate::Through(503), Fate::Through(429)],
    ] {
        for restart in [false, true] {
            let world = world(&keyed(), &["ada"]);
            world.vendor.fated(fates);
            assert_eq!(world.off("ada").await.status, 503, "{fates:?}");
            if restart {
                world.restart().await;
            }
            for _ in 0..4 {
                world.passes(60);
                world.deliver().await;
            }
            world.vendor.comes();
            assert_eq!(counts(&world), [json!(1), json!(1)], "{fates:?}");
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
            for (path, times, keys) in sent(&world) {
                assert!(keys == 1 && (path.ends_with("mailed") || times > 1), "{fates:?} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_repeated_at_once_and_makes_one() {
    for fate in [Fate::Unheard, Fate::Lost, Fate::Late, Fate::Through(503), Fate::Refused(503)] {
        let world = world(&creating(), &[]);
        world.vendor.fated(&[fate]);
        let user = user("zoe");
        let mut told = world.send("POST", "/Users", user.clone()).await;
        if told.status != 201 {
            told = world.send("POST", "/Users", user).await;
        }
        assert_eq!(
            told.status,
            201,
            "{fate:?} {told:?} {:?} {:?}",
            world.vendor.writes(),
            world.entries().await
        );
        world.vendor.comes();
        assert_eq!(made(&world), 1, "{fate:?} {:?}", world.vendor.writes());
        assert!(sent(&world).iter().all(|(_, _, keys)| *keys == 1), "{:?}", world.vendor.keys());
    }
}

/// Whoever sent it is killed, and its repeat refused: the first one may still come, and has that key alone.
#[tokio::test]
async fn a_refusal_of_the_repeat_does_not_end_the_doubt() {
    let world = Arc::new(world(&creating(), &[]));
    killed(&world, &[Fate::Slow]).await;
    world.vendor.fated(&[Fate::Refused(503)]);
    assert_eq!(post(&world).await.status, 503);
    let told = post(&world).await;
    assert_eq!(told.status, 201, "{told:?}");
    world.vendor.comes();
    assert_eq!(world.vendor.writes(), ["POST /users"]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// A vendor that answers a key with what it said first would do nothing the second time.
#[tokio::test]
async fn what_was_taken_back_is_made_with_another_key() {
    let steps = "steps:
            - { name: retire, call: \"POST /users/{key}/retire\", idempotency_key: Idempotency-Key, undo: { call: \"POST /users/{key}/restore\", idempotency_key: Idempotency-Key } }
            - { name: close, call: \"POST /users/{key}/closed\", idempotency_key: Idempotency-Key }";
    let mapping = MAPPING.replace(
        "{ name: retire, claims: [active becomes false], call: \"POST /users/{key}/retire\" }",
        &format!("name: retire\n          claims: [active becomes false]\n          {steps}"),
    );
    let world = world(&mapping, &["ada"]);
    for _ in 0..2 {
        world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
        assert_eq!(world.off("ada").await.status, 503);
    }
    world.passes(60);
    world.deliver().await;
    let ada = world.vendor.person("ada").unwrap();
    assert_eq!((&ada["active"], &ada["closed"]), (&json!(false), &json!(1)), "{ada}");
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

#[tokio::test]
async fn each_write_each_call_and_each_item_has_a_key_of_its_own() {
    let each = "steps:
            - { name: tell, for_each: \"['a', 'b']\", call: \"POST /users/{key}/{item}\", idempotency_key: Idempotency-Key }
            - { name: retire, call: \"POST /users/{key}/retire\", repeat: safe }";
    let mapping = MAPPING.replace(
        "{ name: retire, claims: [active becomes false], call: \"POST /users/{key}/retire\" }",
        &format!("name: retire\n          claims: [active becomes false]\n          {each}"),
    );
    assert_ne!(mapping, MAPPING);
    let world = world(&mapping, &["ada", "bob"]);
    for (login, active) in [("ada", false), ("bob", false), ("ada", true), ("ada", false)] {
        let told = world.patch(login, json!({ "active": active })).await;
        assert_eq!(told.status, 200, "{told:?}");
    }
    let keys = world.vendor.keys();
    let different: BTreeSet<_> = keys.iter().map(|(_, key)| key).collect();
    assert_eq!((keys.len(), different.len()), (6, 6), "{keys:?}");
    for key in different {
        let parts: Vec<usize> = key.split('-').map(str::len).collect();
        assert!(parts == [8, 4, 4, 4, 12] && key.as_bytes()[14] == b'8', "{key}");
    }
}

/// Without a store nobody else knows the write: what one request sends again has one key, and another request another.
#[tokio::test]
async fn without_a_journal_a_request_has_a_key() {
    let mapping = creating().replace("retries: { times: 0 }", "retries: { times: 2 }");
    let world = world(&mapping, &[]);
    world.forgets();
    for login in ["ada", "bob"] {
        world.vendor.fated(&[Fate::Unheard]);
        let told = world.send("POST", "/Users", user(login)).await;
        assert_eq!(told.status, 201, "{told:?}");
    }
    let keys: Vec<String> = world.vendor.keys().into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert!(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2], "{keys:?}");
    assert_eq!(made(&world), 2, "{:?}", world.vendor.writes());
}
