//! `get_many` of a Record that has parts: it is the one that `get` composes, or the request fails.

use crate::harness::{Deed, Vendor, World, detail, http, json_answer};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::sync::Arc;

const MAPPING: &str = r#"
mapping: 1
name: parted
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0 }
resources:
  User:
    key: id
    attributes:
      userName: { field: login, direction: read }
      title: { read: "join(record.roles.map(r, r.name), ', ')" }
      nickName: { read: record.room.name }
      locale: { read: record.badge.number }
    operations:
      get:
        steps:
          - { name: user, call: "GET /users/{key}", record: . }
          - { name: roles, call: "GET /users/{key}/roles", items: roles, into: roles }
          - { name: room, call: "GET /users/{key}/room", record: ., into: room }
          - { name: badge, call: "GET /users/{key}/badge", record: ., into: badge }
      list: { call: GET /users, items: users, paging: none, read_again: [get] }
      get_many:
        at_most: 3
        read_again: [badge]
        steps:
          - { name: users, call: GET /many/users, query: { ids: "{join(keys, ',')}" }, items: users }
          - { name: roles, call: GET /many/roles, query: { of: "{join(keys, ',')}" }, items: roles, of: user, may_lack_items: true, into: roles }
          - { name: rooms, call: GET /many/rooms, query: { of: "{join(keys, ',')}" }, items: rooms, of: user, take: room, into: room }
"#;

/// Users 1 to 7. The odd ones have roles, one each and three two of them.
fn roles(id: u64) -> Vec<Value> {
    let names: &[&str] = match id {
        3 => &["admin", "editor"],
        id if id % 2 == 1 => &["editor"],
        _ => &[],
    };
    names.iter().map(|name| json!({ "user": id, "name": name })).collect()
}

fn room(id: u64) -> Value {
    json!({ "name": format!("room {id}") })
}

fn user(id: u64) -> Value {
    json!({ "id": id, "login": format!("p{id}") })
}

fn asked(line: &str) -> Vec<u64> {
    let (_, ids) = line.rsplit_once('=').unwrap();
    ids.replace("%2C", ",").split(',').map(|id| id.parse().unwrap()).collect()
}

fn vendor(line: &str, _: usize) -> Deed {
    let path = line.split(' ').nth(1).unwrap();
    let parts: Vec<&str> = path.split('?').next().unwrap().trim_matches('/').split('/').collect();
    json_answer(&match parts.as_slice() {
        ["users"] => json!({ "users": (1..=7).map(user).collect::<Vec<_>>() }),
        ["many", "users"] => {
            json!({ "users": asked(path).into_iter().map(user).collect::<Vec<_>>() })
        }
        ["many", "roles"] => {
            json!({ "roles": asked(path).into_iter().flat_map(roles).collect::<Vec<_>>() })
        }
        ["many", "rooms"] => {
            let rooms = asked(path).into_iter().map(|id| json!({ "user": id, "room": room(id) }));
            json!({ "rooms": rooms.collect::<Vec<_>>() })
        }
        ["users", id, part @ ..] => {
            let id: u64 = id.parse().unwrap();
            match part {
                [] => user(id),
                ["roles"] => json!({ "roles": roles(id) }),
                ["room"] => room(id),
                _ => json!({ "number": format!("b{id}") }),
            }
        }
        _ => return http(404, "", "{}"),
    })
}

async fn listed(world: &World) -> Value {
    let wire = world.send("GET", "/Users", &Value::Null).await;
    assert_eq!(wire.status, 200, "{}", detail(&wire));
    wire.body.unwrap()["Resources"].clone()
}

#[tokio::test]
async fn each_is_what_a_read_of_that_one_says() {
    let fake = Vendor::new(Arc::new(vendor)).await;
    let world = World::of(MAPPING, &fake.url, Profile::Strict);
    let all = listed(&world).await;
    let calls = fake.asked();
    assert_eq!(all.as_array().unwrap().len(), 7);
    assert_eq!(all[2]["title"], "admin, editor");
    assert_eq!((&all[1]["title"], &all[1]["nickName"]), (&Value::Null, &json!("room 2")));
    // The list; three times three calls; and the badge of each.
    assert_eq!(calls.len(), 1 + 3 * 3 + 7, "{calls:?}");
    for one in all.as_array().unwrap() {
        let path = format!("/Users/{}", one["id"].as_str().unwrap());
        assert_eq!(world.send("GET", &path, &Value::Null).await.body.as_ref(), Some(one));
    }
}

#[tokio::test]
async fn who_has_no_item_in_a_part_is_read_by_himself() {
    let without = |line: &str, before: usize| match line.contains("/many/rooms") {
        true => {
            let rooms = asked(line.split(' ').nth(1).unwrap()).into_iter().filter(|id| *id != 5);
            let rooms = rooms.map(|id| json!({ "user": id, "room": room(id) }));
            json_answer(&json!({ "rooms": rooms.collect::<Vec<_>>() }))
        }
        false => vendor(line, before),
    };
    let fake = Vendor::new(Arc::new(without)).await;
    let all = listed(&World::of(MAPPING, &fake.url, Profile::Strict)).await;
    assert_eq!(all[4]["nickName"], "room 5");
    let alone: Vec<String> = fake.asked();
    assert!(alone.iter().any(|line| line.contains("/users/5/room")), "{alone:?}");
    assert!(!alone.iter().any(|line| line.contains("/users/4/room")), "{alone:?}");
}

#[tokio::test]
async fn two_items_where_one_belongs_are_no_guess() {
    let two = |line: &str, before: usize| match line.contains("/many/rooms") {
        true => json_answer(&json!({ "rooms": [
            { "user": 1, "room": room(1) }, { "user": 1, "room": room(9) },
            { "user": 2, "room": room(2) }, { "user": 3, "room": room(3) },
        ] })),
        false => vendor(line, before),
    };
    let fake = Vendor::new(Arc::new(two)).await;
    let world = World::of(MAPPING, &fake.url, Profile::Strict);
    let wire = world.send("GET", "/Users", &Value::Null).await;
    assert_eq!(wire.status, 502);
    assert!(
        detail(&wire).contains("two items of the answer are of the key `1`"),
        "{}",
        detail(&wire)
    );
}
