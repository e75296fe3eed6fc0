//! Which values are Groups, and what they may be called.

use crate::world::{
    OF_ROLE, OF_TEAMS, RANKS, ROLE, TEAMS, World, add, detail, group, mapping, members, set,
};
use serde_json::json;

const NAMES: &str = ", names: [admin, audit]";

#[tokio::test]
async fn the_groups_of_names_are_there_and_no_others() {
    let world = World::new(&mapping(RANKS, &format!("{OF_ROLE}{NAMES}"))).await;
    world.vendor.set("1", "role", json!("A"));
    world.vendor.set("2", "role", json!("R"));
    world.vendor.told();
    let listed = world.groups("").await;
    assert_eq!(listed, [("admin".to_owned(), set(&["1"])), ("audit".to_owned(), set(&[]))]);
    assert_eq!(world.vendor.told(), ["GET /users?role=A", "GET /users?role=U"], "not all users");
    for (name, status) in [("admin", 409), ("reader", 400), ("owner", 400)] {
        let made = world.send("POST", "/Groups", &group(name, &["3"])).await;
        assert_eq!(made.status, status, "{name} {made:?}");
    }
    assert_eq!(world.get("/Groups/reader").await.status, 404);
    assert_eq!(world.get("/Users/2").await.body.unwrap()["groups"], json!(null));
    world.vendor.told();
    assert_eq!(world.patch("/Groups/audit", add(&["3"])).await.status, 204);
    let expected = ["GET /users/3", "PATCH /users/3 {\"role\":\"U\"}"];
    assert_eq!(world.vendor.told(), expected, "that it is there needs no look");
    // Without a store nobody remembers that it was deleted.
    assert_eq!(world.delete("/Groups/audit").await, 204);
    assert_eq!(world.vendor.having("role", "U"), set(&[]));
    assert_eq!(world.get("/Groups/audit").await.status, 200);
}

#[tokio::test]
async fn a_group_of_names_that_was_deleted_is_gone_until_it_is_made_again() {
    let world = World::new(&mapping(RANKS, &format!("{OF_ROLE}{NAMES}, empty: keep"))).await;
    world.vendor.set("1", "role", json!("A"));
    assert_eq!(world.delete("/Groups/admin").await, 204);
    assert_eq!(world.get("/Groups/admin").await.status, 404);
    assert_eq!(world.patch("/Groups/admin", add(&["2"])).await.status, 404);
    assert_eq!(world.groups("").await, [("audit".to_owned(), set(&[]))]);
    // Who has it at the vendor is not hidden.
    world.vendor.set("4", "role", json!("A"));
    assert_eq!(world.groups("").await.len(), 2);
    world.vendor.set("4", "role", json!("R"));
    let made = world.send("POST", "/Groups", &group("admin", &["2"])).await;
    assert_eq!((made.status, members(made.body.as_ref().unwrap())), (201, set(&["2"])), "{made:?}");
    let left = json!([{ "op": "remove", "path": "members" }]);
    assert_eq!(world.patch("/Groups/admin", left).await.status, 204);
    assert_eq!(world.get("/Groups/admin").await.status, 200);
}

#[tokio::test]
async fn a_new_name_moves_every_member() {
    for (mapping, field) in [
        (mapping(ROLE, &format!("{OF_ROLE}, rename: move, empty: keep")), "role"),
        (mapping(TEAMS, &format!("{OF_TEAMS}, rename: move, empty: keep")), "teams"),
    ] {
        let world = World::new(&mapping).await;
        for name in ["Ops", "Sales"] {
            assert_eq!(world.send("POST", "/Groups", &group(name, &[])).await.status, 201);
        }
        assert_eq!(world.patch("/Groups/Ops", add(&["1", "2"])).await.status, 204);
        let rename = |name: &str| json!([{ "op": "replace", "value": { "displayName": name } }]);
        let taken = world.patch("/Groups/Ops", rename("Sales")).await;
        assert_eq!(taken.status, 409, "{field} {taken:?}");
        let renamed = world.patch("/Groups/Ops", rename("Night")).await;
        assert_eq!((renamed.status, &renamed.body.as_ref().unwrap()["id"]), (200, &json!("Night")));
        assert_eq!(members(renamed.body.as_ref().unwrap()), set(&["1", "2"]), "{field}");
        assert_eq!(world.vendor.having(field, "Night"), set(&["1", "2"]), "{field}");
        assert_eq!(world.vendor.having(field, "Ops"), set(&[]), "{field}");
        assert_eq!(world.get("/Groups/Ops").await.status, 404);
        let put = world.send("PUT", "/Groups/Night", &group("Day", &["2", "3"])).await;
        assert_eq!((put.status, members(put.body.as_ref().unwrap())), (200, set(&["2", "3"])));
        assert_eq!(world.vendor.having(field, "Day"), set(&["2", "3"]), "{field}");
        assert_eq!(world.vendor.having(field, "Night"), set(&[]), "{field}");
        assert_eq!(world.delete("/Groups/Day").await, 204);
    }
}

