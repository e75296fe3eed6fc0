//! Somebody was made and the rest of what his create wanted waits, while clients write to him: what they said counts, and what
//! nobody has said anything of is done all the same.

use crate::{
    ada::USER,
    world::{Fate, MAPPING, Told, Vendor, World},
};
use scimshim::{scim::profile::Profile, store::Stage};
use serde_json::{Value, json};
use std::sync::Arc;

const ONE: &str = "create: { call: POST /users, record: . }";
const DURABLE: &str = "create: { call: POST /users, record: ., durable: true }";
/// It says a name alone.
const NAMED: &str = "create: { call: POST /users, claims: [userName], record: ., durable: true }";

fn world(durable: bool) -> Arc<World> {
    let create = format!("create: {{ call: POST /users, record: ., durable: {durable} }}");
    let mapping = MAPPING.replace(ONE, &create);
    Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict))
}

/// Not to sign in, which an update says behind the create.
fn off(nick: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "nickName": nick, "active": false,
    })
}

async fn asked(world: &World, wanted: Value) -> Told {
    world.send("POST", "/Users", wanted).await
}

/// His call is carried out, and what follows is not.
async fn half_done(durable: bool) -> Arc<World> {
    let world = world(durable);
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    assert_eq!(world.vendor.writes(), [USER]);
    assert_ne!(world.vendor.active("ada"), Some(false));
    world
}

async fn goes_on(world: &World) {
    for _ in 0..4 {
        world.passes(601);
        world.deliver().await;
    }
}

/// Whoever writes to him of something else has not said that he may sign in.
#[tokio::test]
async fn who_is_to_be_off_is_off_whatever_else_was_written() {
    for durable in [false, true] {
        for repeats in [false, true] {
            let world = half_done(durable).await;
            assert_eq!(world.patch("ada", json!({ "nickName": "N" })).await.status, 200);
            match repeats {
                true => {
                    let told = asked(&world, off("A")).await;
                    assert_eq!(
                        (told.status, &told.body["active"]),
                        (201, &json!(false)),
                        "{told:?}"
                    );
                }
                false => goes_on(&world).await,
            }
            let at = format!("durable: {durable}, repeats: {repeats}");
            assert_eq!(world.vendor.active("ada"), Some(false), "{at}");
            assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N", "{at}");
            assert!(world.journal().await.is_empty(), "{at} {:?}", world.entries().await);
        }
    }
}

