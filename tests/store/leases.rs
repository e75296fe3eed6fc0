//! Leases: who has one works alone, and what was left behind is found.

use crate::{keep, users};
use scimshim::store::{Batch, Change, Store};
use serde_json::json;
use std::time::Duration;

pub async fn who_has_a_lease_writes_and_lets_go_of_it(store: &dyn Store) {
    let lease = store.claim("acme", "User ada").await.unwrap().unwrap();
    assert_eq!((&*lease.tenant, lease.name.as_str()), ("acme", "User ada"));
    assert!(store.is_alive());
    let batch = || Batch::new("acme").with(users().kind, keep("ada", "nickName", "A"));
    store.write(batch().holding(Some(lease.clone()))).await.unwrap();
    // The same process may have it again; what it had before is not it.
    let again = store.claim("acme", "User ada").await.unwrap().unwrap();
    assert_ne!(again.epoch, lease.epoch);
    store.release(lease).await.unwrap();
    store.write(batch().holding(Some(again.clone()))).await.unwrap();
    assert!(store.claim("other", "User ada").await.unwrap().is_some());
    store.release(again.clone()).await.unwrap();
    store.release(again).await.unwrap();
    assert!(store.left_behind("acme").await.unwrap().is_empty());
}

pub async fn what_was_let_go_of_is_not_watched(store: &dyn Store) {
    let name = "User ada".to_owned();
    for _ in 0..2 {
        let lease = store.claim("acme", &name).await.unwrap().unwrap();
        assert!(!lease.watched);
        let done = Change::Done { name: name.clone(), intent: json!("delete"), whole: true };
        let batch = Batch::new("acme").holding(Some(lease.clone())).with("User", done);
        store.write(batch).await.unwrap();
        store.release(lease).await.unwrap();
    }
    let late = Duration::from_secs(1);
    assert_eq!(store.watch("acme", &name, late).await.unwrap(), None);
    assert!(store.looks("acme", late).await.unwrap().is_empty());
    assert!(!store.report("acme", &name).await.unwrap(), "nobody watches it");
}

pub async fn a_replica_that_is_alone_agrees_with_all(store: &dyn Store) {
    for mapping in ["one", "other", "other"] {
        assert_eq!(store.serves("acme", mapping).await.unwrap(), 0);
    }
}
