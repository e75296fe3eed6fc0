//! What counts: whom the vendor is told to switch off or to remove, each once.

use crate::world::{LIMIT, Own, World, person};
use scimshim::scim::profile::Profile;
use serde_json::json;

impl World {
    async fn counts(&self, counted: u64, why: &str) {
        let standing = self.standing().await.unwrap();
        assert_eq!(standing.counted, counted, "{why}");
    }
}

#[tokio::test]
async fn one_resource_counts_once() {
    let world = World::new();
    assert_eq!(world.deactivate(1).await, 200);
    assert_eq!(world.deactivate(1).await, 200, "is so already");
    world.counts(1, "what changes nothing does not count").await;
    assert_eq!(world.deactivate(2).await, 200);
    assert_eq!(world.deactivate(3).await, 429, "the guard is full");
    // Who counts already may come back and leave again, and be deleted.
    assert_eq!(world.set(1, "active", json!(true)).await, 200);
    assert_eq!(world.deactivate(1).await, 200);
    assert_eq!(world.delete("/Users/1").await, 204);
    assert_eq!(world.deactivate(3).await, 429, "and is one all the same");
    world.counts(2, "1 and 2").await;
}

#[tokio::test]
async fn who_is_not_active_is_not_switched_off() {
    let world = World::new();
    world.trip().await;
    for person in [1, 2] {
        assert_eq!(world.deactivate(person).await, 200, "{person}");
    }
    assert_eq!(world.delete("/Users/99").await, 429, "nobody asks the vendor who that is");
    assert_eq!(world.vendor.written(), [""; 0]);
}

#[tokio::test]
async fn groups_count_where_the_vendor_has_them() {
    let world = World::new();
    for (team, status) in [(1, 204), (2, 204), (3, 429)] {
        assert_eq!(world.delete(&format!("/Groups/{team}")).await, status, "{team}");
    }
    assert_eq!(world.vendor.written(), ["DELETE /teams/1", "DELETE /teams/2"]);

    let kept = Own { group: "Group: { kept: true }", ..Own::default() };
    let world = World::of(kept, Profile::Okta, Some(LIMIT));
    world.trip().await;
    for name in ["a", "b"] {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
        let group = json!({ "schemas": schemas, "displayName": name });
        let made = world.send("POST", "/Groups", group).await.body.unwrap();
        let path = format!("/Groups/{}", made["id"].as_str().unwrap());
        assert_eq!(world.delete(&path).await, 204, "the vendor has no groups");
    }
}

/// Its members are what the vendor has of it.
#[tokio::test]
async fn a_group_that_is_a_value_counts_once_however_many_are_in_it() {
    let group =
        "Group:\n    values_of: { resource: User, attribute: \"roles.^[primary==true].value\" }";
    let world = World::of(Own { group, ..Own::default() }, Profile::Okta, Some(LIMIT));
    assert_eq!(world.deactivate(1).await, 200);
    let listed = world.send("GET", "/Groups", json!(null)).await.body.unwrap();
    let path = format!("/Groups/{}", listed["Resources"][0]["id"].as_str().unwrap());
    assert_eq!(world.delete(&path).await, 204);
    world.counts(2, "a person and a group").await;
    assert_eq!(world.set(1, "roles", json!([{ "value": "r", "primary": true }])).await, 200);
    assert_eq!(world.delete(&path).await, 204, "the group counts already");
    assert_eq!(world.deactivate(2).await, 429);
}

#[tokio::test]
async fn a_transition_that_stands_for_a_delete_counts_by_whichever_way_it_comes() {
    let own = Own { delete: "{ run: leave, afterwards: inactive }", ..Own::default() };
    let world = World::of(own, Profile::Okta, Some(LIMIT));
    assert_eq!(world.delete("/Users/1").await, 204);
    assert_eq!(world.set(2, "userType", json!("leaver")).await, 200);
    assert_eq!(world.vendor.written(), ["PATCH /people/1", "PATCH /people/2"]);
    assert_eq!(world.delete("/Users/1").await, 204, "has left already");
    assert_eq!(world.set(3, "userType", json!("leaver")).await, 429);
    assert_eq!(world.delete("/Users/3").await, 429);
    assert_eq!(world.vendor.written(), [""; 0]);
}

#[tokio::test]
async fn who_leaves_the_scope_counts_and_is_held_nowhere_when_he_may_not() {
    for (leaving, told) in [("leave", "PATCH"), ("delete", "DELETE")] {
        let settings = format!(
            "on_match: adopt\n    outside: [{{ when: \"resource.title == 'far'\", then: skip, leaving: {leaving} }}]"
        );
        let own = Own { settings: settings.leak(), ..Own::default() };
        let world = World::of(own, Profile::Okta, Some(LIMIT));
        for person in [1, 2] {
            assert_eq!(world.set(person, "title", json!("far")).await, 200, "{leaving} {person}");
        }
        let expected = [1, 2].map(|person| format!("{told} /people/{person}"));
        assert_eq!(world.vendor.written(), expected, "{leaving}");
        assert_eq!(world.set(3, "title", json!("far")).await, 429, "{leaving}");
        assert_eq!(world.vendor.written(), [""; 0], "{leaving}");
        // He is where he was, and changes reach the vendor.
        assert_eq!(world.set(3, "title", json!("near")).await, 200, "{leaving}");
        assert_eq!(world.vendor.record("/people/3")["job"], "near", "{leaving}");
        world.vendor.written();
        // One who is held here alone ends here alone.
        let held = world.send("POST", "/Users", person("far", json!({ "title": "far" }))).await;
        let path = format!("/Users/{}", held.body.unwrap()["id"].as_str().unwrap());
        assert_eq!(world.delete(&path).await, 204, "{leaving}");
        assert_eq!(world.vendor.written(), [""; 0], "{leaving}");
    }
}

#[tokio::test]
async fn a_create_of_one_who_is_switched_off_ends_nobodys_access_unless_it_adopts() {
    let world = World::new();
    let off = json!({ "active": false });
    for login in ["a", "b", "c"] {
        let made = world.send("POST", "/Users", person(login, off.clone())).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.body.unwrap()["active"], false);
    }
    world.counts(0, "they never had any").await;
    for (login, status) in [("p1", 201), ("p2", 201), ("p3", 429)] {
        let adopted = world.send("POST", "/Users", person(login, off.clone())).await;
        assert_eq!(adopted.status, status, "{login} {adopted:?}");
    }
    world.counts(2, "they were active").await;
}
