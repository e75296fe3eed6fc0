//! Files of the command line: read as text or as a mapping, or told why not.

use super::{FINDINGS, could_not_run};
use crate::{
    diagnostic::{Diagnostic, Place, Span, render_human},
    mapping::{self, plan::Plan},
};
use std::{path::Path, process::ExitCode};

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

/// A mapping's Plan. Where there is none it has been said why on stderr, and how to leave.
pub fn plan(path: &Path) -> Result<Plan, ExitCode> {
    let text = match text(path) {
        Ok(text) => text,
        Err(Unread::Circumstance(why)) => return Err(could_not_run(why)),
        Err(Unread::Finding(finding)) => return Err(refused(&[*finding])),
    };
    let loaded = mapping::load(&path.display().to_string(), &text);
    loaded.plan.ok_or_else(|| refused(&loaded.findings))
}

/// Shows the findings of a file, and how to leave.
pub fn refused(findings: &[Diagnostic]) -> ExitCode {
    eprintln!("{}", render_human(findings, |file| std::fs::read_to_string(file).ok()));
    ExitCode::from(FINDINGS)
}
