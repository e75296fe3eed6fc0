//! What an answer to a call for a token means, when it gives none.

use crate::upstream::{Answer, Error, error::Kind, retry};

/// The answer, where its status says that something was given. `what` names the call.
pub fn given(
    what: &str,
    outcome: Result<Answer, Error>,
    now: jiff::Timestamp,
) -> Result<Answer, Error> {
    let answer = outcome.map_err(|error| unanswered(what, &error))?;
    let kind = match answer.status {
        200..=299 => return Ok(answer),
        // RFC 6749 §5.2: a refusal is a 400, but for clients that show a header, which are told 401.
        400 | 401 | 403 => Kind::Refused,
        429 | 502..=504 => Kind::Later(retry::told(&answer, now)),
        _ => Kind::Unissued,
    };
    let why = reason(&answer).map(|reason| format!(" ({reason})")).unwrap_or_default();
    Err(Error { kind, message: format!("{what} was answered {}{why}", answer.status) })
}

/// A call for a token may be made again without harm, so silence means that it may be had later.
fn unanswered(what: &str, error: &Error) -> Error {
    let kind = match error.kind {
        Kind::TooLarge | Kind::Garbled => Kind::Unissued,
        Kind::Invalid => Kind::Invalid,
        // Its turn does not come in time, or the vendor is left alone.
        Kind::Busy(wait) => Kind::Later(wait),
        Kind::Open(wait) => Kind::Later(Some(wait)),
        _ => Kind::Later(None),
    };
    Error { kind, message: format!("{what} got no answer: {}", error.message) }
}

/// The reasons of RFC 6749 §5.2. What else stands there may repeat what was sent.
const REASONS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// The reason that the answer gives, where it is one of them.
pub fn reason(answer: &Answer) -> Option<&'static str> {
    let told = answer.body.get("error")?.as_str()?;
    REASONS.into_iter().find(|reason| *reason == told)
}
