//! TLS: protocols by ALPN, its own traps, and a certificate that is renewed while serving.

use crate::harness::{Server, Vendor, exchange, get, soon, tenant, to_end, token};
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use scimshim::server::settings::{Files, Limits, Settings};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Whom a certificate is for.
const NAMES: [&str; 3] = ["localhost", "gw1.acme.example", "gw2.acme.example"];

/// A folder of the test's own, with a certificate in it; it goes when the test ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub fn files(&self) -> Files {
        Files { cert: self.0.join("tls.crt"), key: self.0.join("tls.key") }
    }

    pub fn renew(&self) -> CertifiedKey<KeyPair> {
        self.valid(1975, 4096)
    }

    /// A certificate from the first day of one year to that of another.
    fn valid(&self, from: i32, to: i32) -> CertifiedKey<KeyPair> {
        let mut parameters = CertificateParams::new(NAMES.map(str::to_owned)).unwrap();
        parameters.not_before = date_time_ymd(from, 1, 1);
        parameters.not_after = date_time_ymd(to, 1, 1);
        let signing_key = KeyPair::generate().unwrap();
        let cert = parameters.self_signed(&signing_key).unwrap();
        let made = CertifiedKey { cert, signing_key };
        std::fs::write(self.files().cert, made.cert.pem()).unwrap();
        std::fs::write(self.files().key, made.signing_key.serialize_pem()).unwrap();
        made
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn serve(folder: &Folder, limits: Limits) -> Server {
    let settings = Settings { tls: Some(folder.files()), limits, ..Settings::default() };
    Server::start(settings, vec![tenant("acme", None, token("t"), &Vendor::prompt())]).await
}

async fn shake_hands(
    server: &Server,
    trusted: &[&CertificateDer<'static>],
    protocol: &str,
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    trusted.iter().for_each(|cert| roots.add((*cert).clone()).unwrap());
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    soon(connector.connect(name, server.connect().await)).await.unwrap()
}

fn shown(stream: &TlsStream<TcpStream>) -> &CertificateDer<'static> {
    &stream.get_ref().1.peer_certificates().unwrap()[0]
}

#[tokio::test]
async fn both_protocols_are_spoken_by_alpn() {
    let folder = Folder::new("alpn");
    let made = folder.renew();
    let server = serve(&folder, Limits::default()).await;
    let mut stream = shake_hands(&server, &[made.cert.der()], "http/1.1").await;
    assert_eq!(exchange(&mut stream, &get("/scim/v2/Users", "t")).await.status, 200);

    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder()
        .tls_certs_only([root])
        .resolve("localhost", server.address)
        .no_proxy()
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/scim/v2/Users", server.address.port());
    for (token, status) in [("t", 200), ("wrong", 401)] {
        let reply = soon(client.get(&url).bearer_auth(token).send()).await.unwrap();
        assert_eq!(reply.version(), reqwest::Version::HTTP_2);
        assert_eq!(reply.status(), status);
    }
    let reply = soon(client.head(&url).bearer_auth("t").send()).await.unwrap();
    assert_eq!((reply.status().as_u16(), soon(reply.bytes()).await.unwrap().len()), (200, 0));
}

#[tokio::test]
async fn a_handshake_that_does_not_come_and_a_preface_that_says_no_more() {
    let folder = Folder::new("silence");
    let made = folder.renew();
    let short = Duration::from_millis(50);
    let server = serve(&folder, Limits { handshake: short, ..Limits::default() }).await;
    assert_eq!(to_end(&mut server.connect().await).await, "");
    let mut half = server.connect().await;
    half.write_all(&[22, 3, 1, 2]).await.unwrap();
    assert_eq!(to_end(&mut half).await, "");

    let server = serve(&folder, Limits { first_request: short, ..Limits::default() }).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    for (protocol, sent) in [("h2", &preface[..]), ("h2", b"P"), ("h2", b""), ("http/1.1", b"")] {
        let mut stream = shake_hands(&server, &[made.cert.der()], protocol).await;
        stream.write_all(sent).await.unwrap();
        stream.flush().await.unwrap();
        let _ = to_end(&mut stream).await;
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let folder = Folder::new("renewal");
    let first = folder.renew();
    let server = serve(&folder, Limits::default()).await;
    let second = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let both = [first.cert.der(), second.cert.der()];
    assert_eq!(shown(&shake_hands(&server, &both, "http/1.1").await), first.cert.der());

    // Certificate and key are written one after the other: between them they do not fit.
    // A pair that was refused is tried again when somebody asks: how often is not the point.
    let count = |result: &str| {
        format!(r#"scimshim_reloads_total{{result="{result}",tenant="-",what="certificate"}} "#)
    };
    let wait_for = async |line: String| {
        soon(async { while !server.metrics().await.contains(&line) {} }).await;
    };
    std::fs::write(folder.files().cert, second.cert.pem()).unwrap();
    server.look_again.notify_one();
    wait_for(count("refused")).await;
    assert_eq!(shown(&shake_hands(&server, &both, "http/1.1").await), first.cert.der());

    std::fs::write(folder.files().key, second.signing_key.serialize_pem()).unwrap();
    server.look_again.notify_one();
    wait_for(count("accepted")).await;
    assert_eq!(shown(&shake_hands(&server, &both, "http/1.1").await), second.cert.der());
}

#[tokio::test]
async fn a_certificate_that_is_not_valid_now_is_not_taken_up() {
    let folder = Folder::new("expiry");
    let first = folder.renew();
    let server = serve(&folder, Limits::default()).await;
    let expiry = |seconds: i64| format!("scimshim_certificate_expiry_seconds {seconds}\n");
    // The first of January 4096.
    let kept = expiry(67_090_118_400);
    assert!(server.metrics().await.contains(&kept), "{}", server.metrics().await);
    for (times, (from, to)) in [(1, (2001, 2002)), (2, (4000, 4001))] {
        folder.valid(from, to);
        server.look_again.notify_one();
        let refused = |times: usize| {
            format!(
                r#"scimshim_reloads_total{{result="refused",tenant="-",what="certificate"}} {times}"#
            )
        };
        soon(async { while !server.metrics().await.contains(&refused(times)) {} }).await;
        assert_eq!(shown(&shake_hands(&server, &[first.cert.der()], "h2").await), first.cert.der());
    }
    assert!(server.metrics().await.contains(&kept));
}

#[test]
fn what_is_wrong_with_the_files_is_said_by_name() {
    let folder = Folder::new("files");
    folder.renew();
    let load =
        || scimshim::server::tls::Tls::load(&folder.files()).map(drop).unwrap_err().to_string();
    let key = std::fs::read(folder.files().key).unwrap();
    folder.renew();
    std::fs::write(folder.files().key, key).unwrap();
    assert!(load().contains("do not fit"), "{}", load());
    std::fs::write(folder.files().key, "nothing").unwrap();
    assert!(load().contains("holds no private key"), "{}", load());
    std::fs::write(folder.files().cert, "nothing").unwrap();
    assert!(load().contains("holds no certificate"), "{}", load());
    std::fs::remove_file(folder.files().cert).unwrap();
    assert!(load().contains("tls.crt` cannot be read"), "{}", load());
}

#[tokio::test]
async fn a_handshake_under_way_does_not_hold_up_the_end() {
    let folder = Folder::new("drain-handshake");
    folder.renew();
    let hour = Duration::from_secs(3600);
    let limits = Limits { handshake: hour, drain: hour, ..Limits::default() };
    let server = serve(&folder, limits).await;
    let mut half = server.connect().await;
    half.write_all(&[22, 3, 1, 2]).await.unwrap();
    let open = r#"scimshim_connections{listener="scim"} 1"#;
    soon(async { while !server.metrics().await.contains(open) {} }).await;
    server.tell_to_stop();
    assert_eq!(to_end(&mut half).await, "");
    server.ended().await;
}

/// A client that overlooks GOAWAY: it asked once, has its answer, and then says no more, not even to
/// a PING.
#[tokio::test]
async fn an_idle_http2_connection_does_not_hold_up_the_end() {
    let folder = Folder::new("drain-idle");
    let made = folder.renew();
    let hour = Duration::from_secs(3600);
    let limits = Limits { idle: hour, drain: hour, ..Limits::default() };
    let server = serve(&folder, limits).await;
    let mut stream = shake_hands(&server, &[made.cert.der()], "h2").await;
    // Preface, empty SETTINGS, and HEADERS that end stream 1: method GET, scheme https, path /,
    // all three from HPACK's static table.
    let sent = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x03\x01\x05\0\0\0\x01\x82\x87\x84";
    stream.write_all(sent).await.unwrap();
    let answered = r#"outcome="not_found",tenant="-"} 1"#;
    soon(async { while !server.metrics().await.contains(answered) {} }).await;
    server.tell_to_stop();
    let _ = to_end(&mut stream).await;
    server.ended().await;
}
