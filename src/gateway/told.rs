//! What the client is told of a failure: the one place where failures of different kinds are judged.

use super::{
    error::{Failure, whole_seconds},
    withheld::Withheld,
    words,
};
use crate::{
    diagnostic::Place,
    mapping::plan::Meaning,
    scim::{
        error::{Error, ScimType},
        profile::Profile,
    },
    store,
    upstream::{self, error::Kind},
};

/// Seconds that a client is asked to wait when nobody said how long.
const PAUSE: u64 = 10;

/// The same where what is in the journal has to be delivered first.
const UNDELIVERED: u64 = 60;

/// The same where a person has to do something first.
const PERSON: u64 = 300;

impl Failure {
    /// What the client is told. What is `withheld` never appears in it; `passed` says that the credential was its own.
    pub fn judge(self, profile: Profile, withheld: &Withheld, passed: bool) -> Error {
        // These may repeat what the vendor sent, which may be what it was sent.
        let fit = |message: &str| withheld.black_out(message);
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
                by_row,
                call: _,
                place,
            } => {
                let clean = |words: Option<String>| {
                    words
                        .map(|words| words::clean(&words, withheld))
                        .filter(|words| !words.is_empty())
                };
                let (detail, words) = (clean(detail), clean(words));
                // A call that names a secret is told of without it.
                let named = named.filter(|named| !withheld.tell(named));
                let said = Said { status, by_row, detail, words, attribute, named, place };
                if let (true, Meaning::Done | Meaning::Broken, 401 | 403) = (passed, means, status)
                {
                    return said.of_the_clients_credential();
                }
                answered(means, said, retry_after, profile)
            }
            Failure::Silent { error, safe, place } => {
                let message = fit(&error.message);
                silent(&upstream::Error { message, ..error }, safe, &place, profile)
            }
            Failure::Shape { place, message } => Error::new(
                502,
                format!(
                    "the vendor's answer is not as the mapping says: {} ({place})",
                    fit(&message)
                ),
            ),
            Failure::Expression { place, message } => {
                Error::new(500, format!("the mapping failed at {place}: {}", fit(&message)))
            }
            Failure::Untrue { message, place } => {
                Error::new(502, format!("{} ({place})", fit(&message)))
            }
            Failure::Store { error, .. } => stored(&error, profile),
            Failure::Also { failure, words } => {
                let mut error = failure.judge(profile, withheld, passed);
                if !withheld.tell(&words) {
                    error.detail.push_str(&format!("; {words}"));
                }
                error
            }
            Failure::Waiting => away(
                "another write to this resource has not ended; nothing was changed",
                None,
                profile,
            ),
            Failure::Undelivered { most } => away(
                &format!(
                    "more than {most} changes were acknowledged and are not at the vendor yet: until some are, this cannot be told"
                ),
                Some(UNDELIVERED),
                profile,
            ),
            Failure::Behind { after, .. } => away(
                "an earlier write to this resource is still being carried out; nothing of this one was done",
                Some(after),
                profile,
            ),
            Failure::Unsettled { after } => away(
                "whether an earlier try of this was carried out cannot be told yet",
                Some(after),
                profile,
            ),
            Failure::Journalled { number, after, failure } => {
                let credential = failure.credential_refused();
                let told = failure.judge(profile, withheld, passed);
                let detail = format!(
                    "{}; the change is journalled as {number} and will be carried out: a repeat of the request joins it",
                    told.detail
                );
                let error = match credential {
                    true => Error::new(told.status, detail).retry_after(PERSON),
                    false => away(&detail, Some(after), profile),
                };
                error.journalled_as(number)
            }
            // Not for longer than an hour: an operator may release it meanwhile, and the client is to go on then.
            Failure::Guarded { tenant, most, within, rest } => away(
                &format!(
                    "held back, nothing was changed: {most} resources were deactivated or deleted within {within}, \
                     and the gateway's guard lets no more through; if they are meant, an operator says \
                     `scimshim guard release --tenant {tenant}`"
                ),
                Some(whole_seconds(rest).clamp(1, 3600)),
                profile,
            ),
            // Soon: what is done stays done, so the repeat has less to do.
            Failure::Unfinished { done, of, place } => away(
                &format!(
                    "{done} of {of} were done in time; repeat the request for the rest ({place})"
                ),
                Some(1),
                profile,
            ),
        }
    }
}

/// What is known of a vendor's refusal.
struct Said {
    status: u16,
    by_row: bool,
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

impl Said {
    /// The same where a row calls it broken: of a 200 the status alone would say nothing.
    fn by_its_row(&self) -> String {
        let Self { status, place, .. } = self;
        let lead = format!("the vendor answered {status}, which {place} calls `broken`");
        match (&self.detail, &self.words) {
            (Some(detail), _) => detail.clone(),
            (None, Some(words)) => format!("{lead}: {words}"),
            (None, None) => lead,
        }
    }

