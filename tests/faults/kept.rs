//! What a vendor has no place for, over a real file: kept, found, gone and back, through restarts and
//! a store that fails.

use crate::harness::{MAPPING, SECRET, Sent, Stored, Table, detail, patch, user};
use futures_util::TryStreamExt;
use scimshim::gateway::outlet::Pieces;
use serde_json::{Value, json};

/// Faulty's mapping with everything that a store is for.
pub const KEEPING: &str = r#"
mapping: 1
name: keeping
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}/api"
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0, first: 1ms, longest: 2ms }
resources:
  User:
    key: id
    match: [externalId, userName]
    unmapped: kept
    attributes:
      userName: { field: login, required: true }
      active: { field: active }
      externalId: { kept: true }
      title: { kept: true, missing: nobody }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { page: { param: page, size_param: size, total: total } } }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
        - { name: off, claims: [active becomes false], call: "POST /users/{key}/off" }
        - { name: back, claims: [active becomes true], call: "POST /users/{key}/on" }
      delete: { run: off, afterwards: gone }
"#;

fn named(login: &str, external: &str) -> Value {
    let mut user = user(login);
    let members = user.as_object_mut().unwrap();
    members.insert("externalId".to_owned(), json!(external));
    members.insert("active".to_owned(), json!(true));
    user
}

fn totals(wire: &scimshim::scim::encode::Wire) -> Value {
    wire.body.as_ref().map_or(Value::Null, |body| body["totalResults"].clone())
}

#[tokio::test]
async fn what_is_kept_is_served_searched_and_outlives_the_process() {
    let vendor = Table::default();
    let mut world = Stored::new("kept", KEEPING, &vendor);
    let made = world.send("POST", "/Users", &named("mia", "00u1")).await;
    assert_eq!(made.status, 201, "{made:?}");
    let body = made.body.unwrap();
    let id = body["id"].as_str().unwrap().to_owned();
    assert_eq!((&body["externalId"], &body["title"]), (&json!("00u1"), &json!("nobody")));
    assert!(!vendor.told().contains("00u1"), "the vendor never hears of it");

    world.restart().await;
    let one = format!("/Users/{id}");
    let table = [
        ("externalId eq \"00u1\"", 1),
        ("externalId eq \"00U1\"", 0),
        ("externalId eq \"00u1\" and userName eq \"mia\"", 1),
        ("externalId eq \"00u1\" and userName eq \"kai\"", 0),
        ("externalId eq \"00u2\" or userName eq \"mia\"", 1),
        ("externalId sw \"00\"", 1),
        ("title eq \"nobody\"", 1),
    ];
    for (filter, found) in table {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        let wire = world.send("GET", &format!("/Users?filter={filter}"), &Value::Null).await;
        assert_eq!((wire.status, totals(&wire)), (200, json!(found)), "{filter} {wire:?}");
    }
    vendor.forget();
    let change = json!([
        { "op": "replace", "path": "title", "value": "Engineer" },
        { "op": "add", "path": "nickName", "value": "M" },
    ]);
    let changed = world.send("PATCH", &one, &patch(change)).await;
    let body = changed.body.unwrap();
    assert_eq!((&body["title"], &body["nickName"]), (&json!("Engineer"), &json!("M")));
    assert_eq!(vendor.told(), format!("GET /users/{id}\n"), "nothing but the read");

    let replaced = world.send("PUT", &one, &named("mia", "00u9")).await;
    let body = replaced.body.unwrap();
    assert_eq!((&body["externalId"], &body["title"]), (&json!("00u9"), &json!("nobody")));
    assert_eq!(body["nickName"], Value::Null, "a PUT clears what it does not say");
    let list = world.send("GET", "/Users", &Value::Null).await;
    assert_eq!(list.body.unwrap()["Resources"][0]["externalId"], "00u9");
}

