//! `okta`: what an admin types into Okta's profile editor, or a program gives to its Schemas API.

use super::{
    DONE, FINDINGS, could_not_run, say,
    source::{self, Unread},
};
use crate::{
    diagnostic::{Diagnostic, render_human},
    mapping::{self, okta},
};
use std::{path::PathBuf, process::ExitCode};

/// What `okta` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The mapping
    mapping: PathBuf,
    /// How the attributes are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How the attributes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table, in the words of the profile editor
    Human,
    /// What is to be added, for `POST /api/v1/meta/schemas/apps/{appId}/default`
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let name = arguments.mapping.display().to_string();
    let text = match source::text(&arguments.mapping) {
        Ok(text) => text,
        Err(Unread::Circumstance(why)) => return could_not_run(why),
        Err(Unread::Finding(finding)) => return refused(&[*finding]),
    };
    let loaded = mapping::load(&name, &text);
    let Some(plan) = loaded.plan else { return refused(&loaded.findings) };
    let Some(profile) = okta::profile(&plan) else {
        return could_not_run(format!("{name} serves no User, and Okta's profile is of users"));
    };
    match arguments.format {
        Format::Human => say(okta::table(&profile).trim_end()),
        Format::Json => say(format!("{:#}", okta::schema(&profile))),
    }
    ExitCode::from(DONE)
}

fn refused(findings: &[Diagnostic]) -> ExitCode {
    eprintln!("{}", render_human(findings, |file| std::fs::read_to_string(file).ok()));
    ExitCode::from(FINDINGS)
}
