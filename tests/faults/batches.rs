//! Many items in one call: as many at a time as the vendor takes, and how far it came where one is refused.

use crate::{
    groups::{MAPPING, replace, writes},
    harness::{self, Deed, Table, Vendor, World, detail, http, json_answer},
};
use scimshim::{mapping, scim::profile::Profile};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

/// The teams of the page of groups, two people at a time.
fn in_pairs() -> String {
    let one_by_one = |list: &str, method: &str| {
        format!(
            "for_each: changes.members.{list}, call: \"{method} /teams/{{key}}/people/{{item.value}}\""
        )
    };
    let pairs = |list: &str, method: &str| {
        format!(
            "for_each: changes.members.{list}, batch: 2, call: \"{method} /teams/{{key}}/people\", query: {{ id: \"{{batch.map(x, x.value)}}\" }}"
        )
    };
    let mapping = MAPPING.replace(&one_by_one("removed", "DELETE"), &pairs("removed", "DELETE"));
    mapping.replace(&one_by_one("added", "PUT"), &pairs("added", "PUT"))
}

type Team = Arc<Mutex<BTreeSet<u32>>>;

/// A team that is changed by several at once; what `odd` gives is answered instead.
async fn vendor(people: &[u32], odd: fn(&str) -> Option<Deed>) -> (Vendor, Team) {
    let team: Team = Arc::new(Mutex::new(people.iter().copied().collect()));
    let held = Arc::clone(&team);
    let script = move |line: &str, _: usize| {
        if let Some(deed) = odd(line) {
            return deed;
        }
        let ids =
            || line.split(['?', '&']).filter_map(|part| part.strip_prefix("id=")?.parse().ok());
        let mut team = held.lock().unwrap();
        match line {
            line if line.starts_with("DELETE") => {
                let gone: BTreeSet<u32> = ids().collect();
                team.retain(|id| !gone.contains(id));
                http(204, "", "")
            }
            line if line.starts_with("PUT") => {
                team.extend(ids());
                http(204, "", "")
            }
            line if line.starts_with("GET /users/") => {
                json_answer(&json!({ "id": line.rsplit('/').next(), "login": "x" }))
            }
            line if line.starts_with("GET /teams/1/people") => {
                let people: Vec<Value> = team.iter().map(|id| json!({ "id": id })).collect();
                json_answer(&json!({ "people": people }))
            }
            _ => json_answer(&json!({ "id": 1, "name": "Sales" })),
        }
    };
    (Vendor::new(Arc::new(script)).await, team)
}

#[tokio::test]
async fn a_call_has_as_many_items_as_the_mapping_says() {
    let rows: [(&[&str], &[&str]); 4] = [
        (&["1", "2", "3"], &["PUT /teams/1/people?id=3"]),
        (&["1", "2", "3", "4"], &["PUT /teams/1/people?id=3&id=4"]),
        (
            &["1", "3", "4", "5"],
            &[
                "DELETE /teams/1/people?id=2",
                "PUT /teams/1/people?id=3&id=4",
                "PUT /teams/1/people?id=5",
            ],
        ),
        (&["1", "2"], &[]),
    ];
    for (ids, expected) in rows {
        let (vendor, team) = vendor(&[1, 2], |_| None).await;
        let world = World::of(&in_pairs(), &vendor.url, Profile::Okta);
        let wire = world.send("PATCH", "/Groups/1", &replace(ids)).await;
        assert!(wire.status / 100 == 2, "{ids:?}: {}", detail(&wire));
        assert_eq!(writes(&vendor), expected, "{ids:?}");
        assert_eq!(team.lock().unwrap().len(), ids.len());
    }
}

