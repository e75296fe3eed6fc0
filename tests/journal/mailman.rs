//! The mapping of Mailman as it is: its create is three calls, of which the first alone makes somebody whom no search by
//! name shows before the last.

use crate::world::{Told, World, answer, silent};
use scimshim::{
    scim::profile::Profile,
    store::Stage,
    upstream::{
        Answer, Call, Error, Upstream,
        call::{Body, Pending},
        error::Kind,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

const MIA: &str = "mia@acme.example";
const USER: &str = "POST /users";
const VERIFY: &str = "POST /addresses/mia%40acme.example/verify";
const PREFER: &str = "POST /users/1/preferred_address";

/// Of a write.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Well,
    /// It is carried out, and its answer is lost.
    Unheard,
    /// The same, and its process is killed.
    Swallowed,
    /// It does not leave.
    Away,
}

#[derive(Default)]
struct Mailman {
    users: Mutex<BTreeMap<String, Value>>,
    fates: Mutex<Vec<Fate>>,
    writes: Mutex<Vec<String>>,
}

impl Mailman {
    fn fated(&self, fates: &[Fate]) {
        self.fates.lock().unwrap().extend(fates);
    }

    fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    fn user(&self) -> Value {
        self.users.lock().unwrap().get("1").cloned().unwrap_or_default()
    }

    fn carry_out(&self, call: &Call) -> Answer {
        let mut users = self.users.lock().unwrap();
        let form: BTreeMap<String, String> = match &call.body {
            Body::Form(fields) => fields.iter().cloned().collect(),
            _ => BTreeMap::new(),
        };
        if call.method != http::Method::GET {
            self.writes.lock().unwrap().push(format!("{} {}", call.method, call.path));
        }
        let path = call.path.replace("%40", "@");
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let of = |users: &BTreeMap<String, Value>, id: &str| {
            users.values().find(|user| user["user_id"] == id || user["email"] == id).cloned()
        };
        match (call.method.as_str(), parts.as_slice()) {
            ("POST", ["users"]) => {
                if of(&users, &form["email"]).is_some() {
                    let words = "User already exists: mia@acme.example";
                    return answer(400, json!({ "description": words }));
                }
                let id = (users.len() + 1).to_string();
                let user = json!({
                    "user_id": id, "email": form["email"], "display_name": form.get("display_name"),
                });
                users.insert(id.clone(), user);
                let mut made = answer(201, Value::Null);
                let location = format!("http://localhost:8001/3.1/users/{id}");
                made.headers.insert("location", location.parse().unwrap());
                made
            }
            ("POST", ["addresses", _, "verify"]) => {
                let user = users.get_mut("1").unwrap();
                user["verified"] = json!(true);
                answer(204, Value::Null)
            }
            ("POST", ["users", id, "preferred_address"]) => {
                users.get_mut(*id).unwrap()["preferred"] = json!(form["email"]);
                answer(201, Value::Null)
            }
            ("GET", ["users", id]) => match of(&users, id) {
                Some(user) => answer(200, user),
                None => answer(404, Value::Null),
            },
            ("GET", ["users", id, part]) => match (of(&users, id), *part) {
                (None, _) => answer(404, Value::Null),
                (Some(user), "addresses") => {
                    answer(200, json!({ "entries": [{ "email": user["email"] }] }))
                }
                (Some(user), "preferred_address") => match user.get("preferred") {
                    Some(email) => answer(200, json!({ "email": email })),
                    None => answer(404, Value::Null),
                },
                _ => answer(200, json!({})),
            },
            other => panic!("{other:?}"),
        }
    }
}

impl Upstream for Mailman {
    fn call<'a>(
        &'a self,
        call: &'a Call,
        _: u32,
        _: Instant,
    ) -> Pending<'a, Result<Answer, Error>> {
        let writes = call.method != http::Method::GET;
        let mut fates = self.fates.lock().unwrap();
        let fate = if writes && !fates.is_empty() { fates.remove(0) } else { Fate::Well };
        drop(fates);
        let outcome = match fate {
            Fate::Well => Ok(self.carry_out(call)),
            Fate::Away => Err(silent(Kind::Connect)),
            Fate::Unheard => {
                self.carry_out(call);
                Err(silent(Kind::Broken))
            }
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

fn world() -> Arc<World<Mailman>> {
    let mapping = std::fs::read_to_string("mappings/mailman.yaml").unwrap();
    Arc::new(World::of(&mapping, Arc::default(), Profile::Okta))
}

async fn post(world: &World<Mailman>) -> Told {
    let mia = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": MIA, "displayName": "Mia", "password": "s3cret-of-hers", "active": true,
        "emails": [{ "value": MIA, "primary": true, "type": "work" }],
    });
    world.send("POST", "/Users", mia).await
}

async fn killed(world: &Arc<World<Mailman>>, fates: &[Fate]) {
    world.vendor.fated(fates);
    let asked = tokio::spawn({
        let world = world.clone();
        async move { post(&world).await }
    });
    while !world.vendor.fates.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    asked.abort();
    let _ = asked.await;
    world.restart().await;
}

/// In the answer's loss and in the process's, at each call: 201 when she is verified and her address preferred.
#[tokio::test]
async fn whoever_is_half_made_is_made_whole_by_the_repeat() {
    for at in 0..3 {
        let before = || vec![Fate::Well; at];
        for fate in [Fate::Unheard, Fate::Swallowed] {
            let world = world();
            let fates: Vec<Fate> = before().into_iter().chain([fate]).collect();
            match fate {
                Fate::Swallowed => killed(&world, &fates).await,
                _ => {
                    world.vendor.fated(&fates);
                    // What may be repeated is, within the request.
                    assert_eq!(post(&world).await.status, 201, "{fates:?}");
                }
            }
            if fate == Fate::Swallowed {
                let told = post(&world).await;
                assert_eq!((told.status, &told.body["userName"]), (201, &json!(MIA)), "{told:?}");
            }
            let user = world.vendor.user();
            assert_eq!((&user["verified"], &user["preferred"]), (&json!(true), &json!(MIA)));
            let writes = world.vendor.writes();
            assert_eq!(writes.iter().filter(|write| *write == USER).count(), 1, "{writes:?}");
            world.passes(60);
            world.deliver().await;
            assert!(world.journal().await.is_empty(), "{:?}", world.entries().await);
        }
    }
}

#[tokio::test]
async fn whoever_nobody_comes_back_for_is_made_whole_without_her_password() {
    let world = world();
    world.vendor.fated(&[Fate::Well; 1]);
    world.vendor.fated(&[Fate::Away; 8]);
    let told = post(&world).await;
    assert!(matches!(told.status, 429 | 503), "{told:?}");
    world.vendor.fates.lock().unwrap().clear();
    let row = format!("{:?}", world.entries().await);
    assert!(!row.contains("s3cret"), "{row}");
    world.restart().await;
    world.passes(601);
    world.deliver().await;
    assert_eq!(world.vendor.writes(), [USER, VERIFY, PREFER]);
    assert_eq!(world.vendor.user()["preferred"], MIA);
    let stages: Vec<Stage> = world.journal().await.into_iter().map(|(_, stage)| stage).collect();
    assert!(stages.is_empty(), "{:?}", world.entries().await);
}
