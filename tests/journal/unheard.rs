//! Somebody was made without his client, who was told to come back: its repeat hears of him, for as long as nobody has said
//! anything of him since.

use crate::{
    ada::{USER, ada},
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
};

const ONE: &str = "create: { call: POST /users, record: ., durable: true }";

fn world(of: &str) -> Arc<World> {
    const FIND: &str = "      find:
        - { filter: \"title eq {title}\", call: GET /users, query: { title: \"{title}\" }, items: users }
";
    let mapping = MAPPING.replace("create: { call: POST /users, record: . }", ONE);
    let mapping = mapping.replace("match: [userName]", of).replace("      find:\n", FIND);
    Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict))
}

const CONFLICT: &str = "match: [userName]\n    on_match: conflict";

fn open() -> Value {
    let mut ada = ada();
    ada.as_object_mut().unwrap().remove("password");
    ada["title"] = json!("T");
    ada
}

async fn asked(world: &World) -> Told {
    world.send("POST", "/Users", open()).await
}

/// Ada was asked for while the vendor was away, and made since.
async fn made(of: &str) -> Arc<World> {
    let world = world(of);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    goes_on(&world).await;
    assert_eq!(world.vendor.writes(), [USER]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    world
}

async fn goes_on(world: &World) {
    for _ in 0..4 {
        world.passes(31);
        world.deliver().await;
    }
}

/// Whoever has written to him knows that he is there. What the create wanted must not come back over that.
#[tokio::test]
async fn a_repeat_that_comes_behind_a_write_is_too_late() {
    for restart in [false, true] {
        let world = made(CONFLICT).await;
        assert_eq!(world.off("ada").await.status, 200);
        if restart {
            world.restart().await;
        }
        assert_eq!(asked(&world).await.status, 409);
        assert_eq!(world.vendor.active("ada"), Some(false));
    }
    // Nor does one that waits, and was received before.
    let world = made(CONFLICT).await;
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    goes_on(&world).await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert_eq!(asked(&world).await.status, 409);
    assert_eq!(world.vendor.active("ada"), Some(false));
}

/// It may have more to say: what it made and the client has written to since is not written over.
#[tokio::test]
async fn a_repeat_of_what_is_half_done_writes_over_nothing_either() {
    let world = world(CONFLICT);
    let mut off = open();
    off["active"] = json!(false);
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(world.send("POST", "/Users", off.clone()).await.status, 503);
    assert_eq!(world.patch("ada", json!({ "nickName": "N", "active": true })).await.status, 200);
    let told = world.send("POST", "/Users", off).await;
    assert_eq!((told.status, &told.body["nickName"]), (201, &json!("N")), "{told:?}");
    assert_ne!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Another one of the same name is no repeat: an IdP hears that the name is taken, and takes another one.
#[tokio::test]
async fn what_wants_something_else_is_no_repeat() {
    for answered in [false, true] {
        let world = match answered {
            true => world(CONFLICT),
            false => made(CONFLICT).await,
        };
        if answered {
            assert_eq!(asked(&world).await.status, 201);
        }
        let mut jane = open();
        jane["nickName"] = json!("Jane");
        assert_eq!(world.send("POST", "/Users", jane).await.status, 409);
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
        assert_eq!(asked(&world).await.status, 201);
    }
}

/// An answer may be lost. Who asks again at once is told the same, and later that the name is taken.
#[tokio::test]
async fn who_did_not_hear_the_answer_asks_again() {
    let world = world(CONFLICT);
    assert_eq!(asked(&world).await.status, 201);
    assert_eq!(asked(&world).await.status, 201);
    world.passes(601);
    assert_eq!(asked(&world).await.status, 409);
    assert_eq!(world.vendor.writes(), [USER]);
}

#[tokio::test]
async fn it_comes_within_two_days() {
    for (hours, status) in [(47, 201), (49, 409)] {
        let world = made(CONFLICT).await;
        world.passes(hours * 3_600);
        assert_eq!(asked(&world).await.status, status, "{hours}");
        assert_eq!(world.vendor.writes(), [USER]);
    }
}

/// Another one who shares one of his names is refused, and not told that he is the one who was made.
#[tokio::test]
async fn a_create_of_another_name_is_none() {
    let world = made("match: [userName, title]\n    on_match: conflict").await;
    for (name, value) in [("userName", "bob"), ("title", "U")] {
        let mut other = open();
        other[name] = json!(value);
        assert_eq!(world.send("POST", "/Users", other).await.status, 409, "{name}");
    }
    assert_eq!(world.vendor.person("ada").unwrap()["login"], "ada");
    assert_eq!(asked(&world).await.status, 201);
}

/// Somebody who is deleted and made again by another way is not him.
#[tokio::test]
async fn who_has_his_name_next_is_another_one() {
    let world = made(CONFLICT).await;
    world.vendor.leaves("ada");
    world.vendor.joins("p2", json!({ "id": "p2", "login": "ada", "active": true }));
    assert_eq!(asked(&world).await.status, 409);
}

/// Polled so many times and dropped, as a process that is killed; whether it had come to its end by then.
async fn dies_after<T>(polls: usize, work: impl Future<Output = T>) -> bool {
    let (mut work, mut left) = (pin!(work), polls);
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(cx).map(|_| true)
    })
    .await
}

/// Whether he is made or was deleted and comes back, and wherever who makes him dies, which is a delivery or his client's
/// repeat: he is there once, and his client is told so.
#[tokio::test]
async fn whoever_makes_him_may_die_anywhere() {
    const GONE: &str = "delete: { run: retire, afterwards: gone }";
    for (comes_back, repeats) in [(false, false), (false, true), (true, false), (true, true)] {
        let mapping = MAPPING.replace("create: { call: POST /users, record: . }", ONE);
        let mapping = mapping.replace("match: [userName]", CONFLICT);
        let mapping = match comes_back {
            true => mapping.replace("delete: { call: \"DELETE /users/{key}\" }", GONE),
            false => mapping,
        };
        let mut polls = 0;
        loop {
            let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
            if comes_back {
                assert_eq!(asked(&world).await.status, 201);
                assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
            }
            *world.vendor.away.lock().unwrap() = true;
            assert_eq!(asked(&world).await.status, 503);
            *world.vendor.away.lock().unwrap() = false;
            world.passes(31);
            let id = world.entries().await[0].id.clone();
            let gateway = world.gateway();
            let ended = match repeats {
                true => dies_after(polls, asked(&world)).await,
                false => {
                    let work = gateway.deliver_to("User", &id, world.arrival());
                    dies_after(polls, work).await
                }
            };
            drop(gateway);
            world.restart().await;
            goes_on(&world).await;
            let at = format!("{polls}, comes back: {comes_back}, repeats: {repeats}");
            assert!(world.journal().await.is_empty(), "{at} {:?}", world.entries().await);
            assert!(world.vendor.person("ada").is_some(), "{at}");
            assert_ne!(world.vendor.active("ada"), Some(false), "{at}");
            let made = world.vendor.writes().iter().filter(|write| *write == USER).count();
            assert_eq!(made, 1, "{at} {:?}", world.vendor.writes());
            assert_eq!(asked(&world).await.status, 201, "{at}");
            world.passes(601);
            assert_eq!(asked(&world).await.status, 409, "{at}");
            if ended {
                break;
            }
            polls += 1;
        }
        assert!(polls > 5, "{polls}");
    }
}
