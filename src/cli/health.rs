//! `health`: the probe of an image that has no shell and no curl.

use super::{
    DONE, could_not_run,
    operator::{self, Answer},
};
use http::Uri;
use std::{net::SocketAddr, process::ExitCode};

/// What `health` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to ask; plain HTTP. Left out: `/readyz` at the address that SCIMSHIM_ADMIN__LISTEN says, else
    /// at 127.0.0.1:9090
    #[arg(long)]
    url: Option<Uri>,
}

/// Runs the command: 0 for a 200, else 1 with the reason.
pub fn run(arguments: &Arguments) -> ExitCode {
    let url = match arguments.url.clone().map_or_else(admin, Ok) {
        Ok(url) => url,
        Err(why) => return could_not_run(why),
    };
    match operator::ask("GET", &url, None) {
        Ok(Answer { status: 200, .. }) => ExitCode::from(DONE),
        Ok(Answer { status, body }) => could_not_run(format!("{url} answered {status}: {body}")),
        Err(why) => could_not_run(why),
    }
}

/// Where the admin listener is, as far as the environment says it: a probe reads no file.
fn admin() -> Result<Uri, String> {
    let listen = std::env::var("SCIMSHIM_ADMIN__LISTEN");
    let listen = listen.unwrap_or_else(|_| "127.0.0.1:9090".to_owned());
    let wrong = || format!("SCIMSHIM_ADMIN__LISTEN is `{listen}`, expected ADDRESS:PORT");
    let address: SocketAddr = listen.parse().map_err(|_| wrong())?;
    let address = operator::within_reach(address);
    format!("http://{address}/readyz").parse().map_err(|_| wrong())
}
