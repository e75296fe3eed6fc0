//! A vendor with people whose answers can be spoiled, and gateways over one store before it, each of which can go
//! without an end, as a process that is killed does.

use jiff::{SignedDuration, Timestamp};
use scimshim::{
    gateway::{
        Arrival, Caller, Gateway, Live,
        deed::Refusal,
        delivery::{deliveries::Deliveries, operator::Retried},
        guard::Limit,
        made,
        serve::Asked,
    },
    mapping,
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode::Wire,
        profile::Profile,
    },
    store::{Batch, Change, Entry, Stage, Store, sqlite::Sqlite},
    upstream::{
        Answer, Call, Error, Upstream,
        call::{Body, Pending},
        error::Kind,
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

pub const MAPPING: &str = r#"
mapping: 1
name: journalled
evidence: assumed
tenant: { token: { type: text, secret: true } }
upstream: { base_url: "https://v.example", auth: { bearer: { token: "{tenant.token}" } }, timeout: 20s, settle: 10s, retries: { times: 0 } }
resources:
  User:
    key: id
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      nickName: { field: nick }
      title: { field: title }
      password: { field: secret, direction: write }
      active: { field: active }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      find:
        - { filter: "userName eq {login}", call: GET /users, query: { login: "{login}" }, items: users }
      create: { call: POST /users, record: . }
      update:
        - { name: restore, claims: [active becomes true], call: "POST /users/{key}/restore" }
        - { name: change, call: "PATCH /users/{key}", record: . }
        - { name: retire, claims: [active becomes false], call: "POST /users/{key}/retire" }
      delete: { call: "DELETE /users/{key}" }
"#;

/// What becomes of a call that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is carried out and answered.
    Well,
    /// Its connection cannot be made.
    Away,
    /// It is carried out, and its answer is lost.
    Unheard,
    /// It is lost on its way.
    Lost,
    /// Its connection is lost, and it comes all the same, when [`Vendor::comes`] says.
    Late,
    /// It is refused with this status, for good or not.
    Refused(u16),
    /// It is not answered: its process is killed while it waits.
    Hangs,
    /// The same, and it comes all the same, when [`Vendor::comes`] says.
    Slow,
    /// It is on its way until it is let go, and then carried out.
    Held,
    /// It is carried out, and somebody in between answers this.
    Through(u16),
    /// It is carried out, and nobody is there any more.
    Last,
    /// The same as [`Last`](Self::Last), and nothing stands in the answer.
    Mute,
    /// It is carried out, and not answered: its process is killed while it waits.
    Swallowed,
    /// Whoever calls meets a mistake of ours.
    Panics,
}

/// A vendor.
#[derive(Default)]
pub struct Vendor {
    people: Mutex<BTreeMap<String, Value>>,
    fates: Mutex<VecDeque<Fate>>,
    /// What happens to all calls, reads too, beside that.
    pub away: Mutex<bool>,
    writes: Mutex<Vec<String>>,
    /// What was said by PATCH, and of whom.
    bodies: Mutex<Vec<(String, Value)>>,
    /// Whoever is there does not show, as at a vendor whose reads come behind its writes.
    pub hides: Mutex<bool>,
    /// Lets go what is held.
    pub goes: Notify,
    late: Mutex<Vec<Call>>,
    /// What it has answered to calls with a key.
    known: Mutex<BTreeMap<String, (u16, Value)>>,
    /// Those that were sent, by path.
    keys: Mutex<Vec<(String, String)>>,
}

impl Vendor {
    pub fn with(logins: &[&str]) -> Arc<Self> {
        let vendor = Self::default();
        for login in logins {
            let person = json!({ "id": login, "login": login, "active": true });
            vendor.people.lock().unwrap().insert((*login).to_owned(), person);
        }
        Arc::new(vendor)
    }

    /// What becomes of the next calls that write.
    pub fn fated(&self, fates: &[Fate]) {
        self.fates.lock().unwrap().extend(fates);
    }

