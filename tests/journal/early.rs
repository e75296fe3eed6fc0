//! `acknowledge: early`: a client is told that its write is done before the vendor has it, and reads it as done.

use crate::world::{Fate, MAPPING, Told, Vendor, World};
use scimshim::{
    gateway::delivery::operator::Retried,
    scim::profile::Profile,
    store::{Entry, Stage},
};
use serde_json::{Value, json};

/// All but what switches on is acknowledged early.
fn early() -> String {
    let marked = |text: &str, of: &str, says: &str| {
        assert!(text.contains(of), "{of}");
        text.replace(of, &format!("{of} {says}, "))
    };
    let text = marked(MAPPING, "{ name: change,", "durable: true, acknowledge: early");
    let text = marked(&text, "{ name: retire,", "acknowledge: early");
    marked(&text, "delete: {", "acknowledge: early")
}

fn world(logins: &[&str]) -> World {
    World::of(&early(), Vendor::with(logins), Profile::Strict)
}

/// The vendor is away, or back.
fn away(world: &World, away: bool) {
    *world.vendor.away.lock().unwrap() = away;
}

async fn delete(world: &World, id: &str) -> Told {
    world.send("DELETE", &format!("/Users/{id}"), Value::Null).await
}

async fn put(world: &World, id: &str, mut body: Value) -> Told {
    body["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    body["userName"] = json!(id);
    world.send("PUT", &format!("/Users/{id}"), body).await
}

async fn get(world: &World, id: &str) -> Told {
    world.send("GET", &format!("/Users/{id}"), Value::Null).await
}

/// Who is found, and how many are told of.
async fn list(world: &World, query: &str) -> (Vec<String>, u64) {
    let told = world.send("GET", &format!("/Users?{query}"), Value::Null).await;
    assert_eq!(told.status, 200, "{told:?}");
    let found = told.body["Resources"].as_array().cloned().unwrap_or_default();
    let ids = found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    (ids, told.body["totalResults"].as_u64().unwrap())
}

async fn found(world: &World, filter: &str) -> Vec<String> {
    list(world, &format!("filter={}", filter.replace(' ', "%20").replace('"', "%22"))).await.0
}

async fn acknowledged(world: &World) -> Vec<(String, bool)> {
    let entries = world.entries().await;
    entries.into_iter().map(|entry| (entry.id, entry.acknowledged)).collect()
}

#[tokio::test]
async fn what_has_to_wait_is_told_to_be_done_where_all_of_it_says_so() {
    let rows = [
        ("off", json!({ "active": false }), 204),
        ("a change", json!({ "nickName": "A" }), 204),
        ("both", json!({ "nickName": "A", "active": false }), 204),
        ("words", json!({ "active": "False" }), 204),
        ("on, which is not acknowledged early", json!({ "active": true }), 503),
        ("on, beside what is", json!({ "nickName": "A", "active": true }), 503),
        ("what is not held", json!({ "password": "s3cret-of-ada", "nickName": "A" }), 503),
    ];
    for (what, value, status) in rows {
        let world = world(&["ada"]);
        away(&world, true);
        let told = world.patch("ada", value).await;
        assert_eq!(told.status, status, "{what}: {told:?}");
        let entries = world.entries().await;
        let [entry] = entries.as_slice() else { panic!("{what}: {entries:?}") };
        assert_eq!(told.number.as_ref(), Some(&entry.number), "{what}");
        assert_eq!(entry.acknowledged, status == 204, "{what}");
        let counted = "scimshim_journal_acknowledged_total{tenant=\"t\"} 1";
        assert_eq!(world.metrics().contains(counted), status == 204, "{what}");
    }
    let world = world(&["ada"]);
    away(&world, true);
    let told = delete(&world, "ada").await;
    assert_eq!((told.status, told.number.is_some()), (204, true));
    assert_eq!(acknowledged(&world).await, [("ada".to_owned(), true)]);
}

#[tokio::test]
async fn a_put_is_answered_with_the_vendors_record_and_what_is_wanted_or_not_yet() {
    // Its other updates are reached by whatever is changed: `restore` by a PUT that says `active: true`.
    let world = world(&["ada"]);
    world.vendor.fated(&[Fate::Away]);
    let told = put(&world, "ada", json!({ "active": false })).await;
    assert_eq!((told.status, told.number.is_some()), (200, true), "{told:?}");
    assert_eq!((&told.body["active"], &told.body["id"]), (&json!(false), &json!("ada")));
    assert_eq!(world.vendor.active("ada"), Some(true));

    // An echo would be one without what the vendor alone says.
    let world = self::world(&["ada"]);
    away(&world, true);
    let told = put(&world, "ada", json!({ "active": false })).await;
    assert_eq!((told.status, told.number.is_some()), (503, true), "{told:?}");
    assert_eq!(acknowledged(&world).await, [("ada".to_owned(), false)]);
    away(&world, false);
    assert_eq!(get(&world, "ada").await.body["active"], true, "nobody was told that it is done");

    // RFC 7644 §3.5.2: who asks for attributes is shown them, or comes back.
    away(&world, true);
    let wanted = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "nickName": "A" } }],
    });
    let world = self::world(&["ada"]);
    away(&world, true);
    let path = "/Users/ada?attributes=nickName";
    assert_eq!(world.send("PATCH", path, wanted.clone()).await.status, 503);
    away(&world, false);
    world.vendor.fated(&[Fate::Away]);
    let told = world.send("PATCH", path, wanted).await;
    assert_eq!((told.status, &told.body["nickName"]), (200, &json!("A")), "{told:?}");
}

