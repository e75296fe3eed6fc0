//! The audit log of the process: opened at the start, begun when all else is sound, closed at the end.

use super::{
    config::Config,
    source::{Source, finding},
};
use crate::{
    admin::health::Health,
    audit::{
        Audit,
        refusal::{Part, Refusal},
        writer::Unwritten,
    },
    diagnostic::Diagnostic,
    metrics::Metrics,
};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// A disk that answers later than this is gone: a sync takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The audit log that the configuration names, if any. Nothing is written to it yet.
pub fn open(
    config: &Config,
    source: &Source,
    metrics: &Arc<Metrics>,
) -> Result<Option<Arc<Audit>>, Diagnostic> {
    let Some(settings) = &config.audit else { return Ok(None) };
    match Audit::open(settings, metrics.clone()) {
        Ok(audit) => Ok(Some(Arc::new(audit))),
        Err(refusal) => Err(refused(refusal, source)),
    }
}

fn refused(Refusal { part, message, help }: Refusal, source: &Source) -> Diagnostic {
    match part {
        Part::File => finding("C041", source.place(&["audit", "path"]), message, Some(help)),
        Part::Key => finding("C042", source.place(&["audit", "key"]), message, Some(help)),
    }
}

/// What `serve` would refuse here of the audit log, which may be another where it runs.
pub fn note(config: &Config, source: &Source) -> Vec<Diagnostic> {
    let Some(settings) = &config.audit else { return Vec::new() };
    let unset = settings.key.unset().map(|why| {
        let place = source.place(&["audit", "key"]);
        Diagnostic::note("C042", place, format!("the audit log's key: {why}"))
    });
    let folder = settings.path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let missing = folder.filter(|folder| !folder.is_dir()).map(|folder| {
        let message = format!("the audit log's folder `{}` is not there", folder.display());
        let place = source.place(&["audit", "path"]);
        Diagnostic::note("C041", place, message).help("make it, or mount the volume there")
    });
    unset.into_iter().chain(missing).collect()
}

/// Writes the first line, now that nothing else stands in the way of the start.
pub async fn begin(audit: Option<&Arc<Audit>>, source: &Source) -> Result<(), Diagnostic> {
    let Some(audit) = audit else { return Ok(()) };
    audit.begin(now()).await.map_err(|Unwritten(why)| {
        let message = format!("the first line of the audit log cannot be written: {why}");
        let help = "see that its disk has room and can be written".to_owned();
        finding("C041", source.place(&["audit", "path"]), message, Some(help))
    })
}

/// Has readiness say for ever whether the log can be written.
pub async fn watch(audit: Option<Arc<Audit>>, health: &Health) {
    let Some(audit) = audit else { return std::future::pending().await };
    let mut works = audit.watched();
    loop {
        health.audit(*works.borrow_and_update());
        if works.changed().await.is_err() {
            // Not while the log is there, which is held here.
            return std::future::pending().await;
        }
    }
}

/// Sees whether the file was moved away, as what rotates logs does before it tells the process.
pub fn follow(audit: Option<&Arc<Audit>>) {
    if let Some(audit) = audit {
        audit.follow(now());
    }
}

/// Writes the last line and lets go of the file. After the drain: nobody is left to write.
pub async fn close(audit: Option<Arc<Audit>>) {
    let Some(audit) = audit else { return };
    // What came of it is told by who writes.
    if timeout(PATIENCE, audit.close(now())).await.is_err() {
        tracing::error!("the audit log was not closed within {PATIENCE:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "where the time enters of what is no client's doing")]
fn now() -> Timestamp {
    Timestamp::now()
}
