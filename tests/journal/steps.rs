//! Operations of several calls: what was done is not done again, and what was not is.

use crate::{
    leaving::steps,
    world::{Fate, MAPPING, Vendor, World},
};
use scimshim::{
    gateway::delivery::operator::Retried,
    scim::profile::Profile,
    store::{Batch, Change, Entry, Stage},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn world(safe: bool) -> World {
    World::of(&steps(safe), Vendor::with(&["ada"]), Profile::Strict)
}

fn counts(world: &World) -> (Value, Value) {
    let ada = world.vendor.person("ada").unwrap();
    (ada["closed"].clone(), ada["mailed"].clone())
}

#[tokio::test]
async fn what_is_left_of_it_is_done_when_the_record_shows_the_first_call_already() {
    for (fates, restart) in [
        (vec![Fate::Well, Fate::Away], false),
        (vec![Fate::Well, Fate::Away], true),
        (vec![Fate::Well, Fate::Well, Fate::Refused(503)], false),
        (vec![Fate::Well, Fate::Well, Fate::Away], true),
    ] {
        let world = world(false);
        world.vendor.fated(&fates);
        assert_eq!(world.off("ada").await.status, 503, "{fates:?}");
        assert_eq!(world.vendor.active("ada"), Some(false));
        if restart {
            world.restart().await;
        }
        world.passes(60);
        world.deliver().await;
        assert_eq!(counts(&world), (json!(1), json!(1)), "{fates:?}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// A deactivation is carried out although what stands before it in its write was not.
#[tokio::test]
async fn one_that_went_ahead_of_what_failed_is_not_done_again_with_it() {
    let down = Fate::Refused(503);
    for fates in [
        vec![down],
        vec![down, Fate::Well, Fate::Well, Fate::Well, down],
        vec![down, Fate::Well, Fate::Away],
        vec![down, Fate::Well, Fate::Well, down, Fate::Well, down],
    ] {
        let world = world(false);
        world.vendor.fated(&fates);
        let told = world.patch("ada", json!({ "nickName": "A", "active": false })).await;
        assert_eq!(told.status, 503, "{fates:?}");
        for _ in 0..3 {
            world.passes(60);
            world.deliver().await;
        }
        assert!(world.vendor.is_fulfilled());
        assert_eq!(counts(&world), (json!(1), json!(1)), "{fates:?}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A", "{fates:?}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// It stands before what was received earlier, by whose time somebody comes; also an operator who wants that tried.
#[tokio::test]
async fn one_that_is_half_done_is_tried_when_it_is_due_and_not_when_what_stands_behind_it_is() {
    let world = world(false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    let half = world.entries().await.remove(0);
    // As if it had been received before.
    let strike = Change::Strike { number: half.number.clone() };
    world.store().write(Batch::new("t").with("User", strike)).await.unwrap();
    let behind = Entry {
        number: "n".to_owned(),
        intent: json!("delete"),
        progress: Value::Null,
        attempts: 0,
        due: world.now(),
        error: None,
        ..half.clone()
    };
    let number = behind.number.clone();
    world.enter(behind).await;
    world.enter(half.clone()).await;
    world.vendor.fated(&[Fate::Away]);
    world.deliver().await;
    assert!(!world.vendor.is_fulfilled(), "it is tried too early");
    world.vendor.clear();
    let retried = world.retry(&number).await.unwrap();
    assert!(matches!(retried, Some(Retried::Hastened(_))), "{retried:?}");
    world.deliver().await;
    let calls = ["POST /users/ada/closed", "POST /users/ada/mailed", "DELETE /users/ada"];
    assert_eq!(world.vendor.writes()[1..], calls);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

#[tokio::test]
async fn its_repeat_goes_on_where_it_stopped() {
    let world = world(false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    assert_eq!(world.off("ada").await.status, 200);
    let retire = "POST /users/ada/retire";
    assert_eq!(world.vendor.writes(), [retire, "POST /users/ada/closed", "POST /users/ada/mailed"]);
}

#[tokio::test]
async fn a_call_in_doubt_is_repeated_where_that_is_safe_and_a_dead_letter_elsewhere() {
    // The last one as well: the record shows what the first of them did, and nothing of this.
    let (second, last) = (vec![Fate::Well, Fate::Lost], vec![Fate::Well, Fate::Well, Fate::Lost]);
    for (safe, fates, closed) in [
        (true, second.clone(), json!(1)),
        (true, last.clone(), json!(1)),
        (false, second, Value::Null),
        (false, last, json!(1)),
    ] {
        let world = world(safe);
        world.vendor.fated(&fates);
        let told = world.off("ada").await;
        assert!(told.status == 503 && told.number.is_some(), "{fates:?}: {told:?}");
        world.restart().await;
        world.passes(60);
        world.deliver().await;
        if safe {
            assert_eq!(counts(&world), (closed, json!(1)), "{fates:?}");
            assert!(world.journal().await.is_empty());
        } else {
            assert_eq!(counts(&world), (closed, Value::Null), "{fates:?}");
            assert_eq!(world.entries().await[0].stage, Stage::Dead);
        }
    }
}

#[tokio::test]
async fn one_that_the_mapping_has_no_more_is_a_dead_letter_when_it_was_begun() {
    let world = world(false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    world.restart_with(&steps(false).replace("/mailed", "/told")).await;
    world.passes(60);
    world.deliver().await;
    let entries = world.entries().await;
    assert_eq!(entries[0].stage, Stage::Dead);
    assert!(entries[0].error.as_ref().unwrap().contains("half done"), "{entries:?}");
}

#[tokio::test]
async fn one_that_has_not_begun_goes_by_the_mapping_of_then() {
    let world = world(false);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    world.restart_with(MAPPING).await;
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"]);
    assert!(world.journal().await.is_empty());
}

/// What the mapping does not write is done by doing nothing, and this was promised.
#[tokio::test]
async fn a_deactivation_that_the_mapping_does_not_write_any_more_is_a_dead_letter() {
    let read =
        MAPPING.replace("active: { field: active }", "active: { field: active, direction: read }");
    let claims = |line: &&str| !line.contains("claims: [active");
    let read: Vec<&str> = read.lines().filter(claims).collect();
    let none: Vec<&str> = read.iter().copied().filter(|line| !line.contains("active: {")).collect();
    for mapping in [read.join("\n"), none.join("\n")] {
        let world = World::of(MAPPING, Vendor::with(&["ada"]), Profile::Strict);
        world.vendor.fated(&[Fate::Away]);
        assert_eq!(world.off("ada").await.status, 503);
        world.restart_with(&mapping).await;
        world.passes(60);
        world.deliver().await;
        let entries = world.entries().await;
        assert_eq!(entries[0].stage, Stage::Dead, "{mapping}");
        let words = entries[0].error.as_ref().unwrap();
        assert!(words.contains("writes `active` no more"), "{words}");
        assert_eq!(world.vendor.active("ada"), Some(true));
    }
}

/// Who finds a call that was made again counts from when it left last.
#[tokio::test]
async fn a_call_that_leaves_again_is_written_down_again() {
    let mapping = steps(true).replace("retries: { times: 0 }", "retries: { times: 1 }");
    let world = Arc::new(World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict));
    world.vendor.fated(&[Fate::Lost, Fate::Hangs]);
    let asked = tokio::spawn({
        let world = world.clone();
        async move { world.off("ada").await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let entry = world.entries().await.remove(0);
    asked.abort();
    // The first was given up, and the second was not.
    let Value::Object(sent) = &entry.progress["sent"] else { panic!("{entry:?}") };
    assert!(entry.progress["until"].is_i64() && !sent.contains_key("given_up"), "{entry:?}");
}

#[tokio::test]
async fn a_delete_of_several_calls_goes_on_when_the_record_has_gone() {
    let mapping = MAPPING.replace(
        "delete: { call: \"DELETE /users/{key}\" }",
        "delete:
        steps:
          - { name: remove, call: \"DELETE /users/{key}\" }
          - { name: tidy, call: \"DELETE /users/{before.userName}\", accept: [2xx, 404] }",
    );
    let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 503);
    world.restart().await;
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["DELETE /users/ada", "DELETE /users/ada"]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

#[tokio::test]
async fn several_updates_of_one_write_are_each_done_once() {
    let world = Arc::new(world(false));
    // `change` comes before the three calls of `retire`.
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Well, Fate::Away]);
    let wanted = json!({ "active": false, "nickName": "A" });
    assert_eq!(world.patch("ada", wanted).await.status, 503);
    world.restart().await;
    world.passes(60);
    world.deliver().await;
    assert_eq!(counts(&world), (json!(1), json!(1)));
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
    let patches = world.vendor.writes().iter().filter(|call| call.starts_with("PATCH")).count();
    assert_eq!(patches, 1);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn one_that_is_half_done_is_finished_whoever_asked_for_it() {
    let mapping =
        steps(false).replace("name: retire\n", "name: retire\n          durable: false\n");
    let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Away]);
    let told = world.off("ada").await;
    assert_eq!((told.status, told.number.as_ref()), (503, None), "nothing of it was done");
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    let told = world.off("ada").await;
    assert!(told.status == 503 && told.number.is_some(), "{told:?}");
    world.passes(60);
    world.deliver().await;
    assert_eq!(counts(&world), (json!(1), json!(1)));
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_is_refused_half_way_is_a_dead_letter_that_answers_its_repeat() {
    let world = world(false);
    world.vendor.fated(&[Fate::Well, Fate::Refused(422)]);
    let told = world.off("ada").await;
    assert_eq!(told.status, 400, "{told:?}");
    let told = world.off("ada").await;
    assert!(told.status == 502 && told.detail().contains("dead letter"), "{told:?}");
    assert_eq!(world.vendor.writes().len(), 1, "{:?}", world.vendor.writes());
}

#[tokio::test]
async fn who_is_switched_off_although_his_profile_is_not_taken_is_so_once() {
    let world = world(false);
    // `change` is refused for now, and the three calls of `retire` are made all the same.
    world.vendor.fated(&[Fate::Refused(503)]);
    let wanted = json!({ "active": false, "nickName": "A" });
    let told = world.patch("ada", wanted.clone()).await;
    assert!(told.status == 503 && told.number.is_some(), "{told:?}");
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(matches!(world.patch("ada", wanted).await.status, 200 | 204));
    assert_eq!(counts(&world), (json!(1), json!(1)));
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
}

/// What else it asked for says nothing of whether somebody left altogether.
#[tokio::test]
async fn a_dead_letter_about_access_is_not_over_when_something_else_is_written() {
    let world = world(false);
    let write = || world.patch("ada", json!({ "nickName": "A", "active": false }));
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(422)]);
    assert_eq!(write().await.status, 400);
    assert_eq!(write().await.status, 502, "it may be half done");
    assert!(matches!(world.patch("ada", json!({ "nickName": "B" })).await.status, 200 | 204));
    assert_eq!(write().await.status, 502, "nothing of that has changed");
}

#[tokio::test]
async fn a_dead_letter_answers_nobody_any_more_when_its_resource_was_switched_on_since() {
    let world = world(false);
    world.vendor.fated(&[Fate::Well, Fate::Refused(422)]);
    assert_eq!(world.off("ada").await.status, 400);
    assert_eq!(world.off("ada").await.status, 502, "it may be half done");
    assert!(matches!(world.patch("ada", json!({ "title": "T" })).await.status, 200 | 204));
    assert_eq!(world.off("ada").await.status, 502, "nothing of that has changed");
    assert!(matches!(world.patch("ada", json!({ "active": true })).await.status, 200 | 204));
    assert_eq!(world.off("ada").await.status, 200);
    assert_eq!((world.vendor.active("ada"), counts(&world)), (Some(false), (json!(1), json!(1))));
}
