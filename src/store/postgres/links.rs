//! Links, and all that is held of an id.

use super::{
    super::{
        error::Error,
        rows::{Held, Link, Page, Scope},
        values::{bounds, instant, number},
    },
    kept,
    read::Reader,
    work::Work,
};
use std::{collections::HashMap, sync::Arc};

/// See [`Change::Link`](super::super::Change).
pub async fn link(work: &mut Work<'_>, kind: &Arc<str>, id: &str, key: &str) -> Result<(), Error> {
    let rows = work
        .run(
            kind,
            "INSERT INTO resource (tenant, kind, id, vendor_key) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET vendor_key = excluded.vendor_key
             WHERE resource.vendor_key IS DISTINCT FROM excluded.vendor_key",
            &[&id, &key],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Unlink`](super::super::Change).
pub async fn unlink(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let rows = work
        .run(
            kind,
            "UPDATE resource SET vendor_key = NULL
             WHERE tenant = $1 AND kind = $2 AND id = $3 AND vendor_key IS NOT NULL",
            &[&id],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Store::held`](super::super::Store::held).
pub async fn held(
    reader: Reader,
    scope: Scope,
    ids: Vec<String>,
) -> Result<HashMap<String, Held>, Error> {
    // One statement sees one state.
    let rows = reader
        .query(
            "SELECT id, version, vendor_key, gone_at,
               EXISTS (SELECT 1 FROM outsider AS o
                 WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id),
               ARRAY (SELECT path FROM kept AS k
                 WHERE k.tenant = r.tenant AND k.kind = r.kind AND k.id = r.id ORDER BY path),
               ARRAY (SELECT value FROM kept AS k
                 WHERE k.tenant = r.tenant AND k.kind = r.kind AND k.id = r.id ORDER BY path)
             FROM resource AS r WHERE tenant = $1 AND kind = $2 AND id = ANY ($3)",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &ids],
        )
        .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let version = number(row.try_get(1)?)?;
        let gone = row.try_get::<_, Option<i64>>(3)?.map(instant).transpose()?;
        let kept = kept::together(row.try_get(5)?, row.try_get(6)?)?;
        let (vendor_key, outside) = (row.try_get(2)?, row.try_get(4)?);
        found.insert(row.try_get(0)?, Held { version, vendor_key, gone, outside, kept });
    }
    Ok(found)
}

/// See [`Store::ids`](super::super::Store::ids).
pub async fn ids(
    reader: Reader,
    scope: Scope,
    keys: Vec<String>,
) -> Result<HashMap<String, String>, Error> {
    let rows = reader
        .query(
            "SELECT DISTINCT ON (vendor_key) vendor_key, id FROM resource
             WHERE tenant = $1 AND kind = $2 AND vendor_key = ANY ($3)
             ORDER BY vendor_key, gone_at DESC NULLS FIRST, id",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &keys],
        )
        .await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// See [`Store::links`](super::super::Store::links).
pub async fn list(reader: Reader, scope: Scope, page: Page) -> Result<Vec<Link>, Error> {
    let (after, limit, skip) = bounds(&page);
    let rows = reader
        .query(
            "SELECT id, vendor_key FROM resource AS r
             WHERE tenant = $1 AND kind = $2 AND id > $3
               AND vendor_key IS NOT NULL AND gone_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM outsider AS o
                 WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id)
             ORDER BY id LIMIT $4 OFFSET $5",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &after, &limit, &skip],
        )
        .await?;
    rows.iter().map(|row| Ok(Link { id: row.try_get(0)?, vendor_key: row.try_get(1)? })).collect()
}

/// See [`Store::count_links`](super::super::Store::count_links).
pub async fn count(reader: Reader, scope: Scope) -> Result<u64, Error> {
    reader
        .count(
            "SELECT count(*) FROM resource AS r
             WHERE tenant = $1 AND kind = $2 AND vendor_key IS NOT NULL AND gone_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM outsider AS o
                 WHERE o.tenant = r.tenant AND o.kind = r.kind AND o.id = r.id)",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref()],
        )
        .await
}
