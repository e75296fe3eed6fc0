//! Lists that are told while they are made: the same as if they were held, or cut.

use crate::harness::{Deed, IDLE, MAPPING, Sent, Vendor, World, detail, http, json_answer};
use futures_util::StreamExt;
use scimshim::{
    gateway::{
        outlet::{Cut, Pieces},
        trace::{End, Streamed},
    },
    scim::{dialect::Dialect, profile::Profile},
    upstream::{Answer, Call, Error, Upstream, call::Pending, error::Kind},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout_at};

const PAGES: usize = 25;
const SIZE: usize = 100;

/// One of 2,500; every seventh is gone for the mapping that hides some.
fn person(id: usize) -> Value {
    let state = if id.is_multiple_of(7) { "deleted" } else { "there" };
    json!({ "id": id, "login": format!("p{id:04}"), "nick": format!("n{}", id % 3), "active": true, "state": state })
}

/// A page of people, with a cursor and with a total.
fn page(at: usize) -> Value {
    let people: Vec<Value> = (at * SIZE..(at + 1) * SIZE).map(person).collect();
    let next = (at + 1 < PAGES).then(|| (at + 1).to_string());
    json!({ "users": people, "next": next, "total": PAGES * SIZE })
}

/// Which page a request line is for.
fn asked_for(line: &str) -> usize {
    let cursor = line.split_once("after=").map_or("0", |(_, cursor)| cursor);
    cursor.split('&').next().unwrap().parse().unwrap()
}

fn book(line: &str, _: usize) -> Deed {
    json_answer(&page(asked_for(line)))
}

/// Everything, and whether it was told to its end.
async fn all(mut pieces: Pieces) -> (Vec<u8>, usize, Option<Cut>) {
    let (mut text, mut count) = (Vec::new(), 0);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => text.extend(piece),
            Err(cut) => return (text, count, Some(cut)),
        }
        count += 1;
    }
    (text, count, None)
}

/// The mapping that hides some and the one that hides nobody and knows how many there are. Either waits for a
/// vendor that is slow because its machine is.
fn mappings() -> [String; 2] {
    let scan = MAPPING.replace("scan: 100", "scan: 5000").replace("timeout: 150ms", "timeout: 20s");
    let open = scan
        .replace("    exists: record.state != 'deleted'\n", "")
        .replace("next: next }", "next: next, total: total }");
    assert_ne!(scan, open);
    [scan, open]
}

#[tokio::test]
async fn a_list_that_is_told_while_it_is_made_is_the_one_that_is_held() {
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "count": 100_000,
        "filter": "nickName eq \"n1\"", "attributes": ["userName"],
    });
    let table = [
        ("GET", "/Users?count=100000", &Value::Null),
        ("GET", "/Users?startIndex=1234&count=1100", &Value::Null),
        ("GET", "/Users?startIndex=9000&count=5000", &Value::Null),
        ("GET", "/Users?cursor=&count=1500", &Value::Null),
        ("GET", "/Users?cursor=&count=5000", &Value::Null),
        ("GET", "/Users?count=5000&filter=nickName%20eq%20%22n1%22", &Value::Null),
        ("GET", "/Users?count=1001&startIndex=20&filter=nickName%20ne%20%22n1%22", &Value::Null),
        ("GET", "/Users?count=5000&filter=userName%20eq%20%22p0001%22", &Value::Null),
        ("GET", "/Users?count=5000&filter=nickName%20eq%20%22nobody%22", &Value::Null),
        ("GET", "/Users?count=2000&sortBy=userName&sortOrder=descending", &Value::Null),
        ("GET", "/Users?count=5000&excludedAttributes=meta,nickName", &Value::Null),
        ("POST", "/Users/.search", &search),
    ];
    for mapping in mappings() {
        let vendor = Vendor::new(Arc::new(book)).await;
        for (method, path, body) in table {
            let held =
                World::of(&mapping, &vendor.url, Profile::Strict).send(method, path, body).await;
            assert_eq!(held.status, 200, "{path}: {}", detail(&held));
            let world = World::of(&mapping, &vendor.url, Profile::Strict);
            let sent = Sent { method, body, ..Sent::get(path) };
            let streaming = world.stream(sent, all).await;
            let (text, _, cut) = streaming.taken;
            assert_eq!((streaming.wire.status, cut), (200, None), "{path}");
            let told: Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(Some(&told), held.body.as_ref(), "{path}");
            let resources = told["Resources"].as_array().unwrap().len();
            let whole = Streamed { resources, end: End::Whole };
            assert_eq!(streaming.trace.streamed, Some(whole), "{path}");
        }
    }
}

