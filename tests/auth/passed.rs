//! `client:`: the SCIM client's own credential goes on to the vendor, which alone judges it. What it shows to one is
//! never told to another.

use crate::{
    log::Log,
    vendor::{Asked, Reply, Vendor},
};
use http::Method;
use reqwest::{Client, Response, header};
use scimshim::{
    app::{App, build, config::Config},
    gateway::{Gateway, Live, rehearsal},
    mapping,
    metrics::Metrics,
    scim::profile::Profile,
    server::{endpoint::Tenant, settings::Limits},
    store::{Store, sqlite::Sqlite},
    upstream::{
        Answer,
        script::{Expected, Script, Times},
    },
};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// `uid:key1`, as an admin pastes it.
const ANN: &str = "dWlkOmtleTE=";
/// `uid:key2`
const BOB: &str = "dWlkOmtleTI=";

fn text(base: &str, scheme: &str, more: &str) -> String {
    format!(
        r#"
mapping: 1
name: test
evidence: assumed
upstream:
  base_url: {base}
  auth: {{ client: {{ scheme: {scheme} }} }}
  retries: {{ times: 0 }}
lookups:
  office: {{ call: GET /offices, items: offices, paging: none, name: name, key: id }}
resources:
  User:
    key: id
    attributes:
      userName: {{ field: email, required: true, only: create }}
      title: {{ field: office, lookup: office, only: create }}
    operations:
      get: {{ call: "GET /users/{{key}}", record: . }}
      list: {{ call: GET /users, items: users, paging: {{ cursor: {{ param: after, next: next }} }} }}
      create: {{ call: POST /users, record: . }}
{more}"#
    )
}

/// Groups of the vendor's, whose members are users.
const GROUPS: &str = r#"
  Group:
    key: id
    attributes:
      displayName: { field: name, required: true, only: create }
      members: { field: members, unordered: true, element: { value: { field: id, refers: User } } }
    operations:
      get: { call: "GET /groups/{key}", record: . }
      list: { call: GET /groups, items: groups, paging: none }
      create: { call: POST /groups, record: . }
      update:
        - { name: leave, claims: [members removes], for_each: changes.members.removed, call: "DELETE /groups/{key}/{item.value}" }
        - { name: join, claims: [members adds], for_each: changes.members.added, call: "PUT /groups/{key}/{item.value}" }
"#;

/// A process with these tenants: name, path, mapping.
struct Gate {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    http: Client,
}

impl Gate {
    async fn over(tenants: &[(&str, &str, String)]) -> Self {
        let mut config = Config::default();
        config.server.listen.set_port(0);
        config.admin.listen.set_port(0);
        config.server.limits = Limits { refusal: Duration::from_millis(1), ..Limits::default() };
        let metrics = Arc::<Metrics>::default();
        let tenant = |(name, path, text): &(&str, &str, String)| {
            let loaded = mapping::load("test.yaml", text);
            let plan = loaded.plan.ok_or_else(|| format!("{:?}", loaded.findings)).unwrap();
            let keeps = !plan.needs().is_empty();
            let live = build::over(name, plan, json!({}), Profile::Strict, &metrics, 1).unwrap();
            let store = keeps.then(|| Sqlite::in_memory(metrics.clone()).unwrap());
            let store = store.map(|store| Arc::new(store) as Arc<dyn Store>);
            let gateway = Arc::new(Gateway::new(name, live, metrics.clone()).keeping(store));
            let path = Some((*path).to_owned());
            Tenant { name: (*name).into(), path, host: None, clients: Default::default(), gateway }
        };
        let tenants = tenants.iter().map(tenant).collect();
        let app = App::over(&config, tenants, vec![], metrics.clone()).await.unwrap();
        let address = app.address();
        tokio::spawn(app.run(std::future::pending(), std::future::pending));
        Self { address, metrics, http: Client::new() }
    }

    /// One tenant at `/scim/v2`.
    async fn one(text: String) -> Self {
        Self::over(&[("acme", "/scim/v2", text)]).await
    }

