//! Members of kept Groups: a row each, so that a change costs what it changes.

use super::{
    super::values::{bounds, number},
    super::{
        error::Error,
        rows::{Group, Member, Page, Scope},
    },
    groups::{bare, stamp, whole},
    work::Work,
};
use jiff::Timestamp;
use rusqlite::Connection;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// See [`Change::AddMembers`](super::super::Change).
pub fn add(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &[Member],
    at: Timestamp,
) -> Result<(), Error> {
    let rows = insert(work, kind, group, members)?;
    stamp(work, kind, group, rows, at)
}

/// See [`Change::RemoveMembers`](super::super::Change).
pub fn remove(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &[Member],
    at: Timestamp,
) -> Result<(), Error> {
    let rows = delete(work, kind, group, members)?;
    stamp(work, kind, group, rows, at)
}

fn insert<'m>(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: impl IntoIterator<Item = &'m Member>,
) -> Result<usize, Error> {
    members.into_iter().try_fold(0, |rows, Member { kind: of, id }| {
        let row = work.run(
            "INSERT INTO member (tenant, kind, group_id, member_kind, member_id)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            (work.tenant, kind, group, of, id),
        )?;
        Ok(rows + row)
    })
}

fn delete<'m>(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: impl IntoIterator<Item = &'m Member>,
) -> Result<usize, Error> {
    members.into_iter().try_fold(0, |rows, Member { kind: of, id }| {
        let row = work.run(
            "DELETE FROM member WHERE tenant = ?1 AND kind = ?2 AND group_id = ?3
               AND member_kind = ?4 AND member_id = ?5",
            (work.tenant, kind, group, of, id),
        )?;
        Ok(rows + row)
    })
}

/// See [`Change::SetMembers`](super::super::Change). Both sides are in one order, so that only the
/// difference is held.
pub fn set(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    group: &str,
    members: &BTreeSet<Member>,
    at: Timestamp,
) -> Result<(), Error> {
    exists(work, kind, group)?;
    let mut wanted = members.iter().peekable();
    let (mut new, mut old) = (vec![], vec![]);
    {
        let mut statement = work.connection.prepare_cached(
            "SELECT member_kind, member_id FROM member
             WHERE tenant = ?1 AND kind = ?2 AND group_id = ?3
             ORDER BY member_kind, member_id",
        )?;
        let mut rows = statement.query((work.tenant, kind, group))?;
        while let Some(row) = rows.next()? {
            let there = Member { kind: row.get(0)?, id: row.get(1)? };
            while let Some(missing) = wanted.next_if(|one| **one < there) {
                new.push(missing);
            }
            if wanted.next_if(|one| **one == there).is_none() {
                old.push(there);
            }
        }
    }
    new.extend(wanted);
    let rows = delete(work, kind, group, &old)? + insert(work, kind, group, new)?;
    stamp(work, kind, group, rows, at)
}

fn exists(work: &Work<'_>, kind: &str, group: &str) -> Result<(), Error> {
    let mut statement = work
        .connection
        .prepare_cached("SELECT 1 FROM kept_group WHERE tenant = ?1 AND kind = ?2 AND id = ?3")?;
    match statement.exists((work.tenant, kind, group))? {
        true => Ok(()),
        false => Err(Error::Missing),
    }
}

/// See [`Change::LeaveGroups`](super::super::Change).
pub fn leave(
    work: &mut Work<'_>,
    kind: &Arc<str>,
    member: &Member,
    at: Timestamp,
) -> Result<(), Error> {
    let groups = {
        let mut statement = work.connection.prepare_cached(
            "SELECT group_id FROM member
             WHERE tenant = ?1 AND kind = ?2 AND member_kind = ?3 AND member_id = ?4",
        )?;
        let values = (work.tenant, kind, &member.kind, &member.id);
        let rows = statement.query_map(values, |row| row.get(0))?;
        rows.collect::<Result<Vec<String>, _>>()?
    };
    groups.iter().try_for_each(|group| remove(work, kind, group, std::slice::from_ref(member), at))
}

/// See [`Store::members`](super::super::Store::members).
pub fn list(
    connection: &Connection,
    scope: &Scope,
    group: &str,
    after: Option<Member>,
    limit: u64,
) -> Result<Vec<Member>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT member_kind, member_id FROM member
         WHERE tenant = ?1 AND kind = ?2 AND group_id = ?3
           AND (member_kind, member_id) > (?4, ?5)
         ORDER BY member_kind, member_id LIMIT ?6",
    )?;
    let (kind, id) = after.map(|after| (after.kind, after.id)).unwrap_or_default();
    let (_, limit, _) = bounds(&Page::first(limit));
    let rows = statement
        .query_map((&scope.tenant, &scope.kind, group, kind, id, limit), |row| {
            Ok(Member { kind: row.get(0)?, id: row.get(1)? })
        })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// See [`Store::count_members`](super::super::Store::count_members).
pub fn count(connection: &Connection, scope: &Scope, group: &str) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM member WHERE tenant = ?1 AND kind = ?2 AND group_id = ?3",
    )?;
    let count = statement.query_row((&scope.tenant, &scope.kind, group), |row| row.get(0))?;
    number(count)
}

/// See [`Store::groups_of`](super::super::Store::groups_of).
pub fn groups_of(
    connection: &Connection,
    scope: &Scope,
    members: Vec<Member>,
) -> Result<HashMap<Member, Vec<Group>>, Error> {
    // CROSS: the member's rows first, not all Groups of the tenant.
    let mut statement = connection.prepare_cached(
        "SELECT g.id, display_name, external_id, created_at, modified_at, coalesce(version, 0)
         FROM member AS m
         CROSS JOIN kept_group AS g ON g.tenant = m.tenant AND g.kind = m.kind AND g.id = m.group_id
         LEFT JOIN resource AS r ON r.tenant = g.tenant AND r.kind = g.kind AND r.id = g.id
         WHERE m.tenant = ?1 AND m.kind = ?2 AND m.member_kind = ?3 AND m.member_id = ?4
         ORDER BY m.group_id",
    )?;
    let mut found = HashMap::with_capacity(members.len());
    for member in members {
        let values = (&scope.tenant, &scope.kind, &member.kind, &member.id);
        let groups = statement.query_map(values, bare)?.map(|row| whole(row?));
        let groups = groups.collect::<Result<Vec<_>, Error>>()?;
        if !groups.is_empty() {
            found.insert(member, groups);
        }
    }
    Ok(found)
}
