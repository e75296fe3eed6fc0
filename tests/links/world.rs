//! A gateway over the vendor and a store in a file, which outlives it.

use crate::vendor::Vendor;
use scimshim::{
    app::build,
    gateway::{Arrival, Caller, Gateway, made, serve::Asked},
    mapping,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode::Wire,
        profile::Profile,
    },
    store::{Store, sqlite::Sqlite},
};
use serde_json::{Value, json};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::Instant;

/// What the tests change of it stands in capitals.
const MAPPING: &str = r#"
mapping: 1
name: linking
evidence: assumed
tenant: { url: { type: text }, token: { type: text, secret: true } }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.token}" } }
  retries: { times: 0 }
  limits: { scan: 50 }
resources:
  User:
    key: KEY
    SETTINGS
    match: [userName]
    attributes:
      userName: { field: login, required: true }
      nickName: { field: nick }
      active: { field: active }
      title: { kept: true }
      urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value: { field: boss, refers: User, convert: [number] }
    operations:
      get: { call: "GET /people/{key}", record: . }
      LIST
      find:
        - { filter: "userName eq {login}", call: GET /people, query: { login: "{login}" }, items: items, paging: none }
      create: { call: POST /people, record: . }
      update:
        - { name: change, call: "PATCH /people/{key}", record: . }
        - { name: off, claims: [active becomes false], call: "POST /people/{key}/off" }
        - { name: back, claims: [active becomes true], call: "POST /people/{key}/on" }
      delete: DELETE
  Group:
    key: id
    attributes:
      displayName: { field: name, required: true }
      members: { field: people, element: { value: { field: ., refers: User, convert: [number] } } }
    operations:
      get: { call: "GET /teams/{key}", record: . }
      list: { call: GET /teams, items: items, paging: none }
      find:
        - { filter: "members.value eq {person}", call: GET /teams, query: { person: "{person}" }, items: items, paging: none }
      create: { call: POST /teams, record: ., body: { name: "{fields.name}", people: [] }, claims: [displayName] }
      update:
        - { name: rename, call: "PATCH /teams/{key}", record: . }
        - { name: join, claims: [members adds], for_each: changes.members.added, call: "PUT /teams/{key}/people/{item.value}" }
        - { name: leave, claims: [members removes], for_each: changes.members.removed, call: "DELETE /teams/{key}/people/{item.value}" }
      delete: { call: "DELETE /teams/{key}" }
"#;

/// What a mapping of these tests has of its own.
#[derive(Clone, Copy)]
pub struct Own {
    pub key: &'static str,
    /// Keys of User.
    pub settings: &'static str,
    pub list: &'static str,
    pub delete: &'static str,
    /// The vendor has no teams.
    pub kept_groups: bool,
}

impl Own {
    /// A vendor that lists and deletes.
    pub const LINKED: Self = Self {
        key: "id",
        settings: "id: link",
        list: "list: { call: GET /people, items: items, paging: none }",
        delete: r#"{ call: "DELETE /people/{key}" }"#,
        kept_groups: false,
    };

    fn mapping(self) -> String {
        let mapping = MAPPING.replace("KEY", self.key).replace("SETTINGS", self.settings);
        let mapping = mapping.replace("LIST", self.list);
        let mapping = mapping.replace(": DELETE\n", &format!(": {}\n", self.delete));
        match (self.kept_groups, mapping.split_once("  Group:\n")) {
            (true, Some((users, _))) => format!("{users}  Group: {{ kept: true }}\n"),
            _ => mapping,
        }
    }
}

pub struct World {
    gateway: Gateway,
    pub store: Arc<dyn Store>,
    file: PathBuf,
    own: Own,
    url: String,
    owner: bool,
}

impl World {
    pub fn new(name: &str, own: Own, vendor: &Vendor) -> Self {
        let name = format!("scimshim-links-{name}-{}.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        let store = open(&file);
        let gateway = gateway("acme", own, &vendor.url, &store);
        Self { gateway, store, file, own, url: vendor.url.clone(), owner: true }
    }

    /// Another tenant over the same store.
    pub fn beside(&self, tenant: &str, vendor: &Vendor) -> Self {
        let (store, file, url) = (self.store.clone(), self.file.clone(), vendor.url.clone());
        let gateway = gateway(tenant, self.own, &url, &store);
        Self { gateway, store, file, own: self.own, url, owner: false }
    }

    /// As if the process had ended and another one begun.
    pub async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = open(&self.file);
        self.gateway = gateway("acme", self.own, &self.url, &self.store);
    }

    /// One SCIM request.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Wire {
        let live = self.gateway.live();
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let path = path.replace(' ', "%20").replace('"', "%22");
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path.as_str(), None),
        };
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let arrival = Arrival {
            now: "2026-11-21T10:00:00Z".parse().unwrap(),
            make: made::at_random,
            deadline: Instant::now() + Duration::from_secs(20),
            bulk: Bulk { max_operations: 10, max_payload_size: 10_000 },
            list_results: 1_000,
            authentication: &[],
            base: "https://gw.example/scim/v2",
            caller: Caller::default(),
        };
        let asked = Asked {
            method: &method,
            path,
            query,
            body: text.as_bytes(),
            preconditions: Preconditions::default(),
            dialect: Dialect::V2,
        };
        Box::pin(self.gateway.serve(&live, asked, arrival)).await.0
    }

    pub async fn get(&self, path: &str) -> Wire {
        self.send("GET", path, Value::Null).await
    }

    /// Makes a user and gives his id.
    pub async fn make(&self, login: &str) -> String {
        let made = self.send("POST", "/Users", user(login)).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The ids on a page of a list, and its total.
    pub async fn list(&self, path: &str) -> (Vec<String>, u64) {
        let wire = self.get(path).await;
        assert_eq!(wire.status, 200, "{wire:?}");
        let body = wire.body.unwrap();
        let all = body["Resources"].as_array().cloned().unwrap_or_default();
        let ids = all.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        (ids, body["totalResults"].as_u64().unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if self.owner {
            for more in ["", "-wal", "-shm", ".lock"] {
                let _ = std::fs::remove_file(format!("{}{more}", self.file.display()));
            }
        }
    }
}

fn open(file: &std::path::Path) -> Arc<dyn Store> {
    Arc::new(Sqlite::open(file, Arc::default()).unwrap())
}

fn gateway(tenant: &str, own: Own, url: &str, store: &Arc<dyn Store>) -> Gateway {
    let loaded = mapping::load("linking.yaml", &own.mapping());
    assert!(loaded.plan.is_some(), "{:?}", loaded.findings);
    let (metrics, variables) = (Arc::default(), json!({ "url": url, "token": "t0ken" }));
    let plan = loaded.plan.unwrap();
    let live = build::over(tenant, plan, variables, Profile::Strict, &metrics, 1).unwrap();
    Gateway::new(tenant, live, metrics).keeping(Some(store.clone()))
}

pub fn user(login: &str) -> Value {
    let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
    json!({ "schemas": schemas, "userName": login, "active": true })
}

/// The body of a PATCH.
pub fn patch(operations: Value) -> Value {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    json!({ "schemas": schemas, "Operations": operations })
}

pub fn detail(wire: &Wire) -> &str {
    wire.body.as_ref().and_then(|body| body["detail"].as_str()).unwrap_or_default()
}
