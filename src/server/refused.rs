//! Why a request is not worked on to its end, and what its client is told.

use super::clients::{Refusal, challenges};
use crate::scim::{discovery::Authentication, error::Error};
use http::{
    HeaderMap, HeaderValue,
    header::{CONNECTION, WWW_AUTHENTICATE},
};
use std::time::Duration;

/// Why a request is not worked on, with the headers that go with it.
pub struct Refused {
    /// What the client is told.
    pub error: Error,
    /// Beside those of every answer.
    pub headers: HeaderMap,
}

impl Refused {
    /// Nobody is known to be calling (R01, R02; RFC 7644 §3.12, RFC 9110 §11.6.1).
    pub fn unauthorized(refusal: Refusal, schemes: &[Authentication]) -> Self {
        let headers = challenges(schemes).map(|challenge| (WWW_AUTHENTICATE, challenge));
        Self { error: Error::new(401, refusal.detail()), headers: headers.collect() }
    }

    /// RFC 9112 §3.2: who sends two may mean another server with each, and who sends none that can be read means nobody.
    pub fn host() -> Self {
        let detail =
            "expected one `Host` header with a host and perhaps a port: HTTP/1.1 asks for it";
        Self::unread(Error::new(400, detail))
    }

    /// The rest of the body may still come and would be taken for the next request.
    pub fn unread(error: Error) -> Self {
        let close = HeaderValue::from_static("close");
        Self { error, headers: HeaderMap::from_iter([(CONNECTION, close)]) }
    }
}

/// No tenant lives at the path (R09; RFC 7644 §3.12).
pub fn nothing_here() -> Refused {
    let detail = "nothing is served at this path: the base URL ends in `/scim/v2`, unless the \
                  tenant's configuration says another `path`, or a `host`";
    Refused { error: Error::new(404, detail), headers: HeaderMap::new() }
}

/// The vendor's work did not end within the client's time.
pub fn too_late(writes: bool, after: Duration) -> Error {
    let what = match writes {
        true => "the outcome is unknown: repeat the request",
        false => "nothing was written: repeat the request",
    };
    Error::new(504, format!("the vendor has not finished within {after:?}; {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_late_says_whether_something_was_written() {
        let after = Duration::from_secs(50);
        assert!(too_late(true, after).detail.contains("outcome is unknown"));
        assert!(too_late(false, after).detail.contains("nothing was written"));
    }
}
