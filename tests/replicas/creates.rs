//! Two replicas over one PostgreSQL: a create that one of them has begun is the other's to finish.

use crate::{
    ada::{SEAT, USER, WELCOME, ada, steps},
    server,
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{
    gateway::deed::Refusal,
    scim::profile::Profile,
    store::{Stage, Store, postgres::Postgres},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

/// Two of them; nothing where PostgreSQL is not installed.
pub async fn replicas(name: &str, vendor: &Arc<Vendor>, mapping: &str) -> Option<[Arc<World>; 2]> {
    let server = server::running()?;
    let replica = async || {
        let address = server.database(name).await;
        let store: Arc<dyn Store> =
            Arc::new(Postgres::open(&address, Arc::default()).await.unwrap());
        Arc::new(World::over(mapping, vendor.clone(), Profile::Strict, store, None))
    };
    Some([replica().await, replica().await])
}

#[tokio::test]
async fn a_create_goes_on_at_another_replica() {
    for (at, (fates, posts)) in [
        (vec![Fate::Well, Fate::Swallowed], vec![USER, WELCOME, WELCOME, SEAT]),
        (vec![Fate::Well, Fate::Hangs], vec![USER, WELCOME, SEAT]),
        (vec![Fate::Swallowed], vec![USER, WELCOME, SEAT]),
    ]
    .into_iter()
    .enumerate()
    {
        let vendor = Vendor::with(&[]);
        let name = format!("creates_{at}");
        let Some([one, two]) = replicas(&name, &vendor, &steps(true, false)).await else { return };
        vendor.fated(&fates);
        let asked = tokio::spawn({
            let one = one.clone();
            async move { one.send("POST", "/Users", ada()).await }
        });
        while !vendor.is_fulfilled() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let _ = asked.await;
        one.store().close().await.unwrap();
        let told = two.send("POST", "/Users", ada()).await;
        assert_eq!(told.status, 201, "{fates:?} {told:?}");
        assert_eq!(vendor.writes(), posts, "{fates:?}");
        two.passes(31);
        two.deliver().await;
        assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
    }
}

#[tokio::test]
async fn of_two_that_make_the_same_one_at_once_one_does() {
    let vendor = Vendor::with(&[]);
    let Some([one, two]) = replicas("creates_both", &vendor, &steps(true, false)).await else {
        return;
    };
    vendor.fated(&[Fate::Well, Fate::Away]);
    let posts = [&one, &two, &one, &two].map(|world| world.send("POST", "/Users", ada()));
    let mut all: Vec<u16> =
        futures_util::future::join_all(posts).await.into_iter().map(|told| told.status).collect();
    all.sort_unstable();
    assert_eq!(all, [201, 409, 409, 503]);
    assert_eq!(vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(one.journal().await.is_empty());
}

/// What one of them left is taken up by another when nobody came back.
#[tokio::test]
async fn what_nobody_comes_back_for_is_taken_back_by_another_replica() {
    let vendor = Vendor::with(&[]);
    let Some([one, two]) = replicas("creates_left", &vendor, &steps(true, true)).await else {
        return;
    };
    vendor.fated(&[Fate::Well, Fate::Away, Fate::Away]);
    assert_eq!(one.send("POST", "/Users", ada()).await.status, 503);
    one.store().close().await.unwrap();
    assert_eq!(
        two.journal().await.iter().map(|(_, stage)| *stage).collect::<Vec<_>>(),
        [Stage::Waiting]
    );
    two.passes(601);
    two.deliver().await;
    assert_eq!(vendor.person("ada"), None, "{:?}", vendor.writes());
    assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
}

/// What was asked of one that stands still right before its call, which comes when it is let go. Its leases are another's
/// by then, though it is alive and knows nothing of it.
pub async fn stands_still(
    database: &str,
    one: &Arc<World>,
    method: &'static str,
    path: &'static str,
    body: Value,
) -> JoinHandle<Told> {
    one.vendor.fated(&[Fate::Held]);
    let asked = tokio::spawn({
        let one = one.clone();
        async move { one.send(method, path, body).await }
    });
    while !one.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let server = server::running().unwrap();
    let (client, connection) = tokio_postgres::connect(&server.url(database), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("UPDATE scimshim.lease SET owner = 'gone'").await.unwrap();
    asked
}

/// A replica stands still right before it makes somebody; another one makes him, and he is deleted. Then the first goes on.
#[tokio::test]
async fn who_is_made_too_late_is_a_dead_letter_that_a_repeat_finishes() {
    let (name, vendor) = ("creates_late", Vendor::with(&[]));
    let Some([one, two]) = replicas(name, &vendor, &steps(true, false)).await else { return };
    let asked = stands_still(name, &one, "POST", "/Users", ada()).await;
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 503, "it may still come");
    two.passes(31);
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 201);
    assert_eq!(two.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
    assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);

    vendor.goes.notify_one();
    let told = asked.await.unwrap();
    assert_eq!(told.status, 503, "{told:?}");
    assert!(vendor.person("ada").is_some());
    let [letter] = &two.entries().await[..] else { panic!("{:?}", two.entries().await) };
    assert_eq!((letter.stage, letter.id.starts_with('~')), (Stage::Dead, true), "{letter:?}");
    assert!(letter.error.as_ref().unwrap().contains("may have made somebody"), "{letter:?}");

    // Whoever sends him again has all of him.
    let before = vendor.writes().len();
    let told = two.send("POST", "/Users", ada()).await;
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(vendor.writes()[before..], [WELCOME, SEAT]);
    assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
}

/// Two replicas, the first of which has made somebody late, whom the second one had made by then; its client was told.
async fn one_came_late(name: &str, vendor: &Arc<Vendor>, mapping: &str) -> Option<[Arc<World>; 2]> {
    let [one, two] = replicas(name, vendor, mapping).await?;
    let asked = stands_still(name, &one, "POST", "/Users", ada()).await;
    two.passes(31);
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 201);
    vendor.goes.notify_one();
    assert_eq!(asked.await.unwrap().status, 503);
    let stages: Vec<Stage> = two.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert_eq!(stages, [Stage::Dead], "{:?}", two.entries().await);
    Some([one, two])
}

/// A replica stands still when it has made somebody; another one finishes him, and his client is told. What the first one
/// left is gone on with by a repeat that fails: he is not taken back.
#[tokio::test]
async fn whom_another_one_has_finished_is_not_taken_back_for_what_came_late() {
    let (name, vendor) = ("creates_late_back", Vendor::with(&[]));
    let Some([_, two]) = one_came_late(name, &vendor, &steps(true, true)).await else { return };

    // Its steps fail, and each of them has an `undo`.
    vendor.fated(&[Fate::Away; 6]);
    let told = two.send("POST", "/Users", ada()).await;
    assert!(told.status != 201, "{told:?}");
    vendor.clear();
    two.passes(601);
    two.deliver().await;
    assert!(vendor.person("ada").is_some(), "{:?}", vendor.writes());
    assert!(
        !vendor.writes().iter().any(|write| write == "DELETE /users/ada"),
        "{:?}",
        vendor.writes()
    );
}

/// A replica stands still right before it makes somebody, whom another one waits for; then the first makes him. The repeat
/// finishes what that had begun, and nothing is left by which he would be taken back.
#[tokio::test]
async fn who_came_late_and_was_waited_for_is_finished_once() {
    let (name, vendor) = ("creates_late_begun", Vendor::with(&[]));
    let Some([one, two]) = replicas(name, &vendor, &steps(true, true)).await else { return };
    let asked = stands_still(name, &one, "POST", "/Users", ada()).await;
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 503, "it may still come");
    vendor.goes.notify_one();
    assert_eq!(asked.await.unwrap().status, 503);
    let stages: Vec<Stage> = two.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert_eq!(stages, [Stage::Waiting, Stage::Dead], "{:?}", two.entries().await);

    assert_eq!(two.send("POST", "/Users", ada()).await.status, 201);
    assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
    two.passes(601);
    two.deliver().await;
    assert!(vendor.person("ada").is_some(), "{:?}", vendor.writes());
    assert_eq!(vendor.writes(), [USER, WELCOME, SEAT]);
}

