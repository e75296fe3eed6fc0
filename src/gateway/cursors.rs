//! Where earlier walks of a list stopped, so that a client that pages through all of it by index
//! does not make the vendor read it from the start each time.

use crate::upstream::Call;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A walk that nobody went on with for so long is forgotten: vendors' own cursors expire too.
const IDLE: Duration = Duration::from_secs(600);
/// Walks remembered per tenant; each is one kind of resource, so this is never reached in practice.
const WALKS: usize = 32;
/// Positions remembered per walk: at 50 records a page, 100,000 records.
const POSITIONS: usize = 2_000;

/// Remembered walks of one tenant.
#[derive(Debug, Default)]
pub struct Cursors {
    // A std mutex: held for a look-up only, never across an await.
    walks: Mutex<HashMap<String, Walk>>,
}

#[derive(Debug)]
struct Walk {
    generation: u64,
    used: Instant,
    positions: BTreeMap<usize, Call>,
}

impl Cursors {
    /// The call that goes on nearest before `position` (resources served before it), if any.
    pub fn nearest(&self, walk: &str, generation: u64, position: usize) -> Option<(usize, Call)> {
        let mut walks = self.walks.lock().unwrap_or_else(PoisonError::into_inner);
        let walk = walks.get_mut(walk)?;
        if walk.generation != generation || walk.used.elapsed() > IDLE {
            return None;
        }
        walk.used = Instant::now();
        walk.positions.range(..=position).next_back().map(|(at, call)| (*at, call.clone()))
    }

    /// Remembers that `call` goes on after `position` resources.
    pub fn note(&self, walk: &str, generation: u64, position: usize, call: Call) {
        let mut walks = self.walks.lock().unwrap_or_else(PoisonError::into_inner);
        walks.retain(|_, walk| walk.used.elapsed() <= IDLE);
        if walks.len() >= WALKS && !walks.contains_key(walk) {
            return;
        }
        let fresh = || Walk { generation, used: Instant::now(), positions: BTreeMap::new() };
        let walk = walks.entry(walk.to_owned()).or_insert_with(fresh);
        if walk.generation != generation {
            *walk = fresh();
        }
        walk.used = Instant::now();
        if walk.positions.len() < POSITIONS {
            walk.positions.insert(position, call);
        }
    }
}
