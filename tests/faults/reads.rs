//! Reads: each failure has its outcome.

use crate::harness::{Deed, SECRET, Vendor, World, detail, http, json_answer, send, user};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::sync::Arc;

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
async fn a_record_that_does_not_count_as_there_or_goes_by_another_key_is_not_found() {
    let rows = [
        json!({ "id": 7, "login": "mia", "state": "deleted" }),
        json!({ "id": 8, "login": "somebody else" }),
    ];
    for record in rows {
        let shown = record.clone();
        let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&shown))).await;
        for method in ["GET", "PATCH", "PUT"] {
            let body = match method {
                "GET" => Value::Null,
                "PUT" => user("mia"),
                _ => crate::harness::patch(
                    json!([{ "op": "replace", "value": { "active": false } }]),
                ),
            };
            let wire = send(&vendor.url, Profile::Okta, method, "/Users/7", &body).await;
            assert_eq!(wire.status, 404, "{method} {record}: {}", detail(&wire));
        }
        assert!(vendor.asked().iter().all(|line| line == "GET /api/users/7"), "{record}");
    }
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_nobodys() {
    let vendor = Vendor::new(Arc::new(|_, _| json_answer(&json!([])))).await;
    let path = "/Users?filter=id%20eq%20%22..%22";
    let wire = send(&vendor.url, Profile::Okta, "GET", path, &Value::Null).await;
    assert_eq!((wire.status, &wire.body.unwrap()["totalResults"]), (200, &json!(0)));
    assert!(vendor.asked().is_empty());
}

#[tokio::test]
async fn the_vendors_own_patience_reaches_the_client_in_whole_seconds() {
    for (told, expected) in [
        ("120", Some(120)),
        ("1.2", Some(2)),
        ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30)),
        ("soon", Some(10)),
    ] {
        let header = format!("retry-after: {told}\r\n");
        let vendor = Vendor::new(Arc::new(move |_, _| http(429, &header, "{}"))).await;
        let wire = World::impatient(&vendor.url, Profile::Strict)
            .send("GET", "/Users/7", &Value::Null)
            .await;
        assert_eq!((wire.status, wire.retry_after), (429, expected), "{told}");
    }
}

#[tokio::test]
async fn our_own_limits_and_a_name_that_nobody_knows_ask_for_patience() {
    let mapping = crate::harness::MAPPING
        .replace("limits: { scan: 100 }", "limits: { requests: 1, per: 1h, scan: 100 }");
    let vendor = Vendor::new(Arc::new(|_, _| json_answer(&json!({ "id": 7, "login": "a" })))).await;
    for (profile, expected) in [(Profile::Okta, 429), (Profile::Strict, 503)] {
        let world = World::of(&mapping, &vendor.url, profile);
        assert_eq!(world.send("GET", "/Users/7", &Value::Null).await.status, 200);
        let wire = world.send("GET", "/Users/7", &Value::Null).await;
        assert_eq!((wire.status, wire.retry_after.is_some()), (expected, true));
        assert_eq!(wire.retry_after, Some(3_600));
        assert!(detail(&wire).contains("not asked: its limits"), "{}", detail(&wire));
        let nowhere = "https://nowhere.invalid";
        let wire = send(nowhere, profile, "GET", "/Users/7", &Value::Null).await;
        assert_eq!((wire.status, wire.retry_after.is_some()), (expected, true));
    }
}
