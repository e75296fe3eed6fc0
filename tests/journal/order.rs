//! Writes of one resource are carried out in the order in which they were received.

use crate::world::{Fate, MAPPING, Vendor, World};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

#[tokio::test]
async fn what_comes_behind_waits_and_then_goes_in_order() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    // A write that is not durable is not kept, and told so.
    let told = world.patch("ada", json!({ "active": true })).await;
    assert_eq!((told.status, told.number.as_ref()), (503, None));
    assert!(told.detail().contains("an earlier write to this resource"), "{told:?}");
    assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 503);
    assert_eq!(world.journal().await.len(), 2);
    *world.vendor.away.lock().unwrap() = false;
    // Somebody else's goes on.
    assert_eq!(world.patch("bob", json!({ "nickName": "B" })).await.status, 200);
    world.passes(60);
    world.deliver().await;
    let writes = world.vendor.writes();
    assert_eq!(writes, ["PATCH /users/bob", "POST /users/ada/retire", "DELETE /users/ada"]);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn a_write_carries_out_what_came_before_it() {
    let world = World::new(Vendor::with(&["ada"]));
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.off("ada").await.status, 503);
    assert_eq!(world.patch("ada", json!({ "active": true })).await.status, 200);
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire", "POST /users/ada/restore"]);
    assert_eq!(world.vendor.active("ada"), Some(true));
    world.passes(600);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(true));
}

#[tokio::test]
async fn a_call_that_was_given_up_may_still_come_and_is_waited_for() {
    let world = World::new(Vendor::with(&["ada"]));
    world.vendor.fated(&[Fate::Lost]);
    // A 504: nobody knows. A deactivation behind it must not be overtaken.
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 504);
    assert_eq!(world.journal().await, [("ada".to_owned(), Stage::Settling)]);
    let told = world.off("ada").await;
    assert_eq!(told.status, 503);
    assert!(told.retry_after.is_some_and(|seconds| seconds <= 10) && told.number.is_some());
    assert!(world.vendor.writes().is_empty());
    // What wants the same need not wait.
    world.passes(11);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn its_repeat_need_not_wait_where_it_may_be_made_twice() {
    let safe = MAPPING
        .replace("call: \"PATCH /users/{key}\",", "call: \"PATCH /users/{key}\", repeat: safe,");
    let world = World::of(&safe, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 504);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 200);

    let world = World::new(Vendor::with(&["ada"]));
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 504);
    let told = world.patch("ada", json!({ "nickName": "A" })).await;
    assert!(
        told.status == 503 && told.retry_after.is_some_and(|seconds| seconds <= 11),
        "{told:?}"
    );
    world.passes(11);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 200);
}

/// Also where one turn carries out all of them: the first ends, a call of it may come, and the second has to wait.
#[tokio::test]
async fn what_ends_while_a_call_of_it_may_come_holds_back_what_is_next() {
    let safe = MAPPING
        .replace("call: \"PATCH /users/{key}\",", "call: \"PATCH /users/{key}\", repeat: safe,");
    let world = World::of(&safe, Vendor::with(&["ada"]), Profile::Strict);
    let off = |nick: &str| json!({ "active": false, "nickName": nick });
    let nick = || world.vendor.person("ada").unwrap()["nick"].clone();
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.patch("ada", off("A")).await.status, 503);
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.patch("ada", off("B")).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 503);
    assert_eq!(nick(), json!("A"));
    // What wants the same as what settles stands behind what does not.
    assert_eq!(world.patch("ada", off("A")).await.status, 503);
    assert_eq!(nick(), json!("A"));
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.writes().iter().filter(|call| call.starts_with("PATCH")).count(), 3);
    assert!(world.journal().await.iter().all(|(_, stage)| *stage == Stage::Settling));
}

#[tokio::test]
async fn of_two_passwords_nobody_knows_whether_they_are_the_same() {
    let safe = MAPPING
        .replace("call: \"PATCH /users/{key}\",", "call: \"PATCH /users/{key}\", repeat: safe,");
    let world = World::of(&safe, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.patch("ada", json!({ "password": "one" })).await.status, 504);
    assert_eq!(world.patch("ada", json!({ "password": "two" })).await.status, 503);
    world.passes(11);
    assert_eq!(world.patch("ada", json!({ "password": "two" })).await.status, 200);
    assert_eq!(world.vendor.person("ada").unwrap()["secret"], "two");
}

#[tokio::test]
async fn two_at_once_are_one_after_the_other() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    let both =
        [json!({ "active": false, "nickName": "A" }), json!({ "active": false, "title": "T" })];
    let both = both.map(|value| {
        let world = world.clone();
        tokio::spawn(async move { world.patch("ada", value).await.status })
    });
    for one in both {
        assert_eq!(one.await.unwrap(), 200);
    }
    let ada = world.vendor.person("ada").unwrap();
    assert_eq!(
        (&ada["nick"], &ada["title"], &ada["active"]),
        (&json!("A"), &json!("T"), &json!(false))
    );
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn one_resource_has_room_for_so_many() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    for number in 0..64 {
        let told =
            world.patch("ada", json!({ "active": false, "nickName": format!("{number}") })).await;
        assert!(told.number.is_some(), "{number}: {told:?}");
    }
    let told = world.patch("ada", json!({ "active": false, "nickName": "no" })).await;
    assert_eq!((told.status, told.number.as_ref(), told.retry_after), (503, None, Some(120)));
}

#[tokio::test]
async fn a_delete_that_an_earlier_try_has_carried_out_is_done() {
    let world = World::new(Vendor::with(&["ada"]));
    let delete = |path: &'static str| world.send("DELETE", path, Value::Null);
    world.vendor.fated(&[Fate::Last]);
    assert_eq!(delete("/Users/ada").await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(delete("/Users/ada").await.status, 204);
    assert_eq!(delete("/Users/ada").await.status, 404);
}

#[tokio::test]
async fn a_delete_that_another_replica_has_carried_out_is_done() {
    let world = Arc::new(World::new(Vendor::with(&["ada"])));
    let asked = |method: &'static str, body: Value| {
        let world = world.clone();
        tokio::spawn(async move { world.send(method, "/Users/ada", body).await })
    };
    world.vendor.fated(&[Fate::Held]);
    let first = tokio::spawn({
        let world = world.clone();
        async move { world.patch("ada", json!({ "nickName": "A" })).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let delete = asked("DELETE", Value::Null);
    while world.entries().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    world.passes(60);
    world.delivered_elsewhere().await;
    assert!(world.vendor.person("ada").is_none());
    assert!(world.journal().await.is_empty());
    world.vendor.goes.notify_one();
    first.await.unwrap();
    assert_eq!(delete.await.unwrap().status, 204);
    // Nobody has asked before for what is asked now.
    assert_eq!(asked("DELETE", Value::Null).await.unwrap().status, 404);
}

#[tokio::test]
async fn what_was_carried_out_again_before_it_settles_first() {
    let safe = MAPPING.replace(
        "call: \"POST /users/{key}/retire\"",
        "call: \"POST /users/{key}/retire\", repeat: safe",
    );
    assert_ne!(safe, MAPPING);
    let world = World::of(&safe, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(world.off("ada").await.status, 503);
    // Its repeat is made at once, and the call that was given up may still come behind it.
    let told = world.patch("ada", json!({ "active": true })).await;
    assert_eq!(told.status, 503, "{told:?}; {:?}", world.vendor.writes());
    world.passes(31);
    assert_eq!(world.patch("ada", json!({ "active": true })).await.status, 200);
    assert_eq!(world.vendor.writes().last().unwrap(), "POST /users/ada/restore");
}
