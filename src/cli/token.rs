//! `token`: a client token, and the hash that the configuration stores in its place.

use super::{DONE, could_not_run, say};
use crate::server::settings::Digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{io::Read, process::ExitCode};

/// What `token` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a random token and print it with its hash
    New,
    /// Print the hash of a token, read from stdin unless it is given
    Hash {
        /// The token; on stdin it stays out of the shell's history
        token: Option<String>,
    },
}

/// So that a token that leaked into a log or a repository is known for what it is.
const PREFIX: &str = "sst_";

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let printed = match &arguments.command {
        Command::New => new().map(|token| format!("{token}\n{}", line(&token))),
        Command::Hash { token: Some(token) } => hash(token),
        Command::Hash { token: None } => read().and_then(|token| hash(&token)),
    };
    match printed {
        Ok(text) => {
            say(text);
            ExitCode::from(DONE)
        }
        Err(why) => could_not_run(why),
    }
}

/// A new random token: 256 bits, which nobody guesses, so that a fast hash of it is safe.
pub fn new() -> Result<String, String> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "the system gives no randomness".to_owned())?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

fn hash(token: &str) -> Result<String, String> {
    match token.trim() {
        "" => Err("there is no token: give it as the argument or on stdin".to_owned()),
        token => Ok(line(token)),
    }
}

/// What belongs into a client's `bearer:` list.
fn line(token: &str) -> String {
    format!("- {{ sha256: \"{}\" }}", Digest::of(token.as_bytes()))
}

fn read() -> Result<String, String> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| format!("stdin cannot be read: {error}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::Credentials;

    #[test]
    fn a_new_token_is_long_and_new() {
        let (one, other) = (new().unwrap(), new().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + 43);
        assert!(one.starts_with(PREFIX));
    }

    #[test]
    fn the_line_is_what_the_configuration_reads() {
        let list = format!("bearer:\n  {}\n", hash(" sst_x \n").unwrap());
        let credentials: Credentials = serde_saphyr::from_str(&list).unwrap();
        assert_eq!(credentials.bearer[0].sha256, Digest::of(b"sst_x"));
        assert!(hash(" \n").is_err());
    }
}
