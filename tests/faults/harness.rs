//! A vendor that does as it is told, and a gateway in front of it.

use scimshim::{
    app::build,
    gateway::{Arrival, Gateway, Live, serve::Asked},
    mapping,
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode, profile::Profile,
    },
    upstream::Upstream,
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};

pub const MAPPING: &str = r#"
mapping: 1
name: faulty
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
upstream:
  base_url: "{tenant.url}/api"
  auth: { bearer: { token: "{tenant.token}" } }
  timeout: 150ms
  retries: { times: 1, first: 1ms, longest: 2ms }
  limits: { scan: 100 }
  errors:
    - { when: "answer.status == 402", means: forbidden, detail: "the plan has no seats" }
    - { when: "answer.body.ok == false", means: invalid, detail: "{answer.body.why}" }
    - { when: "answer.body.none == true", means: not_found }
resources:
  User:
    key: id
    exists: record.state != 'deleted'
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      nickName: { field: nick }
      active: { field: active }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: { cursor: { param: after, next: next } } }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: change, call: "PATCH /users/{key}", record: . }
      delete: { call: "DELETE /users/{key}" }
"#;

pub const SECRET: &str = "s3cret-of-the-vendor";

/// What the vendor does with a request: bytes to write, and whether to keep silent after them.
#[derive(Clone)]
pub enum Deed {
    /// Writes this and closes.
    Write(Vec<u8>),
    /// Writes nothing and waits.
    Silence,
    /// Closes at once.
    HangUp,
}

/// An HTTP answer.
pub fn http(status: u16, headers: &str, body: &str) -> Deed {
    let length = body.len();
    Deed::Write(
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

pub fn json_answer(body: &Value) -> Deed {
    http(200, "content-type: application/json\r\n", &body.to_string())
}

pub type Script = Arc<dyn Fn(&str, usize) -> Deed + Send + Sync>;

/// A vendor that does as `script` says: it gets the request line and how many came before it.
pub struct Vendor {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    pub async fn new(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(one(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn one(mut stream: TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) {
    let mut text = Vec::new();
    while !text.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut part = [0; 4096];
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return,
            Ok(read) => text.extend(part.iter().take(read)),
        }
    }
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let before = {
        let mut log = log.lock().unwrap();
        log.push(line.clone());
        log.len() - 1
    };
    match script(&line, before) {
        Deed::Write(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Deed::Silence => std::future::pending().await,
        Deed::HangUp => {}
    }
}

/// A gateway over a vendor; what it remembers lasts as long as this.
pub struct World {
    gateway: Gateway,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

impl World {
    /// With the mapping of this page.
    pub fn new(url: &str, profile: Profile) -> Self {
        Self::of(MAPPING, url, profile)
    }

    /// The same for a client that does not wait for a second try.
    pub fn impatient(url: &str, profile: Profile) -> Self {
        Self::of(&MAPPING.replace("times: 1,", "times: 0,"), url, profile)
    }

    /// With another mapping.
    pub fn of(mapping: &str, url: &str, profile: Profile) -> Self {
        let loaded = mapping::load("faulty.yaml", mapping);
        assert!(loaded.plan.is_some(), "{:?}", loaded.findings);
        let plan = loaded.plan.unwrap();
        let variables = json!({ "url": url, "token": SECRET });
        let metrics = Arc::new(Metrics::default());
        let live = build::over("t", plan, variables, profile, &metrics, 1).unwrap();
        Self { gateway: Gateway::new("t", live, metrics.clone()), metrics }
    }

    /// With another vendor than one at a URL.
    pub fn over(mapping: &str, upstream: Arc<dyn Upstream>, profile: Profile) -> Self {
        let plan = Arc::new(mapping::load("faulty.yaml", mapping).plan.unwrap());
        let variables = Arc::new(json!({ "url": "https://v.example", "token": SECRET }));
        let live = Live { plan, upstream, variables, profile, generation: 1 };
        let metrics = Arc::new(Metrics::default());
        Self { gateway: Gateway::new("t", live, metrics.clone()), metrics }
    }

    /// One SCIM request.
    pub async fn send(&self, method: &str, path: &str, body: &Value) -> encode::Wire {
        self.send_within(Duration::from_secs(20), method, path, body).await
    }

    /// The same with only so much time.
    pub async fn send_within(
        &self,
        patience: Duration,
        method: &str,
        path: &str,
        body: &Value,
    ) -> encode::Wire {
        let live = self.gateway.live();
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let deadline = Instant::now() + patience;
        let bulk = Bulk { max_operations: 10, max_payload_size: 10_000 };
        let arrival = Arrival { now, deadline, bulk, base: "https://gw.example/scim/v2" };
        let (preconditions, dialect) = (Preconditions::default(), Dialect::default());
        let body = text.as_bytes();
        let asked = Asked { method: &method, path, query, body, preconditions, dialect };
        self.gateway.serve(&live, asked, arrival).await.0
    }
}

/// One SCIM request through a fresh gateway.
pub async fn send(
    url: &str,
    profile: Profile,
    method: &str,
    path: &str,
    body: &Value,
) -> encode::Wire {
    World::new(url, profile).send(method, path, body).await
}

/// A user with nothing but a name.
pub fn user(login: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login })
}

/// The body of a PATCH.
pub fn patch(operations: Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    })
}

pub fn detail(wire: &encode::Wire) -> String {
    let body = wire.body.as_ref().and_then(|body| body.get("detail"));
    body.and_then(Value::as_str).unwrap_or_default().to_owned()
}
