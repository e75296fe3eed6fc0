//! State: what is known of the vendor's limits, and what is under way. Looks and counts; never waits.

use super::{
    allowance::{Allowance, Given, Rate},
    heard::Heard,
    learned::{Learned, Way},
    pace::Pace,
    shared::Shared,
    window::Window,
};
use crate::upstream::{retry::LONGEST, settings::Limits};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Windows up to this length are kept by even distances.
const EVEN: Duration = Duration::from_secs(1);
/// Of a rate that is told so much is used: calls that leave evenly do not arrive so.
const USED: f64 = 0.98;
/// For the same reason a longer window is counted longer by this part of it,
const MARGIN: u32 = 50;
/// which need not be more than this.
const LONGEST_MARGIN: Duration = Duration::from_millis(250);
/// By how much calls may catch up, where the window is long enough.
const SLACK: Duration = Duration::from_millis(10);
/// Two answers speak of the same window where their ends are no further apart: most are told in whole seconds.
const SAME: Duration = Duration::from_secs(1);

/// Whether the first of those who wait may go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// As the call of this number.
    Go(u64),
    /// Not before then.
    At(Instant),
    /// When one of those under way has ended.
    Freed,
    /// When so many, or fewer, were given of what is shared.
    Ask(u32),
}

/// What all calls of one vendor share.
#[derive(Debug)]
pub struct State {
    concurrent: usize,
    /// Calls in a second that leave at even distances.
    even: Option<f64>,
    pace: Pace,
    /// At most so many in every such window.
    most: Option<(u32, Window)>,
    /// What the mapping tells, as others have it who share it, and its window.
    rate: Option<(Rate, Duration)>,
    /// What is shared of it; then neither of those two above holds anything back.
    shared: Option<Shared>,
    /// Nothing is sent before then: the vendor said so.
    closed_until: Option<Instant>,
    told: Option<Told>,
    learned: Learned,
    under_way: usize,
    /// Calls that were sent; the last one's number.
    sent: u64,
    last: Instant,
    /// Tickets given to those who wait, and how many of them wait no more.
    tickets: u64,
    left: u64,
}

/// What the vendor's headers say is left.
#[derive(Debug)]
struct Told {
    /// As of the answer that says the least. Of those under way it may know or not: they count as if it did not.
    left: u64,
    until: Instant,
    /// The most that was left in this window: what the next one begins with, as far as anybody knows.
    most: u64,
}

impl State {
    /// Nothing was sent.
    pub fn new(limits: &Limits, now: Instant) -> Self {
        let short = limits.requests.filter(|(_, per)| *per <= EVEN);
        let even = short.map(|(most, per)| USED * f64::from(most) / per.as_secs_f64().max(0.001));
        let most = limits.requests.filter(|_| short.is_none()).map(|(most, per)| {
            (most, Window::new(per.saturating_add((per / MARGIN).min(LONGEST_MARGIN))))
        });
        let rate = match (even, &most) {
            (Some(even), _) => Duration::try_from_secs_f64(1.0 / even).ok().map(Rate::Even),
            (None, Some((most, window))) => {
                Some(Rate::Window { most: *most, length: window.length() })
            }
            (None, None) => None,
        };
        let rate = rate.zip(limits.requests.map(|(_, per)| per));
        let slack = short.map_or(SLACK, |(_, per)| SLACK.min(per / 100));
        Self {
            concurrent: limits.concurrent.max(1),
            even,
            pace: Pace::new(slack, now),
            most,
            rate,
            shared: None,
            closed_until: None,
            told: None,
            learned: Learned::new(now),
            under_way: 0,
            sent: 0,
            last: now,
            tickets: 0,
            left: 0,
        }
    }

    /// What the mapping tells is shared with others from now on; where it tells nothing there is nothing to share.
    pub fn share(&mut self, allowance: Arc<dyn Allowance>, now: Instant) {
        if let (None, Some((rate, per))) = (&self.shared, self.rate) {
            self.shared = Some(Shared::new(allowance, rate, per, now));
        }
    }

    /// What is shared, where it counts now.
    fn sharing(&mut self, now: Instant) -> Option<&mut Shared> {
        self.shared.as_mut().filter(|shared| shared.holds(now))
    }

    /// Who is asked, for what and for how many.
    pub fn asks(&mut self, wanted: u32) -> Option<(Arc<dyn Allowance>, Rate, u32)> {
        self.shared.as_ref().map(|shared| shared.asks(wanted as usize))
    }

    /// Who is told of a pause.
    pub fn tells(&self) -> Option<(Arc<dyn Allowance>, Rate)> {
        self.shared.as_ref().map(Shared::of)
    }

    /// What came of asking.
    pub fn given(&mut self, given: Given, now: Instant) {
        match given {
            Given::Alone => self.shared = None,
            given => self.shared.iter_mut().for_each(|shared| shared.given(given, now)),
        }
    }

