//! Attributes that a mapping declares: what may be written once, and what is seen only by who asks for it.

use crate::harness::{MAPPING, Okta, patch};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const SAMPLE: &str = "urn:sample:scim:schemas:extension:1.0:User";

/// The sample with an extension of its own, over fields that the vendor has.
fn mapping() -> String {
    let own = format!(
        "schemas:\n  {SAMPLE}:\n    attributes:\n      hired: {{ type: string }}\n      \
         badge: {{ returned: always }}\n      story: {{ returned: request }}\n      \
         whisper: {{ returned: never }}\n\nresources:\n  User:"
    );
    let replaced = [
        ("resources:\n  User:", own),
        (
            "      title:                 { field: job }",
            format!("      {SAMPLE}:hired: {{ field: job, only: create }}"),
        ),
        (
            "      nickName:              { field: alias }",
            format!("      {SAMPLE}:story: {{ field: alias }}"),
        ),
        (
            "      locale:                { field: habits }",
            format!("      {SAMPLE}:whisper: {{ field: habits }}"),
        ),
        (
            "      userType:              { field: kind }",
            format!("      {SAMPLE}:badge: {{ field: kind }}"),
        ),
    ];
    replaced.into_iter().fold(MAPPING.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, &to, 1)
    })
}

fn person(own: Value) -> Value {
    json!({ "schemas": [USER, SAMPLE], "userName": "eve@acme.example", SAMPLE: own })
}

async fn made(okta: &Okta) -> String {
    let own = json!({ "hired": "2020", "badge": "b7", "story": "long", "whisper": "psst" });
    let made = okta.send("POST", "/Users", Some(person(own))).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body[SAMPLE], json!({ "hired": "2020", "badge": "b7" }));
    format!("/Users/{}", made.body["id"].as_str().unwrap())
}

/// X2, RFC 7643 §7.
#[tokio::test]
async fn each_is_returned_as_it_is_declared() {
    let okta = Okta::over(&mapping()).await;
    let path = made(&okta).await;
    for (query, seen) in [
        ("", json!({ "hired": "2020", "badge": "b7" })),
        ("?attributes=userName", json!({ "badge": "b7" })),
        (&format!("?attributes={SAMPLE}:story"), json!({ "badge": "b7", "story": "long" })),
        (&format!("?attributes={SAMPLE}:whisper"), json!({ "badge": "b7" })),
        (&format!("?excludedAttributes={SAMPLE}:badge"), json!({ "hired": "2020", "badge": "b7" })),
    ] {
        let reply = okta.send("GET", &format!("{path}{query}"), None).await;
        assert_eq!(reply.body[SAMPLE], seen, "{query}: {reply:?}");
        let listed = format!("/Users{}", if query.is_empty() { "?count=1000" } else { query });
        let list = okta.send("GET", &listed, None).await.body;
        let found = list["Resources"].as_array().unwrap().iter();
        let found = found.filter(|user| user[SAMPLE]["badge"] == "b7").collect::<Vec<_>>();
        assert_eq!((found.len(), &found[0][SAMPLE]), (1, &seen), "{listed}");
    }
    let change =
        patch(json!([{ "op": "replace", "path": format!("{SAMPLE}:story"), "value": "longer" }]));
    let changed = okta.send("PATCH", &path, change).await;
    assert_eq!(changed.body[SAMPLE], json!({ "hired": "2020", "badge": "b7" }), "{changed:?}");
    let schema = okta.send("GET", &format!("/Schemas/{SAMPLE}"), None).await.body;
    let told = schema["attributes"].as_array().unwrap().iter();
    let told =
        told.map(|each| (each["name"].as_str().unwrap(), each["returned"].as_str().unwrap()));
    let expected =
        [("hired", "default"), ("badge", "always"), ("story", "request"), ("whisper", "never")];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let search = format!("/Users?filter={SAMPLE}:whisper%20eq%20%22psst%22");
    assert_eq!(okta.send("GET", &search, None).await.body["scimType"], "sensitive");
}

/// X1, RFC 7643 §7, RFC 7644 §3.5.1: `only: create` is immutable.
#[tokio::test]
async fn what_is_written_once_may_be_said_again_and_not_otherwise() {
    let okta = Okta::over(&mapping()).await;
    let path = made(&okta).await;
    let by_patch = |op: &str, value: &str| {
        patch(json!([{ "op": op, "path": format!("{SAMPLE}:hired"), "value": value }]))
    };
    let remove = patch(json!([{ "op": "remove", "path": format!("{SAMPLE}:hired") }]));
    let by_put = |hired: &str| Some(person(json!({ "hired": hired, "badge": "b7" })));
    for (method, body, status) in [
        ("PUT", by_put("2020"), 200),
        ("PUT", by_put("1999"), 400),
        ("PUT", Some(person(json!({ "badge": "b7" }))), 200),
        ("PATCH", by_patch("replace", "2020"), 200),
        ("PATCH", by_patch("replace", "1999"), 400),
        ("PATCH", by_patch("add", "1999"), 400),
        ("PATCH", remove, 400),
    ] {
        let reply = okta.send(method, &path, body.clone()).await;
        assert_eq!(reply.status, status, "{method} {body:?}: {reply:?}");
        if status == 400 {
            assert_eq!(reply.body["scimType"], "mutability", "{method} {body:?}");
        }
        let there = okta.send("GET", &path, None).await;
        assert_eq!(there.body[SAMPLE]["hired"], "2020", "{method} {body:?}");
    }
}
