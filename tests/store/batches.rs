use crate::{groups, keep, link, strings, users};
use futures_util::future::join_all;
use scimshim::store::{Batch, Change, Clash, Error, Expected, Page, Store};
use serde_json::json;

pub async fn a_batch_is_whole_or_nothing(store: &dyn Store) {
    let missing = Change::AddMembers {
        group: "nowhere".into(),
        members: vec![crate::members::user(1)],
        at: crate::at(0),
    };
    let batch = Batch::new("acme")
        .with("User", link("id", "k"))
        .with("User", keep("id", "nickName", "Mia"))
        .with("Group", missing);
    assert_eq!(store.write(batch.clone()).await.unwrap_err(), Error::Missing);
    assert!(store.held(&users(), &strings(&["id"])).await.unwrap().is_empty());
    assert_eq!(store.count_links(&users()).await.unwrap(), 0);

    // Two kinds in one: the create, and the Group that has it at once.
    let mut batch = batch;
    batch.changes.insert(2, ("Group".into(), crate::groups::put("nowhere", "Team", None, 0)));
    let receipt = store.write(batch).await.unwrap();
    assert_eq!(receipt.version("User", "id"), Some(1));
    assert_eq!(receipt.version("Group", "nowhere"), Some(1));
    let nothing = store.write(Batch::new("acme")).await.unwrap();
    assert_eq!((nothing.rows, nothing.versions.len()), (0, 0));
}

pub async fn a_version_can_be_demanded(store: &dyn Store) {
    let write = |expected, value: &str| {
        let batch = Batch::new("acme").expect("User", "id", expected);
        store.write(batch.with("User", keep("id", "nickName", value)))
    };
    assert_eq!(write(Expected::Version(0), "a").await.unwrap().version("User", "id"), Some(1));
    let stale = write(Expected::Version(0), "b").await.unwrap_err();
    assert_eq!(stale, Error::Conflict(Clash::Version));
    assert_eq!(write(Expected::Version(1), "c").await.unwrap().version("User", "id"), Some(2));
    assert_eq!(write(Expected::Any, "d").await.unwrap().version("User", "id"), Some(3));
    let held = store.held(&users(), &strings(&["id"])).await.unwrap();
    assert_eq!((held["id"].version, &held["id"].kept["nickName"]), (3, &json!("d")));

    // Members raise it too.
    let put = Batch::new("acme").with("Group", crate::groups::put("g", "Team", None, 0));
    store.write(put).await.unwrap();
    let add = |version| {
        let members = vec![crate::members::user(version)];
        let add = Change::AddMembers { group: "g".into(), members, at: crate::at(0) };
        Batch::new("acme").expect("Group", "g", Expected::Version(version)).with("Group", add)
    };
    store.write(add(1)).await.unwrap();
    assert_eq!(store.write(add(1)).await.unwrap_err(), Error::Conflict(Clash::Version));
    store.write(add(2)).await.unwrap();
    assert_eq!(store.group(&groups(), "g").await.unwrap().unwrap().version, 3);
}

pub async fn one_that_fails_fails_no_other(store: &dyn Store) {
    // All of them at once, so that they share a commit; every third one wants a version that is not
    // there.
    let all = (0..90_u64).map(|number| {
        let id = format!("{number:02}");
        let wrong = Expected::Version(u64::from(number % 3 == 0));
        let batch = Batch::new("acme").expect("User", &id, wrong);
        store.write(batch.with("User", link(&id, &id)))
    });
    let written = join_all(all.collect::<Vec<_>>()).await;
    for (number, written) in written.iter().enumerate() {
        match number % 3 {
            0 => assert_eq!(written.as_ref().unwrap_err(), &Error::Conflict(Clash::Version)),
            _ => assert_eq!(written.as_ref().unwrap().versions.len(), 1),
        }
    }
    assert_eq!(store.links(&users(), Page::first(99)).await.unwrap().len(), 60);
}

pub async fn sixteen_write_at_once_and_nothing_is_lost(store: &dyn Store) {
    const WRITERS: u64 = 16;
    const EACH: u64 = 20;
    // Each counts one shared number up, and writes again when another was faster.
    let count = async |writer: u64| {
        let mut done = 0;
        while done < EACH {
            let held = store.held(&users(), &strings(&["shared"])).await.unwrap();
            let found = held.get("shared");
            let version = found.map_or(0, |held| held.version);
            let number = found.and_then(|held| held.kept["number"].as_u64()).unwrap_or(0);
            let own = format!("{writer}-{done}");
            let batch = Batch::new("acme")
                .expect("User", "shared", Expected::Version(version))
                .with("User", keep("shared", "number", number + 1))
                .with("User", link(&own, &own));
            match store.write(batch).await {
                Ok(_) => done += 1,
                Err(error) => assert_eq!(error, Error::Conflict(Clash::Version)),
            }
        }
    };
    join_all((0..WRITERS).map(count)).await;
    let held = store.held(&users(), &strings(&["shared"])).await.unwrap();
    assert_eq!(held["shared"].kept["number"], json!(WRITERS * EACH));
    assert_eq!(held["shared"].version, WRITERS * EACH);
    assert_eq!(store.count_links(&users()).await.unwrap(), WRITERS * EACH);
}

pub async fn a_dropped_write_is_made(store: &dyn Store) {
    drop(store.write(Batch::new("acme").with("User", link("id", "k"))));
    // One writer: what comes after it sees it.
    store.write(Batch::new("acme")).await.unwrap();
    assert_eq!(store.ids(&users(), &strings(&["k"])).await.unwrap()["k"], "id");
}

pub async fn after_its_end_nothing_is_pretended(store: &dyn Store) {
    store.health().await.unwrap();
    let last = store.write(Batch::new("acme").with("User", link("id", "k")));
    store.close().await.unwrap();
    last.await.expect("what was given before the end is made");
    let read = store.count_links(&users()).await.unwrap_err();
    assert!(matches!(&read, Error::Unavailable(why) if why.contains("closed")), "{read}");
    let written = store.write(Batch::new("acme")).await.unwrap_err();
    assert!(matches!(written, Error::Unavailable(_)));
    assert!(store.health().await.is_err());
    store.close().await.unwrap();
}

pub async fn its_size_grows_with_what_it_holds(store: &dyn Store) {
    let empty = store.size().await.unwrap();
    assert!(empty > 0);
    let long = "x".repeat(1_000);
    let batch = (0..200).fold(Batch::new("acme"), |batch, n| {
        batch.with("User", keep(&format!("id-{n}"), "nickName", &*long))
    });
    store.write(batch).await.unwrap();
    let size = store.size().await.unwrap();
    assert!(size > empty, "{size} after {empty}");
}