#[tokio::test]
async fn everybody_is_told_once_for_one_call_a_page() {
    for (mapping, count) in mappings().iter().zip([PAGES * SIZE - 358, PAGES * SIZE]) {
        let vendor = Vendor::new(Arc::new(book)).await;
        let world = World::of(mapping, &vendor.url, Profile::Strict);
        let streaming = world.stream(Sent::get("/Users?count=100000"), all).await;
        let (text, pieces, _) = streaming.taken;
        let told: Value = serde_json::from_slice(&text).unwrap();
        let ids: BTreeSet<&str> = told["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), count);
        let told = (&told["totalResults"], &told["itemsPerPage"], &told["startIndex"]);
        assert_eq!(told, (&json!(count), &json!(count), &json!(1)));
        assert!(pieces > 5, "{pieces}");
        assert_eq!((vendor.asked().len(), streaming.trace.calls()), (PAGES, PAGES));
        assert!(streaming.trace.exchanges.is_empty(), "they would fill memory");
    }
}

#[tokio::test]
async fn a_client_is_given_no_more_than_is_allowed() {
    let vendor = Vendor::new(Arc::new(book)).await;
    let world = World::of(&mappings()[1], &vendor.url, Profile::Strict);
    let sent = Sent { list_results: 1_200, ..Sent::get("/Users?count=100000") };
    let (text, ..) = world.stream(sent, all).await.taken;
    let told: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!((&told["itemsPerPage"], &told["totalResults"]), (&json!(1_200), &json!(2_500)));
    assert_eq!(vendor.asked().len(), 12, "no page more than that");
    // What fits is held, as ever.
    let sent = Sent { list_results: 700, ..sent };
    let streaming = world.stream(sent, all).await;
    assert_eq!(streaming.trace.streamed, None);
    assert_eq!(streaming.wire.body.unwrap()["itemsPerPage"], 700);
}

#[tokio::test]
async fn a_list_in_1_1_has_its_shapes() {
    let vendor = Vendor::new(Arc::new(book)).await;
    let world = World::of(&mappings()[1], &vendor.url, Profile::OktaOpp11);
    let sent = Sent { dialect: Dialect::V11, ..Sent::get("/Users?count=5000") };
    let (text, ..) = world.stream(sent, all).await.taken;
    let told: Value = serde_json::from_slice(&text).unwrap();
    let core = json!(["urn:scim:schemas:core:1.0"]);
    assert_eq!((&told["schemas"], &told["totalResults"]), (&core, &json!(2_500)));
    let last = told["Resources"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["schemas"], &last["userName"]), (&core, &json!("p2499")));
    assert_eq!(last["meta"].get("resourceType"), None);
}

#[tokio::test]
async fn a_vendor_that_fails_in_the_middle_cuts_the_answer() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{\"users\": [".to_vec();
    let table = [
        ("500", http(500, "", "{}")),
        ("reset", Deed::HangUp),
        ("silence", Deed::Silence),
        ("half a body", Deed::Write(half)),
        ("no HTTP", Deed::Write(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())),
        ("another shape", json_answer(&json!({ "people": [] }))),
        ("the end, in HTML", http(200, "content-type: text/html\r\n", "<html>bye</html>")),
        ("the same page again", json_answer(&json!({ "users": [], "next": "19" }))),
    ];
    for (name, deed) in table {
        let patience = if name == "silence" { "timeout: 150ms" } else { "timeout: 20s" };
        let mapping = mappings()[1].replace("timeout: 20s", patience);
        let failed = deed.clone();
        let script = move |line: &str, _: usize| match asked_for(line) {
            20 => failed.clone(),
            _ => book(line, 0),
        };
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let streaming = world.stream(Sent::get("/Users?count=100000"), all).await;
        let (text, pieces, cut) = streaming.taken;
        assert_eq!(cut, Some(Cut), "{name}");
        assert!(pieces > 0 && serde_json::from_slice::<Value>(&text).is_err(), "{name}");
        assert_eq!(streaming.trace.streamed.unwrap().end, End::Cut, "{name}");
        let told = streaming
            .trace
            .exchanges
            .iter()
            .any(|one| one.trouble.is_some() || one.outcome.is_err());
        assert!(told || streaming.trace.fault.is_some(), "{name}: an operator is told why");

        // Before anything is told it is a failure like any other.
        let first = move |_: &str, _: usize| deed.clone();
        let vendor = Vendor::new(Arc::new(first)).await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let streaming = world.stream(Sent::get("/Users?count=100000"), all).await;
        assert_eq!((streaming.taken.1, streaming.trace.streamed), (0, None), "{name}");
        let status = streaming.wire.status;
        assert!(matches!(status, 502 | 504), "{name}: {status} {}", detail(&streaming.wire));
    }
}

