//! The file: it only grows, by whole lines, and one process writes to it.

use super::{
    line::{BEGINNING, LONGEST},
    refusal::Refusal,
};
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Nobody else on the machine has to know who did what.
const OURS_ALONE: u32 = 0o600;

/// The file, open and locked.
#[derive(Debug)]
pub struct Log {
    /// Absolute: a process may change its folder.
    path: PathBuf,
    file: File,
    /// Bytes of whole lines. What stands behind them is no line.
    whole: u64,
    /// Something may stand behind them.
    torn: bool,
    /// Kept open; the system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// What was found in a file that is opened.
#[derive(Debug)]
pub struct Found {
    /// The file; nothing of it is changed yet.
    pub log: Log,
    /// The last whole line, without its newline.
    pub last: Option<Vec<u8>>,
    /// Bytes behind it.
    pub torn: u64,
}

impl Log {
    /// Opens the file at `path` and takes its lock; made where there is none.
    pub fn open(path: &Path) -> Result<Found, Refusal> {
        let path = std::path::absolute(path).map_err(|error| unwritable(path, &error))?;
        let folder = path.parent().unwrap_or(&path);
        if !folder.is_dir() {
            let message = format!("the audit log's folder `{}` is not there", folder.display());
            return Err(Refusal::of_file(message, "make it, or mount the volume there"));
        }
        // Before anything is made beside it: a folder or a device is none.
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let message = format!("the audit log `{}` is no file", path.display());
            return Err(Refusal::of_file(message, "name a file in a folder that is there"));
        }
        let lock = lock(&path)?;
        let mut file = opened(&path).map_err(|error| unwritable(&path, &error))?;
        let end = End::of(&mut file).map_err(|error| unwritable(&path, &error))?;
        let End { whole, last, torn } = end.ok_or_else(|| foreign(&path))?;
        ours_alone(&path, &file)?;
        settled(&path).map_err(|error| unwritable(&path, &error))?;
        let log = Self { path, file, whole, torn: torn > 0, _lock: lock };
        Ok(Found { log, last, torn })
    }

    /// For messages.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes whole lines; they are on the disk when it returns. After an error none of them counts as written,
    /// and the next call begins where this one did.
    pub fn append(&mut self, lines: &str) -> io::Result<()> {
        self.mend()?;
        // What a full disk takes of a line is no line.
        self.torn = true;
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => {
                self.whole += lines.len() as u64;
                self.torn = false;
            }
            // At once, so that who reads meanwhile finds whole lines; else before the next.
            Err(_) => drop(self.mend()),
        }
        written
    }

    /// Cuts off what is no whole line.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn {
            // Whoever has emptied the file below us has not made it longer: zeros would stand there.
            if self.file.metadata()?.len() > self.whole {
                self.file.set_len(self.whole)?;
            }
            self.torn = false;
        }
        Ok(())
    }

    /// Opens the file anew where another stands at its path, or none: it was moved away. Whether it was. One that
    /// has something in it already is none of ours, and an error.
    pub fn follow(&mut self) -> io::Result<bool> {
        let identity = |found: fs::Metadata| (found.dev(), found.ino());
        let own = identity(self.file.metadata()?);
        match fs::metadata(&self.path).map(identity) {
            Ok(found) if found == own => return Ok(false),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(_) | Err(_) => {}
        }
        let file = opened(&self.path)?;
        let found = file.metadata()?;
        if !found.is_file() || found.len() > 0 {
            return Err(io::Error::other("what stands there now is no empty file"));
        }
        file.set_permissions(Permissions::from_mode(OURS_ALONE))?;
        settled(&self.path)?;
        // The old one is left as it should be read; that it cannot be is told by who verifies it.
        let _ = self.mend();
        (self.file, self.whole, self.torn) = (file, 0, false);
        Ok(true)
    }
}

/// How a file ends.
struct End {
    whole: u64,
    last: Option<Vec<u8>>,
    torn: u64,
}

impl End {
    /// Nothing where it is no audit log: cutting its end off would destroy somebody's file.
    fn of(file: &mut File) -> io::Result<Option<Self>> {
        let length = file.metadata()?.len();
        // Room for a line and for one that a crash has cut off.
        let from = length.saturating_sub(2 * LONGEST as u64);
        file.seek(SeekFrom::Start(from))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        let (lines, torn) = match end.iter().rposition(|byte| *byte == b'\n') {
            Some(newline) => end.split_at(newline + 1),
            None => (&[][..], end.as_slice()),
        };
        if !could_be_ours(torn) || lines.is_empty() && from > 0 {
            return Ok(None);
        }
        let last = lines.strip_suffix(b"\n").map(|lines| {
            let before = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            lines.iter().skip(before).copied().collect()
        });
        let torn = torn.len() as u64;
        Ok(Some(Self { whole: length - torn, last, torn }))
    }
}

/// What a crash leaves of a line: its beginning, or the zeros of a block that was never written.
fn could_be_ours(torn: &[u8]) -> bool {
    let beginning = BEGINNING.as_bytes();
    torn.len() <= LONGEST
        && (torn.iter().zip(beginning).all(|(found, ours)| found == ours)
            || torn.iter().all(|byte| *byte == 0))
}

/// It is somebody's, and no audit log.
pub fn foreign(path: &Path) -> Refusal {
    let message = format!("`{}` does not end as an audit log does", path.display());
    Refusal::of_file(message, "name another file, or move this one away")
}

/// What a volume's `fsGroup` gives the group is taken back; what everybody has, somebody gave on purpose.
fn ours_alone(path: &Path, file: &File) -> Result<(), Refusal> {
    let mode = file.metadata().map_err(|error| unwritable(path, &error))?.permissions().mode();
    if mode & 0o007 != 0 {
        let message = format!(
            "the audit log `{}` has the mode {:03o}, expected 600",
            path.display(),
            mode & 0o777
        );
        let help = "find out who could write to it, verify it, then `chmod 600` it";
        return Err(Refusal::of_file(message, help));
    }
    if mode & 0o070 != 0
        && let Err(error) = file.set_permissions(Permissions::from_mode(OURS_ALONE))
    {
        tracing::warn!(
            "the audit log's group can reach it, and its mode cannot be changed: {error}"
        );
    }
    Ok(())
}

/// A file beside it: the log itself is moved away when it is rotated, and its lock would go with it.
fn lock(path: &Path) -> Result<File, Refusal> {
    let mut beside = OsString::from(path);
    beside.push(".lock");
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(OURS_ALONE);
    let lock = options.open(&beside).map_err(|error| unwritable(&beside, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let message = format!("another process writes to the audit log `{}`", path.display());
            Err(Refusal::of_file(message, "stop it first, or give each its own file"))
        }
        Err(TryLockError::Error(error)) => {
            let message = format!("`{}` cannot be locked: {error}", beside.display());
            Err(Refusal::of_file(message, "keep it on a local disk, not on a network share"))
        }
    }
}

fn opened(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(OURS_ALONE).open(path)
}

/// A file that was just made is there after a power cut, too.
fn settled(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn unwritable(path: &Path, error: &io::Error) -> Refusal {
    let help = match error.kind() {
        ErrorKind::ReadOnlyFilesystem => "mount a volume there that can be written",
        _ => "file and folder must be writable for the user that the process runs as",
    };
    Refusal::of_file(format!("the audit log `{}` cannot be written: {error}", path.display()), help)
}
