//! Groups that are values of their Users, and who is adopted: what a request comes to at other resources than its own.

use crate::world::{Fate, MAPPING, Told, Vendor, World};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

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

async fn join(world: &World, ids: &[&str]) -> Told {
    let add = json!({ "op": "add", "path": "members", "value": members(ids) });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [add],
    });
    world.send("PATCH", "/Groups/T", body).await
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
            // A member who was being changed comes first, and the journal goes on with all of it: also with the new one, so that
            // it is there.
            let behind = told.status == 503;
            if behind {
                delivered(&world).await;
                told = again().await;
            }
            let expected = if behind && makes { 409 } else { status };
            assert_eq!(told.status, expected, "{what}: {told:?}");
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
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [left],
            });
            assert_eq!(world.send("PATCH", "/Groups/T", body).await.status, 204);
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
