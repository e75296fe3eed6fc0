//! What is written: changes, and the batch that makes them one.

use super::{
    entry::Entry,
    lease::Lease,
    rows::{Mark, Member},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One change. A change that finds everything as it wants it changes no row and raises no version.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// This id is this vendor key. [`Clash::VendorKey`](super::Clash) when another id that is not
    /// gone has the key.
    Link {
        /// The SCIM id.
        id: String,
        /// The vendor's key.
        vendor_key: String,
    },
    /// This id has no vendor key any more.
    Unlink {
        /// The SCIM id.
        id: String,
    },
    /// The mark of this name is now this one, values included.
    /// [`Clash::VendorKey`](super::Clash) when a mark of another name has the key.
    Mark(Mark),
    /// There is no mark of this name any more.
    Unmark {
        /// The mark's name.
        name: String,
    },
    /// This attribute of this id has this value.
    Keep {
        /// The SCIM id.
        id: String,
        /// The attribute's path, written in one way only: it is compared as text.
        path: String,
        /// Any JSON.
        value: Value,
    },
    /// This attribute of this id has no value.
    Unkeep {
        /// The SCIM id.
        id: String,
        /// The attribute's path.
        path: String,
    },
    /// No attribute of this id has a value.
    UnkeepAll {
        /// The SCIM id.
        id: String,
    },
    /// This id is gone. One that was gone before keeps its instant.
    Bury {
        /// The SCIM id.
        id: String,
        /// Attribute to its value in normal form, by which it is found when it comes back.
        values: BTreeMap<String, String>,
        /// Since when.
        at: Timestamp,
    },
    /// This id is there again, with the vendor key that it had.
    /// [`Clash::VendorKey`](super::Clash) when another id has that by now.
    Lift {
        /// The SCIM id.
        id: String,
    },
    /// The vendor is not told of this id: what a client said of it stands here.
    Outside {
        /// The SCIM id.
        id: String,
        /// What the client said.
        said: Value,
        /// Attribute to its value in normal form, by which it is found.
        values: BTreeMap<String, String>,
        /// The vendor has still to be told that it left.
        owed: bool,
    },
    /// The vendor is told of this id, or it is no more; what was said of it goes.
    Inside {
        /// The SCIM id.
        id: String,
    },
    /// There is a kept Group with this id and these names; its members stay.
    PutGroup {
        /// The SCIM id.
        id: String,
        /// As the client wrote it.
        display_name: String,
        /// The client's own id of it.
        external_id: Option<String>,
        /// When it was made, or changed.
        at: Timestamp,
    },
    /// There is no such kept Group any more; its members go with it, its kept attributes do not.
    RemoveGroup {
        /// The SCIM id.
        id: String,
    },
    /// These are in the Group too. [`Error::Missing`](super::Error) when there is no such Group.
    AddMembers {
        /// The Group's SCIM id.
        group: String,
        /// Who.
        members: Vec<Member>,
        /// When.
        at: Timestamp,
    },
    /// These are not in the Group.
    RemoveMembers {
        /// The Group's SCIM id.
        group: String,
        /// Who.
        members: Vec<Member>,
        /// When.
        at: Timestamp,
    },
    /// These and nobody else are in the Group; only the difference is written.
    /// [`Error::Missing`](super::Error) when there is no such Group.
    SetMembers {
        /// The Group's SCIM id.
        group: String,
        /// Who.
        members: BTreeSet<Member>,
        /// When.
        at: Timestamp,
    },
    /// The journal has this entry too, as the last of its resource.
    Enter(Entry),
    /// The entry of this number is now at this stage: its intent and its place stay.
    /// [`Error::Missing`](super::Error) when there is none, or when it settles: somebody has brought it to its end
    /// meanwhile, and who was at work on it must not bring it back.
    Amend(Entry),
    /// The client of an entry that waits is told that it is done. [`Error::Missing`](super::Error) when there is none
    /// that waits: it has come to its end meanwhile.
    Acknowledge {
        /// The resource's SCIM id.
        id: String,
        /// The entry's number.
        number: String,
    },
    /// The journal has no entry of this number any more.
    Strike {
        /// The entry's number.
        number: String,
    },
    /// What is watched under this name was written so, as the last of what is kept of it. Nothing is kept of what is not
    /// watched.
    Done {
        /// The lease's name.
        name: String,
        /// What the client asked for, or in words of the caller's that nobody knows how much of it was carried out.
        intent: Value,
        /// It says all there is to say: what was kept before goes.
        whole: bool,
    },
    /// Nothing is kept any more of what was done so far: something was done of which no more is known than that.
    Forget {
        /// The lease's name.
        name: String,
    },
    /// It was looked at what was done, after so many reports of calls that had left late. Nobody watches it any more if it
    /// was `over` by then, and nobody has reported since.
    Looked {
        /// The lease's name.
        name: String,
        /// As [`Watch`](super::Watch) has it.
        reports: u64,
        /// The same.
        over: bool,
    },
    /// This id counts since this instant, unless it counts already. [`Clash::Guard`](super::Clash) when it does not, and
    /// as many others of the tenant do as may.
    Count {
        /// The SCIM id.
        id: String,
        /// How many of the tenant may count at once, whatever their kind.
        most: u64,
        /// What counts since this instant or an earlier one counts no more.
        after: Timestamp,
        /// Since when.
        at: Timestamp,
    },
    /// Somebody was refused to be counted. One that was refused before keeps its instant until there is room again.
    Trip {
        /// When. What counts since later is of a clock that was put back since, and counts since then.
        at: Timestamp,
    },
    /// Nothing of the tenant counts any more.
    Release,
    /// This one is in no Group of the kind any more.
    LeaveGroups {
        /// Who.
        member: Member,
        /// When.
        at: Timestamp,
    },
}

