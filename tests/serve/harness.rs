//! A folder, a process that serves what is in it, and its log line by line.

use scimshim::server::settings::Digest;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

#[path = "port.rs"]
mod port;
pub use port::free_port;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The mapping that the demo uses.
pub fn sample() -> String {
    std::fs::read_to_string(root().join("mappings/sample.yaml")).unwrap()
}

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("scimshim-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Whole at once: a process that looks meanwhile sees the old file or the new one.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        let new = path.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, &path).unwrap();
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How often files are looked at.
pub const OFTEN: &str = "20ms";
pub const NEVER: &str = "12h";

/// `serve` with the mapping `m.yaml`, for tenants with a vendor each.
pub struct Served {
    pub child: Child,
    log: BufReader<ChildStderr>,
    pub port: u16,
    pub admin: u16,
}

impl Served {
    pub fn start(folder: &Folder, tenants: &[(&str, &str)], reload: &str) -> Self {
        Self::started(folder, tenants, reload, |config| config)
    }

    /// The same with something else in the configuration.
    pub fn started(
        folder: &Folder,
        tenants: &[(&str, &str)],
        reload: &str,
        change: impl FnOnce(String) -> String,
    ) -> Self {
        let (port, admin) = (free_port(), free_port());
        let mut config = format!(
            "server: {{ listen: \"127.0.0.1:{port}\" }}\nadmin: {{ listen: \"127.0.0.1:{admin}\" }}\n\
             log: {{ format: json }}\nreload: {{ every: {reload} }}\ntenants:\n"
        );
        for (name, vendor) in tenants {
            config.push_str(&format!(
                "  {name}:\n    mapping: m.yaml\n    vars: {{ url: \"{vendor}\", key: {{ env: VENDOR_KEY }} }}\n    \
                 clients: {{ okta: {{ bearer: [{{ sha256: \"{}\" }}, {{ sha256: \"{}\", until: 2020-01-31 }}] }} }}\n",
                Digest::of(format!("token-of-{name}").as_bytes()),
                Digest::of(format!("old-token-of-{name}").as_bytes())
            ));
        }
        Self::run(folder, &change(config), port, admin)
    }

    /// The same for a configuration that is written already.
    pub fn run(folder: &Folder, config: &str, port: u16, admin: u16) -> Self {
        let file = folder.write("scimshim.yaml", config);
        Self::over(serve(&file), port, admin)
    }

    /// The same by a command of the test's own.
    pub fn over(mut command: Command, port: u16, admin: u16) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut served = Self { child, log, port, admin };
        served.until("serving");
        served
    }

    /// The next line of the log.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.log.read_line(&mut line).unwrap() > 0, "the log has ended");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }

    /// Reads the log to the next line with this message.
    pub fn until(&mut self, message: &str) -> Value {
        loop {
            let line = self.line();
            if line["message"] == message {
                return line;
            }
        }
    }

    /// All lines of the next request to its own.
    pub fn lines_of_a_request(&mut self) -> Vec<Value> {
        let mut lines = vec![self.line()];
        while lines.last().is_none_or(|line| line["message"] != "request") {
            lines.push(self.line());
        }
        lines
    }

    /// Sends a signal: `TERM`, `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap();
        assert!(sent.success());
    }

    pub fn connect(&self, port: u16) -> TcpStream {
        TcpStream::connect(("127.0.0.1", port)).unwrap()
    }

    pub fn send(&self, port: u16, token: &str, line: &str, body: &str) -> (u16, String) {
        let mut stream = self.connect(port);
        stream.write_all(request(token, line, body).as_bytes()).unwrap();
        answer(&mut stream)
    }

    pub fn scim(&self, token: &str, path: &str) -> (u16, String) {
        self.send(self.port, token, &format!("GET /scim/v2{path}"), "")
    }

    pub fn metrics(&self) -> String {
        self.send(self.admin, "", "GET /metrics", "").1
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command, with the one secret that mappings here ask for.
pub fn serve(config: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimshim"));
    command.args(["serve", "--config", config]).current_dir(root()).env("VENDOR_KEY", "key");
    command
}

pub fn request(token: &str, line: &str, body: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Status and body of what comes to the connection's end.
pub fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    (status, text.split_once("\r\n\r\n").unwrap().1.to_owned())
}
