//! What comes from a vendor or a client leads nowhere but below `base_url`, and stays what it is: a value.

use crate::harness::{Deed, MAPPING, SECRET, Vendor, World, detail, http, json_answer, user};
use flate2::{Compression, write::GzEncoder};
use scimshim::scim::profile::Profile;
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

/// A vendor that is asked for nothing.
async fn stranger() -> Vendor {
    Vendor::new(Arc::new(|_, _| json_answer(&json!({ "users": [] })))).await
}

fn with(paging: &str) -> String {
    let mapping = MAPPING.replace("{ cursor: { param: after, next: next } }", paging);
    assert_ne!(mapping, MAPPING);
    mapping
}

/// The ways in which a vendor says where its next page is: its mapping, and how an answer says it.
type Way = (String, fn(&str) -> Deed);

fn ways() -> [Way; 2] {
    [
        (with("{ next_url: { field: next } }"), |url| {
            json_answer(&json!({ "users": [{ "id": 1, "login": "mia" }], "next": url }))
        }),
        (with("{ link: {} }"), |url| {
            let body = json!({ "users": [{ "id": 1, "login": "mia" }] }).to_string();
            http(200, &format!("link: <{url}>; rel=\"next\"\r\n"), &body)
        }),
    ]
}

#[tokio::test]
async fn no_page_is_read_that_does_not_lie_below_the_base() {
    let evil = stranger().await;
    let there = evil.url.trim_start_matches("http://").to_owned();
    let port = there.rsplit(':').next().unwrap().to_owned();
    // HERE is the vendor's own host and port.
    let urls = [
        format!("http://{there}/api/users?p=2"),
        format!("http://127.0.0.1:{port}/api/users?p=2"),
        format!("http://localhost:{port}/api/users?p=2"),
        format!("HTTP://{there}/api/users?p=2"),
        format!("//{there}/api/users?p=2"),
        format!("\\\\{there}/api/users?p=2"),
        format!("/\\{there}/api/users?p=2"),
        format!("http:\\\\{there}/api/users?p=2"),
        format!("http://HERE@{there}/api/users?p=2"),
        format!("http://HERE\\@{there}/api/users?p=2"),
        format!("http://user:pass@{there}/api/users?p=2"),
        format!("http://{there}#@HERE/api/users?p=2"),
        "https://HERE/api/users?p=2".to_owned(),
        "ftp://HERE/api/users?p=2".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[::ffff:169.254.169.254]/api/users".to_owned(),
        "http://2852039166/api/users".to_owned(),
        "http://metadata.google.internal/api/users".to_owned(),
        "http://xn--bcher-kva.example/api/users?p=2".to_owned(),
        "http://HERE.evil.example/api/users?p=2".to_owned(),
        "http://".to_owned(),
        "/other/users".to_owned(),
        "/API/users?p=2".to_owned(),
        "/api.evil/users".to_owned(),
        "../admin".to_owned(),
        "/api/../admin".to_owned(),
        "/api/%2e%2E/admin".to_owned(),
        "/api/.%2e/admin".to_owned(),
        "/api/..%2fadmin".to_owned(),
        "/api/users%2f..%2f..%2fadmin".to_owned(),
        "/api/users/..%5c..%5cadmin".to_owned(),
        "/api/%252e%252e/admin".to_owned(),
        "/api\\..\\admin".to_owned(),
        "?p=%ff".to_owned(),
    ];
    for (mapping, answer) in ways() {
        for url in &urls {
            let own: Arc<Mutex<String>> = Arc::default();
            let (told, of_own) = (url.clone(), Arc::clone(&own));
            let script =
                move |_: &str, _: usize| answer(&told.replace("HERE", &of_own.lock().unwrap()));
            let vendor = Vendor::new(Arc::new(script)).await;
            *own.lock().unwrap() = vendor.url.trim_start_matches("http://").to_owned();
            let world = World::of(&mapping, &vendor.url, Profile::Strict);
            let wire = world.send("GET", "/Users?count=100", &Value::Null).await;
            assert_eq!(wire.status, 502, "{url}: {}", detail(&wire));
            assert!(!detail(&wire).contains(SECRET), "{url}");
            assert_eq!(vendor.asked(), ["GET /api/users"], "{url}");
        }
    }
    assert_eq!(evil.asked(), [""; 0]);
}

