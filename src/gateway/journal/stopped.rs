//! A write that was not carried out, and what its client is told of it.

use super::super::error::{Failure, whole_seconds};
use std::time::Duration;

/// A write that was not carried out.
#[derive(Debug)]
pub enum Stopped {
    /// It has come to its end.
    Ended(Failure),
    /// It stays in the journal.
    Waits {
        /// Its entry, where it was tried.
        number: Option<String>,
        /// Why.
        failure: Failure,
        /// Until it is tried again.
        after: Duration,
    },
}

impl Stopped {
    /// What the client is told, whose write has this number where it was in the journal before it was tried.
    pub fn told(self, entered: Option<String>) -> Failure {
        match self {
            Self::Ended(failure) => failure,
            Self::Waits { number, failure, after } => match number.or(entered) {
                Some(number) => Failure::Journalled {
                    number,
                    // None comes back at once: it would find what it has just left.
                    after: whole_seconds(after).max(1),
                    failure: Box::new(failure),
                },
                None => failure,
            },
        }
    }
}

/// What stops a write before it is tried stops it for a while.
impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Waits { number: None, failure, after: SOON }
    }
}

/// Whoever could not begin may soon.
pub const SOON: Duration = Duration::from_secs(5);
