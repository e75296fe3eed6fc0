//! A batch at work: its statements, the rows that they change, the versions that these raise.

use super::{
    super::values::number,
    super::{change::Receipt, error::Error},
};
use rusqlite::{Connection, OptionalExtension, Params};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A batch while it is made.
pub struct Work<'b> {
    /// In the transaction.
    pub connection: &'b Connection,
    /// Whose rows.
    pub tenant: &'b Arc<str>,
    rows: u64,
    touched: BTreeMap<Arc<str>, BTreeSet<String>>,
}

impl<'b> Work<'b> {
    /// Nothing is made yet.
    pub fn new(connection: &'b Connection, tenant: &'b Arc<str>) -> Self {
        Self { connection, tenant, rows: 0, touched: BTreeMap::new() }
    }

    /// Runs one statement; how many rows it changed.
    pub fn run(&mut self, statement: &str, values: impl Params) -> Result<usize, Error> {
        let rows = self.connection.prepare_cached(statement)?.execute(values)?;
        self.rows = self.rows.saturating_add(rows as u64);
        Ok(rows)
    }

    /// The version of this id rises when rows of it changed, once for the whole batch.
    pub fn touch(&mut self, kind: &Arc<str>, id: &str, rows: usize) {
        if rows > 0 {
            self.touched.entry(Arc::clone(kind)).or_default().insert(id.to_owned());
        }
    }

    /// The version of this id before the batch.
    pub fn version(&self, kind: &str, id: &str) -> Result<u64, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT version FROM resource WHERE tenant = ?1 AND kind = ?2 AND id = ?3",
        )?;
        let version = statement.query_row((self.tenant, kind, id), |row| row.get(0)).optional()?;
        number(version.unwrap_or(0))
    }

    /// Raises the versions: the last of a batch.
    pub fn raise(mut self) -> Result<Receipt, Error> {
        let mut versions = BTreeMap::new();
        for (kind, ids) in std::mem::take(&mut self.touched) {
            for id in ids {
                let mut statement = self.connection.prepare_cached(
                    "INSERT INTO resource (tenant, kind, id, version) VALUES (?1, ?2, ?3, 1)
                     ON CONFLICT DO UPDATE SET version = version + 1
                     RETURNING version",
                )?;
                let version = statement.query_row((self.tenant, &kind, &id), |row| row.get(0))?;
                self.rows = self.rows.saturating_add(1);
                versions.insert((Arc::clone(&kind), id), number(version)?);
            }
        }
        Ok(Receipt { rows: self.rows, versions })
    }
}
