//! Groups that are values of their Users, and who is adopted: what a request comes to at other resources than its own.

use crate::world::{Fate, MAPPING, Told, Vendor, World};
use scimshim::{
    scim::profile::Profile,
    store::{Batch, Change, Entry, Stage},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Titles are Groups, and who has another one is told so by a call of its own. `marks` stand beside the update's name.
fn titles(safe: bool, marks: &str) -> String {
    let tell = if safe { ", repeat: safe" } else { "" };
    let post = format!(
        "update:\n        - name: post\n          claims: [title]\n{marks}          steps:\n            \
         - {{ name: set, call: \"PATCH /users/{{key}}\", body: \"{{changed}}\", repeat: safe }}\n            \
         - {{ name: tell, call: \"POST /users/{{key}}/told\"{tell} }}"
    );
    let kept = "title: { field: title }\n      groups: { kept: true }";
    let mapping = MAPPING.replace("title: { field: title }", kept).replace("update:", &post);
    format!("{mapping}  Group: {{ values_of: {{ resource: User, attribute: title }} }}\n")
}

/// Ada has the title T, and it is a Group by that; Bob and Cy have none.
async fn world(mapping: &str) -> Arc<World> {
    let world = World::of(mapping, Vendor::with(&["ada", "bob", "cy"]), Profile::Strict);
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 200);
    Arc::new(world)
}

fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

/// Asks for one change of the group T.
async fn patch(world: &World, operation: Value) -> Told {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    });
    world.send("PATCH", "/Groups/T", body).await
}

async fn join(world: &World, ids: &[&str]) -> Told {
    patch(world, json!({ "op": "add", "path": "members", "value": members(ids) })).await
}

/// It is to be called N.
async fn rename(world: &World) -> Told {
    patch(world, json!({ "op": "replace", "path": "displayName", "value": "N" })).await
}

async fn make(world: &World) -> Told {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "N",
        "members": members(&["bob", "cy"]),
    });
    world.send("POST", "/Groups", body).await
}

/// A title, and how often its owner was told of it.
fn told_of(world: &World, id: &str) -> (Value, u64) {
    let person = world.vendor.person(id).unwrap();
    (person["title"].clone(), person["told"].as_u64().unwrap_or(0))
}

/// Its process is killed at the call behind so many that go well.
async fn killed(world: &Arc<World>, makes: bool, well: usize, wrong: Fate) {
    world.vendor.fated(&[vec![Fate::Well; well], vec![wrong]].concat());
    let request = tokio::spawn({
        let world = world.clone();
        async move {
            match makes {
                true => make(&world).await,
                false => join(&world, &["bob", "cy"]).await,
            }
        }
    });
    dies(world, request).await;
}

/// A process dies when a request of it is where it is to be.
async fn dies(world: &World, request: JoinHandle<Told>) {
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    request.abort();
    let _ = request.await;
    world.restart().await;
}

async fn delivered(world: &World) {
    for _ in 0..3 {
        world.passes(60);
        world.deliver().await;
    }
}

