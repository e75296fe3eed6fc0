use crate::{at, keep, link, strings, users, write};
use scimshim::store::{Change, Scope, Store, Tombstone};
use std::collections::BTreeMap;

fn bury(id: &str, name: &str, seconds: i64) -> Change {
    let values = BTreeMap::from([("userName".to_owned(), name.to_owned())]);
    Change::Bury { id: id.to_owned(), values, at: at(seconds) }
}

pub async fn who_is_gone_is_gone_until_lifted(store: &dyn Store) {
    write(store, &users(), vec![link("id-1", "k1"), link("id-2", "k2"), link("id-3", "k3")]).await;
    write(store, &users(), vec![bury("id-1", "mia", 1), bury("id-2", "mia", 2)]).await;
    // A second DELETE is a repeat.
    write(store, &users(), vec![bury("id-1", "mia", 9)]).await;
    let held = store.held(&users(), &strings(&["id-1", "id-2", "id-3"])).await.unwrap();
    let gone = |id: &str| held[id].gone;
    assert_eq!((gone("id-1"), gone("id-2"), gone("id-3")), (Some(at(1)), Some(at(2)), None));

    let found = store.gone_with(&users(), "userName", "mia").await.unwrap();
    let tombstone = |id: &str, key: &str, seconds| Tombstone {
        id: id.into(),
        vendor_key: Some(key.into()),
        gone: at(seconds),
    };
    assert_eq!(found, [tombstone("id-2", "k2", 2), tombstone("id-1", "k1", 1)]);
    let other = Scope::new("bolt", "User");
    assert!(store.gone_with(&other, "userName", "mia").await.unwrap().is_empty());
    assert!(store.gone_with(&users(), "externalId", "mia").await.unwrap().is_empty());

    write(store, &users(), vec![Change::Lift { id: "id-2".into() }]).await;
    let held = store.held(&users(), &strings(&["id-2"])).await.unwrap();
    assert_eq!((held["id-2"].gone, held["id-2"].vendor_key.as_deref()), (None, Some("k2")));
    let found = store.gone_with(&users(), "userName", "mia").await.unwrap();
    assert_eq!(found, [tombstone("id-1", "k1", 1)]);
    let nobody = write(store, &users(), vec![Change::Lift { id: "id-9".into() }]).await;
    assert_eq!(nobody.rows, 0);
}

pub async fn an_id_that_comes_back_goes_on_with_its_version(store: &dyn Store) {
    // The vendor's key is the SCIM id, and nothing else was ever written of it.
    write(store, &users(), vec![bury("42", "mia", 1)]).await;
    write(store, &users(), vec![Change::Lift { id: "42".into() }]).await;
    let held = store.held(&users(), &strings(&["42"])).await.unwrap();
    assert_eq!((held["42"].version, held["42"].gone), (2, None));
    let kept = write(store, &users(), vec![keep("42", "nickName", "x")]).await;
    assert_eq!(kept.version("User", "42"), Some(3));
}
