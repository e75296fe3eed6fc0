//! Marks: which records are ours.

use super::{
    super::{
        error::Error,
        rows::{Mark, Scope, State},
        values::instant,
    },
    read::Reader,
    work::Work,
};
use std::{collections::HashMap, sync::Arc};
use tokio_postgres::Row;

/// See [`Change::Mark`](super::super::Change).
pub async fn put(work: &mut Work<'_>, kind: &Arc<str>, mark: &Mark) -> Result<(), Error> {
    let Mark { name, state, vendor_key, values, since } = mark;
    work.run(
        kind,
        "INSERT INTO mark (tenant, kind, name, state, vendor_key, since)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant, kind, name) DO UPDATE SET
           state = excluded.state, vendor_key = excluded.vendor_key, since = excluded.since",
        &[name, &state.word(), vendor_key, &since.as_millisecond()],
    )
    .await?;
    work.run(kind, "DELETE FROM mark_value WHERE tenant = $1 AND kind = $2 AND name = $3", &[name])
        .await?;
    let (attributes, values): (Vec<&String>, Vec<&String>) = values.iter().unzip();
    work.run(
        kind,
        "INSERT INTO mark_value (tenant, kind, name, attribute, value)
         SELECT $1, $2, $3, attribute, value
         FROM unnest($4::text[], $5::text[]) AS given (attribute, value)",
        &[name, &attributes, &values],
    )
    .await?;
    Ok(())
}

/// See [`Change::Unmark`](super::super::Change). Its values go with it.
pub async fn remove(work: &mut Work<'_>, kind: &Arc<str>, name: &str) -> Result<(), Error> {
    work.run(kind, "DELETE FROM mark WHERE tenant = $1 AND kind = $2 AND name = $3", &[&name])
        .await?;
    Ok(())
}

/// What is read of a mark, as [`whole`] reads it.
const READ: &str = "SELECT name, state, vendor_key, since,
       ARRAY (SELECT attribute FROM mark_value AS v WHERE v.tenant = m.tenant
         AND v.kind = m.kind AND v.name = m.name ORDER BY attribute),
       ARRAY (SELECT value FROM mark_value AS v WHERE v.tenant = m.tenant
         AND v.kind = m.kind AND v.name = m.name ORDER BY attribute)";

/// See [`Store::marks`](super::super::Store::marks).
pub async fn of_keys(
    reader: Reader,
    scope: Scope,
    keys: Vec<String>,
) -> Result<HashMap<String, Mark>, Error> {
    let statement =
        format!("{READ} FROM mark AS m WHERE tenant = $1 AND kind = $2 AND vendor_key = ANY ($3)");
    let rows =
        reader.query(&statement, &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &keys]).await?;
    rows.iter().map(|row| Ok((row.try_get(2)?, whole(row)?))).collect()
}

/// See [`Store::marks_with`](super::super::Store::marks_with).
pub async fn with(
    reader: Reader,
    scope: Scope,
    attribute: String,
    value: String,
) -> Result<Vec<Mark>, Error> {
    let statement = format!(
        "{READ} FROM mark_value AS w JOIN mark AS m USING (tenant, kind, name)
         WHERE tenant = $1 AND kind = $2 AND attribute = $3
           AND md5(value) = md5($4) AND value = $4
         ORDER BY since, name"
    );
    let (tenant, kind) = (scope.tenant.as_ref(), scope.kind.as_ref());
    let rows = reader.query(&statement, &[&tenant, &kind, &attribute, &value]).await?;
    rows.iter().map(whole).collect()
}

fn whole(row: &Row) -> Result<Mark, Error> {
    let state = State::of_word(row.try_get(1)?)
        .ok_or_else(|| Error::Corrupt("a mark is in no state that is known".to_owned()))?;
    let (attributes, values): (Vec<String>, Vec<String>) = (row.try_get(4)?, row.try_get(5)?);
    Ok(Mark {
        name: row.try_get(0)?,
        state,
        vendor_key: row.try_get(2)?,
        values: attributes.into_iter().zip(values).collect(),
        since: instant(row.try_get(3)?)?,
    })
}
