//! Files of the command line: read as text, or told why not.

use crate::diagnostic::{Diagnostic, Place, Span};
use std::path::Path;

/// Why a file gives no text.
#[derive(Debug)]
pub enum Unread {
    /// It is not there, or may not be read.
    Circumstance(String),
    /// What stands in it is no text.
    Finding(Box<Diagnostic>),
}

/// A file's text.
pub fn text(path: &Path) -> Result<String, Unread> {
    let name = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|error| Unread::Circumstance(format!("{name}: {error}")))?;
    String::from_utf8(bytes).map_err(|error| {
        let message =
            format!("the file is not UTF-8: byte {} is none", error.utf8_error().valid_up_to());
        let place = Place { file: name.into(), span: Span::START };
        let finding = Diagnostic::error("M100", place, message);
        Unread::Finding(Box::new(finding.help("save it as UTF-8, without a byte order mark")))
    })
}
