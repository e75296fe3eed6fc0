//! How a store fails. No message holds an id, a key or a value.

use std::fmt;

/// Why a read or a write came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It cannot be read or written now; in words. Whether a write that ends so was made is not
    /// known for certain: a batch can be written twice.
    Unavailable(String),
    /// There is no room for more. Reads go on.
    Full,
    /// Something stands against the batch, and none of it was made.
    Conflict(Clash),
    /// A change names a Group, or an entry of the journal, that is not there; none of the batch was made.
    Missing,
    /// What it holds cannot be understood; in words. A person must look.
    Corrupt(String),
}

/// What stands against a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// An id has another version than the one expected.
    Version,
    /// Another id or another mark has the vendor key.
    VendorKey,
    /// Another process has the lease that its writer had.
    Lease,
    /// As many count for the guard as may.
    Guard,
}

impl Error {
    /// In a word, for the metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "conflict",
            Self::Missing => "missing",
            Self::Unavailable(_) => "unavailable",
            Self::Full => "full",
            Self::Corrupt(_) => "corrupt",
        }
    }

    /// Whether it is one batch's own, and says nothing of the store.
    pub fn is_of_a_batch(&self) -> bool {
        matches!(self, Self::Conflict(_) | Self::Missing)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "the store is not available: {why}"),
            Self::Full => f.write_str("the store is full: its disk has no room left"),
            Self::Conflict(Clash::Version) => {
                f.write_str("the resource was changed since its version was read")
            }
            Self::Conflict(Clash::VendorKey) => {
                f.write_str("another resource has the vendor key already")
            }
            Self::Conflict(Clash::Lease) => {
                f.write_str("another replica has taken over the resource meanwhile")
            }
            Self::Conflict(Clash::Guard) => {
                f.write_str("as many were deactivated or deleted lately as may be")
            }
            Self::Missing => f.write_str("what was to be changed is not there"),
            Self::Corrupt(why) => write!(f, "the store is damaged: {why}"),
        }
    }
}

impl std::error::Error for Error {}

/// Why a store cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was found; names the file.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Refusal {
    /// In words for the operator.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}
