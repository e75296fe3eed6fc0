//! How fast and how many at once: calls wait in one queue, first come, first served, until there is a place among
//! those under way and all that is known of the vendor's limits allows one more.
//!
//! What the mapping says (`requests` in `per`) is kept in every window of that length, wherever it begins: a vendor
//! that counts from full second to full second never sees more, nor does one that looks back. A bucket of so many
//! tokens would let twice as many pass, half of them just before the full second and half just after it. Calls of up
//! to a second's window leave at even distances: that costs nobody more than that second, and a vendor that counts
//! finer than it says is not met by all at once. Those of a longer window leave as they come: who waits for one
//! change shall not wait for an allowance that is there.
//!
//! Where several processes send to one vendor, that is kept by all of them together: an [`Allowance`] gives each its
//! part, call by call. How many are under way, and what the vendor's answers teach, stays each one's own.

pub mod allowance;
pub mod heard;
pub mod learned;
pub mod pace;
mod shared;
mod state;
#[cfg(test)]
mod tests;
pub mod window;

use super::{Error, error::Kind, retry::LONGEST, settings::Limits};
use allowance::Allowance;
use heard::Heard;
use state::{Next, State};
use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{self, Notify},
    time::{Instant, sleep_until},
};

/// The limits of one vendor, shared by all its calls.
#[derive(Debug)]
pub struct Limiter {
    // A std mutex: held to look and count only, never across an await.
    state: Mutex<State>,
    /// Held by the first of those who wait; tokio's hands it on in the order in which it was asked for.
    turn: sync::Mutex<()>,
    /// Tells the first that a call has ended.
    freed: Notify,
    /// Tells all that they may have to wait longer than they can.
    shut: Notify,
}

/// A place among the calls under way. Dropped without [`Place::heard`], nobody knows what became of the call.
#[derive(Debug)]
pub struct Place<'a> {
    limiter: &'a Limiter,
    number: u64,
    open: bool,
}

impl Limiter {
    /// Nothing was sent yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            state: Mutex::new(State::new(limits, Instant::now())),
            turn: sync::Mutex::default(),
            freed: Notify::new(),
            shut: Notify::new(),
        }
    }

    /// What the mapping tells is kept together with others, who ask as well.
    pub fn share(&self, allowance: Arc<dyn Allowance>) {
        self.state().share(allowance, Instant::now());
    }

    /// Waits for a place. No room before the deadline is an error, at once where that is known; so is what `look`
    /// says, which is asked before the wait, whenever [`Limiter::wake`] is called, and at its end. Nothing was sent
    /// then.
    pub async fn enter(
        &self,
        deadline: Instant,
        look: impl Fn() -> Result<(), Error>,
    ) -> Result<Place<'_>, Error> {
        let queued = Queued::behind(self);
        let mut turn = pin!(self.turn.lock());
        let _turn = loop {
            let mut shut = pin!(self.shut.notified());
            // From here on nothing is missed.
            shut.as_mut().enable();
            look()?;
            queued.in_time(deadline)?;
            tokio::select! {
                biased;
                turn = &mut turn => break turn,
                () = shut => {}
                () = sleep_until(deadline) => return Err(queued.late()),
            }
        };
        loop {
            look()?;
            let next = self.state().next(Instant::now());
            let at = match next {
                Next::Go(number) => return Ok(Place { limiter: self, number, open: true }),
                Next::At(at) if at > deadline => return Err(queued.late()),
                Next::At(at) => at,
                Next::Freed => deadline,
                Next::Ask(wanted) => {
                    self.ask(wanted, deadline).await.map_err(|()| queued.late())?;
                    continue;
                }
            };
            tokio::select! {
                () = self.freed.notified() => {}
                () = self.shut.notified() => {}
                () = sleep_until(at) => {
                    if next == Next::Freed {
                        return Err(queued.late());
                    }
                }
            }
        }
    }

    /// Asks for what is shared: the first of those who wait, for as many of them as there is a place for.
    async fn ask(&self, wanted: u32, deadline: Instant) -> Result<(), ()> {
        let asks = self.state().asks(wanted);
        let Some((allowance, rate, wanted)) = asks else { return Ok(()) };
        tokio::select! {
            given = allowance.ask(rate, wanted) => {
                // Counted from the answer: a call never leaves before its time. By as much as the answer was late those
                // of two processes come closer, which is what a way through the network does as well.
                self.state().given(given, Instant::now());
                Ok(())
            }
            () = sleep_until(deadline) => Err(()),
        }
    }

    /// The others are told of a pause.
    fn tell(&self, pause: Option<Duration>) {
        let Some(pause) = pause.map(|pause| pause.min(LONGEST)) else { return };
        let tells = self.state().tells();
        if let Some((allowance, rate)) = tells {
            allowance.close(rate, pause);
        }
    }

    /// All who wait look again.
    pub fn wake(&self) {
        self.shut.notify_waiters();
    }

    /// The vendor asked for fewer calls in another way than by its status.
    pub fn heed(&self, pause: Option<Duration>) {
        let mut state = self.state();
        state.refused(pause, Instant::now());
        drop(state);
        self.tell(pause);
        self.wake();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// The call was answered. Calls in a second from now on, where the vendor had refused some and takes them again.
    pub fn heard(mut self, heard: Heard) -> Option<f64> {
        self.open = false;
        let rate = self.limiter.state().heard(self.number, heard, Instant::now());
        self.limiter.tell(heard.pause);
        if heard.refused || heard.pause.is_some() {
            self.limiter.wake();
        }
        self.limiter.freed.notify_one();
        rate
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.open {
            self.limiter.state().lost(self.number, Instant::now());
            self.limiter.freed.notify_one();
        }
    }
}

/// One who waits.
struct Queued<'a> {
    limiter: &'a Limiter,
    ticket: u64,
}

impl<'a> Queued<'a> {
    fn behind(limiter: &'a Limiter) -> Self {
        let ticket = limiter.state().queue();
        Self { limiter, ticket }
    }

    /// No sooner than `due` the turn is ours; an error where that is too late.
    fn in_time(&self, deadline: Instant) -> Result<(), Error> {
        let now = Instant::now();
        match self.limiter.state().due(self.ticket, now) {
            Some(due) if due <= deadline => Ok(()),
            due => Err(busy(due, now)),
        }
    }

    fn late(&self) -> Error {
        let now = Instant::now();
        busy(self.limiter.state().due(self.ticket, now), now)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.limiter.state().leave();
    }
}

/// Tells when there is room, as far as that is known.
fn busy(due: Option<Instant>, now: Instant) -> Error {
    let wait = due.map(|due| due.duration_since(now)).filter(|wait| !wait.is_zero());
    let message = match wait {
        Some(wait) => {
            format!("its limits leave room in {} s, which is too late", wait.as_secs_f64().ceil())
        }
        None => "its limits left no room in time".to_owned(),
    };
    Error { kind: Kind::Busy(wait.map(|wait| wait.min(LONGEST))), message }
}
