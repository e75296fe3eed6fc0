//! `login:`: a token of the vendor's own, had by one call for all, and never told to anybody.

use crate::{
    gateway::{SECRET, Tenant, detail},
    vendor::{Asked, Reply, Vendor},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// As a mapping writes it; `more` is what stands beside.
fn login(more: &str) -> String {
    format!(
        "  auth: {{ login: {{ call: POST /session, body: {{ user: us, password: \"{{tenant.secret}}\" }}, {more} }} }}"
    )
}

/// The token in the body, sent by a header.
fn by_header() -> String {
    login("token: answer.body.token, send: { header: X-Session, value: \"{token}\" }")
}

fn users() -> Reply {
    Reply::Json(200, json!({ "users": [] }))
}

fn is_login(asked: &Asked) -> bool {
    asked.line.starts_with("POST /session")
}

/// A vendor that gives out `t0`, `t1` and so on, with what `more` says beside.
async fn vendor(more: Value) -> Vendor {
    let given = Arc::<std::sync::atomic::AtomicUsize>::default();
    Vendor::start(move |asked, _| {
        if !is_login(asked) {
            return users();
        }
        let number = given.fetch_add(1, Ordering::Relaxed);
        let mut body = json!({ "token": format!("t{number}") });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Reply::Json(200, body)
    })
    .await
}

fn logins(vendor: &Vendor) -> usize {
    vendor.asked().iter().filter(|asked| is_login(asked)).count()
}

/// What the calls that are no login had in a header.
fn sent(vendor: &Vendor, header: &str) -> Vec<String> {
    let asked = vendor.asked();
    let others = asked.iter().filter(|asked| !is_login(asked));
    others.map(|asked| asked.header(header).unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn fifty_at_once_make_one_login_call() {
    let vendor = vendor(json!({})).await;
    let tenant = Tenant::new(&vendor.url, &by_header());
    let wires = join_all((0..50).map(|_| tenant.list())).await;
    assert!(wires.iter().all(|wire| wire.status == 200));
    assert_eq!(logins(&vendor), 1);
    assert_eq!(sent(&vendor, "x-session"), vec!["t0"; 50]);
    let first = vendor.asked().into_iter().next().unwrap();
    assert_eq!(first.line, "POST /session");
    assert_eq!(first.header("x-session"), None, "nothing signs it");
    assert_eq!(first.header("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!(body, json!({ "user": "us", "password": SECRET }));
    let counted = tenant.metrics.render();
    assert!(counted.contains(r#"call="upstream.token""#), "{counted}");
}

/// Where the token is found, and how it is sent.
#[tokio::test]
async fn a_token_is_found_and_sent_as_the_mapping_says() {
    const HEADERS: &str = "x-token: h1\r\nset-cookie: sid=c1; Path=/; HttpOnly\r\nset-cookie: other=2\r\ncontent-type: application/json\r\n";
    let found = [
        ("answer.body.data[0].token", "b1"),
        ("answer.headers['x-token']", "h1"),
        ("split(split(answer.headers['set-cookie'], ';')[0], '=')[1]", "c1"),
        ("answer.body.number", "7"),
    ];
    for (token, expected) in found {
        let vendor = Vendor::start(|asked, _| match is_login(asked) {
            true => Reply::Text(201, HEADERS, r#"{"data":[{"token":"b1"}],"number":7}"#),
            false => users(),
        })
        .await;
        let auth =
            login(&format!("token: \"{token}\", send: {{ header: X-T, value: \"S {{token}}\" }}"));
        let wire = Tenant::new(&vendor.url, &auth).list().await;
        assert_eq!(wire.status, 200, "{token}: {}", detail(&wire));
        assert_eq!(sent(&vendor, "x-t"), [format!("S {expected}")], "{token}");
    }
    let carried = [
        ("header: Authorization, value: \"Session {token}\"", "authorization", "Session t0", ""),
        ("query: session, value: \"{token}\"", "x-none", "", "?session=t0"),
        ("cookie: sid, value: \"{token}\"", "cookie", "sid=t0", ""),
    ];
    for (send, header, value, query) in carried {
        let vendor = vendor(json!({})).await;
        let auth = login(&format!("token: answer.body.token, send: {{ {send} }}"));
        assert_eq!(Tenant::new(&vendor.url, &auth).list().await.status, 200, "{send}");
        assert_eq!(sent(&vendor, header), [value], "{send}");
        assert_eq!(vendor.asked().last().unwrap().line, format!("GET /users{query}"), "{send}");
    }
    // RFC 6265 §5.4: one header holds them all.
    let vendor = vendor(json!({})).await;
    let send = "token: answer.body.token, send: { cookie: sid, value: \"{token}\" }";
    let auth = format!("{}\n  headers: {{ Cookie: site=north }}", login(send));
    assert_eq!(Tenant::new(&vendor.url, &auth).list().await.status, 200);
    assert_eq!(sent(&vendor, "cookie"), ["site=north; sid=t0"]);
}

#[tokio::test]
async fn a_form_a_query_and_headers_travel_as_in_any_call() {
    let vendor = vendor(json!({})).await;
    let auth = "  encoding: form\n  headers: { X-Client: scim }\n  auth: { login: { call: \"POST /session/in\", \
                query: { site: \"a b\" }, headers: { X-Own: \"1\" }, body: { password: \"{tenant.secret}\" }, \
                token: answer.body.token, send: { header: X-Session, value: \"{token}\" } } }";
    assert_eq!(Tenant::new(&vendor.url, auth).list().await.status, 200);
    let first = vendor.asked().into_iter().next().unwrap();
    assert_eq!(first.line, "POST /session/in?site=a%20b");
    assert_eq!(first.body, "password=s3cret%26%2F%C3%B6");
    assert_eq!((first.header("x-client"), first.header("x-own")), (Some("scim"), Some("1")));
}

/// How often three requests one after the other log in.
#[tokio::test]
async fn a_token_is_kept_until_its_end_however_that_is_said() {
    let table = [
        (json!({}), 1),
        (json!({ "end": 3600 }), 1),
        (json!({ "end": "3600" }), 1),
        (json!({ "end": "2999-01-01T00:00:00Z" }), 1),
        (json!({ "end": 32_472_144_000_000_u64 }), 1),
        (json!({ "end": 0 }), 3),
        (json!({ "end": "2001-01-01T00:00:00Z" }), 3),
        (json!({ "end": 1_000_000_001 }), 3),
        // It is told in the log, and the token serves until it is refused.
        (json!({ "end": "soon" }), 1),
        (json!({ "end": { "in": 5 } }), 1),
    ];
    for (end, expected) in table {
        let vendor = vendor(end.clone()).await;
        let auth = login(
            "token: answer.body.token, expires: answer.body.end, send: { header: X-Session, value: \"{token}\" }",
        );
        let tenant = Tenant::new(&vendor.url, &auth);
        for _ in 0..3 {
            assert_eq!(tenant.list().await.status, 200, "{end}");
        }
        assert_eq!(logins(&vendor), expected, "{end}");
    }
}

#[tokio::test]
async fn a_token_that_ends_early_is_replaced_once_and_the_write_is_sent_again() {
    let ended = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&ended);
    let vendor = Vendor::start(move |asked, before| match asked.header("x-session") {
        None => Reply::Json(200, json!({ "token": format!("t{before}") })),
        Some("t0") if told.load(Ordering::Relaxed) => Reply::Text(401, "", "ended"),
        _ if asked.line == "POST /users" => {
            Reply::Json(201, json!({ "id": 7, "email": "mia@acme.example" }))
        }
        _ => users(),
    })
    .await;
    let tenant = Tenant::new(&vendor.url, &by_header());
    assert_eq!(tenant.list().await.status, 200);
    ended.store(true, Ordering::Relaxed);
    let wire = tenant.create().await;
    assert_eq!(wire.status, 201, "{}", detail(&wire));
    let lines: Vec<String> = vendor.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        ["POST /session", "GET /users", "POST /users", "POST /session", "POST /users"]
    );
    assert_eq!(sent(&vendor, "x-session"), ["t0", "t0", "t3"]);
}

#[tokio::test]
async fn a_vendor_that_takes_no_token_at_all_is_not_logged_in_to_for_ever() {
    let vendor = Vendor::start(|asked, _| match is_login(asked) {
        true => Reply::Json(200, json!({ "token": "t" })),
        false => Reply::Text(401, "", "never"),
    })
    .await;
    let tenant = Tenant::new(&vendor.url, &by_header());
    for _ in 0..3 {
        let wire = tenant.list().await;
        assert_eq!(wire.status, 502);
        assert!(detail(&wire).contains("credential was refused"), "{}", detail(&wire));
    }
    assert_eq!(logins(&vendor), 1);
}

/// What the client is told where no token is to be had; nothing else is asked then.
#[tokio::test]
async fn a_login_that_fails_is_ours_and_never_the_clients() {
    type Manner = fn() -> Reply;
    let refused = "the gateway's credential was refused: the login call was answered";
    let none = "the gateway has no token";
    let table: [(Manner, u16, &str); 10] = [
        (|| Reply::Json(401, json!({ "error": "no s3cret&/ö" })), 502, refused),
        (|| Reply::Text(403, "", "no"), 502, refused),
        (|| Reply::Text(404, "", "no"), 502, none),
        (|| Reply::Text(302, "location: /elsewhere\r\n", ""), 502, none),
        (|| Reply::Text(500, "", "no"), 502, none),
        (|| Reply::Text(429, "retry-after: 17\r\n", "no"), 503, none),
        (
            || Reply::Json(200, json!({ "success": false })),
            502,
            "without a token at `answer.body.token`",
        ),
        (|| Reply::Json(200, json!({ "token": ["s3cret&/ö"] })), 502, "without a token"),
        (
            || Reply::Json(200, json!({ "token": "two\nlines" })),
            502,
            "holds characters that no header can",
        ),
        (|| Reply::Silence, 503, "no answer in time"),
    ];
    for (reply, status, expected) in table {
        let vendor = Vendor::start(move |_, _| reply()).await;
        let tenant = Tenant::new(&vendor.url, &by_header());
        for wire in join_all((0..3).map(|_| tenant.list())).await {
            assert_eq!(wire.status, status, "{expected}: {}", detail(&wire));
            assert!(detail(&wire).contains(expected), "{}", detail(&wire));
            assert!(!detail(&wire).contains(SECRET), "{}", detail(&wire));
            assert_eq!(wire.retry_after.is_some(), status == 503, "{expected}");
        }
        assert_eq!(logins(&vendor), vendor.asked().len(), "{expected}");
        if expected == refused {
            assert_eq!(logins(&vendor), 1, "it is everybody's answer");
        }
    }
}

/// Neither a client nor a log hears of the token, of the password, or of what the login call says.
#[tokio::test]
async fn nobody_is_told_the_token() {
    for send in ["header: X-Session", "query: session", "cookie: sid"] {
        let log = crate::log::Log::default();
        let _listening = log.listen();
        let vendor = Vendor::start(|asked, _| match is_login(asked) {
            true => Reply::Json(200, json!({ "token": "fetched-t0ken", "end": "fetched-t0ken" })),
            false => Reply::Json(403, json!({ "message": "fetched-t0ken may not list" })),
        })
        .await;
        let auth = login(&format!(
            "token: answer.body.token, expires: answer.body.end, send: {{ {send}, value: \"v1.{{token}}\" }}"
        ));
        let wire = Tenant::new(&vendor.url, &auth).list().await;
        assert!(detail(&wire).contains("may not list"), "{}", detail(&wire));
        let told = log.text();
        assert!(told.contains("`expires` of the login call cannot be read"), "{told}");
        assert!(told.contains("vendor call"), "all of it is there: {told}");
        for secret in ["fetched-t0ken", SECRET, "s3cret"] {
            assert!(!detail(&wire).contains(secret), "{}", detail(&wire));
            assert!(!told.contains(secret), "{told}");
        }
    }
}

/// A login spends what the vendor allows as any call does, and who waits for it holds no place.
#[tokio::test]
async fn a_login_has_its_turn_among_the_vendors_calls() {
    let vendor = Vendor::start(|asked, _| match is_login(asked) {
        true => Reply::Json(200, json!({ "token": "t0" })),
        false => users(),
    })
    .await;
    let auth = by_header();
    let limited = |limits: &str| format!("{auth}\n  limits: {{ {limits} }}");
    let tenant = Tenant::new(&vendor.url, &limited("concurrent: 1"));
    let wires = join_all((0..5).map(|_| tenant.list())).await;
    assert!(wires.iter().all(|wire| wire.status == 200), "nobody waits for himself");
    assert_eq!((logins(&vendor), vendor.asked().len()), (1, 6));
    // The login was the one call of this hour.
    let before = vendor.asked().len();
    let tenant = Tenant::new(&vendor.url, &limited("requests: 1, per: 1h"));
    let wire = tenant.list().await;
    assert_eq!(wire.status, 503, "{}", detail(&wire));
    assert!(detail(&wire).contains("its limits leave room"), "{}", detail(&wire));
    assert_eq!((logins(&vendor), vendor.asked().len()), (2, before + 1));
}

/// At the vendor's own address a token call of OAuth is one of its calls.
#[tokio::test]
async fn a_token_call_to_the_vendor_itself_has_its_turn_too() {
    let elsewhere = Vendor::start(|_, _| Reply::Json(200, json!({ "access_token": "t0" }))).await;
    let vendor = Vendor::start(|asked, _| match asked.line.as_str() {
        "POST /token" => Reply::Json(200, json!({ "access_token": "t0" })),
        _ => users(),
    })
    .await;
    for (issuer, status, asked) in [(&vendor, 503, 1), (&elsewhere, 200, 2)] {
        let auth = format!(
            "  auth: {{ oauth2: {{ grant: client_credentials, token_url: {}/token, client_id: us, \
             client_secret: \"{{tenant.secret}}\" }} }}\n  limits: {{ requests: 1, per: 1h }}",
            issuer.url
        );
        let wire = Tenant::new(&vendor.url, &auth).list().await;
        assert_eq!(wire.status, status, "{}", detail(&wire));
        assert_eq!(vendor.asked().len(), asked);
    }
}
