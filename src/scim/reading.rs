//! Reading: with whose habits a request is read, and what was noticed on the way.

use super::{leniency::Leniency, profile::Profile, unmapped::UnmappedNames};
use std::collections::BTreeMap;

/// What goes through everything that reads a request. A leniency is asked for where it would be used; the
/// asking is the use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    profile: Profile,
    used: BTreeMap<Leniency, u64>,
    /// Names that the served schemas do not have.
    pub unmapped: UnmappedNames,
}

impl Reading {
    /// Nothing is read yet.
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Whether this may pass; it is counted when it does.
    pub fn allows(&mut self, leniency: Leniency) -> bool {
        let may = self.may(leniency);
        if may {
            *self.used.entry(leniency).or_default() += 1;
        }
        may
    }

    /// Whether this might pass, before anybody knows that it is needed.
    pub fn may(&self, leniency: Leniency) -> bool {
        leniency.is_of(self.profile)
    }

    /// What was used, and how often.
    pub fn used(&self) -> impl Iterator<Item = (Leniency, u64)> {
        self.used.iter().map(|(leniency, times)| (*leniency, *times))
    }
}
