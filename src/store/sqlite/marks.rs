//! Marks: which records are ours.

use super::{
    super::values::instant,
    super::{
        error::Error,
        rows::{Mark, Scope, State},
    },
    work::Work,
};
use rusqlite::{Connection, OptionalExtension, Row};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// See [`Change::Mark`](super::super::Change).
pub fn put(work: &mut Work<'_>, kind: &Arc<str>, mark: &Mark) -> Result<(), Error> {
    let Mark { name, state, vendor_key, values, since } = mark;
    work.run(
        "INSERT INTO mark (tenant, kind, name, state, vendor_key, since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (tenant, kind, name) DO UPDATE SET
           state = excluded.state, vendor_key = excluded.vendor_key, since = excluded.since",
        (work.tenant, kind, name, state.word(), vendor_key, since.as_millisecond()),
    )?;
    work.run(
        "DELETE FROM mark_value WHERE tenant = ?1 AND kind = ?2 AND name = ?3",
        (work.tenant, kind, name),
    )?;
    for (attribute, value) in values {
        work.run(
            "INSERT INTO mark_value (tenant, kind, name, attribute, value)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (work.tenant, kind, name, attribute, value),
        )?;
    }
    Ok(())
}

/// See [`Change::Unmark`](super::super::Change). Its values go with it.
pub fn remove(work: &mut Work<'_>, kind: &Arc<str>, name: &str) -> Result<(), Error> {
    work.run(
        "DELETE FROM mark WHERE tenant = ?1 AND kind = ?2 AND name = ?3",
        (work.tenant, kind, name),
    )?;
    Ok(())
}

/// See [`Store::marks`](super::super::Store::marks).
pub fn of_keys(
    connection: &Connection,
    scope: &Scope,
    keys: Vec<String>,
) -> Result<HashMap<String, Mark>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name, state, vendor_key, since FROM mark
         WHERE tenant = ?1 AND kind = ?2 AND vendor_key = ?3",
    )?;
    let mut found = HashMap::with_capacity(keys.len());
    for key in keys {
        let row = statement.query_row((&scope.tenant, &scope.kind, &key), bare).optional()?;
        if let Some(row) = row {
            found.insert(key, whole(connection, scope, row)?);
        }
    }
    Ok(found)
}

/// See [`Store::marks_with`](super::super::Store::marks_with).
pub fn with(
    connection: &Connection,
    scope: &Scope,
    attribute: &str,
    value: &str,
) -> Result<Vec<Mark>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name, state, vendor_key, since FROM mark_value JOIN mark USING (tenant, kind, name)
         WHERE tenant = ?1 AND kind = ?2 AND attribute = ?3 AND value = ?4
         ORDER BY since, name",
    )?;
    let rows = statement.query_map((&scope.tenant, &scope.kind, attribute, value), bare)?;
    rows.map(|row| whole(connection, scope, row?)).collect()
}

/// The mark of this name, which is there.
pub fn named(connection: &Connection, scope: &Scope, name: &str) -> Result<Mark, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name, state, vendor_key, since FROM mark
         WHERE tenant = ?1 AND kind = ?2 AND name = ?3",
    )?;
    let row = statement.query_row((&scope.tenant, &scope.kind, name), bare)?;
    whole(connection, scope, row)
}

type Bare = (String, String, Option<String>, i64);

fn bare(row: &Row<'_>) -> rusqlite::Result<Bare> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

/// The mark with its values.
fn whole(connection: &Connection, scope: &Scope, bare: Bare) -> Result<Mark, Error> {
    let (name, state, vendor_key, since) = bare;
    let mut statement = connection.prepare_cached(
        "SELECT attribute, value FROM mark_value
         WHERE tenant = ?1 AND kind = ?2 AND name = ?3",
    )?;
    let values = statement
        .query_map((&scope.tenant, &scope.kind, &name), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let values = values.collect::<Result<BTreeMap<_, _>, _>>()?;
    let state = State::of_word(&state)
        .ok_or_else(|| Error::Corrupt("a mark is in no state that is known".to_owned()))?;
    let since = instant(since)?;
    Ok(Mark { name, state, vendor_key, values, since })
}
