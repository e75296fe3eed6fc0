//! A deactivation or a delete that was received is carried out, or somebody is told.

use crate::world::{Fate, MAPPING, Vendor, World};
use scimshim::{
    gateway::delivery::deliveries::Deliveries,
    scim::profile::Profile,
    store::{Entry, Stage},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn what_the_vendor_takes_at_once_leaves_nothing_behind() {
    let world = World::new(Vendor::with(&["ada", "bob", "cy"]));
    let put = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob", "active": false,
    });
    assert_eq!(world.off("ada").await.status, 200);
    assert_eq!(world.send("PUT", "/Users/bob", put).await.status, 200);
    assert_eq!(world.send("DELETE", "/Users/cy", Value::Null).await.status, 204);
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert_eq!(world.vendor.active("bob"), Some(false));
    assert_eq!(world.vendor.person("cy"), None);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_it_cannot_take_now_is_told_as_that_and_carried_out_later() {
    for (profile, status) in [(Profile::Okta, 429), (Profile::Entra, 503), (Profile::Strict, 503)] {
        for fate in [
            Fate::Away,
            Fate::Lost,
            Fate::Unheard,
            Fate::Refused(503),
            Fate::Refused(429),
            Fate::Refused(500),
        ] {
            let world = World::of(MAPPING, Vendor::with(&["ada"]), profile);
            // What is in doubt is looked for at once, and not found as long as reads fail, too.
            world.vendor.fated(&[fate]);
            let told = world.off("ada").await;
            if fate == Fate::Unheard {
                assert!(told.status / 100 == 2 && told.number.is_none(), "{told:?}");
                continue;
            }
            assert_eq!(told.status, status, "{profile:?} {fate:?}: {told:?}");
            let number = told.number.clone().unwrap();
            assert!(
                told.retry_after.is_some_and(|seconds| (1..=60).contains(&seconds)),
                "{told:?}"
            );
            let words = format!("it is journalled as {number}");
            let words = words.replacen("it is", "the change is", 1);
            assert!(told.detail().contains(&words), "{told:?}");
            assert_eq!(world.journal().await, [("ada".to_owned(), Stage::Waiting)]);
            assert_eq!(world.vendor.active("ada"), Some(true));

            world.passes(60);
            world.deliver().await;
            assert_eq!(world.vendor.active("ada"), Some(false), "{profile:?} {fate:?}");
            assert!(world.entries().await.iter().all(|entry| entry.stage == Stage::Settling));
        }
    }
}

#[tokio::test]
async fn its_repeat_joins_it_and_is_told_what_it_came_to() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    let first = world.off("ada").await;
    let second = world.off("ada").await;
    assert_eq!((first.status, second.status), (503, 503));
    assert_eq!(first.number, second.number);
    assert!(first.number.is_some());
    assert_eq!(world.journal().await.len(), 1);
    // One that wants something else beside it is another one.
    let other = world.patch("ada", json!({ "active": false, "nickName": "A" })).await;
    assert_ne!(other.number, first.number);
    *world.vendor.away.lock().unwrap() = false;
    let told = world.patch("ada", json!({ "active": false, "nickName": "A" })).await;
    assert_eq!((told.status, told.number), (200, None));
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
    assert_eq!(world.off("ada").await.status, 200);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn pauses_grow_and_end_when_the_vendor_is_back() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    world.off("ada").await;
    let mut pauses = Vec::new();
    for _ in 0..14 {
        let due = world.due().await.unwrap();
        pauses.push(due);
        // Before its time it is left alone.
        let tries = world.entries().await[0].attempts;
        world.deliver().await;
        assert_eq!(world.entries().await[0].attempts, tries);
        world.passes(due + 1);
        world.deliver().await;
        assert_eq!(world.entries().await[0].attempts, tries + 1);
    }
    assert!(pauses[0] <= 1 && pauses[13] >= 150, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 300), "{pauses:?}");
    *world.vendor.away.lock().unwrap() = false;
    world.passes(301);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn a_refusal_for_good_is_the_clients_answer_and_a_dead_letter_where_nobody_hears_it() {
    for status in [400, 409, 422] {
        let world = World::new(Vendor::with(&["ada"]));
        world.vendor.fated(&[Fate::Refused(status)]);
        let told = world.off("ada").await;
        assert!(matches!(told.status, 400 | 409), "{told:?}");
        assert!(told.number.is_none() && world.journal().await.is_empty(), "{status}");

        world.vendor.fated(&[Fate::Away, Fate::Refused(status)]);
        assert_eq!(world.off("ada").await.status, 503);
        world.passes(60);
        world.deliver().await;
        let entries = world.entries().await;
        assert_eq!(entries[0].stage, Stage::Dead, "{status}");
        assert!(entries[0].error.as_ref().unwrap().contains("the vendor"), "{entries:?}");
        // It holds back nobody, and nothing of it was done: its repeat is tried.
        assert_eq!(world.off("ada").await.status, 200);
        assert_eq!(world.vendor.active("ada"), Some(false));
    }
}

