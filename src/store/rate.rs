//! What several processes may do together in a time: how it is spread, and what one of them is given of it.

use jiff::Timestamp;
use std::time::Duration;

/// How it is spread. One of a tenant's is no other's, but the even ones are one: their distance may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// One after so long, and another.
    Even(Duration),
    /// At most so many in every window of so long.
    Window {
        /// How many.
        most: u32,
        /// How long it is.
        length: Duration,
    },
}

/// What one was given. Instants are the store's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// How many, perhaps none.
    pub count: u32,
    /// When the first is due; when there is more where none was given.
    pub first: Timestamp,
    /// From each to the next.
    pub apart: Duration,
    /// When it was given.
    pub now: Timestamp,
}

impl Share {
    /// How long it was until the first.
    pub fn wait(&self) -> Duration {
        Duration::try_from(self.first.duration_since(self.now)).unwrap_or_default()
    }
}
