//! Reads: each is one statement, so that it sees one state, on whichever connection is free.

use super::{
    super::{error::Error, values::number},
    work::Values,
};
use deadpool_postgres::Pool;
use tokio_postgres::Row;

/// Where reads are asked.
#[derive(Clone)]
pub struct Reader(pub Pool);

impl Reader {
    /// The rows of one statement.
    pub async fn query(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let client = self.0.get().await?;
        let prepared = client.prepare_cached(statement).await?;
        Ok(client.query(&prepared, values).await?)
    }

    /// The number that a statement counts.
    pub async fn count(&self, statement: &str, values: Values<'_>) -> Result<u64, Error> {
        let rows = self.query(statement, values).await?;
        number(rows.first().map_or(Ok(0), |row| row.try_get(0))?)
    }
}
