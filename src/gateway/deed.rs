//! What an operator does by hand about a journal or a guard: each deed leaves a line in the audit log, and what could leave
//! none is not done.

use super::{Gateway, audited};
use crate::{
    audit::line::{self, Event},
    store::{Entry, Error},
};
use jiff::Timestamp;
use tokio::time::Instant;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may not be: why, and what may.
    Stands(String),
    /// It cannot be now.
    Later(String),
}

impl Refusal {
    /// There is nothing left to do about an entry.
    pub fn ended() -> Self {
        Self::Stands("it has come to its end meanwhile: there is nothing left to do".to_owned())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing => Self::ended(),
            error => Self::Later(error.to_string()),
        }
    }
}

/// What was done.
#[derive(Debug)]
pub enum Deed<'a> {
    /// An entry was made due, or a dead letter became another entry.
    Retry(&'a Entry, Option<&'a Entry>),
    /// An entry was ended, for a reason.
    Drop(&'a Entry, &'a str),
    /// What a guard holds back was let through, of so many that had counted.
    Release(u64),
}

impl Gateway {
    /// Whether an operator may do something now.
    pub(super) fn may_be_told(&self) -> Result<(), Refusal> {
        let why = "the audit log cannot be written, so nothing was done";
        self.memory.can_tell().then_some(()).ok_or_else(|| Refusal::Later(why.to_owned()))
    }

    /// Writes the line of a deed. Where the disk refuses it now it is kept, and readiness tells.
    pub(super) async fn tell(&self, deed: Deed<'_>, now: Timestamp, deadline: Instant) {
        let Some(audit) = &self.memory.audit else { return };
        let tenant = self.tenant.to_string();
        let about = |entry: &Entry| {
            let (txn, kind) = (Some(entry.number.clone()), Some(entry.kind.clone()));
            line::Deed { txn, kind, id: Some(entry.id.clone()), ..line::Deed::default() }
        };
        let line = match deed {
            Deed::Retry(entry, became) => {
                let became = became.map(|entry| entry.number.clone());
                line::Deed { deed: "retry", became, ..about(entry) }
            }
            Deed::Drop(entry, reason) => {
                line::Deed { deed: "drop", reason: Some(reason.to_owned()), ..about(entry) }
            }
            Deed::Release(counted) => {
                line::Deed { deed: "release", counted: Some(counted), ..line::Deed::default() }
            }
        };
        let event = Event::Operator(Box::new(line::Deed { tenant, ..line }));
        let _ = audit.write(now, event, audited::until(deadline)).await;
    }
}
