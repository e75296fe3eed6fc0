//! The audit log: its head, which an outsider keeps, is one series whatever was written since.

use super::{Metrics, counter, gauge, table};
use prometheus::{IntCounterVec, IntGaugeVec, Registry};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is counted of the audit log.
#[derive(Debug)]
pub struct Audited {
    lines: IntCounterVec,
    works: IntGaugeVec,
    shown: IntGaugeVec,
    // A std mutex: it is never held across an await.
    head: Mutex<Option<Head>>,
}

/// The last line.
#[derive(Debug)]
pub struct Head {
    strand: String,
    hash: String,
    n: i64,
}

impl Audited {
    pub(super) fn new(registry: &Registry) -> Self {
        let (lines, works) =
            (counter(registry, &table::AUDIT_LINES), gauge(registry, &table::AUDIT_WORKS));
        Self { lines, works, shown: gauge(registry, &table::AUDIT_HEAD), head: Mutex::default() }
    }

    /// Puts the head into its gauge. Until the guard is dropped nobody else does, so that no page has two.
    pub(super) fn show(&self) -> MutexGuard<'_, Option<Head>> {
        let head = self.head();
        if let Some(Head { strand, hash, n }) = &*head {
            self.shown.reset();
            self.shown.with_label_values(&[strand, hash]).set(*n);
        }
        head
    }

    fn head(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Metrics {
    /// Notes that so many `lines` of the audit log are on the disk, the last of them the `n`th of its strand.
    pub fn audited(&self, lines: u64, strand: &str, hash: &str, n: u64) {
        self.audited.lines.with_label_values::<&str>(&[]).inc_by(lines);
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        *self.audited.head() = Some(Head { strand: strand.to_owned(), hash: hash.to_owned(), n });
    }

    /// Notes whether the audit log can be written.
    pub fn audit_works(&self, works: bool) {
        self.audited.works.with_label_values::<&str>(&[]).set(works.into());
    }
}
