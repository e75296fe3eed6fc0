//! Members of kept Groups: a row each, so that a change costs what it changes.

use super::{
    super::{
        error::Error,
        rows::{Group, Member, Page, Scope},
        values::bounds,
    },
    groups::{stamp, whole},
    read::Reader,
    work::Work,
};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// See [`Change::AddMembers`](super::super::Change).
pub async fn add(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &[Member],
    at: Timestamp,
) -> Result<(), Error> {
    let rows = insert(work, kind, group, members).await?;
    stamp(work, kind, group, rows, at).await
}

/// See [`Change::RemoveMembers`](super::super::Change).
pub async fn remove(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &[Member],
    at: Timestamp,
) -> Result<(), Error> {
    let (kinds, ids) = columns(members);
    let rows = work
        .run(
            kind,
            "DELETE FROM member
             USING unnest($4::text[], $5::text[]) AS given (kind, id)
             WHERE member.tenant = $1 AND member.kind = $2 AND group_id = $3
               AND member_kind = given.kind AND member_id = given.id",
            &[&group, &kinds, &ids],
        )
        .await?;
    stamp(work, kind, group, rows, at).await
}

async fn insert(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: impl IntoIterator<Item = &Member>,
) -> Result<u64, Error> {
    let (kinds, ids) = columns(members);
    work.run(
        kind,
        "INSERT INTO member (tenant, kind, group_id, member_kind, member_id)
         SELECT $1, $2, $3, kind, id FROM unnest($4::text[], $5::text[]) AS given (kind, id)
         ON CONFLICT DO NOTHING",
        &[&group, &kinds, &ids],
    )
    .await
}

/// As two columns of one length.
fn columns<'m>(members: impl IntoIterator<Item = &'m Member>) -> (Vec<&'m str>, Vec<&'m str>) {
    members.into_iter().map(|member| (member.kind.as_str(), member.id.as_str())).unzip()
}

/// See [`Change::SetMembers`](super::super::Change).
pub async fn set(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &BTreeSet<Member>,
    at: Timestamp,
) -> Result<(), Error> {
    let there = work
        .query(
            kind,
            "SELECT 1 FROM kept_group WHERE tenant = $1 AND kind = $2 AND id = $3",
            &[&group],
        )
        .await?;
    if there.is_empty() {
        return Err(Error::Missing);
    }
    let (kinds, ids) = columns(members);
    // `NOT IN`, which is looked up in a table of its own: of `NOT EXISTS` the server takes the list for a short one, and
    // walks it for each member. None of them is null.
    let gone = work
        .run(
            kind,
            "DELETE FROM member
             WHERE tenant = $1 AND kind = $2 AND group_id = $3
               AND (member_kind, member_id) NOT IN (
                 SELECT given.kind, given.id FROM unnest($4::text[], $5::text[]) AS given (kind, id))",
            &[&group, &kinds, &ids],
        )
        .await?;
    let rows = gone + insert(work, kind, group, members).await?;
    stamp(work, kind, group, rows, at).await
}

/// See [`Change::LeaveGroups`](super::super::Change).
pub async fn leave(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    member: &Member,
    at: Timestamp,
) -> Result<(), Error> {
    let rows = work
        .query(
            kind,
            "SELECT group_id FROM member
             WHERE tenant = $1 AND kind = $2 AND member_kind = $3 AND member_id = $4
             ORDER BY group_id",
            &[&member.kind, &member.id],
        )
        .await?;
    for row in rows {
        let group: &str = row.try_get(0)?;
        remove(work, kind, group, std::slice::from_ref(member), at).await?;
    }
    Ok(())
}

/// See [`Store::members`](super::super::Store::members).
pub async fn list(
    reader: Reader,
    scope: Scope,
    group: String,
    after: Option<Member>,
    limit: u64,
) -> Result<Vec<Member>, Error> {
    let (kind, id) = after.map(|after| (after.kind, after.id)).unwrap_or_default();
    let page = Page::first(limit);
    let (_, limit, _) = bounds(&page);
    let rows = reader
        .query(
            "SELECT member_kind, member_id FROM member
             WHERE tenant = $1 AND kind = $2 AND group_id = $3
               AND (member_kind, member_id) > ($4, $5)
             ORDER BY member_kind, member_id LIMIT $6",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &group, &kind, &id, &limit],
        )
        .await?;
    rows.iter().map(|row| Ok(Member { kind: row.try_get(0)?, id: row.try_get(1)? })).collect()
}

/// See [`Store::count_members`](super::super::Store::count_members).
pub async fn count(reader: Reader, scope: Scope, group: String) -> Result<u64, Error> {
    reader
        .count(
            "SELECT count(*) FROM member WHERE tenant = $1 AND kind = $2 AND group_id = $3",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &group],
        )
        .await
}

/// See [`Store::groups_of`](super::super::Store::groups_of).
pub async fn groups_of(
    reader: Reader,
    scope: Scope,
    members: Vec<Member>,
) -> Result<HashMap<Member, Vec<Group>>, Error> {
    let (kinds, ids) = columns(&members);
    let rows = reader
        .query(
            "SELECT g.id, display_name, external_id, created_at, modified_at,
               coalesce(version, 0), m.member_kind, m.member_id
             FROM unnest($3::text[], $4::text[]) AS given (kind, id)
             JOIN member AS m ON m.tenant = $1 AND m.kind = $2
               AND m.member_kind = given.kind AND m.member_id = given.id
             JOIN kept_group AS g
               ON g.tenant = m.tenant AND g.kind = m.kind AND g.id = m.group_id
             LEFT JOIN resource AS r
               ON r.tenant = g.tenant AND r.kind = g.kind AND r.id = g.id
             ORDER BY m.group_id",
            &[&scope.tenant.as_ref(), &scope.kind.as_ref(), &kinds, &ids],
        )
        .await?;
    let mut found: HashMap<Member, Vec<Group>> = HashMap::with_capacity(members.len());
    for row in &rows {
        let member = Member { kind: row.try_get(6)?, id: row.try_get(7)? };
        found.entry(member).or_default().push(whole(row)?);
    }
    Ok(found)
}