    async fn ask(&self, path: &str, authorization: &[&str]) -> Told {
        let mut request = self.http.get(format!("http://{}{path}", self.address));
        for value in authorization {
            request = request.header(header::AUTHORIZATION, *value);
        }
        Told::of(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str, credential: &str) -> Told {
        self.ask(&format!("/scim/v2{path}"), &[&format!("Basic {credential}")]).await
    }

    async fn send(&self, method: &str, path: &str, credential: &str, body: Value) -> Told {
        let url = format!("http://{}/scim/v2{path}", self.address);
        let request = self.http.request(method.parse().unwrap(), url).json(&body);
        let request = request.header(header::AUTHORIZATION, format!("Basic {credential}"));
        Told::of(request.send().await.unwrap()).await
    }
}

/// What a client is told.
struct Told {
    status: u16,
    challenges: Vec<String>,
    body: Value,
}

impl Told {
    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let challenges = response.headers().get_all(header::WWW_AUTHENTICATE).iter();
        let challenges = challenges.map(|value| value.to_str().unwrap().to_owned()).collect();
        let body = response.bytes().await.unwrap();
        Self { status, challenges, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    fn names(&self) -> Vec<&str> {
        let resources = self.body["Resources"].as_array().unwrap().iter();
        resources.map(|one| one["userName"].as_str().unwrap()).collect()
    }
}

/// Whose call it is: a vendor of two accounts, which share neither people nor offices.
fn whose(asked: &Asked) -> Option<&'static str> {
    match asked.header("authorization")?.strip_prefix("Basic ")? {
        ANN => Some("ann"),
        BOB => Some("bob"),
        _ => None,
    }
}

/// Two pages of two people each, an office, a group, and all that is sent comes back.
fn account(asked: &Asked) -> Reply {
    let Some(name) = whose(asked) else { return Reply::Json(401, json!({ "message": "who?" })) };
    let user =
        |number: usize| json!({ "id": number, "email": format!("{name}{number}"), "office": 9 });
    let line = asked.line.as_str();
    Reply::Json(
        200,
        match line.split_once("/users?after=") {
            Some((_, after)) if after == format!("{name}-2") => {
                json!({ "users": [user(3), user(4)] })
            }
            Some(_) => return Reply::Json(400, json!({ "message": "no such page" })),
            None => match line {
                "GET /users" => json!({ "users": [user(1), user(2)], "next": format!("{name}-2") }),
                "GET /offices" => {
                    json!({ "offices": [{ "id": 9, "name": format!("{name}'s office") }] })
                }
                "GET /groups" => json!({ "groups": [] }),
                "GET /groups/1" => json!({ "id": 1, "name": name, "members": [] }),
                "PUT /groups/1" => serde_json::from_str(&asked.body).unwrap(),
                _ => match line.strip_prefix("GET /users/").and_then(|id| id.parse().ok()) {
                    Some(number @ 1..=4) => user(number),
                    _ => return Reply::Json(404, json!({})),
                },
            },
        },
    )
}

async fn vendor() -> Vendor {
    Vendor::start(|asked, _| account(asked)).await
}

/// The lines that this credential's calls had, from the call of this number on.
fn lines(vendor: &Vendor, from: usize) -> Vec<String> {
    let line = |asked: Asked| format!("{} {}", whose(&asked).unwrap_or("-"), asked.line);
    vendor.asked().into_iter().skip(from).map(line).collect()
}

#[tokio::test]
async fn whichever_way_it_comes_it_goes_on_under_the_scheme() {
    let (basic, bearer) = (format!("Basic {ANN}"), format!("Bearer {ANN}"));
    let lower = format!("basic   {ANN}");
    let table = [
        ("basic", ANN, &basic),
        ("basic", &basic, &basic),
        ("basic", &bearer, &basic),
        ("basic", &lower, &basic),
        ("bearer", ANN, &bearer),
        ("bearer", &basic, &bearer),
        ("as_sent", &bearer, &bearer),
        ("as_sent", &basic, &basic),
        ("as_sent", ANN, &ANN.to_owned()),
        ("as_sent", "Token token=\"a b\"", &"Token token=\"a b\"".to_owned()),
    ];
    for (scheme, sent, expected) in table {
        let vendor = Vendor::start(|_, _| Reply::Json(200, json!({ "users": [] }))).await;
        let gate = Gate::one(text(&vendor.url, scheme, "")).await;
        let told = gate.ask("/scim/v2/Users", &[sent]).await;
        assert_eq!(told.status, 200, "{scheme} {sent}: {}", told.detail());
        let asked = vendor.asked();
        assert_eq!(asked[0].header("authorization"), Some(expected.as_str()), "{scheme} {sent}");
    }
}

#[tokio::test]
async fn who_brings_none_is_told_at_the_door() {
    let vendor = vendor().await;
    let gate = Gate::one(text(&vendor.url, "basic", "")).await;
    let long = format!("Bearer {}", "x".repeat(20_000));
    let (basic, bearer) =
        (r#"Basic realm="scimshim", charset="UTF-8""#, r#"Bearer realm="scimshim""#);
    for sent in [&[][..], &[""], &["Bearer a", "Bearer b"], &["Bearer a b"], &[long.as_str()]] {
        for path in ["/scim/v2/Users", "/scim/v2/Schemas", "/scim/v2/Users/1"] {
            let told = gate.ask(path, sent).await;
            assert_eq!(told.status, 401, "{path}");
            assert_eq!(told.challenges, [basic, bearer], "{path}");
        }
    }
    assert!(vendor.asked().is_empty());
    // Where clients learn how to prove who they are.
    let told = gate.get("/ServiceProviderConfig", ANN).await;
    assert_eq!(told.body["authenticationSchemes"][0]["type"], "httpbasic");
}

/// RFC 9110 §11.6.1; never "the gateway's credential", which there is none of.
#[tokio::test]
async fn what_the_vendor_says_of_it_is_the_clients_own() {
    let log = Log::default();
    let _listening = log.listen();
    let forbids = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&forbids);
    let vendor = Vendor::start(move |asked, _| {
        let message = format!("{} is key1", asked.header("authorization").unwrap());
        Reply::Json(
            if told.load(Ordering::Relaxed) { 403 } else { 401 },
            json!({ "message": message }),
        )
    })
    .await;
    let gate = Gate::one(text(&vendor.url, "basic", "")).await;
    let user =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mia" });
    for (status, expected, challenges) in [(401, "does not take", 2), (403, "does not allow", 0)] {
        forbids.store(status == 403, Ordering::Relaxed);
        let all = [
            gate.get("/Users", ANN).await,
            gate.get("/Users/1", ANN).await,
            gate.get("/Users?count=5000", ANN).await,
            gate.get("/Users?filter=userName%20eq%20%22mia%22", ANN).await,
            gate.send("POST", "/Users", ANN, user.clone()).await,
        ];
        for told in all {
            assert_eq!(told.status, status, "{}", told.detail());
            assert!(told.detail().contains(expected), "{}", told.detail());
            assert!(!told.detail().contains("gateway"), "{}", told.detail());
            for secret in [ANN, "key1"] {
                assert!(!told.detail().contains(secret), "{}", told.detail());
            }
            assert_eq!(told.challenges.len(), challenges, "{}", told.detail());
        }
    }
    let counted = gate.metrics.render();
    assert!(counted.contains(r#"reason="vendor",tenant="acme"} 5"#), "{counted}");
    assert!(!counted.contains("scimshim_credential_refused_total{"), "{counted}");
    let logged = log.text();
    assert!(logged.contains("passed-on") && logged.contains("vendor refused"), "{logged}");
    for secret in [ANN, "key1", "gateway's own credential"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

/// However the vendor writes it down: bare, without what fills it up, or encoded for an address.
#[tokio::test]
async fn what_a_client_brought_is_repeated_to_nobody() {
    for words in
        [ANN, "dWlkOmtleTE", "dWlkOmtleTE%3D", "dWlkOmtleTE%253d", "uid:key1", "uid%3Akey1"]
    {
        let body = json!({ "message": format!("before {words} behind") });
        let vendor = Vendor::start(move |_, _| Reply::Json(403, body.clone())).await;
        let gate = Gate::one(text(&vendor.url, "basic", "")).await;
        let told = gate.get("/Users", ANN).await;
        assert!(told.detail().contains("***") && told.detail().contains(" behind"), "{words}");
        for secret in ["dWlk", "key1"] {
            assert!(!told.detail().contains(secret), "{words}: {}", told.detail());
        }
    }
}

/// Where a walk stopped and what lookups gave are one credential's.
#[tokio::test]
async fn what_one_was_shown_no_other_is_told() {
    let vendor = vendor().await;
    let gate = Gate::one(text(&vendor.url, "basic", "")).await;
    let first = gate.get("/Users?startIndex=1&count=2", ANN).await;
    assert_eq!(first.names(), ["ann1", "ann2"]);
    assert_eq!(first.body["Resources"][0]["title"], "ann's office");
    // Ann's own second page goes on where the first ended, and asks no office again.
    let before = vendor.asked().len();
    assert_eq!(gate.get("/Users?startIndex=3&count=2", ANN).await.names(), ["ann3", "ann4"]);
    assert_eq!(lines(&vendor, before), ["ann GET /users?after=ann-2"]);
    // Bob's begins at the beginning, and with offices of his own.
    let before = vendor.asked().len();
    let other = gate.get("/Users?startIndex=3&count=2", BOB).await;
    assert_eq!(other.names(), ["bob3", "bob4"]);
    assert_eq!(other.body["Resources"][0]["title"], "bob's office");
    assert_eq!(
        lines(&vendor, before),
        ["bob GET /users", "bob GET /users?after=bob-2", "bob GET /offices"]
    );
}

/// Reads that are on their way together are one call of one credential's, however alike they are.
#[tokio::test]
async fn what_one_waits_for_no_other_joins() {
    let permits = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&permits);
    let vendor =
        Vendor::start(move |asked, _| Reply::Held(Arc::clone(&held), Box::new(account(asked))))
            .await;
    let gate = Gate::one(text(&vendor.url, "basic", "")).await;
    // Both have asked for the person before anybody is answered; the offices are asked for one after the other.
    let answering = async {
        for (count, answered) in [(2, 2), (3, 1), (4, 1)] {
            vendor.heard(count).await;
            permits.add_permits(answered);
        }
    };
    let (ann, bob, ()) =
        tokio::join!(gate.get("/Users/1", ANN), gate.get("/Users/1", BOB), answering);
    for (told, name) in [(ann, "ann"), (bob, "bob")] {
        assert_eq!(told.body["userName"], format!("{name}1"), "{}", told.detail());
        assert_eq!(told.body["title"], format!("{name}'s office"));
    }
    assert_eq!(vendor.asked().len(), 4);
    assert!(!gate.metrics.render().contains("calls_joined_total{"));
}

#[tokio::test]
async fn whom_one_has_seen_another_looks_for() {
    let joined = AtomicUsize::new(0);
    let vendor = Vendor::start(move |asked, _| match asked.line.strip_prefix("PUT /groups/1/") {
        Some(_) => {
            joined.fetch_add(1, Ordering::Relaxed);
            Reply::Json(200, json!({}))
        }
        None if asked.line == "GET /groups/1" => {
            let members = (1..=joined.load(Ordering::Relaxed)).map(|id| json!({ "id": id }));
            Reply::Json(
                200,
                json!({ "id": 1, "name": "all", "members": members.collect::<Value>() }),
            )
        }
        None => account(asked),
    })
    .await;
    let gate = Gate::one(text(&vendor.url, "basic", GROUPS)).await;
    assert_eq!(gate.get("/Users?startIndex=1&count=4", ANN).await.names().len(), 4);
    for (credential, name, ids, looks) in [(ANN, "ann", ["1", "2"], 0), (BOB, "bob", ["3", "4"], 2)]
    {
        let join = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": "members", "value": ids.map(|id| json!({ "value": id })) }]
        });
        let before = vendor.asked().len();
        let told = gate.send("PATCH", "/Groups/1", credential, join).await;
        assert!(told.status < 300, "{name}: {}", told.detail());
        let asked = lines(&vendor, before);
        let looked = asked.iter().filter(|line| line.contains("GET /users")).count();
        assert_eq!(looked, looks, "{asked:?}");
        assert!(asked.iter().all(|line| line.starts_with(name)), "{asked:?}");
    }
}

#[tokio::test]
async fn a_cursor_is_one_credentials() {
    let vendor = vendor().await;
    let gate = Gate::one(text(&vendor.url, "basic", "")).await;
    let first = gate.get("/Users?cursor&count=2", ANN).await;
    let next = first.body["nextCursor"].as_str().unwrap();
    let address = format!("/Users?cursor={next}&count=2");
    let before = vendor.asked().len();
    let foreign = gate.get(&address, BOB).await;
    assert_eq!((foreign.status, &foreign.body["scimType"]), (400, &json!("invalidCursor")));
    assert_eq!(vendor.asked().len(), before, "and nobody is asked");
    assert_eq!(gate.get(&address, ANN).await.names(), ["ann3", "ann4"]);
}

#[tokio::test]
async fn two_tenants_are_told_apart_by_their_paths() {
    let (one, other) = (vendor().await, vendor().await);
    let tenants = [
        ("one", "/one/scim/v1", text(&one.url, "basic", "")),
        ("other", "/other/scim/v1", text(&other.url, "basic", "")),
    ];
    let gate = Gate::over(&tenants).await;
    for (path, asked) in [("/one/scim/v1/Users", (2, 0)), ("/other/scim/v1/Users", (2, 2))] {
        assert_eq!(gate.ask(path, &[&format!("Bearer {ANN}")]).await.status, 200);
        let counts = [&one, &other].map(|vendor| {
            let asked = vendor.asked();
            assert!(asked.iter().all(|asked| whose(asked) == Some("ann")));
            asked.iter().filter(|asked| asked.line.starts_with("GET /users")).count()
        });
        assert_eq!((counts[0], counts[1]), asked, "{path}");
    }
    assert_eq!(gate.ask("/scim/v2/Users", &[ANN]).await.status, 404);
    let counted = gate.metrics.render();
    for tenant in ["one", "other"] {
        assert!(counted.contains(&format!(r#"outcome="ok",tenant="{tenant}"}} 1"#)), "{counted}");
    }
}

/// Groups of our own stand in the store, and no call of the vendor's stands before them.
#[tokio::test]
async fn what_the_gateway_holds_is_told_to_nobody_whom_the_vendor_does_not_know() {
    let vendor = vendor().await;
    let kept = "  Group: { kept: true }\n";
    let gate = Gate::one(text(&vendor.url, "basic", kept)).await;
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "staff" });
    let stranger = "c3RyYW5nZXI6eA==";
    let refused = gate.send("POST", "/Groups", stranger, group.clone()).await;
    assert_eq!(refused.status, 401, "{}", refused.detail());
    let made = gate.send("POST", "/Groups", ANN, group).await;
    assert_eq!(made.status, 201, "{}", made.detail());
    let id = made.body["id"].as_str().unwrap();
    for path in [
        "/Groups".to_owned(),
        format!("/Groups/{id}"),
        "/Groups?filter=displayName%20eq%20%22staff%22".to_owned(),
        "/Groups?count=5000".to_owned(),
        "/?filter=displayName%20eq%20%22staff%22".to_owned(),
    ] {
        let told = gate.get(&path, stranger).await;
        assert_eq!(told.status, 401, "{path}: {}", told.body);
        let told = gate.get(&path, ANN).await;
        assert_eq!(told.status, 200, "{path}: {}", told.detail());
    }
    let gone = gate.send("DELETE", &format!("/Groups/{id}"), stranger, Value::Null).await;
    assert_eq!(gone.status, 401);
    // Whom the vendor has taken it is not asked for again at once.
    let before = vendor.asked().len();
    assert_eq!(gate.get("/Groups", ANN).await.status, 200);
    assert_eq!(lines(&vendor, before), [""; 0]);
}

/// A credential that the vendor takes no more has nothing of what it was shown.
#[tokio::test]
async fn a_credential_that_ended_is_forgotten() {
    let ended = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&ended);
    let vendor = Vendor::start(move |asked, _| match told.load(Ordering::Relaxed) {
        true => Reply::Json(401, json!({})),
        false => account(asked),
    })
    .await;
    let gate = Gate::one(text(&vendor.url, "basic", "  Group: { kept: true }\n")).await;
    assert_eq!(gate.get("/Groups", ANN).await.status, 200);
    ended.store(true, Ordering::Relaxed);
    assert_eq!(gate.get("/Groups", ANN).await.status, 200, "proven a moment ago");
    assert_eq!(gate.get("/Users", ANN).await.status, 401);
    assert_eq!(gate.get("/Groups", ANN).await.status, 401);
}

/// Beside a mapping nobody brings a credential, and what the vendor says of one is judged as it would be.
#[tokio::test]
async fn a_test_file_sees_what_the_client_would_be_told() {
    let text = text("https://vendor.example", "basic", "");
    let plan = Arc::new(mapping::load("test.yaml", &text).plan.unwrap());
    for status in [401, 403] {
        let answer = Ok(Answer { status, ..Answer::default() });
        let (path, times) = ("/users".to_owned(), Times::Exactly(1));
        let expected = Expected { method: Method::GET, path, query: Vec::new(), answer, times };
        let upstream = Arc::new(Script::new(vec![expected]));
        let variables = Arc::new(json!({}));
        let live = Live::new(Arc::clone(&plan), upstream, variables, Profile::Strict, 1);
        let written = rehearsal::Written {
            method: Method::GET,
            address: "/Users".to_owned(),
            body: Value::Null,
            if_match: None,
            if_none_match: None,
        };
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let wire = rehearsal::rehearse(live, Vec::new(), &written, now).await.wire;
        assert_eq!(wire.status, status);
    }
}
