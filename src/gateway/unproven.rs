//! Places that say whether a list goes on, and that no answer has had yet: a wrong name in the mapping makes the
//! first page look like the whole list.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// Steps whose place was seen, or whose operator was told. One entry for each step of a mapping that pages.
#[derive(Debug, Default)]
pub struct Unproven {
    // A std mutex: held for a look-up only, never across an await.
    settled: Mutex<HashSet<String>>,
}

impl Unproven {
    /// An answer to `step` had the place, so that a page without it is the last.
    pub fn seen(&self, step: &str) {
        self.settle(step);
    }

    /// A first page did not have it; true when nobody knows better and nobody was told.
    pub fn missed(&self, step: &str) -> bool {
        self.settle(step)
    }

    fn settle(&self, step: &str) -> bool {
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        !settled.contains(step) && settled.insert(step.to_owned())
    }
}
