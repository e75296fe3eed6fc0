//! The schema and how it came to be: forward only, all steps in one transaction, one replica at a time.

use super::{
    super::error::{Error, Refusal},
    fault::chain,
};
use deadpool_postgres::Client;
use tokio_postgres::Transaction;

/// Step n leads from schema n to n + 1. A step that was released is never changed.
const STEPS: [&str; 7] = [
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
];

/// The schema that this build writes.
pub const SCHEMA: usize = STEPS.len();

/// Where the tables are: beside them may be another program's.
pub const NAMESPACE: &str = "scimshim";

/// The bytes of all tables with their indexes.
pub const SIZE: &str = "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
     WHERE relnamespace = $1::text::regnamespace AND relkind = 'r'";

/// Of the lock that replicas take which start at once: `scimshim` in ASCII.
const LOCK: i64 = 0x7363_696d_7368_696d;

/// Makes the tables or brings them up to date; `place` is for the operator. What is newer than this build is left as
/// it is.
pub async fn bring_up(client: &mut Client, place: &str) -> Result<(), Refusal> {
    let refused = |error: tokio_postgres::Error| {
        let message = format!("the store {place} cannot be brought up: {}", chain(&error));
        let help = format!(
            "its user must be able to make the schema `{NAMESPACE}`, or own it: \
             GRANT CREATE ON DATABASE ... TO ..."
        );
        Refusal::new(message, help)
    };
    safe(client, place).await?;
    let transaction = client.build_transaction().start().await.map_err(refused)?;
    // Whoever waits here finds the tables made.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(refused)?;
    let found = schema(&transaction).await.map_err(refused)?;
    let Some(found) = found else {
        let message = format!("the store {place} does not say which schema it has");
        return Err(Refusal::new(message, "put the last backup there"));
    };
    if found > SCHEMA {
        let message =
            format!("the store {place} has schema {found}, and this build knows {SCHEMA}");
        let help = "run the newer build that wrote it, or put a backup from before there: there is no way back";
        return Err(Refusal::new(message, help));
    }
    for (step, number) in STEPS.iter().zip(1..).skip(found) {
        take(&transaction, step, number).await.map_err(refused)?;
    }
    transaction.commit().await.map_err(refused)?;
    if found < SCHEMA {
        tracing::info!(schema = SCHEMA, "store migrated");
    }
    Ok(())
}

/// Whether the server keeps what it says that it has committed.
async fn safe(client: &Client, place: &str) -> Result<(), Refusal> {
    for (setting, help) in [
        ("synchronous_commit", "set it to `on` for the database or the user"),
        ("fsync", "set it to `on` in postgresql.conf"),
        ("full_page_writes", "set it to `on` in postgresql.conf"),
    ] {
        let shown = client.query_one("SELECT current_setting($1)", &[&setting]).await;
        let value: String = shown.and_then(|row| row.try_get(0)).map_err(|error| {
            let message =
                format!("the store {place} does not say its `{setting}`: {}", chain(&error));
            Refusal::new(message, "it must be PostgreSQL 13 or newer")
        })?;
        if value == "off" {
            let message = format!(
                "the store {place} has `{setting}` off, and may lose what it has committed"
            );
            return Err(Refusal::new(message, help));
        }
    }
    Ok(())
}

/// 0: nothing there yet; none: there is something that does not say.
async fn schema(transaction: &Transaction<'_>) -> Result<Option<usize>, tokio_postgres::Error> {
    let there = "SELECT to_regclass($1) IS NOT NULL";
    let meta = format!("{NAMESPACE}.meta");
    if !transaction.query_one(there, &[&meta]).await?.try_get::<_, bool>(0)? {
        return Ok(Some(0));
    }
    let read = "SELECT value FROM meta WHERE key = 'schema'";
    let value: Option<String> =
        transaction.query_opt(read, &[]).await?.map(|row| row.try_get(0)).transpose()?;
    Ok(value.and_then(|value| value.parse().ok()).filter(|number| *number > 0))
}

async fn take(
    transaction: &Transaction<'_>,
    step: &str,
    number: usize,
) -> Result<(), tokio_postgres::Error> {
    if number == 1 {
        let meta = "CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)";
        transaction
            .batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {NAMESPACE}; {meta}"))
            .await?;
    }
    transaction.batch_execute(step).await?;
    let note = "INSERT INTO meta (key, value) VALUES ('schema', $1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    transaction.execute(note, &[&number.to_string()]).await?;
    Ok(())
}

/// Whether it can be read; with `writes` whether it takes writes too.
pub async fn works(client: &Client, writes: bool) -> Result<(), Error> {
    let read = "SELECT pg_is_in_recovery(), (SELECT value FROM meta WHERE key = 'schema')";
    if client.query_one(read, &[]).await?.try_get(0)? {
        return Err(Error::Unavailable("it is a standby, which takes no writes".to_owned()));
    }
    if writes {
        let touch = "INSERT INTO meta (key, value) VALUES ('touched', '0')
             ON CONFLICT (key) DO UPDATE SET value = (meta.value::bigint + 1)::text";
        client.execute(touch, &[]).await?;
    }
    Ok(())
}
