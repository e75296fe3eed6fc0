//! `schema`: the JSON Schema of files, made of the tables that they are read by.

use super::{DONE, keys, say};
use crate::{app, mapping, yaml::schema};
use clap::ValueEnum;
use serde_json::Value;
use std::process::ExitCode;

/// What `schema` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Whose schema
    #[arg(value_enum, default_value_t = Files::Mapping)]
    files: Files,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Files {
    /// `x.yaml`, which says how a vendor's API is a SCIM service
    Mapping,
    /// `x.test.yaml` beside it
    Test,
    /// `scimshim.yaml`, which `serve` takes
    Config,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    say(text(arguments.files));
    ExitCode::from(DONE)
}

/// The schema as it is printed.
fn text(files: Files) -> String {
    format!("{:#}", schema(files))
}

fn schema(files: Files) -> Value {
    match files {
        Files::Mapping => schema::schema(&mapping::keys::MAPPING, false),
        // What is empty there says "nothing": no calls, no variables.
        Files::Test => schema::schema(&keys::TEST_FILE, true),
        Files::Config => schema::schema(&app::keys::CONFIG, true),
    }
}