#[tokio::test]
async fn a_put_may_come_to_each_update_but_to_a_transition_that_it_does_not_say() {
    let change =
        early().replace("{ name: change, durable: true, acknowledge: early,", "{ name: change,");
    let restore =
        early().replace("{ name: restore,", "{ name: restore, durable: true, acknowledge: early,");
    for (mapping, active, status) in [
        (early(), json!(false), 200),
        (early(), json!(true), 503),
        (restore, json!(true), 200),
        (change, json!(false), 503),
    ] {
        let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
        world.vendor.fated(&[Fate::Away, Fate::Away]);
        let told = put(&world, "ada", json!({ "active": active, "nickName": "A" })).await;
        assert_eq!((told.status, told.number.is_some()), (status, true), "{active} {mapping}");
    }
}

#[tokio::test]
async fn what_time_alone_does_not_mend_is_not_promised() {
    // A person has to renew the credential.
    for status in [401, 403] {
        let world = world(&["ada"]);
        world.vendor.fated(&[Fate::Refused(status), Fate::Refused(status)]);
        let told = world.off("ada").await;
        assert_eq!((told.status, told.number.is_some()), (502, true), "{told:?}");
        // Nor is what comes behind it.
        let told = delete(&world, "ada").await;
        assert_eq!((told.status, told.number.is_some()), (503, true), "{told:?}");
        assert!(world.vendor.is_fulfilled());
        assert!(acknowledged(&world).await.iter().all(|(_, acknowledged)| !acknowledged));
    }
    // What is refused is refused.
    let world = world(&["ada"]);
    world.vendor.fated(&[Fate::Refused(409)]);
    assert_eq!(world.off("ada").await.status, 409);
    assert!(world.entries().await.is_empty());
    // Nobody can tell later whether a condition holds.
    away(&world, true);
    let off = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    assert_eq!(world.ask("PATCH", "/Users/ada", off, Some("*")).await.status, 503);
    assert!(world.entries().await.is_empty());
}

#[tokio::test]
async fn nothing_is_promised_behind_what_has_waited_for_a_day() {
    for (hours, status) in [(23, 204), (25, 503)] {
        let world = world(&["ada", "bob"]);
        away(&world, true);
        assert_eq!(world.off("bob").await.status, 204);
        world.passes(hours * 3_600);
        let told = world.off("ada").await;
        assert_eq!((told.status, told.number.is_some()), (status, true), "{hours}: {told:?}");
        let expected = [("ada".to_owned(), status == 204), ("bob".to_owned(), true)];
        assert_eq!(acknowledged(&world).await, expected, "{hours}");
    }
}

#[tokio::test]
async fn what_the_guard_holds_back_is_not_promised() {
    let world = world(&["ada", "bob", "cy", "dee"]);
    world.guard(1);
    away(&world, true);
    assert_eq!(world.off("ada").await.status, 204);
    assert_eq!(world.off("bob").await.status, 503);
    // Of a delete the vendor is asked nothing first: the guard held it back before it was anything.
    assert_eq!(delete(&world, "dee").await.status, 503);
    assert_eq!(world.patch("cy", json!({ "nickName": "C" })).await.status, 204);
    let expected = [("ada", true), ("bob", false), ("cy", true)];
    let expected = expected.map(|(id, acknowledged)| (id.to_owned(), acknowledged));
    assert_eq!(acknowledged(&world).await, expected);
}

