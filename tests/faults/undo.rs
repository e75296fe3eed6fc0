//! A later step of a write fails: what was done before it is taken back, the last first, and what cannot be is told.

use crate::harness::{Deed, MAPPING, Vendor, World, detail, http, json_answer, patch, user};
use scimshim::{mapping, scim::profile::Profile};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

const CREATE: &str = r#"      create:
        key: "{steps.user.id}"
        steps:
          - name: user
            call: POST /users
            body: "{fields}"
            capture: { id: id }
            undo: { call: "DELETE /users/{steps.user.id}" }
          - name: seat
            call: POST /seats
            body: { user: "{steps.user.id}" }
            capture: { id: id }
            undo: { call: "DELETE /seats/{steps.seat.id}" }
          - { name: welcome, call: "POST /users/{steps.user.id}/welcome" }
"#;

/// The mapping of the harness with a create of three steps.
fn several() -> String {
    let (before, after) =
        MAPPING.split_once("      create: { call: POST /users, record: . }\n").unwrap();
    [before, CREATE, after].concat()
}

/// How a line begins, what is answered to it, and how often.
type Wrong = (&'static str, Deed, usize);

/// A vendor with users and seats, in which the next call of a line may go wrong.
#[derive(Clone, Default)]
struct Org {
    users: Arc<Mutex<BTreeMap<String, Value>>>,
    wrong: Arc<Mutex<Vec<Wrong>>>,
}

impl Org {
    /// The next calls that begin so are answered so.
    fn wrong(self, line: &'static str, deed: Deed, times: usize) -> Self {
        self.wrong.lock().unwrap().push((line, deed, times));
        self
    }

    fn answer(&self, line: &str) -> Deed {
        for (wrong, deed, times) in self.wrong.lock().unwrap().iter_mut() {
            if line.starts_with(*wrong) && *times > 0 {
                *times -= 1;
                return deed.clone();
            }
        }
        let mut users = self.users.lock().unwrap();
        let (method, path) = line.split_once(" /api").unwrap();
        match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
            ("POST", ["", "users"]) => {
                let one = json!({ "id": "7", "login": "mia", "active": true });
                users.insert("7".to_owned(), one.clone());
                json_answer(&one)
            }
            ("POST", ["", "seats"]) => json_answer(&json!({ "id": "9" })),
            ("DELETE", ["", "users", id]) => {
                users.remove(*id);
                http(204, "", "")
            }
            ("GET", ["", "users", id]) => match users.get(*id) {
                Some(one) => json_answer(one),
                None => http(404, "", "{}"),
            },
            ("GET", _) => json_answer(&json!({ "users": users.values().collect::<Vec<_>>() })),
            _ => json_answer(&json!({})),
        }
    }

    async fn vendor(&self) -> Vendor {
        let org = self.clone();
        Vendor::new(Arc::new(move |line, _| org.answer(line))).await
    }
}

/// What was written, without the base.
fn written(vendor: &Vendor) -> Vec<String> {
    let asked = vendor.asked().into_iter().filter(|line| !line.starts_with("GET"));
    asked.map(|line| line.replace(" /api", " ")).collect()
}

