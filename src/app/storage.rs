//! The store of the process: opened at the start, asked how it is, closed at the end.

use super::{
    config::Config,
    source::{Source, finding},
};
use crate::{admin::health::Health, diagnostic::Diagnostic, metrics::Metrics, store::Store};
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// As often as a readiness probe asks, and whoever asks the probe cannot make the disk busy.
const EVERY: Duration = Duration::from_secs(5);
/// A disk that answers later than this is gone: a sync takes milliseconds, and the lock of another
/// program is waited for 5 s.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store that the configuration names, if any.
pub async fn open(
    config: &Config,
    source: &Source,
    metrics: &Arc<Metrics>,
) -> Result<Option<Arc<dyn Store>>, Diagnostic> {
    let Some(settings) = &config.store else { return Ok(None) };
    settings.open(metrics.clone()).await.map(Some).map_err(|refusal| {
        let place = match settings.sqlite {
            Some(_) => source.place(&["store", "sqlite", "path"]),
            None => source.place(&["store", "postgres", "url"]),
        };
        finding("C027", place, refusal.message, Some(refusal.help))
    })
}

/// What `serve` would refuse here of the store, which may be another where it runs.
pub fn note(config: &Config, source: &Source) -> Option<Diagnostic> {
    let store = config.store.as_ref()?;
    if let Some(why) = store.postgres.as_ref().and_then(|server| server.url.unset()) {
        let place = source.place(&["store", "postgres", "url"]);
        return Some(Diagnostic::note("C027", place, format!("the store's address: {why}")));
    }
    let path = &store.sqlite.as_ref()?.path;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let (message, help) = match folder {
        _ if path.is_dir() => (
            format!("the store `{}` is no file", path.display()),
            "name a file in a folder that is there",
        ),
        Some(folder) if !folder.is_dir() => (
            format!("the store's folder `{}` is not there", folder.display()),
            "make it, or mount the volume there",
        ),
        _ => return None,
    };
    let place = source.place(&["store", "sqlite", "path"]);
    Some(Diagnostic::note("C027", place, message).help(help))
}

/// Looks at the store for ever, has readiness say how it is, and notes its size.
pub async fn watch(store: Option<Arc<dyn Store>>, health: &Health, metrics: &Metrics) {
    let Some(store) = store else { return std::future::pending().await };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        look(&*store, health).await;
        if let Ok(Ok(bytes)) = timeout(PATIENCE, store.size()).await {
            metrics.store_size(bytes);
        }
    }
}

async fn look(store: &dyn Store, health: &Health) {
    let why = match timeout(PATIENCE, store.health()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("the store did not answer within {PATIENCE:?}")),
    };
    // Told when it changes; every request that needs the store says it as well.
    match (&why, health.store(why.is_none())) {
        (Some(why), true) => tracing::error!(store = store.place(), "{why}"),
        (None, true) => {
            tracing::info!(store = store.place(), "the store can be read and written again");
        }
        (_, false) => {}
    }
}

/// Writes what was given and lets go of the file. After the drain: nobody is left to write.
pub async fn close(store: Option<Arc<dyn Store>>) {
    let Some(store) = store else { return };
    match timeout(PATIENCE, store.close()).await {
        Ok(Ok(())) => tracing::info!("store closed"),
        Ok(Err(error)) => tracing::error!("the store was not closed well: {error}"),
        // What was acknowledged is on the disk all the same.
        Err(_) => tracing::error!("the store was not closed within {PATIENCE:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Sqlite;

    #[tokio::test]
    async fn readiness_says_when_the_store_is_gone() {
        let name = format!("scimshim-storage-{}.db", std::process::id());
        let file = std::env::temp_dir().join(name);
        let store = Sqlite::open(&file, Arc::default()).unwrap();
        let health = Health::default();
        health.loaded();
        health.bound();
        look(&store, &health).await;
        assert!(health.reasons().is_empty());
        store.close().await.unwrap();
        look(&store, &health).await;
        assert_eq!(health.reasons(), ["the store cannot be read or written"]);
        let store = Sqlite::open(&file, Arc::default()).unwrap();
        look(&store, &health).await;
        assert!(health.reasons().is_empty());
        store.close().await.unwrap();
        for more in ["", ".lock"] {
            std::fs::remove_file(format!("{}{more}", file.display())).unwrap();
        }
    }
}
