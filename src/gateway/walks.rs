//! Where earlier walks of a list stopped, so that a client that pages through all of it by index
//! does not make the vendor read it from the start each time.

use super::{fingerprint::Fingerprint, items::Items};
use crate::upstream::Call;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A walk that nobody went on with for so long is forgotten: vendors' own cursors expire too.
const IDLE: Duration = Duration::from_secs(600);
/// So long the rest of a page waits for the client that has read its beginning.
const WAITS: Duration = Duration::from_secs(60);
/// Walks remembered per tenant, one for each kind of resource; beyond it the one is forgotten that
/// was used longest ago.
const WALKS: usize = 32;
/// Positions remembered per walk. When there are more, every second one is forgotten: a client that
/// goes on needs the newest, one that comes back reads a page or two again.
const POSITIONS: usize = 2_000;

/// A place in the vendor's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// Resources before it, as a client counts them.
    pub served: usize,
    /// Records before it, as the vendor counts them: `exists` may hide some.
    pub read: usize,
    /// The call that goes on from there; nothing behind the last page.
    pub call: Option<Call>,
    /// Of the page before it, which the next one must not repeat.
    pub last: Option<Fingerprint>,
}

/// What is left of a page that is longer than the client's: the client's next one.
#[derive(Debug, Clone)]
pub struct Rest {
    /// The list, the generation, and the era of writes that it was read in.
    pub of: (String, u64, u64),
    /// Resources before it, as a client counts them.
    pub served: usize,
    /// The records.
    pub items: Items,
    /// The place behind them.
    pub behind: Position,
    /// How many there are in all, as the vendor says.
    pub told: Option<usize>,
}

/// Remembered walks of one tenant.
#[derive(Debug, Default)]
pub struct Walks {
    // A std mutex: held for a look-up only, never across an await.
    walks: Mutex<HashMap<String, Walk>>,
    /// The newest alone, with when it was left: it may be as long as an answer.
    rest: Mutex<Option<(Instant, Rest)>>,
}

#[derive(Debug)]
struct Walk {
    generation: u64,
    used: Instant,
    positions: BTreeMap<usize, Position>,
}

impl Walks {
    /// The position nearest before `wanted` resources, if any.
    pub fn nearest(&self, walk: &str, generation: u64, wanted: usize) -> Option<Position> {
        let mut walks = self.lock();
        let walk = walks.get_mut(walk)?;
        if walk.generation != generation || walk.used.elapsed() > IDLE {
            return None;
        }
        walk.used = Instant::now();
        walk.positions.range(..=wanted).next_back().map(|(_, position)| position.clone())
    }

    /// Remembers a position; a newer one at the same place takes its place.
    pub fn note(&self, walk: &str, generation: u64, position: Position) {
        let mut walks = self.lock();
        walks.retain(|_, walk| walk.used.elapsed() <= IDLE);
        if walks.len() >= WALKS
            && !walks.contains_key(walk)
            && let Some((oldest, _)) = walks.iter().min_by_key(|(_, walk)| walk.used)
        {
            let oldest = oldest.clone();
            walks.remove(&oldest);
        }
        let fresh = || Walk { generation, used: Instant::now(), positions: BTreeMap::new() };
        let walk = walks.entry(walk.to_owned()).or_insert_with(fresh);
        if walk.generation != generation {
            *walk = fresh();
        }
        walk.used = Instant::now();
        if walk.positions.len() >= POSITIONS {
            let mut keep = false;
            walk.positions.retain(|_, _| {
                keep = !keep;
                keep
            });
        }
        walk.positions.insert(position.served, position);
    }

    /// Leaves what a client did not ask for yet.
    pub fn leave(&self, rest: Rest) {
        *self.rest() = Some((Instant::now(), rest));
    }

    /// What was left of the page that `wanted` is on. Once: for who asks for the same again it is read again.
    pub fn take(&self, of: &(String, u64, u64), wanted: usize) -> Option<Rest> {
        let mut left = self.rest();
        let holds = |(at, rest): &mut (Instant, Rest)| {
            let places = rest.served..rest.served.saturating_add(rest.items.len());
            rest.of == *of && places.contains(&wanted) && at.elapsed() <= WAITS
        };
        left.take_if(holds).map(|(_, rest)| rest)
    }

    fn rest(&self) -> MutexGuard<'_, Option<(Instant, Rest)>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a walk: the vendor takes its cursors no more.
    pub fn forget(&self, walk: &str) {
        self.lock().remove(walk);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Walk>> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Place, upstream::Body};
    use http::{HeaderMap, Method};

    fn position(served: usize, cursor: &str) -> Position {
        let call = Call {
            name: "User.list".into(),
            method: Method::GET,
            path: "/users".into(),
            query: vec![("after".into(), cursor.into())],
            headers: HeaderMap::new(),
            body: Body::Empty,
            safe: true,
            packs: None,
            place: Place::default(),
        };
        Position { served, read: served + 1, call: Some(call), last: None }
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_place_before_is_found_until_it_is_old() {
        let walks = Walks::default();
        walks.note("User", 1, position(50, "a"));
        walks.note("User", 1, position(100, "b"));
        let at = |wanted| walks.nearest("User", 1, wanted).map(|found| found.served);
        assert_eq!((at(49), at(50), at(99), at(500)), (None, Some(50), Some(50), Some(100)));
        assert_eq!(walks.nearest("User", 2, 500), None, "a reload may have changed the list");
        walks.note("User", 1, position(50, "c"));
        assert_eq!(walks.nearest("User", 1, 50), Some(position(50, "c")), "the newest is kept");
        walks.forget("User");
        assert_eq!(walks.nearest("User", 1, 50), None);
        walks.note("User", 1, position(50, "d"));
        tokio::time::advance(IDLE + Duration::from_secs(1)).await;
        assert_eq!(walks.nearest("User", 1, 50), None);
    }

    #[test]
    fn a_long_walk_keeps_its_newest_place_and_a_bound() {
        let walks = Walks::default();
        for page in 1..=3 * POSITIONS {
            walks.note("User", 1, position(page * 50, "x"));
            let newest = walks.nearest("User", 1, usize::MAX).unwrap();
            assert_eq!(newest.served, page * 50);
        }
        assert!(walks.lock()["User"].positions.len() <= POSITIONS);
    }
}
