//! Whether lines can be written: what is asked before anything is done that would need one.

use crate::metrics::Metrics;
use std::sync::Arc;
use tokio::sync::watch;

/// Whether lines can be written, for all who ask.
#[derive(Debug)]
pub struct Works {
    tell: watch::Sender<bool>,
    metrics: Arc<Metrics>,
    /// For the log.
    audit: String,
}

impl Works {
    /// Of the file of that name, until the first line says otherwise.
    pub fn new(audit: String, metrics: Arc<Metrics>) -> Self {
        Self { tell: watch::Sender::new(true), metrics, audit }
    }

    /// Whether they can.
    pub fn now(&self) -> bool {
        *self.tell.borrow()
    }

    /// The same whenever it changes.
    pub fn watched(&self) -> watch::Receiver<bool> {
        self.tell.subscribe()
    }

    /// Lines were written; so many of them were `late`.
    pub fn well(&self, late: usize) {
        self.metrics.audit_works(true);
        if !self.tell.send_replace(true) {
            tracing::info!(audit = self.audit, late, "the audit log can be written again");
        }
    }

    /// Lines could not be written.
    pub fn ill(&self, why: &str) {
        self.metrics.audit_works(false);
        if self.tell.send_replace(false) {
            tracing::error!(
                audit = self.audit,
                why,
                "the audit log cannot be written: writes are refused until it can"
            );
        }
    }

    /// Nobody is left who would write them.
    pub fn over(&self) {
        self.metrics.audit_works(false);
        self.tell.send_replace(false);
    }
}
