//! The schema and how it came to be: forward only, each step in one transaction.

use super::{
    super::error::{Error, Refusal},
    open::{refused, write_ahead},
};
use rusqlite::{Connection, OptionalExtension, Result};
use std::path::Path;

/// Step n leads from schema n to n + 1. A step that was released is never changed.
const STEPS: [&str; 6] = [
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
];

/// The schema that this build writes.
pub const SCHEMA: usize = STEPS.len();

/// `scim` in the file's head, so that `file` and we know whose it is.
const APPLICATION: i32 = 0x7363_696d;

/// Makes the tables or brings them up to date. A file that is not ours, or is newer than this build,
/// is left as it is.
pub fn bring_up(connection: &Connection, path: &Path) -> Result<(), Refusal> {
    let found = schema(connection).map_err(|error| refused(path, &error))?;
    let shown = path.display();
    let found = match found {
        Found::Schema(found) => found,
        Found::Foreign => {
            let message = format!("`{shown}` is another program's database");
            return Err(Refusal::new(message, "name a file of its own for the store"));
        }
        Found::Unreadable => {
            let message = format!("the store `{shown}` does not say which schema it has");
            return Err(Refusal::new(message, "put the last backup there"));
        }
    };
    if found > SCHEMA {
        let message =
            format!("the store `{shown}` has schema {found}, and this build knows {SCHEMA}");
        let help = "run the newer build that wrote it, or put a backup from before there: there is \
                    no way back";
        return Err(Refusal::new(message, help));
    }
    write_ahead(connection, path)?;
    for (step, number) in STEPS.iter().zip(1..).skip(found) {
        take(connection, step, number).map_err(|error| refused(path, &error))?;
    }
    if found < SCHEMA {
        tracing::info!(schema = SCHEMA, "store migrated");
    }
    Ok(())
}

enum Found {
    /// 0: nothing there yet.
    Schema(usize),
    Foreign,
    Unreadable,
}

fn schema(connection: &Connection) -> Result<Found> {
    let application: i32 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION {
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let empty = application == 0 && tables == 0;
        return Ok(if empty { Found::Schema(0) } else { Found::Foreign });
    }
    let value = connection.query_row(READ, [], |row| row.get::<_, String>(0)).optional()?;
    let number = value.and_then(|value| value.parse().ok()).filter(|number| *number > 0);
    Ok(number.map_or(Found::Unreadable, Found::Schema))
}

const READ: &str = "SELECT value FROM meta WHERE key = 'schema'";

fn take(connection: &Connection, step: &str, number: usize) -> Result<()> {
    let transaction = connection.unchecked_transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.execute_batch(step)?;
    transaction.execute(
        "INSERT INTO meta (key, value) VALUES ('schema', ?1)
         ON CONFLICT DO UPDATE SET value = excluded.value",
        [number.to_string()],
    )?;
    transaction.commit()
}

/// Whether the smallest of all reads works.
pub fn readable(connection: &Connection) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(READ)?;
    statement.query_row([], |row| row.get::<_, String>(0))?;
    Ok(())
}
