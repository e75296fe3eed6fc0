//! What clients and operators are told.

use crate::world::{LIMIT, Own, World, detail, patch, person, start};
use jiff::ToSpan;
use scimshim::{
    gateway::guard::{Limit, Standing, Tripped},
    scim::profile::Profile,
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn one_more_than_the_guard_lets_through_is_told_to_come_back() {
    for (profile, status) in [
        (Profile::Okta, 429),
        (Profile::OktaOpp11, 429),
        (Profile::Entra, 503),
        (Profile::Strict, 503),
    ] {
        let world = World::of(Own::default(), profile, Some(LIMIT));
        let off = || patch(json!([{ "op": "replace", "path": "active", "value": false }]));
        for (second, person) in [(0, 1), (15, 2)] {
            world.at(second);
            let done = world.send("PATCH", &format!("/Users/{person}"), off()).await;
            assert!(done.status < 300, "{profile:?} {done:?}");
        }
        world.at(20);
        world.vendor.written();
        for held in [
            world.send("PATCH", "/Users/3", off()).await,
            world.send("DELETE", "/Users/3", Value::Null).await,
            world.send("PUT", "/Users/3", person("p3", json!({ "active": false }))).await,
        ] {
            assert_eq!((held.status, held.retry_after), (status, Some(40)), "{profile:?} {held:?}");
            let said = detail(&held);
            for part in [
                "nothing was changed: 2 resources were deactivated or deleted within 1m",
                "`scimshim guard release --tenant acme`",
            ] {
                assert!(said.contains(part), "{profile:?}: {part} is missing in {said}");
            }
        }
        assert_eq!(world.vendor.written(), [""; 0], "{profile:?}");
        assert_eq!(world.vendor.record("/people/3")["active"], true, "{profile:?}");
        world.shows(r#"scimshim_guard_tripped{tenant="acme"} 1"#);
        world.shows(r#"scimshim_guard_counted{tenant="acme"} 2"#);
        world.shows(r#"scimshim_guard_refused_total{tenant="acme"} 3"#);
    }
}

#[tokio::test]
async fn nobody_is_told_to_wait_for_longer_than_an_hour() {
    let day = Limit { most: 1, within: Duration::from_secs(24 * 60 * 60) };
    let world = World::of(Own::default(), Profile::Okta, Some(day));
    assert_eq!(world.delete("/Users/1").await, 204);
    let held = world.send("DELETE", "/Users/2", Value::Null).await;
    assert_eq!((held.status, held.retry_after), (429, Some(3600)), "{held:?}");
}

#[tokio::test]
async fn what_stands_beside_a_deactivation_is_not_done_either() {
    let world = World::new();
    world.trip().await;
    let both = patch(json!([
        { "op": "replace", "path": "nickName", "value": "gone" },
        { "op": "replace", "path": "active", "value": false },
    ]));
    assert_eq!(world.send("PATCH", "/Users/3", both).await.status, 429);
    let put = person("p3", json!({ "active": false, "nickName": "gone" }));
    assert_eq!(world.send("PUT", "/Users/3", put).await.status, 429);
    assert_eq!(world.vendor.written(), [""; 0]);
    assert_eq!(world.vendor.record("/people/3")["nick"], Value::Null);
    // All that ends nobody's access goes on.
    assert_eq!(world.set(3, "nickName", json!("there")).await, 200);
    assert_eq!(world.set(1, "active", json!(true)).await, 200);
    let made = world.send("POST", "/Users", person("new", json!({}))).await;
    assert_eq!(made.status, 201, "{made:?}");
}

#[tokio::test]
async fn each_operation_of_a_bulk_is_held_back_by_itself() {
    let world = World::new();
    let delete = |person: u64| json!({ "method": "DELETE", "path": format!("/Users/{person}") });
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    let operations: Vec<Value> = (1..=4).map(delete).collect();
    let bulk = json!({ "schemas": schemas, "Operations": operations });
    let done = world.send("POST", "/Bulk", bulk).await;
    let body = done.body.unwrap();
    let statuses = body["Operations"].as_array().unwrap().iter().map(|one| &one["status"]);
    assert_eq!(statuses.collect::<Vec<_>>(), ["204", "204", "429", "429"], "{body}");
    assert_eq!(world.vendor.written(), ["DELETE /people/1", "DELETE /people/2"]);
}

#[tokio::test]
async fn the_window_passes_by_itself() {
    let world = World::new();
    for (second, person, status) in [
        (0, 1, 200),
        (50, 2, 200),
        (59, 3, 429),
        (60, 3, 200), // The first is a minute old.
        (61, 4, 429),
        (110, 4, 200),
    ] {
        world.at(second);
        assert_eq!(world.deactivate(person).await, status, "{person} after {second} s");
    }
    assert_eq!(world.standing().await.unwrap().tripped, None);
    world.shows(r#"scimshim_guard_tripped{tenant="acme"} 0"#);
}

#[tokio::test]
async fn an_operator_sees_it_and_lets_through_what_was_meant() {
    let world = World::new();
    let standing = |counted, tripped| Some(Standing { limit: LIMIT, counted, tripped });
    assert_eq!(world.standing().await, standing(0, None));
    world.trip().await;
    assert_eq!(world.standing().await, standing(2, None), "none was held back yet");
    world.at(10);
    assert_eq!(world.deactivate(3).await, 429);
    world.at(20);
    assert_eq!(world.deactivate(4).await, 429);
    let tripped = Tripped { since: start() + 10.seconds(), until: start() + 60.seconds() };
    assert_eq!(world.standing().await, standing(2, Some(tripped)));

    assert_eq!(world.release().await, Some(2));
    world.shows(r#"scimshim_guard_tripped{tenant="acme"} 0"#);
    world.shows(r#"scimshim_guard_counted{tenant="acme"} 0"#);
    assert_eq!(world.standing().await, standing(0, None));
    for (person, status) in [(3, 200), (4, 200), (5, 429)] {
        assert_eq!(world.deactivate(person).await, status, "{person}: as many again, and no more");
    }

    // Time alone ends it, and whoever looks sees that.
    world.at(200);
    assert_eq!(world.standing().await, standing(0, None));
    world.shows(r#"scimshim_guard_tripped{tenant="acme"} 0"#);
}

#[tokio::test]
async fn where_it_is_off_nobody_is_held_back() {
    let world = World::of(Own::default(), Profile::Okta, None);
    for person in 1..=5 {
        assert_eq!(world.delete(&format!("/Users/{person}")).await, 204, "{person}");
    }
    assert_eq!(world.standing().await, None);
    assert_eq!(world.release().await, None);
    assert!(!world.metrics.render().contains("scimshim_guard_tripped{"));
}
