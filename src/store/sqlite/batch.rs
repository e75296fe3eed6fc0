//! One batch: what it expects, its changes, and the versions that they raise.

use super::{
    super::{
        change::{Batch, Change, Expected, Receipt},
        error::{Clash, Error},
    },
    groups, guard, journal, kept, links, marks, members, outsiders, tombstones,
    work::Work,
};
use rusqlite::Connection;
use std::sync::Arc;

/// Makes the batch so that its failure leaves the transaction as it was.
pub fn in_savepoint(connection: &Connection, batch: &Batch) -> Result<Receipt, Error> {
    let say = |statement: &str| connection.prepare_cached(statement)?.execute([]);
    say("SAVEPOINT batch")?;
    let made = apply(connection, batch);
    if made.is_err() && !connection.is_autocommit() {
        say("ROLLBACK TO batch")?;
    }
    if !connection.is_autocommit() {
        say("RELEASE batch")?;
    }
    made
}

/// Writes a row that says nothing, to see whether the disk takes it.
pub fn touch(connection: &Connection) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO meta (key, value) VALUES ('touched', '0')
         ON CONFLICT DO UPDATE SET value = CAST(value AS INTEGER) + 1",
    )?;
    statement.execute([])?;
    Ok(())
}

fn apply(connection: &Connection, batch: &Batch) -> Result<Receipt, Error> {
    let mut work = Work::new(connection, &batch.tenant);
    for (kind, id, expected) in &batch.expected {
        if let Expected::Version(wanted) = expected
            && work.version(kind, id)? != *wanted
        {
            return Err(Error::Conflict(Clash::Version));
        }
    }
    for (kind, change) in &batch.changes {
        make(&mut work, kind, change)?;
    }
    work.raise()
}

fn make(work: &mut Work<'_>, kind: &Arc<str>, change: &Change) -> Result<(), Error> {
    match change {
        Change::Link { id, vendor_key } => links::link(work, kind, id, vendor_key),
        Change::Unlink { id } => links::unlink(work, kind, id),
        Change::Mark(mark) => marks::put(work, kind, mark),
        Change::Unmark { name } => marks::remove(work, kind, name),
        Change::Keep { id, path, value } => kept::keep(work, kind, id, path, value),
        Change::Unkeep { id, path } => kept::unkeep(work, kind, id, path),
        Change::UnkeepAll { id } => kept::unkeep_all(work, kind, id),
        Change::Bury { id, values, at } => tombstones::bury(work, kind, id, values, *at),
        Change::Lift { id } => tombstones::lift(work, kind, id),
        Change::Outside { id, said, values, owed } => {
            outsiders::put(work, kind, id, said, values, *owed)
        }
        Change::Inside { id } => outsiders::remove(work, kind, id),
        Change::PutGroup { id, display_name, external_id, at } => {
            groups::put(work, kind, id, display_name, external_id.as_deref(), *at)
        }
        Change::RemoveGroup { id } => groups::remove(work, kind, id),
        Change::AddMembers { group, members, at } => members::add(work, kind, group, members, *at),
        Change::RemoveMembers { group, members, at } => {
            members::remove(work, kind, group, members, *at)
        }
        Change::SetMembers { group, members, at } => members::set(work, kind, group, members, *at),
        Change::Enter(entry) => journal::enter(work, entry),
        Change::Amend(entry) => journal::amend(work, entry),
        Change::Acknowledge { number, .. } => journal::acknowledge(work, number),
        Change::Strike { number } => journal::strike(work, number),
        // Nobody loses a lease to another process here, so nothing is watched.
        Change::Done { .. } | Change::Forget { .. } | Change::Looked { .. } => Ok(()),
        Change::Count { id, most, after, at } => guard::count(work, kind, id, *most, *after, *at),
        Change::Trip { at } => guard::trip(work, *at),
        Change::Release => guard::release(work),
        Change::LeaveGroups { member, at } => members::leave(work, kind, member, *at),
    }
}