#[tokio::test]
async fn who_has_gone_needs_no_end() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    assert_eq!(world.send("DELETE", "/Users/bob", Value::Null).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    let elsewhere = World::new(world.vendor.clone());
    for id in ["ada", "bob"] {
        assert_eq!(
            elsewhere.send("DELETE", &format!("/Users/{id}"), Value::Null).await.status,
            204
        );
    }
    world.passes(60);
    world.deliver().await;
    assert!(world.journal().await.is_empty());
    assert_eq!(world.off("ada").await.status, 404);
}

#[tokio::test]
async fn a_credential_that_is_refused_is_told_and_the_write_waits_for_a_new_one() {
    let world = World::of(MAPPING, Vendor::with(&["ada"]), Profile::Okta);
    world.vendor.fated(&[Fate::Refused(401)]);
    let told = world.off("ada").await;
    assert_eq!((told.status, told.retry_after), (502, Some(300)));
    assert!(told.number.is_some(), "{told:?}");
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
}

#[tokio::test]
async fn a_process_that_has_just_begun_waits_for_nobody() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    *world.vendor.away.lock().unwrap() = true;
    world.off("ada").await;
    for _ in 0..12 {
        world.passes(301);
        world.deliver().await;
    }
    world.send("DELETE", "/Users/bob", Value::Null).await;
    *world.vendor.away.lock().unwrap() = false;
    world.restart().await;
    world.deliver().await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert_eq!(world.vendor.person("bob"), None);
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn no_password_is_journalled_and_who_sent_one_joins_nobody() {
    let world = World::new(Vendor::with(&["ada"]));
    *world.vendor.away.lock().unwrap() = true;
    let wanted = json!({ "active": false, "password": "s3cret-of-ada" });
    let first = world.patch("ada", wanted.clone()).await;
    let second = world.patch("ada", wanted.clone()).await;
    assert_ne!(first.number, second.number);
    assert!(!format!("{:?}", world.entries().await).contains("s3cret"));
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(world.patch("ada", wanted).await.status, 200);
    assert_eq!(world.vendor.person("ada").unwrap()["secret"], "s3cret-of-ada");
}

#[tokio::test]
async fn without_a_journal_nothing_is_promised() {
    let vendor = Vendor::with(&["ada"]);
    let world = World::new(vendor);
    world.vendor.fated(&[Fate::Lost]);
    // What is not durable is told as it was before.
    let told = world.patch("ada", json!({ "nickName": "A" })).await;
    assert_eq!((told.status, told.number.as_ref()), (504, None), "{told:?}");
}

