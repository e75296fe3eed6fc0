//! Tombstones.

use super::{
    super::values::instant,
    super::{
        error::Error,
        rows::{Scope, Tombstone},
    },
    work::Work,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::{collections::BTreeMap, sync::Arc};

/// See [`Change::Bury`](super::super::Change).
pub fn bury(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    values: &BTreeMap<String, String>,
    at: Timestamp,
) -> Result<(), Error> {
    let mut rows = work.run(
        "INSERT INTO resource (tenant, kind, id, gone_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (tenant, kind, id) DO UPDATE SET gone_at = excluded.gone_at
         WHERE gone_at IS NULL",
        (work.tenant, kind, id, at.as_millisecond()),
    )?;
    rows += forget_values(work, kind, id)?;
    for (attribute, value) in values {
        rows += work.run(
            "INSERT INTO gone_value (tenant, kind, id, attribute, value)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (work.tenant, kind, id, attribute, value),
        )?;
    }
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Lift`](super::super::Change).
pub fn lift(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let mut rows = work.run(
        "UPDATE resource SET gone_at = NULL
         WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND gone_at IS NOT NULL",
        (work.tenant, kind, id),
    )?;
    rows += forget_values(work, kind, id)?;
    work.touch(kind, id, rows);
    Ok(())
}

fn forget_values(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<usize, Error> {
    work.run(
        "DELETE FROM gone_value WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        (work.tenant, kind, id),
    )
}

/// See [`Store::gone_with`](super::super::Store::gone_with).
pub fn with(
    connection: &Connection,
    scope: &Scope,
    attribute: &str,
    value: &str,
) -> Result<Vec<Tombstone>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, vendor_key, gone_at FROM gone_value JOIN resource USING (tenant, kind, id)
         WHERE tenant = ?1 AND kind = ?2 AND attribute = ?3 AND value = ?4
         ORDER BY gone_at DESC, id",
    )?;
    let rows = statement.query_map((&scope.tenant, &scope.kind, attribute, value), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.map(|row| {
        let (id, vendor_key, gone) = row?;
        Ok(Tombstone { id, vendor_key, gone: instant(gone)? })
    })
    .collect()
}

/// The values by which one that is gone is known.
pub fn values(
    connection: &Connection,
    scope: &Scope,
    id: &str,
) -> Result<BTreeMap<String, String>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT attribute, value FROM gone_value WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let rows = statement
        .query_map((&scope.tenant, &scope.kind, id), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
