//! Lookups: names that a client says for the vendor's keys; how often the vendor is asked for them, and what
//! becomes of a name that it does not have.

use crate::harness::{SECRET, Vendor, World, detail, http, json_answer, patch, user};
use http::Method;
use scimshim::{
    scim::profile::Profile,
    upstream::{
        self, Answer, Call, Upstream,
        call::{Body, Pending},
    },
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

const MAPPING: &str = r#"
mapping: 1
name: faulty
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}/api"
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0 }
  limits: { scan: 200 }
lookups:
  office:
    call: GET /offices
    items: offices
    paging: { cursor: { param: after, next: next } }
    name: name
    key: id
  team:
    call: GET /teams
    query: { name: "{value}" }
    items: teams
    name: name
    key: id
    by_key: { call: "GET /teams/{value}", record: . }
schemas:
  urn:acme:1.0:User: { attributes: { sites: { type: string, list: true } } }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      title: { field: office_id, lookup: office }
      nickName: { field: team_id, lookup: team }
      userType: { field: home_id, lookup: office, unknown: drop }
      locale: { field: base_id, lookup: office, unknown: default, default: Oslo }
      roles: { field: places, element: { value: { field: id, lookup: office } } }
      phoneNumbers: { field: lines, element: { value: { field: number }, type: { field: at, lookup: office, unknown: default, default: Oslo } } }
      urn:acme:1.0:User:sites: { field: site_ids, lookup: office }
      entitlements: { field: desks, element: { value: { field: id, lookup: office, unknown: drop } } }
    fields:
      billed_to: { write: "'Oslo'", lookup: office, convert: [text], only: create }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
        - { filter: "title eq {office}", call: GET /users, query: { office: "{office}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
"#;

/// A vendor with offices, teams and people in this process, and a clock that a test sets.
#[derive(Clone, Default)]
struct Desk {
    offices: Arc<Mutex<Vec<(u64, &'static str)>>>,
    person: Arc<Mutex<Value>>,
    told: Arc<Mutex<Vec<String>>>,
    ahead: Arc<Mutex<Duration>>,
}

impl Desk {
    fn new(person: Value) -> Self {
        let desk = Self::default();
        *desk.offices.lock().unwrap() =
            vec![(11, "Stockholm"), (12, "Oslo"), (13, "Bergen"), (14, "bergen")];
        *desk.person.lock().unwrap() = person;
        desk
    }

    fn world(&self) -> World {
        World::over(MAPPING, Arc::new(self.clone()), Profile::Okta)
    }

    /// All calls since the last look.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    fn offices_asked(&self) -> usize {
        self.told().iter().filter(|told| told.starts_with("GET /offices")).count()
    }

    fn later(&self, by: Duration) {
        *self.ahead.lock().unwrap() += by;
    }

    fn answer(&self, call: &Call) -> Answer {
        let body = match &call.body {
            Body::Json(body) => body.clone(),
            _ => Value::Null,
        };
        let line = format!("{} {}", call.method, call.target());
        let shown = if body.is_null() { line } else { format!("{line} {body}") };
        self.told.lock().unwrap().push(shown);
        let mut person = self.person.lock().unwrap();
        let asked = |name: &str| {
            call.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        let answered = match (call.method.clone(), call.path.as_str()) {
            (Method::GET, "/offices") => {
                let offices = self.offices.lock().unwrap();
                // Two pages.
                let (first, rest) = offices.split_at(2);
                let (page, next) = if asked("after").is_some() {
                    (rest, Value::Null)
                } else {
                    (first, json!("x"))
                };
                let page: Vec<Value> =
                    page.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
                json!({ "offices": page, "next": next })
            }
            // It finds more than what was asked for.
            (Method::GET, "/teams") => json!({ "teams": [
                { "id": "r", "name": "Red" }, { "id": "b", "name": "Blue" },
            ] }),
            (Method::GET, "/teams/r") => json!({ "id": "r", "name": "Red" }),
            (Method::GET, path) if path.starts_with("/teams/") => {
                return Answer { status: 404, ..Answer::default() };
            }
            (Method::GET, "/users") if asked("login").is_some() => json!({ "users": [] }),
            (Method::GET, "/users") => json!({ "users": [*person] }),
            (Method::GET, _) => person.clone(),
            _ => {
                let mut body = body;
                body.as_object_mut().unwrap().entry("id").or_insert(json!("7"));
                for (name, value) in body.as_object().unwrap() {
                    person[name] = value.clone();
                }
                person.clone()
            }
        };
        Answer { status: 200, body: answered, ..Answer::default() }
    }
}

impl Upstream for Desk {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _attempt: u32,
        _deadline: Instant,
    ) -> Pending<'a, Result<Answer, upstream::Error>> {
        Box::pin(async move { Ok(self.answer(call)) })
    }

    fn wait<'a>(&'a self, _duration: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }

    fn now(&self) -> Instant {
        Instant::now() + *self.ahead.lock().unwrap()
    }
}

