//! Who is not the vendor's business: what was said of them, and by which values they are found.

use super::{
    super::values::{bounds, number},
    super::{
        error::Error,
        rows::{Outsider, Page, Scope},
    },
    work::Work,
};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// See [`Change::Outside`](super::super::Change).
pub fn put(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    said: &Value,
    values: &BTreeMap<String, String>,
    owed: bool,
) -> Result<(), Error> {
    let mut rows = work.run(
        "INSERT INTO outsider (tenant, kind, id, said, owed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (tenant, kind, id) DO UPDATE SET said = excluded.said, owed = excluded.owed
         WHERE said <> excluded.said OR owed <> excluded.owed",
        (work.tenant, kind, id, said.to_string(), owed),
    )?;
    // They are a part of what was said: without a change of it these stay as they are.
    if rows > 0 {
        rows += forget_values(work, kind, id)?;
        for (attribute, value) in values {
            rows += work.run(
                "INSERT INTO outsider_value (tenant, kind, id, attribute, value)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                (work.tenant, kind, id, attribute, value),
            )?;
        }
    }
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Inside`](super::super::Change).
pub fn remove(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    // Said here and not left to the foreign key, so that the rows are counted.
    let mut rows = forget_values(work, kind, id)?;
    rows += work.run(
        "DELETE FROM outsider WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        (work.tenant, kind, id),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

fn forget_values(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<usize, Error> {
    work.run(
        "DELETE FROM outsider_value WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        (work.tenant, kind, id),
    )
}

/// See [`Store::outsider`](super::super::Store::outsider).
pub fn one(connection: &Connection, scope: &Scope, id: &str) -> Result<Option<Outsider>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id, r.vendor_key, o.said, o.owed FROM outsider AS o
         LEFT JOIN resource AS r USING (tenant, kind, id)
         WHERE o.tenant = ?1 AND o.kind = ?2 AND o.id = ?3",
    )?;
    let found = statement.query_row((&scope.tenant, &scope.kind, id), bare).optional()?;
    found.map(whole).transpose()
}

/// See [`Store::outsiders`](super::super::Store::outsiders).
pub fn list(connection: &Connection, scope: &Scope, page: &Page) -> Result<Vec<Outsider>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT o.id, r.vendor_key, o.said, o.owed FROM outsider AS o
         LEFT JOIN resource AS r USING (tenant, kind, id)
         WHERE o.tenant = ?1 AND o.kind = ?2 AND o.id > ?3
         ORDER BY o.id LIMIT ?4 OFFSET ?5",
    )?;
    let (after, limit, skip) = bounds(page);
    let rows = statement.query_map((&scope.tenant, &scope.kind, after, limit, skip), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::count_outsiders`](super::super::Store::count_outsiders).
pub fn count(connection: &Connection, scope: &Scope) -> Result<u64, Error> {
    let mut statement = connection
        .prepare_cached("SELECT count(*) FROM outsider WHERE tenant = ?1 AND kind = ?2")?;
    number(statement.query_row((&scope.tenant, &scope.kind), |row| row.get(0))?)
}

/// See [`Store::outsiders_with`](super::super::Store::outsiders_with).
pub fn with(
    connection: &Connection,
    scope: &Scope,
    attribute: &str,
    value: &str,
) -> Result<Vec<Outsider>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT v.id, r.vendor_key, o.said, o.owed FROM outsider_value AS v
         CROSS JOIN outsider AS o USING (tenant, kind, id)
         LEFT JOIN resource AS r USING (tenant, kind, id)
         WHERE v.tenant = ?1 AND v.kind = ?2 AND v.attribute = ?3 AND v.value = ?4
         ORDER BY v.id",
    )?;
    let rows = statement.query_map((&scope.tenant, &scope.kind, attribute, value), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// The columns of one, as they stand there.
type Bare = (String, Option<String>, String, bool);

fn bare(row: &Row<'_>) -> rusqlite::Result<Bare> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn whole((id, vendor_key, said, owed): Bare) -> Result<Outsider, Error> {
    // serde's words would repeat the value.
    let said = serde_json::from_str(&said)
        .map_err(|_| Error::Corrupt("what was said of an outsider is no json".to_owned()))?;
    Ok(Outsider { id, vendor_key, said, owed })
}
