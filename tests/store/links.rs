use crate::{at, keep, link, strings, users, write};
use scimshim::store::{Batch, Change, Clash, Error, Link, Page, Scope, Store};
use std::collections::BTreeMap;

pub async fn a_link_is_found_from_both_sides(store: &dyn Store) {
    let made =
        write(store, &users(), vec![link("id-1", "9007199254740993"), link("id-2", "k2")]).await;
    assert_eq!((made.version("User", "id-1"), made.version("User", "id-3")), (Some(1), None));
    let held = store.held(&users(), &strings(&["id-1", "id-2", "id-3"])).await.unwrap();
    assert_eq!(held.len(), 2, "who is not there is left out");
    assert_eq!(held["id-1"].vendor_key.as_deref(), Some("9007199254740993"));
    let ids = store.ids(&users(), &strings(&["k2", "9007199254740993", "K2"])).await.unwrap();
    assert_eq!((ids.len(), ids["k2"].as_str()), (2, "id-2"));

    let again = write(store, &users(), vec![link("id-1", "9007199254740993")]).await;
    assert_eq!((again.rows, again.version("User", "id-1")), (0, None), "nothing changed");
    let moved = write(store, &users(), vec![link("id-1", "k1")]).await;
    assert_eq!(moved.version("User", "id-1"), Some(2));
    assert_eq!(store.ids(&users(), &strings(&["k1", "9007199254740993"])).await.unwrap().len(), 1);

    write(store, &users(), vec![Change::Unlink { id: "id-1".into() }]).await;
    let held = store.held(&users(), &strings(&["id-1"])).await.unwrap();
    assert_eq!((held["id-1"].vendor_key.as_ref(), held["id-1"].version), (None, 3));
    assert!(store.ids(&users(), &strings(&["k1"])).await.unwrap().is_empty());
}

pub async fn a_vendor_key_has_one_id(store: &dyn Store) {
    write(store, &users(), vec![link("id-1", "k")]).await;
    let second = Batch::new("acme").with("User", link("id-2", "k"));
    let refused = store.write(second.clone()).await.unwrap_err();
    assert_eq!(refused, Error::Conflict(Clash::VendorKey));
    assert!(!refused.to_string().contains("id-"), "{refused}");
    // Whoever is gone leaves the key to another.
    let bury = Change::Bury { id: "id-1".into(), values: BTreeMap::new(), at: at(0) };
    write(store, &users(), vec![bury]).await;
    assert_eq!(store.ids(&users(), &strings(&["k"])).await.unwrap()["k"], "id-1", "it had it");
    store.write(second).await.unwrap();
    assert_eq!(store.ids(&users(), &strings(&["k"])).await.unwrap()["k"], "id-2");
    let lift = Batch::new("acme").with("User", Change::Lift { id: "id-1".into() });
    assert_eq!(store.write(lift).await.unwrap_err(), Error::Conflict(Clash::VendorKey));
    let bury = Change::Bury { id: "id-2".into(), values: BTreeMap::new(), at: at(9) };
    write(store, &users(), vec![bury]).await;
    assert_eq!(store.ids(&users(), &strings(&["k"])).await.unwrap()["k"], "id-2", "the last");
    write(store, &users(), vec![Change::Lift { id: "id-1".into() }]).await;
    assert_eq!(store.ids(&users(), &strings(&["k"])).await.unwrap()["k"], "id-1");
}

pub async fn links_are_listed_in_order_and_page_by_page(store: &dyn Store) {
    let all: Vec<Change> =
        (0..25).rev().map(|n| link(&format!("id-{n:02}"), &format!("k{n}"))).collect();
    write(store, &users(), all).await;
    // Not a Link: nothing but a kept attribute; and one that is gone.
    write(store, &users(), vec![keep("id-00-kept", "nickName", "x")]).await;
    let bury = Change::Bury { id: "id-03".into(), values: BTreeMap::new(), at: at(0) };
    write(store, &users(), vec![bury]).await;

    let (mut listed, mut after) = (vec![], None);
    loop {
        let page = Page { after: after.clone(), skip: 0, limit: 7 };
        let links = store.links(&users(), page).await.unwrap();
        let Some(Link { id, .. }) = links.last() else { break };
        after = Some(id.clone());
        listed.extend(links);
    }
    let ids: Vec<&str> = listed.iter().map(|link| link.id.as_str()).collect();
    assert!(ids.is_sorted() && !ids.contains(&"id-03"), "{ids:?}");
    assert_eq!((ids.len(), store.count_links(&users()).await.unwrap()), (24, 24));
    assert_eq!(listed[1], Link { id: "id-01".into(), vendor_key: "k1".into() });
    let by_index = Page { after: None, skip: 10, limit: 2 };
    assert_eq!(store.links(&users(), by_index).await.unwrap(), listed[10..12]);
    assert!(
        store
            .links(&users(), Page { after: None, skip: u64::MAX, limit: 1 })
            .await
            .unwrap()
            .is_empty()
    );
}

pub async fn tenants_and_kinds_do_not_see_each_other(store: &dyn Store) {
    let (other, roles) = (Scope::new("bolt", "User"), Scope::new("acme", "Role"));
    for scope in [users(), other.clone(), roles.clone()] {
        write(store, &scope, vec![link("id", "k"), keep("id", "a", scope.tenant.as_ref())]).await;
    }
    write(store, &other, vec![link("id", "moved"), link("id-2", "k")]).await;
    write(store, &roles, vec![Change::UnkeepAll { id: "id".into() }]).await;
    for (scope, key, kept) in
        [(&users(), "k", Some("acme")), (&other, "moved", Some("bolt")), (&roles, "k", None)]
    {
        let held = store.held(scope, &strings(&["id"])).await.unwrap();
        assert_eq!(held["id"].vendor_key.as_deref(), Some(key), "{scope:?}");
        assert_eq!(held["id"].kept.get("a").and_then(|a| a.as_str()), kept, "{scope:?}");
    }
    assert_eq!(store.count_links(&users()).await.unwrap(), 1);
    assert_eq!(store.count_links(&other).await.unwrap(), 2);
    assert_eq!(store.count_links(&Scope::new("nobody", "User")).await.unwrap(), 0);
}
