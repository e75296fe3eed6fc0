//! Calls on their way: one for all who ask the same, none that is older than a write, and the next page of a list
//! before it is wanted.

use crate::harness::{MAPPING, Sent, World, detail, user};
use futures_util::{FutureExt, StreamExt, future::join_all};
use scimshim::{
    gateway::{
        outlet::Pieces,
        trace::{End, Streamed},
    },
    scim::profile::Profile,
    upstream::{Answer, Call, Error, Upstream, call::Pending, error::Kind},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, timeout_at},
};

/// What a vendor does with a call, by its line and how many of that line came before it.
type Deed = Box<dyn Fn(&str, usize) -> (u16, Value) + Send + Sync>;

/// A vendor that makes its answers at once and holds some of them back.
struct Held {
    deed: Deed,
    /// Calls of a line that contains this wait.
    holds: &'static str,
    may_end: Semaphore,
    asked: Mutex<Vec<String>>,
    stopped: Mutex<usize>,
}

impl Held {
    fn new(
        holds: &'static str,
        deed: impl Fn(&str, usize) -> (u16, Value) + Send + Sync + 'static,
    ) -> Arc<Self> {
        let (asked, stopped) = (Mutex::default(), Mutex::default());
        let may_end = Semaphore::new(0);
        Arc::new(Self { deed: Box::new(deed), holds, may_end, asked, stopped })
    }

    fn open(&self) {
        self.may_end.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    fn asked(&self, line: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|one| one.contains(line)).count()
    }
}

/// Counts a call that was not answered.
struct Unanswered<'a>(&'a Mutex<usize>);

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        *self.0.lock().unwrap() += 1;
    }
}

impl Upstream for Held {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        until: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            let line = format!("{} {}", call.method, call.target());
            let before = {
                let mut asked = self.asked.lock().unwrap();
                asked.push(line.clone());
                asked.iter().filter(|one| **one == line).count() - 1
            };
            let (status, body) = (self.deed)(&line, before);
            if line.contains(self.holds) {
                let unanswered = Unanswered(&self.stopped);
                let late = |_| Error { kind: Kind::Timeout, message: "late".to_owned() };
                timeout_at(until, self.may_end.acquire()).await.map_err(late)?.unwrap().forget();
                std::mem::forget(unanswered);
            }
            Ok(Answer { status, body, ..Answer::default() })
        })
    }

    fn wait(&self, duration: Duration) -> Pending<'_, ()> {
        Box::pin(sleep(duration))
    }
}

fn person(id: &str) -> Value {
    json!({ "id": id, "login": "mia", "nick": "Mi", "active": true })
}

fn joined(world: &World, call: &str) -> Option<usize> {
    let name = format!("scimshim_vendor_calls_joined_total{{call=\"{call}\",tenant=\"t\"}} ");
    let text = world.metrics.render();
    text.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok())
}

#[tokio::test(start_paused = true)]
async fn the_same_read_is_one_call_for_all_who_ask_meanwhile() {
    for (status, body) in [(200, person("7")), (404, json!({}))] {
        let vendor = Held::new("GET", move |_, _| (status, body.clone()));
        let world = World::over(MAPPING, vendor.clone(), Profile::Strict);
        let requests = (0..5).map(|_| world.send("GET", "/Users/7", &Value::Null));
        // All have asked before anybody is answered.
        let (wires, ()) = tokio::join!(join_all(requests), async { vendor.open() });
        for wire in &wires {
            assert_eq!((wire.status, &wire.body), (status, &wires[0].body), "{}", detail(wire));
        }
        assert_eq!((vendor.asked("/users/7"), joined(&world, "User.get")), (1, Some(4)));
        // Nobody is given what another was told before.
        assert_eq!(world.send("GET", "/Users/7", &Value::Null).await.status, status);
        assert_eq!((vendor.asked("/users/7"), joined(&world, "User.get")), (2, Some(4)));
    }
}

#[tokio::test(start_paused = true)]
async fn other_reads_and_writes_are_calls_of_their_own() {
    let vendor = Held::new("/", |line, _| match line {
        "GET /users?login=mia" | "GET /users?login=ada" => (200, json!({ "users": [] })),
        _ => (200, person("7")),
    });
    let world = World::over(MAPPING, vendor.clone(), Profile::Strict);
    let table = [
        ("GET", "/Users/7"),
        ("GET", "/Users/8"),
        ("GET", "/Users?filter=userName%20eq%20%22mia%22"),
        ("GET", "/Users?filter=userName%20eq%20%22ada%22"),
    ];
    let requests = table.map(|(method, path)| world.send(method, path, &Value::Null));
    tokio::join!(join_all(requests), async { vendor.open() });
    assert_eq!((vendor.asked("GET"), joined(&world, "User.get")), (4, None));
}

