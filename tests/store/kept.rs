use crate::{at, keep, strings, users, write};
use scimshim::store::{Change, Page, Sought, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:acme:2.0:User:badge";

pub async fn kept_attributes_are_given_back_as_they_were(store: &dyn Store) {
    let all: Vec<(&str, Value)> = vec![
        ("externalId", json!("00u\u{1F600}\"\\\n\u{0}x")),
        ("active", json!(false)),
        (EXTENSION, serde_json::from_str("9007199254740993.10").unwrap()),
        ("emails", json!([{ "value": "a@b.example", "primary": true }, {}])),
        ("nickName", Value::Null),
        ("", json!("")),
    ];
    let changes = all.iter().map(|(path, value)| keep("id", path, value.clone())).collect();
    let made = write(store, &users(), changes).await;
    assert_eq!((made.rows, made.version("User", "id")), (7, Some(1)), "one version for all");
    let held = store.held(&users(), &strings(&["id", "other"])).await.unwrap();
    let expected: BTreeMap<String, Value> =
        all.into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
    assert_eq!((held.len(), &held["id"].kept), (1, &expected));
    assert_eq!(held["id"].vendor_key, None);

    let same = write(store, &users(), vec![keep("id", "active", false)]).await;
    assert_eq!((same.rows, same.versions.len()), (0, 0), "nothing changed");
    let unkeep = |path: &str| Change::Unkeep { id: "id".into(), path: path.into() };
    let changes = vec![keep("id", "active", true), unkeep("emails"), unkeep("never")];
    assert_eq!(write(store, &users(), changes).await.version("User", "id"), Some(2));
    let held = store.held(&users(), &strings(&["id"])).await.unwrap();
    assert_eq!((held["id"].kept.len(), &held["id"].kept["active"]), (5, &json!(true)));
    write(store, &users(), vec![Change::UnkeepAll { id: "id".into() }]).await;
    let held = store.held(&users(), &strings(&["id"])).await.unwrap();
    assert!(held["id"].kept.is_empty() && held["id"].version == 3);
}

pub async fn kept_attributes_are_found_by_value(store: &dyn Store) {
    let changes = vec![
        keep("b", "nickName", "Mia"),
        keep("a", "nickName", "mia"),
        keep("c", "nickName", "ΜΊΑΣ"),
        keep("d", "nickName", json!(["mia"])),
        keep("e", "title", "mia"),
        keep("gone", "nickName", "mia"),
        keep("f", "level", 3),
        keep("g", "level", "3"),
        keep("h", "senior", true),
    ];
    write(store, &users(), changes).await;
    let bury = Change::Bury { id: "gone".into(), values: BTreeMap::new(), at: at(0) };
    write(store, &users(), vec![bury]).await;
    let exact = |value: Value| Sought::Exact(value);
    let folded = |text: &str| Sought::Folded(text.to_owned());
    for (path, sought, expected) in [
        ("nickName", exact(json!("mia")), vec!["a"]),
        ("nickName", folded("MIA"), vec!["a", "b"]),
        ("nickName", folded("μίας"), vec![]),
        ("nickName", folded("μίασ"), vec!["c"]),
        ("nickName", exact(json!(["mia"])), vec![]),
        ("title", folded("mia"), vec!["e"]),
        ("level", exact(json!(3)), vec!["f"]),
        ("level", exact(json!("3")), vec!["g"]),
        ("level", folded("3"), vec!["g"]),
        ("senior", exact(json!(true)), vec!["h"]),
        ("absent", exact(json!(true)), vec![]),
    ] {
        let shown = format!("{path} {sought:?}");
        let found = store.keeping(&users(), path, sought, Page::first(10)).await.unwrap();
        assert_eq!(found, expected, "{shown}");
    }
    let second = Page { after: Some("a".into()), skip: 0, limit: 1 };
    let found = store.keeping(&users(), "nickName", folded("mia"), second).await.unwrap();
    assert_eq!(found, ["b"]);
}
