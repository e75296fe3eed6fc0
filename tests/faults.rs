//! A vendor that misbehaves, over real sockets: what the client is told, and that nothing is
//! written which was not asked for.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed, and says where")]

use scimshim::{
    app::build,
    gateway::{Arrival, Gateway},
    mapping,
    metrics::Metrics,
    scim::{decode::decode, encode, profile::Profile},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

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
  timeout: 150ms
  retries: { times: 1, first: 1ms, longest: 2ms }
  limits: { scan: 100 }
  errors:
    - { when: "answer.status == 402", means: forbidden, detail: "the plan has no seats" }
    - { when: "answer.body.ok == false", means: invalid, detail: "{answer.body.why}" }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      nickName: { field: nick }
      active: { field: active }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
      delete: { call: "DELETE /users/{key}" }
"#;

const SECRET: &str = "s3cret-of-the-vendor";

/// What the vendor does with a request: bytes to write, and whether to keep silent after them.
#[derive(Clone)]
enum Deed {
    /// Writes this and closes.
    Write(Vec<u8>),
    /// Writes nothing and waits.
    Silence,
    /// Closes at once.
    HangUp,
}

/// An HTTP answer.
fn http(status: u16, headers: &str, body: &str) -> Deed {
    let length = body.len();
    Deed::Write(
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

fn json_answer(body: &Value) -> Deed {
    http(200, "content-type: application/json\r\n", &body.to_string())
}

type Script = Arc<dyn Fn(&str, usize) -> Deed + Send + Sync>;

/// A vendor that does as `script` says: it gets the request line and how many came before it.
struct Vendor {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    async fn new(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(one(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn one(mut stream: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) {
    let mut text = Vec::new();
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => text.extend(part.iter().take(read)),
        }
    }
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let before = {
        let mut log = log.lock().unwrap();
        log.push(line.clone());
        log.len() - 1
    };
    match script(&line, before) {
        Deed::Write(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Deed::Silence => std::future::pending().await,
        Deed::HangUp => {}
    }
}

/// One SCIM request through the gateway.
async fn send(url: &str, profile: Profile, method: &str, path: &str, body: &Value) -> encode::Wire {
    let plan = mapping::load("faulty.yaml", MAPPING);
    assert_eq!(plan.findings, []);
    let variables = json!({ "url": url, "token": SECRET });
    let metrics = Arc::new(Metrics::default());
    let live = build::over("t", plan.plan.unwrap(), variables, profile, &metrics, 1).unwrap();
    let gateway = Gateway::new("t", live, metrics);
    let live = gateway.live();
    let method = http::Method::from_bytes(method.as_bytes()).unwrap();
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let request = decode(&method, path, query, text.as_bytes(), &live.plan.types).unwrap();
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    let arrival = Arrival { now, deadline, base: "https://gw.example/scim/v2" };
    let (outcome, _) = gateway.handle(&live, request, arrival).await;
    match outcome {
        Ok(response) => {
            let kind = live.plan.types.by_name("User").unwrap();
            encode::response(response, Some(kind), &Default::default(), arrival.base)
        }
        Err(error) => encode::error(&error),
    }
}

fn detail(wire: &encode::Wire) -> String {
    let body = wire.body.as_ref().and_then(|body| body.get("detail"));
    body.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_failure_of_a_read_has_its_outcome() {
    let html = "<!doctype html><h1>Oops</h1>";
    let half = Deed::Write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\": 7".to_vec());
    let huge = format!("{{\"id\": 7, \"x\": \"{}\"}}", "x".repeat(11 << 20));
    let table: Vec<(&str, Deed, u16, u16)> = vec![
        ("404", http(404, "", "{}"), 404, 404),
        ("410", http(410, "", "{}"), 404, 404),
        ("409", http(409, "", "{}"), 409, 409),
        ("400", http(400, "", r#"{"message": "no"}"#), 400, 400),
        ("422", http(422, "", r#"{"message": "no"}"#), 400, 400),
        ("401", http(401, "", "{}"), 502, 502),
        ("403", http(403, "", "{}"), 502, 502),
        ("402, a row", http(402, "", "{}"), 403, 403),
        ("200 that means no", http(200, "", r#"{"ok": false, "why": "nope"}"#), 400, 400),
        ("429", http(429, "retry-after: 0\r\n", "{}"), 429, 429),
        ("503", http(503, "", "down"), 429, 503),
        ("500", http(500, "", html), 502, 502),
        ("502", http(502, "", html), 502, 502),
        ("301", http(301, "location: https://evil.example/\r\n", ""), 502, 502),
        ("html", http(200, "content-type: text/html\r\n", html), 502, 502),
        ("nothing", http(200, "", ""), 502, 502),
        ("a list", http(200, "", "[1]"), 502, 502),
        ("no key", http(200, "", r#"{"login": "x"}"#), 502, 502),
        ("half a body", half, 502, 502),
        ("too large", http(200, "", &huge), 502, 502),
        ("silence", Deed::Silence, 504, 504),
        ("hang-up", Deed::HangUp, 504, 504),
    ];
    for (name, deed, okta, strict) in table {
        for (profile, expected) in [(Profile::Okta, okta), (Profile::Strict, strict)] {
            let deed = deed.clone();
            let vendor = Vendor::new(Arc::new(move |_, _| deed.clone())).await;
            let wire = send(&vendor.url, profile, "GET", "/Users/7", &Value::Null).await;
            assert_eq!(wire.status, expected, "{name} {profile:?}: {}", detail(&wire));
            let detail = detail(&wire);
            assert!(!detail.is_empty() && !detail.contains('<'), "{name}: {detail}");
            assert!(!detail.contains(SECRET), "{name}: {detail}");
            if matches!(wire.status, 429 | 503) {
                assert!(wire.retry_after.is_some(), "{name}");
            }
            assert!(vendor.asked().iter().all(|line| line == "GET /api/users/7"), "{name}");
        }
    }
    // Nobody at the address.
    let wire = send("http://127.0.0.1:1", Profile::Strict, "GET", "/Users/7", &Value::Null).await;
    assert_eq!((wire.status, wire.retry_after.is_some()), (503, true), "{}", detail(&wire));
    let wire = send("http://127.0.0.1:1", Profile::Okta, "GET", "/Users/7", &Value::Null).await;
    assert_eq!(wire.status, 429);
}

#[tokio::test]
async fn a_vendors_words_are_cut_and_its_secrets_blacked_out() {
    let words = format!("key {SECRET} \u{1b}[31m is bad\r\n<b>{}</b>", "x".repeat(2_000));
    let body = json!({ "message": words }).to_string();
    let vendor = Vendor::new(Arc::new(move |_, _| http(400, "", &body))).await;
    let wire = send(&vendor.url, Profile::Okta, "GET", "/Users/7", &Value::Null).await;
    let detail = detail(&wire);
    assert!(detail.contains("key *** [31m is bad") && detail.len() < 400, "{detail}");
    assert!(!detail.contains(SECRET) && !detail.contains('\u{1b}') && !detail.contains('<'));
}

fn user(login: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login })
}

#[tokio::test]
async fn everybody_as_the_answer_to_a_search_is_matched_again() {
    let people = json!({ "users": [{ "id": 1, "login": "a" }, { "id": 2, "login": "MIA" }, { "id": 3, "login": "b" }] });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&people))).await;
    let path = "/Users?filter=userName%20eq%20%22mia%22";
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    let body = wire.body.unwrap();
    assert_eq!((&body["totalResults"], &body["Resources"][0]["id"]), (&json!(1), &json!("2")));
    let wire = send(&vendor.url, Profile::Okta, "POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 409, "the one who is there is found among everybody");
    assert!(vendor.asked().iter().all(|line| line.starts_with("GET ")), "nothing was written");
}

#[tokio::test]
async fn two_of_one_name_are_never_a_guess() {
    let people = json!({ "users": [{ "id": 1, "login": "mia" }, { "id": 2, "login": "Mia" }] });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&people))).await;
    let wire = send(&vendor.url, Profile::Okta, "POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 409);
    assert!(detail(&wire).contains("more than one"), "{}", detail(&wire));
}

#[tokio::test]
async fn a_create_without_an_answer_is_looked_up_and_never_sent_twice() {
    for (made, expected) in [(true, 201), (false, 504)] {
        let script = move |line: &str, before: usize| match (line.starts_with("POST"), before) {
            (true, _) => Deed::HangUp,
            (false, later) if later > 0 && made => {
                json_answer(&json!({ "users": [{ "id": 7, "login": "mia" }] }))
            }
            (false, _) => json_answer(&json!({ "users": [] })),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let wire = send(&vendor.url, Profile::Okta, "POST", "/Users", &user("mia")).await;
        assert_eq!(wire.status, expected, "{}", detail(&wire));
        let posts = vendor.asked().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, 1, "{:?}", vendor.asked());
    }
}

#[tokio::test]
async fn an_update_without_an_answer_is_believed_only_when_the_record_shows_it() {
    for (done, expected) in [(true, 200), (false, 504)] {
        let script = move |line: &str, before: usize| match (line.starts_with("PATCH"), before) {
            (true, _) => Deed::HangUp,
            (false, later) => {
                let active = !(done && later > 0);
                json_answer(&json!({ "id": 7, "login": "mia", "active": active }))
            }
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": { "active": false } }],
        });
        let wire = send(&vendor.url, Profile::Okta, "PATCH", "/Users/7", &body).await;
        assert_eq!(wire.status, expected, "{}", detail(&wire));
        let patches = vendor.asked().iter().filter(|line| line.starts_with("PATCH")).count();
        assert_eq!(patches, 1);
    }
}

#[tokio::test]
async fn a_deactivation_that_the_record_does_not_show_is_no_success() {
    let still = json!({ "id": 7, "login": "mia", "active": true });
    let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&still))).await;
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "active": false } }],
    });
    let wire = send(&vendor.url, Profile::Okta, "PATCH", "/Users/7", &body).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    assert!(detail(&wire).contains("does not show it"));
}