#[tokio::test(start_paused = true)]
async fn who_wants_a_whole_list_does_not_join_who_takes_its_beginning() {
    let paged = "paging: { cursor: { param: after, next: next } }";
    let vendor = Held::new("GET", |_, _| (200, json!({ "users": [person("7")] })));
    let mapping = MAPPING.replace(paged, "paging: none");
    let world = World::over(&mapping, vendor.clone(), Profile::Strict);
    let nick = "/Users?filter=nickName%20eq%20%22Mi%22";
    let requests =
        ["/Users?count=10", nick, nick].map(|path| world.send("GET", path, &Value::Null));
    let (wires, ()) = tokio::join!(join_all(requests), async { vendor.open() });
    assert!(wires.iter().all(|wire| wire.status == 200), "{wires:?}");
    // A page takes the beginning of the answer and leaves the rest packed: for a filter that would be a shorter list.
    assert_eq!((vendor.asked("GET /users"), joined(&world, "User.list")), (2, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn ids_of_whom_only_the_list_shows_are_one_reading_of_it() {
    let vendor = Held::new("nothing", |line, _| match line {
        "GET /users" => (200, json!({ "users": [person("1"), person("2")], "next": "b" })),
        _ => (200, json!({ "users": [person("3"), person("4")] })),
    });
    let mapping = r#"
mapping: 1
name: listed
evidence: seen
tenant: { url: { type: text }, token: { type: text, secret: true } }
upstream: { base_url: "{tenant.url}", auth: { bearer: { token: "{tenant.token}" } } }
resources:
  User:
    key: id
    attributes: { userName: { read: record.login } }
    operations:
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
"#;
    let world = World::over(mapping, vendor.clone(), Profile::Strict);
    let filter = ["4", "1", "9"].map(|id| format!("id%20eq%20%22{id}%22")).join("%20or%20");
    let wire = world.send("GET", &format!("/Users?filter={filter}"), &Value::Null).await;
    let body = wire.body.unwrap();
    let ids: Vec<&str> = body["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!((ids, vendor.asked("GET")), (vec!["1", "4"], 2), "{body}");
}

#[tokio::test(start_paused = true)]
async fn who_asked_first_may_go_and_the_last_takes_the_call_along() {
    let vendor = Held::new("GET", |_, _| (200, person("7")));
    let world = World::over(MAPPING, vendor.clone(), Profile::Strict);
    let ask = || Box::pin(world.send("GET", "/Users/7", &Value::Null));
    let (mut first, mut second) = (ask(), ask());
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(first);
    assert_eq!(*vendor.stopped.lock().unwrap(), 0);
    vendor.may_end.add_permits(1);
    assert_eq!((second.await.status, vendor.asked("GET")), (200, 1));

    let (mut first, mut second) = (ask(), ask());
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop((first, second));
    assert_eq!((vendor.asked("GET"), *vendor.stopped.lock().unwrap()), (2, 1));
    // What was stopped is nobody's to join.
    vendor.may_end.add_permits(1);
    assert_eq!((ask().await.status, vendor.asked("GET")), (200, 3));
}

#[tokio::test(start_paused = true)]
async fn no_read_behind_a_write_is_one_from_before_it() {
    // The vendor answers each call with what is so when it comes, and holds back what it says of this one.
    let deed = |line: &str, before: usize| match line {
        "GET /users?login=mia" => (200, json!({ "users": [] })),
        "POST /users" => (201, json!({ "id": "9" })),
        _ if before == 0 => (404, json!({})),
        _ => (200, person("9")),
    };
    let vendor = Held::new("/users/9", deed);
    let mapping = MAPPING.replace(
        "create: { call: POST /users, record: . }",
        "create: { call: POST /users, key: \"{answer.body.id}\" }",
    );
    assert_ne!(mapping, MAPPING);
    let world = World::over(&mapping, vendor.clone(), Profile::Strict);
    let read = || Box::pin(world.send("GET", "/Users/9", &Value::Null));
    let mut before = read();
    assert!((&mut before).now_or_never().is_none());
    let create = user("mia");
    let mut create = Box::pin(world.send("POST", "/Users", &create));
    assert!((&mut create).now_or_never().is_none(), "its read-back is held");
    assert_eq!((vendor.asked("POST"), vendor.asked("/users/9")), (1, 2), "of its own");
    // Of the same time, and so the same one.
    let mut after = read();
    assert!((&mut after).now_or_never().is_none());
    assert_eq!(vendor.asked("/users/9"), 2);
    vendor.open();
    let created = create.await;
    assert_eq!(created.status, 201, "{}", detail(&created));
    assert_eq!((before.await.status, after.await.status), (404, 200));
}

#[tokio::test(start_paused = true)]
async fn a_read_during_a_write_is_not_its_read_back() {
    let deed = |line: &str, before: usize| match line {
        "PATCH /users/7" => (204, Value::Null),
        // Before the write, while it goes on, and behind it.
        _ => (200, json!({ "id": "7", "login": "mia", "nick": format!("n{before}") })),
    };
    let vendor = Held::new("PATCH", deed);
    let mapping =
        MAPPING.replace("\"PATCH /users/{key}\", record: . }", "\"PATCH /users/{key}\" }");
    assert_ne!(mapping, MAPPING);
    let world = World::over(&mapping, vendor.clone(), Profile::Strict);
    let changes =
        crate::harness::patch(json!([{ "op": "replace", "path": "nickName", "value": "n2" }]));
    let mut patch = Box::pin(world.send("PATCH", "/Users/7", &changes));
    assert!((&mut patch).now_or_never().is_none());
    assert_eq!((vendor.asked("PATCH"), vendor.asked("GET")), (1, 1));
    let during = world.send("GET", "/Users/7", &Value::Null).await;
    assert_eq!(during.body.unwrap()["nickName"], "n1");
    vendor.open();
    let patched = patch.await;
    assert_eq!((patched.status, vendor.asked("GET")), (200, 3));
    assert_eq!(patched.body.unwrap()["nickName"], "n2");
}

#[tokio::test(start_paused = true)]
async fn each_has_its_own_time() {
    // Never answers; who has no more time has the vendor's silence for it.
    let vendor = Held::new("GET", |_, _| (200, person("7")));
    let mapping = MAPPING.replace("times: 1,", "times: 0,");
    let world = World::over(&mapping, vendor.clone(), Profile::Strict);
    let within = |seconds| {
        let patience = Duration::from_secs(seconds);
        world.send_within(patience, "GET", "/Users/7", &Value::Null)
    };
    let begun = Instant::now();
    let (long, short) = tokio::join!(within(10), async {
        let wire = within(2).await;
        (wire, begun.elapsed().as_secs())
    });
    assert_eq!((long.status, short.0.status, short.1), (504, 504, 2));
    assert_eq!(vendor.asked("GET"), 1);
}

/// A vendor without room for whom has little time.
struct Full(Held);

impl Upstream for Full {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        attempt: u32,
        until: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            if until.saturating_duration_since(Instant::now()) < Duration::from_secs(5) {
                tokio::time::sleep_until(until - Duration::from_millis(1)).await;
                return Err(Error { kind: Kind::Busy(None), message: "no room".to_owned() });
            }
            self.0.call(call, attempt, until).await
        })
    }

    fn wait(&self, duration: Duration) -> Pending<'_, ()> {
        self.0.wait(duration)
    }
}

