//! A lease: who has it works on something alone, among all processes that share a store.

use std::sync::Arc;

/// A lease that was taken. What its holder writes is refused when somebody else has it by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub tenant: Arc<str>,
    /// What it is on.
    pub name: String,
    /// Which taking of it; none is like another.
    pub epoch: i64,
    /// It, or one before it, was taken from a process that had not let go of it and may send something yet: what is done
    /// under this one is kept ([`Change::Done`](super::Change)) until it was looked at once more.
    pub watched: bool,
}