#[tokio::test]
async fn whoever_finds_it_goes_on_with_what_nobody_lived_to_end() {
    for makes in [false, true] {
        let name = if makes { "N" } else { "T" };
        for safe in [true, false] {
            for (well, wrong) in
                (0..4).flat_map(|well| [(well, Fate::Hangs), (well, Fate::Swallowed)])
            {
                let what = format!("makes {makes}, safe {safe}, {well} {wrong:?}");
                let world = world(&titles(safe, "")).await;
                killed(&world, makes, well, wrong).await;
                delivered(&world).await;
                // Whoever makes a group is waited for.
                world.passes(if makes { 601 } else { 0 });
                delivered(&world).await;
                let (bob, cy) = (told_of(&world, "bob"), told_of(&world, "cy"));
                let entries = world.entries().await;
                let dead = entries.iter().filter(|entry| entry.stage == Stage::Dead).count();
                assert_eq!(dead, entries.len(), "{what}: {entries:?}");
                assert_eq!((&bob.0, &cy.0), (&json!(name), &json!(name)), "{what}: {entries:?}");
                if safe {
                    assert!(bob.1 >= 1 && cy.1 >= 1, "{what}: {bob:?} {cy:?}");
                    assert_eq!(dead, 0, "{what}: {entries:?}");
                } else {
                    // What must not be said twice and may have been said is a dead letter.
                    let doubted = well % 2 == 1;
                    assert!(bob.1 <= 1 && cy.1 <= 1, "{what}: {bob:?} {cy:?}");
                    assert!(doubted == (dead > 0), "{what}: {entries:?}");
                    assert!(doubted || bob.1 + cy.1 == 2, "{what}: {bob:?} {cy:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn its_clients_repeat_goes_on_with_it_as_well() {
    for (makes, status) in [(false, 204), (true, 201)] {
        for (well, wrong) in (0..4).flat_map(|well| [(well, Fate::Hangs), (well, Fate::Swallowed)])
        {
            let what = format!("makes {makes}, {well} {wrong:?}");
            let world = world(&titles(true, "")).await;
            killed(&world, makes, well, wrong).await;
            world.passes(60);
            let again = || async {
                match makes {
                    true => make(&world).await,
                    false => join(&world, &["bob", "cy"]).await,
                }
            };
            let mut told = again().await;
            // A member who was being changed comes first. A new group's client is waited for.
            if told.status == 503 {
                delivered(&world).await;
                told = again().await;
            }
            assert_eq!(told.status, status, "{what}: {told:?}");
            let (bob, cy) = (told_of(&world, "bob"), told_of(&world, "cy"));
            assert!(bob.1 >= 1 && cy.1 >= 1 && bob.0 == cy.0, "{what}: {bob:?} {cy:?}");
            assert!(world.journal().await.is_empty(), "{what}: {:?}", world.entries().await);
        }
    }
}

#[tokio::test]
async fn a_member_who_is_half_changed_is_finished_and_the_rest_is_the_clients() {
    let world = world(&titles(false, "")).await;
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    let told = join(&world, &["bob", "cy"]).await;
    // The group as a whole was promised to nobody.
    assert_eq!((told.status, &told.number), (503, &None), "{told:?}");
    assert!(told.detail().contains("member `bob`"), "{told:?}");
    let entries = world.journal().await;
    assert_eq!(entries, [("bob".to_owned(), Stage::Waiting)]);
    assert!(told.detail().contains(&world.entries().await[0].number), "{told:?}");
    delivered(&world).await;
    assert_eq!(told_of(&world, "bob"), (json!("T"), 1));
    assert_eq!(told_of(&world, "cy"), (Value::Null, 0));
    assert_eq!(join(&world, &["bob", "cy"]).await.status, 204);
    assert_eq!((told_of(&world, "bob").1, told_of(&world, "cy").1), (1, 1));
    assert!(world.journal().await.is_empty());
}

#[tokio::test]
async fn deleting_one_is_carried_out_without_its_client() {
    for restart in [false, true] {
        let world = world(&titles(true, "")).await;
        assert_eq!(join(&world, &["bob"]).await.status, 204);
        *world.vendor.away.lock().unwrap() = true;
        let told = world.send("DELETE", "/Groups/T", Value::Null).await;
        assert!(told.status == 503 && told.number.is_some(), "{told:?}");
        if restart {
            world.restart().await;
        }
        *world.vendor.away.lock().unwrap() = false;
        // The first of them goes well, and the vendor is away again.
        world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Away]);
        delivered(&world).await;
        assert!(world.vendor.is_fulfilled());
        assert_eq!(
            (told_of(&world, "ada").0, told_of(&world, "bob").0),
            (Value::Null, Value::Null)
        );
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        assert_eq!(world.send("GET", "/Groups/T", Value::Null).await.status, 404);
        assert_eq!(world.send("DELETE", "/Groups/T", Value::Null).await.status, 404);
    }
}

#[tokio::test]
async fn joining_is_carried_out_without_its_client_where_the_mapping_says_so() {
    for (marks, lasts) in [("          durable: true\n", true), ("", false)] {
        let world = world(&titles(true, marks)).await;
        *world.vendor.away.lock().unwrap() = true;
        let told = join(&world, &["bob", "cy"]).await;
        assert_eq!((told.status, told.number.is_some()), (503, lasts), "{told:?}");
        *world.vendor.away.lock().unwrap() = false;
        // What comes next to the group stands behind it.
        if lasts {
            let left = json!({ "op": "remove", "path": "members[value eq \"cy\"]" });
            assert_eq!(patch(&world, left).await.status, 204);
            assert_eq!(told_of(&world, "cy"), (Value::Null, 2));
        }
        delivered(&world).await;
        let expected = if lasts { json!("T") } else { Value::Null };
        assert_eq!(told_of(&world, "bob").0, expected);
        assert!(world.journal().await.is_empty());
    }
}

#[tokio::test]
async fn a_group_that_is_changed_in_part_and_refused_is_told_to_somebody() {
    let world = world(&titles(true, "")).await;
    killed(&world, false, 2, Fate::Hangs).await;
    // Of whom nothing has left yet nothing is known but by the group.
    world.vendor.fated(&[Fate::Refused(422); 4]);
    delivered(&world).await;
    let entries = world.entries().await;
    let dead: Vec<_> = entries.iter().map(|entry| (entry.kind.as_str(), entry.stage)).collect();
    assert!(dead.contains(&("Group", Stage::Dead)), "{entries:?}");
    assert_eq!(told_of(&world, "bob"), (json!("T"), 1));
    // To whoever hears it, it is refused and no more.
    let world = crate::groups::world(&titles(true, "")).await;
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(422)]);
    let told = join(&world, &["bob", "cy"]).await;
    assert!(told.status == 400 && told.detail().contains("1 of 2"), "{told:?}");
    assert!(world.journal().await.is_empty());
}

/// Half of its members have the new name, by which it is found then.
#[tokio::test]
async fn one_that_is_half_renamed_is_renamed() {
    for well in [1, 2, 3] {
        let mapping =
            titles(true, "").replace("attribute: title }", "attribute: title, rename: move }");
        let world = world(&mapping).await;
        assert_eq!(join(&world, &["bob"]).await.status, 204);
        world.vendor.fated(&[vec![Fate::Well; well], vec![Fate::Hangs]].concat());
        let request = tokio::spawn({
            let world = world.clone();
            async move { rename(&world).await }
        });
        dies(&world, request).await;
        delivered(&world).await;
        let (ada, bob) = (told_of(&world, "ada").0, told_of(&world, "bob").0);
        assert_eq!((ada, bob), (json!("N"), json!("N")), "{well}: {:?}", world.entries().await);
        assert!(world.journal().await.is_empty(), "{well}: {:?}", world.entries().await);
    }
}

/// A dead letter never holds back what comes after it: nor does one of a member hold back the group's.
#[tokio::test]
async fn a_member_who_is_a_dead_letter_holds_nobody_else_back() {
    let mapping = titles(false, "").replace("\"{changed}\", repeat: safe", "\"{changed}\"");
    let world = world(&mapping).await;
    killed(&world, false, 0, Fate::Hangs).await;
    delivered(&world).await;
    let entries = world.entries().await;
    let all: Vec<_> =
        entries.iter().map(|it| (it.kind.as_str(), it.id.as_str(), it.stage)).collect();
    assert_eq!(all, [("Group", "T", Stage::Dead), ("User", "bob", Stage::Dead)], "{entries:?}");
    assert!(entries[0].error.as_ref().unwrap().contains(&entries[1].number), "{entries:?}");
    assert_eq!(join(&world, &["cy"]).await.status, 204);
    assert_eq!(told_of(&world, "cy"), (json!("T"), 1));
}

/// Who was there and is adopted is changed as by a PUT, and what of that is half done is finished.
#[tokio::test]
async fn whoever_is_adopted_is_not_left_half_changed() {
    let mapping =
        titles(false, "").replace("match: [userName]", "match: [userName]\n    on_match: adopt");
    let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
    let made = || async {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "ada",
            "title": "T",
        });
        world.send("POST", "/Users", body).await
    };
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    let told = made().await;
    assert_eq!((told.status, &told.number), (503, &None), "{told:?}");
    assert_eq!(world.journal().await, [("ada".to_owned(), Stage::Waiting)]);
    world.restart().await;
    delivered(&world).await;
    assert_eq!(told_of(&world, "ada"), (json!("T"), 1));
    assert!(world.journal().await.is_empty());
    assert_eq!(made().await.status, 201);
    assert_eq!(made().await.status, 409);
    assert_eq!(told_of(&world, "ada"), (json!("T"), 1));
}

