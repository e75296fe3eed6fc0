//! A gateway over a real vendor, with a mapping that lists, finds and makes users.

use http::Method;
use scimshim::{
    app::build,
    gateway::{Gateway, Live, probed::Probed, rehearsal},
    mapping::{self, plan::Plan},
    metrics::Metrics,
    scim::{encode::Wire, profile::Profile},
    upstream::Client,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// The mapping of a vendor at `base`; `upstream` is what stands beside its `base_url`.
fn text(base: &str, upstream: &str) -> String {
    format!(
        r#"
mapping: 1
name: test
evidence: assumed
tenant: {{ secret: {{ type: text, secret: true }} }}
upstream:
  base_url: {base}
  timeout: 300ms
  retries: {{ times: 0 }}
{upstream}
resources:
  User:
    key: id
    attributes: {{ userName: {{ field: email, required: true, only: create }} }}
    operations:
      get: {{ call: "GET /users/{{key}}", record: . }}
      list: {{ call: GET /users, items: users, paging: none }}
      create: {{ call: POST /users, record: . }}
"#
    )
}

pub const SECRET: &str = "s3cret&/ö";

/// One tenant of such a mapping.
pub struct Tenant {
    live: Arc<Live>,
    pub metrics: Arc<Metrics>,
}

impl Tenant {
    pub fn new(base: &str, upstream: &str) -> Self {
        Self::of(&text(base, upstream), json!({ "secret": SECRET }))
    }

    /// Of another mapping.
    pub fn of(text: &str, variables: Value) -> Self {
        let loaded = mapping::load("test.yaml", text);
        let plan: Plan = loaded.plan.ok_or(loaded.findings).unwrap();
        let metrics = Arc::<Metrics>::default();
        let live = build::over("acme", plan, variables, Profile::Strict, &metrics, 1).unwrap();
        Self { live: Arc::new(live), metrics }
    }

    /// As after a reload of the same mapping with the same variables.
    pub fn reloaded(&self) -> Self {
        let Live { plan, upstream, variables, profile, generation, .. } = &*self.live;
        let settings = plan.settings(variables).unwrap();
        let client = Client::after(Some(&**upstream), "acme", settings, self.metrics.clone());
        let upstream = Arc::new(client.unwrap());
        let (plan, variables) = (Arc::clone(plan), Arc::clone(variables));
        let live = Live::new(plan, upstream, variables, *profile, generation + 1);
        Self { live: Arc::new(live), metrics: Arc::clone(&self.metrics) }
    }

    /// What its probe says, well or ill.
    pub async fn probe(&self) -> String {
        let gateway = Gateway::new("acme", self.live(), Arc::clone(&self.metrics));
        let deadline = Instant::now() + Duration::from_secs(10);
        match gateway.probe("2026-11-21T10:00:00Z".parse().unwrap(), deadline).await {
            Probed::Well(words) | Probed::Ill(words) => words,
            Probed::Unasked => "unasked".to_owned(),
        }
    }

    pub async fn list(&self) -> Wire {
        self.ask(Method::GET, "/Users", Value::Null).await
    }

    pub async fn create(&self) -> Wire {
        let schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
        let body = json!({ "schemas": schemas, "userName": "mia@acme.example" });
        self.ask(Method::POST, "/Users", body).await
    }

    fn live(&self) -> Live {
        let Live { plan, upstream, variables, profile, generation, .. } = &*self.live;
        Live::new(
            Arc::clone(plan),
            Arc::clone(upstream),
            Arc::clone(variables),
            *profile,
            *generation,
        )
    }

    async fn ask(&self, method: Method, address: &str, body: Value) -> Wire {
        let live = self.live();
        let written = rehearsal::Written {
            method,
            address: address.to_owned(),
            body,
            if_match: None,
            if_none_match: None,
        };
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        rehearsal::rehearse(live, vec![], &written, now).await.wire
    }
}

/// What the client is told in words.
pub fn detail(wire: &Wire) -> &str {
    let body = wire.body.as_ref();
    body.and_then(|body| body.get("detail")).and_then(Value::as_str).unwrap_or_default()
}
