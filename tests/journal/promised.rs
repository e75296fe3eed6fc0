//! A create that the mapping calls durable: whoever was asked for is made, whether his client comes back for him or not;
//! never twice, and never told as made before he is.

use crate::{
    ada::{SEAT, USER, WELCOME, ada, steps},
    creates::{killed, post},
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

const ONE: &str = "create: { call: POST /users, record: ., durable: true }";
/// Seconds after which a call that has left cannot come any more, and a pause is over.
const LATER: i64 = 31;

fn mapping() -> String {
    MAPPING.replace("create: { call: POST /users, record: . }", ONE)
}

fn over(mapping: &str, there: &[&str]) -> Arc<World> {
    Arc::new(World::of(mapping, Vendor::with(there), Profile::Strict))
}

fn world() -> Arc<World> {
    over(&mapping(), &[])
}

/// Ada, and nothing of hers that is held nowhere.
fn open() -> Value {
    let mut ada = ada();
    ada.as_object_mut().unwrap().remove("password");
    ada
}

async fn asked(world: &World) -> Told {
    world.send("POST", "/Users", open()).await
}

fn made(world: &World) -> usize {
    world.vendor.writes().iter().filter(|write| *write == USER).count()
}

async fn stages(world: &World) -> Vec<Stage> {
    world.journal().await.into_iter().map(|(_, stage)| stage).collect()
}

/// Tried until nothing is due any more.
async fn goes_on(world: &World) {
    for _ in 0..6 {
        world.passes(LATER);
        world.deliver().await;
    }
}

/// Whatever stands in its way, and whoever is asked first: he is made once.
#[tokio::test]
async fn who_was_asked_for_is_made_without_his_client() {
    for fate in
        [Fate::Away, Fate::Refused(503), Fate::Lost, Fate::Unheard, Fate::Swallowed, Fate::Late]
    {
        for restart in [false, true] {
            let world = world();
            match fate {
                Fate::Swallowed => killed(&world, &[fate]).await,
                fate => {
                    world.vendor.fated(&[fate]);
                    let told = asked(&world).await;
                    if fate == Fate::Unheard {
                        assert_eq!(told.status, 201, "it is seen at once: {told:?}");
                    } else {
                        assert!(matches!(told.status, 503 | 504), "{fate:?} {told:?}");
                        assert!(told.retry_after.is_some_and(|after| after > 0), "{told:?}");
                        assert!(told.detail().contains("journal"), "{fate:?} {told:?}");
                        assert_eq!(stages(&world).await, [Stage::Waiting], "{fate:?}");
                    }
                }
            }
            world.vendor.comes();
            if restart {
                world.restart().await;
            }
            goes_on(&world).await;
            assert_eq!(made(&world), 1, "{fate:?} {:?}", world.vendor.writes());
            assert!(world.vendor.person("ada").is_some(), "{fate:?}");
            if fate != Fate::Swallowed {
                assert!(world.journal().await.is_empty(), "{fate:?} {:?}", world.entries().await);
            }
        }
    }
}

/// Also where its search was not answered, and so nothing has left.
#[tokio::test]
async fn it_is_in_the_journal_before_anything_is_asked() {
    let world = world();
    *world.vendor.away.lock().unwrap() = true;
    for _ in 0..3 {
        let told = asked(&world).await;
        assert_eq!(told.status, 503, "{told:?}");
    }
    let [entry] = &world.entries().await[..] else { panic!("one is there") };
    assert!(entry.durable && entry.attempts == 1, "{entry:?}");
    assert!(world.metrics().contains("scimshim_journal_received_total{tenant=\"t\"} 1"));
    goes_on(&world).await;
    assert_eq!(stages(&world).await, [Stage::Waiting]);
    *world.vendor.away.lock().unwrap() = false;
    world.passes(300);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    assert!(world.metrics().contains("scimshim_journal_delivered_total{tenant=\"t\"} 1"));
}

/// Its client was told to come back, and nothing else: it hears who was made, and the next one that the name is taken.
#[tokio::test]
async fn its_repeat_joins_it_before_and_after() {
    let conflict = "match: [userName]\n    on_match: conflict";
    for delivered in [false, true] {
        for restart in [false, true] {
            let world = over(&mapping().replace("match: [userName]", conflict), &[]);
            world.vendor.fated(&[Fate::Away]);
            assert_eq!(asked(&world).await.status, 503);
            if delivered {
                goes_on(&world).await;
                assert_eq!(made(&world), 1);
            }
            if restart {
                world.restart().await;
            }
            let told = asked(&world).await;
            assert_eq!((told.status, &told.body["id"]), (201, &json!("ada")), "{told:?}");
            world.passes(601);
            assert_eq!(asked(&world).await.status, 409);
            assert_eq!(world.vendor.writes(), [USER], "delivered: {delivered}");
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_told_or_is_a_dead_letter() {
    // It hears of it.
    let world = world();
    world.vendor.fated(&[Fate::Refused(422)]);
    assert_eq!(asked(&world).await.status, 400);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    let world = self::world();
    world.vendor.fated(&[Fate::Away, Fate::Refused(422)]);
    assert_eq!(asked(&world).await.status, 503);
    assert_eq!(asked(&world).await.status, 400);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    // Nobody does.
    let world = self::world();
    world.vendor.fated(&[Fate::Away, Fate::Refused(422)]);
    assert_eq!(asked(&world).await.status, 503);
    goes_on(&world).await;
    let [letter] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(letter.stage, Stage::Dead);
    assert!(letter.error.as_ref().unwrap().starts_with("nobody was made"), "{letter:?}");
    assert!(
        world.metrics().contains("scimshim_journal_dead_total{reason=\"refused\",tenant=\"t\"} 1")
    );
    // An operator has it tried once more, and its client may.
    world.retry(&letter.number).await.unwrap().unwrap();
    world.passes(1);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// A password is held nowhere: that is told, and the repeat brings it.
#[tokio::test]
async fn what_asks_for_a_secret_waits_for_its_client_loudly() {
    let world = world();
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    goes_on(&world).await;
    let [letter] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(letter.stage, Stage::Dead, "{letter:?}");
    let words = letter.error.clone().unwrap();
    assert!(words.starts_with("not made") && words.contains("`fields.secret`"), "{words}");
    assert_eq!(post(&world).await.status, 201);
    assert_eq!(world.vendor.person("ada").unwrap()["secret"], "s3cret-of-hers");
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Who came meanwhile is taken over as a create takes over whom it finds, and not made twice.
#[tokio::test]
async fn who_is_there_by_then_is_not_made_twice() {
    let adopt = "match: [userName]\n    on_match: adopt";
    let world = over(&mapping().replace("match: [userName]", adopt), &[]);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    world.vendor.joins("ada", json!({ "id": "ada", "login": "ada", "active": true }));
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
    assert_eq!(made(&world), 0, "{:?}", world.vendor.writes());
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    // Whom its client has found, and written to since, it has no say of.
    let world = self::world();
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    world.vendor.joins("ada", json!({ "id": "ada", "login": "ada", "active": true }));
    assert_eq!(world.patch("ada", json!({ "nickName": "N" })).await.status, 200);
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N");
    assert_eq!(stages(&world).await, [Stage::Dead], "{:?}", world.entries().await);
    // Where the mapping says that a name is taken, it is.
    let conflict = "match: [userName]\n    on_match: conflict";
    let world = over(&mapping().replace("match: [userName]", conflict), &[]);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    world.vendor.joins("ada", json!({ "id": "ada", "login": "ada", "active": true }));
    goes_on(&world).await;
    assert_eq!(stages(&world).await, [Stage::Dead], "{:?}", world.entries().await);
}

/// One of several calls goes forward, and what was done is not taken back.
#[tokio::test]
async fn one_of_several_calls_is_finished() {
    for undo in [false, true] {
        let durable = "create:\n        durable: true\n";
        let world = over(&steps(true, undo).replace("create:\n", durable), &[]);
        let hangs = [Fate::Well, Fate::Hangs];
        world.vendor.fated(&hangs);
        let asked = tokio::spawn({
            let world = world.clone();
            async move { asked(&world).await }
        });
        while !world.vendor.is_fulfilled() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let _ = asked.await;
        world.restart().await;
        goes_on(&world).await;
        assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT], "undo: {undo}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// A new mapping drops nothing of what was promised under the old one.
#[tokio::test]
async fn a_reload_that_says_otherwise_drops_nothing() {
    let world = world();
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    world.restart_with(MAPPING).await;
    goes_on(&world).await;
    assert_eq!(world.vendor.writes(), [USER]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What it wants anew counts.
#[tokio::test]
async fn its_repeat_with_other_values_has_those() {
    let world = world();
    world.vendor.fated(&[Fate::Away, Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    let mut other = open();
    other["nickName"] = json!("B");
    assert_eq!(world.send("POST", "/Users", other).await.status, 503);
    assert_eq!(stages(&world).await, [Stage::Waiting]);
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "B");
    assert_eq!(world.vendor.writes(), [USER]);
}

/// While the vendor is away nobody can tell whether whom a client writes to is whom another one wants made. What must not be
/// lost is received all the same.
#[tokio::test]
async fn who_waits_to_be_made_keeps_nobody_from_being_switched_off() {
    for promised in [false, true] {
        let mapping = if promised { mapping() } else { steps(true, false) };
        let world = over(&mapping, &["eve"]);
        match promised {
            true => *world.vendor.away.lock().unwrap() = true,
            false => {
                killed(&world, &[Fate::Hangs]).await;
                *world.vendor.away.lock().unwrap() = true;
            }
        }
        assert_eq!(asked(&world).await.status, 503);
        let told = world.off("eve").await;
        assert_eq!(told.status, 503, "{told:?}");
        assert!(told.detail().contains("journal"), "{told:?}");
        assert_eq!(world.entries().await.iter().filter(|entry| entry.id == "eve").count(), 1);
        goes_on(&world).await;
        *world.vendor.away.lock().unwrap() = false;
        goes_on(&world).await;
        world.passes(300);
        world.deliver().await;
        assert_eq!(world.vendor.active("eve"), Some(false), "{:?}", world.entries().await);
        let left: Vec<_> =
            world.entries().await.into_iter().filter(|one| one.id == "eve").collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// The client says since that he is held here: nobody makes him at the vendor any more, or what was begun comes to its end first.
#[tokio::test]
async fn who_is_held_outside_since_is_not_made() {
    let scope = "match: [userName]\n    outside: [{ when: \"resource.title == 'Guest'\", then: skip, leaving: retire }]";
    let mut guest = open();
    guest["title"] = json!("Guest");
    let world = over(&mapping().replace("match: [userName]", scope), &[]);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(asked(&world).await.status, 503);
    let told = world.send("POST", "/Users", guest.clone()).await;
    assert_eq!(told.status, 201, "{told:?}");
    goes_on(&world).await;
    assert_eq!(world.vendor.writes(), [""; 0], "{:?}", world.entries().await);
    assert!(world.journal().await.is_empty());

    let world = over(&steps(true, true).replace("match: [userName]", scope), &[]);
    killed(&world, &[Fate::Well, Fate::Hangs]).await;
    let told = world.send("POST", "/Users", guest.clone()).await;
    assert!(told.status == 503 && told.retry_after.is_some_and(|after| after < 10), "{told:?}");
    world.passes(LATER);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada"), None, "{:?}", world.entries().await);
    assert_eq!(world.send("POST", "/Users", guest).await.status, 201);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}
