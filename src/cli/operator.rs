//! The running process, asked as its operator: through the admin listener, which speaks plain HTTP.

use super::runtime;
use crate::{app::load, diagnostic::render_human, secret::Secret, yaml::file};
use http::{HeaderValue, Uri};
use serde::Deserialize;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Where the process is, as a command line says it.
#[derive(Debug, clap::Args)]
pub struct Whereabouts {
    /// The configuration that it runs: its `admin` says where to ask, and with which token
    #[arg(long, value_name = "FILE", default_value = "scimshim.yaml")]
    config: PathBuf,
    /// Where else the admin listener is, e.g. http://127.0.0.1:9090; plain HTTP
    #[arg(long)]
    url: Option<Uri>,
}

/// An admin listener, and what it wants to be shown.
#[derive(Debug)]
pub struct Operator {
    /// Without a path.
    base: String,
    token: Option<Secret>,
}

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What was said, without white space around it.
    pub body: String,
}

/// Who probes is killed when it waits longer, and what is asked here is answered from memory.
const PATIENCE: Duration = Duration::from_secs(5);

/// Of the answer, with room for the guards of thousands of tenants and for hundreds of entries of a journal.
const LONGEST: u64 = 1024 * 1024;

impl Whereabouts {
    /// What is there. The configuration is read as `serve` reads it, from file and environment.
    pub fn operator(&self) -> Result<Operator, String> {
        let loaded = load::load(&self.config)?;
        let Some((config, _)) = loaded.config else {
            let source = |file: &str| file::text(Path::new(file)).ok();
            let found = render_human(&loaded.findings, source);
            return Err(format!("the configuration does not say where to ask\n{found}"));
        };
        let token = config.admin.token.as_ref().map(|token| token.resolve()).transpose()?;
        let base = match &self.url {
            Some(url) => url.to_string().trim_end_matches('/').to_owned(),
            None if config.admin.listen.port() == 0 => {
                return Err("`admin.listen` takes a free port: say which with `--url`".to_owned());
            }
            None => format!("http://{}", within_reach(config.admin.listen)),
        };
        Ok(Operator { base, token })
    }
}

impl Operator {
    /// Asks for a path; the body of a 200, else why there is none.
    pub fn ask(&self, method: &str, path: &str) -> Result<String, String> {
        let url = format!("{}{path}", self.base);
        let url: Uri = url.parse().map_err(|_| not_an_address(&url))?;
        let Answer { status, body } = ask(method, &url, self.token.as_ref())?;
        match status {
            200 => Ok(body),
            _ => Err(format!("{url} answered {status}: {body}")),
        }
    }
}

/// What an answer says.
pub fn understood<T: for<'de> Deserialize<'de>>(answer: &str) -> Result<T, String> {
    let strange = |error| format!("the answer is none of this version's: {error}");
    serde_json::from_str(answer).map_err(strange)
}

/// Who listens on every address is asked on this machine's own.
pub fn within_reach(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listen
}

/// One request, and what was answered; an error when nothing was.
pub fn ask(method: &str, url: &Uri, token: Option<&Secret>) -> Result<Answer, String> {
    let runtime = runtime(1).map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let late = |_| format!("{url} did not answer within {PATIENCE:?}");
        timeout(PATIENCE, exchange(method, url, token)).await.map_err(late)?
    })
}

async fn exchange(method: &str, url: &Uri, token: Option<&Secret>) -> Result<Answer, String> {
    let (Some("http"), Some(host)) = (url.scheme_str(), url.host()) else {
        return Err(not_an_address(&url.to_string()));
    };
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let shown = match token.map(Secret::expose) {
        // What no header can hold would be read as one more.
        Some(token) if HeaderValue::from_str(token).is_err() => {
            return Err("`admin.token` has a character that no header can hold".to_owned());
        }
        Some(token) => format!("authorization: Bearer {token}\r\n"),
        None => String::new(),
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\n{shown}content-length: 0\r\nconnection: close\r\n\r\n"
    );

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
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| format!("{url} does not speak HTTP"))?;
    Ok(Answer { status, body: body.trim().to_owned() })
}

fn not_an_address(url: &str) -> String {
    format!("`{url}` is not `http://HOST:PORT/PATH`")
}
