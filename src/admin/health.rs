//! Ready? What must be true before SCIM requests are sent here. The vendor is no part of it: a
//! vendor that is down would take every replica out of service, and with them the truthful answers.
//! Who wants to know of vendors asks `/readyz?deep`.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Where the process stands between start and end.
#[derive(Debug, Default)]
pub struct Health {
    loaded: AtomicBool,
    bound: AtomicBool,
    draining: AtomicBool,
    storeless: AtomicBool,
    unaudited: AtomicBool,
}

impl Health {
    /// Every tenant's mapping is loaded and in force.
    pub fn loaded(&self) {
        self.loaded.store(true, Relaxed);
    }

    /// The SCIM listener takes connections.
    pub fn bound(&self) {
        self.bound.store(true, Relaxed);
    }

    /// We were told to stop.
    pub fn draining(&self) {
        self.draining.store(true, Relaxed);
    }

    /// The store can be read and written, or cannot. Whether that is news.
    pub fn store(&self, works: bool) -> bool {
        self.storeless.swap(!works, Relaxed) == works
    }

    /// The audit log can be written, or cannot.
    pub fn audit(&self, works: bool) {
        self.unaudited.store(!works, Relaxed);
    }

    /// Why no SCIM request should be sent here; empty when one may be.
    pub fn reasons(&self) -> Vec<&'static str> {
        [
            (!self.loaded.load(Relaxed), "the mappings are not loaded yet"),
            (!self.bound.load(Relaxed), "the SCIM listener is not bound yet"),
            (self.storeless.load(Relaxed), "the store cannot be read or written"),
            (self.unaudited.load(Relaxed), "the audit log cannot be written"),
            (self.draining.load(Relaxed), "draining: the process was told to stop"),
        ]
        .into_iter()
        .filter_map(|(holds, reason)| holds.then_some(reason))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_between_bound_and_draining() {
        let health = Health::default();
        assert_eq!(health.reasons().len(), 2);
        health.loaded();
        health.bound();
        assert!(health.reasons().is_empty());
        assert!(!health.store(true), "as it was");
        assert!(health.store(false) && !health.store(false));
        assert_eq!(health.reasons(), ["the store cannot be read or written"]);
        assert!(health.store(true));
        health.audit(false);
        assert_eq!(health.reasons(), ["the audit log cannot be written"]);
        health.audit(true);
        health.draining();
        assert_eq!(health.reasons(), ["draining: the process was told to stop"]);
    }
}
