use crate::{at, groups, groups::put, users, write};
use scimshim::store::{Batch, Change, Error, Member, Store};

pub fn user(id: impl ToString) -> Member {
    Member { kind: "User".into(), id: id.to_string() }
}

fn add(group: &str, members: Vec<Member>, seconds: i64) -> Change {
    Change::AddMembers { group: group.into(), members, at: at(seconds) }
}

async fn all(store: &dyn Store, group: &str) -> Vec<Member> {
    store.members(&groups(), group, None, u64::MAX).await.unwrap()
}

pub async fn members_are_rows(store: &dyn Store) {
    let nobody = Batch::new("acme").with("Group", add("g", vec![user(1)], 0));
    assert_eq!(store.write(nobody).await.unwrap_err(), Error::Missing);
    let group = Member { kind: "Group".into(), id: "1".into() };
    let members = vec![user(2), group.clone(), user(1)];
    let changes = vec![put("g", "Team", None, 0), add("g", members.clone(), 1)];
    let made = write(store, &groups(), changes).await;
    // The Group, three members, the Group's stamp, its version.
    assert_eq!((made.rows, made.version("Group", "g")), (6, Some(1)));
    assert_eq!(all(store, "g").await, [group.clone(), user(1), user(2)]);
    assert_eq!(store.count_members(&groups(), "g").await.unwrap(), 3);
    assert_eq!(store.group(&groups(), "g").await.unwrap().unwrap().modified, at(1));

    let again = write(store, &groups(), vec![add("g", members, 2)]).await;
    assert_eq!((again.rows, again.versions.len()), (0, 0), "they were there already");
    let remove = |members| Change::RemoveMembers { group: "g".into(), members, at: at(3) };
    let removed = write(store, &groups(), vec![remove(vec![user(1), user(7)])]).await;
    assert_eq!((removed.rows, removed.version("Group", "g")), (3, Some(2)));
    assert_eq!(all(store, "g").await, [group, user(2)]);
    assert_eq!(store.group(&groups(), "g").await.unwrap().unwrap().modified, at(3));

    let gone = write(store, &groups(), vec![Change::RemoveGroup { id: "g".into() }]).await;
    assert_eq!((gone.rows, all(store, "g").await.len()), (4, 0));
    write(store, &groups(), vec![put("g", "Team", None, 0)]).await;
    assert_eq!(store.count_members(&groups(), "g").await.unwrap(), 0, "it begins empty");
}

pub async fn a_set_writes_the_difference(store: &dyn Store) {
    let set = |ids: &[i32]| Change::SetMembers {
        group: "g".into(),
        members: ids.iter().map(user).collect(),
        at: at(1),
    };
    let nobody = Batch::new("acme").with("Group", set(&[]));
    assert_eq!(store.write(nobody).await.unwrap_err(), Error::Missing);
    write(store, &groups(), vec![put("g", "Team", None, 0)]).await;
    // Rows: those that come, those that go, and a stamp and a version where any did.
    for (ids, rows) in [
        (vec![], 0),
        (vec![2, 4, 6], 5),
        (vec![2, 4, 6], 0),
        (vec![1, 2, 3, 4, 5, 6, 7], 6),
        (vec![7, 8], 9),
        (vec![], 4),
    ] {
        let made = write(store, &groups(), vec![set(&ids)]).await;
        let expected: Vec<Member> = ids.iter().map(user).collect();
        assert_eq!(all(store, "g").await, expected);
        assert_eq!(made.rows, rows, "{ids:?}");
    }
}

pub async fn members_know_their_groups(store: &dyn Store) {
    let changes = vec![
        put("b", "B", None, 0),
        put("a", "A", None, 0),
        put("c", "C", None, 0),
        add("b", vec![user(1), user(2)], 0),
        add("a", vec![user(1)], 0),
        add("c", vec![Member { kind: "Group".into(), id: "1".into() }], 0),
    ];
    write(store, &groups(), changes).await;
    let found = store.groups_of(&groups(), &[user(1), user(2), user(3)]).await.unwrap();
    let names = |member: &Member| -> Vec<&str> {
        found[member].iter().map(|group| group.display_name.as_str()).collect()
    };
    assert_eq!((found.len(), names(&user(1)), names(&user(2))), (2, vec!["A", "B"], vec!["B"]));
    assert!(store.groups_of(&users(), &[user(1)]).await.unwrap().is_empty());

    let leave = Change::LeaveGroups { member: user(1), at: at(4) };
    let left = write(store, &groups(), vec![leave]).await;
    assert_eq!((left.version("Group", "a"), left.version("Group", "b")), (Some(2), Some(2)));
    assert_eq!(left.version("Group", "c"), None, "a Group of that id is somebody else");
    assert!(store.groups_of(&groups(), &[user(1)]).await.unwrap().is_empty());
    assert_eq!(store.group(&groups(), "a").await.unwrap().unwrap().modified, at(4));
}

pub async fn a_thousand_into_ten_thousand_are_a_thousand_rows(store: &dyn Store) {
    let numbered = |range: std::ops::Range<u32>| -> Vec<Member> {
        range.map(|number| user(format!("{number:08}"))).collect()
    };
    write(store, &groups(), vec![put("g", "All", None, 0), add("g", numbered(0..10_000), 0)]).await;
    let added = write(store, &groups(), vec![add("g", numbered(9_500..11_000), 1)]).await;
    // 500 of them were there; the Group's stamp and its version are the other two.
    assert_eq!((added.rows, added.version("Group", "g")), (1_002, Some(2)));

    let (mut walked, mut after) = (0, None);
    loop {
        let page = store.members(&groups(), "g", after.as_ref(), 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(after.is_none_or(|after| after < page[0]) && page.is_sorted());
        walked += page.len();
        after = Some(last.clone());
    }
    assert_eq!(walked, 11_000);
    let wanted = numbered(500..11_500).into_iter().collect();
    let set = Change::SetMembers { group: "g".into(), members: wanted, at: at(2) };
    let set = write(store, &groups(), vec![set]).await;
    assert_eq!(set.rows, 500 + 500 + 2);
    assert_eq!(store.count_members(&groups(), "g").await.unwrap(), 11_000);
}
