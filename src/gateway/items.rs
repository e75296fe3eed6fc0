//! The records of a page that nobody has looked at yet.

use crate::upstream::record::Packed;
use serde_json::Value;
use std::vec;

/// Some are read, those behind them may still be text.
#[derive(Debug, Clone, Default)]
pub struct Items {
    read: vec::IntoIter<Value>,
    packed: Packed,
}

impl Items {
    /// Of a page.
    pub fn new(read: Vec<Value>, packed: Packed) -> Self {
        Self { read: read.into_iter(), packed }
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.read.len() + self.packed.len()
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Passes over so many; gives back how many there were of them.
    pub fn skip(&mut self, count: usize) -> usize {
        let read = self.read.by_ref().take(count).count();
        read + self.packed.skip(count - read)
    }

    /// The next of them; nothing when one cannot be read.
    pub fn take(&mut self, count: usize) -> Option<Vec<Value>> {
        let mut some: Vec<Value> = self.read.by_ref().take(count).collect();
        some.extend(self.packed.take(count - some.len())?);
        Some(some)
    }

    /// The same in less room, for later.
    pub fn packed(&self) -> Self {
        if self.read.as_slice().is_empty() {
            return self.clone();
        }
        Self { read: Vec::new().into_iter(), packed: self.packed.behind(self.read.as_slice()) }
    }
}
