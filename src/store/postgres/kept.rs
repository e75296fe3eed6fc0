//! Kept attributes.

use super::{
    super::{
        error::Error,
        rows::{Page, Scope, Sought, fold},
        values::bounds,
    },
    read::Reader,
    work::Work,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// See [`Change::Keep`](super::super::Change).
pub async fn keep(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    path: &str,
    value: &Value,
) -> Result<(), Error> {
    let (text, folded) = (value.to_string(), value.as_str().map(without_case));
    let rows = work
        .run(
            kind,
            "INSERT INTO kept (tenant, kind, id, path, value, folded)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, kind, id, path) DO UPDATE SET
               value = excluded.value, folded = excluded.folded
             WHERE kept.value <> excluded.value",
            &[&id, &path, &text, &folded],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::Unkeep`](super::super::Change).
pub async fn unkeep(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    path: &str,
) -> Result<(), Error> {
    let rows = work
        .run(
            kind,
            "DELETE FROM kept WHERE tenant = $1 AND kind = $2 AND id = $3 AND path = $4",
            &[&id, &path],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::UnkeepAll`](super::super::Change).
pub async fn unkeep_all(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    let rows = work
        .run(kind, "DELETE FROM kept WHERE tenant = $1 AND kind = $2 AND id = $3", &[&id])
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// A text without regard to case, as JSON: PostgreSQL holds no NUL character.
fn without_case(text: &str) -> String {
    Value::String(fold(text)).to_string()
}

/// Paths with their values, which stand in one order.
pub fn together(paths: Vec<String>, values: Vec<String>) -> Result<BTreeMap<String, Value>, Error> {
    let pairs = paths.into_iter().zip(values);
    pairs
        .map(|(path, text)| {
            // serde's words would repeat the value.
            let value = serde_json::from_str(&text)
                .map_err(|_| Error::Corrupt("a kept value is no json".to_owned()))?;
            Ok((path, value))
        })
        .collect()
}

/// See [`Store::keeping`](super::super::Store::keeping).
pub async fn keeping(
    reader: Reader,
    scope: Scope,
    path: String,
    is: Sought,
    page: Page,
) -> Result<Vec<String>, Error> {
    // By the digest goes the index, which takes no text of any length.
    const EXACT: &str = "SELECT id FROM kept
         WHERE tenant = $1 AND kind = $2 AND path = $3
           AND left(value, 1) NOT IN ('[', '{') AND md5(value) = md5($4) AND value = $4
           AND id > $5
           AND NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = kept.tenant
             AND r.kind = kept.kind AND r.id = kept.id AND r.gone_at IS NOT NULL)
         ORDER BY id LIMIT $6 OFFSET $7";
    const FOLDED: &str = "SELECT id FROM kept
         WHERE tenant = $1 AND kind = $2 AND path = $3
           AND md5(folded) = md5($4) AND folded = $4 AND id > $5
           AND NOT EXISTS (SELECT 1 FROM resource AS r WHERE r.tenant = kept.tenant
             AND r.kind = kept.kind AND r.id = kept.id AND r.gone_at IS NOT NULL)
         ORDER BY id LIMIT $6 OFFSET $7";
    let (statement, sought) = match is {
        Sought::Exact(value) => (EXACT, value.to_string()),
        Sought::Folded(text) => (FOLDED, without_case(&text)),
    };
    let (after, limit, skip) = bounds(&page);
    let (tenant, kind) = (scope.tenant.as_ref(), scope.kind.as_ref());
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
        [&tenant, &kind, &path, &sought, &after, &limit, &skip];
    let rows = reader.query(statement, &values).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
