//! Text over a socket.

use serde_json::Value;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub struct Answer {
    pub status: u16,
    /// All that came.
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.text.split("\r\n\r\n").next().unwrap_or_default().lines();
        let mut headers = lines.filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    /// Null when there is none.
    pub fn json(&self) -> Value {
        match self.body() {
            "" => Value::Null,
            body => serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}")),
        }
    }
}

/// The head and body as they go out; `request` is `METHOD target`.
pub fn written(request: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{request} HTTP/1.1\r\nhost: vendor.example\r\nconnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() {
        text += &format!("content-length: {}\r\n", body.len());
    }
    text + "\r\n" + body
}

pub async fn open(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://")).await.unwrap()
}

/// Sends one request and reads to the connection's end; what came before an error comes with it.
pub async fn converse(url: &str, text: &str) -> (String, io::Result<()>) {
    let mut stream = open(url).await;
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut came = Vec::new();
    let end = stream.read_to_end(&mut came).await.map(drop);
    (String::from_utf8(came).unwrap(), end)
}

pub async fn send(url: &str, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (text, end) = converse(url, &written(request, headers, body)).await;
    end.unwrap_or_else(|error| panic!("{request}: {error}: {text}"));
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("{request}: no status: {text}")), text }
}
