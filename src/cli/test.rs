//! `test`: the exchanges written beside mappings.

use super::could_not_run;
use std::{path::PathBuf, process::ExitCode};

/// What `test` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Mapping files, with `X.test.yaml` beside each; left out: all of the folder `mappings`
    #[arg(value_name = "MAPPING")]
    pub mappings: Vec<PathBuf>,
    /// Write what was found as what is expected
    #[arg(long)]
    pub update: bool,
}

/// Runs the command.
pub fn run(_arguments: &Arguments) -> ExitCode {
    could_not_run("`test` is not built yet")
}