/// Whose create says nothing but a name, so that all else follows: what he is in the end by what is said of him while that waits,
/// in all ways in which it can be said.
#[tokio::test]
async fn what_was_said_since_stands_and_the_rest_is_done() {
    const EXTRA: &str = "      emails.^[type==\"work\"].value: { field: work }
      emails.^[type==\"home\"].value: { field: home }
      emails.^[type==\"other\"].value: { field: other }
      name.givenName: { field: given }
      name.familyName: { field: family }
      title: { field: title }
";
    let mapping = MAPPING.replace("      title: { field: title }\n", EXTRA).replace(ONE, NAMED);
    let wanted = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada", "title": "T", "active": false, "nickName": "A",
        "name": { "givenName": "Ada", "familyName": "L" },
        "emails": [{ "type": "work", "value": "a@w" }, { "type": "home", "value": "a@h" }],
    });
    let all = json!({
        "title": "T", "active": false, "nick": "A", "given": "Ada", "family": "L", "work": "a@w", "home": "a@h",
    });
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let patches = [
        (json!({ "op": "replace", "path": "title", "value": "X" }), json!({ "title": "X" })),
        (json!({ "op": "Replace", "path": "TITLE", "value": "X" }), json!({ "title": "X" })),
        (json!({ "op": "remove", "path": "nickName" }), json!({ "nick": null })),
        (json!({ "op": "replace", "value": { "active": true } }), json!({ "active": true })),
        (
            json!({ "op": "replace", "path": core, "value": { "active": true } }),
            json!({ "active": true }),
        ),
        (
            json!({ "op": "replace", "path": "name", "value": { "FamilyName": "B" } }),
            json!({ "family": "B" }),
        ),
        (
            json!({ "op": "replace", "value": { "name": { "familyname": "B" } } }),
            json!({ "family": "B" }),
        ),
        (
            json!({ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "b@w" }),
            json!({ "work": "b@w" }),
        ),
        (
            json!({ "op": "replace", "value": { "emails[type eq \"work\"].value": "b@w" } }),
            json!({ "work": "b@w" }),
        ),
        (json!({ "op": "remove", "path": "emails[type eq \"home\"]" }), json!({ "home": null })),
        // Of what the vendor has beside what is wanted.
        (
            json!([
                { "op": "replace", "path": "emails[type eq \"other\"].value", "value": "b@o" },
                { "op": "replace", "path": "active", "value": true },
            ]),
            json!({ "active": true, "other": "b@o" }),
        ),
        (
            json!([
                { "op": "remove", "path": "emails[type eq \"other\"]" },
                { "op": "replace", "path": "title", "value": "X" },
            ]),
            json!({ "title": "X", "other": null }),
        ),
    ];
    for repeats in [false, true] {
        let entra = patches.iter().map(|patch| (Profile::Entra, patch));
        // Others may not name an element that is not there.
        let okta = patches.iter().filter(|(operation, _)| operation.is_array());
        let okta = okta.map(|patch| (Profile::Okta, patch));
        for (profile, (operation, difference)) in entra.chain(okta) {
            let world = Arc::new(World::of(&mapping, Vendor::with(&[]), profile));
            world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
            assert!(asked(&world, wanted.clone()).await.status >= 429);
            let mut person = world.vendor.person("ada").unwrap();
            person["other"] = json!("a@o");
            world.vendor.joins("ada", person);
            let one = || vec![operation.clone()];
            let operations = operation.as_array().cloned().unwrap_or_else(one);
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
            });
            let told = world.send("PATCH", "/Users/ada", body).await;
            assert!((200..300).contains(&told.status), "{operation} {told:?}");
            match repeats {
                true => assert_eq!(asked(&world, wanted.clone()).await.status, 201, "{operation}"),
                false => goes_on(&world).await,
            }
            let mut expected = all.clone();
            expected.as_object_mut().unwrap().extend(difference.as_object().unwrap().clone());
            let person = world.vendor.person("ada").unwrap();
            for (field, value) in expected.as_object().unwrap() {
                assert_eq!(
                    person.get(field).unwrap_or(&Value::Null),
                    value,
                    "{operation}: {field} {person}"
                );
            }
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        }
    }
}

/// Titles are Groups, and Bob has the title T; all but a name follows a create.
fn grouped(more: impl Fn(String) -> String) -> Arc<World> {
    let mapping = MAPPING
        .replace("title: { field: title }", "title: { field: title }\n      groups: { kept: true }")
        .replace(ONE, NAMED);
    let mapping = more(mapping);
    let mapping =
        format!("{mapping}  Group: {{ values_of: {{ resource: User, attribute: title }} }}\n");
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    let bob = json!({ "id": "bob", "login": "bob", "title": "T", "active": true });
    world.vendor.joins("bob", bob);
    world
}

/// Ada is to be in the group T.
async fn joins(world: &World) -> Told {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "ada" }] }],
    });
    world.send("PATCH", "/Groups/T", body).await
}

