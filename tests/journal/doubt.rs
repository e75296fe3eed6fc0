//! A process that is killed while a call is under way: what was on its way is neither forgotten nor done twice.

use crate::world::{Fate, MAPPING, Vendor, World};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

/// A request whose process is killed while the vendor is silent.
async fn killed(world: &Arc<World>, method: &'static str, value: Value) {
    world.vendor.fated(&[Fate::Hangs]);
    let asked = {
        let world = world.clone();
        tokio::spawn(async move {
            match method {
                "DELETE" => world.send("DELETE", "/Users/ada", Value::Null).await,
                _ => world.patch("ada", value).await,
            }
        })
    };
    // The call has left, and what is written before it was.
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    asked.abort();
    let _ = asked.await;
    world.restart().await;
}

#[tokio::test]
async fn a_delete_is_sent_again_by_the_next_process() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    killed(&world, "DELETE", Value::Null).await;
    world.deliver().await;
    assert_eq!(world.vendor.person("ada"), None);
    // The first one may still come, and what is asked next of this id waits for that.
    assert_eq!(world.journal().await, [("ada".to_owned(), Stage::Settling)]);
    world.passes(31);
    world.deliver().await;
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_may_not_be_repeated_is_looked_for_first_when_it_can_have_come() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    killed(&world, "PATCH", json!({ "active": false })).await;
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(true), "it may still be on its way");
    // Until then whoever asks for the same is told when to come back.
    let told = world.off("ada").await;
    assert_eq!(told.status, 503);
    assert!(told.retry_after.is_some_and(|seconds| (1..=31).contains(&seconds)), "{told:?}");
    world.passes(31);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"]);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_has_come_all_the_same_is_not_sent_again() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    killed(&world, "PATCH", json!({ "active": false })).await;
    // The call of the killed process comes late.
    let late = World::new(world.vendor.clone());
    assert_eq!(late.off("ada").await.status, 200);
    world.passes(31);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"]);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_nothing_shows_and_may_not_be_repeated_is_a_dead_letter() {
    let mapping = MAPPING.replace("        - { name: change,", "        - { name: secret, claims: [password], call: \"POST /users/{key}/password\", body: { secret: \"{after.password}\" } }
        - { name: change,");
    let world = Arc::new(World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict));
    killed(&world, "PATCH", json!({ "password": "s3cret" })).await;
    world.passes(60);
    world.deliver().await;
    let entries = world.entries().await;
    assert_eq!(entries[0].stage, Stage::Dead);
    let words = entries[0].error.as_ref().unwrap();
    assert!(words.contains("User.update.secret") && words.contains("repeat: safe"), "{words}");
    assert!(world.vendor.writes().is_empty());
    assert_eq!(world.off("ada").await.status, 200, "it holds back nobody");
}

#[tokio::test]
async fn what_was_not_durable_is_finished_too_and_before_anything_else() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    killed(&world, "PATCH", json!({ "nickName": "A" })).await;
    let told = world.off("ada").await;
    assert_eq!(told.status, 503, "a PATCH of the killed process may still be on its way: {told:?}");
    world.passes(31);
    world.deliver().await;
    let ada = world.vendor.person("ada").unwrap();
    assert_eq!((&ada["nick"], &ada["active"]), (&json!("A"), &json!(false)));
    assert_eq!(world.vendor.writes(), ["PATCH /users/ada", "POST /users/ada/retire"]);
}

#[tokio::test]
async fn who_asks_for_the_same_as_a_dead_letter_that_may_be_half_done_is_answered_by_it() {
    let mapping = MAPPING.replace(
        "        - { name: change,",
        "        - { name: secret, claims: [password], call: \"POST /users/{key}/password\", body: { secret: \"{after.password}\" } }\n        - { name: change,",
    );
    let world = Arc::new(World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict));
    killed(&world, "PATCH", json!({ "password": "s3cret" })).await;
    world.passes(60);
    world.deliver().await;
    let told = world.patch("ada", json!({ "password": "s3cret" })).await;
    let letter = &world.entries().await[0];
    assert_eq!((told.status, letter.stage), (502, Stage::Dead));
    let says = format!("journalled as {}", letter.number);
    assert!(told.detail().contains(&says) && told.detail().contains("`drop`"), "{told:?}");
    assert!(world.vendor.writes().is_empty());
}

#[tokio::test]
async fn a_call_of_a_dead_letter_may_still_come_and_is_waited_for() {
    let mapping = MAPPING.replace(
        "        - { name: change,",
        "        - { name: secret, claims: [password], call: \"POST /users/{key}/password\", body: { secret: \"{after.password}\" } }\n        - { name: change,",
    );
    let world = Arc::new(World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict));
    killed(&world, "PATCH", json!({ "password": "s3cret" })).await;
    world.deliver().await;
    let stages: Vec<Stage> = world.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert_eq!(stages, [Stage::Dead, Stage::Settling]);
    let told = world.off("ada").await;
    assert!(told.status == 503 && told.number.is_some(), "{told:?}");
    world.passes(31);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
}
