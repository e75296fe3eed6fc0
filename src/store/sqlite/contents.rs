//! All that a store holds. By tenant, kind and id, whatever was written first.

use super::{
    super::{
        error::Error,
        rows::{Holding, Link, Scope},
    },
    groups, kept, marks, members, outsiders, tombstones,
};
use rusqlite::Connection;

/// See [`Sqlite::contents`](super::Sqlite::contents).
pub fn all(connection: &Connection) -> Result<Vec<(Scope, Holding)>, Error> {
    let mut all = Vec::new();
    let kept = "SELECT DISTINCT tenant, kind, id FROM kept ORDER BY 1, 2, 3";
    for (scope, id) in ids(connection, kept)? {
        let values = kept::of(connection, &scope, &id)?;
        all.push((scope, Holding::Kept { id, values }));
    }
    let gone = "SELECT tenant, kind, id FROM resource WHERE gone_at IS NOT NULL ORDER BY 1, 2, 3";
    for (scope, id) in ids(connection, gone)? {
        let values = tombstones::values(connection, &scope, &id)?;
        all.push((scope, Holding::Gone { id, values }));
    }
    for (scope, id) in ids(connection, "SELECT tenant, kind, id FROM outsider ORDER BY 1, 2, 3")? {
        let Some(outsider) = outsiders::one(connection, &scope, &id)? else { continue };
        all.push((scope, Holding::Outside { id, said: outsider.said }));
    }
    // Of one key whoever is there is the last.
    let linked = "SELECT tenant, kind, id, vendor_key FROM resource WHERE vendor_key IS NOT NULL
                  ORDER BY 1, 2, gone_at IS NULL, gone_at, 3";
    let mut statement = connection.prepare_cached(linked)?;
    let links = statement.query_map([], |row| {
        let (tenant, kind): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((Scope::new(tenant, kind), Link { id: row.get(2)?, vendor_key: row.get(3)? }))
    })?;
    for link in links {
        let (scope, link) = link?;
        all.push((scope, Holding::Link(link)));
    }
    for (scope, name) in ids(connection, "SELECT tenant, kind, name FROM mark ORDER BY 1, 2, 3")? {
        let mark = marks::named(connection, &scope, &name)?;
        all.push((scope, Holding::Mark(mark)));
    }
    for (scope, id) in ids(connection, "SELECT tenant, kind, id FROM kept_group ORDER BY 1, 2, 3")?
    {
        let Some(group) = groups::one(connection, &scope, &id)? else { continue };
        let members = members::list(connection, &scope, &id, None, u64::MAX)?;
        let (display_name, external_id) = (group.display_name, group.external_id);
        all.push((scope, Holding::Group { id, display_name, external_id, members }));
    }
    Ok(all)
}

fn ids(connection: &Connection, statement: &str) -> Result<Vec<(Scope, String)>, Error> {
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map([], |row| {
        let (tenant, kind): (String, String) = (row.get(0)?, row.get(1)?);
        Ok((Scope::new(tenant, kind), row.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
