//! What a batch decides upon is locked before it decides.
//!
//! A statement that waits for another transaction's row goes on with what it saw before it waited (READ COMMITTED),
//! so nothing may be decided by a statement that may wait: the locks are taken by a statement of their own, and the
//! next one sees what was committed meanwhile. All of a round's are taken at once and in one order, so that two
//! replicas never wait for each other.

use super::super::{
    change::{Batch, Change},
    error::Error,
};
use deadpool_postgres::Transaction;
use std::collections::BTreeSet;

/// Between the parts of a name; it stands in no kind and no tenant's name.
const APART: char = '\u{1f}';

/// Takes the locks of all batches; they are let go with the transaction.
pub async fn take<'b>(
    transaction: &Transaction<'_>,
    batches: impl Iterator<Item = &'b Batch>,
) -> Result<(), Error> {
    let names: BTreeSet<String> = batches.flat_map(of).collect();
    if names.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = names.into_iter().collect();
    let statement = transaction
        .prepare_cached(
            "SELECT pg_advisory_xact_lock(number) FROM (
               SELECT DISTINCT hashtextextended(name, 0) AS number
               FROM unnest($1::text[]) AS name ORDER BY number OFFSET 0) AS numbers",
        )
        .await?;
    transaction.execute(&statement, &[&names]).await?;
    Ok(())
}

/// The names of what a batch decides upon.
fn of(batch: &Batch) -> Vec<String> {
    let name = |what: &str, kind: &str, id: &str| {
        format!("{}{APART}{kind}{APART}{what}{APART}{id}", batch.tenant)
    };
    let mut names = Vec::new();
    for (kind, id, _) in &batch.expected {
        names.push(name("id", kind, id));
    }
    for (kind, change) in &batch.changes {
        match change {
            Change::Link { id, vendor_key } => {
                names.extend([name("id", kind, id), name("key", kind, vendor_key)]);
            }
            Change::Mark(mark) => {
                names.push(name("mark", kind, &mark.name));
                names.extend(mark.vendor_key.iter().map(|key| name("marked", kind, key)));
            }
            Change::Unmark { name: mark } => names.push(name("mark", kind, mark)),
            Change::Enter(entry) | Change::Amend(entry) => names.push(name("id", kind, &entry.id)),
            Change::Strike { number } => names.push(name("entry", kind, number)),
            Change::Unlink { id }
            | Change::Acknowledge { id, .. }
            | Change::Keep { id, .. }
            | Change::Unkeep { id, .. }
            | Change::UnkeepAll { id }
            | Change::Bury { id, .. }
            | Change::Lift { id }
            | Change::Outside { id, .. }
            | Change::Inside { id }
            | Change::PutGroup { id, .. }
            | Change::RemoveGroup { id }
            | Change::AddMembers { group: id, .. }
            | Change::RemoveMembers { group: id, .. }
            | Change::SetMembers { group: id, .. } => names.push(name("id", kind, id)),
            // Its lease is its writer's.
            Change::Done { .. } | Change::Forget { .. } | Change::Looked { .. } => {}
            // All of a tenant's, of whichever kind, are counted together.
            Change::Count { .. } | Change::Trip { .. } | Change::Release => {
                names.push(name("guard", "", ""));
            }
            // Which Groups those are is only seen when it is made; who joins one meanwhile waits for its rows.
            Change::LeaveGroups { member, .. } => names.push(name("member", kind, &member.id)),
        }
    }
    names
}
