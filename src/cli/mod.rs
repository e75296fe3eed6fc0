//! The command line: arguments, dispatch, exit codes. One file per command.

pub mod answer;
pub mod audit;
pub mod call;
pub mod check;
pub mod compare;
pub mod coverage;
pub mod demo;
pub mod difference;
pub mod entries;
pub mod exchange;
pub mod explain;
pub mod flow;
pub mod guard;
pub mod health;
pub mod holding;
pub mod init;
pub mod journal;
pub mod keys;
pub mod okta;
pub mod operator;
pub mod outcome;
pub mod reading;
pub mod report;
pub mod schema;
pub mod serve;
pub mod source;
pub mod suite;
pub mod test;
pub mod token;
pub mod update;

use clap::{Parser, Subcommand};
use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};
use tokio::runtime::{Builder, Runtime};

/// Everything was done.
pub const DONE: u8 = 0;
/// It could not run: wrong arguments, a file or an address that is not there.
pub const COULD_NOT_RUN: u8 = 1;
/// A file has findings.
pub const FINDINGS: u8 = 2;
/// Tests failed.
pub const TESTS_FAILED: u8 = 3;

/// Gives an app without SCIM a complete SCIM 2.0 service, from one YAML mapping.
#[derive(Debug, Parser)]
#[command(name = "scimshim", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 could not run, 2 findings, 3 tests failed";

#[derive(Debug, Subcommand)]
enum Command {
    /// Play an Okta lifecycle against a sample vendor, then serve it
    #[command(after_help = EXIT_CODES)]
    Demo(demo::Arguments),
    /// Serve the tenants of a configuration
    #[command(after_help = EXIT_CODES)]
    Serve(serve::Arguments),
    /// Find what is wrong in a configuration and in mappings, before anything runs
    #[command(after_help = EXIT_CODES)]
    Check(check::Arguments),
    /// Show the vendor calls that a SCIM request would cause, or the whole plan in words
    #[command(after_help = EXIT_CODES)]
    Explain(explain::Arguments),
    /// The attribute table to type into Okta's profile editor, or the same for Okta's API
    #[command(after_help = EXIT_CODES)]
    Okta(okta::Arguments),
    /// Run the exchanges written beside mappings
    #[command(after_help = EXIT_CODES)]
    Test(test::Arguments),
    /// Print the JSON Schema of mappings, test files or configurations, for editors
    #[command(after_help = EXIT_CODES)]
    Schema(schema::Arguments),
    /// Write a mapping and its tests to start from, by hand or out of a vendor's OpenAPI document
    #[command(after_help = EXIT_CODES)]
    Init(init::Arguments),
    /// Make a client's token, or the hash of one that the configuration stores
    #[command(after_help = EXIT_CODES)]
    Token(token::Arguments),
    /// Verify the audit log
    #[command(after_help = EXIT_CODES)]
    Audit(audit::Arguments),
    /// Ask a running scimshim whether it is ready
    #[command(after_help = EXIT_CODES)]
    Health(health::Arguments),
    /// Show how many were deactivated or deleted lately, or let through what is held back
    #[command(after_help = EXIT_CODES)]
    Guard(guard::Arguments),
    /// Show writes that the vendor could not take yet and dead letters, try them again, or drop them
    #[command(after_help = EXIT_CODES)]
    Journal(journal::Arguments),
}

/// Runs the command line; its first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(asked(arguments)) {
        Ok(arguments) => arguments,
        Err(told) => {
            // `--help` and `--version` come as errors too. A closed pipe is nobody's fault.
            let _ = told.print();
            return ExitCode::from(if told.use_stderr() { COULD_NOT_RUN } else { DONE });
        }
    };
    match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Okta(arguments) => okta::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Init(arguments) => init::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Health(arguments) => health::run(&arguments),
        Command::Guard(arguments) => guard::run(&arguments),
        Command::Journal(arguments) => journal::run(&arguments),
    }
}

/// `help --help` asks for the help: clap takes whatever follows `help` for a command's name.
fn asked(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.retain(|word| word != "--help" && word != "-h");
    }
    arguments
}

/// For each worker. What a request is made of is polled one within the other, and that is deep where a Group's change is
/// a User's; the system gives what is used of it and no more.
const STACK: usize = 4 * 1024 * 1024;

/// What futures run on. One thread is this one: nothing is handed from thread to thread.
fn runtime(threads: usize) -> io::Result<Runtime> {
    match threads {
        1 => Builder::new_current_thread().enable_all().build(),
        more => Builder::new_multi_thread()
            .worker_threads(more)
            .thread_stack_size(STACK)
            .enable_all()
            .build(),
    }
}

/// Prints a line. A closed pipe is nobody's fault: who stopped reading has read enough.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Tells on stderr why the command could not run.
fn could_not_run(why: impl std::fmt::Display) -> ExitCode {
    eprintln!("scimshim: {why}");
    ExitCode::from(COULD_NOT_RUN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_the_contracts() {
        Arguments::command().debug_assert();
        for line in [
            "demo",
            "demo --listen 127.0.0.1:8080 --admin 127.0.0.1:9090 --token T --profile okta --once",
            "serve --config scimshim.yaml",
            "check",
            "check --config scimshim.yaml a.yaml b.yaml --format json --deny-warnings",
            "explain a.yaml",
            "explain a.yaml --request - --live-reads",
            "okta a.yaml --format json",
            "test a.yaml --update",
            "schema",
            "schema config",
            "test a.yaml --deny-uncovered --format json",
            "init acme",
            "init acme --openapi acme.json --into mappings --force",
            "token new",
            "token hash",
            "token hash sst_x",
            "audit verify",
            "audit verify --config scimshim.yaml audit.log.1 audit.log",
            "audit verify audit.log --key-file key",
            "audit verify audit.log --key-env KEY --head 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            "health",
            "health --url http://127.0.0.1:9090/readyz",
            "guard status",
            "guard status --config scimshim.yaml --url http://127.0.0.1:9090 --format json",
            "guard release --tenant acme --config scimshim.yaml",
            "journal list",
            "journal list --tenant acme --state dead --format json --config scimshim.yaml",
            "journal show 5d5e --url http://127.0.0.1:9090",
            "journal retry 5d5e --yes",
            "journal drop 5d5e --reason gone",
        ] {
            let words = std::iter::once("scimshim").chain(line.split(' '));
            assert!(Arguments::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "",
            "serve --confg x",
            "check --format xml",
            "demo --profile nobody",
            "schema x",
            "audit",
            "audit verify --key-env KEY",
            "audit verify a --key-env A --key-file b",
            "audit verify --head 12",
            "guard",
            "guard release",
            "journal",
            "journal list --state waiting",
            "journal show",
            "journal drop 5d5e",
        ] {
            let words = std::iter::once("scimshim").chain(line.split(' '));
            assert!(Arguments::try_parse_from(words).is_err(), "{line}");
        }
    }
}
