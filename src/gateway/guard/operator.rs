//! What operators ask of a tenant's guard.

use super::{super::Gateway, Guard, Limit, Standing};
use jiff::Timestamp;

impl Gateway {
    /// The same with a guard; none: it is off.
    #[must_use]
    pub fn guarded(mut self, limit: Option<Limit>) -> Self {
        let guard = |limit| Guard::new(self.tenant.clone(), limit, &self.metrics);
        self.memory.guard = limit.map(guard);
        self
    }

    /// How its guard stands; nothing where it is off.
    pub fn guard(&self, now: Timestamp) -> Option<Standing> {
        self.memory.guard.as_ref().map(|guard| guard.standing(now))
    }

    /// Lets through what its guard holds back, and as many again. How many had counted; nothing where it is off.
    pub fn release_guard(&self) -> Option<u64> {
        self.memory.guard.as_ref().map(Guard::release)
    }
}
