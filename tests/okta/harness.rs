//! The demo's parts with a certificate: a sample vendor, a gateway over TLS, and Okta as a client.

use reqwest::{Certificate, Client, Method};
use scimshim::{
    app::{App, build, config::Config},
    demo::vendor::Vendor,
    gateway::Gateway,
    mapping,
    metrics::Metrics,
    scim::profile::Profile,
    server::{
        endpoint::Tenant,
        settings::{Clients, Credentials, Digest, Files, Password, Token},
    },
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{net::TcpListener, sync::oneshot};

/// The sample vendor's mapping.
pub const MAPPING: &str = include_str!("../../mappings/sample.yaml");

/// Okta and all that stands behind its base URL.
pub struct Okta {
    client: Client,
    /// The SCIM base URL.
    pub base: String,
    /// What the vendor holds and was asked.
    pub vendor: Arc<Vendor>,
    _stop: oneshot::Sender<()>,
    _files: Folder,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Okta {
    /// A fresh world: three people, one team, and the token `t0ken`.
    pub async fn new() -> Self {
        Self::over(MAPPING).await
    }

    /// The same with another mapping.
    pub async fn over(text: &str) -> Self {
        let vendor = Arc::new(Vendor::seeded("key"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(Arc::clone(&vendor).serve(listener));

        let plan = mapping::load("mappings/sample.yaml", text).plan.unwrap();
        let metrics = Arc::new(Metrics::default());
        let variables = json!({ "url": format!("http://{address}"), "key": "key" });
        let live = build::over("acme", plan, variables, Profile::Okta, &metrics, 1).unwrap();
        let gateway = Arc::new(Gateway::new("acme", live, metrics.clone()));
        let tenant =
            Tenant { name: "acme".into(), path: None, host: None, clients: clients(), gateway };

        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = Folder::new();
        let (cert, secret) = (files.path("tls.crt"), files.path("tls.key"));
        std::fs::write(&cert, key.cert.pem()).unwrap();
        std::fs::write(&secret, key.signing_key.serialize_pem()).unwrap();

        let mut config = Config::default();
        config.server.listen.set_port(0);
        config.admin.listen.set_port(0);
        config.server.tls = Some(Files { cert, key: secret });
        let app = App::over(&config, vec![tenant], Vec::new(), metrics).await.unwrap();
        let base = format!("https://localhost:{}/scim/v2", app.address().port());
        let (stop, stopped) = oneshot::channel();
        let until = async {
            let _ = stopped.await;
        };
        tokio::spawn(app.run(until, std::future::pending));
        let root = Certificate::from_pem(key.cert.pem().as_bytes()).unwrap();
        let client = Client::builder().tls_certs_only([root]).build().unwrap();
        Self { client, base, vendor, _stop: stop, _files: files }
    }

    /// One request as Okta sends it.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        self.with("Bearer t0ken", method, path, body).await
    }

    /// The same with another `Authorization`.
    pub async fn with(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        self.with_headers(&[("authorization", authorization)], method, path, body).await
    }

    /// A request that wants its resource to have (or not to have) a version.
    pub async fn versioned(
        &self,
        (name, tag): (&str, &str),
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let headers = [("authorization", "Bearer t0ken"), (name, tag)];
        self.with_headers(&headers, method, path, body).await
    }

    async fn with_headers(
        &self,
        headers: &[(&str, &str)],
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .header("user-agent", "Okta SCIM Client 1.0.0")
            .header("accept", "application/scim+json")
            .header("accept-charset", "utf-8");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            let kind = "application/scim+json; charset=utf-8";
            request = request.header("content-type", kind).body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Reply { status, headers, body }
    }

    /// A list, page by page as Okta imports it.
    pub async fn import(&self, endpoint: &str) -> Vec<Value> {
        let (mut start, mut all) = (1, Vec::new());
        loop {
            let page =
                self.send("GET", &format!("{endpoint}?startIndex={start}&count=100"), None).await;
            assert_eq!(page.status, 200, "{page:?}");
            let resources = page.body["Resources"].as_array().unwrap();
            assert_eq!(
                (&page.body["startIndex"], &page.body["itemsPerPage"]),
                (&json!(start), &json!(resources.len()))
            );
            all.extend(resources.iter().cloned());
            start += 100;
            if start > page.body["totalResults"].as_u64().unwrap() {
                return all;
            }
        }
    }

    /// So many people straight into the vendor; their ids.
    pub fn people(&self, count: usize) -> Vec<String> {
        let mut state = self.vendor.state();
        let made = (0..count).map(|number| {
            let key = state.new_key();
            let person = json!({ "login": format!("p{number}@acme.example") });
            assert!(state.people.make(key, &person, 0).is_ok());
            key.to_string()
        });
        made.collect()
    }

    /// A new user's id.
    pub async fn user(&self, login: &str) -> String {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login,
            "name": { "givenName": "Mia", "familyName": "Berg" },
            "emails": [{ "primary": true, "value": login, "type": "work" }], "active": true,
        });
        let reply = self.send("POST", "/Users", Some(body)).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.body["id"].as_str().unwrap().to_owned()
    }
}

/// A PATCH body.
pub fn patch(operations: Value) -> Option<Value> {
    Some(json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    }))
}

/// The three ways of the app wizard: bearer and raw token, and Basic.
fn clients() -> Clients {
    let bearer = vec![Token { sha256: Digest::of(b"t0ken"), until: None }];
    let basic =
        vec![Password { user: "okta".to_owned(), sha256: Digest::of(b"pass"), until: None }];
    Clients::from([("okta".to_owned(), Credentials { bearer, basic })])
}

/// A folder that goes with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("scimshim-okta-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