#[tokio::test]
async fn a_group_without_members_is_there_where_a_store_holds_it() {
    for (rest, status) in [("", 400), (", empty: keep", 201)] {
        for mapping in [
            mapping(ROLE, &format!("{OF_ROLE}{rest}")),
            mapping(TEAMS, &format!("{OF_TEAMS}{rest}")),
        ] {
            let world = World::new(&mapping).await;
            let made = world.send("POST", "/Groups", &group("Ops", &[])).await;
            assert_eq!(made.status, status, "{rest} {made:?}");
            // One that the vendor had is looked after as soon as a client changes it.
            let (role, teams) = (json!("Sales"), json!(["Sales"]));
            world.vendor.set("1", "role", role);
            world.vendor.set("1", "teams", teams);
            let leave = json!([{ "op": "remove", "path": "members[value eq \"1\"]" }]);
            assert_eq!(world.patch("/Groups/Sales", leave).await.status, 204);
            let there = if rest.is_empty() { 404 } else { 200 };
            assert_eq!(world.get("/Groups/Sales").await.status, there, "{rest}");
        }
    }
}

#[tokio::test]
async fn names_of_all_kinds_are_ids_of_paths() {
    let world = World::new(&mapping(TEAMS, OF_TEAMS)).await;
    for (name, path) in [
        ("R&D / Night 100%", "/Groups/R%26D%20%2F%20Night%20100%25"),
        ("Über-Team?", "/Groups/%C3%9Cber-Team%3F"),
    ] {
        let made = world.send("POST", "/Groups", &group(name, &["1"])).await;
        assert_eq!(made.status, 201, "{made:?}");
        let location = made.location.unwrap();
        assert_eq!(location.strip_prefix("https://gw.example/scim/v2"), Some(path));
        assert_eq!(world.get(path).await.body.unwrap()["displayName"], name);
        assert_eq!(world.vendor.having("teams", name), set(&["1"]));
        assert_eq!(world.delete(path).await, 204);
    }
    let long = "x".repeat(1_025);
    for name in [".", "..", ".search", long.as_str()] {
        assert_eq!(world.send("POST", "/Groups", &group(name, &["1"])).await.status, 400, "{name}");
    }
    // A value that is two at the vendor is no Group.
    let own = "urn:crew:2.0:User:words";
    let rule = format!("{own}: {{ field: words, convert: [{{ split: \",\" }}], clear: empty }}");
    let split = mapping([&rule, "", ROLE[2]], &format!("attribute: {own}"));
    let schemas =
        "schemas: { urn:crew:2.0:User: { attributes: { words: { type: string, list: true } } } }";
    let world = World::new(&format!("{split}{schemas}\n")).await;
    let made = world.send("POST", "/Groups", &group("night, admin", &["1"])).await;
    assert_eq!(made.status, 400, "{made:?}");
    assert!(detail(&made).contains("no value of"), "{made:?}");
    assert!(world.vendor.written().is_empty());
    assert_eq!(world.send("POST", "/Groups", &group("night", &["1"])).await.status, 201);
    assert_eq!(world.vendor.having("words", "night"), set(&["1"]));
    assert_eq!(world.send("POST", "/Groups", &group("day", &["1"])).await.status, 201);
    assert_eq!(world.vendor.having("words", "night,day"), set(&["1"]));
    for name in ["night", "day"] {
        assert_eq!(world.delete(&format!("/Groups/{name}")).await, 204);
    }
    assert_eq!(world.vendor.having("words", ""), set(&["1"]), "one text for a list");
}

#[tokio::test]
async fn a_name_is_as_members_have_it() {
    let lower = TEAMS[0].replace("field: .", "field: ., convert: [trim, lower]");
    let world = World::new(&mapping([&lower, TEAMS[1], TEAMS[2]], OF_TEAMS)).await;
    let made = world.send("POST", "/Groups", &group("Night", &["1"])).await;
    assert_eq!(
        (made.status, &made.body.as_ref().unwrap()["id"]),
        (201, &json!("night")),
        "{made:?}"
    );
    assert_eq!(world.get("/Groups/night").await.status, 200);
    assert_eq!(world.get("/Groups/Night").await.status, 404, "ids compare with case");
    assert_eq!(world.send("POST", "/Groups", &group("NIGHT", &["2"])).await.status, 409);
    let made = world.send("POST", "/Groups", &group(" day", &["1"])).await;
    assert_eq!(made.status, 400, "{made:?}");
    assert!(detail(&made).contains("come back"), "{made:?}");
}
