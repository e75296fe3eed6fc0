//! Kept attributes.

use super::{
    super::values::bounds,
    super::{
        error::Error,
        rows::{Page, Scope, Sought, fold},
    },
    work::Work,
};
use rusqlite::{CachedStatement, Connection};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// See [`Change::Keep`](super::super::Change).
pub fn keep(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    path: &str,
    value: &Value,
) -> Result<(), Error> {
    let rows = work.run(
        "INSERT INTO kept (tenant, kind, id, path, value, folded) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (tenant, kind, id, path) DO UPDATE SET
           value = excluded.value, folded = excluded.folded
         WHERE value <> excluded.value",
        (work.tenant, kind, id, path, value.to_string(), value.as_str().map(fold)),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Unkeep`](super::super::Change).
pub fn unkeep(work: &mut Work<'_>, kind: &Arc<str>, id: &str, path: &str) -> Result<(), Error> {
    let rows = work.run(
        "DELETE FROM kept WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND path = ?4",
        (work.tenant, kind, id, path),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::UnkeepAll`](super::super::Change).
pub fn unkeep_all(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let rows = work.run(
        "DELETE FROM kept WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        (work.tenant, kind, id),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// All kept attributes of one id.
pub fn of(
    connection: &Connection,
    scope: &Scope,
    id: &str,
) -> Result<BTreeMap<String, Value>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT path, value FROM kept WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let rows = statement.query_map((&scope.tenant, &scope.kind, id), |row| {
        Ok((row.get(0)?, row.get::<_, String>(1)?))
    })?;
    rows.map(|row| {
        let (path, text) = row?;
        // serde's words would repeat the value.
        let value = serde_json::from_str(&text)
            .map_err(|_| Error::Corrupt("a kept value is no json".to_owned()))?;
        Ok((path, value))
    })
    .collect()
}

/// See [`Store::keeping`](super::super::Store::keeping).
pub fn keeping(
    connection: &Connection,
    scope: &Scope,
    path: &str,
    is: &Sought,
    page: &Page,
) -> Result<Vec<String>, Error> {
    // The first terms are those of the indexes, word for word: SQLite takes them for nothing less.
    const EXACT: &str = "SELECT id FROM kept
         WHERE tenant = ?1 AND kind = ?2 AND path = ?3
           AND substr(value, 1, 1) NOT IN ('[', '{') AND value = ?4 AND id > ?5
           AND NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = kept.tenant
             AND r.kind = kept.kind AND r.id = kept.id AND r.gone_at IS NOT NULL)
         ORDER BY id LIMIT ?6 OFFSET ?7";
    const FOLDED: &str = "SELECT id FROM kept
         WHERE tenant = ?1 AND kind = ?2 AND path = ?3 AND folded = ?4 AND id > ?5
           AND NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = kept.tenant
             AND r.kind = kept.kind AND r.id = kept.id AND r.gone_at IS NOT NULL)
         ORDER BY id LIMIT ?6 OFFSET ?7";
    let (after, limit, skip) = bounds(page);
    let list = |mut statement: CachedStatement<'_>, value: String| {
        let values = (&scope.tenant, &scope.kind, path, value, after, limit, skip);
        let rows = statement.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    match is {
        Sought::Exact(value) => list(connection.prepare_cached(EXACT)?, value.to_string()),
        Sought::Folded(text) => list(connection.prepare_cached(FOLDED)?, fold(text)),
    }
}
