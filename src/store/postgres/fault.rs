//! What PostgreSQL says, as the store says it. Its own words may hold values, so what is passed on are its codes, and
//! words of ours.

use super::super::error::{Clash, Error};
use deadpool_postgres::{PoolError, TimeoutType};
use std::error::Error as _;
use tokio_postgres::{Error as Said, error::SqlState};

/// Two transactions waited for each other, and this one gave way: it may be made again.
pub const GAVE_WAY: &str = "another replica's write stood in the way";

impl From<Said> for Error {
    fn from(said: Said) -> Self {
        let Some(state) = said.code() else {
            return match said.is_closed() || said.source().is_some() {
                true => Self::Unavailable(format!("the connection to it failed: {}", chain(&said))),
                // A column that is not what we wrote there.
                false => Self::Corrupt("a row is not as this build writes them".to_owned()),
            };
        };
        let constraint = said.as_db_error().and_then(|error| error.constraint());
        match *state {
            SqlState::UNIQUE_VIOLATION
                if matches!(constraint, Some("resource_key" | "mark_key")) =>
            {
                Self::Conflict(Clash::VendorKey)
            }
            SqlState::FOREIGN_KEY_VIOLATION => Self::Missing,
            SqlState::T_R_DEADLOCK_DETECTED | SqlState::T_R_SERIALIZATION_FAILURE => {
                Self::Unavailable(GAVE_WAY.to_owned())
            }
            SqlState::DISK_FULL => Self::Full,
            SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => {
                Self::Corrupt(format!("PostgreSQL says {}", state.code()))
            }
            SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN => {
                Self::Corrupt("a table of its schema is not there".to_owned())
            }
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::Unavailable(
                "it takes no writes: it is a standby, or set to read only".to_owned(),
            ),
            SqlState::CHARACTER_NOT_IN_REPERTOIRE | SqlState::UNTRANSLATABLE_CHARACTER => {
                Self::Unavailable("PostgreSQL holds no text with a NUL character".to_owned())
            }
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Self::Unavailable("it does not take the user or the password".to_owned())
            }
            SqlState::INVALID_CATALOG_NAME => {
                Self::Unavailable("it has no database of that name".to_owned())
            }
            SqlState::INSUFFICIENT_PRIVILEGE => {
                Self::Unavailable("its user may not do that".to_owned())
            }
            SqlState::TOO_MANY_CONNECTIONS => Self::Unavailable(
                "it has no connection left: its max_connections is reached".to_owned(),
            ),
            SqlState::LOCK_NOT_AVAILABLE | SqlState::QUERY_CANCELED => {
                Self::Unavailable("it did not answer in time".to_owned())
            }
            _ => Self::Unavailable(format!("PostgreSQL says {}", state.code())),
        }
    }
}

impl From<PoolError> for Error {
    fn from(said: PoolError) -> Self {
        match said {
            PoolError::Backend(said) => said.into(),
            PoolError::Timeout(TimeoutType::Wait) => {
                Self::Unavailable("all of its connections are in use".to_owned())
            }
            PoolError::Timeout(_) => Self::Unavailable("no connection to it in time".to_owned()),
            PoolError::Closed => Self::Unavailable("it is closed".to_owned()),
            other => Self::Unavailable(format!("no connection to it: {other}")),
        }
    }
}

/// An error with what is behind it, which says what the matter is.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut behind = error.source();
    while let Some(error) = behind {
        words.push_str(": ");
        words.push_str(&error.to_string());
        behind = error.source();
    }
    words
}
