//! Days when the vendor asks for patience: Okta honours a 429 with whole seconds, and nothing else.

use crate::harness::{Okta, patch};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::json;

fn retry_after(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())])
}

#[tokio::test]
async fn a_busy_vendor_is_a_429_with_whole_seconds() {
    for (told, seconds) in [
        ("120", "120"),
        ("119.2", "120"),
        ("86400", "3600"),
        ("Thu, 21 Nov 2126 10:00:00 GMT", "3600"),
    ] {
        // Each with a vendor of its own: what it told holds all calls that come after.
        let okta = Okta::new().await;
        let path = format!("/Users/{}", okta.user("mia@acme.example").await);
        okta.vendor.refuse_next(429, retry_after(told));
        let reply = okta.send("GET", &path, None).await;
        assert_eq!(
            (reply.status, &reply.headers["retry-after"]),
            (429, &seconds.parse().unwrap()),
            "{told}"
        );
        assert_eq!(
            (&reply.body["status"], reply.headers["content-type"].as_bytes()),
            (&json!("429"), b"application/scim+json".as_slice())
        );
        assert!(!reply.body["detail"].as_str().unwrap().is_empty());
    }
}

/// A write that is refused so has changed nothing, and its repeat does.
#[tokio::test]
async fn a_write_that_is_refused_for_a_while_is_done_by_its_repeat() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let off = || patch(json!([{ "op": "replace", "value": { "active": false } }]));
    for _ in 0..4 {
        okta.vendor.refuse_next(429, retry_after("0"));
    }
    let refused = okta.send("PATCH", &path, off()).await;
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert_eq!(okta.send("GET", &path, None).await.body["active"], true);
    let again = okta.send("PATCH", &path, off()).await;
    assert_eq!((again.status, &again.body["active"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_vendor_that_is_away_is_a_429_for_okta_too() {
    let okta = Okta::new().await;
    okta.vendor.refuse_next(503, retry_after("90"));
    let reply = okta.send("GET", "/Users?startIndex=1&count=2", None).await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &"90".parse().unwrap()));
}
