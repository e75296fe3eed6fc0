//! Turns: writes to one resource, and creates of one match value, wait for each other.
//!
//! Without it two PATCHes on one Group both read the old member list, and one of them is lost. Within one process by
//! itself; among several by a lease that their store gives.

use crate::{
    crash,
    store::{Error, Lease, Store},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Mutex as Turn, OwnedMutexGuard},
    time::{Instant, sleep, timeout_at},
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
    lease: Option<Leased>,
}

/// A lease of the store's, let go of when it is dropped.
struct Leased {
    store: Arc<dyn Store>,
    lease: Lease,
}

impl Turns {
    /// Waits for the turn on `name`; nothing when the deadline comes first.
    pub async fn take(&self, name: String, deadline: Instant) -> Option<Held<'_>> {
        let turn = if crash::off("turn") {
            Arc::default()
        } else {
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            names.entry(name.clone()).or_default().clone()
        };
        let mut held = Held { turns: self, name, guard: None, lease: None };
        held.guard = Some(timeout_at(deadline, turn.lock_owned()).await.ok()?);
        Some(held)
    }
}

impl Held<'_> {
    /// Takes the lease on the name as well; false when the deadline comes first.
    pub async fn lease(
        &mut self,
        store: &Arc<dyn Store>,
        tenant: &str,
        deadline: Instant,
    ) -> Result<bool, Error> {
        let mut pause = SHORTEST;
        if crash::off("turn") {
            return Ok(true);
        }
        loop {
            if let Some(lease) = store.claim(tenant, &self.name).await? {
                self.lease = Some(Leased { store: Arc::clone(store), lease });
                crash::point("turn.begin");
                return Ok(true);
            }
            if Instant::now() + pause >= deadline {
                return Ok(false);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Whether it is the turn on this name.
    pub fn is_on(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether it is the turn on a resource.
    pub fn is_of(&self, kind: &str, id: &str) -> bool {
        self.name.strip_prefix(kind).is_some_and(|rest| rest.strip_prefix(' ') == Some(id))
    }

    /// The lease, where one was taken.
    pub fn leased(&self) -> Option<Lease> {
        self.lease.as_ref().map(|leased| leased.lease.clone())
    }
}

/// How soon it is asked for again what another process has: most writes are that short.
const SHORTEST: Duration = Duration::from_millis(10);
/// A client that waits does not notice more.
const LONGEST: Duration = Duration::from_millis(250);

impl Drop for Leased {
    fn drop(&mut self) {
        crash::point("turn.end");
        let (store, lease) = (Arc::clone(&self.store), self.lease.clone());
        // What is not let go of is taken when this process is no more; its own next turn takes it over.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { store.release(lease).await });
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        drop(self.lease.take());
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
