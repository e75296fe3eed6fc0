//! The one trait that every engine keeps.

use super::{
    change::{Batch, Receipt},
    entry::{Depth, Entry},
    error::Error,
    lease::Lease,
    rate::{Rate, Share},
    rows::{
        Group, GroupName, Held, Link, Mark, Member, Outsider, Page, Scope, Sought, Tally, Tombstone,
    },
    watch::Watch,
};
use jiff::Timestamp;
use std::{collections::HashMap, future::Future, pin::Pin, time::Duration};

/// A boxed future, so that `dyn Store` works.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What we hold, shared by all tenants. A read sees every write that was answered before it began.
/// What is asked for and not there is left out of the answer, and is no error.
pub trait Store: Send + Sync {
    /// Where it is, for the operator's log: its file.
    fn place(&self) -> &str;

    /// Makes all changes of the batch or none, and answers when they can no longer be lost. Other
    /// batches may be made with it at once; the failure of one is none of theirs. Dropping the
    /// future does not take the batch back.
    fn write(&self, batch: Batch) -> Pending<'_, Receipt>;

    /// What is held of these SCIM ids. An id of which nothing was ever written is left out.
    fn held(&self, scope: &Scope, ids: &[String]) -> Pending<'_, HashMap<String, Held>>;

    /// The SCIM ids of these vendor keys, by key: the one that is not gone, else the one that went
    /// last. Who goes on asking the vendor must not take what is gone for new.
    fn ids(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, String>>;

    /// The Links in the order of their ids; those that are gone, and those who are outside, left out.
    fn links(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Link>>;

    /// How many Links [`links`](Self::links) would list.
    fn count_links(&self, scope: &Scope) -> Pending<'_, u64>;

    /// The marks of these vendor keys, by key.
    fn marks(&self, scope: &Scope, vendor_keys: &[String]) -> Pending<'_, HashMap<String, Mark>>;

    /// The marks that have this value of this attribute, as it was given, the oldest first.
    fn marks_with(&self, scope: &Scope, attribute: &str, value: &str) -> Pending<'_, Vec<Mark>>;

    /// The ids whose kept attribute at `path` is what is sought, in order.
    fn keeping(
        &self,
        scope: &Scope,
        path: &str,
        is: Sought,
        page: Page,
    ) -> Pending<'_, Vec<String>>;

    /// The tombstones that have this value of this attribute, the newest first.
    fn gone_with(&self, scope: &Scope, attribute: &str, value: &str)
    -> Pending<'_, Vec<Tombstone>>;

    /// One of whom the vendor is not told.
    fn outsider(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Outsider>>;

    /// Those of whom the vendor is not told, in the order of their ids.
    fn outsiders(&self, scope: &Scope, page: Page) -> Pending<'_, Vec<Outsider>>;

    /// How many [`outsiders`](Self::outsiders) there are.
    fn count_outsiders(&self, scope: &Scope) -> Pending<'_, u64>;

    /// Those of them that have this value of this attribute, in the order of their ids.
    fn outsiders_with(
        &self,
        scope: &Scope,
        attribute: &str,
        value: &str,
    ) -> Pending<'_, Vec<Outsider>>;

    /// One kept Group.
    fn group(&self, scope: &Scope, id: &str) -> Pending<'_, Option<Group>>;

    /// The kept Groups of that name in the order of their ids.
    fn groups(&self, scope: &Scope, named: GroupName, page: Page) -> Pending<'_, Vec<Group>>;

    /// How many kept Groups there are of that name.
    fn count_groups(&self, scope: &Scope, named: GroupName) -> Pending<'_, u64>;

    /// The members of a kept Group that come after `after`, in order, at most `limit`.
    fn members(
        &self,
        scope: &Scope,
        group: &str,
        after: Option<&Member>,
        limit: u64,
    ) -> Pending<'_, Vec<Member>>;

    /// How many members a kept Group has.
    fn count_members(&self, scope: &Scope, group: &str) -> Pending<'_, u64>;

    /// The kept Groups of the scope's kind that each of these is in, in the order of their ids.
    fn groups_of(
        &self,
        scope: &Scope,
        members: &[Member],
    ) -> Pending<'_, HashMap<Member, Vec<Group>>>;

    /// The entries of the journal about one resource, dead letters too, in order.
    fn entries(&self, scope: &Scope, id: &str) -> Pending<'_, Vec<Entry>>;

    /// The entries of the journal about resources that have no SCIM id yet, dead letters too: those whose id begins
    /// with `~`.
    fn unborn(&self, scope: &Scope) -> Pending<'_, Vec<Entry>>;

    /// The first entry of each resource of a tenant that is no dead letter: those that are due first, at most `limit`. What
    /// another process is at work on is left out.
    fn due(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>>;

    /// All entries of a tenant, dead letters too, the oldest first.
    fn journal(&self, tenant: &str, skip: u64, limit: u64) -> Pending<'_, Vec<Entry>>;

    /// The entry of this number.
    fn entry(&self, tenant: &str, number: &str) -> Pending<'_, Option<Entry>>;

    /// The entries of a tenant that wait and were acknowledged, those of a resource in their order, at most `limit`.
    fn acknowledged(&self, tenant: &str, limit: u64) -> Pending<'_, Vec<Entry>>;

    /// How much there is in the journal of a tenant.
    fn depth(&self, tenant: &str) -> Pending<'_, Depth>;

    /// Takes the lease on a name of a tenant, against all other processes; nothing while another one that is alive has
    /// it. Within a process whoever asks has to see to it that nobody else does.
    fn claim(&self, tenant: &str, name: &str) -> Pending<'_, Option<Lease>>;

    /// Lets go of a lease, if nobody else has it by now.
    fn release(&self, lease: Lease) -> Pending<'_, ()>;

    /// Whether nobody else has had what a lease is on since it was taken.
    fn holds(&self, lease: &Lease) -> Pending<'_, bool>;

    /// Whether the leases that were taken are still ours, as far as this process can tell by its own clock. It asks
    /// nobody: a call leaves right after it.
    fn is_alive(&self) -> bool;

    /// The names of a tenant on which a process had a lease that is no more, and that nobody has taken since.
    fn left_behind(&self, tenant: &str) -> Pending<'_, Vec<String>>;

    /// Says that something has left for what this name stands for, of one who had lost the lease by then; false where it
    /// is not watched any more.
    fn report(&self, tenant: &str, name: &str) -> Pending<'_, bool>;

    /// The names of a tenant that are watched and to be looked at: something was reported, or the watch is over and what
    /// left in it has come, which takes no longer than `late`.
    fn looks(&self, tenant: &str, late: Duration) -> Pending<'_, Vec<String>>;

    /// What is watched under this name; nothing where nothing is.
    fn watch(&self, tenant: &str, name: &str, late: Duration) -> Pending<'_, Option<Watch>>;

    /// Says by which mapping this process serves a tenant, and counts the others that are alive and serve it by another
    /// one.
    fn serves(&self, tenant: &str, mapping: &str) -> Pending<'_, u64>;

    /// What of the tenant counts since later than `after`.
    fn tally(&self, tenant: &str, after: Timestamp) -> Pending<'_, Tally>;

    /// Takes so many, or fewer, of what all processes may do together in a time; nothing where no other process writes
    /// here, so that whoever asks may keep count by himself. What is taken and not used in its time lapses.
    fn share(&self, tenant: &str, rate: Rate, wanted: u32) -> Pending<'_, Option<Share>>;

    /// Nobody is given any of it for so long.
    fn close_share(&self, tenant: &str, rate: Rate, pause: Duration) -> Pending<'_, ()>;

    /// How many bytes it takes where it is.
    fn size(&self) -> Pending<'_, u64>;

    /// Whether it can be read and written now; the error says why not.
    fn health(&self) -> Pending<'_, ()>;

    /// Makes what was given, then lets go of everything. Later calls are
    /// [`Error::Unavailable`]; a second close is none.
    fn close(&self) -> Pending<'_, ()>;
}
