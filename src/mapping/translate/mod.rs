//! A Plan at work: Records become Resources, Changes become Calls. Pure.

pub mod creation;
mod extra;
pub mod failure;
mod layout;
pub mod list;
pub mod names;
pub mod passage;
pub mod place;
pub mod pushdown;
pub mod read;
pub mod references;
pub mod render;
pub mod unit;
pub mod units;
pub mod value;
pub mod write;

use crate::{diagnostic::Place, mapping::expr::EvalError, scim};

/// Why a translation stopped.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// The client's value cannot go to the vendor.
    Refused(scim::error::Error),
    /// An expression of the mapping failed: the mapping's fault, named by its line.
    Expression {
        /// The mapping's line.
        place: Place,
        /// What went wrong.
        message: String,
    },
    /// A Record is not as the mapping says: the vendor's fault.
    Record {
        /// The mapping's line.
        place: Place,
        /// What was expected.
        message: String,
    },
}

impl Error {
    /// An expression at `place` failed.
    pub fn expression(place: &Place, error: &EvalError) -> Self {
        Self::Expression { place: place.clone(), message: error.message.clone() }
    }
}

impl From<scim::error::Error> for Error {
    fn from(error: scim::error::Error) -> Self {
        Self::Refused(error)
    }
}
