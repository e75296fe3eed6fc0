//! `health`: the probe of an image that has no shell and no curl.

use super::{DONE, could_not_run, runtime};
use http::Uri;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What `health` takes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to ask; plain HTTP. Left out: `/readyz` at the address that SCIMSHIM_ADMIN__LISTEN says, else
    /// at 127.0.0.1:9090
    #[arg(long)]
    url: Option<Uri>,
}

/// A probe that waits longer is killed by who runs it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Of the answer; what is ours is far shorter.
const LONGEST: u64 = 64 * 1024;

/// Runs the command: 0 for a 200, else 1 with the reason.
pub fn run(arguments: &Arguments) -> ExitCode {
    let runtime = match runtime(1) {
        Ok(runtime) => runtime,
        Err(error) => return could_not_run(error),
    };
    let url = match arguments.url.clone().map_or_else(admin, Ok) {
        Ok(url) => url,
        Err(why) => return could_not_run(why),
    };
    let url = &url;
    let asked = runtime.block_on(async {
        let late = |_| format!("{url} did not answer within {PATIENCE:?}");
        timeout(PATIENCE, ask(url)).await.map_err(late)?
    });
    match asked {
        Ok(()) => ExitCode::from(DONE),
        Err(why) => could_not_run(why),
    }
}

/// Where the admin listener is, as far as the environment says it. Who listens on every address is asked
/// on this machine's own.
fn admin() -> Result<Uri, String> {
    let listen = std::env::var("SCIMSHIM_ADMIN__LISTEN");
    let listen = listen.unwrap_or_else(|_| "127.0.0.1:9090".to_owned());
    let wrong = || format!("SCIMSHIM_ADMIN__LISTEN is `{listen}`, expected ADDRESS:PORT");
    let mut address: SocketAddr = listen.parse().map_err(|_| wrong())?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{address}/readyz").parse().map_err(|_| wrong())
}

async fn ask(url: &Uri) -> Result<(), String> {
    let (Some("http"), Some(host)) = (url.scheme_str(), url.host()) else {
        return Err(format!("`{url}` is not `http://HOST:PORT/PATH`"));
    };
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");

    let silent = |error: std::io::Error| format!("{url} does not answer: {error}");
    let address = (host.trim_matches(['[', ']']), url.port_u16().unwrap_or(80));
    let mut stream = TcpStream::connect(address).await.map_err(|error| {
        format!("{}: `--url` says where else the admin listener is", silent(error))
    })?;
    stream.write_all(request.as_bytes()).await.map_err(silent)?;
    let mut answer = vec![];
    stream.take(LONGEST).read_to_end(&mut answer).await.map_err(silent)?;

    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(()),
        Some(status) => Err(format!("{url} answered {status}: {}", body.trim())),
        None => Err(format!("{url} does not speak HTTP")),
    }
}
