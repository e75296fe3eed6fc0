//! What a Plan says of lookups: the names that clients use for the vendor's keys.

use super::{Evidence, ExtraValue, ResourcePlan, Rule, Step};
use crate::{diagnostic::Place, mapping::expr::Expression, upstream::record::FieldPath};
use std::{sync::Arc, time::Duration};

/// One entry of `lookups`.
#[derive(Debug, Clone)]
pub struct LookupPlan {
    /// In rules and messages.
    pub name: Arc<str>,
    /// Reads the whole list, or what has one name.
    pub step: Step,
    /// `step` asks for one name at a time: it has `{value}` in it.
    pub one: bool,
    /// Reads what has one key.
    pub by_key: Option<Step>,
    /// Where an item has what the client says.
    pub name_at: FieldPath,
    /// Where it has what the vendor wants.
    pub key_at: FieldPath,
    /// Names compare with case.
    pub case_exact: bool,
    /// How long what was read is used.
    pub cache: Duration,
    /// How sure we are of its calls.
    pub evidence: Evidence,
    /// Where it stands.
    pub place: Place,
}

impl LookupPlan {
    /// A name as it compares.
    pub fn fold(&self, name: &str) -> String {
        if self.case_exact { name.to_owned() } else { name.to_lowercase() }
    }

    /// Its calls.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        [&self.step].into_iter().chain(&self.by_key)
    }

    /// Whether a key can be read as its name.
    pub fn reads(&self) -> bool {
        !self.one || self.by_key.is_some()
    }
}

impl ResourcePlan {
    /// The lookups whose whole lists its expressions ask for, as often as they do.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().flat_map(Rule::expressions);
        let fields = self.fields.iter().filter_map(|extra| match &extra.value {
            ExtraValue::Write(write) => Some(write),
            ExtraValue::Constant(_) | ExtraValue::Generate(_) => None,
        });
        let names = rules.chain(fields).flat_map(Expression::names);
        let lists = names.filter(|name| name.root == "lookups");
        lists.filter_map(|name| name.path.first().map(String::as_str))
    }
}

/// A rule's use of a lookup.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Which.
    pub name: Arc<str>,
    /// What becomes of a name or key that it does not know.
    pub unknown: Unknown,
}

/// What becomes of a name or key that a lookup does not know, or knows twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A name is 400; a key is unreadable.
    Reject,
    /// The value is left out, of a list its element.
    Drop,
    /// The rule's default is written; a key is unreadable.
    Default,
}
