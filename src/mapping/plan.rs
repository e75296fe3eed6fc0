//! Plan: what runs. Nothing is left to look up.

/// A checked mapping, ready to run.
#[derive(Debug)]
pub struct Plan {
    /// `[a-z0-9-]+`; label in metrics.
    pub name: String,
}
