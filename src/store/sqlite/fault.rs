//! What SQLite says, as the store says it. SQLite's own words name tables and columns, no values.

use super::super::error::{Clash, Error};
use rusqlite::{Error as Said, ErrorCode, ffi};

impl From<Said> for Error {
    fn from(said: Said) -> Self {
        let unreadable = matches!(
            said,
            Said::FromSqlConversionFailure(..)
                | Said::IntegralValueOutOfRange(..)
                | Said::InvalidColumnType(..)
                | Said::Utf8Error(..)
        );
        if unreadable {
            return Self::Corrupt(said.to_string());
        }
        match said.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt(said.to_string())
            }
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("another program holds the lock of its file".to_owned())
            }
            // The schema has no other constraint that a batch can break.
            Some(ErrorCode::ConstraintViolation) => match extended(&said) {
                Some(ffi::SQLITE_CONSTRAINT_UNIQUE) => Self::Conflict(Clash::VendorKey),
                Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::Missing,
                _ => Self::Corrupt(said.to_string()),
            },
            _ => Self::Unavailable(said.to_string()),
        }
    }
}

fn extended(said: &Said) -> Option<i32> {
    said.sqlite_error().map(|error| error.extended_code)
}
