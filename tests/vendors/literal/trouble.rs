//! Each kind of trouble over a socket, by what comes and how the connection ends.

use super::wire::{converse, open, send, written};
use crate::fakes::{
    acall::{Acall, TOKEN},
    carbon_voice::CarbonVoice,
    dialpad::{self, Dialpad, LONDON},
    envoy::Envoy,
    playvox::Playvox,
    route::Vendor,
    server::Fake,
    trouble::{Fault, Gate, Trouble},
};
use serde_json::json;
use std::io::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const HEADERS: [(&str, &str); 2] =
    [("authorization", "Bearer acall-token-of-one"), ("content-type", "application/json")];
const BODY: &str = r#"{"email": "kei@acme.example", "family_name": "Mori", "given_name": "Kei"}"#;
const CREATE: &str = "POST /v1/users";

async fn in_trouble(trouble: Trouble) -> Fake<Acall> {
    let acall = Acall::start().await;
    acall.trouble(trouble);
    acall
}

fn created(acall: &Fake<Acall>) -> bool {
    acall.state().user("kei@acme.example").is_some()
}

#[tokio::test]
async fn an_answer_in_place_of_the_vendors_own() {
    let refused = r#"{"code":"trouble","message":"this was not done"}"#;
    let teapot = || Fault::Answer(418, vec![("x-brew", "tea".to_owned())], "short".to_owned());
    for (fault, status, media, header, body) in [
        (Fault::Status(500), 500, "application/json", None, refused),
        (Fault::Denied, 200, "application/json", None, refused),
        (Fault::TooMany(Some("7")), 429, "application/json", Some(("retry-after", "7")), refused),
        (Fault::Html, 200, "text/html", None, "<!DOCTYPE html><title>Sign in</title><p>Sign in"),
        (teapot(), 418, "application/json", Some(("x-brew", "tea")), "short"),
    ] {
        for worked in [false, true] {
            let trouble = Trouble::on(CREATE, fault.clone());
            let acall = in_trouble(if worked { trouble.after_the_work() } else { trouble }).await;
            let answer = send(acall.url(), CREATE, &HEADERS, BODY).await;
            assert_eq!((answer.status, answer.body()), (status, body), "{fault:?}");
            assert_eq!(answer.header("content-type"), Some(media), "{fault:?}");
            if let Some((name, value)) = header {
                assert_eq!(answer.header(name), Some(value), "{fault:?}");
            }
            assert_eq!(created(&acall), worked, "{fault:?}");
        }
    }
}

