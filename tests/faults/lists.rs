//! Lists: never the shorter one, never one without an end.

use crate::harness::{Deed, MAPPING, Sent, Vendor, World, detail, http, json_answer, send};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{ops::Range, sync::Arc};

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
async fn a_filter_or_an_order_that_would_need_too_many_records_is_refused() {
    let page = |_: &str, before: usize| {
        let users: Vec<Value> =
            (0..60).map(|n| json!({ "id": before * 60 + n, "login": "x" })).collect();
        json_answer(&json!({ "users": users, "next": (before < 3).then(|| before.to_string()) }))
    };
    for query in ["filter=nickName%20eq%20%22n%22", "sortBy=userName&count=2"] {
        let vendor = Vendor::new(Arc::new(page)).await;
        let path = format!("/Users?{query}");
        let wire = send(&vendor.url, Profile::Okta, "GET", &path, &Value::Null).await;
        assert_eq!(wire.status, 400, "{query}");
        assert!(detail(&wire).contains("raise `limits.scan`"), "{}", detail(&wire));
        assert_eq!(wire.body.expect("a body")["scimType"], "tooMany", "{query}");
    }
}

#[tokio::test]
async fn what_is_too_much_is_noticed_while_it_is_read() {
    let page = |_: &str, before: usize| {
        let users: Vec<Value> =
            (0..60).map(|n| json!({ "id": before * 60 + n, "login": "x" })).collect();
        json_answer(&json!({ "users": users, "next": before.to_string() }))
    };
    let vendor = Vendor::new(Arc::new(page)).await;
    let path = "/Users?filter=nickName%20eq%20%22n%22";
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!(wire.body.unwrap()["scimType"], "tooMany");
    assert_eq!(vendor.asked().len(), 2, "60 and 60 are more than 100: nothing more is read");
}

#[tokio::test]
async fn a_circle_of_cursors_is_no_list() {
    let round = |line: &str, before: usize| {
        let next = if line.ends_with("after=b") { "c" } else { "b" };
        json_answer(&json!({ "users": [{ "id": before, "login": "a" }], "next": next }))
    };
    for path in ["/Users?count=50", "/Users?filter=nickName%20eq%20%22n%22"] {
        let vendor = Vendor::new(Arc::new(round)).await;
        let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
        assert_eq!(wire.status, 502, "{path}: {}", detail(&wire));
        assert_eq!(vendor.asked().len(), 4, "{path}");
    }
}

