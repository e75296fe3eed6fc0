//! Kept Groups, without their members.

use super::{
    super::values::{bounds, instant, number},
    super::{
        error::Error,
        rows::{Group, GroupName, Page, Scope, fold},
    },
    work::Work,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::sync::Arc;

/// See [`Change::PutGroup`](super::super::Change).
pub fn put(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    display_name: &str,
    external_id: Option<&str>,
    at: Timestamp,
) -> Result<(), Error> {
    let (folded, at) = (fold(display_name), at.as_millisecond());
    let rows = work.run(
        "INSERT INTO kept_group (tenant, kind, id, display_name, display_folded, external_id,
           created_at, modified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
         ON CONFLICT (tenant, kind, id) DO UPDATE SET
           display_name = excluded.display_name, display_folded = excluded.display_folded,
           external_id = excluded.external_id, modified_at = excluded.modified_at
         WHERE display_name <> excluded.display_name
           OR external_id IS NOT excluded.external_id",
        (work.tenant, kind, id, display_name, folded, external_id, at),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::RemoveGroup`](super::super::Change).
pub fn remove(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    // Said here and not left to the foreign key, so that the rows are counted.
    let mut rows = work.run(
        "DELETE FROM member WHERE tenant = ?1 AND kind = ?2 AND group_id = ?3",
        (work.tenant, kind, id),
    )?;
    rows += work.run(
        "DELETE FROM kept_group WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        (work.tenant, kind, id),
    )?;
    work.touch(kind, id, rows);
    Ok(())
}

/// Notes on the Group that `rows` of its members changed.
pub fn stamp(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    rows: usize,
    at: Timestamp,
) -> Result<(), Error> {
    if rows > 0 {
        work.run(
            "UPDATE kept_group SET modified_at = ?4 WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
            (work.tenant, kind, id, at.as_millisecond()),
        )?;
        work.touch(kind, id, rows);
    }
    Ok(())
}

/// See [`Store::group`](super::super::Store::group).
pub fn one(connection: &Connection, scope: &Scope, id: &str) -> Result<Option<Group>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT g.id, display_name, external_id, created_at, modified_at, coalesce(version, 0)
         FROM kept_group AS g LEFT JOIN resource USING (tenant, kind, id)
         WHERE g.tenant = ?1 AND g.kind = ?2 AND g.id = ?3",
    )?;
    let row = statement.query_row((&scope.tenant, &scope.kind, id), bare).optional()?;
    row.map(whole).transpose()
}

/// See [`Store::groups`](super::super::Store::groups).
pub fn list(
    connection: &Connection,
    scope: &Scope,
    named: &GroupName,
    page: &Page,
) -> Result<Vec<Group>, Error> {
    let (index, name, value) = term(named);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT g.id, display_name, external_id, created_at, modified_at, coalesce(version, 0)
         FROM kept_group AS g {index} LEFT JOIN resource USING (tenant, kind, id)
         WHERE g.tenant = ?1 AND g.kind = ?2 AND {name} = ?3 AND g.id > ?4
         ORDER BY g.id LIMIT ?5 OFFSET ?6"
    ))?;
    let (after, limit, skip) = bounds(page);
    let values = (&scope.tenant, &scope.kind, value, after, limit, skip);
    let rows = statement.query_map(values, bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::count_groups`](super::super::Store::count_groups).
pub fn count(connection: &Connection, scope: &Scope, named: &GroupName) -> Result<u64, Error> {
    let (index, name, value) = term(named);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT count(*) FROM kept_group AS g {index} WHERE tenant = ?1 AND kind = ?2 AND {name} = ?3"
    ))?;
    let count = statement.query_row((&scope.tenant, &scope.kind, value), |row| row.get(0))?;
    number(count)
}

/// The index to go by, the column that is asked for, and its value. Without the index said SQLite
/// walks all Groups in the order of their ids: it cannot know how few have the name.
fn term(named: &GroupName) -> (&'static str, &'static str, String) {
    match named {
        GroupName::Any => ("", "''", String::new()),
        GroupName::Display(name) => ("INDEXED BY kept_group_name", "g.display_folded", fold(name)),
        GroupName::External(id) => ("INDEXED BY kept_group_external", "g.external_id", id.clone()),
    }
}

/// Columns of a Group, as [`bare`] reads them.
pub type Bare = (String, String, Option<String>, i64, i64, i64);

/// Reads the columns.
pub fn bare(row: &Row<'_>) -> rusqlite::Result<Bare> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

/// The Group of the columns.
pub fn whole(bare: Bare) -> Result<Group, Error> {
    let (id, display_name, external_id, created, modified, version) = bare;
    let (created, modified) = (instant(created)?, instant(modified)?);
    Ok(Group { id, display_name, external_id, created, modified, version: number(version)? })
}
