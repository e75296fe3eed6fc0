//! What a rule refuses, whichever way the vendor is told of a change.

use crate::harness::{MAPPING, Table, World, detail, patch, user};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::sync::Arc;

/// The mapping of the harness with another rule for `nickName`, and a PUT of all fields.
fn world(rule: &str) -> (Table, World) {
    let put = "{ name: change, call: \"PUT /users/{key}\", body: \"{fields}\", record: . }";
    let mapping = MAPPING
        .replace("nickName: { field: nick }", rule)
        .replace("{ name: change, call: \"PATCH /users/{key}\", record: . }", put);
    assert!(mapping.contains(rule) && mapping.contains(put));
    let vendor = Table::default();
    vendor
        .put("7", json!({ "id": 7, "login": "mia", "active": true, "nick": "m", "work": "a@b.c" }));
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    (vendor, world)
}

fn writes(vendor: &Table) -> bool {
    vendor.told().lines().any(|line| !line.starts_with("GET"))
}

#[tokio::test]
async fn what_may_not_be_cleared_is_not_left_out_of_a_put_either() {
    let (vendor, world) = world("nickName: { field: nick, clear: reject }");
    let mut mia = user("mia");
    mia["active"] = json!(true);
    for (method, body) in [
        ("PUT", mia),
        ("PATCH", patch(json!([{ "op": "remove", "path": "nickName" }]))),
        ("PATCH", patch(json!([{ "op": "replace", "path": "nickName", "value": "" }]))),
    ] {
        let wire = world.send(method, "/Users/7", &body).await;
        assert_eq!(wire.status, 400, "{body}");
        assert_eq!(wire.body.as_ref().unwrap()["scimType"], "mutability");
        assert_eq!(detail(&wire), "`nickName` cannot be cleared at the vendor");
    }
    assert!(!writes(&vendor), "{}", vendor.told());
}

#[tokio::test]
async fn what_is_sent_once_refuses_another_value_or_stays_as_it_is() {
    for (if_changed, status) in [("reject", 400), ("ignore", 200)] {
        let rule = format!("nickName: {{ field: nick, only: create, if_changed: {if_changed} }}");
        let (vendor, world) = world(&rule);
        let mut mia = user("mia");
        mia["active"] = json!(true);
        mia["nickName"] = json!("other");
        let patched = json!([{ "op": "replace", "path": "nickName", "value": "other" }]);
        for (method, body) in [("PUT", mia), ("PATCH", patch(patched))] {
            let wire = world.send(method, "/Users/7", &body).await;
            assert_eq!(wire.status, status, "{if_changed} {method}: {}", detail(&wire));
            if status == 200 {
                assert_eq!(wire.body.unwrap()["nickName"], "m", "{method}");
            }
        }
        assert!(!writes(&vendor), "{}", vendor.told());
    }
}

#[tokio::test]
async fn a_part_that_is_required_is_there_though_all_of_its_attribute_is_left_out() {
    let (vendor, world) = world("name.familyName: { field: work, required: true }");
    for (name, status) in
        [(json!(null), 400), (json!({}), 400), (json!({ "familyName": "B" }), 201)]
    {
        let mut zoe = user("zoe");
        zoe["name"] = name;
        let wire = world.send("POST", "/Users", &zoe).await;
        assert_eq!(wire.status, status, "{zoe}: {}", detail(&wire));
        assert_eq!(writes(&vendor), status == 201, "{}", vendor.told());
    }
    let gone = patch(json!([{ "op": "remove", "path": "name" }]));
    let wire = world.send("PATCH", "/Users/7", &gone).await;
    assert_eq!(wire.status, 400);
    assert_eq!(detail(&wire), "`name.familyName` is required: found no value, expected one");
}

#[tokio::test]
async fn an_element_that_is_required_is_there_after_each_request() {
    let rule = "emails.^[type=='work'].value: { field: work, required: true }";
    let (vendor, world) = world(rule);
    let with = |emails: Value| {
        let mut mia = user("mia");
        mia["active"] = json!(true);
        mia["emails"] = emails;
        mia
    };
    let work = json!([{ "type": "work", "value": "mia@acme.example" }]);
    let home = json!([{ "type": "home", "value": "mia@home.example" }]);
    let refused = "`emails.^[type=='work'].value` is required: found no value, expected one";
    for (method, path, body) in [
        ("POST", "/Users", with(Value::Null)),
        ("POST", "/Users", with(home.clone())),
        ("PUT", "/Users/7", with(home)),
        (
            "PATCH",
            "/Users/7",
            patch(json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }])),
        ),
    ] {
        let wire = world.send(method, path, &body).await;
        assert_eq!((wire.status, detail(&wire).as_str()), (400, refused), "{method} {body}");
    }
    assert!(!writes(&vendor), "{}", vendor.told());
    assert_eq!(world.send("PUT", "/Users/7", &with(work)).await.status, 200);
    // Whom the vendor holds without it can be deactivated all the same.
    vendor.put("8", json!({ "id": 8, "login": "bo", "active": true }));
    let off = patch(json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(world.send("PATCH", "/Users/8", &off).await.status, 200);
}

#[tokio::test]
async fn what_is_cleared_by_leaving_it_out_alone_makes_no_call() {
    // The update's body, and whether it says something when nothing but `nickName` is cleared.
    let table = [
        ("PATCH /users/{key}", "{changed}", false),
        ("PUT /users/{key}", "{whole}", false),
        ("PATCH /users/{key}", "{merge(whole, changed)}", false),
        // Left out of all fields it is gone, and a body of the mapping's own may say so.
        ("PUT /users/{key}", "{fields}", true),
        ("PATCH /users/{key}", "{merge(changed, {'gone': changes.nickName.before})}", true),
    ];
    for (call, body, says) in table {
        let change = format!("{{ name: change, call: \"{call}\", body: \"{body}\" }}");
        let mapping = MAPPING
            .replace("nickName: { field: nick }", "nickName: { field: nick, clear: omit }")
            .replace("{ name: change, call: \"PATCH /users/{key}\", record: . }", &change);
        assert!(mapping.contains(&change) && mapping.contains("clear: omit"));
        let vendor = Table::default();
        let stored =
            json!({ "id": 7, "login": "mia", "active": true, "nick": "m", "work": "a@b.c" });
        vendor.put("7", stored);
        let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
        let clear = patch(json!([{ "op": "remove", "path": "nickName" }]));
        let wire = world.send("PATCH", "/Users/7", &clear).await;
        assert_eq!(wire.status, 200, "{body}: {}", detail(&wire));
        assert_eq!(writes(&vendor), says, "{body}: {}", vendor.told());
        if !says {
            // Nobody is told that it went.
            assert_eq!(wire.body.as_ref().unwrap()["nickName"], "m", "{body}");
        }
        // Beside another change the call is made, without it.
        let both = json!([{ "op": "remove", "path": "nickName" }, { "op": "replace", "path": "userName", "value": "mo" }]);
        let wire = world.send("PATCH", "/Users/7", &patch(both)).await;
        assert_eq!(wire.status, 200, "{body}: {}", detail(&wire));
        assert!(writes(&vendor), "{body}");
    }
}
