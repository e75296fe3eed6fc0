//! Links, and all that is held of an id.

use super::{
    super::values::{bounds, instant, number},
    super::{
        error::Error,
        rows::{Held, Link, Page, Scope},
    },
    kept,
    work::Work,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension};
use std::{collections::HashMap, sync::Arc};

/// See [`Change::Link`](super::super::Change).
pub fn link(work: &mut Work<'_>, kind: &Arc<str>, id: &str, key: &str) -> Result<(), Error> {
    let rows = work.run(
        "INSERT INTO resource (tenant, kind, id, vendor_key) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (tenant, kind, id) DO UPDATE SET vendor_key = excluded.vendor_key
         WHERE vendor_key IS NOT excluded.vendor_key",
        (work.tenant, kind, id, key),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Unlink`](super::super::Change).
pub fn unlink(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let rows = work.run(
        "UPDATE resource SET vendor_key = NULL
         WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND vendor_key IS NOT NULL",
        (work.tenant, kind, id),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Store::held`](super::super::Store::held).
pub fn held(
    connection: &Connection,
    scope: &Scope,
    ids: Vec<String>,
) -> Result<HashMap<String, Held>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT version, vendor_key, gone_at, EXISTS (SELECT 1 FROM outsider AS o
           WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id)
         FROM resource AS r WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
    )?;
    let mut found = HashMap::with_capacity(ids.len());
    for id in ids {
        let row = statement.query_row((&scope.tenant, &scope.kind, &id), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?, row.get(3)?))
        });
        let Some((version, vendor_key, gone, outside)) = row.optional()? else { continue };
        let gone = gone.map(instant).transpose()?;
        let kept = kept::of(connection, scope, &id)?;
        found.insert(id, Held { version: number(version)?, vendor_key, gone, outside, kept });
    }
    Ok(found)
}

/// See [`Store::ids`](super::super::Store::ids).
pub fn ids(
    connection: &Connection,
    scope: &Scope,
    keys: Vec<String>,
) -> Result<HashMap<String, String>, Error> {
    let mut there = connection.prepare_cached(
        "SELECT id FROM resource
         WHERE tenant = ?1 AND kind = ?2 AND vendor_key = ?3 AND gone_at IS NULL",
    )?;
    let mut gone = connection.prepare_cached(
        "SELECT id FROM resource
         WHERE tenant = ?1 AND kind = ?2 AND vendor_key = ?3 AND gone_at IS NOT NULL
         ORDER BY gone_at DESC, id LIMIT 1",
    )?;
    let mut found = HashMap::with_capacity(keys.len());
    for key in keys {
        let of = |statement: &mut CachedStatement<'_>| {
            statement.query_row((&scope.tenant, &scope.kind, &key), |row| row.get(0)).optional()
        };
        let id = match of(&mut there)? {
            None => of(&mut gone)?,
            there => there,
        };
        found.extend(id.map(|id| (key, id)));
    }
    Ok(found)
}

/// See [`Store::links`](super::super::Store::links).
pub fn list(connection: &Connection, scope: &Scope, page: &Page) -> Result<Vec<Link>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT id, vendor_key FROM resource AS r
         WHERE tenant = ?1 AND kind = ?2 AND id > ?3
           AND vendor_key IS NOT NULL AND gone_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM outsider AS o
             WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id)
         ORDER BY id LIMIT ?4 OFFSET ?5",
    )?;
    let (after, limit, skip) = bounds(page);
    let rows = statement.query_map((&scope.tenant, &scope.kind, after, limit, skip), |row| {
        Ok(Link { id: row.get(0)?, vendor_key: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// See [`Store::count_links`](super::super::Store::count_links).
pub fn count(connection: &Connection, scope: &Scope) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM resource AS r
         WHERE tenant = ?1 AND kind = ?2 AND vendor_key IS NOT NULL AND gone_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM outsider AS o
             WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id)",
    )?;
    number(statement.query_row((&scope.tenant, &scope.kind), |row| row.get(0))?)
}
