use crate::{link, strings, users, write};
use scimshim::store::{Change, Outsider, Page, Scope, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn outside(id: &str, name: &str, owed: bool) -> Change {
    let values = BTreeMap::from([("userName".to_owned(), name.to_owned())]);
    Change::Outside { id: id.to_owned(), said: said(name), values, owed }
}

fn said(name: &str) -> Value {
    json!({ "userName": name, "number": 9007199254740993_u64, "title": "å\n\"" })
}

pub async fn what_was_said_is_given_back_until_he_is_inside(store: &dyn Store) {
    let made = write(store, &users(), vec![outside("id-1", "mia", true)]).await;
    assert_eq!((made.rows, made.version("User", "id-1")), (3, Some(1)));
    let outsider = Outsider { id: "id-1".into(), vendor_key: None, said: said("mia"), owed: true };
    assert_eq!(store.outsider(&users(), "id-1").await.unwrap(), Some(outsider.clone()));
    let again = write(store, &users(), vec![outside("id-1", "mia", true)]).await;
    assert_eq!((again.rows, again.version("User", "id-1")), (0, None), "nothing changed");
    let paid = vec![outside("id-1", "mia", false), link("id-1", "k1")];
    assert_eq!(write(store, &users(), paid).await.version("User", "id-1"), Some(2));
    let outsider = Outsider { vendor_key: Some("k1".into()), owed: false, ..outsider };
    assert_eq!(store.outsider(&users(), "id-1").await.unwrap(), Some(outsider));
    let held = store.held(&users(), &strings(&["id-1"])).await.unwrap();
    assert!(held["id-1"].outside && held["id-1"].kept.is_empty());

    let came = write(store, &users(), vec![Change::Inside { id: "id-1".into() }]).await;
    assert_eq!((came.rows, came.version("User", "id-1")), (3, Some(3)));
    assert_eq!(store.outsider(&users(), "id-1").await.unwrap(), None);
    assert!(store.outsiders_with(&users(), "userName", "mia").await.unwrap().is_empty());
    let held = store.held(&users(), &strings(&["id-1"])).await.unwrap();
    assert_eq!((held["id-1"].outside, held["id-1"].vendor_key.as_deref()), (false, Some("k1")));
    let nobody = write(store, &users(), vec![Change::Inside { id: "id-9".into() }]).await;
    assert_eq!(nobody.rows, 0);
}

pub async fn they_are_found_by_their_values(store: &dyn Store) {
    let both = vec![outside("id-2", "mia", false), outside("id-1", "kai", false)];
    write(store, &users(), both).await;
    let with = async |name: &str| {
        let found = store.outsiders_with(&users(), "userName", name).await.unwrap();
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!((with("mia").await, with("MIA").await), (strings(&["id-2"]), vec![]));
    write(store, &users(), vec![outside("id-2", "lea", false)]).await;
    assert_eq!((with("mia").await, with("lea").await), (vec![], strings(&["id-2"])));
    write(store, &users(), vec![outside("id-1", "lea", false)]).await;
    assert_eq!(with("lea").await, strings(&["id-1", "id-2"]));
    let other = store.outsiders_with(&users(), "externalId", "lea").await.unwrap();
    assert!(other.is_empty());
}

pub async fn they_are_listed_page_by_page(store: &dyn Store) {
    let all = ["c", "a", "d", "b"].map(|id| outside(id, id, false)).to_vec();
    write(store, &users(), all).await;
    write(store, &Scope::new("bolt", "User"), vec![outside("e", "e", false)]).await;
    let listed = async |page: Page| {
        let found = store.outsiders(&users(), page).await.unwrap();
        found.into_iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(Page::first(10)).await, strings(&["a", "b", "c", "d"]));
    assert_eq!(listed(Page { after: None, skip: 1, limit: 2 }).await, strings(&["b", "c"]));
    let behind = Page { after: Some("b".into()), skip: 0, limit: 9 };
    assert_eq!(listed(behind).await, strings(&["c", "d"]));
    assert_eq!(store.count_outsiders(&users()).await.unwrap(), 4);
    assert_eq!(store.count_outsiders(&Scope::new("acme", "Group")).await.unwrap(), 0);
}
