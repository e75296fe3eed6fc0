//! Two replicas over one PostgreSQL: a create that one of them has begun is the other's to finish.

use crate::{
    ada::{SEAT, USER, WELCOME, ada, steps},
    server,
    world::{Fate, Vendor, World},
};
use scimshim::{
    scim::profile::Profile,
    store::{Stage, Store, postgres::Postgres},
};
use std::sync::Arc;

/// Two of them; nothing where PostgreSQL is not installed.
async fn replicas(name: &str, vendor: &Arc<Vendor>, mapping: &str) -> Option<[Arc<World>; 2]> {
    let server = server::running()?;
    let replica = async || {
        let address = server.database(name).await;
        let store: Arc<dyn Store> =
            Arc::new(Postgres::open(&address, Arc::default()).await.unwrap());
        Arc::new(World::over(mapping, vendor.clone(), Profile::Strict, store, None))
    };
    Some([replica().await, replica().await])
}

#[tokio::test]
async fn a_create_goes_on_at_another_replica() {
    for (at, (fates, posts)) in [
        (vec![Fate::Well, Fate::Swallowed], vec![USER, WELCOME, WELCOME, SEAT]),
        (vec![Fate::Well, Fate::Hangs], vec![USER, WELCOME, SEAT]),
        (vec![Fate::Swallowed], vec![USER, WELCOME, SEAT]),
    ]
    .into_iter()
    .enumerate()
    {
        let vendor = Vendor::with(&[]);
        let name = format!("creates_{at}");
        let Some([one, two]) = replicas(&name, &vendor, &steps(true, false)).await else { return };
        vendor.fated(&fates);
        let asked = tokio::spawn({
            let one = one.clone();
            async move { one.send("POST", "/Users", ada()).await }
        });
        while !vendor.is_fulfilled() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        let _ = asked.await;
        one.store().close().await.unwrap();
        let told = two.send("POST", "/Users", ada()).await;
        assert_eq!(told.status, 201, "{fates:?} {told:?}");
        assert_eq!(vendor.writes(), posts, "{fates:?}");
        two.passes(31);
        two.deliver().await;
        assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
    }
}

#[tokio::test]
async fn of_two_that_make_the_same_one_at_once_one_does() {
    let vendor = Vendor::with(&[]);
    let Some([one, two]) = replicas("creates_both", &vendor, &steps(true, false)).await else {
        return;
    };
    vendor.fated(&[Fate::Well, Fate::Away]);
    let posts = [&one, &two, &one, &two].map(|world| world.send("POST", "/Users", ada()));
    let mut all: Vec<u16> =
        futures_util::future::join_all(posts).await.into_iter().map(|told| told.status).collect();
    all.sort_unstable();
    assert_eq!(all, [201, 409, 409, 503]);
    assert_eq!(vendor.writes(), [USER, WELCOME, SEAT]);
    assert!(one.journal().await.is_empty());
}

/// What one of them left is taken up by another when nobody came back.
#[tokio::test]
async fn what_nobody_comes_back_for_is_taken_back_by_another_replica() {
    let vendor = Vendor::with(&[]);
    let Some([one, two]) = replicas("creates_left", &vendor, &steps(true, true)).await else {
        return;
    };
    vendor.fated(&[Fate::Well, Fate::Away, Fate::Away]);
    assert_eq!(one.send("POST", "/Users", ada()).await.status, 503);
    one.store().close().await.unwrap();
    assert_eq!(
        two.journal().await.iter().map(|(_, stage)| *stage).collect::<Vec<_>>(),
        [Stage::Waiting]
    );
    two.passes(601);
    two.deliver().await;
    assert_eq!(vendor.person("ada"), None, "{:?}", vendor.writes());
    assert!(two.journal().await.is_empty(), "{:?}", two.entries().await);
}
