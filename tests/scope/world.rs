//! A directory of employees with its offices in some cities, the gateway in front of it, and a store on the disk.

use crate::fakes::{
    envoy::{Envoy, TOKEN},
    server::Fake,
};
use futures_util::StreamExt;
use http::Method;
use scimshim::{
    app::build,
    gateway::{
        Arrival, Caller, Gateway, Trace, made,
        outlet::{Outlet, Pieces},
        serve::Asked,
    },
    mapping,
    metrics::Metrics,
    scim::{
        conditions::Preconditions, dialect::Dialect, discovery::Bulk, encode::Wire,
        profile::Profile,
    },
    store::{Scope, Store, sqlite::Sqlite},
};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::mpsc, time::Instant};

/// Whoever works in another city is held here, and who leaves is removed there.
pub const MAPPING: &str = r#"
mapping: 1
name: offices
evidence: assumed
tenant:
  url: { type: text }
  token: { type: text, secret: true }
  cities: { type: list }
upstream:
  base_url: "{tenant.url}/api/v3"
  auth: { bearer: { token: "{tenant.token}" } }
  headers: { Accept: application/vnd.api+json, Content-Type: application/vnd.api+json }
  timeout: 2s
  retries: { times: 0, first: 1ms, longest: 2ms }
  limits: { scan: 60 }
resources:
  User:
    key: id
    match: [userName]
    on_match: adopt
    outside:
      - when: resource.displayName == null
        then: reject
        detail: "{resource.userName} has no name"
      - when: "!(of_type(resource.addresses, 'work').locality in tenant.cities)"
        then: skip
        leaving: remove
    attributes:
      userName: { field: attributes.email, required: true }
      displayName: { field: attributes.name }
      title: { field: attributes.title }
      addresses.^[type=='work'].locality: { kept: true }
      externalId: { kept: true }
      password: { field: attributes.department, direction: write }
      active: { field: attributes.deleted, values: { true: false, false: true }, missing: true }
      meta.created: { field: attributes.created-at, direction: read }
    operations:
      get: { call: "GET /employees/{key}", record: data }
      list:
        call: GET /employees
        items: data
        paging: { offset: { param: "page[offset]", size_param: "page[limit]", size: 20, total: meta.total } }
      find:
        - { filter: "userName eq {email}", call: GET /employees, query: { "filter[email]": "{email}" }, items: data }
      create:
        call: POST /employees
        body: { data: { type: employees, attributes: "{fields.attributes}" } }
        record: data
      update:
        - name: restore
          claims: [active becomes true]
          call: PATCH /employees/{key}
          body: { data: { type: employees, id: "{key}", attributes: { deleted: false } } }
        - name: change
          call: PATCH /employees/{key}
          body: { data: { type: employees, id: "{key}", attributes: "{changed.attributes}" } }
          record: data
        - name: remove
          claims: [active becomes false]
          call: DELETE /employees/{key}
          accept: [2xx, 404]
      delete: { run: remove, afterwards: gone }
  Group: { kept: true }
"#;

/// The same where who leaves stays at the vendor as he is.
pub fn left_alone() -> String {
    MAPPING.replace("        leaving: remove\n", "")
}

/// The same where nobody goes by the vendor's key.
pub fn linked() -> String {
    MAPPING.replace("    key: id\n", "    key: id\n    id: link\n")
}

/// The same where the vendor has no list.
pub fn listed() -> String {
    let (before, rest) = MAPPING.split_once("      list:\n").unwrap();
    let (_, after) = rest.split_once("      find:\n").unwrap();
    format!("{before}      list: {{ links: true }}\n      find:\n{after}")
}

/// The same where Groups are titles.
pub fn of_titles() -> String {
    MAPPING.replace(
        "Group: { kept: true }",
        "Group: { values_of: { resource: User, attribute: title } }",
    )
}

/// The same where who leaves is deleted, for good.
pub fn for_good() -> String {
    let run = "delete: { run: remove, afterwards: gone }";
    let call = "delete: { call: \"DELETE /employees/{key}\" }";
    let gone = "    key: id\n    exists: \"!(has(record.attributes.deleted) && record.attributes.deleted)\"\n";
    let mapping = MAPPING.replace("leaving: remove", "leaving: delete").replace(run, call);
    mapping.replacen("    key: id\n", gone, 1)
}

pub struct World {
    pub vendor: Fake<Envoy>,
    pub store: Arc<dyn Store>,
    pub metrics: Arc<Metrics>,
    gateway: Gateway,
    mapping: String,
    cities: Value,
    file: PathBuf,
    profile: Profile,
}

/// What came of a request.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub trace: Trace,
}

impl World {
    /// With an office in San Francisco.
    pub async fn new() -> Self {
        Self::of(MAPPING, Profile::Strict).await
    }