#[tokio::test]
async fn a_mapping_says_what_else_must_not_be_lost_and_what_need_not() {
    let marked = |of: &str, says: &str| MAPPING.replace(of, &format!("{of} durable: {says},"));
    let (change, retire, delete) = ("{ name: change,", "{ name: retire,", "delete: {");
    let title = json!({ "title": "T" });
    let rows = [
        (MAPPING.to_owned(), "PATCH", title.clone(), false),
        (marked(change, "true"), "PATCH", title.clone(), true),
        (marked(retire, "true"), "PATCH", title.clone(), false),
        (MAPPING.to_owned(), "PATCH", json!({ "active": false }), true),
        (marked(retire, "false"), "PATCH", json!({ "active": false }), false),
        (MAPPING.to_owned(), "DELETE", Value::Null, true),
        (marked(delete, "false"), "DELETE", Value::Null, false),
    ];
    for (mapping, method, value, durable) in rows {
        let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
        *world.vendor.away.lock().unwrap() = true;
        let told = match method {
            "DELETE" => world.send("DELETE", "/Users/ada", Value::Null).await,
            _ => world.patch("ada", value.clone()).await,
        };
        assert_eq!(
            (told.status, told.number.is_some()),
            (503, durable),
            "{method} {value} {mapping}"
        );
        assert_eq!(world.journal().await.len(), usize::from(durable), "{method} {value}");
    }
}

#[tokio::test]
async fn what_was_promised_and_is_refused_then_is_told_and_a_dead_letter() {
    let world = World::new(Vendor::with(&["ada"]));
    world.vendor.fated(&[Fate::Away, Fate::Refused(409)]);
    assert_eq!(world.off("ada").await.status, 503);
    assert_eq!(world.off("ada").await.status, 409);
    let stages: Vec<_> = world.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert_eq!(stages, [Stage::Dead]);
}

#[tokio::test]
async fn what_nothing_can_be_done_about_is_not_asked_for_again_at_once() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    *world.vendor.away.lock().unwrap() = true;
    world.off("ada").await;
    let pending = world.entries().await.remove(0);
    // Of a kind that the mapping serves no more.
    world.enter(Entry { number: "n".to_owned(), kind: "Robot".to_owned(), ..pending }).await;
    world.passes(60);
    assert_eq!(world.next().await, None, "both of them were due");
    *world.vendor.away.lock().unwrap() = false;
    world.passes(600);
    world.deliver().await;
    assert_eq!(
        world.next().await,
        Some(Duration::from_secs(300)),
        "it does not stand before others"
    );
    assert_eq!(world.journal().await, [("ada".to_owned(), Stage::Waiting)], "the robot");
    let robot = world.entries().await.remove(0);
    assert!(robot.error.unwrap().contains("does not serve `Robot`"));
}

/// A look has room for so many; where those of it came to their end it looks again at once, and else not.
#[tokio::test]
async fn more_than_one_look_has_room_for_is_looked_for_at_once() {
    let logins: Vec<String> = (0..70).map(|n| format!("p{n}")).collect();
    let world = World::new(Vendor::with(&logins.iter().map(String::as_str).collect::<Vec<_>>()));
    *world.vendor.away.lock().unwrap() = true;
    for login in &logins {
        world.off(login).await;
    }
    world.passes(60);
    assert!(!world.hurries().await, "none came to its end");
    *world.vendor.away.lock().unwrap() = false;
    world.passes(600);
    assert!(world.hurries().await, "others are behind them");
    assert_eq!(world.journal().await.len(), 6);
    assert!(!world.hurries().await, "there is no more");
    assert!(world.journal().await.is_empty());
}

/// A vendor that does not answer one call holds up what is owed to others for no time.
#[tokio::test]
async fn one_that_hangs_holds_up_no_other() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    world.vendor.fated(&[Fate::Away, Fate::Held]);
    world.off("ada").await;
    world.passes(60);
    let mut deliveries = Deliveries::of(world.gateway(), || world.arrival());
    deliveries.look().await.unwrap();
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    // She is on her way; he comes later.
    world.vendor.fated(&[Fate::Away]);
    world.off("bob").await;
    world.passes(60);
    deliveries.look().await.unwrap();
    assert_eq!(deliveries.ended().await.unwrap().0, "User bob");
    world.vendor.goes.notify_one();
    assert_eq!(deliveries.ended().await.unwrap().0, "User ada");
    assert!(deliveries.ended().await.is_none() && world.journal().await.is_empty());
}