#[tokio::test]
async fn a_page_below_the_base_is_read_however_it_is_written() {
    let table = [
        ("http://HERE/api/users?p=2", "GET /api/users?p=2"),
        ("HTTP://HERE/api/users?p=2#top", "GET /api/users?p=2"),
        ("http://user:pass@HERE/api/users?p=2", "GET /api/users?p=2"),
        ("//HERE/api/users?p=2", "GET /api/users?p=2"),
        ("/api/users?p=2", "GET /api/users?p=2"),
        ("?p=2", "GET /api/users?p=2"),
        ("/api/x/../users/page%2F2", "GET /api/users/page%2F2"),
        ("/api\\users?p=2", "GET /api/users?p=2"),
        ("?p=a%26b%3Dc%20d", "GET /api/users?p=a%26b%3Dc%20d"),
    ];
    for (mapping, answer) in ways() {
        for (url, expected) in table {
            let own: Arc<Mutex<String>> = Arc::default();
            let of_own = Arc::clone(&own);
            let script = move |_: &str, before: usize| match before {
                0 => answer(&url.replace("HERE", &of_own.lock().unwrap())),
                _ => json_answer(&json!({ "users": [{ "id": 2, "login": "ada" }] })),
            };
            let vendor = Vendor::new(Arc::new(script)).await;
            *own.lock().unwrap() = vendor.url.trim_start_matches("http://").to_owned();
            let world = World::of(&mapping, &vendor.url, Profile::Strict);
            let wire = world.send("GET", "/Users?count=100", &Value::Null).await;
            assert_eq!(wire.status, 200, "{url}: {}", detail(&wire));
            assert_eq!(vendor.asked(), ["GET /api/users", expected], "{url}");
        }
    }
}

/// A Record of two parts: the second stands where the first says.
fn captured() -> String {
    let mapping = MAPPING.replace(
        "      get: { call: \"GET /users/{key}\", record: . }",
        r#"      get:
        steps:
          - { name: main, call: "GET /users/{key}", record: ., capture: { at: at } }
          - { name: more, call: "GET /more/{steps.main.at}/{steps.main.at}x", record: ., into: more }"#,
    );
    assert_ne!(mapping, MAPPING);
    mapping
}

#[tokio::test]
async fn what_a_vendor_gave_is_one_segment_of_a_later_path_or_none() {
    let evil = stranger().await;
    let url = format!("{}/api/users", evil.url);
    let encoded = url.replace(':', "%3A").replace('/', "%2F");
    let table = [
        (url.as_str(), Some(encoded.as_str())),
        ("//evil.example/x", Some("%2F%2Fevil.example%2Fx")),
        ("@evil.example", Some("%40evil.example")),
        ("a?b#c&d;e", Some("a%3Fb%23c%26d%3Be")),
        ("100%", Some("100%25")),
        ("%2Fadmin", Some("%252Fadmin")),
        ("...", Some("...")),
        ("bücher", Some("b%C3%BCcher")),
        ("..", None),
        (".", None),
        ("../../admin", None),
        ("a/../../../admin", None),
        ("..\\..\\admin", None),
        ("%2e%2e", None),
        ("%252e%252e%252fadmin", None),
        ("a\r\nhost: evil.example", None),
        ("a\tb", None),
        ("a\0b", None),
    ];
    for (value, segment) in table {
        let record = json!({ "id": 7, "login": "mia", "at": value });
        let vendor = Vendor::new(Arc::new(move |_, _| json_answer(&record))).await;
        let world = World::of(&captured(), &vendor.url, Profile::Strict);
        let wire = world.send("GET", "/Users/7", &Value::Null).await;
        let mut asked = vec!["GET /api/users/7".to_owned()];
        asked.extend(segment.map(|segment| format!("GET /api/more/{segment}/{segment}x")));
        assert_eq!(vendor.asked(), asked, "{value:?}");
        let expected = if segment.is_some() { 200 } else { 400 };
        assert_eq!(wire.status, expected, "{value:?}: {}", detail(&wire));
    }
    assert_eq!(evil.asked(), [""; 0]);
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_404_and_the_vendor_is_not_asked() {
    let vendor = Vendor::new(Arc::new(|_, _| json_answer(&json!({ "id": 7, "login": "a" })))).await;
    let world = World::of(MAPPING, &vendor.url, Profile::Strict);
    for id in [
        "%2e%2e",
        "%2E",
        "..%2Fadmin",
        "a%2F..%2F..%2Fadmin",
        "..%5Cadmin",
        "%252e%252e",
        "a%00b",
        "a%0D%0Ab",
        "a%7Fb",
    ] {
        let wire = world.send("GET", &format!("/Users/{id}"), &Value::Null).await;
        assert_eq!(wire.status, 404, "{id}: {}", detail(&wire));
    }
    assert_eq!(vendor.asked(), [""; 0]);
    // One that only looks like it is asked for.
    assert_eq!(world.send("GET", "/Users/7%2F8", &Value::Null).await.status, 404);
    assert_eq!(vendor.asked(), ["GET /api/users/7%2F8"]);
}

#[tokio::test]
async fn a_clients_value_is_one_value_of_the_query() {
    let table = [
        ("a&admin=1", Ok("a%26admin%3D1")),
        ("a=b#c", Ok("a%3Db%23c")),
        ("a b+c", Ok("a%20b%2Bc")),
        ("100%", Ok("100%25")),
        ("../x?y", Ok("..%2Fx%3Fy")),
        ("a\\u000d\\u000ahost: evil", Err(400)),
        ("a\\u0000", Err(400)),
    ];
    for (value, expected) in table {
        let vendor = Vendor::new(Arc::new(|_, _| json_answer(&json!({ "users": [] })))).await;
        let world = World::of(MAPPING, &vendor.url, Profile::Strict);
        let filter = format!("userName eq \"{value}\"");
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter,
        });
        let wire = world.send("POST", "/Users/.search", &search).await;
        let asked: Vec<String> =
            expected.iter().map(|value| format!("GET /api/users?login={value}")).collect();
        assert_eq!(vendor.asked(), asked, "{value}");
        assert_eq!(wire.status, expected.err().unwrap_or(200), "{value}: {}", detail(&wire));
    }
}

