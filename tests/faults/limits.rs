//! What one answer says of the vendor's limits, or of its absence, is a word to all calls.

use crate::harness::{Deed, MAPPING, Vendor, World, detail, http, json_answer, user};
use scimshim::scim::{encode::Wire, profile::Profile};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{self, Instant};

fn person() -> Deed {
    json_answer(&json!({ "id": 8, "login": "mia" }))
}

/// A vendor that does as `first` says until it is told that it is well.
async fn ill(first: Deed) -> (Vendor, Arc<AtomicBool>) {
    let well = Arc::new(AtomicBool::new(false));
    let is_well = well.clone();
    let script = move |_: &str, _: usize| match is_well.load(Ordering::SeqCst) {
        true => person(),
        false => first.clone(),
    };
    (Vendor::new(Arc::new(script)).await, well)
}

/// It says to come back after so many seconds, of which some have passed.
fn about(wire: &Wire, seconds: u64) -> bool {
    wire.retry_after.is_some_and(|told| told <= seconds && told > seconds / 2)
}

#[tokio::test]
async fn retry_after_is_a_word_to_all() {
    for (profile, status) in [(Profile::Okta, 429), (Profile::Strict, 503)] {
        for (refusal, first) in [(429, 429), (503, status)] {
            let (vendor, well) = ill(http(refusal, "retry-after: 3600\r\n", "{}")).await;
            let world = World::new(&vendor.url, profile);
            let wire = world.send("GET", "/Users/7", &Value::Null).await;
            assert_eq!((wire.status, about(&wire, 3_600)), (first, true), "{}", detail(&wire));
            well.store(true, Ordering::SeqCst);
            let patched = crate::harness::patch(json!([{ "op": "remove", "path": "nickName" }]));
            for (method, path, body) in [
                ("GET", "/Users/8", Value::Null),
                ("GET", "/Users?filter=userName%20eq%20%22mia%22", Value::Null),
                ("POST", "/Users", user("mia")),
                ("PATCH", "/Users/8", patched),
                ("DELETE", "/Users/8", Value::Null),
            ] {
                let wire = world.send(method, path, &body).await;
                let case = format!("{profile:?} {refusal} {method} {path}: {}", detail(&wire));
                assert_eq!((wire.status, about(&wire, 3_600)), (status, true), "{case}");
                assert!(detail(&wire).contains("was not asked"), "{case}");
            }
            assert_eq!(vendor.asked().len(), 1, "one call was made, and the rest know of it");
        }
    }
}

#[tokio::test]
async fn calls_wait_as_long_as_the_vendor_says_and_go_on() {
    let came = Arc::new(Mutex::new(Vec::new()));
    let times = came.clone();
    let vendor = Vendor::new(Arc::new(move |_, before| {
        times.lock().unwrap().push(Instant::now());
        match before {
            0 => http(429, "retry-after: 0.3\r\n", "{}"),
            _ => person(),
        }
    }))
    .await;
    // Neither is repeated: it is the vendor's word to the first that the second waits for.
    let world = World::impatient(&vendor.url, Profile::Okta);
    assert_eq!(world.send("GET", "/Users/7", &Value::Null).await.status, 429);
    assert_eq!(world.send("GET", "/Users/8", &Value::Null).await.status, 200);
    let came = came.lock().unwrap();
    let [refused, taken] = came.as_slice() else { panic!("{came:?}") };
    assert!(*taken - *refused >= Duration::from_millis(300), "{:?}", *taken - *refused);
}

#[tokio::test]
async fn a_row_that_says_busy_is_a_word_to_all() {
    let row = "    - { when: \"answer.body.slow == true\", means: busy, retry_after: answer.body.wait }\n";
    let mapping = MAPPING.replacen("  errors:\n", &format!("  errors:\n{row}"), 1);
    let (vendor, well) = ill(json_answer(&json!({ "slow": true, "wait": 600 }))).await;
    let world = World::of(&mapping, &vendor.url, Profile::Strict);
    let wire = world.send("GET", "/Users/7", &Value::Null).await;
    assert_eq!((wire.status, about(&wire, 600)), (429, true), "{}", detail(&wire));
    well.store(true, Ordering::SeqCst);
    let wire = world.send("GET", "/Users/8", &Value::Null).await;
    assert_eq!((wire.status, about(&wire, 600)), (503, true), "{}", detail(&wire));
    assert_eq!(vendor.asked().len(), 1);
}

#[tokio::test]
async fn nothing_is_left_until_the_reset() {
    let mapping = MAPPING.replace("scan: 100", "scan: 100, remaining: X-Left, reset: X-Reset");
    let left = "x-left: 0\r\nx-reset: 600\r\n";
    let person = json!({ "id": 8, "login": "mia" }).to_string();
    let vendor = Vendor::new(Arc::new(move |_, _| http(200, left, &person))).await;
    let world = World::of(&mapping, &vendor.url, Profile::Okta);
    assert_eq!(world.send("GET", "/Users/8", &Value::Null).await.status, 200);
    let wire = world.send("GET", "/Users/8", &Value::Null).await;
    assert_eq!((wire.status, about(&wire, 600)), (429, true), "{}", detail(&wire));
    assert_eq!(vendor.asked().len(), 1);
}