#[tokio::test]
async fn many_of_whom_the_store_knows_are_read_in_one_page_of_the_vendors() {
    let vendor = Table::default();
    // What is missing in the store is somebody's too: with `missing` the list is read for it.
    let mapping =
        KEEPING.replace("title: { kept: true, missing: nobody }", "title: { kept: true }");
    assert_ne!(mapping, KEEPING);
    let world = Stored::new("many-kept", &mapping, &vendor);
    let mut made = Vec::new();
    for number in 0..40 {
        let mut person = named(&format!("u{number}"), &format!("00u{number}"));
        person["title"] = json!(if number < 35 { "Clerk" } else { "Baker" });
        let wire = world.send("POST", "/Users", &person).await;
        made.push(wire.body.unwrap()["id"].as_str().unwrap().to_owned());
    }
    let found = async |title: &str| {
        vendor.forget();
        let path = format!("/Users?filter=title%20eq%20%22{title}%22");
        (totals(&world.send("GET", &path, &Value::Null).await), vendor.told())
    };
    assert_eq!(found("Clerk").await, (json!(35), "GET /users\n".to_owned()));
    // Who is gone is found no more.
    world.send("DELETE", &format!("/Users/{}", made[0]), &Value::Null).await;
    assert_eq!(found("Clerk").await, (json!(34), "GET /users\n".to_owned()));
    // For a few no list is read.
    let (total, told) = found("Baker").await;
    assert_eq!((total, told.lines().count()), (json!(5), 5), "{told}");
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_comes_back_as_the_same() {
    for shown in [true, false] {
        let mut vendor = Table::default();
        vendor.hides_inactive = !shown;
        let mut world = Stored::new(&format!("gone-{shown}"), KEEPING, &vendor);
        let made = world.send("POST", "/Users", &named("mia", "00u1")).await;
        let id = made.body.unwrap()["id"].as_str().unwrap().to_owned();
        let one = format!("/Users/{id}");
        assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 204);
        world.restart().await;
        let off = patch(json!([{ "op": "replace", "path": "active", "value": true }]));
        let refused = [("GET", Value::Null), ("PATCH", off), ("PUT", named("mia", "00u1"))];
        for (method, body) in refused.into_iter().chain([("DELETE", Value::Null)]) {
            assert_eq!(world.send(method, &one, &body).await.status, 404, "{method}");
        }
        for query in
            ["", "?filter=userName%20eq%20%22mia%22", "?filter=externalId%20eq%20%2200u1%22"]
        {
            let wire = world.send("GET", &format!("/Users{query}"), &Value::Null).await;
            assert_eq!((wire.status, totals(&wire)), (200, json!(0)), "{query}");
        }
        assert!(!vendor.is_active(&id));
        // By the kept value alone, or by the vendor's own; without `active` all the same.
        let mut again = named("mia", "00u2");
        again.as_object_mut().unwrap().remove("active");
        let back = world.send("POST", "/Users", &again).await;
        assert_eq!(back.status, 201, "{back:?}");
        let body = back.body.unwrap();
        assert_eq!((&body["id"], &body["active"]), (&json!(id), &json!(true)));
        assert_eq!(body["externalId"], "00u2");
        assert_eq!(world.send("GET", &one, &Value::Null).await.status, 200);
        assert_eq!(world.send("POST", "/Users", &named("mia", "00u2")).await.status, 409);
    }
}

#[tokio::test]
async fn a_create_that_stopped_before_the_store_had_it_is_finished_by_its_repeat() {
    for restarted in [false, true] {
        let vendor = Table::default();
        let mut world = Stored::new(&format!("half-{restarted}"), KEEPING, &vendor);
        // The record is made; the process ends before anything is kept of it.
        vendor.after_create(world.store.clone());
        let first = world.send("POST", "/Users", &named("mia", "00u1")).await;
        assert_eq!(first.status, 503, "{first:?}");
        assert!(detail(&first).contains("store"), "{first:?}");
        assert_eq!(vendor.records(), 1);
        world.restart().await;
        if restarted {
            world.restart().await;
        }
        let repeat = world.send("POST", "/Users", &named("mia", "00u1")).await;
        assert_eq!(repeat.status, 201, "{repeat:?}");
        assert_eq!(repeat.body.unwrap()["externalId"], "00u1");
        assert_eq!(vendor.records(), 1);
        let third = world.send("POST", "/Users", &named("mia", "00u1")).await;
        assert_eq!(third.status, 409, "it has ended");
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_never_a_success() {
    let vendor = Table::default();
    let mut world = Stored::new("failing", KEEPING, &vendor);
    let made = world.send("POST", "/Users", &named("mia", "00u1")).await;
    let id = made.body.unwrap()["id"].as_str().unwrap().to_owned();
    let one = format!("/Users/{id}");
    world.store.close().await.unwrap();
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    let asked = [
        ("GET", one.as_str(), Value::Null),
        ("GET", "/Users", Value::Null),
        ("GET", "/Users?filter=externalId%20eq%20%2200u1%22", Value::Null),
        ("POST", "/Users", named("kai", "00u2")),
        ("PUT", one.as_str(), named("mia", "00u3")),
        ("PATCH", one.as_str(), off),
        ("DELETE", one.as_str(), Value::Null),
    ];
    for (method, path, body) in asked {
        let wire = world.send(method, path, &body).await;
        assert_eq!(wire.status, 503, "{method} {path} {wire:?}");
        assert!(!detail(&wire).contains(SECRET));
        assert!(world.fault().is_some_and(|fault| fault.contains("closed")), "{method}: loud");
    }
    assert_eq!(vendor.records(), 1, "no create is sent that could not be remembered");
    // The vendor took it, and the store did not: the repeat does the rest.
    world.restart().await;
    vendor.after_next_write(world.store.clone());
    let change =
        json!([{ "op": "replace", "value": { "userName": "mia2", "externalId": "00u4" } }]);
    let first = world.send("PATCH", &one, &patch(change.clone())).await;
    assert_eq!(first.status, 503, "{first:?}");
    world.restart().await;
    let body = world.send("PATCH", &one, &patch(change)).await.body.unwrap();
    assert_eq!((&body["userName"], &body["externalId"]), (&json!("mia2"), &json!("00u4")));
    vendor.after_next_write(world.store.clone());
    assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 503);
    world.restart().await;
    assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 204);
    assert_eq!(world.send("GET", &one, &Value::Null).await.status, 404);
}

