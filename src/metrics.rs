//! Counters and histograms, rendered as Prometheus text. Takes strings: knows nobody.

use std::time::Duration;

/// Everything this process counts. Cheap to share behind an `Arc`.
#[derive(Debug, Default)]
pub struct Metrics {}

impl Metrics {
    /// Counts one SCIM request. `outcome` is `ok` or the word of the failure (`not_found`, ...).
    pub fn request(&self, _tenant: &str, _operation: &str, _outcome: &str, _took: Duration) {}
    /// Counts one attempt of a vendor call. `status` is the HTTP status or `timeout`, `connect`, ...
    pub fn call(&self, _tenant: &str, _call: &str, _status: &str, _took: Duration) {}
    /// Counts one repeated vendor call.
    pub fn retry(&self, _tenant: &str, _call: &str) {}
    /// Counts attributes that a client sent and the mapping does not have.
    pub fn unmapped(&self, _tenant: &str, _resource: &str, _count: u64) {}
    /// Counts vendor values that a rule could not read; `attribute` is the rule's.
    pub fn unreadable(&self, _tenant: &str, _attribute: &str) {}
    /// Notes a reload of `what` (`mapping`, `certificate`): accepted or refused, and the generation in force.
    pub fn reload(&self, _tenant: &str, _what: &str, _accepted: bool, _generation: u64) {}
    /// All of it as Prometheus text.
    pub fn render(&self) -> String {
        String::new()
    }
}