/// A replica stands still right before it makes somebody whom another one makes by then, for that was promised. What comes
/// late stays a dead letter, and the repeat is told of the one who was made whole.
#[tokio::test]
async fn who_was_made_without_his_client_is_not_made_again_by_what_came_late() {
    let (name, vendor) = ("creates_late_promised", Vendor::with(&[]));
    let mapping = steps(true, false).replace("create:\n", "create:\n        durable: true\n");
    let Some([one, two]) = replicas(name, &vendor, &mapping).await else { return };
    let mut open = ada();
    open.as_object_mut().unwrap().remove("password");
    let asked = stands_still(name, &one, "POST", "/Users", open.clone()).await;
    for _ in 0..3 {
        two.passes(31);
        two.deliver().await;
    }
    assert_eq!(vendor.writes(), [USER, WELCOME, SEAT], "{:?}", two.entries().await);
    vendor.goes.notify_one();
    assert_ne!(asked.await.unwrap().status, 201);
    let before = vendor.writes().len();
    let told = two.send("POST", "/Users", open).await;
    assert_eq!((told.status, &told.body["id"]), (201, &"ada".into()), "{told:?}");
    assert_eq!(vendor.writes()[before..], [""; 0], "nothing is done twice for what came late");
    let [letter] = &two.entries().await[..] else { panic!("{:?}", two.entries().await) };
    assert_eq!(letter.stage, Stage::Dead, "somebody has to look: {letter:?}");
}

