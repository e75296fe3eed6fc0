//! `journal`: what of clients' writes a running scimshim has still to carry out, and what a person does about it.

use super::{
    DONE, could_not_run,
    entries::{Entry, Progress, page, table},
    operator::{Operator, Whereabouts, understood},
    say,
};
use clap::ValueEnum;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use std::{fmt::Display, process::ExitCode};

/// What `journal` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show the writes that the vendor does not have yet, and dead letters: with names, never with values
    List {
        /// One tenant's alone
        #[arg(long, value_name = "NAME")]
        tenant: Option<String>,
        /// Those of one state alone
        #[arg(long, value_enum)]
        state: Option<State>,
        #[command(flatten)]
        at: Whereabouts,
        /// How they are printed
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// Show one of them, and what of it has left for the vendor
    Show {
        /// As `list` shows it, and as the client was told in `Set-Txn`
        number: String,
        #[command(flatten)]
        at: Whereabouts,
    },
    /// Try a pending one now, or a dead letter once more, behind all that was received since
    Retry {
        /// As `list` shows it
        number: String,
        /// A dead letter may undo what was written since: that is known
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        at: Whereabouts,
    },
    /// End a pending one or a dead letter: nothing more of it is carried out; its client may send it again
    Drop {
        /// As `list` shows it
        number: String,
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        at: Whereabouts,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum State {
    /// Carried out when the vendor takes it
    Pending,
    /// Ended, while a call of it may still reach the vendor
    Settling,
    /// A dead letter: somebody must look
    Dead,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// For people, a table
    Human,
    /// One JSON array
    Json,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let told = match &arguments.command {
        Command::List { tenant, state, at, format } => list(at, tenant.as_deref(), *state, *format),
        Command::Show { number, at } => show(at, number),
        Command::Retry { number, yes, at } => retry(at, number, *yes),
        Command::Drop { number, reason, at } => end(at, number, reason),
    };
    match told {
        Ok(told) => {
            say(told);
            ExitCode::from(DONE)
        }
        Err(why) => could_not_run(why),
    }
}

/// Asked for at once: an answer has a bound, and so has the time for it.
const A_PAGE: usize = 200;

fn list(
    at: &Whereabouts,
    tenant: Option<&str>,
    state: Option<State>,
    format: Format,
) -> Result<String, String> {
    let operator = at.operator()?;
    let tenant = tenant.map(|name| format!("&tenant={}", encoded(name))).unwrap_or_default();
    let state = state.and_then(|state| state.to_possible_value());
    let state = state.map(|state| format!("&state={}", state.get_name())).unwrap_or_default();
    let mut all: Vec<Value> = Vec::new();
    loop {
        let skip = all.len();
        let path = format!("/journal?skip={skip}&limit={A_PAGE}{tenant}{state}");
        let answer: Vec<Value> = understood(&operator.ask("GET", &path)?)?;
        let last = answer.len() < A_PAGE;
        all.extend(answer);
        if last {
            break;
        }
    }
    let all = Value::Array(all);
    if format == Format::Json {
        return Ok(all.to_string());
    }
    let entries: Vec<Entry> = understood(&all.to_string())?;
    Ok(match entries.as_slice() {
        [] => "nothing: what was received is carried out".to_owned(),
        entries => table(entries, now()),
    })
}

/// One, as it is answered.
#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    entry: Entry,
    #[serde(flatten)]
    progress: Progress,
}

fn whole(operator: &Operator, number: &str) -> Result<Whole, String> {
    understood(&operator.ask("GET", &format!("/journal/{}", encoded(number)))?)
}

fn show(at: &Whereabouts, number: &str) -> Result<String, String> {
    let Whole { entry, progress } = whole(&at.operator()?, number)?;
    Ok(page(&entry, &progress, now()))
}

/// What was done, as it is answered.
#[derive(Deserialize)]
struct Retried {
    #[serde(flatten)]
    entry: Entry,
    warning: Option<String>,
}

fn retry(at: &Whereabouts, number: &str, yes: bool) -> Result<String, String> {
    let operator = at.operator()?;
    let Whole { entry, .. } = whole(&operator, number)?;
    if entry.state == "dead" && !yes {
        return Err(format!(
            "nothing is done yet: {}: {}, received {}, would be delivered now; whatever was written since is older than \
             that, and may be undone: `--yes` does it",
            entry.whose(),
            entry.wants(),
            entry.received(now())
        ));
    }
    let path = format!("/journal/retry?number={}", encoded(number));
    let Retried { entry, warning } = understood(&operator.ask("POST", &path)?)?;
    let (whose, wants, number) = (entry.whose(), entry.wants(), &entry.number);
    Ok(match warning {
        Some(warning) => format!("{whose}: {wants}: is delivered now, as {number}; {warning}"),
        None => format!("{whose}: {wants}: is tried now"),
    })
}

fn end(at: &Whereabouts, number: &str, reason: &str) -> Result<String, String> {
    let (encoded, reason) = (encoded(number), encoded(reason));
    let path = format!("/journal/drop?number={encoded}&reason={reason}");
    let entry: Entry = understood(&at.operator()?.ask("POST", &path)?)?;
    let (whose, wants, received) = (entry.whose(), entry.wants(), entry.received(now()));
    Ok(format!("{whose}: {wants}: dropped; it was received {received}"))
}

/// What a UUID is made of stands as it is.
const SPECIAL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

fn encoded(text: &str) -> impl Display {
    utf8_percent_encode(text, SPECIAL)
}

#[expect(clippy::disallowed_methods, reason = "ages are told by the clock of who looks")]
fn now() -> Timestamp {
    Timestamp::now()
}
