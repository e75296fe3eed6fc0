//! Shown: what has a state, in the gauge of it.

use prometheus::{IntCounter, IntGauge};

/// A breaker in gauge and counter.
#[derive(Debug)]
pub struct Breaker(pub(super) IntGauge, pub(super) IntCounter);

impl Breaker {
    /// Calls go to the vendor.
    pub fn closed(&self) {
        self.0.set(0);
    }

    /// Calls fail at once; `anew` where another failure is the reason.
    pub fn open(&self, anew: bool) {
        self.0.set(1);
        self.1.inc_by(u64::from(anew));
    }

    /// One call tries the vendor.
    pub fn tried(&self) {
        self.0.set(2);
    }

    /// Both as they stand.
    pub fn values(&self) -> (i64, u64) {
        (self.0.get(), self.1.get())
    }
}

/// An open connection in the gauge; dropping it takes it out.
#[derive(Debug)]
pub struct Connection(pub(super) IntGauge);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A guard in its gauges and its counter.
#[derive(Debug)]
pub struct Guard {
    pub(super) tripped: IntGauge,
    pub(super) counted: IntGauge,
    pub(super) refused: IntCounter,
}

impl Guard {
    /// So many count, and others are held back or not.
    pub fn stands(&self, counted: u64, tripped: bool) {
        self.counted.set(i64::try_from(counted).unwrap_or(i64::MAX));
        self.tripped.set(i64::from(tripped));
    }

    /// One was held back.
    pub fn refused(&self) {
        self.refused.inc();
    }
}
