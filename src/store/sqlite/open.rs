//! Connections, and what each of them is set to.

use super::super::error::Refusal;
use rusqlite::{Connection, ErrorCode, OpenFlags, Result};
use std::{path::Path, time::Duration};

/// Who looks into the file with `sqlite3` holds a lock for moments; who forgets a transaction there
/// must not hold a request longer than its client waits.
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept prepared per connection; there are fewer.
const STATEMENTS: usize = 64;

/// The one connection that writes.
pub fn writing(path: &Path) -> Result<Connection, Refusal> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = connection.map_err(|error| refused(path, &error))?;
    set_writer(&connection).map_err(|error| refused(path, &error))?;
    match connection.is_readonly("main") {
        Ok(false) => Ok(connection),
        Ok(true) => {
            let message = format!("the store `{}` can only be read", path.display());
            Err(Refusal::new(message, "it must be writable for the user that the process runs as"))
        }
        Err(error) => Err(refused(path, &error)),
    }
}

fn set_writer(connection: &Connection) -> Result<()> {
    // KiB: a thousand members of a Group of 100,000 lie on two thousand pages of 4 KiB. Readers have
    // SQLite's own 2 MiB each.
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    // The writer brings the log home itself, between commits.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))
}

/// A connection that reads; the file has its tables already.
pub fn reading(path: &Path) -> Result<Connection, Refusal> {
    connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|error| refused(path, &error))
}

/// A connection to the database of this name in memory, which all connections of the process share. It
/// goes with the last of them.
pub fn in_memory(name: &str) -> Result<Connection, Refusal> {
    let uri = format!("file:/{name}?vfs=memdb");
    let how = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI;
    let path = Path::new(&uri);
    connect(path, how).map_err(|error| refused(path, &error))
}

fn connect(path: &Path, how: OpenFlags) -> Result<Connection> {
    // No mutex: one thread has the connection. No URI: a file may be called `file:x`.
    let connection = Connection::open_with_flags(path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    // A damaged page is told before it is followed.
    connection.pragma_update(None, "cell_size_check", true)?;
    // An image from scratch has no /tmp.
    connection.pragma_update(None, "temp_store", "memory")?;
    // In WAL mode FULL syncs before every commit is answered; NORMAL would lose the last ones.
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Readers go on while the writer writes. Remembered by the file; asked for each time all the same.
pub fn write_ahead(connection: &Connection, path: &Path) -> Result<(), Refusal> {
    let set = |_: &rusqlite::Row<'_>| Ok(());
    let mode = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
    match mode.as_deref() {
        // A database in memory has no log, and nothing to lose by a crash.
        Ok("wal" | "memory") => {}
        Ok(_) => {
            let message =
                format!("the disk of the store `{}` has no shared memory", path.display());
            return Err(Refusal::new(message, "keep the store on a local disk"));
        }
        Err(error) => return Err(refused(path, error)),
    }
    // After a burst the log gives its room back, but for what a burst usually takes.
    let limit = connection.pragma_update_and_check(None, "journal_size_limit", 64 << 20, set);
    limit.map_err(|error| refused(path, &error))
}

/// What SQLite says at the start, with what to do.
pub fn refused(path: &Path, error: &rusqlite::Error) -> Refusal {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Refusal::new(
            format!("the store `{path}` is no SQLite database, or damaged at its head"),
            "name another file, or put the last backup there",
        ),
        Some(ErrorCode::DatabaseCorrupt) => Refusal::new(
            format!("the store `{path}` is damaged: {error}"),
            "put the last backup there; `sqlite3 FILE .recover` saves what can be read",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Refusal::new(
            format!("another program holds the lock of the store `{path}`"),
            "end its transaction: a `sqlite3` that is open, or a backup",
        ),
        Some(ErrorCode::DiskFull) => Refusal::new(
            format!("the disk of the store `{path}` is full"),
            "make room: without it nothing can be written",
        ),
        _ => Refusal::new(
            format!("the store `{path}` cannot be opened: {error}"),
            "file and folder must be writable for the user that the process runs as",
        ),
    }
}