#[tokio::test]
async fn what_was_made_before_a_step_that_failed_is_taken_back_and_the_repeat_begins_afresh() {
    let made: &[&str] = &["POST /users", "POST /seats", "POST /users/7/welcome"];
    let refused = || http(400, "", r#"{"message": "no"}"#);
    let rows: Vec<(&str, Org, u16, Vec<&str>)> = vec![
        (
            "the first",
            Org::default().wrong("POST /api/users", refused(), 1),
            400,
            vec!["POST /users"],
        ),
        (
            "the second",
            Org::default().wrong("POST /api/seats", refused(), 1),
            400,
            vec!["POST /users", "POST /seats", "DELETE /users/7"],
        ),
        (
            "the third",
            Org::default().wrong("POST /api/users/7/welcome", refused(), 1),
            400,
            [made, &["DELETE /seats/9", "DELETE /users/7"]].concat(),
        ),
        (
            "a vendor that is busy",
            Org::default().wrong("POST /api/seats", http(429, "retry-after: 0\r\n", "{}"), 2),
            429,
            vec!["POST /users", "POST /seats", "POST /seats", "DELETE /users/7"],
        ),
        (
            "no answer, and later steps were to follow",
            Org::default().wrong("POST /api/seats", Deed::HangUp, 1),
            504,
            vec!["POST /users", "POST /seats", "DELETE /users/7"],
        ),
        (
            "an answer that has not what is captured",
            Org::default().wrong("POST /api/seats", json_answer(&json!({})), 1),
            502,
            // Its own undo cannot name the seat.
            vec!["POST /users", "POST /seats", "DELETE /users/7"],
        ),
        (
            "what is to be taken back has gone",
            Org::default().wrong("POST /api/seats", refused(), 1).wrong(
                "DELETE /api/users",
                http(404, "", "{}"),
                1,
            ),
            400,
            vec!["POST /users", "POST /seats", "DELETE /users/7"],
        ),
    ];
    for (name, org, status, expected) in rows {
        let vendor = org.vendor().await;
        let world = World::of(&several(), &vendor.url, Profile::Strict);
        let wire = world.send("POST", "/Users", &user("mia")).await;
        assert_eq!(wire.status, status, "{name}: {}", detail(&wire));
        assert_eq!(written(&vendor), expected, "{name}");
        let seat = name.contains("captured");
        assert_eq!(detail(&wire).contains("taken back"), seat, "{name}: {}", detail(&wire));
        org.users.lock().unwrap().clear();
        let wire = world.send("POST", "/Users", &user("mia")).await;
        assert_eq!(wire.status, 201, "{name}: {}", detail(&wire));
        assert_eq!(written(&vendor).get(expected.len()..).unwrap(), made, "{name}");
    }
}

/// The record shows who was made by the first step, and nothing of a welcome.
#[tokio::test]
async fn the_last_step_is_not_taken_for_done_because_the_record_shows_the_first() {
    let org = Org::default().wrong("POST /api/users/7/welcome", Deed::HangUp, 1);
    let vendor = org.vendor().await;
    let world = World::of(&several(), &vendor.url, Profile::Strict);
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 504, "{}", detail(&wire));
    let undone = ["DELETE /seats/9", "DELETE /users/7"];
    assert_eq!(written(&vendor).get(3..).unwrap(), undone);
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
}

#[tokio::test]
async fn a_leftover_is_told_counted_and_finished_by_the_repeat() {
    let org = Org::default()
        .wrong("POST /api/seats", http(422, "", r#"{"message": "no seat"}"#), 1)
        .wrong("DELETE /api/users", http(403, "", "{}"), 1);
    let vendor = org.vendor().await;
    let world = World::of(&several(), &vendor.url, Profile::Strict);
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 400);
    let told = detail(&wire);
    let expected = "no seat (faulty.yaml:41:19); what was made before it could not be taken back: \
                    `DELETE /users/7` (faulty.yaml:39:27)";
    assert!(told.ends_with(expected), "{told}");
    let counted = r#"scimshim_leftovers_total{call="User.create.user.undo",tenant="t"} 1"#;
    assert!(world.metrics.render().contains(counted), "{}", world.metrics.render());
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 201, "the half-made one is finished: {}", detail(&wire));
    assert_eq!(written(&vendor), ["POST /users", "POST /seats", "DELETE /users/7"]);
}

/// The vendor goes away for good in step two of three: nothing can be taken back, and the repeat finds what there is.
#[tokio::test]
async fn a_vendor_that_dies_in_the_second_step_leaves_what_is_told() {
    for deed in [Deed::HangUp, Deed::Silence, http(503, "", "down")] {
        let org =
            Org::default().wrong("POST /api/seats", deed.clone(), 100).wrong("DELETE", deed, 100);
        let vendor = org.vendor().await;
        let world = World::of(&several(), &vendor.url, Profile::Strict);
        let wire = world.send("POST", "/Users", &user("mia")).await;
        assert!(matches!(wire.status, 503 | 504), "{} {}", wire.status, detail(&wire));
        assert!(
            detail(&wire).contains("could not be taken back: `DELETE /users/7`"),
            "{}",
            detail(&wire)
        );
        let wire = world.send("POST", "/Users", &user("mia")).await;
        assert_eq!(wire.status, 201, "{}", detail(&wire));
        let posts = written(&vendor).iter().filter(|line| **line == "POST /users").count();
        assert_eq!(posts, 1, "nobody is made twice");
    }
}

/// Of a request's time some is kept for what must be taken back.
#[tokio::test]
async fn what_was_made_is_taken_back_when_the_time_is_up() {
    let org = Org::default().wrong("POST /api/seats", Deed::Silence, 1);
    let vendor = org.vendor().await;
    let mapping = several().replace("timeout: 150ms", "timeout: 20s");
    let world = World::of(&mapping, &vendor.url, Profile::Strict);
    let wire = world.send_within(Duration::from_secs(2), "POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 504, "{}", detail(&wire));
    assert_eq!(written(&vendor), ["POST /users", "POST /seats", "DELETE /users/7"]);
    assert!(!detail(&wire).contains("taken back"), "{}", detail(&wire));
}

/// A step without `undo` before the one that failed stays, so its create has begun and not ended.
#[tokio::test]
async fn what_nothing_takes_back_is_finished_by_the_repeat() {
    let undo = "            undo: { call: \"DELETE /users/{steps.user.id}\" }\n";
    let org = Org::default().wrong("POST /api/users/7/welcome", http(400, "", "{}"), 1);
    let vendor = org.vendor().await;
    let world = World::of(&several().replace(undo, ""), &vendor.url, Profile::Strict);
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 400, "a refused step is no success: {}", detail(&wire));
    let told = detail(&wire);
    let words = "; carried out, with no `undo`: `User.create.user` (faulty.yaml:36:19)";
    assert!(told.ends_with(words), "{told}");
    assert_eq!(written(&vendor).last().unwrap(), "DELETE /seats/9");
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
    assert_eq!(written(&vendor).len(), 4, "{:?}", written(&vendor));
}

