//! A create that waits, and others who have its names meanwhile: whoever was promised is made or it is told, and nobody is
//! taken for him.

use crate::{
    ada::{USER, ada, steps},
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{
    scim::profile::Profile,
    store::{Entry, Stage},
};
use serde_json::{Value, json};
use std::{future::Future, pin::pin, sync::Arc};

const ONE: &str = "create: { call: POST /users, record: ., durable: true }";
const DELETE: &str = "DELETE /users/p1";

fn mapping(of: &str) -> String {
    const FIND: &str = "      find:
        - { filter: \"nickName eq {nick}\", call: GET /users, query: { nick: \"{nick}\" }, items: users }
";
    MAPPING
        .replace("      find:\n", FIND)
        .replace("create: { call: POST /users, record: . }", ONE)
        .replace("match: [userName]", of)
}

fn over(mapping: &str) -> Arc<World> {
    Arc::new(World::of(mapping, Vendor::with(&[]), Profile::Strict))
}

fn named(name: &str) -> Value {
    let mut named = ada();
    named.as_object_mut().unwrap().remove("password");
    named["userName"] = json!(name);
    named
}

async fn asked(world: &World) -> Told {
    world.send("POST", "/Users", named("ada")).await
}

fn is_away(world: &World, away: bool) {
    *world.vendor.away.lock().unwrap() = away;
}

async fn goes_on(world: &World) {
    for _ in 0..6 {
        world.passes(31);
        world.deliver().await;
    }
}

async fn letter(world: &World) -> Entry {
    let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    assert_eq!(letter.stage, Stage::Dead, "{letter:?}");
    letter.clone()
}

/// The one that was received first is carried out first. Of somebody who was deleted later nobody knows whether it is him: who
/// is to stay away is not made for that.
#[tokio::test]
async fn who_takes_the_place_of_one_who_is_deleted_is_made() {
    for on_match in ["conflict", "adopt"] {
        for first in [DELETE, USER] {
            let world = over(&mapping(&format!("match: [userName]\n    on_match: {on_match}")));
            world.vendor.joins("p1", json!({ "id": "p1", "login": "ada", "active": true }));
            is_away(&world, true);
            let delete = || world.send("DELETE", "/Users/p1", Value::Null);
            if first == DELETE {
                assert_eq!(delete().await.status, 503);
                world.passes(1);
                assert_eq!(asked(&world).await.status, 503);
            } else {
                assert_eq!(asked(&world).await.status, 503);
                assert_eq!(delete().await.status, 503);
                // It is due before the other.
                is_away(&world, false);
                world.vendor.fated(&[Fate::Refused(503), Fate::Refused(503)]);
                world.passes(1);
                world.deliver().await;
                world.vendor.clear();
            }
            is_away(&world, false);
            goes_on(&world).await;
            let at = format!("{on_match}, first: {first}");
            assert_eq!(world.vendor.person("p1"), None, "{at}");
            if first == USER {
                let words = letter(&world).await.error.unwrap();
                assert!(words.contains("was deleted since"), "{at} {words}");
                assert_eq!(world.vendor.writes(), [DELETE], "{at}");
                continue;
            }
            assert_eq!(world.vendor.writes(), [DELETE, USER], "{at} {:?}", world.entries().await);
            assert!(world.journal().await.is_empty(), "{at} {:?}", world.entries().await);
        }
    }
}

/// Its client is told to come back, and not that the name is taken, which it is no more in a moment.
#[tokio::test]
async fn its_client_waits_for_a_delete_that_was_received_before() {
    let world = over(&mapping("match: [userName]\n    on_match: conflict"));
    world.vendor.joins("p1", json!({ "id": "p1", "login": "ada", "active": true }));
    world.vendor.fated(&[Fate::Refused(503)]);
    assert_eq!(world.send("DELETE", "/Users/p1", Value::Null).await.status, 503);
    world.passes(1);
    let told = asked(&world).await;
    assert!(told.status == 503 && told.retry_after.is_some(), "{told:?}");
    goes_on(&world).await;
    assert_eq!(world.vendor.writes(), [DELETE, USER], "{:?}", world.entries().await);
    assert_eq!(asked(&world).await.status, 201);
}

/// Somebody had the name when a client wrote to him, and has it no more.
#[tokio::test]
async fn who_was_renamed_meanwhile_is_nobody_elses_reason() {
    let world = over(&mapping("match: [userName]\n    on_match: conflict"));
    world.vendor.joins("p1", json!({ "id": "p1", "login": "ada", "active": true }));
    is_away(&world, true);
    assert_eq!(asked(&world).await.status, 503);
    is_away(&world, false);
    assert_eq!(world.patch("p1", json!({ "userName": "bea" })).await.status, 200);
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A", "{:?}", world.entries().await);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Somebody has its second name: that is no reason to make nobody, and say nothing.
#[tokio::test]
async fn who_shares_a_second_name_is_not_him() {
    for on_match in ["conflict", "adopt"] {
        let world =
            over(&mapping(&format!("match: [userName, nickName]\n    on_match: {on_match}")));
        let bob = json!({ "id": "p1", "login": "bob", "nick": "A", "active": true });
        world.vendor.joins("p1", bob);
        is_away(&world, true);
        assert_eq!(asked(&world).await.status, 503);
        is_away(&world, false);
        assert_eq!(world.off("p1").await.status, 200);
        goes_on(&world).await;
        let words = letter(&world).await.error.unwrap();
        assert!(words.starts_with("nobody is made: `p1` has one of his names"), "{words}");
        assert_eq!(world.vendor.active("p1"), Some(false), "{on_match}");
        assert_eq!(world.vendor.writes().len(), 1, "{:?}", world.vendor.writes());
    }
}

/// What takes its place meets somebody else: that is no reason to say nothing of the first one.
#[tokio::test]
async fn one_whose_name_is_taken_in_the_place_of_another_is_a_dead_letter() {
    let world = over(&mapping("match: [userName, nickName]\n    on_match: conflict"));
    world.vendor.joins("p1", json!({ "id": "p1", "login": "bob", "nick": "B", "active": true }));
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    let first = world.entries().await[0].number.clone();
    let mut other = named("ada");
    other["nickName"] = json!("B");
    let told = world.send("POST", "/Users", other).await;
    assert_eq!(told.status, 409, "{told:?}");
    let dead = letter(&world).await;
    assert!(dead.error.as_ref().unwrap().contains(&first), "{dead:?}");
}

/// Asked for once more behind a delete, he is made: that is the last word. All that it says of him is written.
#[tokio::test]
async fn who_is_asked_for_behind_a_delete_is_made_whole() {
    for delivered in [false, true] {
        let world = over(&mapping("match: [userName]\n    on_match: conflict"));
        world.vendor.joins("p1", json!({ "id": "p1", "login": "ada", "active": true }));
        let mut off = named("ada");
        off["active"] = json!(false);
        let asks = || world.send("POST", "/Users", off.clone());
        is_away(&world, true);
        assert_eq!(asks().await.status, 503);
        is_away(&world, false);
        world.passes(1);
        assert_eq!(world.send("DELETE", "/Users/p1", Value::Null).await.status, 204);
        world.passes(1);
        if delivered {
            is_away(&world, true);
            assert_eq!(asks().await.status, 503);
            is_away(&world, false);
            goes_on(&world).await;
        } else {
            assert_eq!(asks().await.status, 201);
        }
        assert_eq!(world.vendor.active("ada"), Some(false), "{:?}", world.entries().await);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// He was made, and nobody knows that but who found him by his name, and deleted him: he stays away.
#[tokio::test]
async fn who_was_deleted_since_is_not_made_anew() {
    let world = over(&mapping("match: [userName]\n    on_match: adopt"));
    dies(&world, &[Fate::Swallowed], || asked(&world)).await;
    assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada"), None, "{:?}", world.entries().await);
    let words = letter(&world).await.error.unwrap();
    assert!(words.contains("was deleted since"), "{words}");
    // The same where his key is known, and whoever deleted him did not live to say so.
    let world = over(&mapping("match: [userName]\n    on_match: adopt"));
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    let mut off = named("ada");
    off["active"] = json!(false);
    assert_eq!(world.send("POST", "/Users", off).await.status, 503);
    let delete = || world.send("DELETE", "/Users/ada", Value::Null);
    dies(&world, &[Fate::Swallowed], delete).await;
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada"), None);
    assert_eq!(world.vendor.writes().iter().filter(|write| *write == USER).count(), 1);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// The same where a replica that came late may have made him, and has left no word but that.
#[tokio::test]
async fn who_was_deleted_since_is_not_made_anew_for_what_came_late() {
    let world = over(&mapping("match: [userName]\n    on_match: adopt"));
    is_away(&world, true);
    assert_eq!(asked(&world).await.status, 503);
    is_away(&world, false);
    let [own] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    let at = world.now().as_millisecond();
    let sent = json!({ "call": "User.create", "at": at, "safe": false, "visible": false });
    let progress = json!({ "sent": sent, "birth": { "origin": own.number } });
    let number = "late".to_owned();
    world.enter(Entry { number, stage: Stage::Dead, progress, ..own.clone() }).await;
    world.vendor.joins("p1", json!({ "id": "p1", "login": "ada", "active": true }));
    world.passes(1);
    assert_eq!(world.send("DELETE", "/Users/p1", Value::Null).await.status, 204);
    goes_on(&world).await;
    assert_eq!(world.vendor.writes(), [DELETE], "{:?}", world.entries().await);
    let words = letter(&world).await.error.unwrap();
    assert!(words.contains("was deleted since"), "{words}");
}

/// Its process is killed when these have come.
async fn dies<F: Future<Output = Told>>(world: &Arc<World>, fates: &[Fate], work: impl Fn() -> F) {
    world.vendor.fated(fates);
    {
        let mut work = pin!(work());
        while !world.vendor.is_fulfilled() {
            tokio::select! {
                told = &mut work => panic!("it is at its end: {told:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    world.restart().await;
}

/// What takes the place of one that was promised, and is refused, leaves neither: that is told to more than its client.
#[tokio::test]
async fn one_that_is_refused_in_the_place_of_another_is_a_dead_letter() {
    for joins in [false, true] {
        let world = over(&mapping("match: [userName]"));
        world.vendor.fated(&[Fate::Away]);
        assert_eq!(asked(&world).await.status, 503);
        let first = world.entries().await[0].number.clone();
        let mut other = named("ada");
        other["nickName"] = json!("B");
        if joins {
            world.vendor.fated(&[Fate::Away]);
            assert_eq!(world.send("POST", "/Users", other.clone()).await.status, 503);
        }
        world.vendor.fated(&[Fate::Refused(422)]);
        let told = world.send("POST", "/Users", other.clone()).await;
        assert_eq!(told.status, 400, "{told:?}");
        let dead = letter(&world).await;
        assert!(dead.error.as_ref().unwrap().contains(&first), "{dead:?}");
        assert!(told.detail().contains(&dead.number), "{told:?}");
        goes_on(&world).await;
        assert_eq!(world.vendor.writes(), [""; 0]);
        // What is asked for next is made, and nothing more is said.
        assert_eq!(world.send("POST", "/Users", other).await.status, 201);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// Where he belongs, and whether his name is free here, is asked once more when he is made without his client.
#[tokio::test]
async fn who_is_held_here_by_then_is_not_made_at_the_vendor() {
    const SCOPE: &str = "match: [userName]\n    outside: [{ when: \"resource.title == 'Guest'\", then: skip, leaving: retire }]";
    // By his name.
    let world = over(&mapping(SCOPE));
    let mut guest = named("bea");
    guest["title"] = json!("Guest");
    let held = world.send("POST", "/Users", guest).await;
    assert_eq!(held.status, 201, "{held:?}");
    is_away(&world, true);
    assert_eq!(asked(&world).await.status, 503);
    is_away(&world, false);
    let id = held.body["id"].as_str().unwrap();
    let renamed = world.patch(id, json!({ "userName": "ada" })).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    goes_on(&world).await;
    assert!(letter(&world).await.error.unwrap().starts_with("nobody was made"));
    assert_eq!(world.vendor.writes(), [""; 0]);
    // By the mapping.
    let world = over(&mapping("match: [userName]"));
    is_away(&world, true);
    assert_eq!(asked(&world).await.status, 503);
    let all = SCOPE.replace("resource.title == 'Guest'", "resource.userName == 'ada'");
    world.restart_with(&mapping(&all)).await;
    is_away(&world, false);
    goes_on(&world).await;
    assert!(letter(&world).await.error.unwrap().contains("held here"));
    assert_eq!(world.vendor.writes(), [""; 0]);
    assert_eq!(asked(&world).await.status, 201);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Of whom the first call made it is not known what it answered, and so what follows cannot be made: an operator who has it
/// tried once more does not make him whole.
#[tokio::test]
async fn whom_a_lost_answer_made_is_not_whole_because_an_operator_asks() {
    let several = steps(true, false)
        .replace("create:\n", "create:\n        durable: true\n")
        .replace("capture: { id: id }", "capture: { id: id, ticket: ticket }")
        .replace("{steps.user.id}/seated", "{steps.user.id}/{steps.user.ticket}");
    let world =
        over(&several.replace("match: [userName]", "match: [userName]\n    on_match: adopt"));
    dies(&world, &[Fate::Swallowed], || asked(&world)).await;
    goes_on(&world).await;
    let dead = letter(&world).await;
    assert!(dead.error.as_ref().unwrap().contains("ticket"), "{dead:?}");
    world.retry(&dead.number).await.unwrap().unwrap();
    goes_on(&world).await;
    let again = letter(&world).await;
    assert!(again.error.as_ref().unwrap().contains("ticket"), "{again:?}");
    assert_eq!(world.vendor.writes(), [USER]);
}
