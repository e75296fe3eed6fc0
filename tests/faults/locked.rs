//! A store that another program locks in the middle of a request, for longer than the client waits: over
//! a real file, with a real second program's connection.

use crate::{
    harness::{Stored, Table, detail, patch, user},
    kept::KEEPING,
};
use rusqlite::Connection;
use scimshim::scim::{encode::Wire, profile::Profile};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// Longer than everything before the store takes, shorter than SQLite waits for a lock.
const PATIENCE: Duration = Duration::from_secs(2);

fn mapping() -> String {
    format!("{KEEPING}  Group: {{ kept: true }}\n")
}

fn named(login: &str, external: &str) -> Value {
    let mut user = user(login);
    let members = user.as_object_mut().unwrap();
    members.insert("externalId".to_owned(), json!(external));
    members.insert("active".to_owned(), json!(true));
    user
}

/// A gateway, its vendor, and a user and a group that are there.
struct World {
    stored: Stored,
    vendor: Table,
    profile: Profile,
    one: String,
    group: String,
}

impl World {
    async fn new(name: &str, profile: Profile) -> Self {
        let vendor = Table::default();
        let stored = Stored::of(&format!("locked-{name}"), &mapping(), &vendor, profile);
        let made = stored.send("POST", "/Users", &named("mia", "00u1")).await;
        let one = format!("/Users/{}", id(&made));
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Sales",
        });
        let made = stored.send("POST", "/Groups", &group).await;
        let group = format!("/Groups/{}", id(&made));
        Self { stored, vendor, profile, one, group }
    }

    fn lock(&self) -> Connection {
        locked(self.stored.file())
    }

    /// The request while the store is locked from the moment that the vendor has taken its part.
    async fn cut_short(&self, method: &str, path: &str, body: &Value) {
        let held: Arc<Mutex<Option<Connection>>> = Arc::default();
        let (lock, file) = (Arc::clone(&held), self.stored.file().to_owned());
        self.vendor.when_taken("", move || {
            *lock.lock().unwrap() = Some(locked(&file));
            Box::pin(async {})
        });
        let wire = self.stored.send_within(PATIENCE, method, path, body).await;
        self.refused(&wire);
        let lock = held.lock().unwrap().take().unwrap();
        lock.execute_batch("COMMIT").unwrap();
    }

    /// The status of a failure that passes, and when to come back.
    fn refused(&self, wire: &Wire) {
        let status = if self.profile == Profile::Okta { 429 } else { 503 };
        assert_eq!((wire.status, wire.retry_after), (status, Some(10)), "{wire:?}");
        assert!(detail(wire).contains("the store is not available"), "{wire:?}");
        let fault = self.stored.fault().unwrap_or_default();
        assert!(fault.contains("did not answer in time"), "the operator is told: {fault}");
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let wire = self.stored.send("GET", path, &Value::Null).await;
        (wire.status, wire.body.unwrap_or_default())
    }
}

fn locked(file: &std::path::Path) -> Connection {
    let other = Connection::open(file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

fn id(wire: &Wire) -> String {
    wire.body.as_ref().unwrap()["id"].as_str().unwrap().to_owned()
}

async fn a_create(profile: Profile) {
    let world = World::new(&format!("create-{profile:?}"), profile).await;
    world.cut_short("POST", "/Users", &named("kai", "00u2")).await;
    let repeat = world.stored.send("POST", "/Users", &named("kai", "00u2")).await;
    assert_eq!(repeat.status, 201, "{repeat:?}");
    assert_eq!(world.vendor.records(), 2, "the repeat makes nobody twice");
    let (_, kai) = world.get(&format!("/Users/{}", id(&repeat))).await;
    assert_eq!((&kai["userName"], &kai["externalId"]), (&json!("kai"), &json!("00u2")));
    let third = world.stored.send("POST", "/Users", &named("kai", "00u2")).await;
    assert_eq!(third.status, 409, "it has ended");
}

async fn a_patch(profile: Profile) {
    let world = World::new(&format!("patch-{profile:?}"), profile).await;
    let both = json!([{ "op": "replace", "value": { "userName": "mia2", "externalId": "00u9" } }]);
    let body = patch(both);
    world.cut_short("PATCH", &world.one, &body).await;
    let repeat = world.stored.send("PATCH", &world.one, &body).await;
    assert_eq!(repeat.status, 200, "{repeat:?}");
    let (_, mia) = world.get(&world.one).await;
    assert_eq!((&mia["userName"], &mia["externalId"]), (&json!("mia2"), &json!("00u9")));
}

async fn a_delete(profile: Profile) {
    let world = World::new(&format!("delete-{profile:?}"), profile).await;
    world.cut_short("DELETE", &world.one, &Value::Null).await;
    // The tombstone may have been written when the lock was let go.
    let repeat = world.stored.send("DELETE", &world.one, &Value::Null).await;
    assert!(matches!(repeat.status, 204 | 404), "{repeat:?}");
    assert_eq!(world.get(&world.one).await.0, 404);
    assert!(!world.vendor.is_active(world.one.rsplit('/').next().unwrap()));
}

async fn a_kept_group(profile: Profile) {
    let world = World::new(&format!("group-{profile:?}"), profile).await;
    let member = world.one.rsplit('/').next().unwrap();
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": member }] }]);
    let body = patch(add);
    let lock = world.lock();
    let wire = world.stored.send_within(PATIENCE, "PATCH", &world.group, &body).await;
    world.refused(&wire);
    lock.execute_batch("COMMIT").unwrap();
    let repeat = world.stored.send("PATCH", &world.group, &body).await;
    assert_eq!(repeat.status, 204, "{repeat:?}");
    let (_, group) = world.get(&world.group).await;
    assert_eq!(group["members"][0]["value"], json!(member));
    assert_eq!(group["members"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_lock_in_the_middle_of_a_write_is_told_and_the_repeat_brings_both_together() {
    // Side by side: each waits for its client's patience to end.
    for profile in [Profile::Strict, Profile::Okta] {
        tokio::join!(a_create(profile), a_patch(profile), a_delete(profile), a_kept_group(profile));
    }
}
