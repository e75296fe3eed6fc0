//! Wire: one HTTP request on a connection of its own.

use serde_json::Value;
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

/// An answer that came whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// `Set-Txn`: the write is promised under this name.
    pub txn: Option<String>,
    pub body: Value,
    pub text: String,
}

/// Longer than any request is worked on; what takes longer has no answer.
const PATIENCE: Duration = Duration::from_secs(70);

/// None: nothing came, or not all of it. `line` is method and target.
pub fn ask(port: u16, line: &str, token: &str, body: &str) -> Option<Answer> {
    let mut text = Vec::new();
    let conversed = || -> io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        stream.read_to_end(&mut text)?;
        Ok(())
    };
    let mut conversed = conversed;
    conversed().ok()?;
    whole(&String::from_utf8_lossy(&text))
}

fn whole(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (named, value) = line.split_once(':')?;
            named.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap_or(0));
    if body.len() < length {
        return None;
    }
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        txn: header("set-txn"),
        body: serde_json::from_str(body).unwrap_or_default(),
        text: body.to_owned(),
    })
}