    /// What is late comes.
    pub fn comes(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        late.iter().for_each(|call| drop(self.carry_out(call)));
    }

    /// Somebody is there by another way.
    pub fn joins(&self, id: &str, person: Value) {
        self.people.lock().unwrap().insert(id.to_owned(), person);
    }

    /// Somebody goes by another way.
    pub fn leaves(&self, id: &str) {
        self.people.lock().unwrap().remove(id);
    }

    /// The rest goes well.
    pub fn clear(&self) {
        self.fates.lock().unwrap().clear();
    }

    /// All of them have come.
    pub fn is_fulfilled(&self) -> bool {
        self.fates.lock().unwrap().is_empty()
    }

    /// The writes that were carried out.
    pub fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    /// The keys by which calls were to be known again, with their paths, also of those that did not arrive.
    pub fn keys(&self) -> Vec<(String, String)> {
        self.keys.lock().unwrap().clone()
    }

    /// What was said of whom by PATCH, in the order in which it came.
    pub fn bodies(&self) -> Vec<(String, Value)> {
        self.bodies.lock().unwrap().clone()
    }

    pub fn person(&self, id: &str) -> Option<Value> {
        self.people.lock().unwrap().get(id).cloned()
    }

    pub fn active(&self, id: &str) -> Option<bool> {
        self.person(id)?.get("active")?.as_bool()
    }

    /// One with a key that it has seen is answered as it was then.
    fn carry_out(&self, call: &Call) -> Answer {
        let Some(key) = key(call) else { return self.done(call) };
        if let Some((status, body)) = self.known.lock().unwrap().get(&key) {
            return answer(*status, body.clone());
        }
        let done = self.done(call);
        self.known.lock().unwrap().insert(key, (done.status, done.body.clone()));
        done
    }

    fn done(&self, call: &Call) -> Answer {
        let mut people = self.people.lock().unwrap();
        let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
        let body = match &call.body {
            Body::Json(body) => body.clone(),
            _ => Value::Null,
        };
        if call.method != http::Method::GET {
            self.writes.lock().unwrap().push(format!("{} {}", call.method, call.path));
        }
        if call.method == http::Method::PATCH {
            self.bodies.lock().unwrap().push((call.path.clone(), body.clone()));
        }
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["users"]) => {
                answer(200, json!({ "users": people.values().collect::<Vec<_>>() }))
            }
            ("DELETE", ["users", id]) => match people.remove(*id) {
                Some(_) => answer(204, Value::Null),
                None => answer(404, Value::Null),
            },
            (_, ["users", id, rest @ ..]) => {
                let Some(person) = people.get_mut(*id).and_then(Value::as_object_mut) else {
                    return answer(404, Value::Null);
                };
                match rest {
                    ["retire" | "restore"] => {
                        // How often he has left.
                        let active = person.get("active").and_then(Value::as_bool).unwrap_or(true);
                        if rest == ["retire"] && active {
                            let left = person.get("left").and_then(Value::as_u64).unwrap_or(0);
                            person.insert("left".to_owned(), json!(left + 1));
                        }
                        person.insert("active".to_owned(), json!(rest == ["restore"]));
                    }
                    // Each of them is seen, however often it is said.
                    [word] => {
                        let count = person.get(*word).and_then(Value::as_u64).unwrap_or(0);
                        person.insert((*word).to_owned(), json!(count + 1));
                    }
                    _ => person.extend(body.as_object().cloned().unwrap_or_default()),
                }
                answer(200, Value::Object(person.clone()))
            }
            ("POST", ["users"]) => {
                let id = body["login"].as_str().unwrap().to_owned();
                let mut person = body;
                person["id"] = json!(id);
                people.insert(id, person.clone());
                answer(201, person)
            }
            _ => answer(404, Value::Null),
        }
    }
}

fn key(call: &Call) -> Option<String> {
    Some(call.headers.get("idempotency-key")?.to_str().unwrap().to_owned())
}

pub fn answer(status: u16, body: Value) -> Answer {
    Answer {
        status,
        headers: http::HeaderMap::new(),
        body,
        text: String::new(),
        rest: Default::default(),
    }
}

