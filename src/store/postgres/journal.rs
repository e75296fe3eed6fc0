//! The journal: writes that were received and have not come to their end, in the order of each resource.

use super::{
    super::{
        entry::{Depth, Entry, Stage},
        error::Error,
        rows::Scope,
        values::{instant, number},
    },
    read::Reader,
    work::Work,
};
use tokio_postgres::Row;

/// See [`Change::Enter`](super::super::Change). The lock of its resource is held, so its number in the order is its own.
pub async fn enter(work: &mut Work<'_>, entry: &Entry) -> Result<(), Error> {
    let Entry { number, kind, id, seq: _, stage, durable, acknowledged, intent, .. } = entry;
    let Entry { accepted, due, planned, attempts, progress, error, .. } = entry;
    work.run(
        kind,
        "INSERT INTO journal (tenant, kind, number, id, seq, state, durable, acknowledged, intent,
                              accepted_at, due_at, planned_at, attempts, progress, error)
         VALUES ($1, $2, $3, $4,
                 (SELECT coalesce(max(seq), 0) + 1 FROM journal
                  WHERE tenant = $1 AND kind = $2 AND id = $4),
                 $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        &[
            number,
            id,
            &stage.word(),
            durable,
            acknowledged,
            &intent.to_string(),
            &accepted.as_millisecond(),
            &due.as_millisecond(),
            &planned.as_millisecond(),
            &i64::from(*attempts),
            &progress.to_string(),
            error,
        ],
    )
    .await?;
    Ok(())
}

/// See [`Change::Amend`](super::super::Change).
pub async fn amend(work: &mut Work<'_>, entry: &Entry) -> Result<(), Error> {
    let Entry { number, kind, stage, durable, due, planned, attempts, progress, error, .. } = entry;
    let changed = work
        .run(
            kind,
            "UPDATE journal SET state = $4, durable = $5, due_at = $6, planned_at = $7, attempts = $8,
                                progress = $9, error = $10
             WHERE tenant = $1 AND kind = $2 AND number = $3 AND state <> 'settling'",
            &[
                number,
                &stage.word(),
                durable,
                &due.as_millisecond(),
                &planned.as_millisecond(),
                &i64::from(*attempts),
                &progress.to_string(),
                error,
            ],
        )
        .await?;
    if changed == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// See [`Change::Acknowledge`](super::super::Change). The lock of its resource is held.
pub async fn acknowledge(work: &mut Work<'_>, kind: &str, number: &str) -> Result<(), Error> {
    let statement = "UPDATE journal SET acknowledged = true
         WHERE tenant = $1 AND kind = $2 AND number = $3 AND state = 'waiting'";
    let changed = work.run(kind, statement, &[&number]).await?;
    if changed == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// See [`Change::Strike`](super::super::Change).
pub async fn strike(work: &mut Work<'_>, kind: &str, number: &str) -> Result<(), Error> {
    let statement = "DELETE FROM journal WHERE tenant = $1 AND kind = $2 AND number = $3";
    work.run(kind, statement, &[&number]).await.map(drop)
}

/// The columns of an entry, as [`whole`] takes them.
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
pub async fn entries(reader: Reader, scope: Scope, id: String) -> Result<Vec<Entry>, Error> {
    let statement = select!("WHERE tenant = $1 AND kind = $2 AND id = $3 ORDER BY seq");
    let rows =
        reader.query(statement, &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &id]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::unborn`](super::super::Store::unborn).
pub async fn unborn(reader: Reader, scope: Scope) -> Result<Vec<Entry>, Error> {
    // Whatever the collation of the database, by which an order of texts would go.
    let statement =
        select!("WHERE tenant = $1 AND kind = $2 AND left(id, 1) = '~' ORDER BY id, seq");
    let rows = reader.query(statement, &[&scope.tenant.as_ref(), &scope.kind.as_ref()]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::due`](super::super::Store::due).
pub async fn due(
    reader: Reader,
    replica: String,
    tenant: String,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    // What another replica is at work on would only be waited for.
    let statement = select!(
        "WHERE tenant = $1 AND state <> 'dead' AND NOT EXISTS (
           SELECT 1 FROM journal AS earlier
           WHERE earlier.tenant = j.tenant AND earlier.kind = j.kind AND earlier.id = j.id
             AND earlier.seq < j.seq AND earlier.state <> 'dead')
           AND NOT EXISTS (
           SELECT 1 FROM lease JOIN replica ON replica.id = lease.owner
           WHERE lease.tenant = j.tenant AND lease.name = j.kind || ' ' || j.id
             AND lease.owner <> $3 AND replica.until > clock_timestamp())
         ORDER BY due_at LIMIT $2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = reader.query(statement, &[&tenant, &limit, &replica]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::journal`](super::super::Store::journal).
pub async fn list(
    reader: Reader,
    tenant: String,
    skip: u64,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let statement = select!("WHERE tenant = $1 ORDER BY accepted_at, number LIMIT $2 OFFSET $3");
    let [limit, skip] = [limit, skip].map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    let rows = reader.query(statement, &[&tenant, &limit, &skip]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::acknowledged`](super::super::Store::acknowledged).
pub async fn acknowledged(reader: Reader, tenant: String, limit: u64) -> Result<Vec<Entry>, Error> {
    let statement = select!(
        "WHERE tenant = $1 AND state = 'waiting' AND acknowledged ORDER BY kind, id, seq LIMIT $2"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = reader.query(statement, &[&tenant, &limit]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::entry`](super::super::Store::entry).
pub async fn one(reader: Reader, tenant: String, number: String) -> Result<Option<Entry>, Error> {
    let statement = select!("WHERE tenant = $1 AND number = $2");
    let rows = reader.query(statement, &[&tenant, &number]).await?;
    rows.first().map(whole).transpose()
}

/// See [`Store::depth`](super::super::Store::depth).
pub async fn depth(reader: Reader, tenant: String) -> Result<Depth, Error> {
    let rows = reader
        .query(
            "SELECT count(*) FILTER (WHERE state = 'waiting'),
                    count(*) FILTER (WHERE state = 'dead'),
                    min(accepted_at) FILTER (WHERE state = 'waiting')
             FROM journal WHERE tenant = $1",
            &[&tenant],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(Depth::default()) };
    let oldest: Option<i64> = row.try_get(2)?;
    Ok(Depth {
        waiting: number(row.try_get(0)?)?,
        dead: number(row.try_get(1)?)?,
        oldest: oldest.map(instant).transpose()?,
    })
}

fn whole(row: &Row) -> Result<Entry, Error> {
    // serde's words would repeat the value.
    let json = |text: &str| {
        serde_json::from_str(text)
            .map_err(|_| Error::Corrupt("an entry of the journal is no json".to_owned()))
    };
    let unknown = || Error::Corrupt("an entry of the journal is at no known stage".to_owned());
    let attempts: i64 = row.try_get(11)?;
    Ok(Entry {
        number: row.try_get(0)?,
        kind: row.try_get(1)?,
        id: row.try_get(2)?,
        seq: number(row.try_get(3)?)?,
        stage: Stage::of_word(row.try_get(4)?).ok_or_else(unknown)?,
        durable: row.try_get(5)?,
        acknowledged: row.try_get(6)?,
        intent: json(row.try_get(7)?)?,
        accepted: instant(row.try_get(8)?)?,
        due: instant(row.try_get(9)?)?,
        planned: instant(row.try_get(10)?)?,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        progress: json(row.try_get(12)?)?,
        error: row.try_get(13)?,
    })
}
