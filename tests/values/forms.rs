//! What membership is at the vendor, and how it is found.

use crate::world::{
    OF_ROLE, OF_TEAMS, RANKS, ROLE, TEAMS, World, add, detail, group, mapping, members, set,
};
use serde_json::{Value, json};

#[tokio::test]
async fn of_one_value_joining_one_group_leaves_the_other() {
    let world = World::new(&mapping(RANKS, OF_ROLE)).await;
    for (id, role) in [("1", "A"), ("2", "U"), ("3", "R")] {
        world.vendor.set(id, "role", json!(role));
    }
    world.vendor.told();
    assert_eq!(world.patch("/Groups/admin", add(&["2"])).await.status, 204);
    let expected = ["GET /users?role=A", "GET /users/2", "PATCH /users/2 {\"role\":\"A\"}"];
    assert_eq!(world.vendor.told(), expected, "the fewest calls");
    assert_eq!(world.get("/Groups/audit").await.status, 404, "nobody is in it any more");
    // Who leaves gets the default; the default is left for another only.
    let remove = json!([{ "op": "remove", "path": "members[value eq \"1\"]" }]);
    assert_eq!(world.patch("/Groups/admin", remove.clone()).await.status, 204);
    assert_eq!(world.vendor.having("role", "R"), set(&["1", "3"]));
    world.vendor.told();
    let stays = world.patch("/Groups/reader", remove).await;
    assert_eq!(
        (stays.status, &stays.body.as_ref().unwrap()["scimType"]),
        (400, &json!("mutability"))
    );
    assert_eq!(world.delete("/Groups/reader").await, 400);
    assert!(world.vendor.written().is_empty());
    let put = world.send("PUT", "/Groups/audit", &group("audit", &["1"])).await;
    assert_eq!(put.status, 404, "PUT makes none");
    let put = world.send("PUT", "/Groups/admin", &group("admin", &["1", "3"])).await;
    assert_eq!(
        (put.status, members(put.body.as_ref().unwrap())),
        (200, set(&["1", "3"])),
        "{put:?}"
    );
    assert_eq!(world.vendor.having("role", "R"), set(&["2"]));
}

#[tokio::test]
async fn of_a_list_joining_adds_and_leaving_removes() {
    let world = World::new(&mapping(TEAMS, OF_TEAMS)).await;
    world.vendor.set("1", "teams", json!(["Ops", "Sales"]));
    let made = world.send("POST", "/Groups", &group("Night", &["1", "2"])).await;
    assert_eq!(
        (made.status, members(made.body.as_ref().unwrap())),
        (201, set(&["1", "2"])),
        "{made:?}"
    );
    assert_eq!(
        made.body.unwrap()["members"][0],
        json!({
            "value": "1", "type": "User", "display": "u1", "$ref": "https://gw.example/scim/v2/Users/1",
        })
    );
    let written = world.vendor.written();
    assert_eq!(written, ["POST /users/1/teams/Night", "POST /users/2/teams/Night"]);
    let user = world.get("/Users/1").await.body.unwrap();
    let groups: Vec<&Value> =
        user["groups"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(groups, ["Ops", "Sales", "Night"]);
    assert_eq!(user["groups"][0]["$ref"], "https://gw.example/scim/v2/Groups/Ops");
    assert_eq!(world.delete("/Groups/Ops").await, 204);
    assert_eq!(world.vendor.written(), ["DELETE /users/1/teams/Ops"]);
    let listed = world.groups("?sortBy=displayName&sortOrder=descending").await;
    assert_eq!(listed, [("Sales".to_owned(), set(&["1"])), ("Night".to_owned(), set(&["1", "2"]))]);
    let long = world.get("/Groups?count=3000").await.body.unwrap();
    assert_eq!(long["totalResults"], 2);
}

#[tokio::test]
async fn groups_are_found_by_name_id_and_member() {
    for (mapping, field) in [(mapping(ROLE, OF_ROLE), "role"), (mapping(TEAMS, OF_TEAMS), "teams")]
    {
        let world = World::new(&mapping).await;
        for (id, value) in [("1", "Ops"), ("2", "ops"), ("3", "Sales")] {
            let value = if field == "role" { json!(value) } else { json!([value]) };
            world.vendor.set(id, field, value);
        }
        let table: [(&str, &[&str]); 9] = [
            ("displayName eq \"OPS\"", if field == "role" { &[] } else { &["Ops"] }),
            ("displayName eq \"Sales\"", &["Sales"]),
            ("id eq \"Sales\"", &["Sales"]),
            ("id eq \"sales\"", &[]),
            ("members.value eq \"3\"", &["Sales"]),
            ("members[value eq \"3\"]", &["Sales"]),
            ("id eq \"Sales\" and members eq \"1\"", &[]),
            ("displayName sw \"S\" or members eq \"9\"", &["Sales"]),
            ("not (members eq \"3\")", &["Ops"]),
        ];
        for (filter, expected) in table {
            let query = filter.replace(' ', "%20").replace('"', "%22");
            let found = world.groups(&format!("?filter={query}")).await;
            let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, expected, "{field} {filter}");
        }
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "displayName eq \"Sales\" or userName eq \"u1\"",
        });
        let found = world.send("POST", "/.search", &search).await.body.unwrap();
        assert_eq!(found["totalResults"], 2, "{found}");
    }
}

