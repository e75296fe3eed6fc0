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