/// It comes late while nobody has made him yet: whom it made in part is finished, by the repeat or without it, and nobody is
/// told before that.
#[tokio::test]
async fn whom_what_came_late_made_in_part_is_finished_for_what_was_promised() {
    for repeated in [false, true] {
        let (name, vendor) = (format!("creates_late_gathered_{repeated}"), Vendor::with(&[]));
        let mapping = steps(false, true).replace("create:\n", "create:\n        durable: true\n");
        let Some([one, two]) = replicas(&name, &vendor, &mapping).await else { return };
        let mut open = ada();
        open.as_object_mut().unwrap().remove("password");
        let asked = stands_still(&name, &one, "POST", "/Users", open.clone()).await;
        vendor.fated(&[Fate::Away]);
        for _ in 0..3 {
            two.passes(31);
            if !vendor.is_fulfilled() {
                two.deliver().await;
            }
        }
        vendor.goes.notify_one();
        assert_ne!(asked.await.unwrap().status, 201);
        assert_eq!(vendor.writes(), [USER], "{:?}", two.entries().await);
        if repeated {
            let told = two.send("POST", "/Users", open).await;
            assert_eq!((told.status, &told.body["id"]), (201, &"ada".into()), "{told:?}");
        } else {
            for _ in 0..3 {
                two.passes(31);
                two.deliver().await;
            }
        }
        assert_eq!(vendor.writes(), [USER, WELCOME, SEAT], "{:?}", two.entries().await);
        assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
    }
}

/// The same where who came late did not live to tell. Who is there without a word of ours, while another one may have stood
/// still, may be there in part: what is left is made, where that may be made twice.
#[tokio::test]
async fn whom_one_that_died_made_in_part_is_finished() {
    for (promised, refused) in [(false, false), (false, true), (true, false), (true, true)] {
        let name = format!("creates_late_died_{promised}_{refused}");
        let vendor = Vendor::with(&[]);
        let mapping = steps(true, true)
            .replace("match: [userName]", "match: [userName]\n    on_match: adopt")
            .replace("create:\n", &format!("create:\n        durable: {promised}\n"));
        let Some([one, two]) = replicas(&name, &vendor, &mapping).await else { return };
        let mut open = ada();
        open.as_object_mut().unwrap().remove("password");
        let asked = stands_still(&name, &one, "POST", "/Users", open.clone()).await;
        // What it was about to send is waited for, and then another one begins afresh, for whom nobody is there.
        vendor.fated(&[Fate::Away]);
        for _ in 0..3 {
            two.passes(31);
            let told = two.send("POST", "/Users", open.clone()).await;
            assert_eq!(told.status, 503, "{told:?}");
            if vendor.is_fulfilled() {
                break;
            }
        }
        asked.abort();
        let _ = asked.await;
        // Or he was there before, and is brought to what is wanted of him.
        vendor.joins("ada", json!({ "id": "ada", "login": "ada", "title": "T", "active": true }));
        two.passes(31);
        // Where the vendor does not take what is left, nothing was made, and nothing is half done.
        if refused {
            vendor.fated(&[Fate::Refused(400)]);
            let told = two.send("POST", "/Users", open).await;
            assert_eq!(told.status, 400, "{told:?}");
            assert_eq!(vendor.writes(), [""; 0], "promised: {promised}");
            assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
            continue;
        }
        let told = two.send("POST", "/Users", open).await;
        assert_eq!(told.status, 201, "{told:?}");
        let changed = "PATCH /users/ada".to_owned();
        assert_eq!(vendor.writes(), [WELCOME, SEAT, &changed], "promised: {promised}");
        assert_eq!(vendor.person("ada").unwrap()["nick"], "A");
        assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
    }
}

/// The same of a create of one call, which is in no journal.
#[tokio::test]
async fn one_call_that_comes_too_late_is_a_dead_letter_too() {
    let (name, vendor) = ("creates_late_one", Vendor::with(&[]));
    let Some([one, two]) = replicas(name, &vendor, MAPPING).await else { return };
    let asked = stands_still(name, &one, "POST", "/Users", ada()).await;
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 201);
    assert_eq!(two.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
    vendor.goes.notify_one();
    let told = asked.await.unwrap();
    assert_eq!(told.status, 201, "he is there: {told:?}");
    let [letter] = &two.entries().await[..] else { panic!("{:?}", two.entries().await) };
    assert_eq!(letter.stage, Stage::Dead);
    // Whoever has it tried would be told that it is delivered.
    let refused = two.retry(&letter.number).await;
    let Err(Refusal::Stands(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("its client alone"), "{why}");
    assert_eq!(two.entries().await.len(), 1);
}

/// What is not to be made twice is made by nobody for what came late, whatever became of the rest; and the create itself ends
/// the letter of a call whose answer nobody has.
#[tokio::test]
async fn what_came_late_makes_no_second_call_that_harms() {
    let (name, vendor) = ("creates_late_twice", Vendor::with(&[]));
    let Some([_, two]) = one_came_late(name, &vendor, &steps(false, false)).await else { return };
    let before = vendor.writes();
    let told = two.send("POST", "/Users", ada()).await;
    assert!(told.status == 502 && told.detail().contains("`retry` or `drop`"), "{told:?}");
    assert_eq!(vendor.writes(), before);
    let [letter] = &two.entries().await[..] else { panic!("{:?}", two.entries().await) };
    two.drop_within(&letter.number, Duration::from_secs(4)).await.unwrap();
    assert_eq!(two.send("POST", "/Users", ada()).await.status, 409);
}
