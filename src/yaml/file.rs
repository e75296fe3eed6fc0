//! Files that people write: read as text, or told why not.

use super::parse::{LARGEST, too_large};
use crate::diagnostic::{Diagnostic, Place, Span};
use std::{fs::File, io::Read, path::Path};

/// Why a file gives no text.
#[derive(Debug)]
pub enum Unread {
    /// It is not there, may not be read, or is no file.
    Circumstance(String),
    /// What stands in it is no text, or too much of it.
    Finding(Box<Diagnostic>),
}

/// A file's text. Of what is too large no more is read than it takes to know.
pub fn text(path: &Path) -> Result<String, Unread> {
    let name = path.display().to_string();
    let finding = |finding: Diagnostic| Unread::Finding(Box::new(finding));
    let place = || Place { file: name.as_str().into(), span: Span::START };
    let (bytes, size) = read(path).map_err(|why| Unread::Circumstance(format!("{name}: {why}")))?;
    if size > LARGEST as u64 {
        return Err(finding(too_large(place(), size)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let message =
            format!("the file is not UTF-8: byte {} is none", error.utf8_error().valid_up_to());
        let help = "save it as UTF-8, without a byte order mark";
        finding(Diagnostic::error("M100", place(), message).help(help))
    })
}

/// At most one byte more than what is taken, and the size of the whole.
fn read(path: &Path) -> Result<(Vec<u8>, u64), String> {
    let told = |error: std::io::Error| error.to_string();
    let known = std::fs::metadata(path).map_err(told)?;
    // A pipe that nobody writes to never ends to be opened, and a device never ends.
    if !known.is_file() {
        let what = if known.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(format!("it is {what}, and a file is wanted"));
    }
    if known.len() > LARGEST as u64 {
        return Ok((Vec::new(), known.len()));
    }
    let mut bytes = Vec::new();
    // It may have grown since.
    let most = LARGEST as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(told)?;
    let size = bytes.len() as u64;
    Ok((bytes, size))
}
