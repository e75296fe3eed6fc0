//! Entity tags over HTTP: what is there already is not sent, what has changed is not overwritten.

use crate::harness::{MAPPING, Okta, patch};
use serde_json::{Value, json};

const IF_MATCH: &str = "if-match";
const IF_NONE_MATCH: &str = "if-none-match";

fn title(text: &str) -> Option<Value> {
    patch(json!([{ "op": "replace", "path": "title", "value": text }]))
}

fn writes(log: &[String]) -> usize {
    log.iter().filter(|call| !call.starts_with("GET")).count()
}

#[tokio::test]
async fn a_version_stands_in_header_and_body_and_changes_with_the_resource() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let first = okta.send("GET", &path, None).await;
    let tag = first.headers["etag"].to_str().unwrap();
    assert_eq!(first.body["meta"]["version"], tag);
    let narrow = okta.send("GET", &format!("{path}?attributes=userName"), None).await;
    assert_eq!(
        (narrow.headers["etag"].to_str().unwrap(), &narrow.body["meta"]),
        (tag, &Value::Null)
    );
    let listed =
        okta.send("GET", "/Users?filter=userName%20eq%20%22mia@acme.example%22", None).await;
    assert_eq!(listed.body["Resources"][0]["meta"]["version"], tag);
    let changed = okta.send("PATCH", &path, title("Boss")).await;
    assert_ne!(changed.headers["etag"], tag);
    assert_eq!(okta.send("GET", &path, None).await.headers["etag"], changed.headers["etag"]);
    let config = okta.send("GET", "/ServiceProviderConfig", None).await.body;
    assert_eq!(config["etag"]["supported"], true);
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let tag = okta.send("GET", &path, None).await.headers["etag"].to_str().unwrap().to_owned();
    for (sent, status) in [
        (tag.as_str(), 304),
        (&format!("\"x\", {tag}"), 304),
        ("*", 304),
        ("W/\"other\"", 200),
        ("other", 400),
    ] {
        let reply = okta.versioned((IF_NONE_MATCH, sent), "GET", &path, None).await;
        assert_eq!(reply.status, status, "{sent}: {reply:?}");
        if status == 304 {
            assert_eq!(reply.headers["etag"], tag, "{sent}");
            assert_eq!(reply.body, Value::Null, "{sent}");
        }
    }
    let missing = okta.versioned((IF_NONE_MATCH, "*"), "GET", "/Users/7", None).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn what_has_changed_is_not_overwritten() {
    let okta = Okta::new().await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let read = okta.send("GET", &path, None).await;
    let old = read.headers["etag"].to_str().unwrap().to_owned();
    let put = || Some(read.body.clone());
    assert_eq!(okta.send("PATCH", &path, title("Boss")).await.status, 200);
    okta.vendor.take_log();
    for (method, body) in [("PATCH", title("Chief")), ("PUT", put()), ("DELETE", None)] {
        for (condition, status) in [
            ((IF_MATCH, old.as_str()), 412),
            ((IF_NONE_MATCH, "*"), 412),
            ((IF_MATCH, "nonsense"), 400),
        ] {
            let reply = okta.versioned(condition, method, &path, body.clone()).await;
            assert_eq!(reply.status, status, "{method} {condition:?}: {reply:?}");
            assert_eq!(reply.body["status"], status.to_string());
        }
        let reply = okta.versioned((IF_MATCH, "*"), method, "/Users/7", body).await;
        assert_eq!(reply.status, 404, "{method}: nothing there is no other version: {reply:?}");
    }
    assert_eq!(writes(&okta.vendor.take_log()), 0, "nothing is written before the check (R100)");
    let now = okta.send("GET", &path, None).await.headers["etag"].to_str().unwrap().to_owned();
    let tags = format!("{old}, {now}");
    let reply = okta.versioned((IF_MATCH, &tags), "PATCH", &path, title("Chief")).await;
    assert_eq!((reply.status, &reply.body["title"]), (200, &json!("Chief")), "{reply:?}");
    let reply = okta.versioned((IF_MATCH, "*"), "PUT", &path, put()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let now = reply.headers["etag"].to_str().unwrap().to_owned();
    let gone = okta.versioned((IF_MATCH, &now), "DELETE", &path, None).await;
    assert_eq!((gone.status, gone.headers.get("etag")), (204, None), "{gone:?}");
}

#[tokio::test]
async fn a_vendors_own_version_is_passed_on() {
    let (first, rest) = MAPPING.split_once("      meta.created:").unwrap();
    let own = "      meta.version: { field: touched_at, direction: read }\n";
    let okta = Okta::over(&format!("{first}{own}      meta.created:{rest}")).await;
    let path = format!("/Users/{}", okta.user("mia@acme.example").await);
    let read = okta.send("GET", &path, None).await;
    let tag = read.headers["etag"].to_str().unwrap();
    assert!(tag.starts_with("W/\"1") && read.body["meta"]["version"] == tag, "{read:?}");
    let kept = okta.versioned((IF_MATCH, tag), "PATCH", &path, title("Boss")).await;
    assert_eq!(kept.status, 200, "{kept:?}");
}
