//! `guard`: how the guards of a running scimshim stand, and letting through what one holds back.

use super::{
    DONE, could_not_run,
    operator::{Whereabouts, understood},
    say,
};
use clap::ValueEnum;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{collections::BTreeMap, process::ExitCode};

/// What `guard` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show how many were deactivated or deleted lately, and which tenants' others are held back
    Status {
        #[command(flatten)]
        at: Whereabouts,
        /// How it is printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Let through what is held back: what was counted was meant, and as many again may follow
    Release {
        /// Whose guard
        #[arg(long, value_name = "NAME")]
        tenant: String,
        #[command(flatten)]
        at: Whereabouts,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people, one line for each tenant
    Human,
    /// One JSON object, by tenant
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let told = match &arguments.command {
        Command::Status { at, format } => status(at, *format),
        Command::Release { tenant, at } => release(at, tenant),
    };
    match told {
        Ok(told) => {
            say(told);
            ExitCode::from(DONE)
        }
        Err(why) => could_not_run(why),
    }
}

/// How one stands, as it is answered.
#[derive(Deserialize)]
#[serde(untagged)]
enum Standing {
    On { most: u64, within: String, counted: u64, since: Option<String>, until: Option<String> },
    Off(String),
}

fn status(at: &Whereabouts, format: Format) -> Result<String, String> {
    let answer = at.operator()?.ask("GET", "/guard")?;
    if format == Format::Json {
        return Ok(answer);
    }
    let standings: BTreeMap<String, Standing> = understood(&answer)?;
    let lines = standings.iter().map(|(tenant, standing)| match standing {
        Standing::Off(off) => format!("{tenant}: {off}"),
        Standing::On { most, within, counted, since, until } => {
            let held = match (since, until) {
                (Some(since), Some(until)) => format!(
                    "; others are held back since {since}, until {until} or `scimshim guard release --tenant {tenant}`"
                ),
                _ => String::new(),
            };
            format!("{tenant}: {counted} of {most} in {within}{held}")
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// What was let through, as it is answered.
#[derive(Deserialize)]
struct Released {
    released: u64,
}

fn release(at: &Whereabouts, tenant: &str) -> Result<String, String> {
    let name = utf8_percent_encode(tenant, NON_ALPHANUMERIC);
    let answer = at.operator()?.ask("POST", &format!("/guard/release?tenant={name}"))?;
    let Released { released } = understood(&answer)?;
    Ok(format!("{tenant}: released; {released} had counted, and as many again may follow"))
}
