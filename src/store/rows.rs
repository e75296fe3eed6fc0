//! What the store gives back, and what it is asked with.

use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// The resources of one kind of one tenant: what every key begins with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// The tenant's name in the configuration.
    pub tenant: Arc<str>,
    /// The resource type's name: `User`, `Group`.
    pub kind: Arc<str>,
}

impl Scope {
    /// `kind` of `tenant`.
    pub fn new(tenant: impl Into<Arc<str>>, kind: impl Into<Arc<str>>) -> Self {
        Self { tenant: tenant.into(), kind: kind.into() }
    }
}

/// All that is held of one SCIM id, but for what a kept Group has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Held {
    /// Raised by one with every batch that changes anything of this id; 0: never touched. Goes on
    /// from where it was when the id comes back.
    pub version: u64,
    /// The vendor's key, where a Link says so.
    pub vendor_key: Option<String>,
    /// Since when this id is gone: a client that asks for it gets 404, whatever the vendor has.
    pub gone: Option<Timestamp>,
    /// There is an [`Outsider`] of this id.
    pub outside: bool,
    /// Attribute path, as the caller writes it, to value.
    pub kept: BTreeMap<String, Value>,
}

/// SCIM id with vendor key. A vendor key has at most one id that is not gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The SCIM id.
    pub id: String,
    /// The vendor's key of the same thing.
    pub vendor_key: String,
}

/// What counts of a tenant at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Resources that count.
    pub counted: u64,
    /// Since when the oldest of them does.
    pub oldest: Option<Timestamp>,
    /// Since when others are refused.
    pub tripped: Option<Timestamp>,
}

/// A record that is ours, or will be: made or adopted by us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its key: chosen by who makes it, before the vendor has given one. Anything unique in the
    /// scope.
    pub name: String,
    /// How it became ours.
    pub state: State,
    /// The vendor's key, as soon as it is known. One mark has it.
    pub vendor_key: Option<String>,
    /// Attribute to its value in normal form, by which a create of ours is found again.
    pub values: BTreeMap<String, String>,
    /// Since when it is in this state; where it is unfinished and has a key, until when a repeat finishes it. Kept to the
    /// millisecond.
    pub since: Timestamp,
}

/// How a record became ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A create of ours has begun and not ended; its repeat finishes it.
    Unfinished,
    /// We made it.
    Made,
    /// It was there, and we took it over.
    Adopted,
}

impl State {
    /// As an engine has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Made => "made",
            Self::Adopted => "adopted",
        }
    }

    /// The state of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Unfinished, Self::Made, Self::Adopted].into_iter().find(|one| one.word() == word)
    }
}

/// One of whom the vendor is not told: what a client said of him stands here.
#[derive(Debug, Clone, PartialEq)]
pub struct Outsider {
    /// The SCIM id.
    pub id: String,
    /// The vendor's key, where a Link says that the vendor has a record of him all the same.
    pub vendor_key: Option<String>,
    /// What the client said.
    pub said: Value,
    /// The vendor has still to be told that he left.
    pub owed: bool,
}

/// A SCIM id that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The SCIM id.
    pub id: String,
    /// The vendor's key that it had.
    pub vendor_key: Option<String>,
    /// Since when, to the millisecond.
    pub gone: Timestamp,
}

/// One thing that is held, of whatever kind: for who looks at a whole store.
#[derive(Debug, Clone, PartialEq)]
pub enum Holding {
    /// The kept attributes of one id.
    Kept {
        /// The SCIM id.
        id: String,
        /// Attribute path to value.
        values: BTreeMap<String, Value>,
    },
    /// A tombstone.
    Gone {
        /// The SCIM id.
        id: String,
        /// Attribute to its value in normal form, by which it is found when it comes back.
        values: BTreeMap<String, String>,
    },
    /// One of whom the vendor is not told.
    Outside {
        /// The SCIM id.
        id: String,
        /// What the client said.
        said: Value,
    },
    /// A Link, also of one that is gone.
    Link(Link),
    /// A mark.
    Mark(Mark),
    /// A kept Group.
    Group {
        /// The SCIM id.
        id: String,
        /// As the client wrote it.
        display_name: String,
        /// The client's own id of it.
        external_id: Option<String>,
        /// Who is in it, in order.
        members: Vec<Member>,
    },
}

/// What a kept attribute must be to be found. Whoever is gone is not found.
#[derive(Debug, Clone, PartialEq)]
pub enum Sought {
    /// This text, number or boolean. A number is found as it was spelled: `1` is not `1.0`. A list
    /// or an object is never found.
    Exact(Value),
    /// This text, in any case; folded by [`fold`].
    Folded(String),
}

/// A kept Group, without its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The SCIM id.
    pub id: String,
    /// As the client wrote it.
    pub display_name: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// When it was made, to the millisecond.
    pub created: Timestamp,
    /// When it or its members changed last, to the millisecond.
    pub modified: Timestamp,
    /// As [`Held::version`].
    pub version: u64,
}

/// Which kept Groups are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupName {
    /// All of them.
    Any,
    /// Those with this display name, in any case.
    Display(String),
    /// Those with this `externalId`, exactly.
    External(String),
}

/// Who is in a kept Group. Ordered by kind, then id, as the store pages through them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Member {
    /// `User` or `Group`: a User and a Group may have one id.
    pub kind: String,
    /// The SCIM id.
    pub id: String,
}

/// A piece of a list that is in the order of its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Only ids after this one.
    pub after: Option<String>,
    /// So many of those are passed over: for a client that pages by index.
    pub skip: u64,
    /// At most so many.
    pub limit: u64,
}

impl Page {
    /// The first `limit` ones.
    pub fn first(limit: u64) -> Self {
        Self { after: None, skip: 0, limit }
    }
}

/// Text without regard to case, one character after the other: the last sigma of a Greek word is
/// folded like any other.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}
