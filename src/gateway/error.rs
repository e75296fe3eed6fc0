//! Every failure of a request. What the client is told of it stands in `told.rs`.

use crate::{
    diagnostic::Place,
    mapping::{
        plan::{Meaning, Step},
        translate,
    },
    scim::error::Error,
    store,
    upstream::{self, error::Kind},
};
use std::time::Duration;

/// Why a request stopped.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The request itself cannot be served: decided by SCIM's rules or the mapping's.
    Refused(Error),
    /// The vendor answered, and it was no success.
    Vendor {
        /// What the answer means.
        means: Meaning,
        /// Its status.
        status: u16,
        /// The mapping's own words for the client.
        detail: Option<String>,
        /// The vendor's words, not yet cleaned.
        words: Option<String>,
        /// The attribute at fault.
        attribute: Option<String>,
        /// The value of the request that the call named, beside the key.
        named: Option<String>,
        /// Whole seconds.
        retry_after: Option<u64>,
        /// A row of `errors` said so, and not the status alone.
        by_row: bool,
        /// The call's line in the mapping.
        call: Place,
        /// The mapping's line that judged: the row's, or the call's.
        place: Place,
    },
    /// The vendor gave no answer.
    Silent {
        /// What happened instead.
        error: upstream::Error,
        /// The call may be sent twice without harm.
        safe: bool,
        /// The mapping's line.
        place: Place,
    },
    /// The vendor's answer is not as the mapping says.
    Shape {
        /// The mapping's line.
        place: Place,
        /// What was expected.
        message: String,
    },
    /// An expression of the mapping failed.
    Expression {
        /// The mapping's line.
        place: Place,
        /// What went wrong.
        message: String,
    },
    /// The vendor said that it is done, and its own state says otherwise.
    Untrue {
        /// What does not hold.
        message: String,
        /// The mapping's line.
        place: Place,
    },
    /// What the gateway itself holds could not be read or written.
    Store {
        /// What it says.
        error: store::Error,
        /// The kind of resource in the mapping that needs it.
        place: Place,
    },
    /// Another write to the same resource did not end before the deadline.
    Waiting,
    /// An earlier write to the same resource is in the journal, and has not come to its end.
    Behind {
        /// Whole seconds until it is tried again, or until what has left for it is over.
        after: u64,
        /// It waits for the vendor alone.
        away: bool,
    },
    /// What was acknowledged and is not delivered yet is too much to be laid over an answer.
    Undelivered {
        /// How much is.
        most: u64,
    },
    /// A call of an earlier try of this write may still reach the vendor, and must not be made twice.
    Unsettled {
        /// Whole seconds until that is over.
        after: u64,
    },
    /// The write is in the journal, and is carried out when that can be done.
    Journalled {
        /// Its entry.
        number: String,
        /// Whole seconds until it is tried again.
        after: u64,
        /// Why it was not carried out now.
        failure: Box<Failure>,
    },
    /// The deadline came near before every item of an update was done.
    Unfinished {
        /// Items that were done.
        done: usize,
        /// All items.
        of: usize,
        /// The mapping's line.
        place: Place,
    },
    /// Too many have lost their access lately: nothing was done.
    Guarded {
        /// Whose guard it is.
        tenant: String,
        /// How many it lets through.
        most: u64,
        /// In what time, as the configuration writes it.
        within: String,
        /// How long it will still hold back.
        rest: Duration,
    },
    /// A failure, and what else the client has to know.
    Also {
        /// The failure itself.
        failure: Box<Failure>,
        /// In words, not yet cleaned.
        words: String,
    },
}

impl Failure {
    /// Others are before it, for so long: none comes back at once.
    pub fn behind(after: Duration) -> Self {
        Failure::Behind { after: whole_seconds(after).max(1), away: false }
    }

    /// The failure itself.
    pub fn bare(&self) -> &Self {
        match self {
            Failure::Also { failure, .. } | Failure::Journalled { failure, .. } => failure.bare(),
            other => other,
        }
    }

    /// The same with something else that the client has to know.
    #[must_use]
    pub fn and(self, words: &str) -> Self {
        Failure::Also { failure: Box::new(self), words: words.to_owned() }
    }

    /// A write that failed so may have been carried out all the same: no answer came, or one that
    /// is none (a gateway's error page, half a body). The vendor's state is then looked at.
    pub fn doubtful(&self) -> bool {
        match self.bare() {
            Failure::Silent { .. } => !self.unsent(),
            Failure::Vendor { means, status, .. } => {
                *means == Meaning::Broken && matches!(status, 200..=299 | 500..=599)
            }
            Failure::Shape { .. } => true,
            _ => false,
        }
    }

    /// The vendor could not take it now, and may by itself: nobody has to do anything about it.
    pub fn is_transient(&self) -> bool {
        match self.bare() {
            Failure::Vendor { means, status, .. } => match means {
                Meaning::Busy | Meaning::Down => true,
                Meaning::Broken => matches!(status, 500..=599),
                _ => false,
            },
            Failure::Silent { error, .. } => match error.kind {
                Kind::Connect | Kind::Timeout | Kind::Broken | Kind::Cut => true,
                Kind::Busy(_) | Kind::Open(_) | Kind::Later(_) => true,
                Kind::Garbled | Kind::TooLarge => false,
                Kind::Refused | Kind::Unissued | Kind::Invalid => false,
            },
            Failure::Behind { away, .. } => *away,
            _ => false,
        }
    }