#[tokio::test(start_paused = true)]
async fn the_haste_of_who_asked_first_is_not_everybodys() {
    let held = Held::new("nothing", |_, _| (200, person("7")));
    let vendor = Arc::new(Full(Arc::into_inner(held).unwrap()));
    let world = World::over(MAPPING, vendor.clone(), Profile::Strict);
    let within = |seconds| {
        let patience = Duration::from_secs(seconds);
        world.send_within(patience, "GET", "/Users/7", &Value::Null)
    };
    let (hasty, patient) = tokio::join!(within(2), within(20));
    assert_eq!((hasty.status, patient.status), (503, 200));
    assert_eq!(vendor.0.asked("GET"), 1);
}

const PAGES: usize = 25;
const SIZE: usize = 100;

/// A page of people by its cursor, each with so long a name.
fn page(line: &str, nick: usize) -> Value {
    let nick = "n".repeat(nick);
    let cursor = line.split_once("after=").map_or("0", |(_, cursor)| cursor);
    let at: usize = cursor.parse().unwrap();
    let one = |id: usize| json!({ "id": id, "login": format!("p{id:04}"), "nick": nick });
    let people: Vec<Value> = (at * SIZE..(at + 1) * SIZE).map(one).collect();
    let next = (at + 1 < PAGES).then(|| (at + 1).to_string());
    json!({ "users": people, "next": next, "total": PAGES * SIZE })
}

