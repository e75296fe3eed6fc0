//! Tenants that are told apart by the host of the request, where they share a path.

use crate::{
    harness::{Server, Vendor, exchange, get, soon, tenant, token},
    tls::Folder,
};
use reqwest::{Certificate, StatusCode};
use scimshim::server::{endpoint::Tenant, settings::Settings};

const LIST: &str = "/scim/v2/Users";

/// `one` at gw1, `two` at gw2, and `all` at every host.
fn tenants() -> Vec<Tenant> {
    let at = |name: &str, host: Option<&str>| {
        let host = host.map(str::to_owned);
        Tenant { host, ..tenant(name, Some("/scim/v2"), token(name), &Vendor::prompt()) }
    };
    vec![at("one", Some("gw1.acme.example")), at("two", Some("GW2.acme.example")), at("all", None)]
}

/// A GET as `get` makes it, of another host and with another line in its head.
fn asks(host: &str, token: &str, more: &str) -> String {
    get(LIST, &format!("Bearer {token}")).replace("host: x\r\n", &format!("host: {host}\r\n{more}"))
}

#[tokio::test]
async fn a_request_reaches_the_tenant_of_its_host() {
    let server = Server::start(Settings::default(), tenants()).await;
    for (host, token, status) in [
        ("gw1.acme.example", "one", 200),
        ("gw1.acme.example", "two", 401),
        ("gw1.acme.example", "all", 401),
        ("GW1.ACME.example.:8443", "one", 200),
        ("gw2.acme.example", "two", 200),
        ("gw2.acme.example", "one", 401),
        ("gw3.acme.example", "all", 200),
        ("gw3.acme.example", "one", 401),
        ("gw1.acme.example.evil.example", "one", 401),
        ("", "all", 200),
    ] {
        let reply = server.ask(&asks(host, token, "")).await;
        assert_eq!(reply.status, status, "{host} {token}: {}", reply.body);
    }
}

/// RFC 9112 §3.2, §3.2.2.
#[tokio::test]
async fn a_host_is_the_requests_own_word() {
    let server = Server::start(Settings::default(), tenants()).await;
    let one = "gw1.acme.example";
    for (more, status) in [
        ("x-forwarded-host: gw2.acme.example\r\n", 200),
        ("forwarded: host=gw2.acme.example\r\n", 200),
        ("host: gw1.acme.example\r\n", 400),
        ("host: gw2.acme.example\r\n", 400),
    ] {
        let reply = server.ask(&asks(one, "one", more)).await;
        assert_eq!(reply.status, status, "{more}: {}", reply.body);
    }
    for host in ["user@gw1.acme.example", "gw1.acme.example/x", "gw1 acme"] {
        let reply = server.ask(&asks(host, "one", "")).await;
        assert_eq!(reply.status, 400, "{host}");
        assert_eq!(reply.headers("connection"), ["close"]);
    }
    let without = get(LIST, "Bearer one").replace("host: x\r\n", "");
    assert_eq!(server.ask(&without).await.status, 400);
    // A whole address counts, and not the header beside it.
    let whole = asks("gw2.acme.example", "one", "").replace(LIST, &format!("http://{one}{LIST}"));
    assert_eq!(server.ask(&whole).await.status, 200);
}

#[tokio::test]
async fn who_has_a_host_is_not_found_at_another() {
    let mut tenants = tenants();
    tenants.truncate(2);
    let server = Server::start(Settings::default(), tenants).await;
    for host in ["gw3.acme.example", "x", ""] {
        let reply = server.ask(&asks(host, "one", "")).await;
        assert_eq!(reply.status, 404, "{host}: {}", reply.body);
        assert!(reply.json()["detail"].as_str().unwrap().contains("`host`"), "{}", reply.body);
    }
}

/// The public URL of the harness is `https://gw.example`.
#[tokio::test]
async fn a_location_has_the_tenants_own_host() {
    let server = Server::start(Settings::default(), tenants()).await;
    for (host, token, begin) in [
        ("gw1.acme.example:8443", "one", "https://gw1.acme.example/scim/v2"),
        ("gw2.acme.example", "two", "https://gw2.acme.example/scim/v2"),
        ("gw3.acme.example", "all", "https://gw.example/scim/v2"),
    ] {
        let request = asks(host, token, "").replace(LIST, "/scim/v2/ResourceTypes/User");
        let mut stream = server.connect().await;
        let reply = exchange(&mut stream, &request).await;
        let expected = format!("{begin}/ResourceTypes/User");
        assert_eq!(reply.json()["meta"]["location"], expected, "{}", reply.body);
    }
}

/// `:authority` is the host of HTTP/2 (RFC 9113 §8.3.1).
#[tokio::test]
async fn http_2_says_its_host_in_its_own_way() {
    let folder = Folder::new("hosts");
    let made = folder.renew();
    let settings = Settings { tls: Some(folder.files()), ..Settings::default() };
    let server = Server::start(settings, tenants()).await;
    let hosts = ["gw1.acme.example", "gw2.acme.example", "localhost"];
    let root = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let mut client = reqwest::Client::builder().tls_certs_only([root]).no_proxy();
    for host in hosts {
        client = client.resolve(host, server.address);
    }
    let client = client.build().unwrap();
    for (host, token) in hosts.into_iter().zip(["one", "two", "all"]) {
        for other in ["one", "two", "all"] {
            let url = format!("https://{host}:{}{LIST}", server.address.port());
            let reply = soon(client.get(&url).bearer_auth(other).send()).await.unwrap();
            assert_eq!(reply.version(), reqwest::Version::HTTP_2);
            let expected = if other == token { 200 } else { 401 };
            assert_eq!(reply.status().as_u16(), expected, "{host} {other}");
        }
        let url = format!("https://{host}:{}{LIST}", server.address.port());
        let two = client.get(&url).bearer_auth(token).header("host", "gw9.acme.example");
        let reply = soon(two.send()).await.unwrap();
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{host}: it names two");
    }
}
