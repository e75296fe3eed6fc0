//! Scope: the names that an expression may use, borrowed.

use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A short list of names and values; later ones hide earlier ones.
#[derive(Debug, Clone, Default)]
pub struct Scope<'a> {
    names: Vec<(&'a str, &'a Value)>,
    /// How often the macros around have gone round. One evaluation counts there; it is atomic because a
    /// scope is kept while calls are awaited.
    turns: Option<&'a AtomicUsize>,
}

impl<'a> Scope<'a> {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one name more.
    pub fn with(mut self, name: &'a str, value: &'a Value) -> Self {
        self.names.push((name, value));
        self
    }

    /// The same for a macro: its turns are counted in `own`, unless it stands in one that counts them.
    pub(super) fn counting(mut self, own: &'a AtomicUsize) -> Self {
        self.turns.get_or_insert(own);
        self
    }

    /// So many turns more, in a macro; how many there were.
    pub(super) fn turns(&self, more: impl FnOnce() -> usize) -> usize {
        self.turns.map_or(0, |turns| {
            let more = more();
            turns.fetch_add(more, Ordering::Relaxed) + more
        })
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.names.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}