/// A mistake of ours in one delivery ends that one alone, and its entry is tried again.
#[tokio::test]
async fn one_that_panics_ends_no_other() {
    let world = World::new(Vendor::with(&["ada", "bob"]));
    world.vendor.fated(&[Fate::Away, Fate::Away, Fate::Panics]);
    world.off("ada").await;
    world.off("bob").await;
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.writes().len(), 1);
    world.passes(60);
    world.deliver().await;
    assert_eq!([world.vendor.active("ada"), world.vendor.active("bob")], [Some(false); 2]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Whoever is a guest is none of the vendor's, who is told that he has left.
fn scoped() -> String {
    let scope = "match: [userName]\n    outside: [{ when: \"resource.title == 'Guest'\", then: skip, leaving: retire }]";
    MAPPING.replace("match: [userName]", scope)
}

/// That somebody leaves is known when he is read, and not from what is asked for.
#[tokio::test]
async fn who_leaves_the_scope_is_told_to_the_vendor_without_his_client() {
    let mapping = scoped();
    for (restart, fates) in
        [(false, vec![Fate::Refused(503)]), (true, vec![Fate::Away, Fate::Lost])]
    {
        let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
        world.vendor.fated(&fates);
        let told = world.patch("ada", json!({ "title": "Guest" })).await;
        assert!(told.status == 503 && told.number.is_some(), "{told:?}");
        if restart {
            world.restart().await;
        }
        for _ in 0..3 {
            world.passes(60);
            world.deliver().await;
        }
        assert!(world.vendor.is_fulfilled());
        assert_eq!(world.vendor.active("ada"), Some(false));
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        let shown = world.send("GET", "/Users/ada", Value::Null).await;
        assert_eq!(shown.body["title"], "Guest", "{shown:?}");
    }
}

/// It was at work when the other one was received, which must not come before it.
#[tokio::test]
async fn what_was_received_while_somebody_left_the_scope_comes_behind_that() {
    let mapping = scoped();
    let world = Arc::new(World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict));
    world.vendor.fated(&[Fate::Hangs]);
    let leaves = tokio::spawn({
        let world = world.clone();
        async move { world.patch("ada", json!({ "title": "Guest" })).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let comes = tokio::spawn({
        let world = world.clone();
        async move { world.patch("ada", json!({ "title": "Boss", "active": false })).await }
    });
    while world.entries().await.len() < 2 {
        tokio::task::yield_now().await;
    }
    for request in [comes, leaves] {
        request.abort();
        let _ = request.await;
    }
    world.restart().await;
    for _ in 0..4 {
        world.passes(60);
        world.deliver().await;
    }
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    let shown = world.send("GET", "/Users/ada", Value::Null).await;
    assert_eq!((&shown.body["title"], &shown.body["active"]), (&json!("Boss"), &json!(false)));
}

/// Nobody can tell later whether a condition still holds, and the mapping may say that it does not last.
#[tokio::test]
async fn who_leaves_the_scope_on_a_condition_is_his_clients() {
    let mapping = scoped();
    let short = mapping.replace("/retire\" }", "/retire\", durable: false }");
    for (mapping, version) in [(&mapping, Some("*")), (&short, None)] {
        let world = World::of(mapping, Vendor::with(&["ada"]), Profile::Strict);
        world.vendor.fated(&[Fate::Refused(503)]);
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "title", "value": "Guest" }],
        });
        let told = world.ask("PATCH", "/Users/ada", body, version).await;
        assert_eq!((told.status, &told.number), (503, &None), "{told:?}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}
