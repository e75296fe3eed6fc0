//! Engine: which store a run is over.

use crate::{
    gateway::{LEASE, Store},
    server::{self, Server},
};
use std::{fmt, path::Path, time::Duration};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

pub const ENGINES: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];

impl Engine {
    /// An empty store of the folder's own.
    pub fn store(self, folder: &Path) -> Store {
        match self {
            Self::Sqlite => Store::Sqlite("crash.db".to_owned()),
            Self::Postgres => database(server::running().expect("it runs"), folder),
        }
    }

    /// What a dead process held is nobody's for so long: of PostgreSQL a lease, which has to end, and a beat.
    pub fn takeover(self) -> Duration {
        match self {
            Self::Sqlite => Duration::ZERO,
            Self::Postgres => Duration::from_millis(2 * LEASE),
        }
    }

    /// Whether there is one here; SQLite always is.
    pub fn is_here(self) -> bool {
        self == Self::Sqlite || server::running().is_some()
    }
}

/// An empty database of the folder's own.
pub fn database(server: &Server, folder: &Path) -> Store {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(server.database(name));
    Store::Postgres(server.url(name))
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}
