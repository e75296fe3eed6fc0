//! A vendor that notes every byte it is sent, and says `{}` to all of it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// On a real socket, one request for each connection.
pub struct Vendor {
    pub address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Vendor {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read(&mut stream);
                // Noted before it is answered: who has the answer finds the request here.
                log.lock().unwrap().push(normal(&request));
                let answer = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { address, seen }
    }

    /// What came since this was asked last. Reads beside each other come in any order.
    pub fn take(&self) -> Vec<String> {
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.sort();
        seen
    }
}

fn read(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        if let Some(head) = head
            && bytes.len() >= head + length(&bytes[..head])
        {
            return bytes;
        }
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "a request that ends too early: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let found = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    found.map_or(0, |length| length.trim().parse().unwrap())
}

/// The bytes, but for what says nothing: the case of headers' names (RFC 9110 §5.1) and the order of different
/// headers (§5.3).
fn normal(request: &[u8]) -> String {
    let request = String::from_utf8(request.to_vec()).unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap();
    let mut headers: Vec<String> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            format!("{}:{value}", name.to_ascii_lowercase())
        })
        .collect();
    headers.sort();
    format!("{first}\n{}\n\n{body}", headers.join("\n"))
}
