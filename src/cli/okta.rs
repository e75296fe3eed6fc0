//! `okta`: what an admin types into Okta's profile editor, or a program gives to its Schemas API.

use super::{DONE, could_not_run, say, source};
use crate::mapping::okta;
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
    let plan = match source::plan(&arguments.mapping) {
        Ok(plan) => plan,
        Err(left) => return left,
    };
    let Some(profile) = okta::profile(&plan) else {
        let name = arguments.mapping.display();
        return could_not_run(format!("{name} serves no User, and Okta's profile is of users"));
    };
    match arguments.format {
        Format::Human => say(okta::table(&profile).trim_end()),
        Format::Json => say(format!("{:#}", okta::schema(&profile))),
    }
    ExitCode::from(DONE)
}
