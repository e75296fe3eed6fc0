//! A gateway in front of the vendor, with a store.

use crate::vendor::Vendor;
use scimshim::{
    app::build,
    gateway::{Arrival, Caller, Gateway, made, serve::Asked},
    mapping,
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode::Wire,
        profile::Profile,
    },
    store::{Store, sqlite::Sqlite},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::Instant;

/// People with one role; `RULE` and `GROUP` are the case's.
const MAPPING: &str = r#"
mapping: 1
name: crew
evidence: assumed
tenant: { url: { type: text }, token: { type: text, secret: true } }
upstream:
  base_url: "{tenant.url}"
  auth: { bearer: { token: "{tenant.token}" } }
  timeout: 2s
  retries: { times: 0, first: 1ms, longest: 2ms }
  limits: { scan: 50 }
resources:
  User:
    key: id
    attributes:
      userName: { field: login, required: true }
      RULE
      groups: { kept: true }
    operations:
      get: { call: "GET /users/{key}", record: . }
      list: { call: GET /users, items: users, paging: none }
      FIND
      update: UPDATE
      delete: { call: "DELETE /users/{key}" }
  Group:
    values_of: { resource: User, GROUP }
"#;

/// A single role, which the vendor can search by.
pub const ROLE: [&str; 3] = [
    "roles.^[primary==true].value: { field: role }",
    "find: [{ filter: \"roles.^[primary==true].value eq {role}\", call: GET /users, query: { role: \"{role}\" }, items: users }]",
    "[{ name: change, call: \"PATCH /users/{key}\", record: . }]",
];

/// The same of three, with one for who leaves.
pub const RANKS: [&str; 3] = [
    "roles.^[primary==true].value: { field: role, values: { admin: A, audit: U, reader: R }, default: reader }",
    ROLE[1],
    ROLE[2],
];

/// A list of teams, for which each has a call of its own, and no search.
pub const TEAMS: [&str; 3] = [
    "roles: { field: teams, unordered: true, element: { value: { field: . } } }",
    "",
    r#"
        - name: join
          claims: [roles adds]
          for_each: changes.roles.added
          call: "POST /users/{key}/teams/{item.value}"
        - name: leave
          claims: [roles removes]
          for_each: changes.roles.removed
          call: "DELETE /users/{key}/teams/{item.value}"
        - { name: change, call: "PATCH /users/{key}", record: . }"#,
];

/// How each names its attribute.
pub const OF_ROLE: &str = "attribute: \"roles.^[primary==true].value\"";
pub const OF_TEAMS: &str = "attribute: roles";

/// The mapping of one of them, whose Groups are so.
pub fn mapping([rule, find, update]: [&str; 3], group: &str) -> String {
    let parts = [("RULE", rule), ("FIND", find), ("UPDATE", update), ("GROUP", group)];
    parts.into_iter().fold(MAPPING.to_owned(), |text, (name, part)| text.replace(name, part))
}

pub struct World {
    pub vendor: Vendor,
    gateway: Gateway,
    file: Option<PathBuf>,
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            for end in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{end}", file.display()));
            }
        }
    }
}

impl World {
    /// With people 1 to 5.
    pub async fn new(mapping: &str) -> Self {
        Self::of(mapping, Profile::Strict).await
    }

    /// The same for another client.
    pub async fn of(mapping: &str, profile: Profile) -> Self {
        let vendor = Vendor::with(&["1", "2", "3", "4", "5"]).await;
        let loaded = mapping::load("crew.yaml", mapping);
        assert!(loaded.plan.is_some(), "{:#?}", loaded.findings);
        let plan = loaded.plan.unwrap();
        let needs = !plan.needs().is_empty();
        let metrics = Arc::new(Metrics::default());
        let variables = json!({ "url": vendor.url, "token": "t0ken" });
        let live = build::over("t", plan, variables, profile, &metrics, 1).unwrap();
        let file = needs.then(|| {
            let port = vendor.url.rsplit(':').next().unwrap();
            std::env::temp_dir().join(format!("scimshim-values-{}-{port}.db", std::process::id()))
        });
        let open = |file: &PathBuf| Arc::new(Sqlite::open(file, Arc::default()).unwrap());
        let store = file.as_ref().map(|file| open(file) as Arc<dyn Store>);
        let gateway = Gateway::new("t", live, metrics).keeping(store);
        Self { vendor, gateway, file }
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> Wire {
        send(&self.gateway, Duration::from_secs(20), method, path, body).await
    }

    pub async fn get(&self, path: &str) -> Wire {
        self.send("GET", path, &Value::Null).await
    }

    pub async fn delete(&self, path: &str) -> u16 {
        self.send("DELETE", path, &Value::Null).await.status
    }

    pub async fn patch(&self, path: &str, operations: Value) -> Wire {
        self.send("PATCH", path, &patch(operations)).await
    }

    /// The names of all Groups, each with its members.
    pub async fn groups(&self, query: &str) -> Vec<(String, BTreeSet<String>)> {
        let wire = self.get(&format!("/Groups{query}")).await;
        assert_eq!(wire.status, 200, "{query} {wire:?}");
        let list = wire.body.unwrap()["Resources"].as_array().unwrap().clone();
        list.iter()
            .map(|one| (one["displayName"].as_str().unwrap().to_owned(), members(one)))
            .collect()
    }
}

/// One SCIM request, whose client waits so long.
pub async fn send(
    gateway: &Gateway,
    patience: Duration,
    method: &str,
    path: &str,
    body: &Value,
) -> Wire {
    let live = gateway.live();
    let method = http::Method::from_bytes(method.as_bytes()).unwrap();
    let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let arrival = Arrival {
        now: "2026-11-21T10:00:00Z".parse().unwrap(),
        make: made::at_random,
        deadline: Instant::now() + patience,
        bulk: Bulk { max_operations: 10, max_payload_size: 10_000 },
        list_results: 5_000,
        authentication: &[],
        base: "https://gw.example/scim/v2",
        caller: Caller::default(),
    };
    let (preconditions, body) = (Preconditions::default(), text.as_bytes());
    let dialect = Dialect::V2;
    let asked = Asked { method: &method, path, query, body, preconditions, dialect };
    Box::pin(gateway.serve(&live, asked, arrival)).await.0
}

pub fn group(name: &str, ids: &[&str]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name, "members": members,
    })
}

pub fn patch(operations: Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    })
}

/// That these join.
pub fn add(ids: &[&str]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    json!([{ "op": "add", "path": "members", "value": members }])
}

pub fn members(group: &Value) -> BTreeSet<String> {
    let list = group["members"].as_array().cloned().unwrap_or_default();
    list.iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect()
}

pub fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub fn detail(wire: &Wire) -> String {
    wire.body.as_ref().unwrap()["detail"].as_str().unwrap_or_default().to_owned()
}
