//! `demo`: an Okta lifecycle against a sample vendor, printed call by call, then served.

use super::{DONE, TESTS_FAILED, could_not_run, runtime, token};
use crate::{
    demo::{self, Demo},
    scim::profile::Profile,
};
use std::{net::SocketAddr, process::ExitCode};

/// What `demo` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the SCIM service listens; off loopback only with `--token`
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where health and metrics are served
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9090")]
    pub admin: SocketAddr,
    /// The client's token; left out: a random one, printed
    #[arg(long)]
    pub token: Option<String>,
    /// The client's habits: okta, okta-opp-1.1, entra or strict
    #[arg(long, value_name = "NAME", default_value = "okta", value_parser = profile)]
    pub profile: Profile,
    /// Exit after the play: 0 when every exchange was as expected
    #[arg(long)]
    pub once: bool,
}

fn profile(name: &str) -> Result<Profile, String> {
    let known = Profile::NAMES.map(|(name, _)| name).join(", ");
    Profile::named(name).ok_or_else(|| format!("expected one of {known}"))
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    if !arguments.listen.ip().is_loopback() && arguments.token.is_none() {
        let address = arguments.listen;
        return could_not_run(format!("`{address}` is not on loopback: say `--token TOKEN`"));
    }
    let token = match &arguments.token {
        Some(token) => token.clone(),
        None => match token::new() {
            Ok(token) => token,
            Err(why) => return could_not_run(why),
        },
    };
    let demo = Demo {
        listen: arguments.listen,
        admin: arguments.admin,
        token,
        profile: arguments.profile,
        once: arguments.once,
    };
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(format!("cannot start threads: {error}")),
    };
    match runtime.block_on(demo::run(demo, &mut std::io::stdout())) {
        Ok(true) => ExitCode::from(DONE),
        Ok(false) => ExitCode::from(TESTS_FAILED),
        Err(why) => could_not_run(why),
    }
}
