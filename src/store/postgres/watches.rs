//! Watches: what is done under a lease that was taken from a replica which did not let go of it.
//!
//! A watch is made with the claim, ended by who has the lease, and reported to by who has it no more: that alone asks no
//! lease, and only counts. A look that saw fewer reports than there are by its end is not the last one.

use super::{
    super::{error::Error, values::number, watch::Watch},
    read::Reader,
    work::Work,
};
use crate::crash;
use deadpool_postgres::{Pool, Transaction};
use serde_json::Value;
use std::time::Duration;

/// So long after its lease was taken a replica that stood still may send what it was about to send. One that stands
/// still for longer is beyond all help.
pub const LENGTH: Duration = Duration::from_secs(120);

/// Begins a watch, or makes one longer, in the transaction that takes the lease.
pub async fn begin(transaction: &Transaction<'_>, tenant: &str, name: &str) -> Result<(), Error> {
    let length = crash::number("SCIMSHIM_WATCH_MS").map_or(LENGTH, Duration::from_millis);
    let statement = "INSERT INTO watch (tenant, name, until)
         VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (tenant, name) DO UPDATE SET until = excluded.until";
    let statement = transaction.prepare_cached(statement).await?;
    transaction.execute(&statement, &[&tenant, &name, &length.as_secs_f64()]).await?;
    // Nobody looks at what is in no journal: a name that a create waits for, or what clients' own credentials write.
    let old =
        "DELETE FROM watch WHERE until < clock_timestamp() - interval '1 day' AND NOT EXISTS (
         SELECT 1 FROM watched WHERE watched.tenant = watch.tenant AND watched.name = watch.name)";
    transaction.execute(&transaction.prepare_cached(old).await?, &[]).await?;
    Ok(())
}

/// See [`Change::Done`](super::super::Change).
pub async fn done(
    work: &mut Work<'_>,
    name: &str,
    intent: &Value,
    whole: bool,
) -> Result<(), Error> {
    if whole {
        forget(work, name).await?;
    }
    let statement = "INSERT INTO watched (tenant, name, seq, intent)
         SELECT tenant, name, 1 + (SELECT coalesce(max(seq), 0) FROM watched
                                   WHERE tenant = $1 AND name = $2), $3
         FROM watch WHERE tenant = $1 AND name = $2";
    work.run_over_kinds(statement, &[&name, &intent.to_string()]).await.map(drop)
}

/// See [`Change::Forget`](super::super::Change).
pub async fn forget(work: &mut Work<'_>, name: &str) -> Result<(), Error> {
    let statement = "DELETE FROM watched WHERE tenant = $1 AND name = $2";
    work.run_over_kinds(statement, &[&name]).await.map(drop)
}

/// See [`Change::Looked`](super::super::Change).
pub async fn looked(
    work: &mut Work<'_>,
    name: &str,
    reports: u64,
    over: bool,
) -> Result<(), Error> {
    let reports = i64::try_from(reports).unwrap_or(i64::MAX);
    let ended = match over {
        true => {
            let statement = "DELETE FROM watch WHERE tenant = $1 AND name = $2 AND reports = $3";
            work.run_over_kinds(statement, &[&name, &reports]).await?
        }
        false => 0,
    };
    if ended > 0 {
        return forget(work, name).await;
    }
    let statement = "UPDATE watch SET looked = $3 WHERE tenant = $1 AND name = $2";
    work.run_over_kinds(statement, &[&name, &reports]).await.map(drop)
}

/// See [`Store::report`](super::super::Store::report).
pub async fn report(pool: Pool, tenant: String, name: String) -> Result<bool, Error> {
    let client = pool.get().await?;
    let statement = "UPDATE watch SET reports = reports + 1 WHERE tenant = $1 AND name = $2";
    let statement = client.prepare_cached(statement).await?;
    Ok(client.execute(&statement, &[&tenant, &name]).await? > 0)
}

/// See [`Store::looks`](super::super::Store::looks).
pub async fn looks(reader: Reader, tenant: String, late: Duration) -> Result<Vec<String>, Error> {
    let statement = "SELECT name FROM watch WHERE tenant = $1
           AND (reports > looked OR until + make_interval(secs => $2) <= clock_timestamp())
         ORDER BY until LIMIT 1000";
    let rows = reader.query(statement, &[&tenant, &late.as_secs_f64()]).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// See [`Store::watch`](super::super::Store::watch).
pub async fn watch(
    reader: Reader,
    tenant: String,
    name: String,
    late: Duration,
) -> Result<Option<Watch>, Error> {
    // One statement: reports and writes of one moment.
    let statement = "SELECT reports, until + make_interval(secs => $3) <= clock_timestamp(),
           ARRAY(SELECT intent FROM watched WHERE tenant = $1 AND name = $2 ORDER BY seq),
           reports > looked
         FROM watch WHERE tenant = $1 AND name = $2";
    let rows = reader.query(statement, &[&tenant, &name, &late.as_secs_f64()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let writes: Vec<String> = row.try_get(2)?;
    // serde's words would repeat the value.
    let json = |text: &String| {
        serde_json::from_str(text)
            .map_err(|_| Error::Corrupt("a write that is watched is no json".to_owned()))
    };
    let writes = writes.iter().map(json).collect::<Result<_, _>>()?;
    let (reports, over, reported) = (number(row.try_get(0)?)?, row.try_get(1)?, row.try_get(3)?);
    Ok(Some(Watch { reports, due: over || reported, over, writes }))
}
