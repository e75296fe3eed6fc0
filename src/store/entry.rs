//! The journal's rows: writes that were received and have not come to their end.

use jiff::Timestamp;
use serde_json::Value;

/// A write of one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// A UUID; chosen by who makes it, so that it can be asked for after a commit whose answer was lost.
    pub number: String,
    /// The resource's kind.
    pub kind: String,
    /// The resource's SCIM id.
    pub id: String,
    /// Its place among the entries of its resource, which are carried out in this order. Given by the store when it is
    /// entered; what is said here then is overlooked.
    pub seq: u64,
    /// At which stage it is.
    pub stage: Stage,
    /// It is carried out although its client was told of a failure, or of nothing.
    pub durable: bool,
    /// Its client was told that it is done before the vendor had it. What is said here when it is entered is written;
    /// later only [`Change::Acknowledge`](super::Change) changes it.
    pub acknowledged: bool,
    /// What the client asked for.
    pub intent: Value,
    /// When it was received.
    pub accepted: Timestamp,
    /// Not tried before; of what settles, when that is over.
    pub due: Timestamp,
    /// When that was decided, by the clock of whoever did.
    pub planned: Timestamp,
    /// How often it was tried to no end.
    pub attempts: u32,
    /// What of it has left for the vendor; null: nothing.
    pub progress: Value,
    /// What the last try came to.
    pub error: Option<String>,
}

/// At which stage an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is to be carried out.
    Waiting,
    /// It has ended, and one of its calls may still reach the vendor.
    Settling,
    /// It is not carried out any more, and somebody must look at it.
    Dead,
}

impl Stage {
    /// As an engine has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Settling => "settling",
            Self::Dead => "dead",
        }
    }

    /// The stage of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Settling, Self::Dead].into_iter().find(|one| one.word() == word)
    }
}

/// How much there is in the journal of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Entries that wait.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
    /// When the oldest was received that waits.
    pub oldest: Option<Timestamp>,
}
