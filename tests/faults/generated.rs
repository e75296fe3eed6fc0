//! Values that are made up for the vendor: fresh for each create, and told to nobody else.

use crate::harness::{MAPPING, Table, World, detail, patch, user};
use scimshim::{
    scim::profile::Profile,
    upstream::{
        self, Answer, Call, Upstream,
        call::{Body, Pending},
    },
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    process::Command,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// The mapping of this page with a password that is made up.
fn mapping() -> String {
    let rule = "      password: { field: pw, direction: write, generate: { length: 24, needs: [upper, lower, digit, symbol] } }\n      active: {";
    MAPPING.replacen("      active: {", rule, 1)
}

/// A vendor that refuses every create so often, and says the password in its answer.
#[derive(Clone)]
struct Talkative {
    status: u16,
    refusals: Arc<Mutex<u32>>,
    passwords: Arc<Mutex<Vec<String>>>,
}

impl Talkative {
    fn new(status: u16, refusals: u32) -> Self {
        let (refusals, passwords) = (Arc::new(Mutex::new(refusals)), Arc::default());
        Self { status, refusals, passwords }
    }

    fn passwords(&self) -> Vec<String> {
        self.passwords.lock().unwrap().clone()
    }
}

impl Upstream for Talkative {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, upstream::Error>> {
        let (status, body) = match &call.body {
            Body::Json(sent) if call.method == http::Method::POST => {
                let password = sent["pw"].as_str().unwrap().to_owned();
                self.passwords.lock().unwrap().push(password.clone());
                let mut refusals = self.refusals.lock().unwrap();
                if *refusals > 0 {
                    *refusals -= 1;
                    (self.status, json!({ "message": format!("{password} is no good password") }))
                } else {
                    (201, json!({ "id": 7, "login": sent["login"], "pw": password }))
                }
            }
            _ if call.path == "/users" => (200, json!({ "users": [] })),
            _ => (200, json!({ "id": 7, "login": "mia" })),
        };
        Box::pin(async move { Ok(Answer { status, body, ..Answer::default() }) })
    }

    fn wait(&self, _: Duration) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

#[tokio::test]
async fn each_create_has_a_fresh_one_and_no_answer_shows_it() {
    let vendor = Talkative::new(422, 2);
    let world = World::over(&mapping(), Arc::new(vendor.clone()), Profile::Strict);
    let mut wires = Vec::new();
    for _ in 0..5 {
        wires.push(world.send("POST", "/Users", &user("mia")).await);
    }
    let statuses: Vec<u16> = wires.iter().map(|wire| wire.status).collect();
    assert_eq!(statuses, [400, 400, 201, 201, 201]);
    let passwords = vendor.passwords();
    assert_eq!(passwords.iter().collect::<BTreeSet<_>>().len(), 5, "each is another");
    for password in &passwords {
        assert_eq!(password.len(), 24);
        let has = |kind: fn(char) -> bool| password.contains(kind);
        assert!(has(|c| c.is_ascii_uppercase()) && has(|c| c.is_ascii_lowercase()));
        assert!(has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_punctuation()));
        let said = |wire| format!("{wire:?}").contains(password.as_str());
        assert!(!wires.iter().any(said), "{wires:?}");
    }
    assert!(detail(&wires[0]).contains("*** is no good password"), "{}", detail(&wires[0]));
}

#[tokio::test]
async fn a_call_that_names_one_is_told_of_without_it() {
    let vendor = Talkative::new(404, 1);
    let create = "create: { call: POST /users, record: . }";
    let named =
        "create: { call: POST /users, for_each: \"[fields.pw]\", body: \"{fields}\", record: . }";
    let mapping = mapping().replace(create, named);
    assert!(mapping.contains(named));
    let world = World::over(&mapping, Arc::new(vendor.clone()), Profile::Strict);
    let wire = world.send("POST", "/Users", &user("mia")).await;
    assert_eq!(wire.status, 502);
    let passwords = vendor.passwords();
    assert!(!format!("{wire:?}").contains(&passwords[0]), "{}", detail(&wire));
}

#[tokio::test]
async fn a_call_that_is_repeated_as_it_was_is_the_same_create() {
    let vendor = Talkative::new(429, 1);
    let world = World::over(&mapping(), Arc::new(vendor.clone()), Profile::Strict);
    assert_eq!(world.send("POST", "/Users", &user("mia")).await.status, 201);
    let passwords = vendor.passwords();
    assert_eq!(passwords.len(), 2);
    assert_eq!(passwords[0], passwords[1]);
}

#[tokio::test]
async fn the_clients_own_is_sent_as_it_is_and_an_update_makes_none_up() {
    let vendor = Table::default();
    let world = World::over(&mapping(), Arc::new(vendor.clone()), Profile::Strict);
    let mut mia = user("mia");
    mia["password"] = json!("of her own");
    assert_eq!(world.send("POST", "/Users", &mia).await.status, 201);
    assert!(vendor.told().contains(r#""pw":"of her own""#), "{}", vendor.told());
    vendor.forget();
    let nick = json!([{ "op": "replace", "path": "nickName", "value": "m" }]);
    assert_eq!(world.send("PATCH", "/Users/100", &patch(nick)).await.status, 200);
    let mut renamed = user("mia");
    renamed["nickName"] = json!("n");
    assert_eq!(world.send("PUT", "/Users/100", &renamed).await.status, 200);
    assert!(vendor.told().contains("PATCH") && !vendor.told().contains("pw"), "{}", vendor.told());
}

/// A folder with a mapping and its test; it goes with the test.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn test_and_explain_name_it() {
    let folder = Folder(std::env::temp_dir().join(format!("scimshim-made-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("m.yaml"), mapping()).unwrap();
    let tests = r#"
test: 1
mapping: m.yaml
tenant: { url: https://v.example, token: t }
tests:
  - name: a first password
    request: { POST /Users: { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: mia } }
    calls:
      - { call: GET /users?login=mia, answer: { body: { users: [] } } }
      - { call: POST /users, body: { login: mia, pw: EXPECTED }, answer: { body: { id: 7, login: mia } } }
    response: { status: 201, body: { userName: mia, password: null } }
"#;
    let file = folder.0.join("m.test.yaml");
    let scimshim = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
        let ran = command.args(arguments).current_dir(&folder.0).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
    };
    for expected in ["\"*\"", "<generated>"] {
        std::fs::write(&file, tests.replace("EXPECTED", expected)).unwrap();
        let (code, said) = scimshim(&["test", "m.yaml"]);
        assert_eq!(code, Some(0), "{said}");
    }
    let (code, said) = scimshim(&["explain", "m.yaml", "--request", "m.test.yaml"]);
    assert_eq!(code, Some(0), "{said}");
    let sent = json!({ "login": "mia", "pw": "<generated>" });
    assert!(said.contains(&sent.to_string()), "{said}");
    let (_, said) = scimshim(&["explain", "m.yaml"]);
    assert!(said.contains("generated where the client sends none (24 characters"), "{said}");
}
