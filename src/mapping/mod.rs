//! The deck of the bridge: text -> Plan, and a Plan at work. Pure.

pub mod expr;
pub mod plan;

use crate::diagnostic::Diagnostic;
use plan::Plan;

/// What became of a mapping file.
#[derive(Debug)]
pub struct Loaded {
    /// Absent when a finding is an error.
    pub plan: Option<Plan>,
    /// All findings of the file at once, in file order.
    pub findings: Vec<Diagnostic>,
}
