//! What a Plan says of reading several Records by their keys.

use super::Operation;
use crate::upstream::record::{FieldPath, Locator};

/// Reads what `get` reads, for several at once.
#[derive(Debug, Clone)]
pub struct ManyOperation {
    /// The step without `into` gives the Records, each other one a part of them.
    pub operation: Operation,
    /// Keys in one call.
    pub at_most: usize,
    /// Names of get steps to run for each.
    pub read_again: Vec<String>,
}

/// Which part of an item belongs to which Record.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Where an item says whose it is; else where a Record has its key.
    pub of: Option<FieldPath>,
    /// What of the item it is; else the items themselves, all of one Record.
    pub take: Option<Locator>,
}
