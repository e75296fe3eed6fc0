//! Clients that are slow, silent, greedy or wrong: each ends within its limit, with a clear answer
//! where there is one to give.

use crate::harness::{LIST, Server, Vendor, answer, get, soon, to_end};
use scimshim::server::settings::Limits;
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream};

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn who_says_nothing_or_half_is_hung_up_on() {
    let limits = Limits { first_request: SHORT, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    for sent in ["", "P", "GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bea"] {
        let mut stream = server.connect().await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        assert_eq!(to_end(&mut stream).await, "", "{sent}");
    }
}

#[tokio::test]
async fn who_stays_idle_after_a_request_is_hung_up_on() {
    let limits = Limits { idle: SHORT, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    for then in ["", "GET /scim/v2/Us"] {
        let mut stream = server.connect().await;
        stream.write_all(LIST.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await.status, 200);
        let _ = stream.write_all(then.as_bytes()).await;
        assert_eq!(to_end(&mut stream).await, "", "{then}");
    }
}

#[tokio::test]
async fn a_slow_vendor_is_not_a_silent_client() {
    let limits = Limits { idle: SHORT, first_request: SHORT, ..Limits::default() };
    let vendor = Vendor::held();
    let server = Server::one(limits, &vendor).await;
    let mut stream = server.connect().await;
    stream.write_all(LIST.as_bytes()).await.unwrap();
    soon(vendor.begun.notified()).await;
    // Another connection's whole life in silence is longer than this one's patience was.
    assert_eq!(to_end(&mut server.connect().await).await, "");
    vendor.may_end.add_permits(1);
    assert_eq!(answer(&mut stream).await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_a_408() {
    let limits = Limits { body_time: SHORT, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    let head =
        "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: t\r\ncontent-length: 10\r\n";
    let reply = server.ask(&format!("{head}\r\n{{")).await;
    assert_eq!(reply.status, 408);
    assert_eq!(reply.json()["status"], "408");
    assert_eq!(reply.headers("connection"), ["close"]);
}

#[tokio::test]
async fn what_is_too_large_is_said_so() {
    let limits = Limits { body: 1000, headers: 8192, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    let post = |length: usize| {
        format!(
            "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: t\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{}",
            "x".repeat(length)
        )
    };
    // The whole body is read and thrown away, so that a client which writes first hears of it.
    let reply = server.ask(&post(1001)).await;
    assert_eq!(reply.status, 413);
    assert!(reply.json()["detail"].as_str().unwrap().contains("1000 bytes"));
    assert_ne!(server.ask(&post(1000)).await.status, 413);

    let chunked = "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: t\r\n\
                   transfer-encoding: chunked\r\n\r\n";
    let reply = server.ask(&format!("{chunked}7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2000))).await;
    assert_eq!(reply.status, 413);
    let reply = server.ask(&format!("{chunked}zz\r\n")).await;
    assert_eq!(reply.status, 400);

    let long = get("/scim/v2/Users", &"x".repeat(9000));
    assert_eq!(server.ask(&long).await.status, 431);
}

/// What hyper refuses has no body; `deploy/limits.md` says so.
#[tokio::test]
async fn what_cannot_be_read_is_refused_without_a_body() {
    let narrow = Server::one(Limits::default(), &Vendor::prompt()).await;
    let wide =
        Server::one(Limits { headers: 1 << 20, ..Limits::default() }, &Vendor::prompt()).await;
    // The target has a `?` and as many bytes as are asked for.
    let url = |bytes: usize| {
        let target = "/scim/v2/Users?";
        get(&format!("{target}{}", "x".repeat(bytes - target.len())), "t")
    };
    let lines = |count: usize| {
        // Three are there already.
        let more: String = (3..count).map(|number| format!("x-{number}: y\r\n")).collect();
        get("/scim/v2/Users", "t").replacen("\r\n", &format!("\r\n{more}"), 1)
    };
    let lengths = get("/scim/v2/Users", "t").replacen(
        "\r\n",
        "\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
        1,
    );
    for (what, server, request, status) in [
        ("a URL within the headers", &narrow, url(30 * 1024), 200),
        ("a URL beyond them", &narrow, url(33 * 1024), 431),
        ("a URL far beyond them", &narrow, url(65_535), 431),
        ("the longest URL", &wide, url(65_534), 200),
        ("a longer one", &wide, url(65_535), 414),
        ("as many headers as there may be", &wide, lines(100), 200),
        ("one more", &wide, lines(101), 431),
        ("spaces", &narrow, get(r#"/scim/v2/Users?filter=userName eq "x""#, "t"), 400),
        ("two lengths", &narrow, lengths, 400),
    ] {
        let reply = server.ask(&request).await;
        assert_eq!(reply.status, status, "{what}");
        assert_eq!(reply.body.is_empty(), status != 200, "{what}: {}", reply.body);
    }
    for outcome in ["bad_request", "too_large"] {
        let counted = format!(r#"{{operation="-",outcome="{outcome}",tenant="-"}} 2"#);
        // The client may see its connection end a moment before the note is written.
        soon(async { while !narrow.metrics().await.contains(&counted) {} }).await;
    }
}

#[tokio::test]
async fn beyond_the_connection_limit_one_waits() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    let mut first = server.connect().await;
    first.write_all(LIST.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut first).await.status, 200);

    let mut second = server.connect().await;
    second.write_all(LIST.as_bytes()).await.unwrap();
    for _ in 0..50 {
        first.write_all(LIST.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut first).await.status, 200);
    }
    let metrics = server.metrics().await;
    assert!(metrics.contains(r#"scimshim_connections{listener="scim"} 1"#), "{metrics}");
    let answered = r#"{operation="User.search",outcome="ok",tenant="acme"} 51"#;
    assert!(metrics.contains(answered), "{metrics}");

    drop(first);
    assert_eq!(answer(&mut second).await.status, 200);
}

#[tokio::test]
async fn a_vendor_that_never_answers_is_a_504_before_the_client_gives_up() {
    let limits = Limits { request: SHORT, ..Limits::default() };
    let vendor = Vendor::held();
    let server = Server::one(limits, &vendor).await;
    let reply = server.ask(&get("/scim/v2/Users", "t")).await;
    assert!([429, 503, 504].contains(&reply.status), "{reply:?}");
    assert_eq!(reply.json()["status"], reply.status.to_string());
}

#[tokio::test]
async fn a_panic_is_a_500_and_serving_goes_on() {
    let server = Server::one(Limits::default(), &Vendor::panicking()).await;
    let mut stream = server.connect().await;
    for _ in 0..2 {
        stream.write_all(LIST.as_bytes()).await.unwrap();
        let reply = answer(&mut stream).await;
        assert_eq!(reply.status, 500);
        assert!(reply.json()["detail"].as_str().unwrap().contains("internal error"));
    }
    let metrics = server.metrics().await;
    let counted = r#"{operation="User.search",outcome="internal",tenant="acme"} 2"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_path_that_nobody_serves_is_a_scim_404() {
    let server = Server::one(Limits::default(), &Vendor::prompt()).await;
    for path in ["/", "/scimitar", "/v2/Users", "/SCIM/V2/Users"] {
        let reply = server.ask(&get(path, "t")).await;
        assert_eq!(reply.status, 404, "{path}");
        let body = reply.json();
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{path}");
        assert!(body["detail"].as_str().unwrap().contains("/scim/v2"), "{body}");
    }
}

/// RFC 9110 §15.5.6.
#[tokio::test]
async fn a_method_that_is_not_allowed_is_told_which_are() {
    let server = Server::one(Limits::default(), &Vendor::prompt()).await;
    for (method, path, allow) in [
        ("DELETE", "/Users", "GET, HEAD, POST"),
        ("PUT", "/Users/.search", "POST"),
        ("HEAD", "/Users/.search", "POST"),
        ("POST", "/Users/7", "GET, HEAD, PUT, PATCH, DELETE"),
        ("POST", "/Schemas", "GET, HEAD"),
        ("PUT", "/Groups", "GET, HEAD"),
    ] {
        let path = format!("/scim/v2{path}");
        let reply = server.ask(&get(&path, "t").replacen("GET", method, 1)).await;
        assert_eq!(reply.status, 405, "{method} {path}");
        assert_eq!(reply.body.is_empty(), method == "HEAD", "{method} {path}");
        assert_eq!(reply.headers("allow"), [allow], "{method} {path}");
    }
}

/// RFC 9112 §3.2.
#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = Server::one(Limits::default(), &Vendor::prompt()).await;
    for (version, hosts, status) in [
        ("1.1", "", 400),
        ("1.1", "host: x\r\nhost: x\r\n", 400),
        ("1.1", "host: x\r\n", 200),
        ("1.0", "", 200),
    ] {
        let head = format!("GET /scim/v2/Users HTTP/{version}\r\n{hosts}");
        let request = format!("{head}authorization: t\r\nconnection: close\r\n\r\n");
        assert_eq!(server.ask(&request).await.status, status, "{version} {hosts}");
    }
}

#[tokio::test]
async fn a_body_that_is_announced_far_too_large_is_not_asked_for() {
    let limits = Limits { body: 1000, ..Limits::default() };
    let server = Server::one(limits, &Vendor::prompt()).await;
    let reply = server
        .ask(
            "POST /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: t\r\n\
             expect: 100-continue\r\ncontent-length: 8001\r\n\r\n",
        )
        .await;
    // Without a `100 Continue` before it.
    assert_eq!(reply.status, 413, "{reply:?}");
}

#[tokio::test]
async fn a_request_has_a_name() {
    let server = Server::one(Limits::default(), &Vendor::prompt()).await;
    let named = |id: &str| {
        LIST.replace("host: x", &format!("host: x\r\nx-request-id: {id}\r\nconnection: close"))
    };
    let reply = server.ask(&named("okta-42")).await;
    assert_eq!(reply.headers("x-request-id"), ["okta-42"]);
    assert_eq!(reply.headers("cache-control"), ["no-store"]);
    let reply = server.ask(&named("two words")).await;
    assert_eq!(reply.headers("x-request-id").len(), 1);
    assert_ne!(reply.headers("x-request-id"), ["two words"]);
}

#[tokio::test]
async fn http2_is_not_guessed_on_a_plain_port() {
    let server = Server::one(Limits::default(), &Vendor::prompt()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    let text = to_end(&mut stream).await;
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
}
