//! A guard that counts in a store: over restarts, and for all replicas together.

use crate::{
    postgres,
    vendor::Vendor,
    world::{LIMIT, Own, World, detail},
};
use scimshim::{
    scim::profile::Profile,
    store::{Store, postgres::Postgres, sqlite::Sqlite},
};
use serde_json::json;
use std::{path::PathBuf, sync::Arc};

/// Where a store is, which can be opened again.
enum Place {
    File(PathBuf),
    Database(&'static postgres::Server, &'static str),
}

impl Place {
    /// One of each engine that there is here.
    fn each(name: &'static str) -> Vec<Self> {
        let file = format!("scimshim-guard-{name}-{}.db", std::process::id());
        let database = postgres::running().map(|server| Self::Database(server, name));
        [Self::File(std::env::temp_dir().join(file))].into_iter().chain(database).collect()
    }

    async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::File(file) => Arc::new(Sqlite::open(file, Arc::default()).unwrap()),
            Self::Database(server, name) => {
                let address = server.database(name).await;
                Arc::new(Postgres::open(&address, Arc::default()).await.unwrap())
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::File(file) = self {
            for more in ["", "-wal", "-shm", ".lock"] {
                let _ = std::fs::remove_file(format!("{}{more}", file.display()));
            }
        }
    }
}

fn over(vendor: &Vendor, store: &Arc<dyn Store>) -> World {
    World::over(Own::default(), Profile::Okta, Some(LIMIT), vendor, Some(store.clone()))
}

#[tokio::test]
async fn a_restart_forgets_nothing() {
    for place in Place::each("restart") {
        let vendor = Vendor::with(5);
        let store = place.open().await;
        let world = over(&vendor, &store);
        world.trip().await;
        assert_eq!(world.deactivate(3).await, 429);
        store.close().await.unwrap();

        let store = place.open().await;
        let world = over(&vendor, &store);
        let standing = world.standing().await.unwrap();
        assert!(standing.counted == 2 && standing.tripped.is_some(), "{standing:?}");
        assert_eq!(world.deactivate(3).await, 429);
        assert_eq!(world.set(1, "active", json!(true)).await, 200);
        assert_eq!(world.deactivate(1).await, 200, "counts already");
        world.at(60);
        assert_eq!(world.deactivate(3).await, 200);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn replicas_count_together_and_are_released_together() {
    for place in Place::each("replicas") {
        let vendor = Vendor::with(5);
        let store = place.open().await;
        // A file has one process; replicas of a server each have a connection of their own.
        let other = match &place {
            Place::File(_) => store.clone(),
            Place::Database(..) => place.open().await,
        };
        let (one, two) = (over(&vendor, &store), over(&vendor, &other));
        assert_eq!((one.deactivate(1).await, two.deactivate(2).await), (200, 200));
        vendor.written();
        assert_eq!((one.deactivate(3).await, two.deactivate(4).await), (429, 429));
        assert_eq!(vendor.written(), [""; 0]);

        assert_eq!(one.release().await, Some(2));
        assert_eq!(two.deactivate(3).await, 200);
        for world in [&one, &two] {
            world.standing().await.unwrap();
            world.shows(r#"scimshim_guard_tripped{tenant="acme"} 0"#);
            world.shows(r#"scimshim_guard_counted{tenant="acme"} 1"#);
        }
        for store in [store, other] {
            store.close().await.unwrap();
        }
    }
}

/// However many ask at once.
#[tokio::test]
async fn the_last_place_is_taken_once() {
    for place in Place::each("last") {
        let vendor = Vendor::with(5);
        let store = place.open().await;
        let worlds = [over(&vendor, &store), over(&vendor, &store)];
        let asked = (1..=5).map(|person| worlds[usize::from(person % 2 == 0)].deactivate(person));
        let statuses = futures_util::future::join_all(asked).await;
        let done = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(done, 2, "{statuses:?}");
        let off = (1..=5).filter(|id| vendor.record(&format!("/people/{id}"))["active"] == false);
        assert_eq!(off.count(), 2);
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_store_that_is_away_lets_nobody_pass_and_all_else_goes_on() {
    let place = Place::each("away").remove(0);
    let vendor = Vendor::with(5);
    let store = place.open().await;
    let world = over(&vendor, &store);
    store.close().await.unwrap();
    let held = world.send("DELETE", "/Users/1", json!(null)).await;
    assert_eq!(held.status, 429, "{held:?}");
    assert!(detail(&held).contains("the store is not available"), "{held:?}");
    assert_eq!(vendor.written(), [""; 0]);
    assert_eq!(world.set(1, "nickName", json!("here")).await, 200, "no access ends");
}
