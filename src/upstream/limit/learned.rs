//! Learned: the rate that a vendor's refusals teach, where nobody has told it or what was told is too much.
//!
//! A refusal closes the way for all. After a beat one call tries it; while it is refused the beats grow, and when it
//! is taken calls go on a little below the rate that the vendor has shown it takes. That rate rises again, slowly
//! where the refusal came and faster beyond (the curve is that of TCP's CUBIC, RFC 9438 §4.2): so a limit is met
//! rarely, and one that is gone is forgotten.

use super::window::Window;
use std::time::Duration;
use tokio::time::Instant;

/// The first beat; each further one is twice as long.
const BEAT: Duration = Duration::from_millis(50);
/// No beat is longer: a vendor's allowance that is back should not lie idle.
const LONGEST_BEAT: Duration = Duration::from_secs(10);
/// How far below the rate that was refused calls go on.
const BELOW: f64 = 0.03;
/// The rate is where it was refused after this long,
const SOONEST: f64 = 10.0;
/// and after so many calls: of a hundred that a vendor answers, less than one shall be a refusal,
const CALLS: f64 = 300.0;
/// and not before all that was lost by waiting is small: a fortieth of the time.
const WAITED: f64 = 40.0;
/// But no later than this for the calls' sake, and this for the waiting's: what is gone shall be forgotten.
const LATEST: f64 = 300.0;
const LATEST_WAITED: f64 = 120.0;
/// A rate is known from so many calls that the vendor took.
const ENOUGH: u64 = 10;
/// Nothing is learned that is slower: a call in ten seconds.
const SLOWEST: f64 = 0.1;

/// What may be sent as far as refusals taught.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// Anything.
    Free,
    /// Nothing before then; and then one, to try it.
    From(Instant),
    /// Nothing: one that tries it is under way.
    Tried,
}

/// What refusals taught so far.
#[derive(Debug)]
pub struct Learned {
    rate: Option<Rate>,
    refusal: Option<Refusal>,
    /// Since the vendor last took up again what it had refused, or since there was something to do.
    cycle: Cycle,
    /// The beat at which it took one again.
    beat: Duration,
    /// What the vendor took in the last second.
    lately: Window,
    /// The last that was sent.
    sent: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    /// In a second; refused when it was last reached.
    refused_at: f64,
    since: Instant,
    /// Seconds after which it is reached again.
    again: f64,
}

#[derive(Debug)]
struct Refusal {
    since: Instant,
    /// Calls up to this one were sent before it was known; their answers say nothing new.
    before: u64,
    beat: Duration,
    try_at: Instant,
    trying: bool,
    /// What the vendor took in the second before.
    lately: f64,
}

#[derive(Debug)]
struct Cycle {
    since: Instant,
    taken: u64,
}

impl Learned {
    /// Nothing.
    pub fn new(now: Instant) -> Self {
        let lately = Window::new(Duration::from_secs(1));
        let cycle = Cycle { since: now, taken: 0 };
        Self { rate: None, refusal: None, cycle, beat: BEAT, lately, sent: None }
    }

    /// Calls in a second; nothing where the vendor has never refused one.
    pub fn rate(&self, now: Instant) -> Option<f64> {
        let rate = self.rate?;
        let passed = now.duration_since(rate.since).as_secs_f64() / rate.again - 1.0;
        Some(rate.refused_at * (1.0 + BELOW * passed.powi(3)))
    }

    /// What may be sent.
    pub fn way(&self) -> Way {
        match &self.refusal {
            None => Way::Free,
            Some(refusal) if refusal.trying => Way::Tried,
            Some(refusal) => Way::From(refusal.try_at),
        }
    }

    /// A call is sent; none other is under way where it is `alone`.
    pub fn sends(&mut self, alone: bool, now: Instant) {
        if let Some(refusal) = &mut self.refusal {
            refusal.trying = true;
        } else if alone {
            // Time in which there was nothing to do says nothing of what the vendor takes.
            let distance = self.rate(now).map_or(0.0, |rate| 2.0 / rate.max(SLOWEST)).max(1.0);
            let idle =
                self.sent.is_none_or(|sent| now.duration_since(sent).as_secs_f64() > distance);
            if idle {
                self.cycle = Cycle { since: now, taken: 0 };
            }
        }
        self.sent = Some(now);
    }

    /// The vendor took call `number`. The rate from now on, where this ended a refusal.
    pub fn taken(&mut self, number: u64, now: Instant) -> Option<f64> {
        self.cycle.taken += 1;
        self.lately.add(now);
        if let Some(refusal) = self.refusal.as_mut().filter(|refusal| number <= refusal.before) {
            // It was taken before the refusal, and only told later.
            refusal.lately += 1.0;
        }
        let refusal = self.refusal.take_if(|refusal| number > refusal.before)?;
        let rate = self.shown(&refusal, now);
        self.rate = Some(rate);
        self.beat = refusal.beat;
        self.cycle = Cycle { since: now, taken: 0 };
        self.rate(now)
    }

    /// The rate that the vendor has shown it takes, now that a refusal is over.
    fn shown(&self, refusal: &Refusal, now: Instant) -> Rate {
        let waited = now.duration_since(refusal.since).as_secs_f64();
        let before = refusal.since.duration_since(self.cycle.since).as_secs_f64();
        let held = self.rate(refusal.since);
        let whole = self.cycle.taken as f64 / (before + waited).max(0.001);
        if self.cycle.taken < ENOUGH {
            // Too few to know: half of what it was, unless even those few were more than that; and not for long.
            let held = held.unwrap_or(refusal.lately);
            let refused_at = (held / 2.0).max(whole.min(held)).max(1.0);
            return Rate { refused_at, since: now, again: SOONEST };
        }
        let refused_at = if waited <= 2.0 || before >= 2.0 * waited {
            // It was met near the end of the vendor's window, or the vendor has none: that is what it takes.
            held.unwrap_or(f64::INFINITY).min(refusal.lately.max(whole))
        } else {
            // The allowance of a window was used up early: it is what the whole of it took.
            whole
        };
        let refused_at = refused_at.max(SLOWEST);
        let (calls, waits) =
            ((CALLS / refused_at).min(LATEST), (WAITED * waited).min(LATEST_WAITED));
        Rate { refused_at, since: now, again: SOONEST.max(calls).max(waits) }
    }

    /// The vendor refused call `number` because there are too many. `last` is the last that was sent.
    pub fn refused(&mut self, number: u64, last: u64, now: Instant) {
        match &mut self.refusal {
            None => {
                let lately = self.lately.count(now) as f64 + 1.0;
                // Where no more than the one was taken that tried it, the refusal goes on.
                let beat = if self.cycle.taken == 0 { self.beat * 2 } else { BEAT };
                let beat = beat.min(LONGEST_BEAT);
                let (before, try_at) = (last, now + beat);
                self.refusal =
                    Some(Refusal { since: now, before, beat, try_at, trying: false, lately });
            }
            Some(refusal) if number > refusal.before => refusal.again(now),
            Some(_) => {}
        }
    }

    /// Nobody knows what became of call `number`.
    pub fn lost(&mut self, number: u64, now: Instant) {
        if let Some(refusal) = self.refusal.as_mut().filter(|refusal| number > refusal.before) {
            refusal.again(now);
        }
    }
}

impl Refusal {
    fn again(&mut self, now: Instant) {
        self.beat = (self.beat * 2).min(LONGEST_BEAT);
        self.try_at = now + self.beat;
        self.trying = false;
    }
}