fn put(members_of: &[&str]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "T",
        "members": members(members_of),
    })
}

/// Who leaves goes first, and a group is there while somebody is in it.
#[tokio::test]
async fn what_was_promised_of_a_group_is_not_gone_with_who_leaves_it_first() {
    let world = world(&titles(true, "          durable: true\n")).await;
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(503)]);
    let told = world.send("PUT", "/Groups/T", put(&["bob"])).await;
    assert!(told.status == 503 && told.number.is_some(), "{told:?}");
    assert_eq!(world.send("GET", "/Groups/T", Value::Null).await.status, 404);
    delivered(&world).await;
    assert_eq!((told_of(&world, "ada").0, told_of(&world, "bob").0), (Value::Null, json!("T")));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What nobody can do any more is told to somebody, where it was promised.
#[tokio::test]
async fn nobody_joins_a_group_that_is_gone_in_silence() {
    let world = world(&titles(true, "          durable: true\n")).await;
    *world.vendor.away.lock().unwrap() = true;
    assert!(join(&world, &["bob"]).await.number.is_some());
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(world.patch("ada", json!({ "title": "S" })).await.status, 200);
    delivered(&world).await;
    assert_eq!(world.journal().await, [("T".to_owned(), Stage::Dead)]);
}

/// A group has its name for an id, and comes again: what is dead of an earlier one says nothing of it.
#[tokio::test]
async fn a_dead_letter_of_a_group_answers_nobody_who_asks_anew() {
    let world = world(&titles(true, "")).await;
    killed(&world, false, 2, Fate::Hangs).await;
    world.vendor.fated(&[Fate::Refused(422); 4]);
    delivered(&world).await;
    assert!(world.journal().await.contains(&("T".to_owned(), Stage::Dead)));
    world.vendor.clear();
    assert_eq!(join(&world, &["bob", "cy"]).await.status, 204);
    assert_eq!(told_of(&world, "cy"), (json!("T"), 1));
}