    pub async fn of(mapping: &str, profile: Profile) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("scimshim-scope-{}-{}.db", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let file = std::env::temp_dir().join(name);
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&file, Arc::default()).unwrap());
        let (vendor, metrics) = (Envoy::start().await, Arc::<Metrics>::default());
        let cities = json!(["San Francisco"]);
        let gateway = gateway(mapping, &cities, &vendor, &store, profile, &metrics);
        let mapping = mapping.to_owned();
        Self { vendor, store, metrics, gateway, mapping, cities, file, profile }
    }

    /// As if the process had ended and another one begun.
    pub async fn restart(&mut self) {
        self.store.close().await.unwrap();
        self.store = Arc::new(Sqlite::open(&self.file, Arc::default()).unwrap());
        let Self { mapping, cities, vendor, store, profile, metrics, .. } = &*self;
        self.gateway = gateway(mapping, cities, vendor, store, *profile, metrics);
    }

    /// The same with offices in these cities.
    pub async fn moves_to(&mut self, cities: Value) {
        self.cities = cities;
        self.restart().await;
    }

    /// The same with another mapping.
    pub async fn says(&mut self, mapping: &str) {
        self.mapping = mapping.to_owned();
        self.restart().await;
    }

    pub async fn ask(&self, method: Method, address: &str, body: Value) -> Answer {
        let (path, query) = match address.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (address, None),
        };
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let asked = Asked {
            method: &method,
            path,
            query,
            body: &body,
            preconditions: Preconditions::default(),
            dialect: Dialect::default(),
        };
        let live = self.gateway.live();
        let (Wire { status, body, .. }, trace) =
            Box::pin(self.gateway.serve(&live, asked, arrival())).await;
        Answer { status, body: body.unwrap_or_default(), trace }
    }

    /// A list that is told while it is made.
    pub async fn streamed(&self, address: &str) -> Value {
        let (path, query) = address.split_once('?').unwrap();
        let (told, mut opened) = mpsc::unbounded_channel::<Pieces>();
        let open = move |pieces| told.send(pieces).unwrap();
        let long = Duration::from_secs(20);
        let preconditions = Preconditions::default();
        let (method, dialect) = (Method::GET, Dialect::default());
        let query = Some(query);
        let asked = Asked { method: &method, path, query, body: &[], preconditions, dialect };
        let live = self.gateway.live();
        let made = async {
            let open = open;
            let outlet = Outlet { open: &open, idle: long, each: long };
            self.gateway.serve_through(Some(outlet), &live, asked, arrival()).await
        };
        let taken = async {
            let mut text = Vec::new();
            let mut pieces = opened.recv().await.unwrap();
            while let Some(piece) = pieces.next().await {
                text.extend(piece.unwrap());
            }
            text
        };
        let (_, text) = tokio::join!(made, taken);
        serde_json::from_slice(&text).unwrap()
    }

    pub async fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, Value::Null).await
    }

    /// Makes one; gives his id.
    pub async fn make(&self, user: Value) -> String {
        let made = self.ask(Method::POST, "/Users", user).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub async fn patch(&self, id: &str, operations: Value) -> Answer {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({ "schemas": [schema], "Operations": operations });
        self.ask(Method::PATCH, &format!("/Users/{id}"), body).await
    }

    /// He works there from now on.
    pub async fn works_in(&self, id: &str, city: &str) -> Answer {
        self.patch(id, json!([{ "op": "replace", "path": "addresses", "value": work(city) }])).await
    }

    pub async fn switch(&self, id: &str, active: bool) -> Answer {
        self.patch(id, json!([{ "op": "replace", "path": "active", "value": active }])).await
    }

    /// The names of those in a list, and its total.
    pub async fn listed(&self, query: &str) -> (Vec<String>, u64) {
        let listed = self.get(&format!("/Users{query}")).await;
        assert_eq!(listed.status, 200, "{query} {}", listed.body);
        let names = listed.body["Resources"].as_array().into_iter().flatten();
        let names = names.map(|one| one["userName"].as_str().unwrap().to_owned());
        (names.collect(), listed.body["totalResults"].as_u64().unwrap())
    }

    pub async fn found(&self, filter: &str) -> Vec<String> {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let (names, total) = self.listed(&format!("?filter={}", filter.replace('+', "%20"))).await;
        assert_eq!(names.len() as u64, total);
        names
    }

    /// What the vendor was asked since this was asked last.
    pub fn told(&self) -> Vec<String> {
        let lines = self.vendor.lines();
        self.vendor.forget();
        lines.into_iter().map(|line| line.replace("/api/v3", "")).collect()
    }

    /// The vendor's own word on one.
    pub fn employee(&self, key: &str) -> Value {
        self.vendor.state().user(key).map(|one| one["attributes"].clone()).unwrap_or_default()
    }

    /// How many the vendor has, those it calls deleted too.
    pub fn employees(&self) -> usize {
        self.vendor.state().employees.len()
    }

    /// The store is full, closed or gone from here on.
    pub async fn no_store(&self) {
        self.store.close().await.unwrap();
    }

    pub async fn outside(&self) -> u64 {
        self.store.count_outsiders(&Scope::new("t", "User")).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for more in ["", "-wal", "-shm", ".lock"] {
            let _ = std::fs::remove_file(format!("{}{more}", self.file.display()));
        }
    }
}

fn gateway(
    mapping: &str,
    cities: &Value,
    vendor: &Fake<Envoy>,
    store: &Arc<dyn Store>,
    profile: Profile,
    metrics: &Arc<Metrics>,
) -> Gateway {
    let loaded = mapping::load("offices.yaml", mapping);
    let findings = loaded.findings;
    let plan = loaded.plan.ok_or(findings).unwrap();
    let variables = json!({ "url": vendor.url(), "token": TOKEN, "cities": cities });
    let live = build::over("t", plan, variables, profile, metrics, 1).unwrap();
    Gateway::new("t", live, Arc::clone(metrics)).keeping(Some(Arc::clone(store)))
}

fn arrival() -> Arrival<'static> {
    Arrival {
        now: "2026-11-21T10:00:00Z".parse().unwrap(),
        make: made::by_name,
        deadline: Instant::now() + Duration::from_secs(20),
        bulk: Bulk { max_operations: 100, max_payload_size: 1024 * 1024 },
        list_results: 100_000,
        authentication: &[],
        base: "https://gateway.example/scim/v2",
        caller: Caller::default(),
    }
}

pub fn work(city: &str) -> Value {
    json!([{ "type": "work", "locality": city }])
}

/// One who works there.
pub fn user(name: &str, city: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@acme.example"), "displayName": name, "active": true,
        "externalId": format!("00u-{name}"), "addresses": work(city),
    })
}
