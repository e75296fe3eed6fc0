//! `serve`: the tenants of a configuration, until told to stop.

use super::{COULD_NOT_RUN, DONE, FINDINGS, could_not_run, runtime};
use crate::{
    app::{App, Failure, load, log, reload::Files, signals::Signals},
    diagnostic::{Diagnostic, Severity},
};
use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode};

/// What `serve` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "scimshim.yaml")]
    config: PathBuf,
}

/// What lies around the files and may be mended without them: variables and secrets that are not set, a
/// store or an audit log that cannot be opened.
const AROUND: [&str; 5] = ["C024", "C026", "C027", "C041", "C042"];

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let files = Files::of_configuration(&arguments.config);
    let load::Loaded { config, mut findings, log } = match load::load(&arguments.config) {
        Ok(loaded) => loaded,
        Err(why) => return could_not_run(why),
    };
    log::begin(&log);
    let teller = Teller(log.format);
    let Some((config, source)) = config else { return teller.refused(&findings) };
    let runtime = match runtime(config.threads.map_or(1, NonZeroUsize::get)) {
        Ok(runtime) => runtime,
        Err(error) => return teller.could_not_run(&format!("cannot start threads: {error}")),
    };
    runtime.block_on(async {
        let signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(why) => return teller.could_not_run(&why),
        };
        let app = match App::bind(&config, &source).await {
            Ok(app) => app.following(&arguments.config, files, config),
            Err(Failure::Findings(refused)) => {
                // What refuses the start was a warning of the file before: it is told once.
                let again = |one: &Diagnostic| {
                    refused.iter().any(|other| (other.code, &other.place) == (one.code, &one.place))
                };
                findings.retain(|finding| !again(finding));
                findings.extend(refused);
                let around = findings
                    .iter()
                    .all(|one| one.severity != Severity::Error || AROUND.contains(&one.code));
                let code = teller.refused(&findings);
                return if around { ExitCode::from(COULD_NOT_RUN) } else { code };
            }
            Err(Failure::Circumstance(finding)) => {
                teller.tell(&finding);
                return ExitCode::from(COULD_NOT_RUN);
            }
        };
        findings.iter().for_each(|finding| log::warn("-", finding));
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

/// Tells why the process does not start: a person in two lines, a collector of logs in its own form.
struct Teller(log::Format);

impl Teller {
    fn refused(&self, findings: &[Diagnostic]) -> ExitCode {
        findings.iter().for_each(|finding| self.tell(finding));
        ExitCode::from(FINDINGS)
    }

    fn tell(&self, finding: &Diagnostic) {
        let Diagnostic { code, severity, place, message, help } = finding;
        match self.0 {
            log::Format::Json if *severity == Severity::Error => log::error(finding),
            log::Format::Json => log::warn("-", finding),
            log::Format::Text => {
                eprintln!("{place}: {}[{code}]: {message}", severity.word());
                if let Some(help) = help {
                    eprintln!("  help: {help}");
                }
            }
        }
    }

    fn could_not_run(&self, why: &str) -> ExitCode {
        match self.0 {
            log::Format::Json => tracing::error!("{why}"),
            log::Format::Text => return could_not_run(why),
        }
        ExitCode::from(COULD_NOT_RUN)
    }
}
