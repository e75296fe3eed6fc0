//! What an operator is told of what is not done.

use super::PATIENCE;
use crate::{gateway::deed::Refusal, store::Error};
use http::{HeaderMap, StatusCode, header::ORIGIN};
use std::future::Future;
use tokio::time::timeout;

/// The status of what is no 200, and why it is none.
#[derive(Debug)]
pub struct Refused {
    /// It.
    pub status: StatusCode,
    /// In words, without an end of line.
    pub why: String,
}

impl Refused {
    /// With this status.
    pub fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Stands(why) => Self::new(StatusCode::CONFLICT, why),
            Refusal::Later(why) => Self::new(StatusCode::SERVICE_UNAVAILABLE, why),
        }
    }
}

/// What comes of it while the operator waits.
pub async fn in_time<T, E: Into<Refused>>(
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, Refused> {
    match timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => {
            let why = "the store did not answer in time";
            Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, why))
        }
    }
}

/// A page in an operator's browser can send a deed to a loopback address. Browsers say where a page is from, and it is
/// told what to use `instead`.
pub fn of_no_page(headers: &HeaderMap, instead: &str) -> Result<(), Refused> {
    if !headers.contains_key(ORIGIN) {
        return Ok(());
    }
    let why = format!("a page in a browser does nothing here: use `{instead}`");
    Err(Refused::new(StatusCode::FORBIDDEN, why))
}
