//! The guard: who was counted lately. Batches that count, or let go of what was, wait for each other by a lock of the
//! tenant's, so that two replicas never take the last place both.

use super::{
    super::{
        error::{Clash, Error},
        rows::Tally,
        values::{instant, number},
    },
    read::Reader,
    work::Work,
};
use jiff::Timestamp;
use std::sync::Arc;

/// See [`Change::Count`](super::super::Change).
pub async fn count(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    most: u64,
    after: Timestamp,
    at: Timestamp,
) -> Result<(), Error> {
    let (after, at) = (after.as_millisecond(), at.as_millisecond());
    let there = work
        .query(
            kind,
            "SELECT (SELECT count(*) FROM guard WHERE tenant = $1 AND counted_at > $4),
               EXISTS (SELECT FROM guard
                 WHERE tenant = $1 AND kind = $2 AND id = $3 AND counted_at > $4)",
            &[&id, &after],
        )
        .await?;
    let (counted, counts) = match there.first() {
        Some(row) => (number(row.try_get(0)?)?, row.try_get(1)?),
        None => (0, false),
    };
    if counts {
        return Ok(());
    }
    if counted >= most {
        return Err(Error::Conflict(Clash::Guard));
    }
    let old = "DELETE FROM guard WHERE tenant = $1 AND counted_at <= $2";
    work.run_over_kinds(old, &[&after]).await?;
    let insert = "INSERT INTO guard (tenant, kind, id, counted_at) VALUES ($1, $2, $3, $4)";
    work.run(kind, insert, &[&id, &at]).await?;
    work.run_over_kinds(UNTRIP, &[]).await?;
    Ok(())
}

const UNTRIP: &str = "DELETE FROM guard_trip WHERE tenant = $1";

/// See [`Change::Trip`](super::super::Change).
pub async fn trip(work: &mut Work<'_>, at: Timestamp) -> Result<(), Error> {
    let at = at.as_millisecond();
    let since = "INSERT INTO guard_trip (tenant, since) VALUES ($1, $2)
         ON CONFLICT (tenant) DO NOTHING";
    work.run_over_kinds(since, &[&at]).await?;
    let later = "UPDATE guard SET counted_at = $2 WHERE tenant = $1 AND counted_at > $2";
    work.run_over_kinds(later, &[&at]).await?;
    Ok(())
}

/// See [`Change::Release`](super::super::Change).
pub async fn release(work: &mut Work<'_>) -> Result<(), Error> {
    work.run_over_kinds("DELETE FROM guard WHERE tenant = $1", &[]).await?;
    work.run_over_kinds(UNTRIP, &[]).await?;
    Ok(())
}

/// See [`Store::tally`](super::super::Store::tally).
pub async fn tally(reader: Reader, tenant: String, after: Timestamp) -> Result<Tally, Error> {
    let statement =
        "SELECT count(*), min(counted_at), (SELECT since FROM guard_trip WHERE tenant = $1)
         FROM guard WHERE tenant = $1 AND counted_at > $2";
    let rows = reader.query(statement, &[&tenant, &after.as_millisecond()]).await?;
    let Some(row) = rows.first() else { return Ok(Tally::default()) };
    Ok(Tally {
        counted: number(row.try_get(0)?)?,
        oldest: row.try_get::<_, Option<i64>>(1)?.map(instant).transpose()?,
        tripped: row.try_get::<_, Option<i64>>(2)?.map(instant).transpose()?,
    })
}
