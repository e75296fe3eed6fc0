//! Who is not the vendor's business: what was said of them, and by which values they are found.

use super::{
    super::{
        error::Error,
        rows::{Outsider, Page, Scope},
        values::bounds,
    },
    read::Reader,
    work::Work,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};
use tokio_postgres::Row;

/// See [`Change::Outside`](super::super::Change).
pub async fn put(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    said: &Value,
    values: &BTreeMap<String, String>,
    owed: bool,
) -> Result<(), Error> {
    let mut rows = work
        .run(
            kind,
            "INSERT INTO outsider (tenant, kind, id, said, owed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET
               said = excluded.said, owed = excluded.owed
             WHERE outsider.said <> excluded.said OR outsider.owed <> excluded.owed",
            &[&id, &said.to_string(), &owed],
        )
        .await?;
    // They are a part of what was said: without a change of it these stay as they are.
    if rows > 0 {
        rows += forget_values(work, kind, id).await?;
        let (attributes, values): (Vec<&String>, Vec<&String>) = values.iter().unzip();
        rows += work
            .run(
                kind,
                "INSERT INTO outsider_value (tenant, kind, id, attribute, value)
                 SELECT $1, $2, $3, attribute, value
                 FROM unnest($4::text[], $5::text[]) AS given (attribute, value)",
                &[&id, &attributes, &values],
            )
            .await?;
    }
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Inside`](super::super::Change).
pub async fn remove(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    // Said here and not left to the foreign key, so that the rows are counted.
    let mut rows = forget_values(work, kind, id).await?;
    rows += work
        .run(kind, "DELETE FROM outsider WHERE tenant = $1 AND kind = $2 AND id = $3", &[&id])
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

async fn forget_values(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<u64, Error> {
    work.run(kind, "DELETE FROM outsider_value WHERE tenant = $1 AND kind = $2 AND id = $3", &[&id])
        .await
}

/// See [`Store::outsider`](super::super::Store::outsider).
pub async fn one(reader: Reader, scope: Scope, id: String) -> Result<Option<Outsider>, Error> {
    let rows = reader
        .query(
            "SELECT o.id, r.vendor_key, o.said, o.owed FROM outsider AS o
             LEFT JOIN resource AS r USING (tenant, kind, id)
             WHERE o.tenant = $1 AND o.kind = $2 AND o.id = $3",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &id],
        )
        .await?;
    rows.first().map(whole).transpose()
}

/// See [`Store::outsiders`](super::super::Store::outsiders).
pub async fn list(reader: Reader, scope: Scope, page: Page) -> Result<Vec<Outsider>, Error> {
    let (after, limit, skip) = bounds(&page);
    let rows = reader
        .query(
            "SELECT o.id, r.vendor_key, o.said, o.owed FROM outsider AS o
             LEFT JOIN resource AS r USING (tenant, kind, id)
             WHERE o.tenant = $1 AND o.kind = $2 AND o.id > $3
             ORDER BY o.id LIMIT $4 OFFSET $5",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &after, &limit, &skip],
        )
        .await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::count_outsiders`](super::super::Store::count_outsiders).
pub async fn count(reader: Reader, scope: Scope) -> Result<u64, Error> {
    reader
        .count(
            "SELECT count(*) FROM outsider WHERE tenant = $1 AND kind = $2",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref()],
        )
        .await
}

/// See [`Store::outsiders_with`](super::super::Store::outsiders_with).
pub async fn with(
    reader: Reader,
    scope: Scope,
    attribute: String,
    value: String,
) -> Result<Vec<Outsider>, Error> {
    let rows = reader
        .query(
            "SELECT v.id, r.vendor_key, o.said, o.owed FROM outsider_value AS v
             JOIN outsider AS o USING (tenant, kind, id)
             LEFT JOIN resource AS r USING (tenant, kind, id)
             WHERE v.tenant = $1 AND v.kind = $2 AND v.attribute = $3
               AND md5(v.value) = md5($4) AND v.value = $4
             ORDER BY v.id",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &attribute, &value],
        )
        .await?;
    rows.iter().map(whole).collect()
}

fn whole(row: &Row) -> Result<Outsider, Error> {
    // serde's words would repeat the value.
    let said = serde_json::from_str(row.try_get(2)?)
        .map_err(|_| Error::Corrupt("what was said of an outsider is no json".to_owned()))?;
    Ok(Outsider { id: row.try_get(0)?, vendor_key: row.try_get(1)?, said, owed: row.try_get(3)? })
}