#[tokio::test]
async fn who_was_told_that_it_is_done_reads_it_as_done_until_the_vendor_has_it() {
    let world = world(&["ada", "bob", "cy", "dee"]);
    let before = get(&world, "ada").await;
    away(&world, true);
    assert_eq!(world.patch("ada", json!({ "nickName": "A", "active": false })).await.status, 204);
    assert_eq!(world.patch("ada", json!({ "nickName": "B" })).await.status, 204);
    assert_eq!(delete(&world, "bob").await.status, 204);
    // While the vendor is away there is nothing that it could be laid over.
    assert_eq!(get(&world, "ada").await.status, 503);
    away(&world, false);

    for restarted in [false, true] {
        if restarted {
            world.restart().await;
        }
        assert_eq!(world.vendor.active("ada"), Some(true), "nothing was delivered");
        let ada = get(&world, "ada").await;
        assert_eq!((&ada.body["active"], &ada.body["nickName"]), (&json!(false), &json!("B")));
        assert_ne!(ada.body["meta"]["version"], before.body["meta"]["version"]);
        assert_eq!(get(&world, "bob").await.status, 404);
        // A page keeps its bounds, and the total is the vendor's.
        assert_eq!(list(&world, "").await, (strings(&["ada", "cy", "dee"]), 4));
        assert_eq!(list(&world, "count=2").await, (strings(&["ada"]), 4));
        assert_eq!(list(&world, "startIndex=3&count=2").await, (strings(&["cy", "dee"]), 4));
        // So no cursor ends a list at a page of which nobody is left.
        let page = async |cursor: &str| {
            let path = format!("/Users?count=1&cursor={cursor}");
            let told = world.send("GET", &path, Value::Null).await;
            let found = told.body["Resources"][0]["id"].as_str().map(str::to_owned);
            (found, told.body["nextCursor"].as_str().unwrap_or_default().to_owned())
        };
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let (found, next) = page(&cursor).await;
            seen.push(found.unwrap_or_default());
            cursor = next;
        }
        assert_eq!((seen, cursor), (strings(&["ada", "", "cy", "dee"]), String::new()));
        // What the vendor finds is looked at again, and what it does not find is found.
        assert_eq!(found(&world, "userName eq \"bob\"").await, [""; 0]);
        assert_eq!(found(&world, "id eq \"bob\"").await, [""; 0]);
        assert_eq!(found(&world, "active eq true").await, ["cy", "dee"]);
        assert_eq!(found(&world, "active eq false").await, ["ada"]);
        assert_eq!(found(&world, "nickName eq \"B\"").await, ["ada"]);
        assert_eq!(found(&world, "nickName eq \"A\"").await, [""; 0]);
        assert_eq!(
            list(&world, "sortBy=userName&sortOrder=descending").await.0,
            ["dee", "cy", "ada"]
        );
    }
    world.passes(60);
    world.deliver().await;
    let (ada, bob): (Vec<_>, Vec<_>) =
        world.vendor.writes().into_iter().partition(|call| call.contains("ada"));
    assert_eq!(ada, ["PATCH /users/ada", "POST /users/ada/retire", "PATCH /users/ada"]);
    assert_eq!(bob, ["DELETE /users/bob"]);
    assert!(world.entries().await.is_empty());
    let ada = get(&world, "ada").await;
    assert_eq!((&ada.body["active"], &ada.body["nickName"]), (&json!(false), &json!("B")));
    assert_eq!(list(&world, "").await, (strings(&["ada", "cy", "dee"]), 3));
}

/// Where the vendor cannot list, those are listed for whom there is a Link.
#[tokio::test]
async fn who_is_deleted_leaves_his_place_in_a_list_of_links() {
    let mapping = early()
        .replace("list: { call: GET /users, items: users, paging: none }", "list: { links: true }")
        .replace("match: [userName]", "match: [userName]\n    on_match: adopt");
    let world = World::of(&mapping, Vendor::with(&[]), Profile::Strict);
    for login in ["ada", "bob", "cy"] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": login,
        });
        assert_eq!(world.send("POST", "/Users", body).await.status, 201);
    }
    away(&world, true);
    assert_eq!(delete(&world, "bob").await.status, 204);
    away(&world, false);
    assert_eq!(list(&world, "count=2").await, (strings(&["ada"]), 3));
    assert_eq!(list(&world, "startIndex=3&count=2").await, (strings(&["cy"]), 3));
    assert_eq!(found(&world, "userName sw \"b\"").await, [""; 0]);
    world.passes(60);
    world.deliver().await;
    assert_eq!(list(&world, "").await, (strings(&["ada", "cy"]), 2));
}

