//! The `audit:` section: where the lines go, and what seals them.

use super::{chain::Key, refusal::Refusal};
use crate::secret::Reference;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// `{ path: /data/audit.log, key: { env: AUDIT_KEY } }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `path` and `key`")]
pub struct Settings {
    /// The file; its folder must be there. `.lock` stands beside it.
    pub path: PathBuf,
    /// What seals the lines: text of at least 32 bytes.
    // Said so, one that lacks is told as lacking.
    #[serde(deserialize_with = "Reference::deserialize")]
    pub key: Reference,
}

impl Settings {
    /// The same with relative files taken from `folder`.
    #[must_use]
    pub fn within(self, folder: &Path) -> Self {
        Self { path: folder.join(self.path), key: self.key.within(folder) }
    }

    /// Reads the key. The error never repeats it.
    pub fn key(&self) -> Result<Key, Refusal> {
        let secret = self.key.resolve().map_err(|why| {
            Refusal::of_key(why, "give `audit.key` as `{ env: NAME }` or `{ file: PATH }`")
        })?;
        Key::of(&secret)
    }
}
