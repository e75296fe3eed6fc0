//! The journal: writes that were received and have not come to their end, in the order of each resource.

use super::{
    super::{
        entry::{Depth, Entry, Stage},
        error::Error,
        rows::Scope,
        values::{instant, number},
    },
    work::Work,
};
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::BTreeSet;

/// See [`Change::Enter`](super::super::Change).
pub fn enter(work: &mut Work<'_>, entry: &Entry) -> Result<(), Error> {
    let Entry { number, kind, id, seq: _, stage, durable, acknowledged, intent, .. } = entry;
    let Entry { accepted, due, planned, attempts, progress, error, .. } = entry;
    work.run(
        "INSERT INTO journal (number, tenant, kind, id, seq, state, durable, acknowledged, intent,
                              accepted_at, due_at, planned_at, attempts, progress, error)
         VALUES (?1, ?2, ?3, ?4,
                 (SELECT coalesce(max(seq), 0) + 1 FROM journal
                  WHERE tenant = ?2 AND kind = ?3 AND id = ?4),
                 ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        (
            number,
            work.tenant,
            kind,
            id,
            stage.word(),
            durable,
            acknowledged,
            intent.to_string(),
            accepted.as_millisecond(),
            due.as_millisecond(),
            planned.as_millisecond(),
            attempts,
            progress.to_string(),
            error,
        ),
    )?;
    Ok(())
}

/// See [`Change::Amend`](super::super::Change).
pub fn amend(work: &mut Work<'_>, entry: &Entry) -> Result<(), Error> {
    let Entry { number, stage, durable, due, planned, attempts, progress, error, .. } = entry;
    let changed = work.run(
        "UPDATE journal SET state = ?3, durable = ?4, due_at = ?5, planned_at = ?6, attempts = ?7,
                            progress = ?8, error = ?9
         WHERE tenant = ?1 AND number = ?2 AND state <> 'settling'",
        (
            work.tenant,
            number,
            stage.word(),
            durable,
            due.as_millisecond(),
            planned.as_millisecond(),
            attempts,
            progress.to_string(),
            error,
        ),
    )?;
    if changed == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// See [`Change::Acknowledge`](super::super::Change).
pub fn acknowledge(work: &mut Work<'_>, number: &str) -> Result<(), Error> {
    let changed = work.run(
        "UPDATE journal SET acknowledged = 1 WHERE tenant = ?1 AND number = ?2 AND state = 'waiting'",
        (work.tenant, number),
    )?;
    if changed == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// See [`Change::Strike`](super::super::Change).
pub fn strike(work: &mut Work<'_>, number: &str) -> Result<(), Error> {
    work.run("DELETE FROM journal WHERE tenant = ?1 AND number = ?2", (work.tenant, number))?;
    Ok(())
}

/// Tenant and name of all that is waited for.
pub fn names(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    let mut statement = connection
        .prepare("SELECT DISTINCT tenant, kind || ' ' || id FROM journal WHERE state <> 'dead'")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

/// The columns of an entry, as [`bare`] takes them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, kind, id, seq, state, durable, acknowledged, intent, accepted_at, due_at, ",
            "planned_at, attempts, progress, error FROM journal AS j ",
            $rest
        )
    };
}