/// A Group that is a value of its Users' has those who are told to have it.
#[tokio::test]
async fn groups_that_are_values_go_by_what_was_acknowledged() {
    let groups = "  Group: { values_of: { resource: User, attribute: title } }\n";

    let mapping = early().replace(
        "title: { field: title }",
        "title: { field: title }\n      groups: { kept: true }",
    );
    let mapping = format!("{mapping}{groups}");
    let world = World::of(&mapping, Vendor::with(&["ada", "bob"]), Profile::Strict);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 204);
    let told = world.send("GET", "/Groups/T", Value::Null).await;
    assert_eq!((told.status, &told.body["members"][0]["value"]), (200, &json!("ada")), "{told:?}");
    assert_eq!(get(&world, "ada").await.body["groups"][0]["value"], "T");
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.patch("ada", json!({ "title": null })).await.status, 204);
    assert_eq!(get(&world, "ada").await.body.get("groups"), None);
    assert_eq!(world.send("GET", "/Groups/T", Value::Null).await.status, 404);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 204);
    // All kinds at once.
    let told = world.send("GET", "/?filter=title%20eq%20%22T%22", Value::Null).await;
    assert_eq!(told.body["Resources"][0]["id"], "ada", "{told:?}");
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

/// The vendor's own search goes by what it has.
#[tokio::test]
async fn a_search_of_the_vendors_finds_who_is_changed_to_match() {
    let find = "find:\n        - { filter: \"nickName eq {nick}\", call: GET /none, query: { nick: \"{nick}\" }, items: users }";
    let mapping = early().replace("find:", find);
    let world = World::of(&mapping, Vendor::with(&["ada", "bob"]), Profile::Strict);
    world.vendor.fated(&[Fate::Away]);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 204);
    // The vendor answers 404 there, of which a list is none.
    let told = world.send("GET", "/Users?filter=nickName%20eq%20%22A%22", Value::Null).await;
    assert_ne!(told.status, 200);
    let mapping = mapping.replace(
        "GET /none,",
        "GET /none, errors: [{ when: answer.status == 404, means: not_found }],",
    );
    world.restart_with(&mapping).await;
    assert_eq!(found(&world, "nickName eq \"A\"").await, ["ada"]);
    assert_eq!(found(&world, "nickName eq \"B\"").await, [""; 0]);
}

#[tokio::test]
async fn too_much_to_be_looked_at_for_a_filter_is_not_told_at_all() {
    let world = world(&["ada"]);
    away(&world, true);
    assert_eq!(world.off("ada").await.status, 204);
    away(&world, false);
    let pending = world.entries().await.remove(0);
    for number in 0..1_000 {
        let (id, number) = (format!("x{number}"), format!("n-{number}"));
        world.enter(Entry { id, number, ..pending.clone() }).await;
    }
    let told = world.send("GET", "/Users?filter=active%20eq%20false", Value::Null).await;
    assert_eq!((told.status, told.retry_after), (503, Some(60)), "{told:?}");
    assert!(told.detail().contains("1000 changes"), "{told:?}");
    assert_eq!(list(&world, "").await.0, ["ada"]);
    assert_eq!(get(&world, "ada").await.body["active"], false);
}

#[tokio::test]
async fn a_dead_letter_is_laid_over_nothing() {
    let world = world(&["ada"]);
    away(&world, true);
    assert_eq!(world.off("ada").await.status, 204);
    away(&world, false);
    assert_eq!(get(&world, "ada").await.body["active"], false);
    world.vendor.fated(&[Fate::Refused(409)]);
    world.passes(60);
    world.deliver().await;
    let entries = world.entries().await;
    assert_eq!((entries[0].stage, entries[0].acknowledged), (Stage::Dead, true));
    assert_eq!(get(&world, "ada").await.body["active"], true);
    assert_eq!(found(&world, "active eq true").await, ["ada"]);
    // Who tries it once more promises nothing to anybody.
    let retried = world.retry(&entries[0].number).await.unwrap();
    let Some(Retried::Entered(entry)) = retried else { panic!("{retried:?}") };
    assert!(!entry.acknowledged);
    assert_eq!(get(&world, "ada").await.body["active"], true);
}

