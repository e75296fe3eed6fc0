//! What an operator does about what stays in the journal.

use crate::{
    leaving::steps,
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{
    gateway::{deed::Refusal, delivery::operator::Retried},
    scim::profile::Profile,
    store::{Entry, Stage},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// One that waits, and one whose deactivation is a dead letter.
async fn troubled() -> World {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    world.vendor.fated(&[Fate::Away, Fate::Refused(409)]);
    assert_eq!(world.off("bob").await.status, 503);
    // Of the two that are due, this one alone.
    assert_eq!(world.patch("bob", json!({ "nickName": "B" })).await.status, 200);
    let entries = world.entries().await;
    let [ada, bob] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((ada.stage, bob.stage), (Stage::Waiting, Stage::Dead));
    world
}

fn stands(refusal: Result<impl std::fmt::Debug, Refusal>) -> String {
    match refusal {
        Err(Refusal::Stands(why)) => why,
        other => panic!("{other:?}"),
    }
}

async fn number(world: &World, id: &str) -> String {
    let entries = world.entries().await;
    entries.into_iter().find(|entry| entry.id == id).unwrap().number
}

#[tokio::test]
async fn a_dead_letter_is_tried_once_more_as_a_new_entry() {
    let world = troubled().await;
    let dead = number(&world, "bob").await;
    let retried = world.retry(&dead).await.unwrap();
    let Some(Retried::Entered(entry)) = retried else { panic!("{retried:?}") };
    assert_ne!(entry.number, dead);
    assert_eq!((entry.attempts, &entry.progress, &entry.error), (0, &Value::Null, &None));
    assert_eq!(world.journal().await[1], ("bob".to_owned(), Stage::Waiting), "the letter has gone");
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.active("bob"), Some(false));
    assert_eq!(world.retry(&dead).await, Ok(None));
    // One that is refused again is a dead letter again, and says so.
    world.vendor.fated(&[Fate::Away, Fate::Refused(409), Fate::Refused(422)]);
    assert_eq!(world.send("DELETE", "/Users/bob", Value::Null).await.status, 503);
    world.passes(60);
    world.deliver().await;
    world.retry(&number(&world, "bob").await).await.unwrap();
    world.deliver().await;
    let [letter] = &world.entries().await[..] else { panic!("one is left") };
    assert_eq!((letter.stage, letter.attempts), (Stage::Dead, 1));
    let metrics = world.metrics();
    for line in [
        "scimshim_journal_received_total{tenant=\"t\"} 3",
        "scimshim_journal_delivered_total{tenant=\"t\"} 2",
        "scimshim_journal_dead_total{reason=\"refused\",tenant=\"t\"} 3",
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn an_old_write_never_comes_behind_a_newer_one_that_waits() {
    let world = troubled().await;
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.send("DELETE", "/Users/bob", Value::Null).await.status, 503);
    let before = world.entries().await;
    let why = stands(world.retry(&before[1].number).await);
    assert!(why.contains("later writes to User bob are pending (1)"), "{why}");
    assert_eq!(world.entries().await, before);
    // With that one dropped it may.
    world.drop(&before[2].number).await.unwrap();
    assert!(matches!(world.retry(&before[1].number).await, Ok(Some(Retried::Entered(_)))));
    *world.vendor.away.lock().unwrap() = false;
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.active("bob"), Some(false), "deactivated, and not deleted");
}

#[tokio::test]
async fn what_waits_is_tried_now_with_what_stands_before_it() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 503);
    for _ in 0..8 {
        world.passes(301);
        world.deliver().await;
    }
    *world.vendor.away.lock().unwrap() = false;
    world.deliver().await;
    assert!(world.vendor.writes().is_empty(), "it is not due yet");
    let entries = world.entries().await;
    let retried = world.retry(&entries[1].number).await.unwrap();
    assert!(matches!(retried, Some(Retried::Hastened(_))), "{retried:?}");
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire", "DELETE /users/ada"]);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_is_dropped_is_carried_out_no_more() {
    let world = troubled().await;
    let writes = world.vendor.writes();
    for id in ["ada", "bob"] {
        let dropped = world.drop(&number(&world, id).await).await.unwrap();
        assert_eq!(dropped.map(|entry| entry.id), Some(id.to_owned()));
    }
    // Nothing of it had left, so nobody waits for it.
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 200);
    world.passes(60);
    world.deliver().await;
    assert!(world.journal().await.is_empty());
    assert_eq!(world.vendor.active("ada"), Some(true));
    assert_eq!(world.vendor.writes().split_off(writes.len()), ["PATCH /users/ada"]);
    assert_eq!(world.drop("5d5e").await, Ok(None));
}

