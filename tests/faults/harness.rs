//! A vendor that does as it is told, and a gateway in front of it.

use scimshim::{
    app::build,
    gateway::{
        Arrival, Caller, Gateway, Live, Trace, made,
        outlet::{Outlet, Pieces},
        serve::Asked,
    },
    mapping,
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode, profile::Profile,
    },
    store::{Store, sqlite::Sqlite},
    upstream::{
        self, Answer, Call, Upstream,
        call::{Body, Pending},
    },
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
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
        let live = Live::new(plan, upstream, variables, profile, 1);
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
        let sent = Sent { method, path, body, patience, ..Sent::get("") };
        sent.through(&self.gateway, None).await.0
    }

    /// One SCIM request whose client takes a long list while it is made, as `take` does.
    pub async fn stream<T: Default>(
        &self,
        sent: Sent<'_>,
        take: impl AsyncFnOnce(Pieces) -> T,
    ) -> Streaming<T> {
        stream(&self.gateway, sent, take).await
    }
}

async fn stream<T: Default>(
    gateway: &Gateway,
    sent: Sent<'_>,
    take: impl AsyncFnOnce(Pieces) -> T,
) -> Streaming<T> {
    let (told, opened) = mpsc::unbounded_channel();
    let open = move |pieces| told.send(pieces).unwrap();
    let made = async move {
        let open = open;
        let outlet = Outlet { open: &open, idle: IDLE, each: sent.patience };
        sent.through(gateway, Some(outlet)).await
    };
    let taken = async move {
        let mut opened = opened;
        match opened.recv().await {
            Some(pieces) => take(pieces).await,
            None => T::default(),
        }
    };
    let ((wire, trace), taken) = tokio::join!(made, taken);
    Streaming { wire, trace, taken }
}

/// A client that takes nothing for so long is gone.
pub const IDLE: Duration = Duration::from_secs(60);

/// A request, and what it is allowed.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a Value,
    pub dialect: Dialect,
    pub patience: Duration,
    pub list_results: usize,
}

impl<'a> Sent<'a> {
    pub fn get(path: &'a str) -> Self {
        let (dialect, patience) = (Dialect::V2, Duration::from_secs(20));
        Self { method: "GET", path, body: &Value::Null, dialect, patience, list_results: 100_000 }
    }

    async fn through(self, gateway: &Gateway, outlet: Option<Outlet<'_>>) -> (encode::Wire, Trace) {
        let live = gateway.live();
        let Sent { method, path, body, dialect, patience, list_results } = self;
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let deadline = Instant::now() + patience;
        let bulk = Bulk { max_operations: 10, max_payload_size: 10_000 };
        let base = "https://gw.example/scim/v2";
        let make = made::at_random;
        let arrival = Arrival {
            now,
            make,
            deadline,
            bulk,
            list_results,
            authentication: &[],
            base,
            caller: Caller::default(),
        };
        let (preconditions, body) = (Preconditions::default(), text.as_bytes());
        let asked = Asked { method: &method, path, query, body, preconditions, dialect };
        Box::pin(gateway.serve_through(outlet, &live, asked, arrival)).await
    }
}

/// What came of it.
pub struct Streaming<T> {
    pub wire: encode::Wire,
    pub trace: Trace,
    pub taken: T,
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

/// The beginning of a path, and what happens when it is written.
type Happening = (&'static str, Box<dyn FnOnce() -> Pending<'static, ()> + Send>);

/// A vendor with a table of people, in this process.
#[derive(Clone, Default)]
pub struct Table {
    people: Arc<Mutex<Vec<(String, Value)>>>,
    told: Arc<Mutex<String>>,
    /// Its search does not show who is inactive.
    pub hides_inactive: bool,
    /// Happens as soon as the next write is taken.
    happens: Arc<Mutex<Option<Happening>>>,
}

impl Table {
    /// All calls since the last look, with their bodies.
    pub fn told(&self) -> String {
        self.told.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.told.lock().unwrap().clear();
    }