    /// The same where the vendor does not take the credential that the client has brought.
    fn of_the_clients_credential(&self) -> Error {
        let lead = match self.status {
            401 => "the vendor does not take the credential that was sent",
            _ => "the vendor does not allow it to the credential that was sent",
        };
        Error::new(self.status, self.with(lead))
    }

    /// The same for a value that the vendor refuses: the value and the mapping's line stand in it,
    /// whoever chose the words.
    fn of_value(&self, lead: &str) -> String {
        match (&self.detail, &self.named) {
            (Some(detail), Some(named)) => format!("{detail}: `{named}` ({})", self.place),
            _ => self.with(lead),
        }
    }
}

fn answered(means: Meaning, said: Said, retry_after: Option<u64>, profile: Profile) -> Error {
    match means {
        // Only the resource's own get, update and delete know that it is the resource that is gone,
        // and they say so before a failure comes here: this is something else that was named.
        Meaning::NotFound => match &said.named {
            Some(named) => Error::bad(
                ScimType::InvalidValue,
                said.of_value(&format!("the vendor knows no `{named}`")),
            ),
            None => Error::new(502, said.with("the vendor has nothing at this address")),
        },
        Meaning::Conflict => Error::uniqueness(said.with("the vendor says that it exists already")),
        Meaning::Invalid => {
            Error::bad(ScimType::InvalidValue, said.of_value("the vendor refused the values"))
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
            _ if said.by_row => Error::new(502, said.by_its_row()),
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
        Kind::Busy(told) => away(
            &format!("the vendor was not asked: {why} ({place})"),
            told.map(whole_seconds),
            profile,
        ),
        Kind::Open(told) => away(
            &format!("the vendor was not asked: {why} ({place})"),
            Some(whole_seconds(told)),
            profile,
        ),
        Kind::Timeout | Kind::Broken if safe => {
            Error::new(504, format!("the vendor did not answer: {why} ({place})"))
        }
        Kind::Cut if safe => {
            Error::new(502, format!("the vendor's answer ended too early: {why} ({place})"))
        }
        Kind::Garbled if safe => {
            Error::new(502, format!("the vendor's answer is no HTTP: {why} ({place})"))
        }
        Kind::Timeout | Kind::Broken | Kind::Cut | Kind::Garbled => Error::new(
            504,
            format!(
                "the outcome is unknown; repeat the request, it looks before it writes: {why} ({place})"
            ),
        ),
        Kind::TooLarge => {
            Error::new(502, format!("the vendor's answer cannot be used: {why} ({place})"))
        }
        Kind::Refused => {
            Error::new(502, format!("the gateway's credential was refused: {why} ({place})"))
        }
        Kind::Unissued => {
            Error::new(502, format!("the gateway has no token for the vendor: {why} ({place})"))
        }
        Kind::Later(told) => away(
            &format!("the gateway has no token for the vendor right now: {why} ({place})"),
            told.map(whole_seconds),
            profile,
        ),
        Kind::Invalid => Error::new(500, format!("the call cannot be made: {why} ({place})")),
    }
}

/// What the store says. A repeat helps where the disk may be there again, or another write was in
/// between; where it is damaged a person must look.
fn stored(error: &store::Error, profile: Profile) -> Error {
    match error {
        store::Error::Unavailable(_) | store::Error::Full | store::Error::Missing => {
            away(&format!("{error}; repeat the request"), None, profile)
        }
        store::Error::Conflict(_) => away(&error.to_string(), Some(1), profile),
        store::Error::Corrupt(_) => Error::new(500, error.to_string()),
    }
}

/// A write of which the audit log would have no line: it is not done, or no client may take it for done. Its repeat
/// finds what was done and does what is left.
pub fn unaudited(asked: bool, profile: Profile) -> Error {
    let detail = match asked {
        false => "the audit log cannot be written, so nothing was done; repeat the request",
        true => {
            "what came of it is not in the audit log yet, which cannot be written; repeat the request, it looks before it writes"
        }
    };
    away(detail, None, profile)
}

/// Not there right now. Okta repeats a 429 by itself, ten times, doubling; a 503 waits for a
/// person.
fn away(detail: &str, retry_after: Option<u64>, profile: Profile) -> Error {
    let status = if profile.repeats_429() { 429 } else { 503 };
    Error::new(status, detail).retry_after(retry_after.unwrap_or(PAUSE))
}