#[tokio::test]
async fn tenants_share_a_file_and_see_nothing_of_each_other() {
    let vendor = Table::default();
    let world = Stored::new("tenants", KEEPING, &vendor);
    let other = world.beside("other", KEEPING, &vendor);
    let made = world.send("POST", "/Users", &named("mia", "00u1")).await;
    let id = made.body.unwrap()["id"].as_str().unwrap().to_owned();
    let one = format!("/Users/{id}");
    let seen = other.send("GET", &one, &Value::Null).await.body.unwrap();
    assert_eq!(seen["externalId"], Value::Null);
    let filter = "/Users?filter=externalId%20eq%20%2200u1%22";
    assert_eq!(totals(&other.send("GET", filter, &Value::Null).await), json!(0));
    assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 204);
    assert_eq!(world.send("GET", &one, &Value::Null).await.status, 404);
    assert_eq!(other.send("GET", &one, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_delete_by_a_call_whose_record_stays_leaves_a_tombstone() {
    let deleting = |call: &str| {
        KEEPING.replace(
            "delete: { run: off, afterwards: gone }",
            &format!("delete: {{ call: \"POST /users/{{key}}/{call}\", afterwards: gone }}"),
        )
    };
    let vendor = Table::default();
    let mut world = Stored::new("tombstone-by-call", &deleting("off"), &vendor);
    let made = world.send("POST", "/Users", &named("mia", "00u1")).await;
    let id = made.body.unwrap()["id"].as_str().unwrap().to_owned();
    let one = format!("/Users/{id}");
    assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 204);
    assert!(!vendor.is_active(&id));
    world.restart().await;
    assert_eq!(world.send("GET", &one, &Value::Null).await.status, 404);
    assert_eq!(world.send("DELETE", &one, &Value::Null).await.status, 404);
    let again = world.send("POST", "/Users", &named("mia", "00u1")).await;
    assert_eq!((again.status, &again.body.unwrap()["id"]), (201, &json!(id)));
    assert!(vendor.is_active(&id));

    // A call that changes nothing must not hide an account that is alive.
    let world = Stored::new("tombstone-by-lie", &deleting("on"), &vendor);
    let refused = world.send("DELETE", &one, &Value::Null).await;
    assert_eq!(refused.status, 502, "{refused:?}");
    assert!(detail(&refused).contains("still active"), "{refused:?}");
    assert_eq!(world.send("GET", &one, &Value::Null).await.status, 200);
}

#[tokio::test]
async fn who_is_ours_is_known_by_a_mark_and_others_are_adopted_once() {
    let adopting = KEEPING
        .replace("match: [externalId, userName]", "match: [userName]\n    on_match: adopt")
        .replace(
            "delete: { run: off, afterwards: gone }",
            "delete: { call: \"DELETE /users/{key}\" }",
        );
    let vendor = Table::default();
    let mut world = Stored::new("adopting", &adopting, &vendor);
    vendor.put("7", json!({ "id": 7, "login": "mia", "active": true }));
    let adopted = world.send("POST", "/Users", &named("mia", "00u1")).await;
    assert_eq!(adopted.status, 201, "{adopted:?}");
    assert_eq!(adopted.body.unwrap()["id"], "7");
    world.restart().await;
    assert_eq!(world.send("POST", "/Users", &named("mia", "00u1")).await.status, 409);
    assert_eq!(world.send("POST", "/Users", &named("kai", "00u2")).await.status, 201);
    assert_eq!(world.send("POST", "/Users", &named("kai", "00u2")).await.status, 409);
    // What went with its record is nobody's any more, whoever gets the key next.
    assert_eq!(world.send("DELETE", "/Users/7", &Value::Null).await.status, 204);
    vendor.put("7", json!({ "id": 7, "login": "lea", "active": true }));
    let seen = world.send("GET", "/Users/7", &Value::Null).await.body.unwrap();
    assert_eq!(seen["externalId"], Value::Null);
    assert_eq!(world.send("POST", "/Users", &named("lea", "00u3")).await.status, 201);
}

/// The vendor took the change, and the store went before he was marked: the repeat adopts him again.
#[tokio::test]
async fn an_adoption_that_stopped_in_between_is_finished_by_its_repeat() {
    let adopting = KEEPING.replace(
        "match: [externalId, userName]",
        "match: [userName]\n    on_match: adopt\n    owns: linked",
    );
    let vendor = Table::default();
    let mut world = Stored::new("adopting-put", &adopting, &vendor);
    vendor.put("7", json!({ "id": 7, "login": "mia", "active": true }));
    let mut off = named("mia", "00u1");
    off["active"] = json!(false);
    vendor.after_next_write(world.store.clone());
    let stopped = world.send("PUT", "/Users/7", &off).await;
    assert_eq!(stopped.status, 503, "{stopped:?}");
    let words = "of the request was carried out: `off`";
    assert!(detail(&stopped).ends_with(words), "{stopped:?}");
    world.restart().await;
    let on = patch(json!([{ "op": "replace", "value": { "active": true } }]));
    assert_eq!(world.send("PATCH", "/Users/7", &on).await.status, 403);
    let again = world.send("PUT", "/Users/7", &off).await;
    assert_eq!((again.status, &again.body.unwrap()["externalId"]), (200, &json!("00u1")));
    assert_eq!(world.send("PATCH", "/Users/7", &on).await.status, 200);
    assert!(vendor.is_active("7"));
}

#[tokio::test]
async fn what_keeps_nothing_does_not_wait_for_the_store() {
    let kept_groups = format!("{MAPPING}  Group: {{ kept: true }}\n");
    for (name, mapping, deleted) in [("none", MAPPING, 204), ("groups", &kept_groups, 503)] {
        let vendor = Table::default();
        let world = Stored::new(&format!("nothing-{name}"), mapping, &vendor);
        world.store.close().await.unwrap();
        let nick = patch(json!([{ "op": "replace", "path": "nickName", "value": "M" }]));
        let asked = [
            ("POST", "/Users", user("mia"), 201),
            ("POST", "/Users", user("mia"), 409),
            ("GET", "/Users/100", Value::Null, 200),
            ("PATCH", "/Users/100", nick, 200),
            ("PUT", "/Users/100", user("mia2"), 200),
            // Who is deleted leaves the Groups of our own.
            ("DELETE", "/Users/100", Value::Null, deleted),
        ];
        for (method, path, body, status) in asked {
            let wire = world.send(method, path, &body).await;
            assert_eq!(wire.status, status, "{name}: {method} {wire:?}");
        }
        assert_eq!(vendor.records(), 0, "{name}");
    }
}

#[test]
fn check_says_what_a_mapping_needs_the_store_for() {
    let notes = |text: &str| {
        let loaded = scimshim::mapping::load("m.yaml", text);
        let notes = loaded.notes.iter().filter(|note| note.code == "M505");
        notes.map(|note| format!("{} {}", note.place, note.message)).collect::<Vec<_>>()
    };
    let all = format!("{KEEPING}  Group: {{ kept: true }}\n");
    let [user, group] = notes(&all).try_into().unwrap();
    let tombstones = "the tombstones of `afterwards: gone`";
    for part in ["m.yaml:20:7", "`externalId`", "`title`", "`unmapped: kept`", tombstones] {
        assert!(user.contains(part), "{part}: {user}");
    }
    assert!(!user.contains("password"), "{user}");
    assert!(group.contains("names and members"), "{group}");
    assert_eq!(notes(MAPPING), [""; 0]);
}

/// The list of a vendor that has none, told while it is made: the same as if it were held.
#[tokio::test]
async fn a_long_list_of_links_is_told_as_it_is_held() {
    let vendor = Table::default();
    let list = "list: { call: GET /users, items: users, paging: { page: { param: page, size_param: size, total: total } } }";
    let mapping = KEEPING.replace(list, "list: { links: true }");
    let world = Stored::new("linked-stream", &mapping, &vendor);
    for number in 0..60 {
        let person = named(&format!("u{number}"), &number.to_string());
        assert_eq!(world.send("POST", "/Users", &person).await.status, 201);
    }
    vendor.lose("120");
    let all = async |pieces: Pieces| pieces.map_ok(Vec::from).try_concat().await.ok();
    for (path, count) in [
        ("/Users?count=5000", 59),
        ("/Users?count=5000&startIndex=40", 20),
        ("/Users?count=5000&startIndex=900", 0),
        ("/Users?count=5000&sortBy=userName", 59),
        ("/Users?count=5000&startIndex=3&filter=title%20eq%20%22nobody%22", 57),
    ] {
        let streaming = world.stream(Sent::get(path), all).await;
        let told: Value = serde_json::from_slice(&streaming.taken.unwrap()).unwrap();
        let held = world.send("GET", path, &Value::Null).await.body.unwrap();
        assert_eq!((&told, &told["itemsPerPage"]), (&held, &json!(count)), "{path}");
        assert_eq!(told["totalResults"], 59, "{path}");
    }
}

/// Of those of whom nothing is kept the vendor knows what they read as.
const MISSING: &str = r#"
mapping: 1
name: keeping
evidence: seen
tenant: { url: { type: text }, token: { type: text, secret: true } }
upstream: { base_url: "{tenant.url}", auth: { bearer: { token: "{tenant.token}" } } }
resources:
  User:
    key: id
    match: [userName]
    on_match: adopt
    attributes:
      userName: { kept: true, required: true, missing: "{record.login}" }
      displayName: { field: login }
      active: { field: active }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users, paging: none }
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
      delete: { call: "DELETE /users/{key}" }