    pub fn records(&self) -> usize {
        self.people.lock().unwrap().len()
    }

    pub fn put(&self, id: &str, record: Value) {
        let mut people = self.people.lock().unwrap();
        people.retain(|(key, _)| key != id);
        people.push((id.to_owned(), record));
    }

    /// Ends one behind everybody's back.
    pub fn lose(&self, id: &str) {
        self.people.lock().unwrap().retain(|(key, _)| key != id);
    }

    pub fn is_active(&self, id: &str) -> bool {
        let people = self.people.lock().unwrap();
        people.iter().any(|(key, record)| key == id && record["active"] == json!(true))
    }

    pub fn after_create(&self, store: Arc<dyn Store>) {
        self.when_taken("/users", move || Box::pin(async move { store.close().await.unwrap() }));
    }

    pub fn after_next_write(&self, store: Arc<dyn Store>) {
        self.when_taken("", move || Box::pin(async move { store.close().await.unwrap() }));
    }

    /// As soon as the next write below this path is taken.
    pub fn when_taken(
        &self,
        path: &'static str,
        happens: impl FnOnce() -> Pending<'static, ()> + Send + 'static,
    ) {
        *self.happens.lock().unwrap() = Some((path, Box::new(happens)));
    }

    fn answer(&self, call: &Call) -> (u16, Value) {
        let mut people = self.people.lock().unwrap();
        let parts: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
        let of = |key: &str, name: &str, record: &Value| {
            call.query
                .iter()
                .find(|(known, _)| known == key)
                .is_none_or(|(_, value)| record[name] == **value)
        };
        let (id, verb) = (parts.get(1).copied(), parts.get(2).copied());
        let Some(id) = id else {
            if call.method == http::Method::GET {
                let hidden =
                    |record: &Value| self.hides_inactive && record["active"] == json!(false);
                let found: Vec<Value> = people
                    .iter()
                    .map(|(_, record)| record.clone())
                    .filter(|record| of("login", "login", record) && !hidden(record))
                    .collect();
                return (200, json!({ "total": found.len(), "users": found }));
            }
            let mut record = body(call);
            let id = 100 + people.len();
            record.as_object_mut().unwrap().insert("id".to_owned(), json!(id));
            people.push((id.to_string(), record.clone()));
            return (201, record);
        };
        let Some(at) = people.iter().position(|(key, _)| key == id) else {
            return (404, json!({}));
        };
        if call.method == http::Method::DELETE {
            people.remove(at);
            return (204, Value::Null);
        }
        let record = &mut people.get_mut(at).unwrap().1;
        match verb {
            Some("on") => set(record, "active", json!(true)),
            Some("off") => set(record, "active", json!(false)),
            _ => {
                for (name, value) in body(call).as_object().into_iter().flatten() {
                    set(record, name, value.clone());
                }
            }
        }
        (200, record.clone())
    }
}

fn set(record: &mut Value, name: &str, value: Value) {
    record.as_object_mut().unwrap().insert(name.to_owned(), value);
}

fn body(call: &Call) -> Value {
    match &call.body {
        Body::Json(value) => value.clone(),
        _ => json!({}),
    }
}

impl Upstream for Table {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, upstream::Error>> {
        let line = format!("{} {}", call.method, call.path);
        let sent = match call.method {
            http::Method::GET => String::new(),
            _ => format!(" {}", body(call)),
        };
        self.told.lock().unwrap().push_str(&format!("{line}{sent}\n"));
        let (status, body) = self.answer(call);
        let happens = (call.method != http::Method::GET)
            .then(|| self.happens.lock().unwrap().take_if(|(path, _)| call.path.starts_with(*path)))
            .flatten();
        Box::pin(async move {
            if let Some((_, happens)) = happens {
                happens().await;
            }
            Ok(Answer { status, body, ..Answer::default() })
        })
    }