/// What version a write builds upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there.
    Any,
    /// This one, as [`Held::version`](super::Held) says it; 0: nothing was ever written.
    Version(u64),
}

/// Changes of one tenant that are all made or none. Given by value, so that a write goes on to its
/// end when its caller has gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Whose.
    pub tenant: Arc<str>,
    /// The lease that its writer has; [`Clash::Lease`](super::Clash) when that is another's by now.
    pub holding: Option<Lease>,
    /// Kind, id and version that must be there before the first change.
    pub expected: Vec<(Arc<str>, String, Expected)>,
    /// Kind and change, made in this order.
    pub changes: Vec<(Arc<str>, Change)>,
}

impl Batch {
    /// No changes yet.
    pub fn new(tenant: impl Into<Arc<str>>) -> Self {
        Self { tenant: tenant.into(), holding: None, expected: vec![], changes: vec![] }
    }

    /// Only while this lease is its writer's.
    #[must_use]
    pub fn holding(mut self, lease: Option<Lease>) -> Self {
        self.holding = lease;
        self
    }

    /// Only if this id has this version: [`Clash::Version`](super::Clash) otherwise.
    #[must_use]
    pub fn expect(mut self, kind: impl Into<Arc<str>>, id: &str, expected: Expected) -> Self {
        self.expected.push((kind.into(), id.to_owned(), expected));
        self
    }

    /// With one change more.
    #[must_use]
    pub fn with(mut self, kind: impl Into<Arc<str>>, change: Change) -> Self {
        self.changes.push((kind.into(), change));
        self
    }
}

/// What a batch did, when it can no longer be lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Rows that were added, changed or deleted, those that hold versions and stamps among them.
    pub rows: u64,
    /// The new version of every kind and id that the batch changed.
    pub versions: BTreeMap<(Arc<str>, String), u64>,
}

impl Receipt {
    /// The new version of this id; nothing when the batch changed nothing of it.
    pub fn version(&self, kind: &str, id: &str) -> Option<u64> {
        self.versions.get(&(kind.into(), id.to_owned())).copied()
    }
}