/// The first of its members is half changed: the group is there by that, and is its client's all the same.
#[tokio::test]
async fn a_create_that_stops_is_finished_by_its_repeat_also_after_a_restart() {
    for (fates, restart) in [
        (vec![Fate::Well, Fate::Away], false),
        (vec![Fate::Well, Fate::Away], true),
        (vec![Fate::Well, Fate::Well, Fate::Refused(503)], true),
        (vec![Fate::Well, Fate::Well, Fate::Refused(422)], true),
    ] {
        let world = world(&titles(true, "")).await;
        world.vendor.fated(&fates);
        let told = make(&world).await;
        assert!(matches!(told.status, 400 | 503) && told.number.is_none(), "{told:?}");
        if restart {
            world.restart().await;
        }
        // What is half done of a member is done soon.
        delivered(&world).await;
        assert_eq!(make(&world).await.status, 201, "{fates:?} {:?}", world.entries().await);
        for id in ["bob", "cy"] {
            assert_eq!(told_of(&world, id), (json!("N"), 1), "{fates:?}");
        }
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        assert_eq!(make(&world).await.status, 409, "{fates:?}");
    }
}

#[tokio::test]
async fn a_rename_that_stops_is_finished_by_its_repeat() {
    let mapping =
        titles(true, "").replace("attribute: title }", "attribute: title, rename: move }");
    let world = world(&mapping).await;
    assert_eq!(join(&world, &["bob"]).await.status, 204);
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(503)]);
    assert_eq!(rename(&world).await.status, 503);
    let told = rename(&world).await;
    assert_eq!((told.status, &told.body["id"]), (200, &json!("N")), "{told:?}");
    assert_eq!((told_of(&world, "ada").0, told_of(&world, "bob").0), (json!("N"), json!("N")));
}