    fn wait(&self, _: Duration) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

/// A gateway over a vendor's table and a store in a file, which outlives it.
pub struct Stored {
    gateway: Gateway,
    pub store: Arc<dyn Store>,
    file: std::path::PathBuf,
    mapping: String,
    vendor: Table,
    profile: Profile,
    fault: Mutex<Option<String>>,
    /// Opened it, and takes it away.
    owner: bool,
}

impl Stored {
    pub fn new(name: &str, mapping: &str, vendor: &Table) -> Self {
        Self::of(name, mapping, vendor, Profile::Strict)
    }

    /// The same for another kind of client.
    pub fn of(name: &str, mapping: &str, vendor: &Table, profile: Profile) -> Self {
        let name = format!("scimshim-keeping-{name}-{}.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        let store = Self::open(&file);
        let gateway = Self::gateway("t", mapping, vendor, &store, profile);
        let (mapping, vendor, fault) = (mapping.to_owned(), vendor.clone(), Mutex::default());
        Self { gateway, store, file, mapping, vendor, profile, fault, owner: true }
    }

    /// The file of its store.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Another tenant over the same file.
    pub fn beside(&self, tenant: &str, mapping: &str, vendor: &Table) -> Self {
        let store = self.store.clone();
        let (profile, fault) = (self.profile, Mutex::default());
        let gateway = Self::gateway(tenant, mapping, vendor, &store, profile);
        let (mapping, vendor, file) = (mapping.to_owned(), vendor.clone(), self.file.clone());
        Self { gateway, store, file, mapping, vendor, profile, fault, owner: false }
    }

    fn open(file: &std::path::Path) -> Arc<dyn Store> {
        Arc::new(Sqlite::open(file, Arc::default()).unwrap())
    }

    fn gateway(
        tenant: &str,
        mapping: &str,
        vendor: &Table,
        store: &Arc<dyn Store>,
        profile: Profile,
    ) -> Gateway {
        let live = Self::live(mapping, vendor, profile, 1);
        Gateway::new(tenant, live, Arc::default()).keeping(Some(store.clone()))
    }

    fn live(mapping: &str, vendor: &Table, profile: Profile, generation: u64) -> Live {
        let loaded = mapping::load("keeping.yaml", mapping);
        assert!(loaded.plan.is_some(), "{:?}", loaded.findings);
        let variables = Arc::new(json!({ "url": "https://v.example", "token": SECRET }));
        let (plan, upstream) = (Arc::new(loaded.plan.unwrap()), Arc::new(vendor.clone()));
        Live::new(plan, upstream, variables, profile, generation)
    }

    /// As if its mapping had been written again.
    pub fn reload(&self) {
        let generation = self.gateway.live().generation + 1;
        self.gateway.swap(Self::live(&self.mapping, &self.vendor, self.profile, generation));
    }

    /// As if the process had ended and another one begun.
    pub async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = Self::open(&self.file);
        self.gateway = Self::gateway("t", &self.mapping, &self.vendor, &self.store, self.profile);
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
        let sent = Sent { method, path, body, patience, ..Sent::get("") };
        let (wire, trace) = sent.through(&self.gateway, None).await;
        *self.fault.lock().unwrap() = trace.fault.map(|fault| fault.message);
        wire
    }

    /// The same whose client takes a long list while it is made, as `take` does.
    pub async fn stream<T: Default>(
        &self,
        sent: Sent<'_>,
        take: impl AsyncFnOnce(Pieces) -> T,
    ) -> Streaming<T> {
        stream(&self.gateway, sent, take).await
    }

    /// What an operator is told of the last request.
    pub fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap().clone()
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        if self.owner {
            for more in ["", "-wal", "-shm", ".lock"] {
                let _ = std::fs::remove_file(format!("{}{more}", self.file.display()));
            }
        }
    }
}
