//! Why a Call got no Answer.

use std::time::Duration;

/// The kinds of silence. What each means for the client is judged in `gateway/error.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No connection: refused, unreachable, DNS, TLS. Nothing was sent.
    Connect,
    /// The vendor did not answer in time; the request had left.
    Timeout,
    /// The connection broke after the request had left, before an answer began.
    Broken,
    /// An answer began and ended too early.
    Cut,
    /// What came back is no HTTP: another protocol, a head that does not parse or never ends.
    Garbled,
    /// The answer is larger than the limit.
    TooLarge,
    /// The vendor's limits leave no room before the deadline, but perhaps after so long; nothing was sent.
    Busy(Option<Duration>),
    /// The vendor failed too often just now, and is left alone for so long; nothing was sent.
    Open(Duration),
    /// Nobody gave out the token that the call needs, because our credential is not accepted; nothing was sent.
    Refused,
    /// The same for another reason that time does not mend; nothing was sent.
    Unissued,
    /// The same, and it may be had later, or after so long; nothing was sent.
    Later(Option<Duration>),
    /// The call itself cannot be made (a URL that leaves the base, a header that is not one).
    Invalid,
}

/// Why a Call got no Answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What happened.
    pub kind: Kind,
    /// For the log: lower case, no secrets, no body.
    pub message: String,
}

impl Kind {
    /// The word for metrics and logs.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Connect => "connect",
            Kind::Timeout => "timeout",
            Kind::Broken => "broken",
            Kind::Cut => "cut",
            Kind::Garbled => "garbled",
            Kind::TooLarge => "too_large",
            Kind::Busy(_) => "busy",
            Kind::Open(_) => "breaker_open",
            Kind::Refused => "refused",
            Kind::Unissued => "unissued",
            Kind::Later(_) => "later",
            Kind::Invalid => "invalid",
        }
    }
}
