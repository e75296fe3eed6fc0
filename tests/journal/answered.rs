//! A create of one call that the vendor has answered as done, and whose record cannot be read behind that: he is there, and
//! is neither made once more nor told as somebody else's.

use crate::{
    ada::{USER, ada},
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

const RECORD: &str = "create: { call: POST /users, record: . }";
const KEY: &str = "create: { call: POST /users, key: \"{answer.body.id}\" }";
const DURABLE: &str = "create: { call: POST /users, key: \"{answer.body.id}\", durable: true }";
/// Seconds after which nobody is waited for any more.
const PATIENCE: i64 = 601;

fn world(create: &str) -> Arc<World> {
    let mapping = MAPPING
        .replace(RECORD, create)
        .replace("match: [userName]", "match: [userName]\n    on_match: conflict");
    Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict))
}

/// She is to be switched off, which is an update behind the create: so that is in the journal.
fn off() -> Value {
    let mut ada = ada();
    ada.as_object_mut().unwrap().remove("password");
    ada["active"] = json!(false);
    ada
}

async fn asked(world: &World) -> Told {
    world.send("POST", "/Users", off()).await
}

fn made(world: &World) -> usize {
    world.vendor.writes().iter().filter(|write| *write == USER).count()
}

async fn is_back(world: &World) {
    *world.vendor.away.lock().unwrap() = false;
    *world.vendor.hides.lock().unwrap() = false;
}

#[tokio::test]
async fn its_repeat_is_told_who_was_made() {
    for (create, fate) in
        [(RECORD, Fate::Mute), (KEY, Fate::Last), (KEY, Fate::Mute), (DURABLE, Fate::Last)]
    {
        for restart in [false, true] {
            let world = world(create);
            world.vendor.fated(&[fate]);
            let told = asked(&world).await;
            assert!(told.status >= 500, "{create} {fate:?} {told:?}");
            is_back(&world).await;
            if restart {
                world.restart().await;
            }
            let told = asked(&world).await;
            assert_eq!((told.status, &told.body["id"]), (201, &json!("ada")), "{fate:?} {told:?}");
            assert_eq!(made(&world), 1, "{create} {fate:?} {:?}", world.vendor.writes());
            assert_eq!(world.vendor.active("ada"), Some(false));
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        }
    }
}