"#;

#[tokio::test]
async fn who_is_not_ours_yet_is_found_by_what_he_reads_as() {
    let vendor = Table::default();
    vendor.put("7", json!({ "id": 7, "login": "mia@acme.example", "active": true }));
    vendor.put("8", json!({ "id": 8, "login": "zoe@acme.example", "active": true }));
    let world = Stored::new("missing", MISSING, &vendor);
    let found = async |name: &str| {
        vendor.forget();
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let wire = world.send("GET", &path, &Value::Null).await;
        assert_eq!(wire.status, 200, "{}", detail(&wire));
        let body = wire.body.unwrap();
        let ids = body["Resources"].as_array().into_iter().flatten();
        let ids: Vec<String> = ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        (ids.join(","), vendor.told())
    };
    let search = "GET /users\n";
    assert_eq!(found("mia@acme.example").await, ("7".to_owned(), search.to_owned()));
    // Adopted by what he reads as, he is ours, and has a name of the client's.
    let wire = world.send("POST", "/Users", &user("mia@acme.example")).await;
    assert_eq!((wire.status, vendor.records()), (201, 2), "{}", detail(&wire));
    let renamed = patch(json!([{ "op": "replace", "value": { "userName": "mia" } }]));
    assert_eq!(world.send("PATCH", "/Users/7", &renamed).await.status, 200);
    let (ids, told) = found("MIA").await;
    assert_eq!(ids, "7");
    // The store's and the vendor's, side by side.
    let mut told: Vec<&str> = told.lines().collect();
    told.sort_unstable();
    assert_eq!(told, ["GET /users", "GET /users/7"]);
    // The vendor finds him by his address, and he is not called so any more.
    assert_eq!(found("mia@acme.example").await.0, "");
    assert_eq!(found("zoe@acme.example").await.0, "8");
    // No search of the store's or the vendor's serves it: the list is read.
    vendor.forget();
    let sorted = "/Users?filter=userName%20sw%20%22mi%22";
    let wire = world.send("GET", sorted, &Value::Null).await;
    assert_eq!(wire.body.unwrap()["totalResults"], 1);
    // Nobody is made twice whose create was lost before the store had it.
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!((wire.status, vendor.records()), (409, 2), "{}", detail(&wire));
}

#[test]
fn a_search_by_what_is_kept_needs_something_of_the_vendors() {
    for (missing, refused) in [(r#"missing: "{record.login}""#, false), ("missing: nobody", true)] {
        let text = MISSING.replace(r#"missing: "{record.login}""#, missing);
        let findings = scimshim::mapping::load("m.yaml", &text).findings;
        let said = findings.iter().any(|finding| finding.code == "M607");
        assert_eq!(said, refused, "{findings:?}");
        // The vendor can be asked for who stopped before the store had him.
        assert!(findings.iter().all(|finding| finding.code != "M514"), "{findings:?}");
    }
}
