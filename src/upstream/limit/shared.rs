//! Shared: what this process was given of an allowance that it shares. Looks and counts; never waits.

use super::allowance::{Allowance, Given, Rate};
use crate::upstream::retry::LONGEST;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// No more is taken ahead than may be sent in this time, and never more than there is place and work for: what is given
/// to one is missing to the others.
const AHEAD: Duration = Duration::from_millis(150);
/// A call that is given may leave later by this part of the window, as timers are late, and is lost then: many that are
/// made late would meet those that others were given. With the 2 % of a rate that are not used it is no call too many.
const LATE: u32 = 50;
/// But this much is always good, and more than this much never.
const LATENESS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));
/// While nobody answers each keeps its own pace for so long, before it asks again.
const OWN: Duration = Duration::from_secs(5);

/// A share of an allowance.
#[derive(Debug)]
pub struct Shared {
    allowance: Arc<dyn Allowance>,
    rate: Rate,
    late: Duration,
    /// Calls that were given and have not left, the time of the first, and from each to the next.
    count: u32,
    first: Instant,
    apart: Duration,
    /// Nothing is given before then.
    none_before: Option<Instant>,
    /// Nobody answered; until then it is not asked for.
    own_until: Option<Instant>,
}

impl Shared {
    /// Nothing was given yet.
    pub fn new(allowance: Arc<dyn Allowance>, rate: Rate, per: Duration, now: Instant) -> Self {
        let (least, most) = LATENESS;
        let late = (per / LATE).clamp(least, most);
        let apart = Duration::ZERO;
        let (none_before, own_until) = (None, None);
        Self { allowance, rate, late, count: 0, first: now, apart, none_before, own_until }
    }

    /// Whether it is what counts now; if not, each keeps its own pace.
    pub fn holds(&self, now: Instant) -> bool {
        self.own_until.is_none_or(|until| until <= now)
    }

    /// No sooner than then one may leave, `ahead` others first.
    pub fn time(&mut self, ahead: u64, now: Instant) -> Option<Instant> {
        self.forget(now);
        let known = (self.count > 0).then_some(self.first).or(self.none_before);
        let each = match self.rate {
            Rate::Even(distance) => distance,
            Rate::Window { .. } => Duration::ZERO,
        };
        let behind = each.checked_mul(u32::try_from(ahead).ok()?)?;
        known.unwrap_or(now).max(now).checked_add(behind)
    }

    /// Takes one that was given; false where there is none, and it is to be asked for.
    pub fn take(&mut self, now: Instant) -> bool {
        self.forget(now);
        if self.count == 0 {
            return false;
        }
        self.pass();
        true
    }

    /// Who is asked, for what, and for how many where so many could leave now.
    pub fn asks(&self, could: usize) -> (Arc<dyn Allowance>, Rate, u32) {
        let ahead = match self.rate {
            Rate::Even(distance) => AHEAD.as_nanos() / distance.as_nanos().max(1),
            Rate::Window { most, .. } => most.into(),
        };
        let most = u32::try_from(ahead).unwrap_or(u32::MAX).max(1);
        let could = u32::try_from(could).unwrap_or(u32::MAX).max(1);
        (Arc::clone(&self.allowance), self.rate, could.min(most))
    }

    /// Who is told of what the vendor says.
    pub fn of(&self) -> (Arc<dyn Allowance>, Rate) {
        (Arc::clone(&self.allowance), self.rate)
    }

    /// What came of asking.
    pub fn given(&mut self, given: Given, now: Instant) {
        (self.count, self.none_before) = (0, None);
        match given {
            Given::Calls { count, wait, apart } => {
                let at = now + wait.min(LONGEST);
                (self.count, self.first, self.apart) = (count, at, apart);
                self.none_before = (count == 0).then_some(at);
            }
            Given::Alone | Given::Away => self.own_until = Some(now + OWN),
        }
    }

    /// What was not taken in its time is lost.
    fn forget(&mut self, now: Instant) {
        while self.count > 0 && self.first + self.late < now {
            self.pass();
        }
        self.none_before = self.none_before.filter(|at| *at > now);
    }

    fn pass(&mut self) {
        self.count -= 1;
        self.first += self.apart;
    }
}