pub fn silent(kind: Kind) -> Error {
    Error { kind, message: "as the test wants it".to_owned() }
}

impl Upstream for Vendor {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        let writes = call.method != http::Method::GET;
        self.keys.lock().unwrap().extend(key(call).map(|key| (call.path.clone(), key)));
        let fate = if writes { self.fates.lock().unwrap().pop_front() } else { None };
        if *self.away.lock().unwrap() {
            return Box::pin(async { Err(silent(Kind::Connect)) });
        }
        if !writes && *self.hides.lock().unwrap() {
            let nobody = match call.path.trim_matches('/').contains('/') {
                true => answer(404, Value::Null),
                false => answer(200, json!({ "users": [] })),
            };
            return Box::pin(async { Ok(nobody) });
        }
        let outcome = match fate.unwrap_or(Fate::Well) {
            Fate::Well => Ok(self.carry_out(call)),
            Fate::Away => Err(silent(Kind::Connect)),
            Fate::Lost => Err(silent(Kind::Broken)),
            Fate::Late => {
                self.late.lock().unwrap().push(call.clone());
                Err(silent(Kind::Broken))
            }
            Fate::Unheard => {
                self.carry_out(call);
                Err(silent(Kind::Broken))
            }
            Fate::Refused(status) => Ok(answer(status, Value::Null)),
            Fate::Hangs => return Box::pin(std::future::pending()),
            Fate::Slow => {
                self.late.lock().unwrap().push(call.clone());
                return Box::pin(std::future::pending());
            }
            Fate::Through(status) => {
                self.carry_out(call);
                Ok(answer(status, Value::Null))
            }
            Fate::Last => {
                *self.away.lock().unwrap() = true;
                Ok(self.carry_out(call))
            }
            Fate::Mute => {
                *self.away.lock().unwrap() = true;
                let done = self.carry_out(call);
                Ok(answer(done.status, Value::Null))
            }
            Fate::Held => {
                return Box::pin(async {
                    self.goes.notified().await;
                    Ok(self.carry_out(call))
                });
            }
            Fate::Panics => panic!("as it is fated"),
            Fate::Swallowed => {
                self.carry_out(call);
                return Box::pin(std::future::pending());
            }
        };
        Box::pin(async { outcome })
    }

    fn wait<'a>(&'a self, _: Duration) -> Pending<'a, ()> {
        Box::pin(async {})
    }
}

/// One store, one vendor, a clock, and the gateway of the moment.
pub struct World<V = Vendor> {
    pub vendor: Arc<V>,
    store: Mutex<Arc<dyn Store>>,
    /// Its file; none where it is a server's.
    folder: Option<Folder>,
    mapping: String,
    profile: Profile,
    clock: AtomicI64,
    metrics: Arc<Metrics>,
    gateway: Mutex<Arc<Gateway>>,
}

impl World {
    pub fn new(vendor: Arc<Vendor>) -> Self {
        Self::of(MAPPING, vendor, Profile::Strict)
    }
}

