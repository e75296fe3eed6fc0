use crate::{at, strings, users, write};
use scimshim::store::{Batch, Change, Clash, Error, Mark, Scope, State, Store};
use std::collections::BTreeMap;

fn values(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(attribute, value)| ((*attribute).into(), (*value).into())).collect()
}

pub async fn a_create_is_found_again_by_its_values(store: &dyn Store) {
    let begun = Mark {
        name: "create-1".into(),
        state: State::Unfinished,
        vendor_key: None,
        values: values(&[("userName", "mia@acme.example"), ("externalId", "00u1")]),
        since: at(0),
    };
    write(store, &users(), vec![Change::Mark(begun.clone())]).await;
    for (attribute, value) in &begun.values {
        let found = store.marks_with(&users(), attribute, value).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&begun), "{attribute}");
    }
    for (attribute, value) in [("userName", "00u1"), ("userName", "MIA@acme.example")] {
        assert!(store.marks_with(&users(), attribute, value).await.unwrap().is_empty());
    }
    let other = Scope::new("bolt", "User");
    assert!(store.marks_with(&other, "externalId", "00u1").await.unwrap().is_empty());

    // It ends: the vendor has given a key, and the person may have another name by now.
    let made = Mark {
        state: State::Made,
        vendor_key: Some("42".into()),
        values: values(&[("userName", "mia.w@acme.example")]),
        since: at(5),
        ..begun
    };
    write(store, &users(), vec![Change::Mark(made.clone())]).await;
    assert!(store.marks_with(&users(), "externalId", "00u1").await.unwrap().is_empty());
    let ours = store.marks(&users(), &strings(&["42", "43"])).await.unwrap();
    assert_eq!((ours.len(), &ours["42"]), (1, &made));

    // Two creates of one name: both are told, the older one first.
    let second = Mark { name: "a".into(), vendor_key: None, since: at(9), ..made.clone() };
    write(store, &users(), vec![Change::Mark(second.clone())]).await;
    let found = store.marks_with(&users(), "userName", "mia.w@acme.example").await.unwrap();
    assert_eq!(found, [made, second]);
    write(store, &users(), vec![Change::Unmark { name: "create-1".into() }]).await;
    assert!(store.marks(&users(), &strings(&["42"])).await.unwrap().is_empty());
}

pub async fn a_vendor_key_has_one_mark(store: &dyn Store) {
    let mark = |name: &str| Mark {
        name: name.into(),
        state: State::Adopted,
        vendor_key: Some("k".into()),
        values: BTreeMap::new(),
        since: at(0),
    };
    write(store, &users(), vec![Change::Mark(mark("a"))]).await;
    write(store, &users(), vec![Change::Mark(mark("a"))]).await;
    let second = Batch::new("acme").with("User", Change::Mark(mark("b")));
    assert_eq!(store.write(second.clone()).await.unwrap_err(), Error::Conflict(Clash::VendorKey));
    write(store, &users(), vec![Change::Unmark { name: "a".into() }]).await;
    store.write(second).await.unwrap();
}
