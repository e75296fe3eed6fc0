//! Who has which value, as a page of a list has read it: what the client asks for behind that page is cut from the
//! same, and all Users are not read again for each page.

use super::Context;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Those who have one value.
#[derive(Debug, Default, Clone)]
pub struct Having {
    /// The value as they have it: where case is ignored, in several spellings.
    pub spelled: BTreeSet<String>,
    /// The elements of a Group's `members`, by id.
    pub members: BTreeMap<String, Value>,
}

/// Every value that somebody has and that is a Group, by what is the same for all its spellings.
pub type Everybody = BTreeMap<String, Having>;

/// So long it waits for the client that has read a page.
const WAITS: Duration = Duration::from_secs(60);

/// The newest alone: it may be as long as `limits.scan` Users are.
#[derive(Debug, Default)]
pub struct Earlier {
    // A std mutex: held for a look-up only, never across an await.
    newest: Mutex<Option<Read>>,
}

#[derive(Debug)]
struct Read {
    at: Instant,
    /// The generation, and the era of writes that it was read in: behind a write everything is read anew.
    of: (u64, u64),
    everybody: Arc<Everybody>,
}

impl Earlier {
    /// What was read a short while ago and since when nothing was written.
    pub fn read(&self, cx: &Context<'_>) -> Option<Arc<Everybody>> {
        let newest = self.lock();
        let holds = |read: &&Read| read.of == cx.era() && read.at.elapsed() <= WAITS;
        newest.as_ref().filter(holds).map(|read| Arc::clone(&read.everybody))
    }

    /// Remembers what was read since that era began.
    pub fn note(&self, of: (u64, u64), everybody: &Arc<Everybody>) {
        let everybody = Arc::clone(everybody);
        *self.lock() = Some(Read { at: Instant::now(), of, everybody });
    }

    fn lock(&self) -> MutexGuard<'_, Option<Read>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
