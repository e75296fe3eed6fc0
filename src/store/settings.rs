//! The `store:` section: which engine, and where it keeps its data.

use super::{Refusal, Store, sqlite::Sqlite};
use crate::metrics::Metrics;
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// One engine, named by its key; there is one to name. Empty is a finding of `check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map with `sqlite`")]
pub struct Settings {
    /// A file of our own.
    pub sqlite: Option<File>,
}

/// `{ path: /data/scimshim.db }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `path`")]
pub struct File {
    /// The database; its folder must be there. `-wal`, `-shm` and `.lock` stand beside it.
    pub path: PathBuf,
}

impl Settings {
    /// The same with a relative file taken from `folder`.
    pub fn within(self, folder: &Path) -> Self {
        Self { sqlite: self.sqlite.map(|file| File { path: folder.join(file.path) }) }
    }

    /// Opens it, making what is not there. Blocks while the disk does: for the start only.
    pub fn open(&self, metrics: Arc<Metrics>) -> Result<Arc<dyn Store>, Refusal> {
        match &self.sqlite {
            Some(File { path }) => Ok(Arc::new(Sqlite::open(path, metrics)?)),
            None => Err(Refusal::new(NO_ENGINE, HELP)),
        }
    }
}

/// What is wrong with a section that is empty.
pub const NO_ENGINE: &str = "`store` names no engine";
/// What to do about it.
pub const HELP: &str = "write `store: { sqlite: { path: FILE } }`, or leave `store` out";
