//! Leases: who has one works alone, and what was left behind is found.

use crate::{keep, users};
use scimshim::store::{Batch, Store};

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
