//! HEAD, which RFC 9110 §9.1 wants of whoever answers GET.

use crate::harness::{Okta, Reply};
use serde_json::Value;

/// What must not differ.
fn told(reply: &Reply) -> Vec<Option<&str>> {
    let names = ["content-type", "content-length", "location", "content-location", "etag", "allow"];
    names.map(|name| reply.headers.get(name).map(|value| value.to_str().unwrap())).to_vec()
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let okta = Okta::new().await;
    let user = format!("/Users/{}", okta.user("mia@acme.example").await);
    for path in [
        &user,
        "/Users?count=1",
        "/Users?count=2000",
        "/Users/none",
        "/Users?filter=userName%20zz",
        "/ServiceProviderConfig",
        "/Me",
        "/Users/.search",
    ] {
        let get = okta.send("GET", path, None).await;
        let head = okta.send("HEAD", path, None).await;
        assert_eq!((head.status, &head.body), (get.status, &Value::Null), "{path}");
        assert_eq!(told(&head), told(&get), "{path}");
        assert!(!get.body.is_null() && head.headers.contains_key("content-type"), "{path}");
    }
    let tag = okta.send("HEAD", &user, None).await.headers["etag"].to_str().unwrap().to_owned();
    let known = okta.versioned(("if-none-match", &tag), "HEAD", &user, None).await;
    assert_eq!((known.status, known.headers["etag"].to_str().unwrap()), (304, tag.as_str()));
}
