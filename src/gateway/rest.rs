//! What is left of a page that is longer than the client's: the client's next one.

use super::{items::Items, walks::Position};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// So long it waits for the client that has read its beginning.
const WAITS: Duration = Duration::from_secs(60);

/// The records of a page behind those that were asked for.
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

/// The newest alone, with when it was left: it may be as long as an answer.
#[derive(Debug, Default)]
pub struct Left {
    // A std mutex: held for a look-up only, never across an await.
    newest: Mutex<Option<(Instant, Rest)>>,
}

impl Left {
    /// Leaves what a client did not ask for yet.
    pub fn leave(&self, rest: Rest) {
        *self.lock() = Some((Instant::now(), rest));
    }

    /// What was left of the page that `wanted` is on. Once: for who asks for the same again it is read again.
    pub fn take(&self, of: &(String, u64, u64), wanted: usize) -> Option<Rest> {
        let holds = |(at, rest): &mut (Instant, Rest)| {
            let places = rest.served..rest.served.saturating_add(rest.items.len());
            rest.of == *of && places.contains(&wanted) && at.elapsed() <= WAITS
        };
        self.lock().take_if(holds).map(|(_, rest)| rest)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, Rest)>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
