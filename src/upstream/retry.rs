//! temporary
use super::{settings::Retries, Answer};
use std::time::Duration;
impl Retries {
    /// x
    pub fn pause(&self, attempt: u32, told: Option<Duration>, jitter: f64) -> Option<Duration> {
        if attempt > self.times { return None; }
        Some(told.unwrap_or_else(|| self.first.mul_f64(jitter)))
    }
}
/// x
pub fn told(_answer: &Answer, _now: jiff::Timestamp) -> Option<Duration> { None }
