//! Window: how much happened within the last so much time.

use std::{collections::VecDeque, time::Duration};
use tokio::time::Instant;

/// A window is counted in so many slices: what is forgotten is forgotten to a hundredth of its length, and the
/// memory of it stays small however much happens.
const SLICES: u32 = 128;

/// A count that forgets what is older than the window.
#[derive(Debug)]
pub struct Window {
    length: Duration,
    slices: VecDeque<Slice>,
    count: u64,
}

#[derive(Debug)]
struct Slice {
    first: Instant,
    last: Instant,
    count: u32,
}

impl Window {
    /// Nothing has happened yet.
    pub fn new(length: Duration) -> Self {
        Self { length, slices: VecDeque::new(), count: 0 }
    }

    /// How long it is.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// It happened once more.
    pub fn add(&mut self, now: Instant) {
        self.forget(now);
        self.count += 1;
        match self.slices.back_mut() {
            Some(slice) if now.duration_since(slice.first) < self.length / SLICES => {
                slice.last = now;
                slice.count += 1;
            }
            _ => self.slices.push_back(Slice { first: now, last: now, count: 1 }),
        }
    }

    /// How often it happened lately.
    pub fn count(&mut self, now: Instant) -> u64 {
        self.forget(now);
        self.count
    }

    /// When it may happen again, `ahead` others first, so that it never happens more than `most` times within the
    /// window. Nothing where that is beyond all counting.
    pub fn room(&mut self, most: u32, ahead: u64, now: Instant) -> Option<Instant> {
        self.forget(now);
        let most = u64::from(most.max(1));
        let Some(after) = (self.count + ahead).checked_sub(most) else { return Some(now) };
        // Each goes in the place of one that was before it by as many as there are places: those counted, then
        // those that have room now.
        let rounds = u32::try_from(1 + after / most).ok()?;
        let before = self.nth(after % most).unwrap_or(now);
        before.checked_add(self.length.checked_mul(rounds)?)
    }

    fn nth(&self, mut at: u64) -> Option<Instant> {
        for slice in &self.slices {
            match at.checked_sub(u64::from(slice.count)) {
                Some(further) => at = further,
                None => return Some(slice.last),
            }
        }
        None
    }

    /// A slice goes as a whole, when its youngest is old enough.
    fn forget(&mut self, now: Instant) {
        while let Some(slice) = self.slices.front()
            && now.duration_since(slice.last) >= self.length
        {
            self.count = self.count.saturating_sub(u64::from(slice.count));
            self.slices.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_as_what_was_counted_grows_old() {
        let begun = Instant::now();
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let mut window = Window::new(Duration::from_secs(60));
        for second in [0, 0, 10, 20] {
            window.add(at(second));
        }
        for (ahead, expected) in [(0, 60), (1, 60), (2, 70), (3, 80), (4, 120), (6, 130)] {
            assert_eq!(window.room(4, ahead, at(20)), Some(at(expected)), "{ahead} ahead");
        }
        assert_eq!(window.room(5, 0, at(20)), Some(at(20)));
        assert_eq!((window.count(at(59)), window.count(at(60)), window.count(at(80))), (4, 2, 0));
        assert_eq!(window.room(1, u64::MAX / 2, at(80)), None);
    }

    #[test]
    fn a_million_take_no_more_memory_than_a_hundred() {
        let begun = Instant::now();
        let mut window = Window::new(Duration::from_secs(1));
        (0..1_000_000).for_each(|nth| window.add(begun + Duration::from_micros(nth)));
        assert_eq!(window.count, 1_000_000);
        assert!(window.slices.len() <= 128, "{}", window.slices.len());
    }
}