/// What was promised and never tried is refused to its repeat: somebody else was told that it is done.
#[tokio::test]
async fn its_repeat_is_told_the_same_and_a_refusal_then_is_a_dead_letter() {
    let world = world(&["ada"]);
    away(&world, true);
    let first = world.patch("ada", json!({ "nickName": "A" })).await;
    let behind = world.off("ada").await;
    let again = world.off("ada").await;
    assert_eq!((first.status, behind.status, again.status), (204, 204, 204));
    assert_eq!(behind.number, again.number);
    assert_eq!(world.entries().await.len(), 2);
    assert!(world.metrics().contains("scimshim_journal_acknowledged_total{tenant=\"t\"} 2"));
    away(&world, false);
    world.vendor.fated(&[Fate::Well, Fate::Refused(409)]);
    assert_eq!(world.off("ada").await.status, 409);
    let entries = world.entries().await;
    assert_eq!(entries.iter().map(|one| one.stage).collect::<Vec<_>>(), [Stage::Dead]);
}

/// A call that was given up may still come: that is no reason to take back what was promised.
#[tokio::test]
async fn what_was_promised_is_promised_while_it_settles() {
    let world = world(&["ada"]);
    world.vendor.fated(&[Fate::Lost]);
    let first = world.off("ada").await;
    let again = world.off("ada").await;
    assert_eq!((first.status, again.status, &again.number), (204, 204, &first.number));
    assert_eq!(get(&world, "ada").await.body["active"], false);
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"]);
}

#[tokio::test]
async fn who_is_deleted_is_gone_for_all_and_nobody_takes_him_over() {
    let world = world(&["ada"]);
    away(&world, true);
    assert_eq!(world.patch("ada", json!({ "nickName": "A" })).await.status, 204);
    assert_eq!(delete(&world, "ada").await.status, 204);
    assert_eq!(delete(&world, "ada").await.status, 204, "its repeat joins it");
    assert_eq!(world.off("ada").await.status, 404);
    assert_eq!(world.entries().await.len(), 2);
    away(&world, false);
    let ada = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ada",
    });
    let told = world.send("POST", "/Users", ada.clone()).await;
    assert_eq!((told.status, told.retry_after), (503, Some(30)), "{told:?}");
    world.passes(60);
    world.deliver().await;
    assert_eq!(world.vendor.person("ada"), None);
    assert_eq!(world.send("POST", "/Users", ada).await.status, 201);
    assert_eq!(get(&world, "ada").await.status, 200);
}

#[tokio::test]
async fn a_writes_own_answer_shows_what_was_acknowledged_beside_it() {
    let world = world(&["ada"]);
    away(&world, true);
    assert_eq!(world.patch("ada", json!({ "title": "T" })).await.status, 204);
    let title = world.entries().await.remove(0);
    // One that has begun is carried out before it.
    let begun = Entry {
        number: "begun".to_owned(),
        acknowledged: false,
        attempts: 1,
        intent: json!({ "patch": [{ "op": "replace", "value": { "active": false } }] }),
        progress: json!({ "sent": { "call": "x", "at": 0, "safe": true, "visible": true } }),
        ..title
    };
    world.enter(begun).await;
    away(&world, false);
    let told = world.off("ada").await;
    assert_eq!((told.status, &told.body["active"]), (200, &json!(false)), "{told:?}");
    assert_eq!(told.body["title"], "T");
    assert_eq!(world.vendor.writes(), ["POST /users/ada/retire"]);
    assert_eq!(acknowledged(&world).await, [("ada".to_owned(), true)]);
}

#[tokio::test]
async fn what_nobody_may_read_is_not_shown() {
    let given = "title: { field: title }\n      name.givenName: { field: given, direction: write }";
    let mapping = early().replace("title: { field: title }", given);
    let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
    world.vendor.fated(&[Fate::Away]);
    let wanted = json!({ "name": { "givenName": "A" }, "nickName": "A" });
    assert_eq!(world.patch("ada", wanted).await.status, 204);
    let ada = get(&world, "ada").await.body;
    assert_eq!((ada.get("name"), &ada["nickName"]), (None, &json!("A")), "{ada}");
}

/// A mapping that acknowledges nothing early asks the store for nothing when it reads; one that does refuses to guess.
#[tokio::test]
async fn only_a_mapping_that_says_so_reads_the_store() {
    for (mapping, status) in [(MAPPING.to_owned(), 200), (early(), 503)] {
        let world = World::of(&mapping, Vendor::with(&["ada"]), Profile::Strict);
        world.store().close().await.unwrap();
        assert_eq!(get(&world, "ada").await.status, status);
        assert_eq!(world.send("GET", "/Users", Value::Null).await.status, status);
    }
}