#[tokio::test]
async fn a_walk_whose_cursor_expired_begins_again() {
    // Two people a page; a cursor is taken once.
    let taken = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
    let script = move |line: &str, _: usize| {
        let cursor = line.split_once("after=").map_or("0", |(_, cursor)| cursor).to_owned();
        if cursor != "0" && !taken.lock().unwrap().insert(cursor.clone()) {
            return http(400, "", r#"{"message": "cursor expired"}"#);
        }
        let at: usize = cursor.parse().unwrap();
        let users: Vec<Value> =
            (at..at + 2).map(|id| json!({ "id": id + 1, "login": "x" })).collect();
        let next = (at < 4).then(|| (at + 2).to_string());
        json_answer(&json!({ "users": users, "next": next }))
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::new(&vendor.url, Profile::Okta);
    let first = world.send("GET", "/Users?startIndex=1&count=2", &Value::Null).await;
    assert_eq!(first.status, 200);
    let second = world.send("GET", "/Users?startIndex=3&count=2", &Value::Null).await;
    assert_eq!((second.status, &second.body.unwrap()["Resources"][0]["id"]), (200, &json!("3")));
    // The remembered cursor was used up; the walk from the start meets it as well, and says so.
    let again = world.send("GET", "/Users?startIndex=3&count=2", &Value::Null).await;
    assert_eq!(again.status, 400, "{}", detail(&again));
    assert_eq!(vendor.asked().iter().filter(|line| !line.contains("after")).count(), 2);
}

#[tokio::test]
async fn a_search_that_says_by_status_or_row_that_nobody_is_there_found_nobody() {
    let path = "/Users?filter=userName%20eq%20%22mia%22";
    // A row says so.
    let vendor = Vendor::new(Arc::new(|_, _| http(200, "", r#"{"none": true}"#))).await;
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!((wire.status, &wire.body.unwrap()["totalResults"]), (200, &json!(0)));
    // A bare 404 of a list may as well be a wrong address: never "nobody", never a 404.
    let vendor = Vendor::new(Arc::new(|_, _| http(404, "", "{}"))).await;
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!(wire.status, 400);
    assert!(detail(&wire).contains("`mia`"), "{}", detail(&wire));
    let wire = send(&vendor.url, Profile::Okta, "GET", "/Users", &Value::Null).await;
    assert_eq!(wire.status, 502, "{}", detail(&wire));
    let wire =
        send(&vendor.url, Profile::Okta, "POST", "/Users", &crate::harness::user("mia")).await;
    assert_ne!(wire.status, 404, "{}", detail(&wire));
}

pub const PEOPLE: usize = 240;
/// On each page of a vendor that gives no more, whatever it is asked for.
pub const CAP: usize = 25;

/// The mapping of this page with another way of paging, and with nobody hidden.
pub fn paged(paging: &str) -> String {
    let mapping = MAPPING
        .replace("paging: { cursor: { param: after, next: next } }", &format!("paging: {paging}"))
        .replace("    exists: record.state != 'deleted'\n", "")
        .replace("scan: 100", "scan: 5000")
        .replace("timeout: 150ms", "timeout: 20s");
    assert!(mapping.contains(paging));
    mapping
}

pub fn number(line: &str, param: &str) -> Option<usize> {
    let (_, query) = line.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| *name == param).find_map(|(_, value)| value.parse().ok())
}

pub fn people(range: Range<usize>) -> Vec<Value> {
    let person = |id: usize| json!({ "id": id + 1, "login": format!("p{}", id + 1) });
    (range.start..range.end.min(PEOPLE)).map(person).collect()
}

/// A page by number from 1, or by offset. It knows no filter.
fn capped(line: &str, _: usize) -> Deed {
    let page = number(line, "page").map_or(0, |page| (page - 1) * CAP);
    let start = number(line, "skip").unwrap_or(page);
    json_answer(&json!({ "users": people(start..start + CAP), "total": PEOPLE }))
}

pub async fn listed(world: &World, path: &str) -> (Vec<usize>, Value) {
    let wire = world.send("GET", path, &Value::Null).await;
    assert_eq!(wire.status, 200, "{path}: {}", detail(&wire));
    let body = wire.body.unwrap();
    let resources = body["Resources"].as_array().cloned().unwrap_or_default();
    let id = |user: &Value| user["id"].as_str().unwrap().parse().unwrap();
    (resources.iter().map(id).collect(), body["totalResults"].clone())
}

/// Ways to page, with the calls that everybody costs, and those of a place in the middle.
pub const WAYS: [(&str, usize, usize); 6] = [
    ("{ page: { param: page } }", 11, 9),
    ("{ page: { param: page, size_param: size } }", 11, 9),
    ("{ offset: { param: skip } }", 11, 9),
    ("{ offset: { param: skip, size_param: size, size: 200 } }", 11, 9),
    ("{ page: { param: page, size_param: size, total: total } }", 10, 2),
    ("{ offset: { param: skip, total: total } }", 10, 2),
];

#[tokio::test]
async fn a_vendor_that_gives_fewer_than_it_is_asked_for_is_read_to_its_end() {
    for (paging, whole, middle) in WAYS {
        let vendor = Vendor::new(Arc::new(capped)).await;
        let fresh = || World::of(&paged(paging), &vendor.url, Profile::Strict);
        let all: Vec<usize> = (1..=PEOPLE).collect();
        assert_eq!(listed(&fresh(), "/Users?count=1000").await, (all.clone(), json!(PEOPLE)));
        assert_eq!(vendor.asked().len(), whole, "{paging}");

        // A place is counted by what the pages before it held.
        let (ids, total) = listed(&fresh(), "/Users?startIndex=201&count=20").await;
        assert_eq!(ids, (201..=220).collect::<Vec<_>>(), "{paging}");
        assert!(total.as_u64().unwrap() > 220, "{paging}: {total}");
        assert_eq!(vendor.asked().len(), whole + middle, "{paging}");

        // Behind the end nobody is, and the count is that of all.
        let beyond = listed(&fresh(), "/Users?startIndex=1001&count=10").await;
        assert_eq!(beyond, (Vec::new(), json!(PEOPLE)), "{paging}");

        // An import by index has everybody once.
        let (world, before) = (fresh(), vendor.asked().len());
        let mut imported = Vec::new();
        for start in [1, 101, 201] {
            let (ids, total) =
                listed(&world, &format!("/Users?startIndex={start}&count=100")).await;
            imported.extend(ids);
            assert!(total.as_u64().unwrap() >= imported.len() as u64, "{paging}: {total}");
        }
        assert_eq!((imported, vendor.asked().len() - before), (all, whole), "{paging}");
    }
}

#[tokio::test]
async fn a_page_that_is_shorter_than_the_others_is_not_the_last() {
    // It cuts its pages first, and then takes out who is hidden.
    let ragged = |line: &str, _: usize| {
        let start = (number(line, "page").unwrap() - 1) * CAP;
        let hidden = |user: &Value| user["id"].as_u64().unwrap().is_multiple_of(40);
        let mut users = people(start..start + CAP);
        users.retain(|user| !hidden(user));
        json_answer(&json!({ "users": users }))
    };
    let vendor = Vendor::new(Arc::new(ragged)).await;
    let world = World::of(&paged("{ page: { param: page } }"), &vendor.url, Profile::Strict);
    let (ids, total) = listed(&world, "/Users?count=1000").await;
    assert_eq!((ids.len(), total), (PEOPLE - 6, json!(PEOPLE - 6)));
}

#[tokio::test]
async fn a_vendor_that_gives_the_same_page_again_is_broken() {
    let same = |_: &str, before: usize| {
        json_answer(&json!({ "users": people(0..CAP), "total": 5000, "next": before.to_string() }))
    };
    let ways = WAYS.iter().map(|(paging, ..)| *paging);
    for paging in ways.chain(["{ cursor: { param: page, next: next } }"]) {
        let param = if paging.contains("skip") { "`skip`" } else { "`page`" };
        let vendor = Vendor::new(Arc::new(same)).await;
        let world = World::of(&paged(paging), &vendor.url, Profile::Strict);
        for path in ["/Users?count=1000", "/Users?count=1000&sortBy=userName"] {
            let before = vendor.asked().len();
            let wire = world.send("GET", path, &Value::Null).await;
            let detail = detail(&wire);
            assert_eq!(wire.status, 502, "{paging}: {detail}");
            assert!(detail.contains("the same page twice: does it know"), "{detail}");
            assert!(detail.contains(param) && detail.contains("faulty.yaml:"), "{detail}");
            assert_eq!(vendor.asked().len() - before, 2, "{paging}: {path}");
        }
        // Nor does it fill the pages of a client that asks page by page.
        let world = World::of(&paged(paging), &vendor.url, Profile::Strict);
        assert_eq!(listed(&world, "/Users?count=25").await.0.len(), CAP);
        let wire = world.send("GET", "/Users?startIndex=26&count=25", &Value::Null).await;
        assert_eq!(wire.status, 502, "{paging}: {}", detail(&wire));
    }
}

#[tokio::test]
async fn a_list_that_ends_for_want_of_the_place_to_go_on_by_is_told_of_once() {
    let named = |name: &'static str, next: Value| {
        move |_: &str, before: usize| {
            let mut body = json!({ "users": people(before * CAP..(before + 1) * CAP) });
            if before == 0 {
                body[name] = next.clone();
            }
            json_answer(&body)
        }
    };
    let cursor = "{ cursor: { param: after, next: next } }";
    let url = "{ next_url: { field: next } }";
    let more = "{ page: { param: page, more: more } }";
    // The way, the name that the vendor has, what stands there, and whether an operator is told.
    let table = [
        (cursor, "cursor", json!("x"), true),
        (cursor, "next", json!("x"), false),
        (cursor, "next", json!(null), false),
        (cursor, "next", json!(""), false),
        (url, "nextUrl", json!("/api/users?p=2"), true),
        (url, "next", json!("/api/users?p=2"), false),
        (more, "has_more", json!(true), true),
        (more, "more", json!(false), false),
    ];
    for (paging, name, next, told) in table {
        let vendor = Vendor::new(Arc::new(named(name, next.clone()))).await;
        let world = World::of(&paged(paging), &vendor.url, Profile::Strict);
        let sent = Sent::get("/Users?count=1000");
        let streaming = world.stream(sent, async |_| ()).await;
        assert_eq!(streaming.wire.status, 200, "{paging}: {}", detail(&streaming.wire));
        let remarks = streaming.trace.remarks;
        assert_eq!(remarks.len(), usize::from(told), "{paging} {name} {next}: {remarks:?}");
        let place = if paging == more { "`more`" } else { "`next`" };
        assert!(
            remarks.iter().all(|one| one.contains(place) && one.contains("(faulty.yaml:")),
            "{remarks:?}"
        );
        let again = world.stream(sent, async |_| ()).await;
        assert_eq!(again.trace.remarks, [""; 0], "{paging} {name} {next}");
    }
}

#[tokio::test]
async fn a_search_that_the_vendor_does_not_know_is_read_to_its_end() {
    let path = "/Users?filter=userName%20eq%20%22p200%22";
    for (paging, whole, _) in WAYS {
        let vendor = Vendor::new(Arc::new(capped)).await;
        let world = World::of(&paged(paging), &vendor.url, Profile::Strict);
        assert_eq!(listed(&world, path).await, (vec![200], json!(1)), "{paging}");
        assert_eq!(vendor.asked().len(), whole, "{paging}");
    }
    // One that knows it costs one call, whether it finds somebody or nobody.
    for found in [0..1, 0..0] {
        let known = found.clone();
        let script =
            move |_: &str, _: usize| json_answer(&json!({ "users": people(known.clone()) }));
        let vendor = Vendor::new(Arc::new(script)).await;
        let world = World::of(&paged("{ page: { param: page } }"), &vendor.url, Profile::Strict);
        let path = path.replace("p200", "p1");
        assert_eq!(listed(&world, &path).await.0.len(), found.len());
        assert_eq!(vendor.asked(), ["GET /api/users?login=p1&page=1"]);
    }
}