/// Steps of an update, one of them for each role.
const UPDATE: &str = r#"        - name: change
          steps:
            - name: profile
              call: PATCH /users/{key}
              body: "{changed}"
              undo: { call: "PATCH /users/{key}", body: { nick: "{before.nickName}", login: "{before.userName}" } }
            - name: tag
              for_each: split(resource.nickName, '-')
              call: POST /users/{key}/tags/{item}
              accept: [2xx, 409]
              undo: { call: "DELETE /users/{key}/tags/{item}" }
            - { name: commit, call: "POST /users/{key}/commit" }
"#;

#[tokio::test]
async fn of_a_step_for_each_item_those_are_taken_back_that_were_done() {
    let one = "        - { name: change, call: \"PATCH /users/{key}\", record: . }\n";
    let mapping = MAPPING.replace(one, UPDATE);
    let all =
        ["PATCH /users/7", "POST /users/7/tags/a", "POST /users/7/tags/b", "POST /users/7/tags/c"];
    let back = |tags: &[&str]| -> Vec<String> {
        let tags = tags.iter().map(|tag| format!("DELETE /users/7/tags/{tag}"));
        tags.chain(["PATCH /users/7".to_owned()]).collect()
    };
    let rows = [
        ("POST /api/users/7/tags/c", vec![], back(&["b", "a"])),
        ("POST /api/users/7/commit", vec!["POST /users/7/commit"], back(&["c", "b", "a"])),
        // What was there already is not taken away.
        ("POST /api/users/7/tags/b", vec!["POST /users/7/commit"], back(&["c", "a"])),
    ];
    for (wrong, more, undone) in rows {
        let conflict = wrong.ends_with("/b");
        let status = if conflict { 409 } else { 422 };
        let org = Org::default().wrong(wrong, http(status, "", "{}"), 1).wrong(
            "POST /api/users/7/commit",
            http(422, "", "{}"),
            usize::from(conflict),
        );
        org.users.lock().unwrap().insert("7".to_owned(), json!({ "id": "7", "login": "mia" }));
        let vendor = org.vendor().await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let body = patch(json!([{ "op": "replace", "value": { "nickName": "a-b-c" } }]));
        let wire = world.send("PATCH", "/Users/7", &body).await;
        assert_eq!(wire.status, 400, "{wrong}: {}", detail(&wire));
        let expected: Vec<String> =
            all.iter().chain(&more).map(|line| (*line).to_owned()).chain(undone).collect();
        assert_eq!(written(&vendor), expected, "{wrong}");
    }
}

/// One step of a delete is refused: the account is as it was.
#[tokio::test]
async fn a_delete_of_steps_is_taken_back() {
    let one = "      delete: { call: \"DELETE /users/{key}\" }\n";
    let steps = r#"      delete:
        steps:
          - { name: lock, call: "POST /users/{key}/lock", undo: { call: "POST /users/{key}/unlock" } }
          - { name: end, call: "DELETE /users/{key}" }
"#;
    let org = Org::default().wrong("DELETE /api/users/7", http(409, "", "{}"), 1);
    org.users.lock().unwrap().insert("7".to_owned(), json!({ "id": "7", "login": "mia" }));
    let vendor = org.vendor().await;
    let world = World::of(&MAPPING.replace(one, steps), &vendor.url, Profile::Strict);
    let wire = world.send("DELETE", "/Users/7", &Value::Null).await;
    assert_eq!(wire.status, 409, "{}", detail(&wire));
    let expected = ["POST /users/7/lock", "DELETE /users/7", "POST /users/7/unlock"];
    assert_eq!(written(&vendor), expected);
}

/// What is said of it: in the plan, and where it makes no sense.
#[test]
fn an_undo_is_part_of_the_plan() {
    let loaded = mapping::load("m.yaml", &several());
    let words = mapping::explain::plan(&loaded.plan.unwrap());
    let expected = "        taken back, when a later call fails, by DELETE /users/{steps.user.id}";
    assert!(words.contains(expected), "{words}");
}
