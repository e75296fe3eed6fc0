//! `check`: the findings of a configuration and of mappings.

use super::could_not_run;
use std::{path::PathBuf, process::ExitCode};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A configuration; its mappings are checked with it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Mapping files
    #[arg(value_name = "MAPPING")]
    pub mappings: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Warnings are findings too
    #[arg(long)]
    pub deny_warnings: bool,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the lines they stand in
    Human,
    /// One JSON array
    Json,
}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> ExitCode {
    could_not_run("`check` is not built yet")
}