#[tokio::test]
async fn the_same_people_again_cut_the_answer() {
    // Its cursors go on, its pages do not.
    let script = |line: &str, _: usize| {
        let at = asked_for(line);
        let mut body = page(at.min(19));
        body["next"] = json!((at + 1).to_string());
        json_answer(&body)
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(&mappings()[1], &vendor.url, Profile::Strict);
    for path in ["/Users?count=100000", "/Users?count=5000&filter=nickName%20eq%20%22n1%22"] {
        let before = vendor.asked().len();
        let streaming = world.stream(Sent::get(path), all).await;
        assert_eq!(streaming.taken.2, Some(Cut), "{path}");
        assert_eq!(streaming.trace.streamed.unwrap().end, End::Cut, "{path}");
        let fault = streaming.trace.fault.unwrap();
        assert!(fault.message.contains("does it know `after`?"), "{}", fault.message);
        assert_eq!(vendor.asked().len() - before, 21, "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_said_as_ever() {
    let vendor = Vendor::new(Arc::new(book)).await;
    let mapping = mappings()[0].replace("scan: 5000", "scan: 100");
    let world = World::of(&mapping, &vendor.url, Profile::Strict);
    let table = [
        // `limits.scan` is 100: an order has all before its first.
        ("/Users?count=5000&sortBy=userName", "tooMany"),
        ("/Users?count=5000&filter=nonsense", "invalidFilter"),
        ("/Users?count=5000&cursor=1.5000.0000000000000000", "invalidCursor"),
    ];
    for (path, scim_type) in table {
        let streaming = world.stream(Sent::get(path), all).await;
        assert_eq!((streaming.wire.status, streaming.taken.1), (400, 0), "{path}");
        assert_eq!(streaming.wire.body.unwrap()["scimType"], scim_type, "{path}");
    }
    // A filter is matched one by one: nothing has to be read before its first match.
    let path = "/Users?count=5000&filter=nickName%20eq%20%22n1%22";
    assert_eq!(world.stream(Sent::get(path), all).await.trace.streamed.unwrap().end, End::Whole);
}

/// A vendor in this process, each of whose answers takes so long.
struct Slow {
    takes: Duration,
    asked: AtomicUsize,
}

impl Slow {
    fn new(takes: Duration) -> Arc<Self> {
        Arc::new(Self { takes, asked: AtomicUsize::new(0) })
    }
}

impl Upstream for Slow {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        until: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async move {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let late = |_| Error { kind: Kind::Timeout, message: "no answer in time".to_owned() };
            timeout_at(until, sleep(self.takes)).await.map_err(late)?;
            let cursor = call.query.iter().find(|(name, _)| name == "after");
            let at = cursor.map_or(0, |(_, cursor)| cursor.parse().unwrap());
            Ok(Answer { status: 200, body: page(at), ..Answer::default() })
        })
    }

    fn wait(&self, _: Duration) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

#[tokio::test(start_paused = true)]
async fn each_part_of_a_list_has_the_time_of_a_request() {
    let vendor = Slow::new(Duration::from_secs(4));
    let world = World::over(&mappings()[1], vendor.clone(), Profile::Strict);
    let sent = Sent { patience: Duration::from_secs(10), ..Sent::get("/Users?count=100000") };
    let streaming = world.stream(sent, all).await;
    assert_eq!(streaming.trace.streamed, Some(Streamed { resources: 2_500, end: End::Whole }));

    // The first part is due with the request, and no part may take longer.
    let vendor = Slow::new(Duration::from_secs(11));
    let world = World::over(&mappings()[1], vendor.clone(), Profile::Strict);
    let streaming = world.stream(sent, all).await;
    assert_eq!((streaming.wire.status, streaming.trace.streamed), (504, None));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_holds_up_the_vendor_and_is_gone_at_last() {
    let vendor = Slow::new(Duration::from_millis(1));
    let world = World::over(&mappings()[1], vendor.clone(), Profile::Strict);
    // It comes back when it is taken for gone: what waited is there, and then the answer is cut.
    let take = async |pieces: Pieces| {
        sleep(IDLE + Duration::from_secs(1)).await;
        all(pieces).await
    };
    let streaming = world.stream(Sent::get("/Users?count=100000"), take).await;
    assert_eq!(streaming.trace.streamed.unwrap().end, End::Abandoned);
    let (_, pieces, cut) = streaming.taken;
    assert_eq!((pieces, cut), (2, Some(Cut)));
    // Two pieces wait and a third is made: some two hundred people. One page is on its way beyond them.
    let asked = vendor.asked.load(Ordering::SeqCst);
    assert!((1..=6).contains(&asked), "{asked} pages were read for nobody");

    // One that takes its time has all of it.
    let take = async |mut pieces: Pieces| {
        let mut count = 0;
        while let Some(Ok(_)) = pieces.next().await {
            count += 1;
            sleep(IDLE / 2).await;
        }
        count
    };
    let streaming = world.stream(Sent::get("/Users?count=100000"), take).await;
    assert_eq!(streaming.trace.streamed, Some(Streamed { resources: 2_500, end: End::Whole }));
    assert!(streaming.taken > 5);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_ends_the_call_that_is_under_way() {
    let each = Duration::from_secs(10);
    let vendor = Slow::new(each);
    let world = World::over(&mappings()[1], vendor.clone(), Profile::Strict);
    let take = async |mut pieces: Pieces| {
        assert!(pieces.next().await.unwrap().is_ok());
        // The next call has half of its time behind it.
        sleep(each / 2).await;
        Some(Instant::now())
    };
    let sent = Sent { patience: each * 3, ..Sent::get("/Users?count=100000") };
    let streaming = world.stream(sent, take).await;
    assert_eq!(streaming.trace.streamed.unwrap().end, End::Abandoned);
    let went = streaming.taken.unwrap();
    assert!(went.elapsed() < each / 2, "the call was waited for");
    assert!(vendor.asked.load(Ordering::SeqCst) < PAGES);
}
