//! `audit`: whether the audit log is as it was written.

use super::{DONE, FINDINGS, could_not_run, say};
use crate::{
    app::load,
    audit::{
        chain::{Head, Key},
        settings::Settings,
        verify::{Anchors, Doubt, Verified, verify},
    },
    secret::Reference,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What `audit` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check every line: none was changed, inserted, moved or removed
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The files of one log, the oldest first: `audit.log.1 audit.log`. Left out: the one that the configuration names
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The configuration that names the log and its key
    #[arg(long, value_name = "FILE", default_value = "scimshim.yaml")]
    config: PathBuf,
    /// The environment variable that holds the key; no configuration is read then
    #[arg(long, value_name = "NAME", requires = "files", conflicts_with_all = ["config", "key_file"])]
    key_env: Option<String>,
    /// The file that holds the key; no configuration is read then
    #[arg(long, value_name = "FILE", requires = "files", conflicts_with = "config")]
    key_file: Option<PathBuf>,
    /// A head that `scimshim_audit_head` once told: nothing up to it was cut off at the end
    #[arg(long, value_name = "HASH", value_parser = head)]
    head: Option<Head>,
    /// The head of what was verified before and is kept elsewhere: the first line goes on behind it
    #[arg(long, value_name = "HASH", value_parser = head)]
    after: Option<Head>,
}

fn head(text: &str) -> Result<Head, String> {
    Head::read(text).ok_or_else(|| "expected 64 hexadecimal digits".to_owned())
}

/// Runs the command: 0 where every line is as it was written, 2 with the first that is not.
pub fn run(arguments: &Arguments) -> ExitCode {
    let Command::Verify(arguments) = &arguments.command;
    let (key, files) = match log(arguments) {
        Ok(found) => found,
        Err(why) => return could_not_run(why),
    };
    let anchors = Anchors { after: arguments.after.clone(), head: arguments.head.clone() };
    match verify(&files, &key, &anchors) {
        Ok(verified) => {
            tell(&verified, arguments.head.as_ref());
            ExitCode::from(DONE)
        }
        Err(doubt @ Doubt::Unreadable(..)) => could_not_run(doubt),
        Err(doubt @ Doubt::Flaw(_)) => {
            say(doubt);
            ExitCode::from(FINDINGS)
        }
    }
}

/// The key and the files.
fn log(arguments: &Verify) -> Result<(Key, Vec<PathBuf>), String> {
    let Verify { files, config, key_env, key_file, .. } = arguments;
    let own = key_env.clone().map(Reference::Env);
    let own = own.or_else(|| key_file.clone().map(Reference::File));
    let settings = match own {
        // The path of the configuration is not asked for: there are files.
        Some(key) => Settings { path: PathBuf::new(), key },
        None => configured(config)?,
    };
    let key = settings.key().map_err(|refusal| format!("{}: {}", refusal.message, refusal.help))?;
    let files = if files.is_empty() { vec![settings.path] } else { files.clone() };
    Ok((key, files))
}

fn configured(file: &Path) -> Result<Settings, String> {
    let load::Loaded { config, findings, .. } = load::load(file)?;
    let Some((config, _)) = config else {
        let first = findings.first().map(ToString::to_string).unwrap_or_default();
        return Err(format!(
            "{first}: `scimshim check` has all that is wrong with the configuration"
        ));
    };
    let none = || {
        format!(
            "{}: there is no `audit`: name the files, and the key by `--key-env` or `--key-file`",
            file.display()
        )
    };
    config.audit.ok_or_else(none)
}

fn tell(verified: &Verified, asked: Option<&Head>) {
    let Verified { lines, strands, unended, head, torn, since } = verified;
    say(format!("{} in {}, head {head}", counted(*lines, "line"), counted(*strands, "strand")));
    if let (Some(asked), Some(since)) = (asked, since) {
        say(format!("{} behind {asked}", counted(*since, "line")));
    }
    if *unended > 0 {
        let strands = counted(*unended, "strand");
        say(format!("{strands} without an end: a process still runs, or was killed"));
    }
    if *torn > 0 {
        say(format!(
            "{torn} bytes behind the last line are no whole line: it is being written, or its process was killed"
        ));
    }
}

fn counted(count: u64, noun: &str) -> String {
    let more = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{more}")
}
