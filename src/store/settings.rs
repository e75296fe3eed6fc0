//! The `store:` section: which engine, and where it keeps its data.

use super::{
    Refusal, Store,
    postgres::{Address, Postgres},
    sqlite::Sqlite,
};
use crate::{metrics::Metrics, secret::Reference};
use serde::Deserialize;
use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

/// One engine, named by its key; there is one to name. Empty is a finding of `check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `sqlite` or `postgres`")]
pub struct Settings {
    /// A file of our own.
    pub sqlite: Option<File>,
    /// A server, which replicas share.
    pub postgres: Option<Server>,
}

/// `{ path: /data/scimshim.db }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `path`")]
pub struct File {
    /// The database; its folder must be there. `-wal`, `-shm` and `.lock` stand beside it.
    pub path: PathBuf,
}

/// `{ url: { env: DATABASE_URL } }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `url`")]
pub struct Server {
    /// `postgres://user:password@host/database`
    // Said so, one that lacks is told as lacking.
    #[serde(deserialize_with = "Reference::deserialize")]
    pub url: Reference,
    /// A PEM file of who vouches for the server, beside the system's authorities.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Connections of this replica at most.
    #[serde(default)]
    pub connections: Option<NonZeroUsize>,
}

impl Server {
    async fn open(&self, metrics: Arc<Metrics>) -> Result<Arc<dyn Store>, Refusal> {
        let url = self.url.resolve().map_err(|why| {
            Refusal::new(why, "give `postgres.url` as `{ env: NAME }` or `{ file: PATH }`")
        })?;
        let ca = self.ca.as_ref().map(fs::read_to_string).transpose().map_err(|error| {
            Refusal::new(
                format!("`store.postgres.ca` cannot be read: {error}"),
                "name a PEM file that the process may read",
            )
        })?;
        let connections = self.connections.map(NonZeroUsize::get);
        let address = Address::of(url.expose(), ca, connections)
            .map_err(|what| Refusal::new(format!("`store.postgres.url`: {what}"), URL))?;
        Ok(Arc::new(Postgres::open(&address, metrics).await?))
    }
}

impl Settings {
    /// The keys of the engines that are named.
    pub fn engines(&self) -> Vec<&'static str> {
        let named = [("sqlite", self.sqlite.is_some()), ("postgres", self.postgres.is_some())];
        named.into_iter().filter(|(_, named)| *named).map(|(engine, _)| engine).collect()
    }

    /// The same with a relative file taken from `folder`.
    pub fn within(self, folder: &Path) -> Self {
        let sqlite = self.sqlite.map(|file| File { path: folder.join(file.path) });
        let postgres = self.postgres.map(|server| Server {
            url: server.url.within(folder),
            ca: server.ca.map(|ca| folder.join(ca)),
            ..server
        });
        Self { sqlite, postgres }
    }

    /// Opens it, making what is not there. Blocks while the disk does: for the start only.
    pub async fn open(&self, metrics: Arc<Metrics>) -> Result<Arc<dyn Store>, Refusal> {
        match (&self.sqlite, &self.postgres) {
            (Some(File { path }), None) => Ok(Arc::new(Sqlite::open(path, metrics)?)),
            (None, Some(server)) => server.open(metrics).await,
            (None, None) => Err(Refusal::new(NO_ENGINE, HELP)),
            (Some(_), Some(_)) => Err(Refusal::new(TWO_ENGINES, HELP)),
        }
    }
}

/// What is wrong with a section that is empty.
pub const NO_ENGINE: &str = "`store` names no engine";
/// What to do about it.
pub const HELP: &str = "write `store: { sqlite: { path: FILE } }` or `store: { postgres: { url: { env: NAME } } }`, \
                        or leave `store` out";
/// What is wrong with a section that names several.
pub const TWO_ENGINES: &str = "`store` names two engines";
/// What to do about an address that is none.
const URL: &str = "see the address that the variable or the file holds";
