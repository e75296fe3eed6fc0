//! Files of the command line: read as text or as a mapping, or told why not.

pub use crate::yaml::file::{Unread, text};

use super::{FINDINGS, could_not_run};
use crate::{
    diagnostic::{Diagnostic, render_human},
    mapping::{self, plan::Plan},
};
use std::{path::Path, process::ExitCode};

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
