//! Form: where the resources of a kind come from.

use super::ResourcePlan;
use crate::{diagnostic::Place, scim::resource::Resource};

/// Where the resources of a kind come from.
#[derive(Debug, Clone)]
pub enum Form {
    /// The vendor has records of them.
    Records,
    /// The mapping lists all there are, and no vendor is asked.
    Fixed(Vec<Resource>),
    /// All of it is in the store, and no vendor is asked: Groups of our own.
    Kept,
    /// Each is a value of another kind's attribute: Groups whose members are those who have it.
    Values(ValuesOf),
}

/// Groups that are the values of an attribute.
#[derive(Debug, Clone)]
pub struct ValuesOf {
    /// The kind that has the attribute, whose resources are the members.
    pub resource: String,
    /// Its rule, by its index among those of the kind.
    pub rule: usize,
    /// The values that are Groups; nothing: every value is.
    pub names: Option<Vec<String>>,
    /// A Group without members is held in the store.
    pub keeps_empty: bool,
    /// A new name is written to every member; else it is refused.
    pub moves: bool,
    /// Where the attribute is named.
    pub place: Place,
}

impl ResourcePlan {
    /// All there is of it, where the mapping lists it.
    pub fn fixed(&self) -> Option<&[Resource]> {
        match &self.form {
            Form::Fixed(all) => Some(all),
            _ => None,
        }
    }

    /// Whether all of it is in the store: Groups of our own.
    pub fn kept(&self) -> bool {
        matches!(self.form, Form::Kept)
    }

    /// What its resources are the values of.
    pub fn values_of(&self) -> Option<&ValuesOf> {
        match &self.form {
            Form::Values(of) => Some(of),
            _ => None,
        }
    }

    /// Whether the vendor has records of it, which calls read and write.
    pub fn at_the_vendor(&self) -> bool {
        matches!(self.form, Form::Records)
    }
}
