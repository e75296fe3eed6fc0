//! Allowance: what several processes may send together, where somebody holds it for all of them.

use crate::upstream::call::Pending;
use std::{fmt::Debug, time::Duration};

/// Who says what this process may send of what all may.
pub trait Allowance: Debug + Send + Sync {
    /// Asks for so many calls. Those that are given and not made in their time lapse. It answers within a time of its own.
    fn ask(&self, rate: Rate, wanted: u32) -> Pending<'_, Given>;

    /// The vendor asked for no calls for so long: the others hear of it when they ask. Nobody waits for it.
    fn close(&self, rate: Rate, pause: Duration);
}

/// How calls are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// At even distances of so long.
    Even(Duration),
    /// At most so many in every window of so long.
    Window {
        /// Calls.
        most: u32,
        /// How long it is.
        length: Duration,
    },
}

/// What comes of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// So many calls, perhaps none.
    Calls {
        /// How many.
        count: u32,
        /// Until the first of them; until there is sense in asking again where there is none.
        wait: Duration,
        /// From each to the next.
        apart: Duration,
    },
    /// Nobody else sends anything: there is no need to ask, now or later.
    Alone,
    /// Nobody answers: each is to keep its own pace until it asks again.
    Away,
}
