//! A watch: what is done to something whose lease was taken from a process that did not let go of it. That one may stand
//! still right before a call, which no store can hold back, and send it when it goes on; so what was done since is kept
//! until it can be looked at once more.

use serde_json::Value;

/// What was done to something that is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// How often somebody said that a call of his has left although he had lost the lease.
    pub reports: u64,
    /// It is to be looked at: something was reported since the last look, or the watch is over.
    pub due: bool,
    /// None can leave any more; a look from now on is the last one.
    pub over: bool,
    /// The writes that were carried out since, in their order.
    pub writes: Vec<Value>,
}
