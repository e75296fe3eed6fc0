//! A gateway with a guard over the vendor, and a clock that stands until it is set.

use crate::vendor::Vendor;
use jiff::{Timestamp, ToSpan};
use scimshim::{
    gateway::{
        Arrival, Caller, Gateway, Live,
        guard::{Limit, Standing},
        made,
        serve::Asked,
    },
    mapping::{self, plan::Plan},
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode::Wire,
        profile::Profile,
    },
    store::{Store, sqlite::Sqlite},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// What the tests change of it stands in capitals.
const MAPPING: &str = r#"
mapping: 1
name: guarded
evidence: assumed
tenant: { token: { type: text, secret: true } }
upstream:
  base_url: https://vendor.example
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0 }
  limits: { scan: 50 }
resources:
  User:
    key: id
    match: [userName]
    SETTINGS
    attributes:
      userName: { field: login, required: true }
      nickName: { field: nick }
      active: { field: active }
      userType: { field: kind }
      title: { field: job }
      roles.^[primary==true].value: { field: role }
    operations:
      get: { call: "GET /people/{key}", record: . }
      list: { call: GET /people, items: items, paging: none }
      find:
        - { filter: "userName eq {login}", call: GET /people, query: { login: "{login}" }, items: items, paging: none }
      create: { call: POST /people, record: ., claims: [userName, title] }
      update:
        - { name: leave, claims: [userType becomes leaver], call: "PATCH /people/{key}", body: { kind: leaver } }
        - { name: change, call: "PATCH /people/{key}", record: . }
      delete: DELETE
  GROUP
"#;

const DELETE: &str = r#"{ call: "DELETE /people/{key}" }"#;
const GROUP: &str = r#"Group:
    key: id
    attributes: { displayName: { field: name, required: true } }
    operations:
      get: { call: "GET /teams/{key}", record: . }
      list: { call: GET /teams, items: items, paging: none }
      create: { call: POST /teams, record: . }
      update: [{ name: rename, call: "PATCH /teams/{key}", record: . }]
      delete: { call: "DELETE /teams/{key}" }"#;

/// What a mapping of these tests has of its own.
#[derive(Clone, Copy)]
pub struct Own {
    /// Keys of User.
    pub settings: &'static str,
    pub delete: &'static str,
    pub group: &'static str,
}

impl Default for Own {
    fn default() -> Self {
        Self { settings: "on_match: adopt", delete: DELETE, group: GROUP }
    }
}

pub struct World {
    pub vendor: Vendor,
    pub metrics: Arc<Metrics>,
    gateway: Gateway,
    now: Mutex<Timestamp>,
}

/// Two in a minute.
/// What a request has of time.
const LONG: Duration = Duration::from_secs(20);
pub const LIMIT: Limit = Limit { most: 2, within: Duration::from_secs(60) };

pub fn start() -> Timestamp {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

impl World {
    /// With people 1 to 5, for a client of Okta's.
    pub fn new() -> Self {
        Self::of(Own::default(), Profile::Okta, Some(LIMIT))
    }

    /// The same with another mapping, client or guard.
    pub fn of(own: Own, profile: Profile, limit: Option<Limit>) -> Self {
        Self::over(own, profile, limit, &Vendor::with(5), None)
    }

    /// The same over a vendor that others know too, and a store; one in memory where a mapping that keeps something
    /// has none.
    pub fn over(
        own: Own,
        profile: Profile,
        limit: Option<Limit>,
        vendor: &Vendor,
        store: Option<Arc<dyn Store>>,
    ) -> Self {
        let plan = plan(own);
        let memory = || Arc::new(Sqlite::in_memory(Arc::default()).unwrap()) as Arc<dyn Store>;
        let store = store.or_else(|| (!plan.needs().is_empty()).then(memory));
        let metrics = Arc::new(Metrics::default());
        let variables = Arc::new(json!({ "token": "t0ken-of-the-vendor" }));
        let live = Live::new(Arc::new(plan), Arc::new(vendor.clone()), variables, profile, 1);
        let gateway = Gateway::new("acme", live, Arc::clone(&metrics));
        let gateway = gateway.keeping(store).guarded(limit);
        Self { vendor: vendor.clone(), metrics, gateway, now: Mutex::new(start()) }
    }

    /// So many seconds have passed since the start.
    pub fn at(&self, second: i64) {
        *self.now.lock().unwrap() = start() + second.seconds();
    }

    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    pub async fn standing(&self) -> Option<Standing> {
        self.gateway.guard(self.now()).await.unwrap()
    }

    /// How many had counted.
    pub async fn release(&self) -> Option<u64> {
        self.gateway.release_guard(self.now(), Instant::now() + LONG).await.unwrap()
    }

    /// One SCIM request.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Wire {
        let live = self.gateway.live();
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let arrival = Arrival {
            now: self.now(),
            make: made::by_name,
            deadline: Instant::now() + LONG,
            bulk: Bulk { max_operations: 10, max_payload_size: 10_000 },
            list_results: 1_000,
            authentication: &[],
            base: "https://gw.example/scim/v2",
            caller: Caller::default(),
        };
        let asked = Asked {
            method: &method,
            path,
            query: None,
            body: text.as_bytes(),
            preconditions: Preconditions::default(),
            dialect: Dialect::V2,
        };
        Box::pin(self.gateway.serve(&live, asked, arrival)).await.0
    }

    /// Sets one attribute of a person; the status.
    pub async fn set(&self, person: u64, path: &str, value: Value) -> u16 {
        let set = patch(json!([{ "op": "replace", "path": path, "value": value }]));
        self.send("PATCH", &format!("/Users/{person}"), set).await.status
    }

    pub async fn deactivate(&self, person: u64) -> u16 {
        self.set(person, "active", json!(false)).await
    }

    pub async fn delete(&self, path: &str) -> u16 {
        self.send("DELETE", path, Value::Null).await.status
    }

    /// Two have left: more are held back.
    pub async fn trip(&self) {
        for person in [1, 2] {
            assert_eq!(self.deactivate(person).await, 200, "{person}");
        }
        self.vendor.written();
    }

    /// A line of the metrics, from its name on.
    pub fn shows(&self, line: &str) {
        let shown = self.metrics.render();
        assert!(shown.lines().any(|one| one == line), "{line} is missing in\n{shown}");
    }
}

fn plan(own: Own) -> Plan {
    let Own { settings, delete, group } = own;
    let mapping = MAPPING.replace("SETTINGS", settings).replace("GROUP", group);
    let mapping = mapping.replace("delete: DELETE\n", &format!("delete: {delete}\n"));
    let loaded = mapping::load("guarded.yaml", &mapping);
    assert!(loaded.plan.is_some(), "{:?}", loaded.findings);
    loaded.plan.unwrap()
}

/// A person's resource.
pub fn person(login: &str, more: Value) -> Value {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    let mut person = json!({ "schemas": schemas, "userName": login, "active": true });
    person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    person
}

/// The body of a PATCH.
pub fn patch(operations: Value) -> Value {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    json!({ "schemas": schemas, "Operations": operations })
}

pub fn detail(wire: &Wire) -> &str {
    wire.body.as_ref().and_then(|body| body["detail"].as_str()).unwrap_or_default()
}
