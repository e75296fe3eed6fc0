//! `scimshim demo` as a process of its own, and requests to it.

use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
};

pub const TOKEN: &str = "t0ken-of-the-rules";

/// Where SCIM 1.1 is spoken.
const V11: &str = "/scim/v1/";

/// The process; it ends with the test.
pub struct Demo {
    child: Child,
    /// `127.0.0.1:PORT`
    host: String,
    // Who closes it lets the process fail when it prints.
    _out: BufReader<ChildStdout>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// In SCIM 1.1.
    pub old: bool,
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Null without a body, or when it is no JSON.
    pub body: Value,
    pub text: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Demo {
    pub fn start(profile: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_scimshim"))
            .args(["demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"])
            .args(["--token", TOKEN, "--profile", profile])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        // It plays first, then says where it goes on serving.
        let base = loop {
            line.clear();
            assert!(out.read_line(&mut line).unwrap() > 0, "the demo has ended");
            if let Some(base) = line.trim().strip_prefix("base URL") {
                break base.trim().to_owned();
            }
        };
        let host = base.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
        Self { child, host, _out: out }
    }

    /// One request on a connection of its own. `path` stands below the base, below that of SCIM 1.1, or is a whole URL
    /// of this service.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &str,
    ) -> Reply {
        let own = format!("http://{}", self.host);
        let path = match path.strip_prefix(&own) {
            Some(path) => path.to_owned(),
            None if path.starts_with(V11) => path.to_owned(),
            None => format!("/scim/v2{path}"),
        };
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!(
            "content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ));
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Reply { old: path.starts_with(V11), ..reply(&text) }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reply(text: &str) -> Reply {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let json = serde_json::from_str(body).unwrap_or_default();
    Reply { old: false, status, headers, body: json, text: body.to_owned() }
}