impl<V: Upstream + 'static> World<V> {
    pub fn of(mapping: &str, vendor: Arc<V>, profile: Profile) -> Self {
        let folder = Folder::new();
        let store = folder.open();
        Self::over(mapping, vendor, profile, store, Some(folder))
    }

    /// The same over a store that others may share, which stands in this folder.
    pub fn over(
        mapping: &str,
        vendor: Arc<V>,
        profile: Profile,
        store: Arc<dyn Store>,
        folder: Option<Folder>,
    ) -> Self {
        let metrics = Arc::new(Metrics::default());
        let gateway = Mutex::new(gateway(mapping, &vendor, &store, profile, &metrics));
        let clock = AtomicI64::new(1_800_000_000);
        let (store, mapping) = (Mutex::new(store), mapping.to_owned());
        Self { vendor, store, folder, mapping, profile, clock, metrics, gateway }
    }

    /// From now on nothing is held, and nothing journalled.
    pub fn forgets(&self) {
        let live = live(&self.mapping, &self.vendor, self.profile);
        let gateway = Gateway::new("t", live, self.metrics.clone());
        *self.gateway.lock().unwrap() = Arc::new(gateway);
    }

    /// What another replica carries out, which knows nothing of the turns that are held in this one.
    pub async fn delivered_elsewhere(&self) {
        let other =
            gateway(&self.mapping, &self.vendor, &self.store(), self.profile, &self.metrics);
        delivered(other, self.arrival()).await;
    }

    /// Another process takes the place of this one, over the same store.
    pub async fn restart(&self) {
        self.restart_with(&self.mapping).await;
    }

    /// The same with another mapping.
    pub async fn restart_with(&self, mapping: &str) {
        self.store().close().await.unwrap();
        let store = self.folder.as_ref().unwrap().open();
        *self.gateway.lock().unwrap() =
            gateway(mapping, &self.vendor, &store, self.profile, &self.metrics);
        *self.store.lock().unwrap() = store;
    }

    /// No more than so many in an hour may be deactivated or deleted.
    pub fn guard(&self, most: u64) {
        let limit = Limit { most, within: Duration::from_secs(3_600) };
        let live = gateway(&self.mapping, &self.vendor, &self.store(), self.profile, &self.metrics);
        let guarded = Arc::into_inner(live).unwrap().guarded(Some(limit));
        *self.gateway.lock().unwrap() = Arc::new(guarded);
    }

    pub fn store(&self) -> Arc<dyn Store> {
        self.store.lock().unwrap().clone()
    }

    pub fn passes(&self, seconds: i64) {
        self.clock.fetch_add(seconds, SeqCst);
    }

    pub fn gateway(&self) -> Arc<Gateway> {
        self.gateway.lock().unwrap().clone()
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_second(self.clock.load(SeqCst)).unwrap()
    }

    pub fn arrival(&self) -> Arrival<'static> {
        let now = self.now();
        Arrival {
            now,
            make: made::at_random,
            deadline: Instant::now() + Duration::from_secs(50),
            bulk: Bulk { max_operations: 10, max_payload_size: 10_000 },
            list_results: 1_000,
            authentication: &[],
            base: "https://gw.example/scim/v2",
            caller: Caller::default(),
        }
    }

    /// One SCIM request; what comes back is its status, the number of its entry, and its words.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Told {
        self.ask(method, path, body, None).await
    }

    /// The same of a client that wants the resource to have this version, and of a path with a query.
    pub async fn ask(&self, method: &str, path: &str, body: Value, version: Option<&str>) -> Told {
        let gateway = self.gateway();
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let asked = Asked {
            method: &method,
            path: path.split('?').next().unwrap(),
            query: path.split_once('?').map(|(_, query)| query),
            body: text.as_bytes(),
            preconditions: Preconditions { if_match: version, if_none_match: None },
            dialect: Dialect::V2,
        };
        // In a box: the compiler looks through all that a request can be, and no deeper than it may.
        Box::pin(gateway.serve(&gateway.live(), asked, self.arrival())).await.0.into()
    }

    pub async fn patch(&self, id: &str, value: Value) -> Told {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "value": value }],
        });
        self.send("PATCH", &format!("/Users/{id}"), body).await
    }

    pub async fn off(&self, id: &str) -> Told {
        self.patch(id, json!({ "active": false })).await
    }

    /// What is due is carried out, and what was left behind.
    pub async fn deliver(&self) {
        self.next().await;
    }

    /// The same; in how long the next is due.
    pub async fn next(&self) -> Option<Duration> {
        delivered(self.gateway(), self.arrival()).await.0
    }

    /// The same; whether it wants to look again at once.
    pub async fn hurries(&self) -> bool {
        delivered(self.gateway(), self.arrival()).await.1
    }

    /// An entry that another mapping made.
    pub async fn enter(&self, entry: Entry) {
        let kind = entry.kind.clone();
        let batch = Batch::new("t").with(kind.as_str(), Change::Enter(entry));
        self.store().write(batch).await.unwrap();
    }

    /// What an operator has tried once more.
    pub async fn retry(&self, number: &str) -> Result<Option<Retried>, Refusal> {
        self.retry_within(number, Duration::from_secs(4)).await
    }

    /// The same of one who waits for the resource's turn no longer.
    pub async fn retry_within(
        &self,
        number: &str,
        time: Duration,
    ) -> Result<Option<Retried>, Refusal> {
        self.gateway().retry_entry(number, self.now(), Instant::now() + time).await
    }

    /// What an operator drops.
    pub async fn drop(&self, number: &str) -> Result<Option<Entry>, Refusal> {
        self.drop_within(number, Duration::from_secs(4)).await
    }

    /// The same of one who waits for the resource's turn no longer.
    pub async fn drop_within(
        &self,
        number: &str,
        time: Duration,
    ) -> Result<Option<Entry>, Refusal> {
        let deadline = Instant::now() + time;
        self.gateway().drop_entry(number, "as the test wants it", self.now(), deadline).await
    }

    /// As a scrape shows them.
    pub fn metrics(&self) -> String {
        self.metrics.render()
    }

    /// Who is in the journal, at which stage, in order.
    pub async fn journal(&self) -> Vec<(String, Stage)> {
        let all = self.entries().await;
        all.into_iter().map(|entry| (entry.id, entry.stage)).collect()
    }

    pub async fn entries(&self) -> Vec<Entry> {
        let mut all = self.store().journal("t", 0, 100).await.unwrap();
        all.sort_by_key(|entry| (entry.id.clone(), entry.seq));
        all
    }

    /// In how many seconds the first entry is due.
    pub async fn due(&self) -> Option<i64> {
        let now = self.now();
        let due = self.store().due("t", 1).await.unwrap();
        due.first().map(|entry| entry.due.duration_since(now).max(SignedDuration::ZERO).as_secs())
    }
}

