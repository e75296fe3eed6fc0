use crate::{at, groups, keep, strings, users, write};
use scimshim::store::{Batch, Change, Clash, Error, Store, Tally};

/// A minute: what was counted so long before `seconds` counts no more.
const WITHIN: i64 = 60;

fn count(id: &str, seconds: i64) -> Change {
    Change::Count { id: id.to_owned(), most: 2, after: at(seconds - WITHIN), at: at(seconds) }
}

/// Whether it was counted.
async fn counts(store: &dyn Store, id: &str, seconds: i64) -> bool {
    match store.write(Batch::new("acme").with("User", count(id, seconds))).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, Error::Conflict(Clash::Guard));
            false
        }
    }
}

async fn tally(store: &dyn Store, seconds: i64) -> Tally {
    store.tally("acme", at(seconds - WITHIN)).await.unwrap()
}

fn tallied(counted: u64, oldest: i64, tripped: Option<i64>) -> Tally {
    Tally { counted, oldest: Some(at(oldest)), tripped: tripped.map(at) }
}

pub async fn so_many_are_counted_and_each_of_them_once(store: &dyn Store) {
    assert_eq!(tally(store, 0).await, Tally::default());
    for (seconds, id, counted, why) in [
        (0, "a", true, "the first"),
        (10, "a", true, "counts already"),
        (20, "b", true, "the last that fits"),
        (30, "c", false, "one too many"),
        (31, "b", true, "counts already, though it is full"),
        (59, "c", false, "still"),
        (60, "c", true, "the first is a minute old, and its repeat did not renew it"),
        (61, "a", false, "full of b and c"),
    ] {
        assert_eq!(counts(store, id, seconds).await, counted, "{seconds} {id}: {why}");
    }
    assert_eq!(tally(store, 61).await, tallied(2, 20, None));
    // Of whichever kind, and of nobody else's.
    let group = Batch::new("acme").with("Group", count("b", 61));
    assert_eq!(store.write(group).await.unwrap_err(), Error::Conflict(Clash::Guard));
    for kind in ["User", "Group"] {
        store.write(Batch::new("bolt").with(kind, count("b", 61))).await.unwrap();
    }
    assert_eq!(store.tally("bolt", at(0)).await.unwrap(), tallied(2, 61, None));
    assert_eq!(tally(store, 61).await.counted, 2);
    assert_eq!(tally(store, 80).await, tallied(1, 60, None));
    assert_eq!(tally(store, 120).await, Tally::default());
}

pub async fn who_is_not_counted_has_nothing_of_his_batch(store: &dyn Store) {
    write(store, &users(), vec![count("a", 0), count("b", 0)]).await;
    let batch = Batch::new("acme").with("User", keep("c", "nickName", "Mia"));
    let refused = store.write(batch.with("User", count("c", 1))).await.unwrap_err();
    assert_eq!(refused, Error::Conflict(Clash::Guard));
    assert!(store.held(&users(), &strings(&["c"])).await.unwrap().is_empty());
    // That somebody counts is no change of him.
    let held = store.held(&users(), &strings(&["a"])).await.unwrap();
    assert!(held.is_empty(), "{held:?}");
}

pub async fn a_refusal_is_remembered_until_there_is_room_or_a_release(store: &dyn Store) {
    write(store, &users(), vec![count("a", 0), count("b", 10)]).await;
    for seconds in [20, 30] {
        write(store, &users(), vec![Change::Trip { at: at(seconds) }]).await;
    }
    assert_eq!(tally(store, 40).await, tallied(2, 0, Some(20)), "the first is kept");
    assert!(counts(store, "a", 50).await);
    assert_eq!(tally(store, 50).await, tallied(2, 0, Some(20)), "a repeat makes no room");
    assert!(counts(store, "c", 61).await);
    assert_eq!(tally(store, 61).await, tallied(2, 10, None));

    write(store, &groups(), vec![Change::Trip { at: at(62) }]).await;
    write(store, &groups(), vec![Change::Release]).await;
    assert_eq!(tally(store, 63).await, Tally::default());
    write(store, &users(), vec![Change::Release]).await;
    assert!(counts(store, "d", 64).await);
}

/// Else nobody would pass until it has caught up.
pub async fn what_a_clock_counted_that_was_put_back_counts_from_the_next_refusal(
    store: &dyn Store,
) {
    write(store, &users(), vec![count("a", 9_000), count("b", 9_000)]).await;
    assert!(!counts(store, "c", 0).await);
    write(store, &users(), vec![Change::Trip { at: at(0) }]).await;
    assert_eq!(tally(store, 1).await, tallied(2, 0, Some(0)));
    assert!(counts(store, "c", WITHIN).await);
}
