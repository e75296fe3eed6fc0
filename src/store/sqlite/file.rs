//! The file: its folder, its mode, and the lock that makes one process its writer.

use super::super::error::Refusal;
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, ErrorKind},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Nobody else on the machine has to read whom we provision.
const OURS_ALONE: u32 = 0o600;

/// The file, there and locked.
pub struct Taken {
    /// Absolute: SQLite takes `:memory:` for no file, and a process may change its folder.
    pub path: PathBuf,
    /// Kept open by the writer; the system lets go of it when the process ends, however it ends.
    pub lock: File,
}

/// Makes the file where there is none, and takes its lock.
pub fn take(path: &Path) -> Result<Taken, Refusal> {
    let path = std::path::absolute(path).map_err(|error| unwritable(path, &error))?;
    let folder = path.parent().unwrap_or(&path);
    if !folder.is_dir() {
        let message = format!("the store's folder `{}` is not there", folder.display());
        return Err(Refusal::new(message, "make it, or mount the volume there"));
    }
    let lock = lock(&path)?;
    // Before SQLite opens it: SQLite would take the process's umask, and its `-wal` and `-shm` take
    // the mode from here.
    let file = private().open(&path).map_err(|error| unwritable(&path, &error))?;
    let metadata = file.metadata().map_err(|error| unwritable(&path, &error))?;
    if !metadata.is_file() {
        let message = format!("the store `{}` is no file", path.display());
        return Err(Refusal::new(message, "name a file in a folder that is there"));
    }
    if metadata.permissions().mode() & 0o077 != 0
        && let Err(error) = fs::set_permissions(&path, Permissions::from_mode(OURS_ALONE))
    {
        // Kubernetes' `fsGroup` gives the group's right to a file that may be another user's.
        tracing::warn!("others can read the store's file, and its mode cannot be changed: {error}");
    }
    Ok(Taken { path, lock })
}

/// A file beside the database, because SQLite's locks on the database itself are lost when the
/// process closes any other handle of it.
fn lock(path: &Path) -> Result<File, Refusal> {
    let beside = beside(path, ".lock");
    let lock = private().open(&beside).map_err(|error| unwritable(&beside, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another process writes to the store `{}`", path.display());
            let help =
                "stop it first, or give each its own file; `sqlite3 -readonly` reads beside it";
            Err(Refusal::new(message, help))
        }
        Err(TryLockError::Error(error)) => {
            let message = format!("`{}` cannot be locked: {error}", beside.display());
            Err(Refusal::new(message, "keep the store on a local disk, not on a network share"))
        }
    }
}

/// `name` with more at its end.
fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    name.into()
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(OURS_ALONE);
    options
}

fn unwritable(path: &Path, error: &io::Error) -> Refusal {
    let help = match error.kind() {
        ErrorKind::ReadOnlyFilesystem => "mount a volume there that can be written",
        _ => "file and folder must be writable for the user that the process runs as",
    };
    Refusal::new(format!("the store `{}` cannot be written: {error}", path.display()), help)
}

/// The bytes of the file and of what stands beside it until it is taken in.
pub fn size(path: &Path) -> u64 {
    let bytes = |path: &Path| path.metadata().map_or(0, |found| found.len());
    bytes(path) + bytes(&beside(path, "-wal"))
}
