//! The load: keep-alive connections, each sending its next request when the last was answered.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{process::Command, time::Instant};
use tokio::net::TcpStream;

/// One request. `{n}` in it is the number of the connection: each works on a resource of its own.
#[derive(Debug, Clone)]
pub struct Shot {
    pub method: &'static str,
    pub path: String,
    pub body: String,
}

impl Shot {
    fn numbered(&self, number: usize) -> Self {
        let with = |text: &str| text.replace("{n}", &number.to_string());
        Self { method: self.method, path: with(&self.path), body: with(&self.body) }
    }
}

/// Fires `requests` over `connections` from a process of its own; gives back requests per second.
pub fn shoot(url: &str, shot: &Shot, connections: usize, requests: usize) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .env("SCIMSHIM_BENCH_ROLE", "load")
        .args([
            url,
            shot.method,
            &shot.path,
            &shot.body,
            &connections.to_string(),
            &requests.to_string(),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// The load's own process.
pub async fn run() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let method = ["GET", "POST", "PATCH"].into_iter().find(|method| *method == words[1]).unwrap();
    let shot = Shot { method, path: words[2].clone(), body: words[3].clone() };
    let (connections, requests): (usize, usize) =
        (words[4].parse().unwrap(), words[5].parse().unwrap());
    let begun = Instant::now();
    let each = requests / connections;
    let tasks: Vec<_> = (0..connections)
        .map(|number| {
            let (url, shot) = (words[0].clone(), shot.numbered(number));
            tokio::spawn(async move {
                let mut sender = connect(&url).await;
                for _ in 0..each {
                    let (status, _) = send(&mut sender, &shot).await;
                    assert!(status / 100 == 2, "{status}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!("{}", (each * connections) as f64 / begun.elapsed().as_secs_f64());
}

/// A keep-alive connection.
pub async fn connect(url: &str) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// One request on it, and its answer.
pub async fn send(sender: &mut SendRequest<Full<Bytes>>, shot: &Shot) -> (u16, Vec<u8>) {
    sender.ready().await.unwrap();
    let request = Request::builder()
        .method(shot.method)
        .uri(&shot.path)
        .header(header::HOST, "bench")
        .header(header::AUTHORIZATION, "Bearer t0ken")
        .header(header::CONTENT_TYPE, "application/scim+json")
        .body(Full::from(shot.body.clone()))
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.into_body().collect().await.unwrap().to_bytes().to_vec())
}

/// One request and its answer.
pub fn one(url: &str, shot: &Shot) -> (u16, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { send(&mut connect(url).await, &shot.numbered(7)).await })
}

/// An import of everybody, by index.
pub fn walk(url: &str, expected: usize) {
    let mut seen = 0;
    while seen < expected {
        let path = format!("/scim/v2/Users?startIndex={}&count=100", seen + 1);
        let (status, body) = one(url, &Shot { method: "GET", path, body: String::new() });
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, body["totalResults"].as_u64()), (200, Some(expected as u64)), "{body}");
        seen += body["Resources"].as_array().unwrap().len();
    }
}
