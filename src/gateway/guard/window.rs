//! What was counted lately, in memory: for a process without a store.

use super::Limit;
use crate::store::Tally;
use jiff::Timestamp;
use std::{collections::HashMap, time::Duration};

/// Each resource with the instant at which it was counted. It never holds more than the limit says.
#[derive(Debug, Default)]
pub struct Window {
    counted: HashMap<(String, String), Timestamp>,
    tripped: Option<Timestamp>,
}

impl Window {
    /// Counts the resource, unless it counts already. False: the window is full of others, and it was not.
    pub fn count(&mut self, limit: Limit, kind: &str, id: &str, now: Timestamp) -> bool {
        self.pass(limit.within, now);
        let resource = (kind.to_owned(), id.to_owned());
        if self.counted.contains_key(&resource) {
            return true;
        }
        if self.counted.len() as u64 >= limit.most {
            self.tripped.get_or_insert(now);
            return false;
        }
        self.counted.insert(resource, now);
        self.tripped = None;
        true
    }

    /// What it holds at `now`.
    pub fn tally(&mut self, within: Duration, now: Timestamp) -> Tally {
        self.pass(within, now);
        let oldest = self.counted.values().min().copied();
        Tally { counted: self.counted.len() as u64, oldest, tripped: self.tripped }
    }

    /// Forgets all of it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Time goes by. What was counted by a clock that has been put back since counts from now on.
    fn pass(&mut self, within: Duration, now: Timestamp) {
        self.counted.retain(|_, at| {
            *at = (*at).min(now);
            now.duration_since(*at).unsigned_abs() < within
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { most: 2, within: Duration::from_secs(60) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn it_slides() {
        let mut window = Window::default();
        for (second, id, passes, why) in [
            (0, "a", true, "the first"),
            (10, "a", true, "counts already"),
            (20, "b", true, "the last that fits"),
            (30, "c", false, "one too many"),
            (31, "b", true, "counts already, though it is full"),
            (59, "c", false, "still"),
            (60, "c", true, "the first is a minute old, the repeat of it did not renew it"),
            (61, "d", false, "full of b and c"),
            (80, "d", true, "b is a minute old"),
        ] {
            assert_eq!(window.count(LIMIT, "User", id, at(second)), passes, "{second} {id}: {why}");
        }
        assert!(!window.count(LIMIT, "Group", "d", at(81)), "of another kind it is another");
        let tally = window.tally(LIMIT.within, at(82));
        assert_eq!(tally, Tally { counted: 2, oldest: Some(at(60)), tripped: Some(at(81)) });
        window.clear();
        assert_eq!(window.tally(LIMIT.within, at(83)), Tally::default());
    }

    #[test]
    fn a_clock_that_was_put_back_holds_nothing_for_ever() {
        let mut window = Window::default();
        assert!(window.count(LIMIT, "User", "a", at(1_000_000)));
        assert_eq!(window.tally(LIMIT.within, at(0)).oldest, Some(at(0)));
        assert_eq!(window.tally(LIMIT.within, at(60)).counted, 0);
    }
}