fn book(nick: usize) -> Arc<Held> {
    Held::new("nothing", move |line, _| (200, page(line, nick)))
}

/// One that hides nobody and says how many there are.
fn told() -> String {
    let mapping = MAPPING
        .replace("scan: 100", "scan: 5000")
        .replace("    exists: record.state != 'deleted'\n", "")
        .replace("next: next }", "next: next, total: total }");
    assert_ne!(mapping, MAPPING);
    mapping
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_on_its_way_while_this_one_is_told_and_no_other() {
    // Seven pieces a page: one is taken, two wait, one is made.
    let vendor = book(2_000);
    let world = World::over(&told(), vendor.clone(), Profile::Strict);
    let take = async |mut pieces: Pieces| {
        let mut seen = Vec::new();
        assert!(pieces.next().await.unwrap().is_ok());
        for _ in 0..20 {
            sleep(Duration::from_secs(1)).await;
            seen.push(vendor.asked("GET"));
        }
        while let Some(piece) = pieces.next().await {
            piece.unwrap();
        }
        seen
    };
    let streaming = world.stream(Sent::get("/Users?count=100000"), take).await;
    assert_eq!(streaming.taken, [2; 20]);
    let whole = Streamed { resources: PAGES * SIZE, end: End::Whole };
    assert_eq!(streaming.trace.streamed, Some(whole));
    assert_eq!((vendor.asked("GET"), streaming.trace.calls()), (PAGES, PAGES));
}

#[tokio::test(start_paused = true)]
async fn no_page_is_read_that_nobody_wants() {
    let hiding = MAPPING.replace("scan: 100", "scan: 5000");
    let table = [
        ("/Users?count=100", 1, 1),
        ("/Users?count=99", 1, 1),
        ("/Users?count=101", 2, 2),
        ("/Users?startIndex=51&count=100", 2, 2),
        ("/Users?startIndex=2401&count=100", PAGES, PAGES),
        ("/Users?startIndex=2301&count=100", PAGES - 1, PAGES - 1),
        ("/Users?startIndex=9000&count=10", 1, PAGES),
        // To be counted, where the vendor does not say how many there are.
        ("/Users?count=0", 1, PAGES),
        ("/Users?count=1100", 11, 11),
        ("/Users?count=100000", PAGES, PAGES),
        ("/Users?count=5000&filter=nickName%20eq%20%22n%22", PAGES, PAGES),
    ];
    for (path, of_told, of_hiding) in table {
        for (mapping, expected) in [(told(), of_told), (hiding.clone(), of_hiding)] {
            let vendor = book(1);
            let world = World::over(&mapping, vendor.clone(), Profile::Strict);
            let take = async |pieces: Pieces| pieces.count().await;
            let streaming = world.stream(Sent::get(path), take).await;
            assert_eq!(streaming.wire.status, 200, "{path}");
            // What left ahead and nobody took would be seen here.
            sleep(Duration::from_secs(1)).await;
            assert_eq!(vendor.asked("GET"), expected, "{path}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_left_ahead_and_failed_is_a_first_attempt_like_any_other() {
    for (status, times, end) in [(503, 1, End::Whole), (503, 9, End::Cut), (400, 1, End::Cut)] {
        let deed = move |line: &str, before: usize| match line.contains("after=3") {
            true if before < times => (status, json!({})),
            _ => (200, page(line, 1)),
        };
        let vendor = Held::new("nothing", deed);
        let mapping = told().replace("times: 1,", "times: 2,");
        let world = World::over(&mapping, vendor.clone(), Profile::Strict);
        let take = async |mut pieces: Pieces| while let Some(Ok(_)) = pieces.next().await {};
        let streaming = world.stream(Sent::get("/Users?count=100000"), take).await;
        let streamed = streaming.trace.streamed.unwrap();
        assert_eq!(streamed.end, end, "{status} {times}");
        let asked = match (status, times) {
            (503, 1) => 2,
            (503, _) => 3,
            _ => 1,
        };
        assert_eq!(vendor.asked("after=3"), asked, "{status} {times}");
        assert_eq!(streaming.trace.calls(), vendor.asked("GET"), "{status} {times}");
    }
}

/// Walks everybody by pages of a client; gives back how many there were, each once.
async fn walked(world: &World, count: usize) -> usize {
    let mut seen = 0;
    loop {
        let path = format!("/Users?startIndex={}&count={count}", seen + 1);
        let body = world.send("GET", &path, &Value::Null).await.body.unwrap();
        let ids = body["Resources"].as_array().map_or(0, |users| {
            for (at, user) in users.iter().enumerate() {
                assert_eq!(user["id"], json!((seen + at).to_string()), "{path}");
            }
            users.len()
        });
        seen += ids;
        let total = body["totalResults"].as_u64().unwrap() as usize;
        if seen >= total {
            assert_eq!(total, seen);
            return seen;
        }
        assert!(ids > 0 && total > seen, "{path}");
    }
}

/// The same people in one answer.
fn in_one() -> String {
    let mapping = MAPPING.replace("{ cursor: { param: after, next: next } }", "none");
    assert_ne!(mapping, MAPPING);
    mapping.replace("    exists: record.state != 'deleted'\n", "")
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_longer_than_the_clients_is_read_once() {
    let everybody = |line: &str, _: usize| {
        assert_eq!(line, "GET /users");
        let all = (0..PAGES).flat_map(|at| match page(&format!("after={at}"), 1)["users"].take() {
            Value::Array(people) => people,
            _ => Vec::new(),
        });
        (200, json!({ "users": all.collect::<Vec<_>>() }))
    };
    let paged = |line: &str, _: usize| (200, page(line, 1));
    for count in [30, 70, 99, 150, 1_000] {
        for (mapping, pages) in [(told(), PAGES), (MAPPING.to_owned(), PAGES), (in_one(), 1)] {
            let vendor = match pages {
                1 => Held::new("nothing", everybody),
                _ => Held::new("nothing", paged),
            };
            let world = World::over(&mapping, vendor.clone(), Profile::Strict);
            assert_eq!(walked(&world, count).await, PAGES * SIZE);
            assert_eq!(vendor.asked("GET"), pages, "{count}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_page_is_one_clients_next_page_and_no_memory() {
    let deed = |line: &str, before: usize| match line {
        "GET /users" => {
            let one = |id: usize| json!({ "id": id, "login": format!("p{id}"), "nick": format!("n{before}") });
            (200, json!({ "users": (0..50).map(one).collect::<Vec<_>>() }))
        }
        _ => (200, json!({ "id": "7", "login": "p7", "nick": "x" })),
    };
    let vendor = Held::new("nothing", deed);
    let world = World::over(&in_one(), vendor.clone(), Profile::Strict);
    let at = async |start: usize| {
        let path = format!("/Users?startIndex={start}&count=10");
        let body = world.send("GET", &path, &Value::Null).await.body.unwrap();
        assert_eq!(body["totalResults"], 50);
        assert_eq!(body["Resources"][0]["id"], json!((start - 1).to_string()));
        body["Resources"][0]["nickName"].as_str().unwrap().to_owned()
    };
    assert_eq!((at(1).await, at(11).await, at(21).await), ("n0".into(), "n0".into(), "n0".into()));
    // The same place again, and the beginning.
    assert_eq!((at(21).await, at(1).await, at(11).await), ("n1".into(), "n2".into(), "n2".into()));
    // Behind a write nothing is older than it.
    let changes =
        crate::harness::patch(json!([{ "op": "replace", "path": "nickName", "value": "y" }]));
    world.send("PATCH", "/Users/7", &changes).await;
    assert_eq!((at(21).await, at(31).await), ("n3".into(), "n3".into()));
    // Who does not come back has nothing kept.
    sleep(Duration::from_secs(61)).await;
    assert_eq!(at(41).await, "n4");
}

#[tokio::test]
async fn a_vendor_with_one_answer_for_all_is_read_a_few_at_a_time() {
    let people: Vec<Value> =
        (0..2_500).map(|id| json!({ "id": id, "login": format!("p{id}") })).collect();
    let body = json!({ "users": people, "note": "behind it" });
    let vendor =
        crate::harness::Vendor::new(Arc::new(move |_, _| crate::harness::json_answer(&body))).await;
    let mapping = in_one().replace("timeout: 150ms", "timeout: 20s");
    let world = World::of(&mapping, &vendor.url, Profile::Strict);
    assert_eq!(walked(&world, 100).await, 2_500);
    assert_eq!(vendor.asked(), ["GET /api/users"]);
    let take = async |pieces: Pieces| pieces.count().await;
    for path in ["/Users?count=5000", "/Users?count=5000&filter=nickName%20pr%20or%20userName%20pr"]
    {
        let streaming = world.stream(Sent::get(path), take).await;
        let whole = Streamed { resources: 2_500, end: End::Whole };
        assert_eq!(streaming.trace.streamed, Some(whole), "{path}");
    }
}