    /// One more waits.
    pub fn queue(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// One waits no more.
    pub fn leave(&mut self) {
        self.left += 1;
    }

    /// No sooner than then who holds `ticket` may go; nothing where that is beyond all counting.
    pub fn due(&mut self, ticket: u64, now: Instant) -> Option<Instant> {
        // Some behind us may have left as well: then fewer are ahead than that, never more.
        let ahead = ticket.saturating_sub(self.left.saturating_add(1));
        self.time(ahead, now)
    }

    /// Sends the first of those who wait, or says what it waits for.
    pub fn next(&mut self, now: Instant) -> Next {
        if self.under_way >= self.at_once(now) || self.learned.way() == Way::Tried {
            return Next::Freed;
        }
        match self.time(0, now) {
            Some(at) if at <= now => match self.sharing(now).map(|shared| shared.take(now)) {
                Some(false) => Next::Ask(self.could(now)),
                Some(true) | None => Next::Go(self.send(now)),
            },
            Some(at) => Next::At(at),
            None => Next::At(now + LONGEST),
        }
    }

    /// How many may be under way. Before the first answer of a window nobody knows what is left of it.
    fn at_once(&self, now: Instant) -> usize {
        let over = self.told.as_ref().filter(|told| told.until <= now);
        let begins_with = over.and_then(|told| usize::try_from(told.most).ok());
        self.concurrent.min(begins_with.unwrap_or(usize::MAX).max(1))
    }

    /// How many of those who wait there is a place for.
    fn could(&self, now: Instant) -> u32 {
        let waiting = usize::try_from(self.tickets - self.left).unwrap_or(usize::MAX);
        let free = self.at_once(now).saturating_sub(self.under_way);
        u32::try_from(waiting.min(free)).unwrap_or(u32::MAX)
    }

    fn send(&mut self, now: Instant) -> u64 {
        if let Some(rate) = self.rate(now) {
            self.pace.leave(rate, now);
        }
        if let Some((_, window)) = &mut self.most {
            window.add(now);
        }
        self.learned.sends(self.under_way == 0, now);
        self.under_way += 1;
        self.sent += 1;
        self.last = now;
        self.sent
    }

    /// When one may go by all that is known of time, `ahead` others first.
    fn time(&mut self, ahead: u64, now: Instant) -> Option<Instant> {
        let mut at = now.max(self.closed_until.unwrap_or(now));
        if let Way::From(from) = self.learned.way() {
            at = at.max(from);
        }
        if let Some(rate) = self.rate(now) {
            at = at.max(self.pace.next(rate, ahead, now)?);
        }
        if let Some(shared) = self.sharing(now) {
            at = at.max(shared.time(ahead, now)?);
        } else if let Some((most, window)) = &mut self.most {
            at = at.max(window.room(*most, ahead, now)?);
        }
        Some(at.max(self.allowed(ahead, now)))
    }

    /// When the vendor's headers allow one more. What is left is for those under way and those ahead first. The last
    /// few are spread over the time until there is more, so that something can be done at any time of it.
    fn allowed(&self, ahead: u64, now: Instant) -> Instant {
        let Some(told) = self.told.as_ref().filter(|told| told.until > now) else { return now };
        let free = told.left.saturating_sub(self.under_way as u64).saturating_sub(ahead);
        if free == 0 {
            return told.until;
        }
        if free > 2 * self.concurrent as u64 {
            return now;
        }
        let parts = u32::try_from(free + 1).unwrap_or(u32::MAX);
        self.last + told.until.duration_since(self.last) / parts
    }

    fn rate(&self, now: Instant) -> Option<f64> {
        let shared = self.shared.as_ref().is_some_and(|shared| shared.holds(now));
        match (self.even.filter(|_| !shared), self.learned.rate(now)) {
            (Some(even), Some(learned)) => Some(even.min(learned)),
            (even, learned) => even.or(learned),
        }
    }

    /// Call `number` was answered.
    pub fn heard(&mut self, number: u64, heard: Heard, now: Instant) -> Option<f64> {
        self.under_way = self.under_way.saturating_sub(1);
        if let Some((left, reset)) = heard.left {
            self.told(left, now + reset, now);
        }
        self.pause(heard.pause, now);
        if heard.refused {
            self.learned.refused(number, self.sent, now);
            return None;
        }
        self.learned.taken(number, now)
    }

    /// Nobody knows what became of call `number`.
    pub fn lost(&mut self, number: u64, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        self.learned.lost(number, now);
        if let Some(told) = &mut self.told {
            // The vendor may have counted it.
            told.left = told.left.saturating_sub(1);
        }
    }

    /// The vendor asked for fewer calls.
    pub fn refused(&mut self, pause: Option<Duration>, now: Instant) {
        self.pause(pause, now);
        self.learned.refused(self.sent, self.sent, now);
    }

    fn pause(&mut self, pause: Option<Duration>, now: Instant) {
        if let Some(pause) = pause {
            let until = now + pause.min(LONGEST);
            self.closed_until = Some(self.closed_until.map_or(until, |known| known.max(until)));
        }
    }

    fn told(&mut self, left: u64, until: Instant, now: Instant) {
        match &mut self.told {
            // Answers come in another order than they were counted in.
            Some(told) if told.until > now && until <= told.until + SAME => {
                told.left = told.left.min(left);
                told.most = told.most.max(left.saturating_add(1));
            }
            told => *told = Some(Told { left, until, most: left.saturating_add(1) }),
        }
    }
}
