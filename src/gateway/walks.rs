//! Where earlier walks of a list stopped, so that a client that pages through all of it by index
//! does not make the vendor read it from the start each time.

use super::{fingerprint::Fingerprint, lists::Lists};
use crate::upstream::Call;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A walk that nobody went on with for so long is forgotten: vendors' own cursors expire too.
const IDLE: Duration = Duration::from_secs(600);
/// Walks remembered per tenant, one for each kind of resource; beyond it the one is forgotten that
/// was used longest ago.
const WALKS: usize = 32;
/// Positions remembered per walk. When there are more, every second one is forgotten: a client that
/// goes on needs the newest, one that comes back reads a page or two again.
const POSITIONS: usize = 2_000;

/// A place in the vendor's list.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// Records before it, as the vendor counts them: `exists` may hide some.
    pub read: usize,
    /// The call that goes on from there; nothing behind the last page.
    pub call: Option<Call>,
    /// Of the page before it, which the next one must not repeat.
    pub last: Option<Fingerprint>,
    /// Of several lists, which one it is in.
    pub lists: Lists,
}

/// Remembered walks of one tenant, over lists whose places are told so.
#[derive(Debug)]
pub struct Walks<P = Position> {
    // A std mutex: held for a look-up only, never across an await.
    walks: Mutex<HashMap<String, Walk<P>>>,
}

#[derive(Debug)]
struct Walk<P> {
    generation: u64,
    used: Instant,
    /// By the resources before each, as a client counts them.
    positions: BTreeMap<usize, P>,
}

impl<P> Default for Walks<P> {
    fn default() -> Self {
        Self { walks: Mutex::default() }
    }
}

impl<P: Clone> Walks<P> {
    /// The position nearest before `wanted` resources, if any, and how many are before it.
    pub fn nearest(&self, walk: &str, generation: u64, wanted: usize) -> Option<(usize, P)> {
        let mut walks = self.lock();
        let walk = walks.get_mut(walk)?;
        if walk.generation != generation || walk.used.elapsed() > IDLE {
            return None;
        }
        walk.used = Instant::now();
        let (served, position) = walk.positions.range(..=wanted).next_back()?;
        Some((*served, position.clone()))
    }

    /// Remembers the position behind so many resources; a newer one takes its place.
    pub fn note(&self, walk: &str, generation: u64, served: usize, position: P) {
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
        walk.positions.insert(served, position);
    }

    /// Forgets a walk: the vendor takes its cursors no more.
    pub fn forget(&self, walk: &str) {
        self.lock().remove(walk);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Walk<P>>> {
        self.walks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Place, upstream::Body};
    use http::{HeaderMap, Method};

    fn position(read: usize, cursor: &str) -> Position {
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
        Position { read, call: Some(call), last: None, lists: Lists::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_place_before_is_found_until_it_is_old() {
        let walks = Walks::<Position>::default();
        walks.note("User", 1, 50, position(51, "a"));
        walks.note("User", 1, 100, position(101, "b"));
        let at = |wanted| walks.nearest("User", 1, wanted).map(|found| found.0);
        assert_eq!((at(49), at(50), at(99), at(500)), (None, Some(50), Some(50), Some(100)));
        assert_eq!(walks.nearest("User", 2, 500), None, "a reload may have changed the list");
        walks.note("User", 1, 50, position(51, "c"));
        assert_eq!(
            walks.nearest("User", 1, 50),
            Some((50, position(51, "c"))),
            "the newest is kept"
        );
        walks.forget("User");
        assert_eq!(walks.nearest("User", 1, 50), None);
        walks.note("User", 1, 50, position(51, "d"));
        tokio::time::advance(IDLE + Duration::from_secs(1)).await;
        assert_eq!(walks.nearest("User", 1, 50), None);
    }

    #[test]
    fn a_long_walk_keeps_its_newest_place_and_a_bound() {
        let walks = Walks::<Position>::default();
        for page in 1..=3 * POSITIONS {
            walks.note("User", 1, page * 50, position(0, "x"));
            let newest = walks.nearest("User", 1, usize::MAX).unwrap();
            assert_eq!(newest.0, page * 50);
        }
        assert!(walks.lock()["User"].positions.len() <= POSITIONS);
    }
}
