//! `explain`: the vendor calls that a SCIM request would cause.

use super::could_not_run;
use std::{path::PathBuf, process::ExitCode};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The mapping file
    #[arg(value_name = "MAPPING")]
    pub mapping: PathBuf,
    /// The SCIM request, or - for stdin; left out: the whole plan in words
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// Let the vendor answer what only reads; nothing else is ever sent
    #[arg(long)]
    pub live_reads: bool,
}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> ExitCode {
    could_not_run("`explain` is not built yet")
}
