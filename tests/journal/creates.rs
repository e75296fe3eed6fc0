//! Creates of several calls: whoever is half made is finished by the repeat, taken back, or told of; never made twice,
//! and never told as made before all is done.

use crate::{
    ada::{SEAT, USER, WELCOME, ada, steps},
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

/// Seconds after which nobody is waited for any more.
const PATIENCE: i64 = 601;
/// Seconds after which a call that has left cannot come any more.
const LANDED: i64 = 31;

const GONE: &str = "DELETE /users/ada";

fn world(safe: bool, undo: bool) -> Arc<World> {
    Arc::new(World::of(&steps(safe, undo), Vendor::with(&[]), Profile::Strict))
}

pub async fn post(world: &World) -> Told {
    world.send("POST", "/Users", ada()).await
}

/// A create whose process is killed when these have come.
pub async fn killed(world: &Arc<World>, fates: &[Fate]) {
    world.vendor.fated(fates);
    let asked = tokio::spawn({
        let world = world.clone();
        async move { post(&world).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    asked.abort();
    let _ = asked.await;
    world.restart().await;
}

async fn stages(world: &World) -> Vec<Stage> {
    world.journal().await.into_iter().map(|(_, stage)| stage).collect()
}

#[tokio::test]
async fn its_repeat_goes_on_where_it_stopped() {
    for (fates, told) in [
        (vec![Fate::Well, Fate::Away], 503),
        (vec![Fate::Well, Fate::Refused(503)], 503),
        (vec![Fate::Well, Fate::Well, Fate::Away], 503),
        (vec![Fate::Well, Fate::Well, Fate::Refused(422)], 400),
    ] {
        for restart in [false, true] {
            let world = world(false, false);
            world.vendor.fated(&fates);
            assert_eq!(post(&world).await.status, told, "{fates:?}");
            assert_eq!(stages(&world).await, [Stage::Waiting], "{fates:?}");
            if restart {
                world.restart().await;
            }
            let told = post(&world).await;
            assert_eq!((told.status, &told.body["id"]), (201, &json!("ada")), "{fates:?} {told:?}");
            let writes = world.vendor.writes();
            for call in [USER, WELCOME, SEAT] {
                let times = writes.iter().filter(|write| *write == call).count();
                assert_eq!(times, 1, "{fates:?} {writes:?}");
            }
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_in_its_row_and_nobodys_name_in_its_id() {
    let world = world(false, false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    let [entry] = &world.entries().await[..] else { panic!("one is there") };
    let row = format!("{} {} {:?}", entry.intent, entry.progress, entry.error);
    assert!(row.contains("nickName") && !row.contains("s3cret"), "{row}");
    assert!(entry.id.starts_with('~') && !entry.id.contains("ada"), "{}", entry.id);
    assert_eq!(entry.progress["birth"]["key"], "ada", "{row}");
    assert_eq!(world.vendor.person("ada").unwrap()["secret"], "s3cret-of-hers");
}

/// A kill during the first call: who was made is found, and nobody is made twice.
#[tokio::test]
async fn a_first_call_in_doubt_is_looked_after() {
    for (fate, posts) in [(Fate::Swallowed, 1), (Fate::Hangs, 1)] {
        let world = world(false, false);
        killed(&world, &[fate]).await;
        let told = post(&world).await;
        if fate == Fate::Hangs {
            assert_eq!(told.status, 503, "it may still come: {told:?}");
            assert!(told.retry_after.is_some_and(|after| after > 0), "{told:?}");
            assert!(world.vendor.writes().is_empty());
            world.passes(LANDED);
            assert_eq!(post(&world).await.status, 201);
        } else {
            assert_eq!(told.status, 201, "{told:?}");
        }
        let writes = world.vendor.writes();
        assert_eq!(writes.iter().filter(|write| *write == USER).count(), posts);
        assert_eq!(writes, [USER, WELCOME, SEAT]);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// The answer to the first call is lost, and its process lives: the steps behind it are made all the same.
#[tokio::test]
async fn who_is_found_again_is_finished_before_he_is_told_as_made() {
    let world = world(false, false);
    world.vendor.fated(&[Fate::Unheard]);
    let told = post(&world).await;
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    // A step behind it fails then: that is no success, and the repeat makes that step alone.
    let world = self::world(false, false);
    world.vendor.fated(&[Fate::Unheard, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    assert_eq!(post(&world).await.status, 201);
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
}

#[tokio::test]
async fn a_later_call_in_doubt_is_repeated_where_that_is_safe_and_a_dead_letter_elsewhere() {
    let world = world(true, false);
    killed(&world, &[Fate::Well, Fate::Swallowed]).await;
    assert_eq!(post(&world).await.status, 201);
    assert_eq!(world.vendor.writes(), [USER, WELCOME, WELCOME, SEAT]);
    // What was sent before may still come, and is waited for by whoever comes next.
    world.passes(LANDED);
    world.deliver().await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);

    let world = self::world(false, false);
    killed(&world, &[Fate::Well, Fate::Swallowed]).await;
    for _ in 0..2 {
        let told = post(&world).await;
        assert_eq!(told.status, 502, "{told:?}");
        assert!(told.detail().contains("`User.create.welcome`"), "{told:?}");
        assert!(told.detail().contains("dead letter"), "{told:?}");
        world.passes(LANDED);
    }
    assert_eq!(world.vendor.writes(), [USER, WELCOME], "neither is made twice");
    let letters = world.entries().await;
    let dead: Vec<_> = letters.iter().filter(|entry| entry.stage == Stage::Dead).collect();
    assert_eq!(dead.len(), 1, "{letters:?}");
    let metrics = world.metrics();
    assert!(metrics.contains("journal_dead_total{reason=\"unknown\",tenant=\"t\"} 1"), "{metrics}");
    // An operator says that it may be made once more.
    world.retry(&dead[0].number.clone()).await.unwrap();
    let told = post(&world).await;
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(world.vendor.writes(), [USER, WELCOME, WELCOME, SEAT]);
}

/// Nobody comes back: what was done goes again, where it can.
#[tokio::test]
async fn what_nobody_comes_back_for_is_taken_back() {
    for killed_at in [vec![Fate::Well, Fate::Hangs], vec![Fate::Well, Fate::Well, Fate::Swallowed]]
    {
        let world = world(false, true);
        killed(&world, &killed_at).await;
        world.passes(LANDED);
        world.deliver().await;
        assert_eq!(stages(&world).await, [Stage::Waiting], "its client is waited for");
        assert!(world.vendor.person("ada").is_some());
        world.passes(PATIENCE);
        world.deliver().await;
        assert_eq!(world.vendor.person("ada"), None, "{:?}", world.vendor.writes());
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        // Who asks later begins afresh.
        assert_eq!(post(&world).await.status, 201);
        assert_eq!(world.vendor.person("ada").unwrap()["seated"], 1);
    }
}

#[tokio::test]
async fn what_is_being_taken_back_is_so_to_its_end() {
    let world = world(false, true);
    // The third call is refused, and its process dies while the first is taken back.
    let fates = [Fate::Well, Fate::Well, Fate::Refused(422), Fate::Well, Fate::Swallowed];
    killed(&world, &fates).await;
    let [entry] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(entry.progress["begun"][0]["calls"], 1, "one of two is taken back: {entry:?}");
    // The call that took her back and whose answer nobody heard may come yet, behind whom the next one makes.
    assert_eq!(post(&world).await.status, 503, "{:?}", world.entries().await);
    world.passes(LANDED);
    assert_eq!(post(&world).await.status, 201, "{:?}", world.entries().await);
    let unwelcome = "DELETE /users/ada/welcomed";
    let writes = world.vendor.writes();
    assert_eq!(writes, [USER, WELCOME, unwelcome, GONE, GONE, USER, WELCOME, SEAT]);
    world.deliver().await;
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_taken_back_now_is_so_later() {
    let world = world(false, true);
    let away = Fate::Away;
    world.vendor.fated(&[Fate::Well, Fate::Refused(422), away]);
    let told = post(&world).await;
    assert!(told.status == 400 && told.detail().contains("could not be taken back"), "{told:?}");
    world.passes(10);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada"), None);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    assert!(!world.metrics().contains("leftovers_total{"), "nobody has to do it by hand");
}

/// Nobody comes back, and nothing can be taken back: he is made whole where nothing secret is wanting.
#[tokio::test]
async fn what_nobody_comes_back_for_is_finished_where_nothing_secret_is_wanting() {
    let world = world(false, false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    world.restart().await;
    world.passes(PATIENCE);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    assert!(world.metrics().contains("journal_delivered_total{tenant=\"t\"} 1"));
}

#[tokio::test]
async fn what_asks_for_a_secret_is_a_dead_letter_that_its_repeat_finishes() {
    let mapping = steps(false, false)
        .replace("/seated\" }", "/seated\", body: { pin: \"{resource.password}\" } }");
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Away, Fate::Away]);
    // One that brings it comes behind one that did not.
    let mut without = ada();
    without.as_object_mut().unwrap().remove("password");
    assert_eq!(world.send("POST", "/Users", without).await.status, 503);
    assert_eq!(post(&world).await.status, 503);
    world.restart().await;
    world.passes(PATIENCE);
    world.deliver().await;
    let [letter] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(letter.stage, Stage::Dead);
    let words = letter.error.as_ref().unwrap();
    assert!(words.contains("half done") && words.contains("`resource.password`"), "{words}");
    assert!(world.metrics().contains("journal_dead_total{reason=\"half_done\",tenant=\"t\"} 1"));
    assert_eq!(world.vendor.writes(), [USER, WELCOME]);
    assert_eq!(post(&world).await.status, 201);
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Whoever was found by a client and written to is his.
#[tokio::test]
async fn who_was_written_to_since_is_neither_taken_away_nor_written_over() {
    let world = world(false, true);
    killed(&world, &[Fate::Well, Fate::Hangs]).await;
    let told = world.patch("ada", json!({ "nickName": "Ada", "title": "T" })).await;
    assert_eq!(told.status, 200, "{told:?}");
    world.passes(PATIENCE);
    world.deliver().await;
    let ada = world.vendor.person("ada").unwrap();
    assert_eq!((&ada["nick"], &ada["title"]), (&json!("Ada"), &json!("T")));
    // What was in doubt is not known, and not taken back.
    assert!(stages(&world).await.contains(&Stage::Dead), "{:?}", world.entries().await);

    // Also where nobody has heard the key of whom it made.
    let world = self::world(false, true);
    killed(&world, &[Fate::Swallowed]).await;
    let told = world.patch("ada", json!({ "nickName": "Ada" })).await;
    assert_eq!(told.status, 200, "{told:?}");
    world.passes(PATIENCE);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "Ada");
    assert_eq!(world.vendor.person("ada").unwrap()["seated"], 1);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);

    // Nor where its repeat is refused.
    let world = self::world(false, true);
    killed(&world, &[Fate::Well, Fate::Well, Fate::Hangs]).await;
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 200);
    let number = world.entries().await[0].number.clone();
    world.passes(LANDED);
    assert_eq!(post(&world).await.status, 502, "nobody knows of the third call");
    world.retry(&number).await.unwrap();
    world.vendor.fated(&[Fate::Refused(422)]);
    let told = post(&world).await;
    assert_eq!(told.status, 400, "{told:?}");
    assert_eq!(world.vendor.person("ada").unwrap()["title"], "T", "{:?}", world.vendor.writes());

    let world = self::world(false, true);
    world.vendor.fated(&[Fate::Well, Fate::Away, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 204);
    world.passes(PATIENCE);
    world.deliver().await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    assert_eq!(world.vendor.person("ada"), None);
}

/// His name was wrong, and he is sent with the right one, where another attribute says who he is: nobody is told as made of
/// whom a part is, and who is told as made is not taken away.
#[tokio::test]
async fn another_create_of_whom_is_half_made_is_behind_that() {
    let two = "match: [userName, nickName]\n    on_match: adopt";
    let find = r#"        - { filter: "nickName eq {nick}", call: GET /users, query: { nick: "{nick}" }, items: users }"#;
    let mapping = steps(false, true).replace("match: [userName]", two);
    let mapping = mapping.replace("      find:\n", &format!("      find:\n{find}\n"));
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    let mut other = ada();
    other["userName"] = json!("eve");
    killed(&world, &[Fate::Well, Fate::Hangs]).await;
    let told = world.send("POST", "/Users", other.clone()).await;
    assert!(told.status == 503 && told.retry_after.is_some_and(|after| after < 10), "{told:?}");
    // Nobody waits for the client of the first one any more, but for what it may have sent.
    world.passes(LANDED);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada"), None, "{:?}", world.entries().await);
    assert_eq!(world.send("POST", "/Users", other.clone()).await.status, 201);
    assert_eq!(world.vendor.person("eve").unwrap()["welcomed"], 1);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);

    // A dead letter says that he is not whole, and holds nobody back.
    let mapping = mapping.replace(", undo: { call: \"DELETE /users/{steps.user.id}\" }", "");
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    killed(&world, &[Fate::Well, Fate::Hangs]).await;
    world.passes(PATIENCE);
    world.deliver().await;
    assert_eq!(stages(&world).await, [Stage::Dead], "{:?}", world.entries().await);
    let told = world.send("POST", "/Users", other).await;
    assert_eq!((told.status, &told.body["id"]), (201, &json!("ada")), "{told:?}");
    let [letter] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(letter.progress["birth"]["known"], true, "{letter:?}");
}

/// Nobody sees yet whom a call makes that is on its way: who shares a name with him is made when it can be told.
#[tokio::test]
async fn another_create_that_shares_a_name_waits_for_what_is_on_its_way() {
    let two = "match: [userName, nickName]\n    on_match: adopt";
    let find = r#"        - { filter: "nickName eq {nick}", call: GET /users, query: { nick: "{nick}" }, items: users }"#;
    let mapping = steps(true, false).replace("match: [userName]", two);
    let mapping = mapping.replace("      find:\n", &format!("      find:\n{find}\n"));
    let mut other = ada();
    other["userName"] = json!("eve");
    for comes in [false, true] {
        let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
        killed(&world, &[Fate::Slow]).await;
        let told = world.send("POST", "/Users", other.clone()).await;
        assert!(told.status == 503 && told.retry_after.is_some_and(|after| after > 5), "{told:?}");
        assert!(world.vendor.writes().is_empty(), "{:?}", world.vendor.writes());
        if comes {
            world.vendor.comes();
        }
        world.passes(LANDED);
        let told = world.send("POST", "/Users", other.clone()).await;
        match comes {
            // He is half made, and that is finished first.
            true => assert_eq!(told.status, 503, "{told:?}"),
            false => assert_eq!(told.status, 201, "{told:?}"),
        }
        let made = world.vendor.writes().iter().filter(|write| *write == USER).count();
        assert_eq!(made, 1, "{:?}", world.vendor.writes());
    }
}

/// Under another condition the calls that were made are others than the first so many.
#[tokio::test]
async fn a_condition_that_is_another_one_now_counts_none_of_them() {
    let seat = "          - { name: seat,";
    let badge =
        "          - { name: badge, call: \"POST /users/{steps.user.id}/badged\", repeat: safe }\n";
    let all = steps(true, false).replace(seat, &format!("{badge}{seat}"));
    let fewer = all.replace("{ name: welcome,", "{ name: welcome, when: fields.login == 'eve',");
    assert_ne!(fewer, all);
    let world = Arc::new(World::of(&fewer, Vendor::with(&[]), Profile::Strict));
    killed(&world, &[Fate::Well, Fate::Well, Fate::Hangs]).await;
    world.restart_with(&all).await;
    let told = post(&world).await;
    assert_eq!(told.status, 502, "{told:?}");
    assert!(told.detail().contains("the mapping has it no more"), "{told:?}");
    assert_eq!(stages(&world).await, [Stage::Dead]);
}

#[tokio::test]
async fn of_several_at_once_one_makes_him() {
    let world = world(false, false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    let all = futures_util::future::join_all((0..8).map(|_| post(&world))).await;
    let count = |status: u16| all.iter().filter(|told| told.status == status).count();
    assert_eq!((count(503), count(201), count(409)), (1, 1, 6), "{all:?}");
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(world.journal().await.is_empty());
}

/// However often its client asks, it is not tried later for that when nobody asks any more.
#[tokio::test]
async fn its_repeats_do_not_put_it_off() {
    let world = world(false, false);
    world.vendor.fated(&[Fate::Lost]);
    for _ in 0..8 {
        let told = post(&world).await;
        assert!(matches!(told.status, 503 | 504), "{told:?}");
    }
    let [entry] = &world.entries().await[..] else { panic!("one is there") };
    assert_eq!(entry.attempts, 1, "{entry:?}");
    world.passes(PATIENCE);
    world.deliver().await;
    assert!(world.entries().await.is_empty(), "nobody was made, and that can be told now");
}

/// What one call makes is looked for, and needs no entry.
#[tokio::test]
async fn a_create_of_one_call_is_in_no_journal() {
    let world = Arc::new(World::new(Vendor::with(&[])));
    killed(&world, &[Fate::Hangs]).await;
    assert!(world.journal().await.is_empty());
}

/// What the create does not send follows as an update, and belongs to it.
#[tokio::test]
async fn what_follows_as_an_update_is_part_of_it() {
    let mapping = MAPPING.replace(
        "create: { call: POST /users, record: . }",
        "create: { claims: [userName, password], call: POST /users, record: . }",
    );
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    killed(&world, &[Fate::Well, Fate::Hangs]).await;
    world.passes(PATIENCE);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
    assert!(world.vendor.writes().len() <= 3, "{:?}", world.vendor.writes());
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What the first request has sent is what that one wanted.
#[tokio::test]
async fn its_repeat_with_other_values_has_those() {
    let world = world(true, false);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    let mut other = ada();
    other["nickName"] = json!("B");
    let told = world.send("POST", "/Users", other).await;
    assert_eq!((told.status, &told.body["nickName"]), (201, &json!("B")), "{told:?}");
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT, "PATCH /users/ada"]);
    let bodies = world.vendor.bodies();
    assert_eq!(bodies, [("/users/ada".to_owned(), json!({ "nick": "B" }))], "no password is in it");
}

/// Another one has brought him to what that wants, and died: that is not what this one wants.
#[tokio::test]
async fn what_another_one_has_changed_since_is_changed_once_more() {
    let world = world(true, false);
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(post(&world).await.status, 503);
    let mut other = ada();
    other["nickName"] = json!("B");
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Swallowed]);
    {
        let mut asked = std::pin::pin!(world.send("POST", "/Users", other));
        while !world.vendor.is_fulfilled() {
            tokio::select! {
                told = &mut asked => panic!("it is at its end: {told:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
    }
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "B");
    world.restart().await;
    world.passes(LANDED);
    let told = post(&world).await;
    assert_eq!((told.status, &told.body["nickName"]), (201, &json!("A")), "{told:?}");
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
}

/// Which calls there are depends on what is wanted: one that wants something else is behind the one that is half done.
#[tokio::test]
async fn a_repeat_that_comes_to_other_calls_counts_none_of_the_first_ones() {
    let when = "{ name: welcome, when: \"coalesce(resource.title, '') == 'T'\",";
    let mapping = steps(true, false).replace("{ name: welcome,", when);
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    let mut titled = ada();
    titled["title"] = json!("T");
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Away]);
    assert_eq!(world.send("POST", "/Users", titled).await.status, 503);
    let told = post(&world).await;
    assert!(told.status == 503 && told.retry_after.is_some_and(|after| after < 10), "{told:?}");
    // It is due as of when it was told, which the test's clock, of whole seconds, has not come to.
    world.passes(1);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    assert_eq!(post(&world).await.status, 409);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What the vendor had already, and was accepted as that, is not the create's to take back.
#[tokio::test]
async fn what_was_there_before_is_not_taken_back_by_whoever_comes_later() {
    let mapping =
        steps(true, true).replace("{ name: welcome,", "{ name: welcome, accept: [2xx, 409],");
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    world.vendor.fated(&[Fate::Well, Fate::Refused(409), Fate::Away, Fate::Away, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    world.vendor.clear();
    world.passes(PATIENCE);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER, GONE], "{:?}", world.entries().await);
}

/// What was left of his create is over, whatever the vendor goes on showing of him: who is made under his name is another one.
#[tokio::test]
async fn who_is_deleted_can_be_made_again_at_once() {
    let followed = MAPPING.replace(
        "create: { call: POST /users, record: . }",
        "create: { claims: [userName, password], call: POST /users, record: . }",
    );
    for (mapping, fates) in [
        (followed, vec![Fate::Well, Fate::Refused(503)]),
        (steps(false, false), vec![Fate::Well, Fate::Away]),
        (steps(true, false), vec![Fate::Well, Fate::Unheard]),
    ] {
        let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
        world.vendor.fated(&fates);
        assert!(matches!(post(&world).await.status, 503 | 504), "{fates:?}");
        assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 204, "{fates:?}");
        world.passes(LANDED);
        let told = post(&world).await;
        assert_eq!(told.status, 201, "{fates:?} {told:?} {:?}", world.entries().await);
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A", "{fates:?}");
        world.deliver().await;
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// Nobody knows whether its first call was carried out, and when nobody comes back somebody has its name: he may be another one,
/// is not taken away, and nothing is done to him. The client's repeat says that he is the one.
#[tokio::test]
async fn who_is_found_later_by_his_name_may_be_another_one() {
    let elsewhere = |world: &World| {
        let body = json!({ "id": "ada", "login": "ada", "active": true, "nick": "hers" });
        world.vendor.joins("ada", body);
    };
    // What can be taken back, and what cannot.
    for undo in [true, false] {
        let world = world(true, undo);
        killed(&world, &[Fate::Hangs]).await;
        elsewhere(&world);
        world.passes(PATIENCE);
        world.deliver().await;
        assert_eq!(stages(&world).await, [Stage::Dead], "{:?}", world.entries().await);
        let why = world.entries().await[0].error.clone().unwrap();
        assert!(why.contains("may be another one"), "{why}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "hers");
        assert!(world.vendor.writes().is_empty(), "{:?}", world.vendor.writes());
        // Nor where its repeat is refused.
        world.vendor.fated(&[Fate::Refused(422)]);
        assert_eq!(post(&world).await.status, 400);
        assert!(world.vendor.person("ada").is_some(), "{:?}", world.vendor.writes());
        assert_eq!(post(&world).await.status, 201);
        assert_eq!(world.vendor.writes()[..2], [WELCOME, SEAT]);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// A client writes to whom is being taken back: that ends, and what is left of the create is its client's.
#[tokio::test]
async fn what_is_being_taken_back_ends_where_somebody_writes_to_him() {
    let world = world(true, true);
    world.vendor.fated(&[Fate::Well, Fate::Refused(422), Fate::Away]);
    assert_eq!(post(&world).await.status, 400);
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 200);
    for _ in 0..3 {
        world.passes(PATIENCE);
        world.deliver().await;
    }
    assert_eq!(world.vendor.person("ada").unwrap()["title"], "T");
    assert_eq!(world.vendor.person("ada").unwrap()["seated"], 1, "{:?}", world.vendor.writes());
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// A call that takes something back may do it twice: one that may not, and whose answer was lost, is told and not made again.
#[tokio::test]
async fn a_call_that_takes_back_is_not_made_twice_where_that_harms() {
    let undo = "undo: { call: \"POST /users/{steps.user.id}/reversed\" }";
    let mapping =
        steps(true, true).replace("undo: { call: \"DELETE /users/{steps.user.id}\" }", undo);
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    world.vendor.fated(&[Fate::Well, Fate::Refused(422), Fate::Unheard]);
    assert_eq!(post(&world).await.status, 400);
    for _ in 0..3 {
        world.passes(LANDED);
        world.deliver().await;
    }
    assert_eq!(world.vendor.person("ada").unwrap()["reversed"], 1, "{:?}", world.vendor.writes());
    assert_eq!(stages(&world).await, [Stage::Dead], "{:?}", world.entries().await);
}

/// An operator who has it tried says that who was found is the one.
#[tokio::test]
async fn an_operator_says_that_who_was_found_is_the_one() {
    let world = world(false, false);
    killed(&world, &[Fate::Swallowed]).await;
    world.passes(PATIENCE);
    world.deliver().await;
    let [letter] = &world.entries().await[..] else { panic!("one is there") };
    assert!(world.retry(&letter.number).await.unwrap().is_some());
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// The answer to the one call of a create is lost: he is found, and what follows is done by the same request.
#[tokio::test]
async fn what_follows_one_whose_answer_was_lost_is_done_at_once() {
    let create = "create: { call: POST /users, claims: [userName], record: . }";
    let mapping = MAPPING.replace("create: { call: POST /users, record: . }", create);
    assert_ne!(mapping, MAPPING);
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    world.vendor.fated(&[Fate::Unheard]);
    let told = post(&world).await;
    assert_eq!((told.status, &told.body["nickName"]), (201, &json!("A")), "{told:?}");
    assert_eq!(world.vendor.writes(), [USER, "PATCH /users/ada"]);
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What follows as an update of several calls is taken back as any update is, and he stays.
#[tokio::test]
async fn an_update_behind_it_that_fails_takes_back_what_is_its_own() {
    let update = "        - name: change
          steps:
            - { name: nick, call: \"PATCH /users/{key}\", body: \"{changed}\", undo: { call: \"PATCH /users/{key}\", body: { nick: no } } }
            - { name: tell, call: \"POST /users/{key}/told\" }
";
    let mapping = MAPPING
        .replace(
            "create: { call: POST /users, record: . }",
            "create: { claims: [userName, password], call: POST /users, record: . }",
        )
        .replace("        - { name: change, call: \"PATCH /users/{key}\", record: . }\n", update);
    for (undo, told) in [(Fate::Well, 400), (Fate::Away, 400)] {
        let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
        world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(422), undo]);
        assert_eq!(post(&world).await.status, told, "{undo:?}");
        let again = post(&world).await;
        match undo {
            Fate::Well => {
                assert_eq!(again.status, 201, "{again:?}");
                let ada = world.vendor.person("ada").unwrap();
                assert_eq!((&ada["nick"], &ada["told"]), (&json!("A"), &json!(1)));
                assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
            }
            _ => assert!(again.status == 502 && again.detail().contains("taken back"), "{again:?}"),
        }
        let writes = world.vendor.writes();
        assert_eq!(writes.iter().filter(|write| *write == USER).count(), 1, "{writes:?}");
    }
}

/// A repeat that says something else, which cannot be said, leaves what is half made as it is.
#[tokio::test]
async fn a_repeat_that_cannot_be_carried_out_forgets_nobody() {
    let mapping = steps(false, false)
        .replace("title: { field: title }", "title: { field: title, values: { boss: B } }");
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    assert_eq!(post(&world).await.status, 503);
    let mut wrong = ada();
    wrong["title"] = json!("nobody knows it");
    assert_eq!(world.send("POST", "/Users", wrong).await.status, 400);
    assert_eq!(stages(&world).await, [Stage::Waiting]);
    let told = post(&world).await;
    assert_eq!(told.status, 201, "{told:?}");
    assert_eq!(world.vendor.writes(), [USER, WELCOME, SEAT]);
}
