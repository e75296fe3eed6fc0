//! `serve`: the tenants of a configuration, until told to stop.

use super::{COULD_NOT_RUN, DONE, FINDINGS, could_not_run, runtime};
use crate::{
    app::{App, Failure, load, log, signals::Signals},
    diagnostic::Diagnostic,
};
use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "scimshim.yaml")]
    config: PathBuf,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let load::Loaded { config, findings } = match load::load(&arguments.config) {
        Ok(loaded) => loaded,
        Err(why) => return could_not_run(why),
    };
    let Some((config, source)) = config else { return refused(&findings) };
    if let Err(why) = log::begin(&config.log) {
        return could_not_run(why);
    }
    let runtime = match runtime(config.threads.map_or(1, NonZeroUsize::get)) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start threads: {error}")),
    };
    runtime.block_on(async {
        let signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(why) => return could_not_run(why),
        };
        let app = match App::bind(&config, &source).await {
            Ok(app) => app,
            Err(Failure::Findings(findings)) => return refused(&findings),
            Err(Failure::Circumstance(why)) => return could_not_run(why),
        };
        tracing::info!(scim = %app.address(), admin = %app.admin_address(), "serving");
        let twice = async {
            signals.stopped_twice().await;
            tracing::warn!("told to stop a second time: what is under way is cut off");
        };
        tokio::select! {
            () = app.run(signals.stop(), || signals.again()) => ExitCode::from(DONE),
            () = twice => ExitCode::from(COULD_NOT_RUN),
        }
    })
}

fn refused(findings: &[Diagnostic]) -> ExitCode {
    for finding in findings {
        eprintln!("{}: error[{}]: {}", finding.place, finding.code, finding.message);
        if let Some(help) = &finding.help {
            eprintln!("  help: {help}");
        }
    }
    ExitCode::from(FINDINGS)
}