    /// Nothing left for the vendor.
    pub fn unsent(&self) -> bool {
        use Kind::{Busy, Connect, Invalid, Later, Open, Refused, Unissued};
        let Failure::Silent { error, .. } = self.bare() else { return false };
        match error.kind {
            Connect | Busy(_) | Open(_) | Later(_) | Refused | Unissued | Invalid => true,
            Kind::Timeout | Kind::Broken | Kind::Cut | Kind::Garbled | Kind::TooLarge => false,
        }
    }

    /// The vendor does not take the gateway's credential: nothing works until a person renews it.
    pub fn credential_refused(&self) -> bool {
        match self.bare() {
            Failure::Vendor {
                means: Meaning::Done | Meaning::Broken, status: 401 | 403, ..
            } => true,
            Failure::Silent { error, .. } => matches!(error.kind, Kind::Refused | Kind::Unissued),
            _ => false,
        }
    }

    /// The vendor says that what the call named does not exist.
    pub fn not_found(&self) -> bool {
        matches!(self.bare(), Failure::Vendor { means: Meaning::NotFound, .. })
    }

    /// The client is told that the resource is not there.
    pub fn is_gone(&self) -> bool {
        matches!(self.bare(), Failure::Refused(error) if error.status == 404)
    }

    /// Another replica has taken over what is written.
    pub fn is_overtaken(&self) -> bool {
        let overtaken = store::Error::Conflict(store::Clash::Lease);
        matches!(self.bare(), Failure::Store { error, .. } if *error == overtaken)
    }

    /// What was to be written over is in the store no more.
    pub fn is_missing(&self) -> bool {
        matches!(self.bare(), Failure::Store { error: store::Error::Missing, .. })
    }

    /// It came of this step's call.
    pub fn at(&self, step: Option<&Step>) -> bool {
        matches!(self.bare(), Failure::Vendor { call, .. } if step.is_some_and(|step| step.place == *call))
    }

    /// A row of the mapping judged, and not the status alone.
    pub fn by_row(&self) -> bool {
        matches!(self.bare(), Failure::Vendor { by_row: true, .. })
    }

    /// The vendor refused what was asked, and will refuse it again.
    pub fn refusal(&self) -> bool {
        match self.bare() {
            Failure::Refused(_) => true,
            Failure::Vendor { means, .. } => matches!(
                means,
                Meaning::NotFound | Meaning::Invalid | Meaning::Conflict | Meaning::Forbidden
            ),
            _ => false,
        }
    }

    /// The same with what its call named, where it does not say so yet.
    pub fn naming(mut self, value: Option<String>) -> Self {
        if let Failure::Vendor { named: named @ None, .. } = &mut self {
            *named = value;
        }
        self
    }
}

/// Rounded up: Okta honours whole seconds only.
pub fn whole_seconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Refused(error)
    }
}

impl From<translate::Error> for Failure {
    fn from(error: translate::Error) -> Self {
        match error {
            translate::Error::Refused(error) => Failure::Refused(error),
            translate::Error::Expression { place, message } => {
                Failure::Expression { place, message }
            }
            translate::Error::Record { place, message } => Failure::Shape { place, message },
        }
    }
}

/// The vendor's answer is not as the mapping says of this step.
pub fn shape(step: &Step, message: String) -> Failure {
    Failure::Shape { place: step.place.clone(), message }
}

/// An expression at `place` failed.
pub fn fault(place: &Place, message: &str) -> Failure {
    Failure::Expression { place: place.clone(), message: message.to_owned() }
}

/// The mapping does not offer it (R98; RFC 7644 §3.12: 501).
pub fn unsupported(what: &str) -> Failure {
    Error::new(501, format!("{what} is not offered: the mapping has no such operation")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnostic::Span, upstream};

    /// What is promised before the vendor has it waits for the vendor alone.
    #[test]
    fn what_time_alone_mends_is_transient() {
        let place = || Place { file: "m.yaml".into(), span: Span::default() };
        let silent = |kind| Failure::Silent {
            error: upstream::Error { kind, message: String::new() },
            safe: true,
            place: place(),
        };
        let vendor = |means, status| Failure::Vendor {
            means,
            status,
            detail: None,
            words: None,
            attribute: None,
            named: None,
            retry_after: None,
            by_row: false,
            call: place(),
            place: place(),
        };
        let message = String::new;
        let rows = [
            (silent(Kind::Connect), true),
            (silent(Kind::Timeout), true),
            (silent(Kind::Open(Duration::ZERO)), true),
            (silent(Kind::Later(None)), true),
            (silent(Kind::Refused), false),
            (silent(Kind::Unissued), false),
            (silent(Kind::Invalid), false),
            (silent(Kind::Garbled), false),
            (vendor(Meaning::Busy, 429), true),
            (vendor(Meaning::Down, 503), true),
            (vendor(Meaning::Broken, 500), true),
            (vendor(Meaning::Broken, 401), false),
            (vendor(Meaning::Broken, 302), false),
            (vendor(Meaning::NotFound, 404), false),
            (vendor(Meaning::Conflict, 409), false),
            (Failure::Behind { after: 1, away: true }, true),
            (Failure::Behind { after: 1, away: false }, false),
            (Failure::Unsettled { after: 1 }, false),
            (Failure::Waiting, false),
            (Failure::Shape { place: place(), message: message() }, false),
            (Failure::Untrue { place: place(), message: message() }, false),
            (Failure::Store { error: store::Error::Missing, place: place() }, false),
        ];
        for (failure, expected) in rows {
            assert_eq!(failure.is_transient(), expected, "{failure:?}");
            assert_eq!(failure.and("more").is_transient(), expected);
        }
    }
}
