//! Rates: what all processes may do together in a time is given to them bit by bit. An engine that has one process alone
//! says so, and gives nothing.

use scimshim::store::{Rate, Share, Store};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// Long enough that none of it is over before the test is.
const FEW: Rate = Rate::Window { most: 5, length: Duration::from_secs(3_600) };
const SLOW: Rate = Rate::Even(MINUTE);

async fn share(store: &dyn Store, tenant: &str, rate: Rate, wanted: u32) -> Option<Share> {
    store.share(tenant, rate, wanted).await.unwrap()
}

pub async fn what_one_takes_is_missing_to_the_others_and_to_no_other_tenant(store: &dyn Store) {
    let Some(first) = share(store, "acme", FEW, 3).await else { return };
    assert_eq!((first.count, first.wait()), (3, Duration::ZERO));
    assert_eq!(share(store, "acme", FEW, 3).await.unwrap().count, 2, "there are no more");
    let full = share(store, "acme", FEW, 1).await.unwrap();
    let (hour, again) = (60 * MINUTE, full.first.duration_since(first.now));
    assert_eq!(full.count, 0);
    let again = Duration::try_from(again).unwrap();
    assert!(hour <= again && again <= hour + hour / 32, "when the first have grown old: {again:?}");
    assert_eq!(share(store, "bolt", FEW, 9).await.unwrap().count, 5);

    let one = share(store, "acme", SLOW, 1).await.unwrap();
    assert_eq!((one.count, one.wait(), one.apart), (1, Duration::ZERO, MINUTE));
    let two = share(store, "acme", SLOW, 2).await.unwrap();
    let next = share(store, "acme", SLOW, 1).await.unwrap();
    assert_eq!(two.first, one.first + MINUTE);
    assert_eq!(next.first, one.first + 3 * MINUTE, "behind the two");
    assert_eq!(share(store, "bolt", SLOW, 1).await.unwrap().wait(), Duration::ZERO);
}

pub async fn nobody_is_given_any_while_the_vendor_wants_none(store: &dyn Store) {
    for rate in [FEW, SLOW] {
        store.close_share("acme", rate, 20 * MINUTE).await.unwrap();
        // A shorter one ends nothing.
        store.close_share("acme", rate, MINUTE).await.unwrap();
        let Some(closed) = share(store, "acme", rate, 1).await else { return };
        assert_eq!(closed.count, 0, "{rate:?}");
        assert!(closed.wait() > 19 * MINUTE && closed.wait() <= 20 * MINUTE, "{closed:?}");
        assert_eq!(share(store, "bolt", rate, 1).await.unwrap().count, 1, "{rate:?}");
    }
}
