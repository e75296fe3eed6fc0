//! What the gateway of one tenant remembers between requests, within this process.

use super::{turns::Turns, unfinished::Unfinished, walks::Walks};

/// All of it; each part has a bound of its own.
#[derive(Debug, Default)]
pub struct Memory {
    /// Writes to one resource wait for each other here.
    pub turns: Turns,
    /// Where earlier walks of a list stopped.
    pub walks: Walks,
    /// Creates that stopped half-way.
    pub unfinished: Unfinished,
}
