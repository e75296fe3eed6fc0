//! Groups whose members come and go one by one: all or nothing where that can be known, the truth
//! where it cannot.

use crate::harness::{Deed, Vendor, World, detail, http, json_answer, patch};
use scimshim::{
    scim::profile::Profile,
    upstream::{Answer, Call, Error, Upstream, call::Pending},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

pub const MAPPING: &str = r#"
mapping: 1
name: teams
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.token}" } }
  timeout: 150ms
  retries: { times: 0, first: 1ms, longest: 2ms }
resources:
  User:
    key: id
    attributes:
      userName: { field: login, required: true }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
      find: [{ filter: "userName eq {login}", scan: { at_most: 100 } }]
      create: { call: POST /users, record: . }
      update: [{ name: change, call: "PATCH /users/{key}", record: . }]
  Group:
    key: id
    match: [displayName]
    attributes:
      displayName: { field: name, required: true }
      members: { field: people, unordered: true, element: { value: { field: id, refers: User } } }
    operations:
      get:
        steps:
          - { name: team, call: "GET /teams/{key}", record: . }
          - name: people
            call: "GET /teams/{key}/people"
            items: people
            paging: { cursor: { param: after, next: next } }
            into: people
      list: { call: GET /teams, items: teams, paging: { cursor: { param: after, next: next } }, read_again: [people] }
      find: [{ filter: "displayName eq {name}", scan: { at_most: 100 } }]
      create: { call: POST /teams, claims: [displayName], record: . }
      update:
        - { name: rename, claims: [displayName], call: "PATCH /teams/{key}" }
        - { name: leave, claims: [members removes], for_each: changes.members.removed, call: "DELETE /teams/{key}/people/{item.value}" }
        - { name: join, claims: [members adds], for_each: changes.members.added, call: "PUT /teams/{key}/people/{item.value}" }
"#;

/// A team of `people`, among users 1 to 9; what `odd` gives is answered instead.
pub async fn vendor(
    people: &[u32],
    odd: impl Fn(&str) -> Option<Deed> + Send + Sync + 'static,
) -> (Vendor, Arc<Mutex<BTreeSet<u32>>>) {
    let team = Arc::new(Mutex::new(people.iter().copied().collect::<BTreeSet<u32>>()));
    let held = Arc::clone(&team);
    let script = move |line: &str, _: usize| {
        if let Some(deed) = odd(line) {
            return deed;
        }
        let id = || line.rsplit('/').next().and_then(|id| id.parse::<u32>().ok()).unwrap_or(0);
        match line {
            line if line.starts_with("GET /users/") => match id() {
                id @ 1..10 => json_answer(&json!({ "id": id, "login": "x" })),
                _ => http(404, "", "{}"),
            },
            line if line.starts_with("DELETE /teams/1/people/") => {
                match held.lock().unwrap().remove(&id()) {
                    true => http(204, "", ""),
                    false => http(404, "", "{}"),
                }
            }
            line if line.starts_with("PUT /teams/1/people/") => {
                held.lock().unwrap().insert(id());
                http(204, "", "")
            }
            line if line.starts_with("GET /teams/1/people") => {
                let people: Vec<Value> =
                    held.lock().unwrap().iter().map(|id| json!({ "id": id })).collect();
                json_answer(&json!({ "people": people }))
            }
            "GET /teams" => json_answer(&json!({ "teams": [{ "id": 1, "name": "Sales" }] })),
            _ => json_answer(&json!({ "id": 1, "name": "Sales" })),
        }
    };
    (Vendor::new(Arc::new(script)).await, team)
}

pub fn writes(vendor: &Vendor) -> Vec<String> {
    vendor.asked().into_iter().filter(|line| !line.starts_with("GET")).collect()
}

pub fn replace(ids: &[&str]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    patch(json!([{ "op": "replace", "path": "members", "value": members }]))
}

#[tokio::test]
async fn a_push_with_an_unknown_member_changes_nothing() {
    let (vendor, team) = vendor(&[1, 2], |_| None).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    for ids in [&["99"][..], &["3", "99", "4"][..], &["1", "99"][..]] {
        let wire = world.send("PATCH", "/Groups/1", &replace(ids)).await;
        assert_eq!(wire.status, 400, "{ids:?}: {}", detail(&wire));
        assert_eq!(wire.body.as_ref().unwrap()["scimType"], "invalidValue");
        assert!(detail(&wire).contains("`99`"), "{}", detail(&wire));
        assert_eq!(writes(&vendor), [""; 0], "{ids:?}");
    }
    assert_eq!(*team.lock().unwrap(), BTreeSet::from([1, 2]));
}

/// Whoever joins behind the create is looked at before it: or the group would be there although its client is
/// told that nothing was changed.
#[tokio::test]
async fn a_group_with_an_unknown_member_is_not_made() {
    let (vendor, _) =
        vendor(&[], |line| (line == "GET /teams").then(|| json_answer(&json!({ "teams": [] }))))
            .await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let made = |ids: &[&str]| {
        let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Sales", "members": members,
        })
    };
    for ids in [&["99"][..], &["3", "99", "4"][..]] {
        let wire = world.send("POST", "/Groups", &made(ids)).await;
        assert_eq!(wire.status, 400, "{ids:?}: {}", detail(&wire));
        assert_eq!(wire.body.as_ref().unwrap()["scimType"], "invalidValue");
        assert!(detail(&wire).contains("`99`"), "{}", detail(&wire));
        assert_eq!(writes(&vendor), [""; 0], "{ids:?}");
    }
    let wire = world.send("POST", "/Groups", &made(&["3"])).await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
    assert_eq!(writes(&vendor), ["POST /teams", "PUT /teams/1/people/3"]);
}

