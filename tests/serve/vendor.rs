//! Vendors on threads of their own: the demo's, one that answers as a table says, one that waits.

use scimshim::demo::vendor::Vendor;
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

/// What one call is answered with: method and path, status, body.
pub type Row = (&'static str, u16, &'static str);

/// The sample vendor of the demo.
pub fn sample() -> String {
    peopled(0)
}

/// The same with so many people more.
pub fn peopled(count: usize) -> String {
    let vendor = Vendor::seeded("key");
    for number in 0..count {
        let mut state = vendor.state();
        let key = state.new_key();
        let person = json!({ "login": format!("p{number}@acme.example") });
        assert!(state.people.make(key, &person, 0).is_ok());
    }
    let (listener, url) = bound();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            Arc::new(vendor).serve(listener).await;
        });
    });
    url
}

/// A vendor that answers each call as `table` says.
pub fn scripted(table: &'static [Row]) -> String {
    let (listener, url) = bound();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), table);
        }
    });
    url
}

/// A vendor that says when a call has come, and answers when it may.
pub fn held(row: Row) -> (String, Receiver<()>, Sender<()>) {
    let (listener, url) = bound();
    let (begun, has_begun) = channel();
    let (may_end, ends) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = asked(&mut stream);
            if begun.send(()).is_err() || ends.recv().is_err() {
                return;
            }
            write(&mut stream, row.1, row.2);
        }
    });
    (url, has_begun, may_end)
}

/// Gives out tokens that end at once, each with another refresh token: `r0`, `r1` and so on. Says with which it was asked.
pub fn rotating() -> (String, Receiver<String>) {
    let (listener, url) = bound();
    let (told, asked_with) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let (_, form) = read(&mut stream);
            let token = form.split('&').find_map(|pair| pair.strip_prefix("refresh_token="));
            if told.send(token.unwrap_or_default().to_owned()).is_err() {
                return;
            }
            let body = json!({ "access_token": "key", "expires_in": 0, "refresh_token": format!("r{number}") });
            write(&mut stream, 200, &body.to_string());
        }
    });
    (url, asked_with)
}

fn bound() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn serve(mut stream: TcpStream, table: &[Row]) {
    let asked = asked(&mut stream);
    let row = table.iter().find(|(call, ..)| *call == asked);
    let (status, body) =
        row.map_or((500, "not in the table"), |(_, status, body)| (*status, *body));
    write(&mut stream, status, body);
}

/// Method and path of the one request on this connection, read to its end.
fn asked(stream: &mut TcpStream) -> String {
    read(stream).0
}

/// The same with its body.
fn read(stream: &mut TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let call = first.split(" HTTP").next().unwrap_or_default();
    let call = call.split('?').next().unwrap_or_default().to_owned();
    (call, String::from_utf8(body).unwrap())
}

fn write(stream: &mut TcpStream, status: u16, body: &str) {
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes());
}
