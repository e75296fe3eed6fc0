//! Reads an audit log again and says whether it is as it was written.

use super::{
    chain::{Head, Key},
    line::{self, LONGEST, Line, Unbelievable},
};
use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// What is known of the log from elsewhere.
#[derive(Debug, Default)]
pub struct Anchors {
    /// The head that it begins behind; nothing: at the beginning of all.
    pub after: Option<Head>,
    /// A head that it had once, as the metrics told it.
    pub head: Option<Head>,
}

/// A log that is as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Lines.
    pub lines: u64,
    /// Starts of processes.
    pub strands: u64,
    /// Those whose process did not end as it was told to; one that still runs is among them.
    pub unended: u64,
    /// The hash of the last line.
    pub head: Head,
    /// Bytes behind it that are no whole line: of a process that is writing, or that was killed.
    pub torn: usize,
    /// Lines behind the head that was asked for.
    pub since: Option<u64>,
}

/// The first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// The line in it, from 1.
    pub line: u64,
    /// What was found, what was expected, and what that comes to.
    pub message: String,
}

/// Why it is not known to be as it was written.
#[derive(Debug)]
pub enum Doubt {
    /// It is not.
    Flaw(Flaw),
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaw(Flaw { file, line, message }) => {
                write!(f, "{}:{line}: {message}", file.display())
            }
            Self::Unreadable(file, error) => {
                write!(f, "{}: cannot be read: {error}", file.display())
            }
        }
    }
}

/// Verifies the lines of `files`, the oldest first, as one chain.
pub fn verify(files: &[PathBuf], key: &Key, anchors: &Anchors) -> Result<Verified, Doubt> {
    let mut reader = Chain::new(key, anchors);
    for (position, path) in files.iter().enumerate() {
        let last = position + 1 == files.len();
        reader.file(path, last)?;
    }
    let last = files.last().cloned().unwrap_or_default();
    reader.ended(last).map_err(Doubt::Flaw)
}

/// A chain as far as it was read.
struct Chain<'a> {
    key: &'a Key,
    anchors: &'a Anchors,
    lines: u64,
    strands: u64,
    ended: u64,
    /// The last line.
    last: Option<Line>,
    /// Its number in its file.
    at: u64,
    torn: usize,
    /// The line that had the head that is asked for.
    anchored: Option<u64>,
}

impl<'a> Chain<'a> {
    fn new(key: &'a Key, anchors: &'a Anchors) -> Self {
        let (lines, strands, ended, at, torn) = Default::default();
        Self { key, anchors, lines, strands, ended, last: None, at, torn, anchored: None }
    }

    fn file(&mut self, path: &Path, last: bool) -> Result<(), Doubt> {
        let unreadable = |error| Doubt::Unreadable(path.to_owned(), error);
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        self.at = 0;
        loop {
            let mut text = Vec::new();
            let most = LONGEST as u64 + 1;
            let read = file.by_ref().take(most).read_until(b'\n', &mut text);
            if read.map_err(unreadable)? == 0 {
                return Ok(());
            }
            self.at += 1;
            let at = self.at;
            let flaw = |message| Doubt::Flaw(Flaw { file: path.to_owned(), line: at, message });
            match text.strip_suffix(b"\n") {
                Some(line) => self.line(line).map_err(flaw)?,
                None if text.len() > LONGEST => {
                    return Err(flaw(format!(
                        "a line of more than {LONGEST} bytes, expected one of an audit log"
                    )));
                }
                // A process may be writing it just now, or was killed while it did.
                None if last => self.torn = text.len(),
                None => {
                    return Err(flaw("the line is cut off, expected a whole one: the next file goes on behind it".to_owned()));
                }
            }
        }
    }

    fn line(&mut self, text: &[u8]) -> Result<(), String> {
        let line = line::read(text, self.key).map_err(|why| self.unbelievable(why))?;
        match &self.last {
            None => self.first(&line)?,
            Some(last) if line.prev != last.hash => return Err(self.misplaced(last, &line)),
            Some(_) => {}
        }
        self.lines += 1;
        self.strands += u64::from(line.event == "begin");
        self.ended += u64::from(line.event == "end");
        if self.anchors.head.as_ref() == Some(&line.hash) {
            self.anchored = Some(self.lines);
        }
        self.last = Some(line);
        Ok(())
    }

    /// The hash that was expected is not told: whoever has changed the line would only have to write it there.
    fn unbelievable(&self, why: Unbelievable) -> String {
        let what = match why {
            Unbelievable::Shape => "this is no line of an audit log, expected one",
            Unbelievable::Hash => "`hash` is not the one that the key gives for this line",
        };
        match self.last {
            Some(_) => format!("{what}: it was changed or inserted"),
            None => format!("{what}: it was changed or inserted, or the key is another"),
        }
    }

    /// Nothing may be missing before the first line.
    fn first(&self, line: &Line) -> Result<(), String> {
        let expected = match &self.anchors.after {
            Some(head) => head.clone(),
            None => Head::none(),
        };
        if line.prev == expected {
            return Ok(());
        }
        let found = format!("`prev` is {}, expected {expected}", line.prev);
        Err(match self.anchors.after {
            Some(_) => format!("{found}: lines are missing between that head and this line"),
            None => format!(
                "{found}, as before the first line of all: the beginning is missing; give the earlier files before this one, or `--after HEAD` where you have verified them before"
            ),
        })
    }

    /// What a line's own words say of where it stood.
    fn misplaced(&self, last: &Line, line: &Line) -> String {
        let found = format!(
            "`prev` is {}, expected {}, the `hash` of the line before it",
            line.prev, last.hash
        );
        let (n, next) = (line.n, last.n + 1);
        let why = if line.prev == Head::none() {
            "this line begins a chain of its own, as where no file was there at a start; what stood before it is missing, or is a log to be verified by itself".to_owned()
        } else if line.strand != last.strand {
            format!(
                "this is line {n} of strand {}, and the one before it is line {} of strand {}: lines are missing between them, or the order was changed",
                line.strand, last.n, last.strand
            )
        } else if n >= next {
            format!(
                "this is line {n} of its strand, expected {next}: lines were removed, or the order was changed"
            )
        } else {
            format!(
                "this is line {n} of its strand, expected {next}: it stands here again, or the order was changed"
            )
        };
        format!("{found}: {why}")
    }

    fn ended(self, file: PathBuf) -> Result<Verified, Flaw> {
        let Self { lines, strands, ended, at, torn, anchored, .. } = self;
        let flaw = |message| Flaw { file, line: at.max(1), message };
        let Some(last) = self.last else {
            let message =
                "there is no line, expected the first one of a strand: all of it was removed";
            return Err(flaw(message.to_owned()));
        };
        if let (Some(head), None) = (&self.anchors.head, anchored) {
            return Err(flaw(format!(
                "no line has the hash {head}, expected one: the end was cut off, and the last line that is left is line {} of strand {}",
                last.n, last.strand
            )));
        }
        let since = anchored.map(|line| lines - line);
        // The first strand that is seen may have begun in a file that is not.
        let unended = strands.saturating_sub(ended);
        Ok(Verified { lines, strands, unended, head: last.hash, torn, since })
    }
}