#[tokio::test]
async fn a_refused_batch_says_how_far_it_came() {
    let full: fn(&str) -> Option<Deed> = |line| {
        line.starts_with("PUT")
            .then(|| line.contains("id=5"))
            .filter(|five| *five)
            .map(|_| http(422, "", r#"{"message": "full"}"#))
    };
    let lost: fn(&str) -> Option<Deed> =
        |line| (line.starts_with("PUT") && line.contains("id=5")).then(|| http(404, "", "{}"));
    let left: fn(&str) -> Option<Deed> =
        |line| line.starts_with("DELETE").then(|| http(404, "", "{}"));
    let busy: fn(&str) -> Option<Deed> = |line| {
        (line.starts_with("PUT") && line.contains("id=5"))
            .then(|| http(429, "retry-after: 7\r\n", "{}"))
    };
    let first: fn(&str) -> Option<Deed> =
        |line| (line.starts_with("PUT") && line.contains("id=3")).then(|| http(422, "", "{}"));
    let (some, none) = ("2 of 4 were done before it", "were done");
    let rows = [
        ("the second", full, 400, some, true),
        ("somebody of the second is not there", lost, 400, "`5`, `6`", true),
        ("the second has to wait", busy, 429, some, true),
        ("the first", first, 400, none, false),
        // Who of several has left already nobody can tell.
        ("of those who leave one is not there", left, 400, none, false),
    ];
    for (name, odd, status, told, says) in rows {
        let (vendor, team) = vendor(&[1, 2], odd).await;
        let world = World::of(&in_pairs(), &vendor.url, Profile::Okta);
        let leaves = name.starts_with("of those");
        let ids: &[&str] = if leaves { &["9"] } else { &["1", "2", "3", "4", "5", "6"] };
        let wire = world.send("PATCH", "/Groups/1", &replace(ids)).await;
        assert_eq!(wire.status, status, "{name}: {}", detail(&wire));
        assert_eq!(detail(&wire).contains(told), says, "{name}: {}", detail(&wire));
        let done = if says { 4 } else { 2 };
        assert_eq!(team.lock().unwrap().len(), done, "{name}: {:?}", vendor.asked());
    }
}

/// Told in time: the rest is the repeat's.
#[tokio::test]
async fn batches_stop_in_time() {
    let (vendor, team) = vendor(&[], |line| {
        (line.starts_with("PUT") && !line.contains("id=1&")).then_some(Deed::Silence)
    })
    .await;
    let mapping = in_pairs().replace("timeout: 150ms", "timeout: 20s");
    let world = World::of(&mapping, &vendor.url, Profile::Okta);
    let patience = Duration::from_secs(2);
    let wire =
        world.send_within(patience, "PATCH", "/Groups/1", &replace(&["1", "2", "3", "4"])).await;
    assert!(detail(&wire).contains("2 of 4 were done"), "{} {}", wire.status, detail(&wire));
    assert_eq!(*team.lock().unwrap(), BTreeSet::from([1, 2]));
}

/// A body that holds them, of a step as well.
#[tokio::test]
async fn the_items_stand_in_a_body() {
    let one = "        - { name: change, call: \"PATCH /users/{key}\", record: . }\n";
    let steps = r#"        - name: change
          steps:
            - { name: profile, call: "PATCH /users/{key}", body: "{changed}" }
            - { name: tags, for_each: "split(resource.nickName, '-')", batch: 2, call: "PATCH /users/{key}", body: { tags: "{batch.map(x, upper(x))}", of: "{size(batch)}" } }
"#;
    let mapping = harness::MAPPING.replace(one, steps);
    let table = Table::default();
    table.put("7", json!({ "id": "7", "login": "mia", "active": true }));
    let world = World::over(&mapping, Arc::new(table.clone()), Profile::Strict);
    let body = harness::patch(json!([{ "op": "replace", "value": { "nickName": "a-b-c" } }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 200, "{}", detail(&wire));
    let told = table.told();
    let expected = [
        r#"PATCH /users/7 {"nick":"a-b-c"}"#,
        r#"PATCH /users/7 {"of":2,"tags":["A","B"]}"#,
        r#"PATCH /users/7 {"of":1,"tags":["C"]}"#,
    ];
    let writes: Vec<&str> = told.lines().filter(|line| line.starts_with("PATCH")).collect();
    assert_eq!(writes, expected);
    let words = mapping::explain::plan(&mapping::load("m.yaml", &mapping).plan.unwrap());
    assert!(
        words.contains("PATCH /users/{key} for 2 at a time of `split(resource.nickName, '-')`"),
        "{words}"
    );
}
