//! Every failure of a request, and what the client is told: the one place where they are judged.

use super::words;
use crate::{
    diagnostic::Place,
    mapping::{plan::Meaning, translate},
    scim::{
        error::{Error, ScimType},
        profile::Profile,
    },
    upstream::{self, error::Kind},
};

/// Seconds that a client is asked to wait when nobody said how long.
const PAUSE: u64 = 10;

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
        /// The mapping's line.
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
    /// Another write to the same resource did not end before the deadline.
    Waiting,
}

impl Failure {
    /// The outcome at the vendor is unknown: the call may or may not have been carried out.
    pub fn unknown(&self) -> bool {
        matches!(
            self,
            Failure::Silent { error, safe: false, .. }
                if matches!(error.kind, Kind::Timeout | Kind::Broken | Kind::Cut)
        )
    }

    /// The vendor says that what the call named does not exist.
    pub fn not_found(&self) -> bool {
        matches!(self, Failure::Vendor { means: Meaning::NotFound, .. })
    }

    /// What the client is told. `secrets` never appear in it.
    pub fn judge(self, profile: Profile, secrets: &[&str]) -> Error {
        match self {
            Failure::Refused(error) => error,
            Failure::Vendor {
                means,
                status,
                detail,
                words,
                attribute,
                named,
                retry_after,
                place,
            } => {
                let clean = |words: Option<String>| {
                    words
                        .map(|words| words::clean(&words, secrets))
                        .filter(|words| !words.is_empty())
                };
                let (detail, words) = (clean(detail), clean(words));
                let said = Said { status, detail, words, attribute, named, place };
                answered(means, said, retry_after, profile)
            }
            Failure::Silent { error, safe, place } => silent(&error, safe, &place, profile),
            Failure::Shape { place, message } => Error::new(
                502,
                format!("the vendor's answer is not as the mapping says: {message} ({place})"),
            ),
            Failure::Expression { place, message } => {
                Error::new(500, format!("the mapping failed at {place}: {message}"))
            }
            Failure::Untrue { message, place } => Error::new(502, format!("{message} ({place})")),
            Failure::Waiting => away(
                "another write to this resource has not ended; nothing was changed",
                None,
                profile,
            ),
        }
    }
}

/// What is known of a vendor's refusal.
struct Said {
    status: u16,
    detail: Option<String>,
    words: Option<String>,
    attribute: Option<String>,
    named: Option<String>,
    place: Place,
}

impl Said {
    /// What the mapping says is said as it stands; else what happened, the vendor's words, and the
    /// mapping's line.
    fn with(&self, lead: &str) -> String {
        if let Some(detail) = &self.detail {
            return detail.clone();
        }
        let mut detail = lead.to_owned();
        if let Some(attribute) = &self.attribute {
            detail.push_str(&format!(" `{attribute}`"));
        }
        match &self.words {
            Some(words) => format!("{detail}: {words} ({})", self.place),
            None => format!("{detail} ({})", self.place),
        }
    }
}

fn answered(means: Meaning, said: Said, retry_after: Option<u64>, profile: Profile) -> Error {
    match means {
        Meaning::NotFound => Error::new(404, said.with("the vendor has no such resource")),
        Meaning::Conflict => Error::uniqueness(said.with("the vendor says that it exists already")),
        Meaning::Invalid if matches!(said.status, 404 | 410) => {
            let named = said.named.clone().unwrap_or_default();
            Error::bad(ScimType::InvalidValue, said.with(&format!("the vendor knows no `{named}`")))
        }
        Meaning::Invalid => {
            Error::bad(ScimType::InvalidValue, said.with("the vendor refused the values"))
        }
        Meaning::Forbidden => Error::new(403, said.with("the vendor does not allow it")),
        // A vendor's 429 is the client's 429 in every profile.
        Meaning::Busy => Error::new(429, said.with("the vendor asks for fewer calls"))
            .retry_after(retry_after.unwrap_or(PAUSE)),
        Meaning::Down => {
            away(&said.with("the vendor is not there right now"), retry_after, profile)
        }
        Meaning::Done | Meaning::Broken => match said.status {
            401 | 403 => {
                Error::new(502, said.with("the gateway's credential was refused by the vendor"))
            }
            300..=399 => Error::new(
                502,
                format!(
                    "the vendor answered {} with a redirect, which is never followed ({})",
                    said.status, said.place
                ),
            ),
            status => Error::new(502, said.with(&format!("the vendor answered {status}"))),
        },
    }
}

fn silent(error: &upstream::Error, safe: bool, place: &Place, profile: Profile) -> Error {
    let why = &error.message;
    match error.kind {
        Kind::Connect => {
            away(&format!("the vendor cannot be reached: {why} ({place})"), None, profile)
        }
        Kind::Busy => away(
            &format!("no room at the vendor before the deadline: {why} ({place})"),
            None,
            profile,
        ),
        Kind::Timeout | Kind::Broken if safe => {
            Error::new(504, format!("the vendor did not answer: {why} ({place})"))
        }
        Kind::Cut if safe => {
            Error::new(502, format!("the vendor's answer ended too early: {why} ({place})"))
        }
        Kind::Timeout | Kind::Broken | Kind::Cut => Error::new(
            504,
            format!(
                "the outcome is unknown; repeat the request, it looks before it writes: {why} ({place})"
            ),
        ),
        Kind::TooLarge => {
            Error::new(502, format!("the vendor's answer cannot be used: {why} ({place})"))
        }
        Kind::Invalid => Error::new(500, format!("the call cannot be made: {why} ({place})")),
    }
}

/// Not there right now. Okta repeats a 429 by itself, ten times, doubling; a 503 waits for a
/// person.
fn away(detail: &str, retry_after: Option<u64>, profile: Profile) -> Error {
    let status = if profile.repeats_429() { 429 } else { 503 };
    Error::new(status, detail).retry_after(retry_after.unwrap_or(PAUSE))
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