#[tokio::test]
async fn what_has_ended_is_neither_tried_nor_dropped() {
    let world = World::new(Vendor::with(&["ada"]));
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 504);
    let settling = world.entries().await;
    assert_eq!(settling[0].stage, Stage::Settling);
    let why = stands(world.drop(&settling[0].number).await);
    assert!(why.contains("a call of it may reach the vendor until 2027-"), "{why}");
    let why = stands(world.retry(&settling[0].number).await);
    assert!(why.contains("it has come to its end"), "{why}");
    assert_eq!(world.entries().await, settling);
}

/// The vendor is silent about the first call of a request; the request goes on.
async fn silent(mapping: &str, wanted: Value) -> (Arc<World>, JoinHandle<Told>) {
    let world = Arc::new(World::of(mapping, Vendor::with(&["ada"]), Profile::Strict));
    world.vendor.fated(&[Fate::Hangs]);
    let asked = tokio::spawn({
        let world = world.clone();
        async move { world.patch("ada", wanted).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    (world, asked)
}

#[tokio::test]
async fn one_that_is_under_way_is_dropped_and_what_has_left_is_waited_for() {
    let (world, asked) = silent(MAPPING, json!({ "active": false })).await;
    let number = number(&world, "ada").await;
    let soon = Duration::from_millis(100);
    let why = world.retry_within(&number, soon).await.unwrap_err();
    assert!(matches!(&why, Refusal::Later(why) if why.contains("ask again")), "{why:?}");
    let dropped = world.drop_within(&number, soon).await.unwrap();
    assert_eq!(dropped.map(|entry| entry.stage), Some(Stage::Waiting));
    let left = |entry: &Entry| (entry.stage, entry.error.clone().unwrap_or_default());
    let entries = world.entries().await;
    assert_eq!(left(&entries[0]), (Stage::Settling, "dropped: as the test wants it".to_owned()));
    asked.abort();
    let _ = asked.await;
    // Its call may still come, and nothing overtakes it.
    let told = world.send("DELETE", "/Users/ada", Value::Null).await;
    assert_eq!(told.status, 503, "{told:?}");
    world.passes(25);
    world.deliver().await;
    assert!(world.vendor.writes().is_empty());
    world.passes(10);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["DELETE /users/ada"]);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn a_password_alone_cannot_be_tried_once_more() {
    let mapping = MAPPING.replace("        - { name: change,", "        - { name: secret, claims: [password], call: \"POST /users/{key}/password\", body: { secret: \"{after.password}\" } }
        - { name: change,");
    let (world, asked) = silent(&mapping, json!({ "password": "s3cret" })).await;
    asked.abort();
    let _ = asked.await;
    world.restart().await;
    world.passes(60);
    world.deliver().await;
    let why = stands(world.retry(&number(&world, "ada").await).await);
    assert!(why.contains("a password never is"), "{why}");
    assert!(
        world.metrics().contains("scimshim_journal_dead_total{reason=\"unknown\",tenant=\"t\"} 1")
    );
}

/// The vendor without its people.
const TEAMS: &str = r#"
mapping: 1
name: journalled
evidence: assumed
tenant: { token: { type: text, secret: true } }
upstream: { base_url: "https://v.example", auth: { bearer: { token: "{tenant.token}" } } }
resources:
  Group:
    key: id
    attributes: { displayName: { field: name, required: true } }
    operations:
      get: { call: "GET /teams/{key}", record: . }
      list: { call: GET /teams, items: items, paging: none }
      create: { call: POST /teams, record: . }
      update: [{ name: rename, call: "PATCH /teams/{key}", record: . }]
"#;

#[tokio::test]
async fn what_is_served_no_more_can_be_dropped() {
    let world = troubled().await;
    world.restart_with(TEAMS).await;
    for id in ["ada", "bob"] {
        let number = number(&world, id).await;
        let why = stands(world.retry(&number).await);
        assert!(why.contains("does not carry out journalled writes of `User` any more"), "{why}");
        assert!(world.drop(&number).await.unwrap().is_some());
    }
    assert!(world.journal().await.is_empty());
}

/// The record shows the first call already; what is left of it is made all the same, and that is not made again.
#[tokio::test]
async fn one_that_is_half_done_goes_on_where_it_stopped() {
    for fate in [Fate::Refused(422), Fate::Lost] {
        let world = World::of(&steps(false), Vendor::with(&["ada"]), Profile::Strict);
        world.vendor.fated(&[Fate::Well, fate]);
        world.off("ada").await;
        for _ in 0..2 {
            world.passes(60);
            world.deliver().await;
        }
        let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
        assert_eq!(letter.stage, Stage::Dead, "{fate:?}");
        world.retry(&letter.number).await.unwrap();
        world.deliver().await;
        let ada = world.vendor.person("ada").unwrap();
        assert_eq!(
            (&ada["left"], &ada["closed"], &ada["mailed"]),
            (&json!(1), &json!(1), &json!(1)),
            "{fate:?}"
        );
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}