/// A folder that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicI64 = AtomicI64::new(0);
        let name = format!("scimshim-journal-{}-{}", std::process::id(), NEXT.fetch_add(1, SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(Sqlite::open(&self.0.join("scimshim.db"), Arc::default()).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn gateway(
    mapping: &str,
    vendor: &Arc<impl Upstream + 'static>,
    store: &Arc<dyn Store>,
    profile: Profile,
    metrics: &Arc<Metrics>,
) -> Arc<Gateway> {
    let gateway = Gateway::new("t", live(mapping, vendor, profile), metrics.clone());
    Arc::new(gateway.keeping(Some(store.clone())).journalling())
}

fn live(mapping: &str, vendor: &Arc<impl Upstream + 'static>, profile: Profile) -> Live {
    let loaded = mapping::load("journalled.yaml", mapping);
    let plan = loaded.plan.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let upstream: Arc<dyn Upstream> = vendor.clone();
    Live::new(
        Arc::new(plan),
        upstream,
        Arc::new(json!({
            "token": "t0ken-of-the-gateway",
            "password": "p4ssword-of-the-gateway",
            "domain": "lists.example",
        })),
        profile,
        1,
    )
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub status: u16,
    /// It is journalled under this number.
    pub number: Option<String>,
    pub retry_after: Option<u64>,
    pub body: Value,
}

impl Told {
    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }
}

impl From<Wire> for Told {
    fn from(wire: Wire) -> Self {
        Self {
            status: wire.status,
            number: wire.transaction,
            retry_after: wire.retry_after,
            body: wire.body.unwrap_or_default(),
        }
    }
}

/// Carries out what is due at one look: in how long the next is due, and whether another look is worth it at once.
async fn delivered(gateway: Arc<Gateway>, arrival: Arrival<'static>) -> (Option<Duration>, bool) {
    let mut deliveries = Deliveries::of(gateway, move || arrival);
    let next = deliveries.look().await.unwrap();
    while deliveries.ended().await.is_some() {}
    (next, deliveries.hurry())
}