fn shows(world: &World, state: u8, opens: u8) {
    let metrics = world.metrics.render();
    for line in [
        format!("scimshim_vendor_breaker_state{{tenant=\"t\"}} {state}"),
        format!("scimshim_vendor_breaker_opens_total{{tenant=\"t\"}} {opens}"),
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line} is missing in\n{metrics}");
    }
}

/// The clock goes ahead, and nothing else happens meanwhile.
async fn later(time: Duration) {
    time::pause();
    time::advance(time).await;
    time::resume();
}

#[tokio::test]
async fn a_vendor_that_is_away_is_left_alone_and_tried_again() {
    for (profile, status) in [(Profile::Okta, 429), (Profile::Strict, 503)] {
        let (vendor, well) = ill(http(503, "", "down")).await;
        let world = World::impatient(&vendor.url, profile);
        shows(&world, 0, 0);
        for id in 0..10 {
            let wire = world.send("GET", &format!("/Users/{id}"), &Value::Null).await;
            assert_eq!(wire.status, status, "{}", detail(&wire));
        }
        shows(&world, 1, 1);
        let asked = vendor.asked().len();
        let fails_at_once = async |seconds: u64| {
            for (method, path, body) in [
                ("GET", "/Users/8", Value::Null),
                ("POST", "/Users", user("mia")),
                ("DELETE", "/Users/8", Value::Null),
            ] {
                let wire = world.send(method, path, &body).await;
                assert_eq!((wire.status, about(&wire, seconds)), (status, true), "{method}");
                let detail = detail(&wire);
                assert!(detail.contains("was not asked") && detail.contains("503"), "{detail}");
            }
        };
        fails_at_once(5).await;
        assert_eq!(vendor.asked().len(), asked, "nobody has asked it");

        later(Duration::from_secs(5)).await;
        assert_eq!(world.send("GET", "/Users/8", &Value::Null).await.status, status);
        assert_eq!(vendor.asked().len(), asked + 1, "one has tried it");
        shows(&world, 1, 2);
        fails_at_once(10).await;

        later(Duration::from_secs(10)).await;
        well.store(true, Ordering::SeqCst);
        assert_eq!(world.send("GET", "/Users/8", &Value::Null).await.status, 200);
        shows(&world, 0, 2);
    }
}

#[tokio::test]
async fn nobody_at_the_address_or_silence_is_away_too() {
    let silent = Vendor::new(Arc::new(|_, _| Deed::Silence)).await;
    let hung_up = Vendor::new(Arc::new(|_, _| Deed::HangUp)).await;
    let nobody = "http://127.0.0.1:1".to_owned();
    for url in [nobody, silent.url.clone(), hung_up.url.clone()] {
        let world = World::impatient(&url, Profile::Strict);
        for id in 0..10 {
            world.send("GET", &format!("/Users/{id}"), &Value::Null).await;
        }
        shows(&world, 1, 1);
        let wire = world.send("GET", "/Users/7", &Value::Null).await;
        assert_eq!((wire.status, about(&wire, 5)), (503, true), "{}", detail(&wire));
    }
}

#[tokio::test]
async fn what_is_about_one_request_says_nothing_of_the_vendor() {
    for status in [400, 401, 403, 404, 409, 422, 429, 500] {
        let vendor = Vendor::new(Arc::new(move |_, _| http(status, "", "{}"))).await;
        let world = World::impatient(&vendor.url, Profile::Strict);
        let sent = if status == 429 { 4 } else { 12 };
        for id in 0..sent {
            world.send("GET", &format!("/Users/{id}"), &Value::Null).await;
        }
        shows(&world, 0, 0);
        assert_eq!(vendor.asked().len(), sent, "{status}");
    }
    // One call that the vendor chokes on, again and again, and one that it was given no time for.
    let (vendor, _) = ill(http(504, "", "")).await;
    let world = World::impatient(&vendor.url, Profile::Strict);
    for _ in 0..12 {
        world.send("GET", "/Users/7", &Value::Null).await;
    }
    shows(&world, 0, 0);
    let vendor = Vendor::new(Arc::new(|_, _| Deed::Silence)).await;
    let world = World::impatient(&vendor.url, Profile::Strict);
    for id in 0..12 {
        let (path, patience) = (format!("/Users/{id}"), Duration::from_millis(20));
        world.send_within(patience, "GET", &path, &Value::Null).await;
    }
    shows(&world, 0, 0);
}

#[tokio::test]
async fn a_write_that_was_sent_is_not_unsaid_by_a_try_that_was_not() {
    let mapping = MAPPING.replace("scan: 100", "scan: 100, requests: 2, per: 1h");
    let script = |line: &str, _: usize| match line.starts_with("GET") {
        true => person(),
        false => Deed::HangUp,
    };
    let vendor = Vendor::new(Arc::new(script)).await;
    let world = World::of(&mapping, &vendor.url, Profile::Strict);
    let wire = world.send("DELETE", "/Users/8", &Value::Null).await;
    assert_eq!(vendor.asked(), ["GET /api/users/8", "DELETE /api/users/8"]);
    assert_eq!(wire.status, 504, "its repeat had no room, but it was sent: {}", detail(&wire));
}
