//! A vendor that fails between two members: what is done stays done, and the client is told how much.

use crate::{
    vendor::Fault,
    world::{self, OF_ROLE, OF_TEAMS, ROLE, TEAMS, World, add, detail, group, mapping, patch, set},
};
use scimshim::{
    gateway::{Gateway, Live},
    scim::profile::Profile,
    upstream::{Answer, Call, Error, Upstream, call::Pending},
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

#[tokio::test]
async fn what_is_half_done_is_told_and_the_repeat_does_the_rest() {
    // The fault of the second of three, the answer, and who is in it then.
    let table: [(Fault, u16, &[&str]); 6] = [
        (Fault::Status(500), 502, &["1"]),
        (Fault::Status(429), 429, &["1"]),
        (Fault::Status(503), 503, &["1"]),
        (Fault::Status(422), 400, &["1"]),
        (Fault::HangUp, 504, &["1"]),
        (Fault::DoneAndHangUp, 204, &["1", "2", "3"]),
    ];
    for (mapping, field, write) in [
        (mapping(ROLE, OF_ROLE), "role", "PATCH /users/2"),
        (mapping(TEAMS, OF_TEAMS), "teams", "POST /users/2/teams"),
    ] {
        for (fault, status, done) in table {
            let world = World::new(&mapping).await;
            assert_eq!(world.send("POST", "/Groups", &group("Ops", &["5"])).await.status, 201);
            world.vendor.fail(Some((write, fault)));
            let wire = world.patch("/Groups/Ops", add(&["1", "2", "3"])).await;
            assert_eq!(wire.status, status, "{field} {fault:?} {wire:?}");
            let joined = &world.vendor.having(field, "Ops") - &set(&["5"]);
            assert_eq!(joined, set(done), "{field} {fault:?}");
            if status != 204 {
                let told = detail(&wire);
                assert!(told.contains("member `2`") && told.contains("1 of 3"), "{told}");
            }
            world.vendor.fail(None);
            world.vendor.told();
            assert_eq!(world.patch("/Groups/Ops", add(&["1", "2", "3"])).await.status, 204);
            assert_eq!(world.vendor.having(field, "Ops"), set(&["1", "2", "3", "5"]));
            assert_eq!(world.vendor.written().len(), 3 - done.len(), "only the rest is written");
        }
    }
}

#[tokio::test]
async fn a_vendor_that_says_done_and_does_not_is_not_believed() {
    for (mapping, write) in
        [(mapping(ROLE, OF_ROLE), "PATCH"), (mapping(TEAMS, OF_TEAMS), "POST /users/2/teams")]
    {
        // Its answers carry no record: the gateway looks.
        let mapping =
            mapping.replace("\"PATCH /users/{key}\", record: .", "\"PATCH /users/{key}\"");
        let world = World::new(&mapping).await;
        assert_eq!(world.send("POST", "/Groups", &group("Ops", &["5"])).await.status, 201);
        world.vendor.fail(Some((write, Fault::Lie)));
        let wire = world.patch("/Groups/Ops", add(&["2"])).await;
        assert_eq!(wire.status, 502, "{wire:?}");
        assert!(detail(&wire).contains("does not show it"), "{wire:?}");
    }
}

#[tokio::test]
async fn a_create_that_stops_between_two_members_is_finished_by_its_repeat() {
    for rest in ["", ", empty: keep"] {
        let world = World::new(&mapping(ROLE, &format!("{OF_ROLE}{rest}"))).await;
        world.vendor.fail(Some(("PATCH /users/2", Fault::Status(500))));
        let wire = world.send("POST", "/Groups", &group("Ops", &["1", "2"])).await;
        assert_eq!(wire.status, 502, "{rest} {wire:?}");
        world.vendor.fail(None);
        let wire = world.send("POST", "/Groups", &group("Ops", &["1", "2"])).await;
        assert_eq!(wire.status, 201, "{rest} {wire:?}");
        assert_eq!(world.vendor.having("role", "Ops"), set(&["1", "2"]));
        let again = world.send("POST", "/Groups", &group("Ops", &["1", "2"])).await;
        assert_eq!(again.status, 409, "{rest}");
        // What was refused at the first made nothing.
        world.vendor.fail(Some(("PATCH /users/3", Fault::Status(422))));
        assert_eq!(world.send("POST", "/Groups", &group("Day", &["3", "4"])).await.status, 400);
        world.vendor.fail(None);
        world.vendor.set("5", "role", json!("Day"));
        assert_eq!(
            world.send("POST", "/Groups", &group("Day", &["3"])).await.status,
            409,
            "{rest}"
        );
    }
}

#[tokio::test]
async fn who_goes_in_between_has_left_and_cannot_join() {
    let world = World::new(&mapping(TEAMS, OF_TEAMS)).await;
    assert_eq!(world.send("POST", "/Groups", &group("Ops", &["1", "2", "3"])).await.status, 201);
    world.vendor.lose("2");
    let leave = |id: &str| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    let all = json!([leave("1"), leave("2"), leave("3")]);
    assert_eq!(world.patch("/Groups/Ops", all).await.status, 204);
    assert_eq!(world.vendor.having("teams", "Ops"), set(&[]));
    // He was seen a moment ago, and is asked for when his turn comes.
    world.vendor.set("1", "teams", json!(["Ops"]));
    assert_eq!(world.get("/Users/4").await.status, 200);
    world.vendor.lose("4");
    let wire = world.patch("/Groups/Ops", add(&["3", "4", "5"])).await;
    assert_eq!(wire.status, 400, "{wire:?}");
    assert!(detail(&wire).contains("no User `4`") && detail(&wire).contains("1 of 3"), "{wire:?}");
    assert_eq!(world.vendor.having("teams", "Ops"), set(&["1", "3"]));
}

#[tokio::test]
async fn a_member_list_that_cannot_be_read_changes_nobody() {
    for (mapping, read) in
        [(mapping(ROLE, OF_ROLE), "GET /users?role"), (mapping(TEAMS, OF_TEAMS), "GET /users")]
    {
        let world = World::new(&mapping).await;
        assert_eq!(world.send("POST", "/Groups", &group("Ops", &["1", "2"])).await.status, 201);
        world.vendor.told();
        world.vendor.fail(Some((read, Fault::Status(500))));
        let replace = json!([{ "op": "replace", "path": "members", "value": [{ "value": "3" }] }]);
        assert_eq!(world.patch("/Groups/Ops", replace).await.status, 502);
        assert_eq!(world.delete("/Groups/Ops").await, 502);
        assert_eq!(world.get("/Groups/Ops").await.status, 502);
        assert!(world.vendor.written().is_empty());
    }
}

/// Every answer takes a tenth of a second; it holds who has the role.
struct Slow(Mutex<BTreeSet<String>>);

impl Upstream for Slow {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            let answered = Instant::now() + Duration::from_millis(100);
            assert!(answered <= deadline, "{} is begun too late", call.path);
            tokio::time::sleep_until(answered).await;
            let id = call.path.rsplit('/').next().unwrap();
            let mut having = self.0.lock().unwrap();
            if call.method == http::Method::PATCH {
                having.insert(id.to_owned());
            }
            let role = having.contains(id).then_some("Ops");
            let body = match id {
                "users" => json!({ "users": [{ "id": "0", "login": "x", "role": "Ops" }] }),
                id => json!({ "id": id, "login": "x", "role": role }),
            };
            Ok(Answer { status: 200, body, ..Answer::default() })
        })
    }

    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_does_not_end_in_time_says_how_far_it_came() {
    let slow = Arc::new(Slow(Mutex::default()));
    let plan = scimshim::mapping::load("crew.yaml", &mapping(ROLE, OF_ROLE)).plan.unwrap();
    let variables = Arc::new(json!({ "url": "https://v.example", "token": "t" }));
    let live = Live::new(Arc::new(plan), slow.clone(), variables, Profile::Okta, 1);
    let gateway = Gateway::new("t", live, Arc::default());
    let everybody: Vec<String> = (1..=16).map(|id| id.to_string()).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let mut answers = Vec::new();
    for _ in 0..3 {
        let (patience, body) = (Duration::from_secs(3), patch(add(&everybody)));
        let wire = world::send(&gateway, patience, "PATCH", "/Groups/Ops", &body).await;
        answers.push((wire.status, slow.0.lock().unwrap().len()));
        if wire.status == 429 {
            assert!(detail(&wire).contains(" of 16 were done in time"), "{}", detail(&wire));
            assert_eq!(wire.retry_after, Some(1));
        }
    }
    // A search, a round or two of looks, then a read and a write for each, and a read for who is in it, until a
    // tenth is left.
    assert_eq!(answers, [(429, 12), (204, 16), (204, 16)]);
}
