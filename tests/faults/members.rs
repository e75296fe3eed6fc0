//! Who joins a group is there, and the vendor is asked for no more of them than needed.

use crate::{
    groups::{self, replace},
    harness::{Stored, Table, World, detail, http, patch, user},
    kept_groups::{group, id, mapping, members, set},
};
use scimshim::{
    scim::{encode::Wire, profile::Profile},
    upstream::{Answer, Call, Error, Upstream, call::Pending},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;

fn person(vendor: &Table, id: &str) {
    vendor.put(id, json!({ "id": id, "login": format!("u{id}"), "active": true }));
}

/// A vendor with people 1 to `count`, and a group with nobody in it.
async fn world(name: &str, mapping: &str, count: usize) -> (Stored, Table, String) {
    of(name, mapping, count, Table::default()).await
}

async fn of(name: &str, mapping: &str, count: usize, vendor: Table) -> (Stored, Table, String) {
    (1..=count).for_each(|id| person(&vendor, &id.to_string()));
    let world = Stored::new(name, mapping, &vendor);
    let made = world.send("POST", "/Groups", &group("All", &[])).await;
    vendor.forget();
    let all = format!("/Groups/{}", id(&made));
    (world, vendor, all)
}

/// They join, with what that costs at the vendor.
async fn join(world: &Stored, vendor: &Table, to: &str, ids: &[&str]) -> (Wire, String) {
    vendor.forget();
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let add = patch(json!([{ "op": "add", "path": "members", "value": members }]));
    let wire = world.send("PATCH", to, &add).await;
    (wire, vendor.told())
}

async fn is_in(world: &Stored, group: &str) -> BTreeSet<String> {
    members(&world.send("GET", group, &Value::Null).await)
}

#[tokio::test]
async fn who_was_seen_a_short_while_ago_is_not_asked_for() {
    let (world, vendor, all) = world("seen", &mapping(), 3).await;
    let made = world.send("POST", "/Users", &user("new")).await;
    let new = id(&made);
    let (wire, told) = join(&world, &vendor, &all, &[&new]).await;
    assert_eq!((wire.status, told.as_str()), (204, ""), "made");

    world.send("GET", "/Users/1", &Value::Null).await;
    let (wire, told) = join(&world, &vendor, &all, &["1", "2"]).await;
    assert_eq!((wire.status, told.as_str()), (204, "GET /users/2\n"), "read");

    world.send("GET", "/Users", &Value::Null).await;
    let (wire, told) = join(&world, &vendor, &all, &["3", "99"]).await;
    assert_eq!((wire.status, told.as_str()), (400, "GET /users/99\n"), "{}", detail(&wire));
    assert!(detail(&wire).contains("`99`; nothing was changed"), "{}", detail(&wire));
    assert_eq!(is_in(&world, &all).await, set(&[&new, "1", "2"]), "nor is 3 in it");
    let (wire, told) = join(&world, &vendor, &all, &["3"]).await;
    assert_eq!((wire.status, told.as_str()), (204, ""), "listed");

    world.reload();
    let ops = world.send("POST", "/Groups", &group("Ops", &["1", "3"])).await;
    assert_eq!(ops.status, 201);
    let told = vendor.told();
    assert_eq!(
        told.lines().collect::<BTreeSet<_>>(),
        BTreeSet::from(["GET /users/1", "GET /users/3"])
    );
}

#[tokio::test]
async fn who_is_gone_is_asked_for_again() {
    let (world, vendor, all) = world("gone-again", &mapping(), 3).await;
    world.send("GET", "/Users", &Value::Null).await;
    // By a client.
    assert_eq!(world.send("DELETE", "/Users/1", &Value::Null).await.status, 204);
    let (wire, told) = join(&world, &vendor, &all, &["1", "2"]).await;
    assert_eq!((wire.status, told.as_str()), (400, "GET /users/1\n"), "{}", detail(&wire));
    // Behind our back: nobody knows until it is read.
    vendor.lose("2");
    let (wire, told) = join(&world, &vendor, &all, &["2"]).await;
    assert_eq!((wire.status, told.as_str()), (204, ""));
    assert_eq!(is_in(&world, &all).await, set(&["2"]));
    assert_eq!(world.send("GET", "/Users/2", &Value::Null).await.status, 404);
    let ops = world.send("POST", "/Groups", &group("Ops", &["2"])).await;
    assert_eq!(ops.status, 400, "{}", detail(&ops));
    // And comes back.
    person(&vendor, "2");
    let ops = world.send("POST", "/Groups", &group("Ops", &["2"])).await;
    assert_eq!(ops.status, 201, "{}", detail(&ops));
}

#[tokio::test]
async fn a_list_that_is_behind_brings_nobody_back() {
    let kept = mapping();
    let mapping = kept.replace(
        "delete: { run: off, afterwards: gone }",
        "delete: { call: \"DELETE /users/{key}\" }",
    );
    assert_ne!(mapping, kept);
    let (world, vendor, all) = world("behind", &mapping, 30).await;
    world.send("GET", "/Users/1", &Value::Null).await;
    assert_eq!(world.send("DELETE", "/Users/1", &Value::Null).await.status, 204);
    person(&vendor, "1");
    world.send("GET", "/Users", &Value::Null).await;
    vendor.lose("1");
    let everybody: Vec<String> = (1..=30).map(|id| id.to_string()).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let (wire, told) = join(&world, &vendor, &all, &everybody).await;
    assert_eq!((wire.status, told.as_str()), (400, "GET /users/1\n"), "{}", detail(&wire));
    // One who is there again can join, and is asked for.
    person(&vendor, "1");
    let (wire, told) = join(&world, &vendor, &all, &everybody).await;
    assert_eq!((wire.status, told.as_str()), (204, "GET /users/1\n"), "{}", detail(&wire));
}

#[tokio::test]
async fn many_who_join_are_looked_for_in_the_list() {
    let mut hiding = Table::default();
    hiding.hides_inactive = true;
    let (world, vendor, all) = of("many", &mapping(), 300, hiding).await;
    let everybody: Vec<String> = (1..=300).map(|id| id.to_string()).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    // One who is unknown among many: nothing is applied.
    let strange: Vec<&str> = everybody[..30].iter().copied().chain(["999"]).collect();
    let (wire, told) = join(&world, &vendor, &all, &strange).await;
    assert_eq!((wire.status, told.as_str()), (400, "GET /users\nGET /users/999\n"));
    assert_eq!(is_in(&world, &all).await, set(&[]));
    // All of the list was seen.
    let (wire, told) = join(&world, &vendor, &all, &everybody[..200]).await;
    assert_eq!((wire.status, told.as_str()), (204, ""));
    // A list may not show everybody.
    world.reload();
    vendor.put("300", json!({ "id": "300", "login": "u300", "active": false }));
    let (wire, told) = join(&world, &vendor, &all, &everybody[200..]).await;
    assert_eq!((wire.status, told.as_str()), (204, "GET /users\nGET /users/300\n"));
    assert_eq!(is_in(&world, &all).await.len(), 300);
    // Nor does a tombstone count as there.
    world.send("DELETE", "/Users/5", &Value::Null).await;
    person(&vendor, "5");
    world.reload();
    let ops = format!("/Groups/{}", id(&world.send("POST", "/Groups", &group("Ops", &[])).await));
    let (wire, told) = join(&world, &vendor, &ops, &everybody[..290]).await;
    let asked = "GET /users\nGET /users/5\n";
    assert_eq!((wire.status, told.as_str()), (400, asked), "{}", detail(&wire));
}

/// People 1 to 4,000, listed by ten with no word of how many there are; counts what it is asked for.
#[derive(Default)]
struct Book {
    pages: Mutex<usize>,
    looks: Mutex<usize>,
    team: Mutex<BTreeSet<u64>>,
    /// Its list cannot be read.
    torn: bool,
}

const PEOPLE: u64 = 4_000;

impl Book {
    fn answer(&self, call: &Call) -> (u16, Value) {
        let id = call.path.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
        let mut team = self.team.lock().unwrap();
        match (&call.method, call.path.as_str()) {
            (&http::Method::PUT, _) => (200, json!({ "joined": team.insert(id.unwrap()) })),
            (_, "/users") => {
                *self.pages.lock().unwrap() += 1;
                if self.torn {
                    return (500, json!({}));
                }
                let after = call.query.iter().find(|(name, _)| name == "after");
                let after: u64 = after.map_or(0, |(_, after)| after.parse().unwrap());
                let last = PEOPLE.min(after + 10);
                let users: Vec<Value> =
                    (after + 1..=last).map(|id| json!({ "id": id, "login": "x" })).collect();
                let next = (last < PEOPLE).then(|| last.to_string());
                (200, json!({ "users": users, "next": next }))
            }
            (_, path) if path.starts_with("/users/") => {
                *self.looks.lock().unwrap() += 1;
                match id {
                    Some(1..=PEOPLE) => (200, json!({ "id": id, "login": "x" })),
                    _ => (404, json!({})),
                }
            }
            (_, path) if path.ends_with("/people") => {
                let people: Vec<Value> = team.iter().map(|id| json!({ "id": id })).collect();
                (200, json!({ "people": people }))
            }
            _ => (200, json!({ "id": 1, "name": "Sales" })),
        }
    }
}

impl Upstream for Book {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        let (status, body) = self.answer(call);
        Box::pin(async move { Ok(Answer { status, body, ..Answer::default() }) })
    }

    fn wait(&self, _: Duration) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn a_list_is_read_no_further_than_it_is_worth() {
    // Who joins, whether the list can be read, and what is asked: pages and looks.
    let table: [(_, Vec<u64>, _, _); 6] = [
        ("the first are found", (1..=100).collect(), false, (10, 0)),
        ("it goes on while it saves what it costs", (1..=500).collect(), false, (50, 0)),
        ("two of a page are too few", (5..=PEOPLE).step_by(5).collect(), false, (53, 694)),
        ("the last are beyond what a try is worth", (3_901..=PEOPLE).collect(), false, (5, 100)),
        ("a few are not looked for there", (1..=10).collect(), false, (0, 10)),
        ("a list that fails is no obstacle", (1..=100).collect(), true, (1, 100)),
    ];
    for (name, ids, torn, expected) in table {
        let book = Arc::new(Book { torn, ..Book::default() });
        let world = World::over(groups::MAPPING, book.clone(), Profile::Okta);
        let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let wire = world.send("PATCH", "/Groups/1", &replace(&ids)).await;
        assert_eq!(wire.status, 204, "{name}: {}", detail(&wire));
        let asked = (*book.pages.lock().unwrap(), *book.looks.lock().unwrap());
        assert_eq!(asked, expected, "{name}");
        assert_eq!(book.team.lock().unwrap().len(), ids.len(), "{name}");
    }
}

#[tokio::test]
async fn people_who_are_only_listed_are_looked_for_in_the_list_once() {
    let head = mapping().split_once("resources:").unwrap().0.to_owned();
    let mapping = head
        + r#"
resources:
  User:
    key: id
    attributes:
      userName: { field: login }
    operations:
      list: { call: GET /users, items: users }
  Group: { kept: true }
"#;
    let (world, vendor, all) = world("only-listed", &mapping, 5).await;
    let (wire, told) = join(&world, &vendor, &all, &["1", "4", "5"]).await;
    assert_eq!((wire.status, told.as_str()), (204, "GET /users\n"), "{}", detail(&wire));
    let (wire, told) = join(&world, &vendor, &all, &["2", "3"]).await;
    assert_eq!((wire.status, told.as_str()), (204, ""), "{}", detail(&wire));
    let (wire, _) = join(&world, &vendor, &all, &["8", "9"]).await;
    assert_eq!(wire.status, 400, "{}", detail(&wire));
    assert_eq!(is_in(&world, &all).await, set(&["1", "2", "3", "4", "5"]));
}

#[tokio::test]
async fn after_a_refused_join_the_repeat_looks_first() {
    let gone = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&gone);
    let odd = move |line: &str| {
        let about = line.ends_with("/users/3") || line.ends_with("/people/3");
        (about && told.load(Ordering::SeqCst)).then(|| http(404, "", "{}"))
    };
    let (vendor, team) = groups::vendor(&[1], odd).await;
    let world = World::of(groups::MAPPING, &vendor.url, Profile::Okta);
    for one in ["/Users/2", "/Users/3"] {
        assert_eq!(world.send("GET", one, &Value::Null).await.status, 200);
    }
    gone.store(true, Ordering::SeqCst);
    let push = replace(&["1", "2", "3"]);
    let looks = || vendor.asked().iter().filter(|line| line.starts_with("GET /users/3")).count();
    assert_eq!(world.send("PATCH", "/Groups/1", &push).await.status, 400);
    assert_eq!((looks(), groups::writes(&vendor).len()), (1, 2), "he was there a moment ago");
    team.lock().unwrap().remove(&2);
    assert_eq!(world.send("PATCH", "/Groups/1", &push).await.status, 400);
    assert_eq!((looks(), groups::writes(&vendor).len()), (2, 2), "nothing was written");
}
