//! `explain`: the vendor calls that a SCIM request would cause, before anything is sent; or the
//! whole plan in words.

mod request;
mod shown;
mod tenant;

use super::{
    DONE, could_not_run, exchange, runtime, say,
    source::{self, Unread, refused},
};
use crate::mapping::explain;
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The mapping
    mapping: PathBuf,
    /// A request (`PATCH /Users/5: body`), or requests with the answers to their calls as in
    /// `x.test.yaml`; `-` reads stdin. Left out: the whole plan in words
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// Ask the vendor itself, GETs only; writes are shown and not sent. The file's `tenant:` says
    /// who we are: `{ env: NAME }`, `{ file: PATH }` or a value
    #[arg(long, requires = "request")]
    live_reads: bool,
    /// A variable of the tenant's, over the file's: `key=abc`, or a secret by its place,
    /// `key={ env: NAME }`
    #[arg(long = "var", value_name = "NAME=VALUE", requires = "request")]
    variables: Vec<String>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let plan = match source::plan(&arguments.mapping) {
        Ok(plan) => plan,
        Err(left) => return left,
    };
    let Some(file) = &arguments.request else {
        say(explain::plan(&plan));
        return ExitCode::from(DONE);
    };
    let (name, text) = match written(file) {
        Ok(read) => read,
        Err(why) => return could_not_run(why),
    };
    let file = match exchange::read_request(&name, &text) {
        Ok(file) => file,
        Err(findings) => return refused(&findings),
    };
    let said = match tenant::said(&plan, &arguments.variables) {
        Ok(said) => said,
        Err(why) => return could_not_run(why),
    };
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start: {error}")),
    };
    match runtime.block_on(request::all(plan, &file, &said, arguments.live_reads)) {
        Ok(()) => ExitCode::from(DONE),
        Err(why) => could_not_run(why),
    }
}

fn written(file: &Path) -> Result<(String, String), String> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| format!("stdin cannot be read: {error}"))?;
        return Ok(("stdin".to_owned(), text));
    }
    let name = file.display().to_string();
    match source::text(file) {
        Ok(text) => Ok((name, text)),
        Err(Unread::Circumstance(why)) => Err(why),
        Err(Unread::Finding(finding)) => Err(finding.to_string()),
    }
}

/// Says something beside the commands. The whole can be pasted into a shell, so no line of it may be taken for one.
fn remark(text: impl std::fmt::Display) {
    say(format!("# {}", text.to_string().trim_end().replace(['\n', '\r'], "\n# ")));
}
