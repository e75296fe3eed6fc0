//! Groups of our own over a real file: made, found, changed a few members at a time, and gone.

use crate::{
    harness::{Sent, Stored, Table, patch},
    kept::KEEPING,
};
use futures_util::TryStreamExt;
use scimshim::{
    gateway::outlet::Pieces,
    scim::encode::Wire,
    store::{Batch, Change, Member},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub fn mapping() -> String {
    KEEPING.replace("title: {", "groups: { kept: true }\n      title: {")
        + "  Group: { kept: true }\n"
}

pub fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name, "externalId": format!("x-{name}"), "members": members,
    })
}

pub fn id(wire: &Wire) -> String {
    wire.body.as_ref().unwrap()["id"].as_str().unwrap().to_owned()
}

pub fn members(wire: &Wire) -> BTreeSet<String> {
    let list = wire.body.as_ref().unwrap()["members"].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

pub fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn people(vendor: &Table) {
    for id in ["1", "2", "3", "4"] {
        vendor.put(id, json!({ "id": id, "login": format!("u{id}"), "active": true }));
    }
}

const ALL: &str = "/Groups";

#[tokio::test]
async fn a_group_of_our_own_is_made_changed_found_and_ended() {
    let vendor = Table::default();
    people(&vendor);
    let mut world = Stored::new("groups", &mapping(), &vendor);
    let made = world.send("POST", ALL, &group("Sales", &["1", "2"])).await;
    assert_eq!(made.status, 201, "{made:?}");
    let sales = format!("/Groups/{}", id(&made));
    assert_eq!(members(&made), set(&["1", "2"]));
    let body = made.body.as_ref().unwrap();
    assert_eq!(body["members"][0]["$ref"], "https://gw.example/scim/v2/Users/1");
    assert_eq!(world.send("POST", ALL, &group("sales", &[])).await.status, 409, "case");
    assert_eq!(world.send("POST", ALL, &group("Ops", &["1", "9"])).await.status, 400);
    let ops = world.send("POST", ALL, &group("Ops", &[])).await;
    let rename = patch(json!([{ "op": "replace", "path": "displayName", "value": "SALES" }]));
    let taken = world.send("PATCH", &format!("/Groups/{}", id(&ops)), &rename).await;
    assert_eq!(taken.status, 409, "{taken:?}");
    world.restart().await;

    let steps = [
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": "3" }, { "value": "1" }] }]),
            set(&["1", "2", "3"]),
        ),
        (json!([{ "op": "remove", "path": "members[value eq \"2\"]" }]), set(&["1", "3"])),
        (json!([{ "op": "replace", "path": "members", "value": [{ "value": "4" }] }]), set(&["4"])),
        (
            json!([{ "op": "add", "value": { "members": [{ "value": "1" }], "externalId": "y" } }]),
            set(&["1", "4"]),
        ),
        (json!([{ "op": "remove", "path": "members" }]), set(&[])),
        (
            json!([{ "op": "replace", "value": { "displayName": "Sales!", "members": [{ "value": "2" }] } }]),
            set(&["2"]),
        ),
    ];
    let mut version = None;
    for (operations, expected) in steps {
        let said = operations.to_string();
        let of_members = operations[0]["path"].as_str().is_some();
        let wire = world.send("PATCH", &sales, &patch(operations)).await;
        assert_eq!(wire.status, if of_members { 204 } else { 200 }, "{said} {wire:?}");
        assert_ne!(wire.etag, version, "{said}");
        version = wire.etag;
        let now = world.send("GET", &sales, &Value::Null).await;
        assert_eq!(members(&now), expected, "{said}");
    }
    // All or nothing, and a stranger is named.
    let strange = json!([
        { "op": "add", "path": "members", "value": [{ "value": "1" }, { "value": "9" }] },
        { "op": "replace", "path": "displayName", "value": "Other" },
    ]);
    let wire = world.send("PATCH", &sales, &patch(strange)).await;
    assert_eq!(wire.status, 400);
    let now = world.send("GET", &sales, &Value::Null).await;
    assert_eq!(
        (members(&now), &now.body.as_ref().unwrap()["displayName"]),
        (set(&["2"]), &json!("Sales!"))
    );

    let own = id(&now);
    let table = [
        ("displayName eq \"SALES!\"".to_owned(), 1),
        ("externalId eq \"y\"".to_owned(), 1),
        ("externalId eq \"Y\"".to_owned(), 0),
        (format!("id eq \"{own}\""), 1),
        (format!("id eq \"{own}\" and members eq \"2\""), 1),
        (format!("id eq \"{own}\" and members eq \"1\""), 0),
        ("members.value eq \"2\"".to_owned(), 1),
        ("members[value eq \"2\"]".to_owned(), 1),
        ("members pr".to_owned(), 1),
        ("not (members eq \"2\")".to_owned(), 1),
        ("displayName sw \"O\" or members eq \"2\"".to_owned(), 2),
    ];
    for (filter, count) in table {
        let query = filter.replace(' ', "%20").replace('"', "%22");
        let wire = world.send("GET", &format!("/Groups?filter={query}"), &Value::Null).await;
        assert_eq!(wire.body.as_ref().unwrap()["totalResults"], json!(count), "{filter}");
    }
    let page = world.send("GET", "/Groups?startIndex=2&count=1", &Value::Null).await;
    let body = page.body.unwrap();
    assert_eq!(
        (&body["totalResults"], body["Resources"].as_array().unwrap().len()),
        (&json!(2), 1)
    );

    let user = world.send("GET", "/Users/2", &Value::Null).await.body.unwrap();
    assert_eq!(user["groups"][0]["display"], "Sales!");
    assert_eq!(world.send("DELETE", "/Users/2", &Value::Null).await.status, 204);
    assert_eq!(members(&world.send("GET", &sales, &Value::Null).await), set(&[]));

    let put = world.send("PUT", &sales, &group("Sales", &["1", "3"])).await;
    assert_eq!((put.status, members(&put)), (200, set(&["1", "3"])));
    let other = world.beside("other", &mapping(), &vendor);
    assert_eq!(other.send("GET", &sales, &Value::Null).await.status, 404);
    for expected in [204, 404] {
        assert_eq!(world.send("DELETE", &sales, &Value::Null).await.status, expected);
    }
    let user = world.send("GET", "/Users/1", &Value::Null).await.body.unwrap();
    assert_eq!(user["groups"], Value::Null);
    world.store.close().await.unwrap();
    for (method, path, body) in [
        ("GET", "/Groups", Value::Null),
        ("POST", "/Groups", group("New", &[])),
        ("PATCH", sales.as_str(), patch(json!([{ "op": "remove", "path": "members" }]))),
    ] {
        assert_eq!(world.send(method, path, &body).await.status, 503, "{method}");
    }
}

