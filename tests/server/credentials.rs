//! Who may call: every form of a credential, rotation, and tenants that share a path.

use crate::harness::{Server, Vendor, exchange, get, tenant, token};
use scimshim::server::settings::{Credentials, Digest, Limits, Password, Settings, Token};

const REQUESTS: &str = "scimshim_requests_total";

#[tokio::test]
async fn a_refusal_says_what_is_taken_here() {
    let vendor = Vendor::prompt();
    let sha256 = Digest::of(b"secret");
    let basic = Credentials {
        bearer: vec![],
        basic: vec![Password { user: "uid".to_owned(), sha256, until: None }],
    };
    let tenants = vec![
        tenant("acme", Some("/acme"), token("t"), &vendor),
        tenant("bolt", Some("/bolt"), basic.clone(), &vendor),
        // Two on one path, each with its own way.
        tenant("one", Some("/both"), token("t"), &vendor),
        tenant("other", Some("/both"), basic, &vendor),
    ];
    let server = Server::start(Settings::default(), tenants).await;
    let bearer = r#"Bearer realm="scimshim""#;
    let both = vec![bearer, r#"Basic realm="scimshim", charset="UTF-8""#];
    for (path, sent, challenges, detail) in [
        ("/acme/Users", "", vec![bearer], "no credential was sent"),
        ("/acme/Users", "Bearer wrong", vec![bearer], "not accepted"),
        ("/bolt/Users", "Bearer t", both.clone(), "not accepted"),
        ("/bolt/Users", "Basic ?", both, "cannot be read"),
        ("/acme/Nonsense", "Bearer wrong", vec![bearer], "not accepted"),
    ] {
        let reply = server.ask(&get(path, sent)).await;
        assert_eq!(reply.status, 401, "{path} {sent}");
        assert_eq!(reply.headers("www-authenticate"), challenges, "{path} {sent}");
        assert_eq!(reply.headers("content-type"), ["application/scim+json"]);
        let body = reply.json();
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(body["status"], "401");
        assert!(body["detail"].as_str().unwrap().contains(detail), "{body}");
    }
    // And the configuration of each tenant promises what it takes.
    for (path, sent, types) in [
        ("/acme", "t", vec!["oauthbearertoken"]),
        // dWlkOnNlY3JldA== is uid:secret
        ("/bolt", "Basic dWlkOnNlY3JldA==", vec!["oauthbearertoken", "httpbasic"]),
        ("/both", "t", vec!["oauthbearertoken"]),
        ("/both", "Basic dWlkOnNlY3JldA==", vec!["oauthbearertoken", "httpbasic"]),
    ] {
        let config = server.ask(&get(&format!("{path}/ServiceProviderConfig"), sent)).await.json();
        let schemes = config["authenticationSchemes"].as_array().unwrap();
        let found: Vec<_> = schemes.iter().map(|scheme| scheme["type"].as_str().unwrap()).collect();
        assert_eq!(found, types, "{path} {sent}");
    }
    let metrics = server.metrics().await;
    for line in [
        r#"scimshim_auth_failures_total{reason="missing",tenant="acme"} 1"#,
        r#"scimshim_auth_failures_total{reason="unknown",tenant="acme"} 2"#,
        r#"scimshim_auth_failures_total{reason="unknown",tenant="bolt"} 1"#,
        r#"scimshim_auth_failures_total{reason="malformed",tenant="bolt"} 1"#,
        r#"scimshim_requests_total{operation="-",outcome="unauthorized",tenant="-"} 5"#,
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn every_form_of_a_credential_is_taken() {
    let vendor = Vendor::prompt();
    let mut credentials = token("t");
    let password = Password { user: "uid".to_owned(), sha256: Digest::of(b"key"), until: None };
    credentials.basic.push(password);
    let server =
        Server::start(Settings::default(), vec![tenant("acme", None, credentials, &vendor)]).await;
    // dWlkOmtleQ== is uid:key
    for sent in
        ["Bearer t", "bearer t", "t", "Basic dWlkOmtleQ==", "Bearer dWlkOmtleQ==", "dWlkOmtleQ"]
    {
        for path in ["/scim/v2/Users", "/scim/Users", "//scim/v2//Users/"] {
            let reply = server.ask(&get(path, sent)).await;
            assert_eq!(reply.status, 200, "{path} {sent}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_token_is_changed_without_a_gap_and_ends_with_its_day() {
    let vendor = Vendor::prompt();
    let one = |token: &str, until: Option<&str>| Token {
        sha256: Digest::of(token.as_bytes()),
        until: until.map(|day| day.parse().unwrap()),
    };
    let bearer =
        vec![one("over", Some("2020-01-31")), one("old", Some("2999-12-31")), one("new", None)];
    let credentials = Credentials { bearer, basic: vec![] };
    let server =
        Server::start(Settings::default(), vec![tenant("acme", None, credentials, &vendor)]).await;
    for (token, status) in [("over", 401), ("old", 200), ("new", 200)] {
        assert_eq!(server.ask(&get("/scim/v2/Users", token)).await.status, status, "{token}");
    }
    let metrics = server.metrics().await;
    let line = r#"scimshim_auth_failures_total{reason="expired",tenant="acme"} 1"#;
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn who_guesses_waits_and_nobody_else_does() {
    let vendor = Vendor::prompt();
    let hour = std::time::Duration::from_secs(3600);
    let settings =
        Settings { limits: Limits { refusal: hour, ..Limits::default() }, ..Settings::default() };
    let server = Server::start(settings, vec![tenant("acme", None, token("t"), &vendor)]).await;
    let (wrong, none, right) =
        (get("/scim/v2/Users", "guess"), get("/scim/v2/Users", ""), get("/scim/v2/Users", "t"));
    tokio::select! {
        biased;
        reply = server.ask(&wrong) => panic!("a guess is answered at once: {reply:?}"),
        () = async {
            assert_eq!(server.ask(&right).await.status, 200);
            assert_eq!(server.ask(&none).await.status, 401);
        } => {}
    }
}

/// AC-3: one URL for everybody, the token says whose people are meant.
#[tokio::test]
async fn tenants_at_one_path_are_told_apart_by_token() {
    let vendor = Vendor::prompt();
    let tenants = vec![
        tenant("acme", None, token("a"), &vendor),
        tenant("bolt", None, token("b"), &vendor),
        tenant("cord", Some("/cord/scim"), token("c"), &vendor),
    ];
    let server = Server::start(Settings::default(), tenants).await;
    for (path, token, status) in [
        ("/scim/v2/Users", "a", 200),
        ("/scim/v2/Users", "b", 200),
        ("/scim/v2/Users", "c", 401),
        ("/cord/scim/Users", "c", 200),
        ("/cord/scim/Users", "a", 401),
    ] {
        assert_eq!(server.ask(&get(path, token)).await.status, status, "{path} {token}");
    }
    let metrics = server.metrics().await;
    for tenant in ["acme", "bolt", "cord"] {
        let line =
            format!(r#"{REQUESTS}{{operation="User.search",outcome="ok",tenant="{tenant}"}} 1"#);
        assert!(metrics.contains(&line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn the_operators_metrics_ask_for_no_clients_token() {
    let server = Server::one(Default::default(), &Vendor::prompt()).await;
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/", 404),
        ("/scim/v2/Users", 404),
    ] {
        let mut stream = tokio::net::TcpStream::connect(server.admin).await.unwrap();
        let reply = exchange(&mut stream, &get(path, "")).await;
        assert_eq!(reply.status, status, "{path}");
    }
    let mut stream = tokio::net::TcpStream::connect(server.admin).await.unwrap();
    let reply = exchange(&mut stream, &get("/healthz", "").replacen("GET", "HEAD", 1)).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    let mut stream = tokio::net::TcpStream::connect(server.admin).await.unwrap();
    let reply = exchange(&mut stream, &get("/healthz", "").replacen("GET", "POST", 1)).await;
    assert_eq!((reply.status, reply.headers("allow")), (405, vec!["GET, HEAD"]));
    // And the clients' listener knows nothing of the operators.
    assert_eq!(server.ask(&get("/metrics", "Bearer t")).await.status, 404);
}
