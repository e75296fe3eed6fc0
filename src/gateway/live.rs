//! Live: the Plan in force and the Upstream it speaks to, swapped as one.

use crate::{mapping::plan::Plan, upstream::Upstream};
use serde_json::Value;
use std::sync::Arc;

/// What a request runs on.
pub struct Live {
    /// What the mapping says.
    pub plan: Arc<Plan>,
    /// The vendor.
    pub upstream: Arc<dyn Upstream>,
    /// The tenant's variables, `tenant.NAME` in expressions; an object. Holds secrets: never logged.
    pub variables: Arc<Value>,
    /// Counts reloads, from 1.
    pub generation: u64,
}