#[tokio::test]
async fn who_is_unknown_refuses_the_whole_request() {
    for (mapping, path) in
        [(mapping(ROLE, OF_ROLE), "/Groups/Ops"), (mapping(TEAMS, OF_TEAMS), "/Groups/Ops")]
    {
        let world = World::new(&mapping).await;
        let made = world.send("POST", "/Groups", &group("Ops", &["1", "9"])).await;
        assert_eq!(
            (made.status, &made.body.as_ref().unwrap()["scimType"]),
            (400, &json!("invalidValue"))
        );
        assert!(world.vendor.written().is_empty());
        assert_eq!(world.send("POST", "/Groups", &group("Ops", &["1"])).await.status, 201);
        world.vendor.told();
        for ids in [vec!["2", "3", "9"], vec!["9"]] {
            let refused = world.patch(path, add(&ids)).await;
            assert_eq!(refused.status, 400, "{refused:?}");
            assert!(detail(&refused).contains("no User `9`"), "{refused:?}");
        }
        assert!(world.vendor.written().is_empty());
        let other = json!([{ "op": "add", "path": "members", "value": [{ "value": "2", "type": "Group" }] }]);
        assert_eq!(world.patch(path, other).await.status, 400);
    }
}

#[tokio::test]
async fn concurrent_changes_of_one_group_lose_nothing() {
    for (mapping, field) in [(mapping(ROLE, OF_ROLE), "role"), (mapping(TEAMS, OF_TEAMS), "teams")]
    {
        let world = World::new(&mapping).await;
        assert_eq!(world.send("POST", "/Groups", &group("Ops", &["5"])).await.status, 201);
        let join = |id: &'static str| world.patch("/Groups/Ops", add(&[id]));
        let replace = json!([
            { "op": "remove", "path": "members[value eq \"5\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "4" }] },
        ]);
        let (one, two, three, four) =
            tokio::join!(join("1"), join("2"), join("3"), world.patch("/Groups/Ops", replace));
        let statuses = [one.status, two.status, three.status, four.status];
        assert_eq!(statuses, [204; 4], "{field}");
        assert_eq!(world.vendor.having(field, "Ops"), set(&["1", "2", "3", "4"]), "{field}");
        // And with what is done to one of the members.
        let nick = json!([{ "op": "replace", "path": "userName", "value": "one" }]);
        let (user, group) = tokio::join!(
            world.patch("/Users/1", nick),
            world.patch("/Groups/Ops", json!([{ "op": "remove", "path": "members" }])),
        );
        assert_eq!((user.status, group.status), (200, 204), "{field}");
        assert_eq!(world.vendor.having(field, "Ops"), set(&[]), "{field}");
        assert_eq!(world.vendor.having("login", "one"), set(&["1"]), "{field}");
    }
}

#[tokio::test]
async fn the_pages_of_a_list_are_cut_from_one_reading_of_all_users() {
    let world = World::new(&mapping(TEAMS, OF_TEAMS)).await;
    for (id, team) in [("1", "Day"), ("2", "Night"), ("3", "Ops"), ("4", "Sales")] {
        world.vendor.set(id, "teams", json!([team]));
    }
    world.vendor.told();
    let page = async |start: usize| {
        let listed = world.groups(&format!("?startIndex={start}&count=2")).await;
        (listed.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), world.vendor.told().len())
    };
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
    assert_eq!(page(1).await, (names(["Day", "Night"]), 1));
    assert_eq!(page(3).await, (names(["Ops", "Sales"]), 0), "the same reading");
    // A first page is always read anew.
    world.vendor.set("5", "teams", json!(["Audit"]));
    assert_eq!(page(1).await, (names(["Audit", "Day"]), 1));
    assert_eq!(page(3).await, (names(["Night", "Ops"]), 0));
    // So is every page behind a write of ours.
    let nick = json!([{ "op": "replace", "path": "userName", "value": "one" }]);
    assert_eq!(world.patch("/Users/1", nick).await.status, 200);
    world.vendor.set("5", "teams", json!([]));
    world.vendor.told();
    assert_eq!(page(3).await, (names(["Ops", "Sales"]), 1));
}

#[tokio::test]
async fn a_list_that_is_too_long_is_no_shorter_list() {
    let text = mapping(TEAMS, OF_TEAMS).replace("scan: 50", "scan: 4");
    let world = World::new(&text).await;
    for path in ["/Groups", "/Groups/Ops", "/Groups?filter=displayName%20eq%20%22Ops%22"] {
        let wire = world.get(path).await;
        assert_eq!(wire.status, 400, "{path}");
        assert_eq!(wire.body.unwrap()["scimType"], "tooMany", "{path}");
    }
    // A vendor that can search is asked for no more than there are.
    let text = mapping(ROLE, OF_ROLE).replace("scan: 50", "scan: 4");
    let world = World::new(&text).await;
    world.vendor.set("1", "role", json!("Ops"));
    assert_eq!(world.get("/Groups/Ops").await.status, 200);
    assert_eq!(world.get("/Groups").await.status, 400);
}

#[tokio::test]
async fn discovery_has_what_such_a_group_has() {
    for (rest, external) in [("", false), (", empty: keep", true)] {
        let world = World::new(&mapping(ROLE, &format!("{OF_ROLE}{rest}"))).await;
        let schema = world.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").await;
        let attributes = schema.body.unwrap()["attributes"].clone();
        let names = |list: &Value| -> Vec<String> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|one| one["name"].as_str().unwrap().into())
                .collect()
        };
        assert_eq!(names(&attributes), ["displayName", "members"]);
        assert_eq!(names(&attributes[1]["subAttributes"]), ["value", "$ref", "type", "display"]);
        assert_eq!(attributes[1]["subAttributes"][1]["referenceTypes"], json!(["User"]));
        let mut sent = group("Ops", &["1"]);
        sent["externalId"] = json!("x");
        let made = world.send("POST", "/Groups", &sent).await.body.unwrap();
        assert_eq!(made["externalId"] == "x", external, "{made}");
        let offered = world.get("/ServiceProviderConfig").await.body.unwrap();
        assert_eq!(offered["patch"]["supported"], true);
    }
}
