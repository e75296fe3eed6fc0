//! Tombstones.

use super::{
    super::{
        error::Error,
        rows::{Scope, Tombstone},
        values::instant,
    },
    read::Reader,
    work::Work,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, sync::Arc};

/// See [`Change::Bury`](super::super::Change).
pub async fn bury(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    values: &BTreeMap<String, String>,
    at: Timestamp,
) -> Result<(), Error> {
    let mut rows = work
        .run(
            kind,
            "INSERT INTO resource (tenant, kind, id, gone_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET gone_at = excluded.gone_at
             WHERE resource.gone_at IS NULL",
            &[&id, &at.as_millisecond()],
        )
        .await?;
    rows += forget_values(work, kind, id).await?;
    let (attributes, values): (Vec<&String>, Vec<&String>) = values.iter().unzip();
    rows += work
        .run(
            kind,
            "INSERT INTO gone_value (tenant, kind, id, attribute, value)
             SELECT $1, $2, $3, attribute, value
             FROM unnest($4::text[], $5::text[]) AS given (attribute, value)",
            &[&id, &attributes, &values],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Lift`](super::super::Change).
pub async fn lift(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let mut rows = work
        .run(
            kind,
            "UPDATE resource SET gone_at = NULL
             WHERE tenant = $1 AND kind = $2 AND id = $3 AND gone_at IS NOT NULL",
            &[&id],
        )
        .await?;
    rows += forget_values(work, kind, id).await?;
    work.touch(kind, id, rows);
    Ok(())
}

async fn forget_values(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<u64, Error> {
    work.run(kind, "DELETE FROM gone_value WHERE tenant = $1 AND kind = $2 AND id = $3", &[&id])
        .await
}

/// See [`Store::gone_with`](super::super::Store::gone_with).
pub async fn with(
    reader: Reader,
    scope: Scope,
    attribute: String,
    value: String,
) -> Result<Vec<Tombstone>, Error> {
    let rows = reader
        .query(
            "SELECT id, vendor_key, gone_at FROM gone_value JOIN resource USING (tenant, kind, id)
             WHERE tenant = $1 AND kind = $2 AND attribute = $3
               AND md5(value) = md5($4) AND value = $4
             ORDER BY gone_at DESC, id",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &attribute, &value],
        )
        .await?;
    let whole = |row: &tokio_postgres::Row| {
        let gone = instant(row.try_get(2)?)?;
        Ok(Tombstone { id: row.try_get(0)?, vendor_key: row.try_get(1)?, gone })
    };
    rows.iter().map(whole).collect()
}