#[tokio::test]
async fn a_list_that_breaks_or_never_ends_is_no_shorter_list() {
    let breaks = |_: &str, before: usize| match before {
        0 => json_answer(&json!({ "users": [{ "id": 1, "login": "a" }], "next": "x" })),
        _ => http(500, "", "{}"),
    };
    let vendor = Vendor::new(Arc::new(breaks)).await;
    let path = "/Users?count=50";
    assert_eq!(send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await.status, 502);

    let same = |_: &str, _: usize| {
        json_answer(&json!({ "users": [{ "id": 1, "login": "a" }], "next": "x" }))
    };
    let vendor = Vendor::new(Arc::new(same)).await;
    assert_eq!(send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await.status, 502);
    assert_eq!(vendor.asked().len(), 2, "the same cursor twice is the end of patience");
}

#[tokio::test]
async fn a_filter_that_would_need_too_many_records_is_refused() {
    let page = |_: &str, before: usize| {
        let users: Vec<Value> =
            (0..60).map(|n| json!({ "id": before * 60 + n, "login": "x" })).collect();
        json_answer(&json!({ "users": users, "next": (before < 3).then(|| before.to_string()) }))
    };
    let vendor = Vendor::new(Arc::new(page)).await;
    let wire = send(
        &vendor.url,
        Profile::Okta,
        "GET",
        "/Users?filter=nickName%20eq%20%22n%22",
        &Value::Null,
    )
    .await;
    assert_eq!(wire.status, 400);
    assert_eq!(wire.body.expect("a body")["scimType"], "tooMany");
}