/// The shapes are the vendors'.
#[tokio::test]
async fn each_vendor_is_in_trouble_in_its_own_words() {
    async fn told<V: Vendor>(vendor: Fake<V>, status: u16) -> (serde_json::Value, String) {
        vendor.trouble(Trouble::on("GET /any/*", Fault::Status(status)));
        let answer = send(vendor.url(), "GET /any/thing", &[], "").await;
        assert_eq!(answer.status, status);
        (answer.json(), answer.text)
    }
    let words = "this was not done";
    let dialpad = told(Dialpad::start().await, 503).await.0;
    assert_eq!(dialpad, json!({ "error": { "code": 503, "message": words } }));
    let playvox = told(Playvox::start().await, 503).await.0;
    assert_eq!(playvox, json!({ "success": false, "message": words }));
    let envoy = told(Envoy::start().await, 503).await.0;
    assert_eq!(envoy["errors"][0]["status"], "503");
    let voice = CarbonVoice::start().await;
    voice.state().reset = 30;
    let (told_so, text) = told(voice, 429).await;
    assert_eq!((&told_so["success"], &told_so["errmsg"]), (&json!(false), &json!(words)));
    for header in ["limit: 600", "remaining: 0", "reset: 30"] {
        assert!(text.contains(&format!("x-ratelimit-{header}\r\n")), "{text}");
    }
    let playvox = Playvox::start().await;
    playvox.state().reset = 1_800_000_000;
    playvox.trouble(Trouble::on("GET /any", Fault::TooMany(None)));
    let answer = send(playvox.url(), "GET /any", &[], "").await;
    let headers = ["x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
    let found = headers.map(|name| answer.header(name));
    assert_eq!(found, [Some("0"), Some("1800000000"), None]);
}

#[tokio::test]
async fn each_fault_is_one_and_leaves_the_work_done_or_not() {
    for fault in Fault::each() {
        let acall = in_trouble(Trouble::on(CREATE, fault.clone())).await;
        if let Fault::Delay(gate) | Fault::Drip(gate) = &fault {
            gate.open();
        }
        let (text, _) = converse(acall.url(), &written(CREATE, &HEADERS, BODY)).await;
        assert_eq!(created(&acall), fault.answers(), "{fault:?}: {text}");
        let whole = text.ends_with(r#""retired":0,"role":"general"}"#);
        let late = matches!(fault, Fault::Delay(_) | Fault::Drip(_) | Fault::Unfiltered);
        assert_eq!(whole, late, "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn a_reset_is_one_and_tells_nothing() {
    for worked in [false, true] {
        let trouble = Trouble::on(CREATE, Fault::Reset);
        let acall = in_trouble(if worked { trouble.after_the_work() } else { trouble }).await;
        let (text, end) = converse(acall.url(), &written(CREATE, &HEADERS, BODY)).await;
        assert_eq!(text, "");
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(created(&acall), worked);
    }
}

#[tokio::test]
async fn half_a_body_is_half() {
    let acall = in_trouble(Trouble::on(CREATE, Fault::HalfBody).nth(1)).await;
    let (text, _) = converse(acall.url(), &written(CREATE, &HEADERS, BODY)).await;
    let whole = acall.state().user("kei@acme.example").unwrap().to_string();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
    assert_eq!(body, &whole[..whole.len() / 2]);
}

#[tokio::test]
async fn a_drip_comes_byte_by_byte() {
    let gate = Gate::shut();
    let acall = in_trouble(Trouble::on(CREATE, Fault::Drip(gate.clone()))).await;
    let mut stream = open(acall.url()).await;
    stream.write_all(written(CREATE, &HEADERS, BODY).as_bytes()).await.unwrap();
    gate.arrived().await;
    let mut came = String::new();
    while !came.ends_with("\r\n\r\n") {
        came.push(char::from(stream.read_u8().await.unwrap()));
    }
    for expected in ['{', '"'] {
        gate.let_through(1);
        assert_eq!(char::from(stream.read_u8().await.unwrap()), expected);
    }
    gate.open();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    let whole = acall.state().user("kei@acme.example").unwrap().to_string();
    assert_eq!(format!("{{\"{rest}"), whole);
}

#[tokio::test]
async fn a_delayed_call_waits_at_the_gate_before_anything_is_done() {
    let gate = Gate::shut();
    let acall = in_trouble(Trouble::on(CREATE, Fault::Delay(gate.clone()))).await;
    let url = acall.url().to_owned();
    let asked = tokio::spawn(async move { send(&url, CREATE, &HEADERS, BODY).await.status });
    gate.arrived().await;
    assert_eq!(acall.lines(), [CREATE]);
    assert!(!created(&acall));
    // Others are served meanwhile.
    assert_eq!(send(acall.url(), "GET /v1/users", &HEADERS, "").await.status, 200);
    gate.let_through(1);
    assert_eq!(asked.await.unwrap(), 201);
    assert!(created(&acall));
}

#[tokio::test]
async fn a_delayed_answer_waits_at_the_gate_when_all_is_done() {
    let gate = Gate::shut();
    let trouble = Trouble::on(CREATE, Fault::Delay(gate.clone())).after_the_work();
    let acall = in_trouble(trouble).await;
    let url = acall.url().to_owned();
    let asked = tokio::spawn(async move { send(&url, CREATE, &HEADERS, BODY).await.status });
    gate.arrived().await;
    assert!(created(&acall));
    gate.open();
    assert_eq!(asked.await.unwrap(), 201);
}

#[tokio::test]
async fn what_is_asked_is_done_although_the_caller_is_gone() {
    let gate = Gate::shut();
    let acall = in_trouble(Trouble::on(CREATE, Fault::Delay(gate.clone()))).await;
    let mut stream = open(acall.url()).await;
    stream.write_all(written(CREATE, &HEADERS, BODY).as_bytes()).await.unwrap();
    gate.arrived().await;
    drop(stream);
    // The vendor sees that before it goes on.
    assert_eq!(send(acall.url(), "GET /v1/users/1", &HEADERS, "").await.status, 404);
    gate.open();
    while !created(&acall) {
        tokio::task::yield_now().await;
    }
}

/// A vendor that overlooks a filter shows everybody.
#[tokio::test]
async fn an_overlooked_filter_shows_everybody() {
    async fn shown<V: Vendor>(vendor: &Fake<V>, request: &str, token: &str, body: &str) -> String {
        let path = request.split('?').next().unwrap();
        vendor.trouble(Trouble::on(path, Fault::Unfiltered));
        let headers = [("authorization", token), ("content-type", "application/json")];
        let answer = send(vendor.url(), request, &headers, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    }
    let acall = Acall::start().await;
    acall.state().put(TOKEN, "kei@acme.example", "Mori", "Kei");
    let text = shown(&acall, "GET /v1/users?email=no@b.example", HEADERS[0].1, "").await;
    assert!(text.contains("kei@acme.example"), "{text}");

    let voice = CarbonVoice::start().await;
    let token = "Bearer cv_pat_of-the-gateway";
    let text = shown(&voice, "GET /simplified/users/search?email=no@b.example", token, "").await;
    assert!(text.contains("admin@acme.example"), "{text}");
    let body = r#"{"emails": ["no@b.example"]}"#;
    let text = shown(&voice, "POST /simplified/users/search", token, body).await;
    assert!(text.contains("admin@acme.example"), "{text}");

    let dialpad = Dialpad::start().await;
    dialpad.state().put("kei@acme.example", "Kei", "Mori", LONDON);
    let token = format!("Bearer {}", dialpad::KEY);
    for request in
        ["GET /api/v2/users?email=no@b.example", "GET /api/v2/users?state=suspended&number=1"]
    {
        let text = shown(&dialpad, request, &token, "").await;
        assert!(text.contains("kei@acme.example"), "{text}");
    }
    let text = shown(&dialpad, "GET /api/v2/callcenters?name_search=x", &token, "").await;
    assert!(text.contains("Support"), "{text}");

    let envoy = Envoy::start().await;
    envoy.state().put("Kei Mori", "kei@acme.example", &[]);
    let request = "GET /api/v3/employees?filter[email]=no@b.example";
    let text = shown(&envoy, request, "Bearer envoy-token", "").await;
    assert!(text.contains("kei@acme.example"), "{text}");

    let playvox = Playvox::start().await;
    playvox.state().put("kei@acme.example", "Kei", "Mori");
    let token = format!("Basic {}", crate::fakes::playvox::BASE64_KEY);
    let request = "GET /api/v1/users?query=%7B%22email%22%3A%22no%40b.example%22%7D";
    let text = shown(&playvox, request, &token, "").await;
    assert!(text.contains("kei@acme.example"), "{text}");
}

#[tokio::test]
async fn trouble_strikes_the_calls_that_it_is_told() {
    let struck = async |trouble: fn(Trouble) -> Trouble, call: &str| {
        let acall = in_trouble(trouble(Trouble::on(call, Fault::Status(503)))).await;
        let mut statuses = Vec::new();
        for request in ["GET /v1/users", "GET /v1/users?page=1", "GET /v1/users", "GET /v1/users/7"]
        {
            statuses.push(send(acall.url(), request, &HEADERS, "").await.status);
        }
        acall.no_more_trouble();
        statuses.push(send(acall.url(), "GET /v1/users", &HEADERS, "").await.status);
        statuses
    };
    assert_eq!(struck(|all| all, "GET /v1/users").await, [503, 503, 503, 404, 200]);
    assert_eq!(struck(|all| all.nth(2), "GET /v1/users").await, [200, 503, 200, 404, 200]);
    assert_eq!(struck(|all| all.first(2), "GET /v1/users").await, [503, 503, 200, 404, 200]);
    assert_eq!(struck(|all| all, "GET /v1/users/*").await, [200, 200, 200, 503, 200]);
    assert_eq!(struck(|all| all, "POST /v1/users").await, [200, 200, 200, 404, 200]);

    // Of two, the first that was told; both count.
    let acall = in_trouble(Trouble::on("GET /v1/users", Fault::Status(500)).nth(1)).await;
    acall.trouble(Trouble::on("GET /v1/users", Fault::Status(502)).first(2));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(send(acall.url(), "GET /v1/users", &HEADERS, "").await.status);
    }
    assert_eq!(statuses, [500, 502, 200]);
}

#[tokio::test]
async fn every_call_is_logged_as_it_came() {
    let acall = in_trouble(Trouble::on(CREATE, Fault::Reset).nth(1)).await;
    let _ = converse(acall.url(), &written(CREATE, &HEADERS, BODY)).await;
    send(acall.url(), "GET /v1/users?email=k%2Bi%40acme.example&page=1", &HEADERS, "").await;
    send(acall.url(), "POST /v1/users/a%2Fb/retire", &HEADERS[..1], "").await;
    assert_eq!(
        acall.lines(),
        [
            "POST /v1/users",
            "GET /v1/users?email=k%2Bi%40acme.example&page=1",
            "POST /v1/users/a%2Fb/retire",
        ]
    );
    let calls = acall.calls();
    assert_eq!(calls[0].json()["email"], "kei@acme.example");
    assert_eq!(calls[0].header("Content-Type"), Some("application/json"));
    assert_eq!(calls[0].credential("bearer"), Some("acall-token-of-one"));
    assert_eq!(calls[1].asked("email"), Some("k+i@acme.example"));
    assert_eq!(calls[1].json(), serde_json::Value::Null);
    assert_eq!(calls[2].segments(), ["", "v1", "users", "a/b", "retire"]);
    acall.forget();
    assert_eq!(acall.lines(), [""; 0]);
}
