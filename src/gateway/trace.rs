//! Trace: what one request did, call by call; what the log counts and `explain` prints.

use crate::upstream::{Call, Error};
use std::{sync::Arc, time::Duration};

/// One attempt of one call.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked.
    pub call: Arc<Call>,
    /// The status that came back, or why none did. Bodies are not kept: they hold personal data.
    pub outcome: Result<u16, Error>,
    /// How long it took.
    pub took: Duration,
}

/// What one request did.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// In the order they ended.
    pub exchanges: Vec<Exchange>,
    /// Things an operator should know, in words: a `may_fail` update that failed, a leftover.
    pub remarks: Vec<String>,
}