/// See [`Store::entries`](super::super::Store::entries).
pub fn entries(connection: &Connection, scope: &Scope, id: &str) -> Result<Vec<Entry>, Error> {
    let mut statement = connection
        .prepare_cached(select!("WHERE tenant = ?1 AND kind = ?2 AND id = ?3 ORDER BY seq"))?;
    let rows = statement.query_map((&scope.tenant, &scope.kind, id), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::unborn`](super::super::Store::unborn).
pub fn unborn(connection: &Connection, scope: &Scope) -> Result<Vec<Entry>, Error> {
    // In the index's order, of which these are a piece.
    let mut statement = connection.prepare_cached(select!(
        "WHERE tenant = ?1 AND kind = ?2 AND id >= '~' AND id < char(127) ORDER BY id, seq"
    ))?;
    let rows = statement.query_map((&scope.tenant, &scope.kind), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::due`](super::super::Store::due).
pub fn due(connection: &Connection, tenant: &str, limit: u64) -> Result<Vec<Entry>, Error> {
    let mut statement = connection.prepare_cached(select!(
        "WHERE tenant = ?1 AND state <> 'dead' AND NOT EXISTS (
           SELECT 1 FROM journal AS earlier
           WHERE earlier.tenant = j.tenant AND earlier.kind = j.kind AND earlier.id = j.id
             AND earlier.seq < j.seq AND earlier.state <> 'dead')
         ORDER BY due_at LIMIT ?2"
    ))?;
    let rows = statement.query_map((tenant, i64::try_from(limit).unwrap_or(i64::MAX)), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::journal`](super::super::Store::journal).
pub fn list(
    connection: &Connection,
    tenant: &str,
    skip: u64,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let mut statement = connection.prepare_cached(select!(
        "WHERE tenant = ?1 ORDER BY accepted_at, number LIMIT ?2 OFFSET ?3"
    ))?;
    let [limit, skip] = [limit, skip].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let rows = statement.query_map((tenant, limit, skip), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::acknowledged`](super::super::Store::acknowledged).
pub fn acknowledged(
    connection: &Connection,
    tenant: &str,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let mut statement = connection.prepare_cached(select!(
        "WHERE tenant = ?1 AND state = 'waiting' AND acknowledged = 1 ORDER BY kind, id, seq LIMIT ?2"
    ))?;
    let rows = statement.query_map((tenant, i64::try_from(limit).unwrap_or(i64::MAX)), bare)?;
    rows.map(|row| whole(row?)).collect()
}

/// See [`Store::entry`](super::super::Store::entry).
pub fn one(connection: &Connection, tenant: &str, number: &str) -> Result<Option<Entry>, Error> {
    let mut statement = connection.prepare_cached(select!("WHERE tenant = ?1 AND number = ?2"))?;
    statement.query_row((tenant, number), bare).optional()?.map(whole).transpose()
}

/// See [`Store::depth`](super::super::Store::depth).
pub fn depth(connection: &Connection, tenant: &str) -> Result<Depth, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'dead'),
                min(accepted_at) FILTER (WHERE state = 'waiting')
         FROM journal WHERE tenant = ?1",
    )?;
    let (waiting, dead, oldest) = statement
        .query_row([tenant], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?)))?;
    let oldest = oldest.map(instant).transpose()?;
    Ok(Depth { waiting: number(waiting)?, dead: number(dead)?, oldest })
}

/// The columns, as they stand there.
type Bare = (
    String,
    String,
    String,
    i64,
    String,
    bool,
    bool,
    String,
    i64,
    i64,
    i64,
    u32,
    String,
    Option<String>,
);

fn bare(row: &Row<'_>) -> rusqlite::Result<Bare> {
    row.try_into()
}

fn whole(row: Bare) -> Result<Entry, Error> {
    let (number_, kind, id, seq, stage, durable, acknowledged, intent, accepted, due, ..) = row;
    let (.., planned, attempts, progress, error) = row;
    // serde's words would repeat the value.
    let json = |text: &str| {
        serde_json::from_str(text)
            .map_err(|_| Error::Corrupt("an entry of the journal is no json".to_owned()))
    };
    let unknown = || Error::Corrupt("an entry of the journal is at no known stage".to_owned());
    Ok(Entry {
        number: number_,
        kind,
        id,
        seq: number(seq)?,
        stage: Stage::of_word(&stage).ok_or_else(unknown)?,
        durable,
        acknowledged,
        intent: json(&intent)?,
        accepted: instant(accepted)?,
        due: instant(due)?,
        planned: instant(planned)?,
        attempts,
        progress: json(&progress)?,
        error,
    })
}
