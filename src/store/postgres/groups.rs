//! Kept Groups, without their members.

use super::{
    super::{
        error::Error,
        rows::{Group, GroupName, Page, Scope, fold},
        values::{bounds, instant, number},
    },
    read::Reader,
    work::Work,
};
use jiff::Timestamp;
use std::sync::Arc;
use tokio_postgres::Row;

/// See [`Change::PutGroup`](super::super::Change).
pub async fn put(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    display_name: &str,
    external_id: Option<&str>,
    at: Timestamp,
) -> Result<(), Error> {
    let (folded, at) = (fold(display_name), at.as_millisecond());
    let rows = work
        .run(
            kind,
            "INSERT INTO kept_group (tenant, kind, id, display_name, display_folded, external_id,
               created_at, modified_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET
               display_name = excluded.display_name, display_folded = excluded.display_folded,
               external_id = excluded.external_id, modified_at = excluded.modified_at
             WHERE kept_group.display_name <> excluded.display_name
               OR kept_group.external_id IS DISTINCT FROM excluded.external_id",
            &[&id, &display_name, &folded, &external_id, &at],
        )
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// See [`Change::RemoveGroup`](super::super::Change).
pub async fn remove(work: &mut Work<'_>, kind: &Arc<str>, id: &str) -> Result<(), Error> {
    // Said here and not left to the foreign key, so that the rows are counted.
    let mut rows = work
        .run(kind, "DELETE FROM member WHERE tenant = $1 AND kind = $2 AND group_id = $3", &[&id])
        .await?;
    rows += work
        .run(kind, "DELETE FROM kept_group WHERE tenant = $1 AND kind = $2 AND id = $3", &[&id])
        .await?;
    work.touch(kind, id, rows);
    Ok(())
}

/// Notes on the Group that `rows` of its members changed.
pub async fn stamp(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    id: &str,
    rows: u64,
    at: Timestamp,
) -> Result<(), Error> {
    if rows > 0 {
        work.run(
            kind,
            "UPDATE kept_group SET modified_at = $4 WHERE tenant = $1 AND kind = $2 AND id = $3",
            &[&id, &at.as_millisecond()],
        )
        .await?;
        work.touch(kind, id, rows);
    }
    Ok(())
}

/// See [`Store::group`](super::super::Store::group).
pub async fn one(reader: Reader, scope: Scope, id: String) -> Result<Option<Group>, Error> {
    let rows = reader
        .query(
            "SELECT g.id, display_name, external_id, created_at, modified_at, coalesce(version, 0)
             FROM kept_group AS g LEFT JOIN resource USING (tenant, kind, id)
             WHERE g.tenant = $1 AND g.kind = $2 AND g.id = $3",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &id],
        )
        .await?;
    rows.first().map(whole).transpose()
}

/// See [`Store::groups`](super::super::Store::groups).
pub async fn list(
    reader: Reader,
    scope: Scope,
    named: GroupName,
    page: Page,
) -> Result<Vec<Group>, Error> {
    let (term, value) = term(&named);
    let statement = format!(
        "SELECT g.id, display_name, external_id, created_at, modified_at, coalesce(version, 0)
         FROM kept_group AS g LEFT JOIN resource USING (tenant, kind, id)
         WHERE g.tenant = $1 AND g.kind = $2 AND {term} AND g.id > $4
         ORDER BY g.id LIMIT $5 OFFSET $6"
    );
    let (after, limit, skip) = bounds(&page);
    let (tenant, kind) = (scope.tenant.as_ref(), scope.kind.as_ref());
    let rows = reader.query(&statement, &[&tenant, &kind, &value, &after, &limit, &skip]).await?;
    rows.iter().map(whole).collect()
}

/// See [`Store::count_groups`](super::super::Store::count_groups).
pub async fn count(reader: Reader, scope: Scope, named: GroupName) -> Result<u64, Error> {
    let (term, value) = term(&named);
    let statement =
        format!("SELECT count(*) FROM kept_group AS g WHERE tenant = $1 AND kind = $2 AND {term}");
    reader.count(&statement, &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &value]).await
}

/// What is asked of the name, and its value. By the digest goes the index, which takes no text of any length.
fn term(named: &GroupName) -> (&'static str, String) {
    match named {
        GroupName::Any => ("$3::text = ''", String::new()),
        GroupName::Display(name) => {
            ("md5(g.display_folded) = md5($3) AND g.display_folded = $3", fold(name))
        }
        GroupName::External(id) => {
            ("md5(g.external_id) = md5($3) AND g.external_id = $3", id.clone())
        }
    }
}

/// The Group of the columns `id, display_name, external_id, created_at, modified_at, version`.
pub fn whole(row: &Row) -> Result<Group, Error> {
    Ok(Group {
        id: row.try_get(0)?,
        display_name: row.try_get(1)?,
        external_id: row.try_get(2)?,
        created: instant(row.try_get(3)?)?,
        modified: instant(row.try_get(4)?)?,
        version: number(row.try_get(5)?)?,
    })
}