#[tokio::test]
async fn who_is_not_there_has_left() {
    // Somebody else is quicker: the vendor's 404 to our DELETE is no fault.
    let taken = Arc::new(Mutex::new(None::<Arc<Mutex<BTreeSet<u32>>>>));
    let held = Arc::clone(&taken);
    let quicker = move |line: &str| {
        if line.starts_with("DELETE")
            && let Some(team) = held.lock().unwrap().as_ref()
        {
            team.lock().unwrap().remove(&2);
        }
        None
    };
    let (vendor, team) = vendor(&[1, 2], quicker).await;
    *taken.lock().unwrap() = Some(Arc::clone(&team));
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let body = patch(json!([{ "op": "remove", "path": "members[value eq \"2\"]" }]));
    let wire = world.send("PATCH", "/Groups/1", &body).await;
    assert_eq!(wire.status, 204, "{}", detail(&wire));
    assert_eq!(*team.lock().unwrap(), BTreeSet::from([1]));
}

#[tokio::test]
async fn a_join_or_leave_that_the_roster_does_not_show_is_no_success() {
    // The vendor says yes and does nothing.
    let idle = |line: &str| {
        let write = line.starts_with("PUT") || line.starts_with("DELETE");
        write.then(|| http(200, "", "{}"))
    };
    for ids in [&["1", "2", "3"][..], &["1"][..]] {
        let (vendor, _) = vendor(&[1, 2], idle).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Okta);
        let wire = world.send("PATCH", "/Groups/1", &replace(ids)).await;
        assert_eq!(wire.status, 502, "{ids:?}: {}", detail(&wire));
        assert!(detail(&wire).contains("does not show it"), "{}", detail(&wire));
    }
    // A login page in place of an answer.
    let page = |line: &str| {
        let html = "<!DOCTYPE html><p>Sign in</p>";
        line.starts_with("PUT").then(|| http(200, "content-type: text/html\r\n", html))
    };
    let (vendor, _) = vendor(&[1], page).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let wire = world.send("PATCH", "/Groups/1", &replace(&["1", "2"])).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
}

#[tokio::test]
async fn a_roster_that_cannot_be_read_whole_is_an_error_and_nothing_is_written() {
    let rows: [(&str, Deed, u16); 4] = [
        ("404", http(404, "", "{}"), 502),
        ("500", http(500, "", "{}"), 502),
        (
            "a member without an id",
            json_answer(&json!({ "people": [{ "id": 1 }, { "x": 2 }] })),
            502,
        ),
        ("no list", json_answer(&json!({})), 502),
    ];
    for (name, deed, expected) in rows {
        let odd = move |line: &str| line.contains("/people").then(|| deed.clone());
        let (vendor, _) = vendor(&[1], odd).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Okta);
        for (method, path, body) in [
            ("GET", "/Groups/1", Value::Null),
            ("GET", "/Groups", Value::Null),
            ("PATCH", "/Groups/1", replace(&[])),
        ] {
            let wire = world.send(method, path, &body).await;
            assert_eq!(wire.status, expected, "{name} {method} {path}: {}", detail(&wire));
        }
        assert_eq!(writes(&vendor), [""; 0], "{name}");
    }
    // The second page of it fails.
    let odd = |line: &str| match line {
        line if line.contains("/people?after") => Some(http(500, "", "{}")),
        line if line.contains("/people") => {
            Some(json_answer(&json!({ "people": [{ "id": 1 }], "next": "x" })))
        }
        _ => None,
    };
    let (vendor, _) = vendor(&[1], odd).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    assert_eq!(world.send("PATCH", "/Groups/1", &replace(&[])).await.status, 502);
    assert_eq!(writes(&vendor), [""; 0]);
}

/// Every answer takes a tenth of a second.
struct Slow(Mutex<BTreeSet<u64>>);

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
            let id = call.path.rsplit('/').next().and_then(|id| id.parse::<u64>().ok());
            let mut team = self.0.lock().unwrap();
            let body = match (&call.method, call.path.ends_with("/people")) {
                (&http::Method::PUT, _) => json!({ "joined": team.insert(id.unwrap()) }),
                (_, true) => {
                    json!({ "people": team.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>() })
                }
                _ => json!({ "id": id, "login": "x", "name": "Sales" }),
            };
            Ok(Answer { status: 200, body, ..Answer::default() })
        })
    }

    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_does_not_end_in_time_says_how_far_it_came_and_goes_on_when_it_is_repeated() {
    let slow = Arc::new(Slow(Mutex::default()));
    let world = World::over(MAPPING, slow.clone(), Profile::Okta);
    let everybody: Vec<String> = (1..=40).map(|id| id.to_string()).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let mut answers = Vec::new();
    for _ in 0..4 {
        let patience = Duration::from_secs(2);
        let wire = world.send_within(patience, "PATCH", "/Groups/1", &replace(&everybody)).await;
        answers.push((wire.status, slow.0.lock().unwrap().len()));
        if wire.status == 429 {
            assert!(detail(&wire).contains(" were done in time"), "{}", detail(&wire));
            assert_eq!(wire.retry_after, Some(1));
        }
    }
    // Two reads, a page of the list, five rounds of looks at eight a time, then joins until a tenth is left.
    // Who was looked at once is known.
    assert_eq!(answers, [(429, 10), (429, 26), (204, 40), (204, 40)]);
}
