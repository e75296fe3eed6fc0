//! One batch: what it expects, its changes, and the versions that they raise.

use super::{
    super::{
        change::{Batch, Change, Expected, Receipt},
        error::{Clash, Error},
    },
    groups, guard, journal, kept, leases, links, marks, members, outsiders, tombstones, watches,
    work::Work,
};
use deadpool_postgres::Transaction;
use std::sync::Arc;

/// Makes the batch of this replica; its locks are held. A failure leaves the transaction unusable.
pub async fn make(
    transaction: &Transaction<'_>,
    replica: &str,
    batch: &Batch,
) -> Result<Receipt, Error> {
    if let Some(lease) = &batch.holding
        && !leases::held(transaction, replica, lease).await?
    {
        return Err(Error::Conflict(Clash::Lease));
    }
    let mut work = Work::new(transaction, &batch.tenant);
    for (kind, id, expected) in &batch.expected {
        if let Expected::Version(wanted) = expected
            && work.version(kind, id).await? != *wanted
        {
            return Err(Error::Conflict(Clash::Version));
        }
    }
    for (kind, change) in &batch.changes {
        one(&mut work, kind, change).await?;
    }
    work.raise().await
}

async fn one(work: &mut Work<'_>, kind: &Arc<str>, change: &Change) -> Result<(), Error> {
    match change {
        Change::Link { id, vendor_key } => links::link(work, kind, id, vendor_key).await,
        Change::Unlink { id } => links::unlink(work, kind, id).await,
        Change::Mark(mark) => marks::put(work, kind, mark).await,
        Change::Unmark { name } => marks::remove(work, kind, name).await,
        Change::Keep { id, path, value } => kept::keep(work, kind, id, path, value).await,
        Change::Unkeep { id, path } => kept::unkeep(work, kind, id, path).await,
        Change::UnkeepAll { id } => kept::unkeep_all(work, kind, id).await,
        Change::Bury { id, values, at } => tombstones::bury(work, kind, id, values, *at).await,
        Change::Lift { id } => tombstones::lift(work, kind, id).await,
        Change::Outside { id, said, values, owed } => {
            outsiders::put(work, kind, id, said, values, *owed).await
        }
        Change::Inside { id } => outsiders::remove(work, kind, id).await,
        Change::PutGroup { id, display_name, external_id, at } => {
            groups::put(work, kind, id, display_name, external_id.as_deref(), *at).await
        }
        Change::RemoveGroup { id } => groups::remove(work, kind, id).await,
        Change::AddMembers { group, members, at } => {
            members::add(work, kind, group, members, *at).await
        }
        Change::RemoveMembers { group, members, at } => {
            members::remove(work, kind, group, members, *at).await
        }
        Change::SetMembers { group, members, at } => {
            members::set(work, kind, group, members, *at).await
        }
        Change::Enter(entry) => journal::enter(work, entry).await,
        Change::Amend(entry) => journal::amend(work, entry).await,
        Change::Acknowledge { number, .. } => journal::acknowledge(work, kind, number).await,
        Change::Strike { number } => journal::strike(work, kind, number).await,
        Change::Done { name, intent, whole } => watches::done(work, name, intent, *whole).await,
        Change::Forget { name } => watches::forget(work, name).await,
        Change::Looked { name, reports, over } => {
            watches::looked(work, name, *reports, *over).await
        }
        Change::Count { id, most, after, at } => {
            guard::count(work, kind, id, *most, *after, *at).await
        }
        Change::Trip { at } => guard::trip(work, *at).await,
        Change::Release => guard::release(work).await,
        Change::LeaveGroups { member, at } => members::leave(work, kind, member, *at).await,
    }
}