fn mia() -> Value {
    json!({ "id": "7", "login": "mia", "office_id": 11, "team_id": "r", "base_id": 12 })
}

fn with(name: &str, value: Value) -> Value {
    let mut user = user("zoe");
    user[name] = value;
    user
}

/// What was sent to the vendor by the one write.
fn sent(told: &[String]) -> Value {
    let write =
        told.iter().find(|told| told.starts_with("POST /users") || told.starts_with("PATCH"));
    let body = write.and_then(|write| write.split_once(" {")).map(|(_, body)| format!("{{{body}"));
    body.map(|body| serde_json::from_str(&body).unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn a_create_sends_keys_and_the_answer_has_names() {
    let none = json!([]);
    let table = [
        // (attribute, what the client says, field, what the vendor gets)
        ("title", json!("Stockholm"), "office_id", json!(11)),
        ("title", json!("sTOCKholm"), "office_id", json!(11)),
        ("nickName", json!("Red"), "team_id", json!("r")),
        ("userType", json!("Atlantis"), "home_id", Value::Null),
        (
            "urn:acme:1.0:User",
            json!({ "sites": ["Oslo", "Stockholm"] }),
            "site_ids",
            json!([12, 11]),
        ),
        ("locale", json!("Atlantis"), "base_id", json!(12)),
        ("roles", json!([{ "value": "Oslo" }]), "places", json!([{ "id": 12 }])),
        (
            "entitlements",
            json!([{ "value": "Oslo" }, { "value": "X" }]),
            "desks",
            json!([{ "id": 12 }]),
        ),
        ("entitlements", json!([{ "value": "X" }]), "desks", none),
        (
            "phoneNumbers",
            json!([{ "value": "1", "type": "X" }, { "value": "2", "type": "Stockholm" }]),
            "lines",
            json!([{ "number": "1", "at": 12 }, { "number": "2", "at": 11 }]),
        ),
    ];
    for (attribute, said, field, wanted) in table {
        let desk = Desk::new(json!({}));
        let wire = desk.world().send("POST", "/Users", &with(attribute, said.clone())).await;
        assert_eq!(wire.status, 201, "{attribute} {said}: {}", detail(&wire));
        let told = desk.told();
        assert_eq!(sent(&told)[field], wanted, "{attribute} {said}: {told:?}");
        assert_eq!(sent(&told)["billed_to"], json!("12"), "looked up, then converted");
        let offices = told.iter().filter(|told| told.starts_with("GET /offices")).count();
        assert_eq!(offices, 2, "both pages once: {told:?}");
    }
    let desk = Desk::new(json!({}));
    let wire = desk.world().send("POST", "/Users", &with("title", json!("sTOCKholm"))).await;
    assert_eq!(wire.body.unwrap()["title"], "Stockholm", "the vendor's own spelling");
}

#[tokio::test]
async fn a_name_that_nobody_or_several_have_is_refused_with_its_reason() {
    let table = [
        (
            "title",
            json!("Atlantis"),
            "`title`: `Atlantis` is not known to the vendor (lookup `office`)",
        ),
        ("title", json!("Bergen"), "`Bergen` is ambiguous"),
        (
            "nickName",
            json!("Green"),
            "`nickName`: `Green` is not known to the vendor (lookup `team`)",
        ),
        ("roles", json!([{ "value": "Atlantis" }]), "`roles.value`: `Atlantis` is not known"),
    ];
    for (attribute, said, why) in table {
        let desk = Desk::new(json!({}));
        let wire = desk.world().send("POST", "/Users", &with(attribute, said)).await;
        assert_eq!(wire.status, 400, "{attribute}");
        assert!(detail(&wire).contains(why), "{}", detail(&wire));
        assert_eq!(wire.body.unwrap()["scimType"], "invalidValue");
        let told = desk.told();
        assert!(told.iter().all(|told| told.starts_with("GET")), "nothing was written: {told:?}");
    }
}

#[tokio::test]
async fn the_key_of_a_name_is_not_asked_back() {
    let desk = Desk::new(json!({}));
    let world = desk.world();
    let wire = world.send("POST", "/Users", &with("nickName", json!("red"))).await;
    assert_eq!((wire.status, &wire.body.unwrap()["nickName"]), (201, &json!("Red")));
    let wire = world.send("GET", "/Users/7", &Value::Null).await;
    assert_eq!(wire.body.unwrap()["nickName"], "Red");
    let told = desk.told();
    let teams: Vec<_> = told.iter().filter(|told| told.starts_with("GET /teams")).collect();
    assert_eq!(teams, ["GET /teams?name=red"]);
}

#[tokio::test]
async fn a_patch_reads_names_and_writes_the_key_of_the_new_one() {
    let desk = Desk::new(mia());
    let world = desk.world();
    let body = patch(json!([{ "op": "replace", "path": "title", "value": "Oslo" }]));
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 200, "{}", detail(&wire));
    let answer = wire.body.unwrap();
    assert_eq!((&answer["title"], &answer["nickName"]), (&json!("Oslo"), &json!("Red")));
    let wanted = [
        "GET /users/7",
        "GET /offices",
        "GET /offices?after=x",
        "GET /teams/r",
        r#"PATCH /users/7 {"office_id":12}"#,
    ];
    assert_eq!(desk.told(), wanted);
    // What is there already is no change, and memory knows all of it.
    let wire = world.send("PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 200);
    assert_eq!(desk.told(), ["GET /users/7"]);
}

#[tokio::test]
async fn a_name_that_is_dropped_leaves_what_is_there() {
    let mut at_home = mia();
    at_home["home_id"] = json!(11);
    let desk = Desk::new(at_home);
    let world = desk.world();
    for (said, sent_to) in [
        (json!({ "userType": "Atlantis" }), json!(null)),
        (json!({ "userType": "Atlantis", "userName": "mia2" }), json!({ "login": "mia2" })),
        (json!({ "userType": "Oslo" }), json!({ "home_id": 12 })),
        (json!({ "userType": "" }), json!({ "home_id": null })),
    ] {
        let body = patch(json!([{ "op": "replace", "value": said }]));
        let wire = world.send("PATCH", "/Users/7", &body).await;
        assert_eq!(wire.status, 200, "{said}: {}", detail(&wire));
        assert_eq!(sent(&desk.told()), sent_to, "{said}");
    }
}

#[tokio::test]
async fn what_was_read_of_an_ambiguous_name_is_no_change_when_it_comes_back() {
    let mut bergen = mia();
    // One at a time: the vendor has two of a name, and the record says which is meant.
    bergen["office_id"] = json!(13);
    let desk = Desk::new(bergen);
    let world = desk.world();
    let mut whole = world.send("GET", "/Users/7", &Value::Null).await.body.unwrap();
    assert_eq!(whole["title"], "Bergen");
    whole["userName"] = json!("mia2");
    let wire = world.send("PUT", "/Users/7", &whole).await;
    assert_eq!(wire.status, 200, "{}", detail(&wire));
    assert_eq!(sent(&desk.told()), json!({ "login": "mia2" }));
}

#[tokio::test]
async fn keys_that_nobody_knows_read_as_the_rule_says() {
    // (field, key, attribute, whether the resource can be read)
    let table = [
        ("office_id", json!(99), "title", 200),
        ("team_id", json!("zz"), "nickName", 200),
        ("home_id", json!(99), "userType", 200),
        ("desks", json!([{ "id": 99 }]), "entitlements", 200),
        // What is missing in a list that is written whole would be taken out of it.
        ("places", json!([{ "id": 99 }]), "roles", 502),
        ("site_ids", json!([11, 99]), "urn:acme:1.0:User", 502),
    ];
    for (field, key, attribute, status) in table {
        let mut person = mia();
        person[field] = key;
        let wire = Desk::new(person).world().send("GET", "/Users/7", &Value::Null).await;
        assert_eq!(wire.status, status, "{field}: {}", detail(&wire));
        assert!(wire.body.unwrap().get(attribute).is_none(), "{field}");
    }
}

#[tokio::test]
async fn a_search_asks_the_vendor_for_the_key() {
    let desk = Desk::new(mia());
    let path = "/Users?filter=title%20eq%20%22stockholm%22";
    let wire = desk.world().send("GET", path, &Value::Null).await;
    assert_eq!(wire.body.unwrap()["totalResults"], 1);
    let told = desk.told();
    assert!(told.contains(&"GET /users?office=11".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_list_is_remembered_and_read_again_for_a_new_name_alone() {
    let desk = Desk::new(mia());
    let world = desk.world();
    let ask = async |name: &str| {
        let wire = world.send("POST", "/Users", &with("title", json!(name))).await;
        (wire.status, desk.offices_asked() / 2)
    };
    assert_eq!(ask("Stockholm").await, (201, 1));
    assert_eq!(ask("Oslo").await, (201, 0));
    assert_eq!(ask("Malmö").await, (400, 0), "read within this second");
    desk.later(Duration::from_secs(2));
    assert_eq!(ask("Malmö").await, (400, 1));
    desk.later(Duration::from_secs(2));
    assert_eq!(ask("Malmö").await, (400, 0), "that nobody has it is believed for a while");
    desk.offices.lock().unwrap().push((15, "Malmö"));
    desk.later(Duration::from_secs(9));
    assert_eq!(ask("Malmö").await, (201, 1));
    desk.later(Duration::from_secs(299));
    assert_eq!(ask("Stockholm").await, (201, 0));
    desk.later(Duration::from_secs(1));
    assert_eq!(ask("Stockholm").await, (201, 1), "five minutes are over");
}

/// A vendor with a hundred people in three offices and three teams.
fn crowd(line: &str, _: usize) -> crate::harness::Deed {
    let path = line.split_once("/api").map_or("", |(_, path)| path);
    match path {
        "/offices" => json_answer(&json!({ "next": null, "offices": [
            { "id": 0, "name": "A" }, { "id": 1, "name": "B" }, { "id": 2, "name": "C" },
        ] })),
        "/users" => {
            let people = (0..100).map(|n| {
                json!({ "id": n, "login": format!("u{n}"), "office_id": n % 3, "team_id": n % 3 })
            });
            json_answer(&json!({ "users": people.collect::<Vec<_>>() }))
        }
        other => match other.strip_prefix("/teams/") {
            Some(id) => json_answer(&json!({ "id": id, "name": format!("T{id}") })),
            None => {
                let id: usize = other.trim_start_matches("/users/").parse().unwrap();
                json_answer(&json!({ "id": id, "login": "u", "office_id": 1, "team_id": 1 }))
            }
        },
    }
}

#[tokio::test]
async fn a_list_of_a_hundred_asks_for_each_key_once() {
    let vendor = Vendor::new(Arc::new(crowd)).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let wire = world.send("GET", "/Users?count=100", &Value::Null).await;
    let body = wire.body.unwrap();
    assert_eq!((wire.status, body["Resources"].as_array().unwrap().len()), (200, 100));
    assert_eq!(body["Resources"][4]["title"], "B");
    assert_eq!(body["Resources"][4]["nickName"], "T1");
    let mut asked = vendor.asked();
    asked.sort();
    let wanted = [
        "GET /api/offices",
        "GET /api/teams/0",
        "GET /api/teams/1",
        "GET /api/teams/2",
        "GET /api/users",
    ];
    assert_eq!(asked, wanted);
}

#[tokio::test]
async fn many_who_wait_for_a_lookup_make_one_call() {
    let vendor = Vendor::new(Arc::new(crowd)).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Okta);
    let paths: Vec<String> = (0..20).map(|number| format!("/Users/{number}")).collect();
    let all = paths.iter().map(|path| world.send("GET", path, &Value::Null));
    for wire in futures_util::future::join_all(all).await {
        assert_eq!(wire.body.unwrap()["nickName"], "T1");
    }
    let asked = vendor.asked();
    let count = |path: &str| asked.iter().filter(|line| line.contains(path)).count();
    assert_eq!((count("/offices"), count("/teams/1"), count("/users/")), (1, 1, 20));
}

#[tokio::test]
async fn a_lookup_that_fails_fails_the_request_and_is_never_unknown() {
    let table = [
        (http(500, "", "{}"), 502),
        (http(404, "", "{}"), 502),
        (http(401, "", "{}"), 502),
        (http(429, "retry-after: 7\r\n", "{}"), 429),
        (http(200, "", "<html>"), 502),
        (json_answer(&json!({ "rooms": [] })), 502),
        (json_answer(&json!({ "offices": [{ "name": "A" }], "next": null })), 502),
    ];
    for (deed, status) in table {
        let answer = move |line: &str, before: usize| {
            if line.contains("/offices") { deed.clone() } else { crowd(line, before) }
        };
        let vendor = Vendor::new(Arc::new(answer)).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Okta);
        for (method, path, body) in [
            ("GET", "/Users/1", Value::Null),
            ("GET", "/Users?count=10", Value::Null),
            (
                "PATCH",
                "/Users/1",
                patch(json!([{ "op": "add", "path": "userType", "value": "A" }])),
            ),
        ] {
            let wire = world.send(method, path, &body).await;
            assert_eq!(wire.status, status, "{method} {path}: {}", detail(&wire));
            assert!(!detail(&wire).contains(SECRET));
        }
        assert!(vendor.asked().iter().all(|line| line.starts_with("GET")), "{:?}", vendor.asked());
    }
}

/// Whole lists in expressions: read once for as long as the lookup says, and only by who asks for them.
#[tokio::test]
async fn an_expression_has_the_whole_list() {
    let rule = "      title: { field: office_id, lookup: office }\n";
    let reads = r#"      title: { read: "first(lookups.office.filter(o, o.key == record.office_id)).name", field: office_id, direction: read }
      displayName: { field: shown, direction: read, missing: "{text(size(lookups.office))} offices" }
"#;
    let field = "    fields:\n";
    let writes = r#"    fields:
      seats: { write: "lookups.office.map(o, {'type': 'offices', 'id': o.key})" }
"#;
    let find = "        - { filter: \"title eq {office}\", call: GET /users, query: { office: \"{office}\" }, items: users }\n";
    let mapping = MAPPING.replace(rule, reads).replace(field, writes).replace(find, "");
    let desk = Desk::new(json!({ "id": "7", "login": "mia", "office_id": 11 }));
    let world = World::over(&mapping, Arc::new(desk.clone()), Profile::Okta);
    let offices = |told: &[String]| told.iter().filter(|told| told.contains("/offices")).count();
    let wire = world.send("GET", "/Users", &Value::Null).await;
    let body = wire.body.unwrap();
    let one = &body["Resources"][0];
    assert_eq!(
        (&one["title"], &one["displayName"]),
        (&json!("Stockholm"), &json!("4 offices")),
        "{body}"
    );
    assert_eq!(desk.told(), ["GET /users", "GET /offices", "GET /offices?after=x"]);
    let wire = world.send("POST", "/Users", &user("zoe")).await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
    let told = desk.told();
    let seats: Vec<Value> =
        [11, 12, 13, 14].map(|id| json!({ "type": "offices", "id": id })).into();
    assert_eq!((&sent(&told)["seats"], offices(&told)), (&json!(seats), 0), "{told:?}");
    // An old list is read again.
    desk.later(Duration::from_secs(301));
    desk.offices.lock().unwrap().push((15, "Malmö"));
    let wire = world.send("GET", "/Users/7", &Value::Null).await;
    assert_eq!(wire.body.unwrap()["displayName"], "5 offices");
    assert_eq!(offices(&desk.told()), 2);
    // A vendor that does not give it fails the request: a shorter list would be written.
    let vendor = Vendor::new(Arc::new(|line, _| match line {
        line if line.contains("/offices") => http(404, "", "{}"),
        _ => json_answer(&json!({ "users": [] })),
    }))
    .await;
    let world = World::of(&mapping, &vendor.url, Profile::Okta);
    let wire = world.send("POST", "/Users", &user("zoe")).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(
        detail(&wire).contains("the list of lookup `office` is not there"),
        "{}",
        detail(&wire)
    );
    assert!(!vendor.asked().iter().any(|line| line.starts_with("POST")), "{:?}", vendor.asked());
}
