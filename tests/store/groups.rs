use crate::{at, groups, write};
use scimshim::store::{Change, Group, GroupName, Page, Store};

pub fn put(id: &str, name: &str, external_id: Option<&str>, seconds: i64) -> Change {
    Change::PutGroup {
        id: id.to_owned(),
        display_name: name.to_owned(),
        external_id: external_id.map(str::to_owned),
        at: at(seconds),
    }
}

pub async fn a_group_is_kept_with_its_names_and_stamps(store: &dyn Store) {
    let made = write(store, &groups(), vec![put("g", "Straße", Some("00g1"), 1)]).await;
    assert_eq!(made.version("Group", "g"), Some(1));
    let expected = Group {
        id: "g".into(),
        display_name: "Straße".into(),
        external_id: Some("00g1".into()),
        created: at(1),
        modified: at(1),
        version: 1,
    };
    assert_eq!(store.group(&groups(), "g").await.unwrap(), Some(expected.clone()));
    let same = write(store, &groups(), vec![put("g", "Straße", Some("00g1"), 5)]).await;
    assert_eq!(
        (same.rows, store.group(&groups(), "g").await.unwrap()),
        (0, Some(expected.clone()))
    );
    write(store, &groups(), vec![put("g", "Weg", None, 6)]).await;
    let renamed = Group {
        display_name: "Weg".into(),
        external_id: None,
        modified: at(6),
        version: 2,
        ..expected
    };
    assert_eq!(store.group(&groups(), "g").await.unwrap(), Some(renamed));
    assert_eq!(store.group(&groups(), "h").await.unwrap(), None);
    assert_eq!(
        store.group(&scimshim::store::Scope::new("bolt", "Group"), "g").await.unwrap(),
        None
    );

    let removed = write(store, &groups(), vec![Change::RemoveGroup { id: "g".into() }]).await;
    assert_eq!(removed.version("Group", "g"), Some(3));
    assert_eq!(store.group(&groups(), "g").await.unwrap(), None);
    let again = write(store, &groups(), vec![Change::RemoveGroup { id: "g".into() }]).await;
    assert_eq!(again.rows, 0);
    // Made once more, it is no version that was there before.
    let made = write(store, &groups(), vec![put("g", "Weg", None, 7)]).await;
    assert_eq!(made.version("Group", "g"), Some(4));
}

pub async fn groups_are_found_by_name(store: &dyn Store) {
    let all = vec![
        put("3", "Sales", Some("a"), 0),
        put("1", "sales", Some("A"), 0),
        put("2", "Sales EMEA", None, 0),
    ];
    write(store, &groups(), all).await;
    for (named, expected) in [
        (GroupName::Any, vec!["1", "2", "3"]),
        (GroupName::Display("SALES".into()), vec!["1", "3"]),
        (GroupName::Display("sale".into()), vec![]),
        (GroupName::External("a".into()), vec!["3"]),
        (GroupName::External("b".into()), vec![]),
    ] {
        let found = store.groups(&groups(), named.clone(), Page::first(10)).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|group| group.id.as_str()).collect();
        assert_eq!(ids, expected, "{named:?}");
        let count = store.count_groups(&groups(), named).await.unwrap();
        assert_eq!(count, expected.len() as u64);
    }
}

pub async fn groups_are_listed_page_by_page(store: &dyn Store) {
    let all = (0..12).rev().map(|n| put(&format!("{n:02}"), "Team", None, n)).collect();
    write(store, &groups(), all).await;
    let ids = |groups: Vec<Group>| groups.into_iter().map(|group| group.id).collect::<Vec<_>>();
    for (page, expected) in [
        (Page::first(2), vec!["00", "01"]),
        (Page { after: Some("01".into()), skip: 0, limit: 2 }, vec!["02", "03"]),
        (Page { after: None, skip: 10, limit: 9 }, vec!["10", "11"]),
        (Page { after: Some("03".into()), skip: 3, limit: 1 }, vec!["07"]),
        (Page { after: Some("11".into()), skip: 0, limit: 1 }, vec![]),
        (Page::first(0), vec![]),
    ] {
        for named in [GroupName::Any, GroupName::Display("team".into())] {
            let found = store.groups(&groups(), named, page.clone()).await.unwrap();
            assert_eq!(ids(found), expected, "{page:?}");
        }
    }
}
