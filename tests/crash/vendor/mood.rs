//! Mood: what the vendor does to a call, thrown by the seed and the call's number.

use crate::dice::Dice;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Good,
    /// 503, nothing done.
    Unavailable,
    /// 429 with a second to wait, nothing done.
    TooMany,
    /// Nothing done, no answer.
    ResetBefore,
    /// Done, no answer.
    ResetAfter,
    /// Done, and the answer ends in its middle.
    HalfBody,
    /// Done after a while that is longer than a caller waits, or nearly.
    Slow(Duration),
}

/// Calls of which one spell of being away may be a part.
const ROUND: u64 = 60;
/// Calls that a spell takes. Ten failures in a row, and the gateway leaves the vendor alone for seconds: that has a
/// test of its own.
const SPELL: u64 = 7;

/// How long its caller waits, at least: on a machine that is busy some of it is gone before the call is here.
pub const PATIENCE: Duration = Duration::from_millis(200);
/// The longest that a call can lie about. What is left of it when its caller gives up is below what the gateway lets settle.
pub const SLOWEST: Duration = Duration::from_millis(600);

/// Of a thousand calls, how many are slow.
const SLOW: u64 = 50;
/// The same of a vendor that lags, and how long such a call lies about there: long enough for others to be done meanwhile, on a
/// machine that is busy, too. What waits for it has three seconds there.
const LAGGING: u64 = 300;
const LAGS: (u64, u64) = (600, 2_500);

impl Mood {
    /// What becomes of the call of this number. Of reads there are many, and little hangs on one.
    pub fn of(seed: u64, call: u64, reads: bool, lags: bool) -> Self {
        let (round, place) = (call / ROUND, call % ROUND);
        let mut spell = Dice::new(seed, &format!("spell {round}"));
        let (is_away, begins) = (spell.percent(60), spell.below(ROUND - SPELL));
        if is_away && (begins..begins + SPELL).contains(&place) {
            return if spell.percent(50) { Self::Unavailable } else { Self::ResetBefore };
        }
        let mut dice = Dice::new(seed, &format!("call {call}"));
        let slow = if lags { LAGGING } else { SLOW };
        match dice.below(if reads { 4_000 } else { 1_000 }) {
            0..50 => Self::Unavailable,
            50..52 => Self::TooMany,
            52..85 => Self::ResetBefore,
            85..140 => Self::ResetAfter,
            140..165 => Self::HalfBody,
            thrown if (165..165 + slow).contains(&thrown) => {
                let (least, most) = match lags {
                    true => LAGS,
                    false => (PATIENCE.as_millis() as u64, SLOWEST.as_millis() as u64),
                };
                Self::Slow(Duration::from_millis(dice.between(least, most)))
            }
            _ => Self::Good,
        }
    }
}