/// Another one is somebody else's.
#[tokio::test]
async fn a_rename_to_what_waits_to_be_made_or_ended_is_behind_it() {
    let mapping =
        titles(true, "").replace("attribute: title }", "attribute: title, rename: move }");
    let world = world(&mapping).await;
    let (bob, behind) = (json!({ "title": "N" }), 503);
    assert_eq!(world.patch("bob", bob).await.status, 200);
    *world.vendor.away.lock().unwrap() = true;
    assert!(world.send("DELETE", "/Groups/N", Value::Null).await.number.is_some());
    world.passes(1);
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(world.patch("bob", json!({ "title": null })).await.status, 200);
    assert_eq!(rename(&world).await.status, behind);
    delivered(&world).await;
    assert_eq!(rename(&world).await.status, 200);
    assert_eq!(told_of(&world, "ada").0, json!("N"));
}

/// What differs in case is one group, and one queue.
#[tokio::test]
async fn what_waits_of_a_group_by_another_spelling_comes_first() {
    let world = world(&titles(true, "")).await;
    assert_eq!(world.patch("bob", json!({ "title": "t" })).await.status, 200);
    *world.vendor.away.lock().unwrap() = true;
    assert!(world.send("DELETE", "/Groups/t", Value::Null).await.number.is_some());
    world.passes(1);
    *world.vendor.away.lock().unwrap() = false;
    assert_eq!(join(&world, &["cy"]).await.status, 503);
    delivered(&world).await;
    for id in ["ada", "bob", "cy"] {
        assert_eq!(told_of(&world, id).0, Value::Null, "{id}");
    }
}

