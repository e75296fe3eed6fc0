//! Turns: writes to one resource, and creates of one match value, wait for each other.
//!
//! Without it two PATCHes on one Group both read the old member list, and one of them is lost.
//! Within one process only: several replicas need a shared store for the same.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::{Instant, timeout_at},
};

/// Who holds which name. One per tenant.
#[derive(Debug, Default)]
pub struct Turns {
    // A std mutex: held for a look-up only, never across an await.
    names: Mutex<HashMap<String, Arc<Turn<()>>>>,
}

/// Dropped when the turn is over.
pub struct Held<'a> {
    turns: &'a Turns,
    name: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn on `name`; nothing when the deadline comes first.
    pub async fn take(&self, name: String, deadline: Instant) -> Option<Held<'_>> {
        let turn = {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            names.entry(name.clone()).or_default().clone()
        };
        let mut held = Held { turns: self, name, guard: None };
        held.guard = Some(timeout_at(deadline, turn.lock_owned()).await.ok()?);
        Some(held)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut names = self.turns.names.lock().unwrap_or_else(PoisonError::into_inner);
        // The map holds one reference; another one is somebody who waits or works.
        if names.get(&self.name).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            names.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_second_one_waits_and_gives_up_at_its_deadline() {
        let turns = Turns::default();
        let far = Instant::now() + Duration::from_secs(60);
        let first = turns.take("User/1".into(), far).await;
        assert!(first.is_some());
        let soon = Instant::now() + Duration::from_millis(5);
        assert!(turns.take("User/1".into(), soon).await.is_none());
        assert!(turns.take("User/2".into(), soon).await.is_some());
        drop(first);
        assert!(turns.take("User/1".into(), far).await.is_some());
        assert!(
            turns.names.lock().unwrap().is_empty(),
            "names are forgotten when nobody holds them"
        );
    }
}