/// Also by a Group that is a value of his: who has joined it since is not taken out of it, and is off as he is to be.
#[tokio::test]
async fn whoever_joins_a_group_meanwhile_stays_in_it() {
    let world = grouped(|mapping| mapping);
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    let mut ada = off("A");
    ada["title"] = json!("V");
    assert_eq!(asked(&world, ada).await.status, 503);
    let told = joins(&world).await;
    assert!((200..300).contains(&told.status), "{told:?}");
    goes_on(&world).await;
    let person = world.vendor.person("ada").unwrap();
    assert_eq!((&person["title"], &person["nick"]), (&json!("T"), &json!("A")), "{person}");
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// A group's write that was received before the create that is wanted by now is not said behind it either.
#[tokio::test]
async fn a_group_that_was_joined_before_is_not_the_last_word() {
    let world = grouped(|mapping| {
        mapping.replace(
            "- { name: change, call: \"PATCH /users/{key}\", record: . }",
            "- { name: change, call: \"PATCH /users/{key}\", record: ., durable: true }",
        )
    });
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(joins(&world).await.status, 503);
    world.passes(1);
    let mut ada = off("A");
    ada["title"] = json!("W");
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(asked(&world, ada).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    // Groups and Users are in no order among each other.
    world.passes(31);
    let group = world.entries().await.into_iter().find(|entry| entry.kind == "Group").unwrap();
    let gateway = world.gateway();
    Box::pin(gateway.deliver_to("Group", &group.id, world.arrival())).await;
    assert_eq!(world.vendor.person("ada").unwrap()["title"], "T");
    goes_on(&world).await;
    assert_eq!(world.vendor.person("ada").unwrap()["title"], "W", "{:?}", world.entries().await);
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What a PUT leaves out of what stays as it is, it has not said.
#[tokio::test]
async fn who_is_replaced_without_a_word_of_active_is_off() {
    for durable in [false, true] {
        let world = half_done(durable).await;
        let mut open = off("N");
        open.as_object_mut().unwrap().remove("active");
        assert_eq!(world.send("PUT", "/Users/ada", open).await.status, 200);
        goes_on(&world).await;
        assert_eq!(world.vendor.active("ada"), Some(false), "durable: {durable}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// What was refused was not said.
#[tokio::test]
async fn what_is_refused_changes_nothing_of_what_is_wanted() {
    for durable in [false, true] {
        let world = half_done(durable).await;
        world.vendor.fated(&[Fate::Refused(400)]);
        let told = world.patch("ada", json!({ "nickName": "N", "active": true })).await;
        assert_eq!(told.status, 400, "{told:?}");
        assert!(world.vendor.is_fulfilled());
        goes_on(&world).await;
        assert_eq!(world.vendor.active("ada"), Some(false), "durable: {durable}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "A");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// What was received before the create that is wanted by now is not said behind it, whenever it is delivered.
#[tokio::test]
async fn what_was_received_before_is_not_the_last_word() {
    let world = half_done(true).await;
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(world.off("ada").await.status, 503);
    world.passes(1);
    let mut on = off("B");
    on["active"] = json!(true);
    assert_eq!(asked(&world, on).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    goes_on(&world).await;
    assert_eq!(
        world.vendor.active("ada"),
        Some(true),
        "{:?} {:#?}",
        world.vendor.writes(),
        world.entries().await
    );
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "B");
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Deleted by what was received before, he is made anew for who asked for him since.
#[tokio::test]
async fn who_was_asked_for_behind_a_delete_is_made_anew() {
    for (nick, other) in [("A", false), ("B", true)] {
        let world = half_done(true).await;
        *world.vendor.away.lock().unwrap() = true;
        assert_eq!(world.send("DELETE", "/Users/ada", Value::Null).await.status, 503);
        world.passes(1);
        assert_eq!(asked(&world, off(nick)).await.status, 503);
        *world.vendor.away.lock().unwrap() = false;
        goes_on(&world).await;
        let writes = world.vendor.writes();
        assert_eq!(writes[..3], [USER, "DELETE /users/ada", USER], "another: {other} {writes:?}");
        assert_eq!(world.vendor.active("ada"), Some(false), "another: {other}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], nick);
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// Who is there in part need not count as there, and is not made once more for that.
#[tokio::test]
async fn who_does_not_count_as_there_yet_is_gone_on_with() {
    let steps = "create:
        durable: true
        key: \"{steps.draft.id}\"
        steps:
          - { name: draft, call: POST /users, body: \"{fields}\", capture: { id: id } }
          - { name: opens, call: \"POST /users/{steps.draft.id}/opened\", repeat: safe }";
    let mapping = MAPPING
        .replace(ONE, steps)
        .replace("    key: id\n", "    key: id\n    exists: has(record.opened)\n");
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    goes_on(&world).await;
    let writes = world.vendor.writes();
    assert_eq!(writes[..2], [USER, "POST /users/ada/opened"], "{:?}", world.entries().await);
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Somebody may go though the vendor has his record still.
#[tokio::test]
async fn who_does_not_count_as_there_any_more_is_made_anew() {
    let mapping = MAPPING
        .replace(ONE, DURABLE)
        .replace("    key: id\n", "    key: id\n    exists: \"!has(record.erased)\"\n");
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    let mut gone = world.vendor.person("ada").unwrap();
    gone["erased"] = json!(true);
    world.vendor.joins("ada", gone);
    goes_on(&world).await;
    assert_eq!(world.vendor.writes()[..2], [USER, USER], "{:?}", world.entries().await);
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// What is acknowledged early is said when it is delivered: what the vendor refuses then was not.
#[tokio::test]
async fn what_was_acknowledged_and_refused_is_not_wanted() {
    let mapping = MAPPING
        .replace(ONE, DURABLE)
        .replace(
            "- { name: change, call: \"PATCH /users/{key}\", record: . }",
            "- { name: change, call: \"PATCH /users/{key}\", record: ., durable: true, acknowledge: early }",
        );
    let world = Arc::new(World::of(&mapping, Vendor::with(&[]), Profile::Strict));
    world.vendor.fated(&[Fate::Well, Fate::Refused(503)]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    world.vendor.fated(&[Fate::Away, Fate::Refused(400)]);
    let told = world.patch("ada", json!({ "title": "X" })).await;
    assert!((200..300).contains(&told.status), "{told:?}");
    goes_on(&world).await;
    assert!(world.vendor.is_fulfilled());
    assert_eq!(world.vendor.active("ada"), Some(false), "{:?}", world.entries().await);
    assert_eq!(world.vendor.person("ada").unwrap().get("title"), None);
    let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    assert_eq!((letter.stage, letter.id.as_str()), (Stage::Dead, "ada"), "{letter:?}");
}

/// A process may die while it writes to him: nobody knows what came of that, and what was said then counts, or is finished by
/// the journal.
#[tokio::test]
async fn whoever_speaks_may_die() {
    for fate in [Fate::Hangs, Fate::Swallowed] {
        let world = half_done(true).await;
        world.vendor.fated(&[fate]);
        {
            let word = world.patch("ada", json!({ "nickName": "N" }));
            let mut word = std::pin::pin!(word);
            while !world.vendor.is_fulfilled() {
                tokio::select! {
                    told = &mut word => panic!("it is at its end: {told:?}"),
                    () = tokio::task::yield_now() => {}
                }
            }
        }
        world.restart().await;
        let told = asked(&world, off("A")).await;
        assert!(told.status == 503 && told.retry_after.is_some(), "it may be at work: {told:?}");
        goes_on(&world).await;
        assert_eq!(world.vendor.active("ada"), Some(false), "{:#?}", world.entries().await);
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N", "{fate:?}");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// A PUT says all of him, and so nothing is left to do.
#[tokio::test]
async fn who_was_replaced_is_as_that_says() {
    for durable in [false, true] {
        let world = half_done(durable).await;
        let mut on = off("N");
        on["active"] = json!(true);
        assert_eq!(world.send("PUT", "/Users/ada", on).await.status, 200);
        goes_on(&world).await;
        assert_ne!(world.vendor.active("ada"), Some(false), "durable: {durable}");
        assert_eq!(world.vendor.person("ada").unwrap()["nick"], "N");
        assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
    }
}

/// What is wanted anew is said behind all of that, and holds.
#[tokio::test]
async fn what_is_promised_behind_a_write_goes_over_it() {
    let world = half_done(true).await;
    assert_eq!(world.patch("ada", json!({ "nickName": "N", "active": true })).await.status, 200);
    *world.vendor.away.lock().unwrap() = true;
    assert_eq!(asked(&world, off("B")).await.status, 503);
    *world.vendor.away.lock().unwrap() = false;
    goes_on(&world).await;
    assert_eq!(world.vendor.active("ada"), Some(false));
    assert_eq!(world.vendor.person("ada").unwrap()["nick"], "B");
    assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
}

/// Of somebody who has his name, and may be another one, a client has spoken: what follows is not written to him, and nobody
/// is told that it was.
#[tokio::test]
async fn who_may_be_another_one_is_let_be_and_told_of() {
    let world = world(true);
    world.vendor.fated(&[Fate::Lost]);
    assert_eq!(asked(&world, off("A")).await.status, 503);
    // Another one, by another way.
    let other = json!({ "id": "p2", "login": "ada", "nick": "P", "active": true });
    world.vendor.joins("p2", other);
    assert_eq!(world.patch("p2", json!({ "title": "T" })).await.status, 200);
    goes_on(&world).await;
    let [letter] = &world.entries().await[..] else { panic!("{:?}", world.entries().await) };
    assert_eq!(letter.stage, Stage::Dead, "{letter:?}");
    assert_eq!(world.vendor.active("p2"), Some(true));
    assert_eq!(world.vendor.person("p2").unwrap()["nick"], "P");
    assert!(!world.vendor.writes().iter().any(|write| write == USER));
}
