//! A batch at work: its statements, the rows that they change, the versions that these raise.

use super::super::{change::Receipt, error::Error, values::number};
use deadpool_postgres::Transaction;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio_postgres::{Row, types::ToSql};

/// What a statement is given.
pub type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// A batch while it is made.
pub struct Work<'b> {
    transaction: &'b Transaction<'b>,
    /// Whose rows.
    pub tenant: &'b str,
    rows: u64,
    touched: BTreeMap<Arc<str>, BTreeSet<String>>,
}

impl<'b> Work<'b> {
    /// Nothing is made yet.
    pub fn new(transaction: &'b Transaction<'b>, tenant: &'b str) -> Self {
        Self { transaction, tenant, rows: 0, touched: BTreeMap::new() }
    }

    /// Runs one statement, in which `$1` is the tenant, `$2` the kind, and the values follow; how many rows it changed.
    pub async fn run(
        &mut self,
        kind: &str,
        statement: &str,
        values: Values<'_>,
    ) -> Result<u64, Error> {
        let rows = self.execute(statement, &self.all(&kind, values)).await?;
        self.rows = self.rows.saturating_add(rows);
        Ok(rows)
    }

    /// The same over all kinds: `$1` is the tenant, and the values follow.
    pub async fn run_over_kinds(
        &mut self,
        statement: &str,
        values: Values<'_>,
    ) -> Result<u64, Error> {
        let tenant: [&(dyn ToSql + Sync); 1] = [&self.tenant];
        let all: Vec<_> = tenant.into_iter().chain(values.iter().copied()).collect();
        let rows = self.execute(statement, &all).await?;
        self.rows = self.rows.saturating_add(rows);
        Ok(rows)
    }

    async fn execute(&self, statement: &str, values: Values<'_>) -> Result<u64, Error> {
        let prepared = self.transaction.prepare_cached(statement).await?;
        Ok(self.transaction.execute(&prepared, values).await?)
    }

    /// Reads within the transaction, by the same names.
    pub async fn query(
        &self,
        kind: &str,
        statement: &str,
        values: Values<'_>,
    ) -> Result<Vec<Row>, Error> {
        let prepared = self.transaction.prepare_cached(statement).await?;
        Ok(self.transaction.query(&prepared, &self.all(&kind, values)).await?)
    }

    fn all<'v>(&'v self, kind: &'v &str, values: Values<'v>) -> Vec<&'v (dyn ToSql + Sync)> {
        let scope: [&(dyn ToSql + Sync); 2] = [&self.tenant, kind];
        scope.into_iter().chain(values.iter().copied()).collect()
    }

    /// The version of this id rises when rows of it changed, once for the whole batch.
    pub fn touch(&mut self, kind: &Arc<str>, id: &str, rows: u64) {
        if rows > 0 {
            self.touched.entry(Arc::clone(kind)).or_default().insert(id.to_owned());
        }
    }

    /// The version of this id before the batch. Its lock is held, so nobody raises it meanwhile.
    pub async fn version(&self, kind: &str, id: &str) -> Result<u64, Error> {
        let statement = "SELECT version FROM resource WHERE tenant = $1 AND kind = $2 AND id = $3";
        let rows = self.query(kind, statement, &[&id]).await?;
        number(rows.first().map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// Raises the versions: the last of a batch.
    pub async fn raise(mut self) -> Result<Receipt, Error> {
        let touched = std::mem::take(&mut self.touched);
        let all = touched.iter().flat_map(|(kind, ids)| ids.iter().map(move |id| (kind, id)));
        let (kinds, ids): (Vec<&str>, Vec<&str>) =
            all.map(|(kind, id)| (kind.as_ref(), id.as_str())).unzip();
        if ids.is_empty() {
            return Ok(Receipt { rows: self.rows, versions: BTreeMap::new() });
        }
        let statement = "INSERT INTO resource (tenant, kind, id, version)
             SELECT $1, kind, id, 1 FROM unnest($2::text[], $3::text[]) AS touched (kind, id)
             ON CONFLICT (tenant, kind, id) DO UPDATE SET version = resource.version + 1
             RETURNING kind, id, version";
        let mut versions = BTreeMap::new();
        let prepared = self.transaction.prepare_cached(statement).await?;
        let values: Values<'_> = &[&self.tenant, &kinds, &ids];
        for row in self.transaction.query(&prepared, values).await? {
            let (kind, id): (&str, String) = (row.try_get(0)?, row.try_get(1)?);
            versions.insert((kind.into(), id), number(row.try_get(2)?)?);
            self.rows = self.rows.saturating_add(1);
        }
        Ok(Receipt { rows: self.rows, versions })
    }
}
