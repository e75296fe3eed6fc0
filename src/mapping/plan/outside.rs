//! What a Plan says of who is none of the vendor's business.

use super::ResourcePlan;
use crate::{
    diagnostic::Place,
    mapping::expr::{Expression, Template},
};

/// One row of `outside`; the first that holds counts.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Over `resource` as it would be, `tenant` and `now`.
    pub when: Expression,
    /// What becomes of whom it holds for.
    pub then: Then,
    /// Where it stands.
    pub place: Place,
}

/// What becomes of who is outside.
#[derive(Debug, Clone)]
pub enum Then {
    /// Refused, in these words.
    Reject(Option<Template>),
    /// Held here, and the vendor is not told.
    Skip(Leaving),
}

/// What the vendor's record goes through when its resource leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Nothing.
    AsItIs,
    /// The transitions that the update of this index claims.
    Update(usize),
    /// As a DELETE.
    Delete,
}

impl ResourcePlan {
    /// Some of it may be outside, held here.
    pub fn skips(&self) -> bool {
        self.outside.iter().any(|row| matches!(row.then, Then::Skip(_)))
    }
}