#[tokio::test]
async fn groups_of_our_own_have_versions_an_order_and_pages() {
    let vendor = Table::default();
    people(&vendor);
    let world = Stored::new("group-pages", &mapping(), &vendor);
    let mut ids = Vec::new();
    for name in ["b", "C", "a"] {
        ids.push(id(&world.send("POST", ALL, &group(name, &["1"])).await));
    }
    let names = |wire: &Wire| -> Vec<String> {
        let resources = wire.body.as_ref().unwrap()["Resources"].as_array().unwrap();
        resources.iter().map(|one| one["displayName"].as_str().unwrap().to_owned()).collect()
    };
    let sorted = "/Groups?sortBy=displayName&sortOrder=descending";
    let wire = world.send("GET", sorted, &Value::Null).await;
    assert_eq!(names(&wire), ["C", "b", "a"]);

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = format!("/Groups?sortBy=displayName&count=2&cursor={cursor}");
        let wire = world.send("GET", &page, &Value::Null).await;
        seen.extend(names(&wire));
        match wire.body.as_ref().unwrap()["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, ["a", "b", "C"]);

    // In a search of all kinds they stand beside the vendor's people.
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName eq \"A\" or userName eq \"u1\"",
    });
    let wire = world.send("POST", "/.search", &search).await;
    let found = wire.body.as_ref().unwrap()["Resources"].as_array().unwrap().clone();
    let kinds: Vec<_> = found.iter().map(|one| &one["meta"]["resourceType"]).collect();
    assert_eq!(kinds, ["User", "Group"], "{wire:?}");

    // A version rises with each change, and one that is not there any more stops a write.
    let one = format!("/Groups/{}", ids[0]);
    let read = world.send("GET", &one, &Value::Null).await.etag.unwrap();
    let without = format!("{one}?excludedAttributes=members");
    let without = world.send("GET", &without, &Value::Null).await;
    assert_eq!(without.etag.as_ref(), Some(&read), "whoever reads it has one version");
    let join =
        |who: &str| patch(json!([{ "op": "add", "path": "members", "value": [{ "value": who }] }]));
    let bulk = |version: &str, who: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [{ "method": "PATCH", "path": one, "version": version, "data": join(who) }],
        })
    };
    for (who, expected) in [("2", "204"), ("3", "412")] {
        let wire = world.send("POST", "/Bulk", &bulk(&read, who)).await;
        assert_eq!(wire.body.as_ref().unwrap()["Operations"][0]["status"], expected, "{wire:?}");
    }
    assert_eq!(members(&world.send("GET", &one, &Value::Null).await), set(&["1", "2"]));
}

