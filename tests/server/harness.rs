//! A whole process on ports of its own: tenants, a vendor that does as it is told, and raw clients.

use scimshim::{
    app::{App, config::Config},
    gateway::{Gateway, Live},
    metrics::Metrics,
    scim::profile::Profile,
    server::{
        endpoint::Tenant,
        settings::{Credentials, Digest, Limits, Settings, Token},
    },
    upstream::{Answer, Call, Error, Upstream, call::Pending},
};
use std::{collections::BTreeMap, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::{Notify, Semaphore},
    task::JoinHandle,
    time::{Instant, timeout},
};

const MAPPING: &str = r#"
mapping: 1
name: test
evidence: assumed
tenant:
  token: { type: text, secret: true }
upstream:
  base_url: https://vendor.example
  auth: { bearer: { token: "{tenant.token}" } }
resources:
  User:
    key: id
    attributes:
      userName: { field: email, only: create }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: . }
      delete: { call: "DELETE /users/{key}" }
"#;

/// Nothing under test takes longer than this, on any machine; it only ends a test that hangs.
pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), future).await.expect("it never happened")
}

/// A vendor that answers an empty list when it may.
pub struct Vendor {
    /// A call has begun.
    pub begun: Notify,
    /// As many calls may end.
    pub may_end: Semaphore,
    panics: bool,
}

impl Vendor {
    pub fn prompt() -> Arc<Self> {
        Self::new(Semaphore::MAX_PERMITS, false)
    }
    pub fn held() -> Arc<Self> {
        Self::new(0, false)
    }
    pub fn panicking() -> Arc<Self> {
        Self::new(Semaphore::MAX_PERMITS, true)
    }
    fn new(permits: usize, panics: bool) -> Arc<Self> {
        Arc::new(Self { begun: Notify::new(), may_end: Semaphore::new(permits), panics })
    }
}

impl Upstream for Vendor {
    fn call<'a>(&'a self, _: &'a Call, _: u32, _: Instant) -> Pending<'a, Result<Answer, Error>> {
        Box::pin(async {
            self.begun.notify_one();
            self.may_end.acquire().await.expect("never closed").forget();
            assert!(!self.panics, "the vendor's client panics");
            let body = serde_json::json!([]);
            Ok(Answer { status: 200, body, ..Answer::default() })
        })
    }
    fn wait<'a>(&'a self, _: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}

pub fn tenant(
    name: &str,
    path: Option<&str>,
    credentials: Credentials,
    vendor: &Arc<Vendor>,
) -> Tenant {
    tenant_of(MAPPING, name, path, credentials, vendor.clone())
}

/// The same with another mapping and another vendor.
pub fn tenant_of(
    mapping: &str,
    name: &str,
    path: Option<&str>,
    credentials: Credentials,
    vendor: Arc<dyn Upstream>,
) -> Tenant {
    let loaded = scimshim::mapping::load("test.yaml", mapping);
    let plan = Arc::new(loaded.plan.expect("the test's mapping is sound"));
    let variables = Arc::new(serde_json::json!({ "token": "t0ken" }));
    let live = Live::new(plan, vendor, variables, Profile::Okta, 1);
    Tenant {
        name: name.into(),
        path: path.map(str::to_owned),
        host: None,
        clients: BTreeMap::from([("okta".to_owned(), credentials)]),
        gateway: Arc::new(Gateway::new(name, live, Arc::default())),
    }
}

pub fn token(token: &str) -> Credentials {
    let sha256 = Digest::of(token.as_bytes());
    Credentials { bearer: vec![Token { sha256, until: None }], basic: vec![] }
}

/// A running process; it stops when it is told or dropped.
pub struct Server {
    pub address: SocketAddr,
    pub admin: SocketAddr,
    stop: Arc<Notify>,
    pub look_again: Arc<Notify>,
    run: JoinHandle<()>,
}

impl Server {
    pub async fn start(settings: Settings, tenants: Vec<Tenant>) -> Self {
        let mut config = Config { server: settings, ..Config::default() };
        config.server.listen.set_port(0);
        config.admin.listen.set_port(0);
        config.public_url = Some("https://gw.example/".to_owned());
        // Only when it is asked.
        config.reload.every = Duration::from_secs(3600);
        let metrics = Arc::new(Metrics::default());
        let app = App::over(&config, tenants, vec![], metrics).await.expect("it starts");
        let (address, admin) = (app.address(), app.admin_address());
        let (stop, look_again) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (stopped, looked) = (stop.clone(), look_again.clone());
        let run = tokio::spawn(async move {
            app.run(async { stopped.notified().await }, || async { looked.notified().await }).await;
        });
        Self { address, admin, stop, look_again, run }
    }

    /// One tenant `acme` whose token is `t`, over `vendor`.
    pub async fn one(limits: Limits, vendor: &Arc<Vendor>) -> Self {
        let settings = Settings { limits, ..Settings::default() };
        Self::start(settings, vec![tenant("acme", None, token("t"), vendor)]).await
    }

    pub fn tell_to_stop(&self) {
        self.stop.notify_one();
    }

    pub async fn ended(self) {
        soon(self.run).await.expect("it ends without a panic");
    }

    pub async fn connect(&self) -> TcpStream {
        soon(TcpStream::connect(self.address)).await.expect("it listens")
    }

    /// Sends one request and reads the answer to the connection's end.
    pub async fn ask(&self, request: &str) -> Reply {
        let mut stream = self.connect().await;
        exchange(&mut stream, request).await
    }

    pub async fn metrics(&self) -> String {
        let mut stream = soon(TcpStream::connect(self.admin)).await.expect("it listens");
        exchange(&mut stream, "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .body
    }
}

/// A GET with a credential, after which the connection ends.
pub fn get(path: &str, authorization: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\nconnection: close\r\n\r\n"
    )
}

/// A GET with the token of [`Server::one`] on a connection that stays.
pub const LIST: &str = "GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer t\r\n\r\n";

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// All values of a header; its name is lower case.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.to_lowercase() == name).map(|(_, value)| value).collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn parse(text: &str) -> Self {
        let (head, body) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {text:?}"));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status: {head}"));
        Self { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// Sends one request and reads to the end of the connection.
pub async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> Reply {
    soon(stream.write_all(request.as_bytes())).await.expect("it is taken");
    Reply::parse(&to_end(stream).await)
}

/// What comes until the server closes.
pub async fn to_end(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut text = vec![];
    // A reset is an end as well: the server had no more to say.
    let _ = soon(stream.read_to_end(&mut text)).await;
    String::from_utf8_lossy(&text).into_owned()
}

/// One answer with a `Content-Length` on a connection that stays open.
pub async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Reply {
    let mut text = vec![];
    loop {
        let byte = soon(stream.read_u8()).await.expect("an answer comes");
        text.push(byte);
        if text.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let mut reply = Reply::parse(&String::from_utf8(text).expect("headers are text"));
    let length = reply.headers("content-length").first().and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    soon(stream.read_exact(&mut body)).await.expect("a body comes");
    reply.body = String::from_utf8(body).expect("JSON is text");
    reply
}
