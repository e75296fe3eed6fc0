//! The trait that turns a Call into an Answer: all that the gateway knows of the world.

use super::{Answer, Call, Error, Gate, call::Pending};
use crate::secret::Secret;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// The vendor as the gateway sees it.
pub trait Upstream: Send + Sync {
    /// One attempt: signs, waits for a place within our limits, sends, reads the whole answer.
    /// Every status is an Answer. Ends before `deadline`. `attempt` counts from 1.
    fn call<'a>(
        &'a self,
        call: &'a Call,
        attempt: u32,
        deadline: Instant,
    ) -> Pending<'a, Result<Answer, Error>>;

    /// Waits before the next attempt; a Script notes it and returns at once.
    fn wait<'a>(&'a self, duration: Duration) -> Pending<'a, ()>;

    /// The mapping says that an answer asked for fewer calls, and perhaps for how long for none.
    fn heed(&self, pause: Option<Duration>) {
        let _ = pause;
    }

    /// What calls pass, for those who take over from this one.
    fn gate(&self) -> Option<Arc<Gate>> {
        None
    }

    /// Tokens that calls were signed by lately: the vendor may repeat them, and nobody is told.
    fn tokens(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// The instant by which it is judged whether there is time for another attempt. A Script's is ahead by what it
    /// would have waited.
    fn now(&self) -> Instant {
        Instant::now()
    }
}