#[tokio::test]
async fn he_is_finished_where_nobody_comes_back() {
    for (create, fate) in
        [(RECORD, Fate::Mute), (KEY, Fate::Last), (KEY, Fate::Mute), (DURABLE, Fate::Last)]
    {
        let world = world(create);
        world.vendor.fated(&[fate]);
        assert!(asked(&world).await.status >= 500);
        is_back(&world).await;
        for _ in 0..3 {
            world.passes(PATIENCE);
            world.deliver().await;
        }
        assert_eq!(made(&world), 1, "{create} {fate:?} {:?}", world.vendor.writes());
        assert_eq!(world.vendor.active("ada"), Some(false), "{create} {fate:?}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// That nobody shows right behind the call says nothing: a vendor may read what it has written a while later.
#[tokio::test]
async fn who_shows_late_is_not_made_twice() {
    for create in [KEY, DURABLE] {
        let world = world(create);
        *world.vendor.hides.lock().unwrap() = true;
        for _ in 0..4 {
            assert!(asked(&world).await.status >= 500);
            world.passes(3);
            world.deliver().await;
        }
        assert_eq!(made(&world), 1, "{create} {:?}", world.vendor.writes());
        is_back(&world).await;
        for _ in 0..3 {
            world.passes(PATIENCE);
            world.deliver().await;
        }
        assert_eq!(made(&world), 1, "{create} {:?}", world.vendor.writes());
        assert_eq!(world.vendor.active("ada"), Some(false), "{create}");
        let stages: Vec<Stage> = world.journal().await.into_iter().map(|(_, it)| it).collect();
        assert_eq!(stages, [], "{:?}", world.entries().await);
    }
}

/// Whom nobody ever shows, and no answer names, is told of, and not asked for again and again.
#[tokio::test]
async fn who_is_nowhere_is_a_dead_letter() {
    let durable = RECORD.replace("record: .", "record: ., durable: true");
    let world = world(&durable);
    world.vendor.fated(&[Fate::Refused(201)]);
    assert!(asked(&world).await.status >= 500);
    for _ in 0..3 {
        world.passes(PATIENCE);
        world.deliver().await;
    }
    assert_eq!(made(&world), 0);
    assert!(world.vendor.is_fulfilled());
    let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    assert_eq!(letter.stage, Stage::Dead, "{letter:?}");
    assert!(letter.error.as_ref().unwrap().starts_with("half done"), "{letter:?}");
}

/// Where its client asks again it begins afresh, as what was refused does: a vendor may say that all is well of what it did not do.
#[tokio::test]
async fn who_was_not_made_after_all_is_made_for_its_repeat() {
    for create in [RECORD.to_owned(), RECORD.replace("record: .", "record: ., durable: true")] {
        let world = world(&create);
        world.vendor.fated(&[Fate::Refused(201)]);
        assert!(asked(&world).await.status >= 500);
        let told = asked(&world).await;
        assert!(told.status == 503 && told.retry_after.is_some(), "he may show yet: {told:?}");
        world.passes(11);
        assert_eq!(asked(&world).await.status, 201);
        assert_eq!(made(&world), 1);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// Who does not show when no call can be on its way any more has gone, and was promised all the same.
#[tokio::test]
async fn who_has_gone_since_is_made_anew_where_he_was_promised() {
    let world = world(DURABLE);
    world.vendor.fated(&[Fate::Last]);
    assert!(asked(&world).await.status >= 500);
    is_back(&world).await;
    world.vendor.leaves("ada");
    for _ in 0..3 {
        world.passes(PATIENCE);
        world.deliver().await;
    }
    assert_eq!(made(&world), 2, "{:?}", world.vendor.writes());
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Of a create that looks for whom it made, and has more to do behind that.
fn looked_for(durable: bool) -> Arc<World> {
    let steps = format!(
        "create:
        durable: {durable}
        key: \"{{steps.who.id}}\"
        steps:
          - {{ name: draft, call: POST /users, body: \"{{fields}}\" }}
          - {{ name: publish, call: \"POST /publish/{{resource.userName}}\", when: has(resource.nickName) }}
          - {{ name: who, call: GET /users, capture: {{ id: \"$.users[0].id\" }} }}
          - {{ name: seat, call: \"POST /users/{{steps.who.id}}/seat\", repeat: safe }}"
    );
    let mapping = MAPPING.replace(RECORD, &steps);
    Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict))
}

fn named(nick: Option<&str>) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "nickName": nick,
    })
}

/// What was answered last counts: he may show when that has had its time.
#[tokio::test]
async fn who_shows_behind_the_last_call_is_not_made_twice() {
    let world = looked_for(false);
    let asked = async || world.send("POST", "/Users", named(Some("A"))).await;
    world.vendor.fated(&[Fate::Refused(202), Fate::Refused(503)]);
    assert!(asked().await.status >= 500);
    world.passes(60);
    world.vendor.fated(&[Fate::Refused(202)]);
    assert!(asked().await.status >= 500);
    world.passes(2);
    let told = asked().await;
    assert!(told.status == 503 && told.retry_after.is_some(), "he may show yet: {told:?}");
    assert_eq!(world.vendor.writes(), [""; 0]);
    world.vendor.joins("ada", json!({ "id": "ada", "login": "ada", "nick": "A", "active": true }));
    assert_eq!(asked().await.status, 201);
    assert_eq!(world.vendor.writes(), ["POST /users/ada/seat"]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Though calls are left that were never made, for the lookup before them finds nobody, or that are not to be made.
#[tokio::test]
async fn who_is_looked_for_in_vain_is_made_for_the_repeat_or_told_of() {
    for durable in [false, true] {
        let nobody = async || {
            let world = looked_for(durable);
            world.vendor.fated(&[Fate::Refused(202)]);
            assert!(world.send("POST", "/Users", named(None)).await.status >= 500);
            world
        };
        let world = nobody().await;
        world.passes(11);
        let told = world.send("POST", "/Users", named(None)).await;
        assert!(told.status == 503 && told.retry_after.is_some(), "it begins afresh: {told:?}");
        let told = world.send("POST", "/Users", named(None)).await;
        assert_eq!(told.status, 201, "durable: {durable} {told:?}");
        assert_eq!(world.vendor.writes(), [USER, "POST /users/ada/seat"]);
        let world = nobody().await;
        for _ in 0..3 {
            world.passes(PATIENCE);
            world.deliver().await;
        }
        let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
        assert_eq!(letter.stage, Stage::Dead, "durable: {durable} {letter:?}");
    }
}

/// One whom the vendor has said to have made, and never shows, is made for a repeat that comes when he would: however often its
/// client asks.
#[tokio::test]
async fn who_has_gone_since_is_made_anew_for_whoever_asks_on() {
    let world = world(KEY);
    world.vendor.fated(&[Fate::Last]);
    assert!(asked(&world).await.status >= 500);
    is_back(&world).await;
    world.vendor.leaves("ada");
    let mut told = asked(&world).await;
    for _ in 0..4 {
        world.passes(20);
        told = asked(&world).await;
        if told.status == 201 {
            break;
        }
    }
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(made(&world), 2, "{:?}", world.vendor.writes());
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}
