//! The guard: who was counted lately.

use super::{
    super::{
        error::{Clash, Error},
        rows::Tally,
        values::{instant, number},
    },
    work::Work,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;

/// See [`Change::Count`](super::super::Change).
pub fn count(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    most: u64,
    after: Timestamp,
    at: Timestamp,
) -> Result<(), Error> {
    let after = after.as_millisecond();
    let mut counts = work.connection.prepare_cached(
        "SELECT 1 FROM guard WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND counted_at > ?4",
    )?;
    if counts.exists((work.tenant, kind, id, after))? {
        return Ok(());
    }
    let mut others = work
        .connection
        .prepare_cached("SELECT count(*) FROM guard WHERE tenant = ?1 AND counted_at > ?2")?;
    if number(others.query_row((work.tenant, after), |row| row.get(0))?)? >= most {
        return Err(Error::Conflict(Clash::Guard));
    }
    work.run("DELETE FROM guard WHERE tenant = ?1 AND counted_at <= ?2", (work.tenant, after))?;
    work.run(
        "INSERT INTO guard (tenant, kind, id, counted_at) VALUES (?1, ?2, ?3, ?4)",
        (work.tenant, kind, id, at.as_millisecond()),
    )?;
    work.run("DELETE FROM guard_trip WHERE tenant = ?1", (work.tenant,))?;
    Ok(())
}

/// See [`Change::Trip`](super::super::Change).
pub fn trip(work: &mut Work<'_>, at: Timestamp) -> Result<(), Error> {
    let at = at.as_millisecond();
    work.run(
        "INSERT INTO guard_trip (tenant, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        (work.tenant, at),
    )?;
    work.run(
        "UPDATE guard SET counted_at = ?2 WHERE tenant = ?1 AND counted_at > ?2",
        (work.tenant, at),
    )?;
    Ok(())
}

/// See [`Change::Release`](super::super::Change).
pub fn release(work: &mut Work<'_>) -> Result<(), Error> {
    work.run("DELETE FROM guard WHERE tenant = ?1", (work.tenant,))?;
    work.run("DELETE FROM guard_trip WHERE tenant = ?1", (work.tenant,))?;
    Ok(())
}

/// See [`Store::tally`](super::super::Store::tally).
pub fn tally(connection: &Connection, tenant: &str, after: Timestamp) -> Result<Tally, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*), min(counted_at), (SELECT since FROM guard_trip WHERE tenant = ?1)
         FROM guard WHERE tenant = ?1 AND counted_at > ?2",
    )?;
    let (counted, oldest, tripped): (i64, Option<i64>, Option<i64>) = statement
        .query_row((tenant, after.as_millisecond()), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    Ok(Tally {
        counted: number(counted)?,
        oldest: oldest.map(instant).transpose()?,
        tripped: tripped.map(instant).transpose()?,
    })
}