/// A call of it that has not left leaves no more.
#[tokio::test]
async fn what_an_operator_drops_of_a_group_goes_no_further() {
    let world = world(&titles(true, "")).await;
    world.vendor.fated(&[Fate::Held]);
    let request = tokio::spawn({
        let world = world.clone();
        async move { join(&world, &["bob", "cy"]).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let entries = world.entries().await;
    let group = entries.iter().find(|entry| entry.kind == "Group").unwrap();
    let strike = Change::Strike { number: group.number.clone() };
    world.store().write(Batch::new("t").with("Group", strike)).await.unwrap();
    world.vendor.goes.notify_one();
    let told = request.await.unwrap();
    assert!(told.status >= 500, "{told:?}");
    assert_eq!((told_of(&world, "bob").0, told_of(&world, "cy").0), (json!("T"), Value::Null));
}

/// The mapping has no such groups any more.
#[tokio::test]
async fn a_new_group_that_was_a_value_when_it_was_begun_is_a_dead_letter() {
    let world = world(&titles(true, "")).await;
    killed(&world, true, 2, Fate::Hangs).await;
    let kept =
        titles(true, "").replace("values_of: { resource: User, attribute: title }", "kept: true");
    world.restart_with(&kept).await;
    world.passes(601);
    delivered(&world).await;
    assert!(
        world.journal().await.contains(&("N".to_owned(), Stage::Dead)),
        "{:?}",
        world.entries().await
    );
}

/// What the first try has renamed stays so, whatever comes of the next one.
#[tokio::test]
async fn a_rename_that_stops_twice_is_finished_by_its_repeat_elsewhere() {
    let mapping =
        titles(true, "").replace("attribute: title }", "attribute: title, rename: move }");
    let world = world(&mapping).await;
    assert_eq!(join(&world, &["bob", "cy"]).await.status, 204);
    for fates in [vec![Fate::Well, Fate::Well, Fate::Refused(503)], vec![Fate::Refused(503)]] {
        world.vendor.fated(&fates);
        assert_eq!(rename(&world).await.status, 503);
        world.restart().await;
    }
    assert_eq!(rename(&world).await.status, 200);
    for id in ["ada", "bob", "cy"] {
        assert_eq!(told_of(&world, id).0, json!("N"), "{id}");
    }
}

/// Of two that wait for each other the older one goes first.
#[tokio::test]
async fn two_spellings_that_are_deleted_do_not_wait_for_each_other() {
    let world = world(&titles(true, "")).await;
    assert_eq!(world.patch("bob", json!({ "title": "t" })).await.status, 200);
    *world.vendor.away.lock().unwrap() = true;
    for id in ["t", "T"] {
        let told = world.send("DELETE", &format!("/Groups/{id}"), Value::Null).await;
        assert!(told.number.is_some(), "{told:?}");
        world.passes(1);
    }
    *world.vendor.away.lock().unwrap() = false;
    delivered(&world).await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    assert_eq!((told_of(&world, "ada").0, told_of(&world, "bob").0), (Value::Null, Value::Null));
}

/// The last one leaves, and the group is gone with him: that is what was promised.
#[tokio::test]
async fn who_has_left_a_group_that_is_gone_by_that_is_no_dead_letter() {
    let world = world(&titles(true, "          durable: true\n")).await;
    world.vendor.fated(&[Fate::Well, Fate::Away]);
    let leaves = json!({ "op": "remove", "path": "members[value eq \"ada\"]" });
    let told = patch(&world, leaves).await;
    assert!(told.status == 503 && told.number.is_some(), "{told:?}");
    delivered(&world).await;
    assert_eq!(told_of(&world, "ada"), (Value::Null, 2));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// It had the turn when the delete was received, and so it comes first, whoever carries it out.
#[tokio::test]
async fn what_was_received_while_a_group_was_changed_comes_behind_that() {
    let world = world(&titles(true, "")).await;
    world.vendor.fated(&[Fate::Hangs]);
    let joins = tokio::spawn({
        let world = world.clone();
        async move { join(&world, &["bob", "cy"]).await }
    });
    while !world.vendor.is_fulfilled() {
        tokio::task::yield_now().await;
    }
    let deletes = tokio::spawn({
        let world = world.clone();
        async move { world.send("DELETE", "/Groups/T", Value::Null).await }
    });
    let of_group =
        |entries: Vec<Entry>| entries.iter().filter(|entry| entry.kind == "Group").count();
    while of_group(world.entries().await) < 2 {
        tokio::task::yield_now().await;
    }
    deletes.abort();
    let _ = deletes.await;
    dies(&world, joins).await;
    delivered(&world).await;
    delivered(&world).await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    for id in ["ada", "bob", "cy"] {
        assert_eq!(told_of(&world, id).0, Value::Null, "{id}");
    }
}

/// The repeat of what was promised joins it, is told so, and puts nothing off.
#[tokio::test]
async fn the_repeat_of_what_was_promised_of_a_group_joins_it() {
    let world = world(&titles(true, "")).await;
    assert_eq!(join(&world, &["bob"]).await.status, 204);
    world.vendor.fated(&[Fate::Well, Fate::Well, Fate::Refused(503), Fate::Refused(503)]);
    let told = world.send("DELETE", "/Groups/T", Value::Null).await;
    let again = world.send("DELETE", "/Groups/T", Value::Null).await;
    assert!(world.vendor.is_fulfilled());
    assert_eq!((again.status, &again.number), (503, &told.number), "{again:?}");
    assert!(world.due().await.unwrap() < 60, "{:?}", world.entries().await);
    delivered(&world).await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Its process died when all of it was done: it has its new name, and what is held of it.
#[tokio::test]
async fn a_rename_that_was_done_is_done() {
    let values = "attribute: title, rename: move, empty: keep }";
    let world = world(&titles(true, "").replace("attribute: title }", values)).await;
    let whole = |name: &str| {
        let mut group = put(&["ada", "bob"]);
        group["displayName"] = json!(name);
        group["externalId"] = json!("x");
        group
    };
    assert_eq!(world.send("PUT", "/Groups/T", whole("T")).await.status, 200);
    assert_eq!(world.send("PUT", "/Groups/T", whole("N")).await.status, 200);
    let now = world.arrival().now;
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "N" }]);
    let entry = Entry {
        number: "5c1d1cbe-0000-4000-8000-000000000001".to_owned(),
        kind: "Group".to_owned(),
        id: "T".to_owned(),
        seq: 0,
        stage: Stage::Waiting,
        durable: true,
        acknowledged: false,
        intent: json!({ "patch": rename }),
        accepted: now,
        due: now,
        planned: now,
        attempts: 1,
        progress: json!({ "spread": true }),
        error: None,
    };
    world.enter(entry).await;
    delivered(&world).await;
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    let shown = world.send("GET", "/Groups/N", Value::Null).await;
    assert_eq!((shown.status, &shown.body["externalId"]), (200, &json!("x")), "{shown:?}");
}