#[tokio::test]
async fn a_clients_value_is_one_line_of_a_header_or_refused() {
    let mapping = MAPPING.replace(
        "create: { call: POST /users, record: . }",
        "create: { call: POST /users, record: ., headers: { x-who: \"{resource.nickName}\" } }",
    );
    assert_ne!(mapping, MAPPING);
    for (value, status) in [("mia", 201), ("mia\r\nx-admin: 1", 400), ("a\0b", 400), ("a\nb", 400)]
    {
        let vendor = Vendor::new(Arc::new(|line: &str, _| match line.starts_with("POST") {
            true => http(201, "", r#"{ "id": 7, "login": "mia" }"#),
            false => json_answer(&json!({ "users": [] })),
        }))
        .await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let mut person = user("mia");
        person["nickName"] = json!(value);
        let wire = world.send("POST", "/Users", &person).await;
        assert_eq!(wire.status, status, "{value:?}: {}", detail(&wire));
        let written = vendor.asked().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(written, usize::from(status == 201), "{value:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_credential_not_taken_along() {
    let evil = stranger().await;
    for status in [301, 302, 303, 307, 308] {
        for (method, path) in
            [("GET", "/Users/7"), ("DELETE", "/Users/7"), ("GET", "/Users?count=9")]
        {
            let location = format!("location: {}/api/users/7\r\n", evil.url);
            let vendor = Vendor::new(Arc::new(move |_, _| http(status, &location, "{}"))).await;
            let world = World::of(MAPPING, &vendor.url, Profile::Strict);
            let wire = world.send(method, path, &Value::Null).await;
            assert_eq!(wire.status, 502, "{status} {method} {path}");
            assert!(detail(&wire).contains("redirect"), "{}", detail(&wire));
        }
    }
    assert_eq!(evil.asked(), [""; 0]);
}

fn zipped(body: &[u8]) -> Deed {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    let zipped = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        zipped.len()
    );
    Deed::Write([head.into_bytes(), zipped].concat())
}

#[tokio::test]
async fn an_answer_has_its_limits() {
    let person = |x: &str| format!(r#"{{ "id": 7, "login": "mia", "x": {x} }}"#);
    let deep = |levels: usize| person(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels)));
    let long = |bytes: usize| person(&format!("\"{}\"", "x".repeat(bytes)));
    let headers = |count: usize| (0..count).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let plain = |body: &str| http(200, "content-type: application/json\r\n", body);
    let mapping = MAPPING.replace("timeout: 150ms", "timeout: 20s");
    let table = [
        ("within the limit", plain(&long(9 << 20)), 200),
        ("over it", plain(&long(10 << 20)), 502),
        ("zipped", zipped(long(1 << 20).as_bytes()), 200),
        ("a bomb", zipped(long(200 << 20).as_bytes()), 502),
        ("as deep as JSON goes here", plain(&deep(120)), 200),
        ("deeper", plain(&deep(100_000)), 502),
        ("some headers", http(200, &headers(50), &person("1")), 200),
        ("too many headers", http(200, &headers(5_000), &person("1")), 502),
    ];
    for (name, deed, expected) in table {
        let vendor = Vendor::new(Arc::new(move |_, _| deed.clone())).await;
        let world = World::of(&mapping, &vendor.url, Profile::Strict);
        let wire = world.send("GET", "/Users/7", &Value::Null).await;
        assert_eq!(wire.status, expected, "{name}: {}", detail(&wire));
    }
}
