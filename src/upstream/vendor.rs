//! The trait that turns a Call into an Answer: all that the gateway knows of the world.

use super::{
    Answer, Call, Error, Gate,
    auth::Refreshed,
    call::Pending,
    credential::{Credential, Whose},
};
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

    /// What took the place of a configured refresh token, for those who take over from this one.
    fn refreshed(&self) -> Option<Arc<Refreshed>> {
        None
    }

    /// Tokens that calls were signed by lately: the vendor may repeat them, and nobody is told.
    fn tokens(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// The same vendor for a client whose own credential goes on to it; nothing where the gateway has one.
    fn on_behalf(&self, credential: &Credential) -> Option<Arc<dyn Upstream>> {
        let _ = credential;
        None
    }

    /// Whose credential signs, where that is a client's: what is remembered of the vendor's answers, and what waits
    /// for the same answer, is this one's alone.
    fn whose(&self) -> Option<Whose> {
        None
    }

    /// Whether its answers come in a written order: no call may leave before its turn then, and none stands for
    /// two.
    fn ordered(&self) -> bool {
        false
    }

    /// The instant by which it is judged whether there is time for another attempt. A Script's is ahead by what it
    /// would have waited.
    fn now(&self) -> Instant {
        Instant::now()
    }
}