#[tokio::test]
async fn of_a_large_group_only_the_members_that_are_named_are_asked_for() {
    let vendor = Table::default();
    people(&vendor);
    let world = Stored::new("large", &mapping(), &vendor);
    let made = world.send("POST", ALL, &group("All", &["1"])).await;
    let own = id(&made);
    let crowd = (0..20_000).map(|number| Member { kind: "User".into(), id: format!("m{number}") });
    let at = "2026-11-21T10:00:00Z".parse().unwrap();
    let add = Change::AddMembers { group: own.clone(), members: crowd.collect(), at };
    world.store.write(Batch::new("t").with("Group", add)).await.unwrap();
    vendor.forget();
    let change = json!([
        { "op": "add", "path": "members", "value": [{ "value": "m7" }, { "value": "2" }] },
        { "op": "remove", "path": "members[value eq \"m1\"]" },
    ]);
    let one = format!("/Groups/{own}");
    assert_eq!(world.send("PATCH", &one, &patch(change)).await.status, 204);
    assert_eq!(vendor.told(), "GET /users/2\n", "who is in it already is known");
    let alone = world.send("GET", &format!("{one}?excludedAttributes=members"), &Value::Null).await;
    assert_eq!(members(&alone), set(&[]));
    assert_eq!(members(&world.send("GET", &one, &Value::Null).await).len(), 20_001);
}

#[tokio::test]
async fn a_long_list_of_groups_of_our_own_is_told_while_it_is_made() {
    let vendor = Table::default();
    people(&vendor);
    let world = Stored::new("groups-long", &mapping(), &vendor);
    for number in 0..250 {
        let members = if number % 3 == 0 { ["1", "2"].as_slice() } else { &[] };
        let made = world.send("POST", ALL, &group(&format!("Team {number}"), members)).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    let all = async |pieces: Pieces| pieces.map_ok(Vec::from).try_concat().await.ok();
    for (path, count) in [
        ("/Groups?count=5000", 250),
        ("/Groups?count=5000&startIndex=40&excludedAttributes=members", 211),
        ("/Groups?count=5000&startIndex=900", 0),
        ("/Groups?count=5000&sortBy=displayName", 250),
        ("/Groups?count=5000&startIndex=5&filter=members.value%20eq%20%221%22", 80),
    ] {
        let held = world.send("GET", path, &Value::Null).await.body.unwrap();
        let streaming = world.stream(Sent::get(path), all).await;
        let told: Value = serde_json::from_slice(&streaming.taken.unwrap()).unwrap();
        assert_eq!((&told, &told["itemsPerPage"]), (&held, &json!(count)), "{path}");
        assert_eq!(streaming.trace.streamed.unwrap().resources, count, "{path}");
    }
}
