//! A vendor that notes what it is asked and answers as it is told, in the clear or by TLS.

use serde_json::Value;
use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::Semaphore,
    task::yield_now,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `GET /users?x=1`
    pub line: String,
    head: String,
    pub body: String,
}

impl Asked {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// What a form holds, as it was encoded.
    pub fn form(&self) -> Vec<&str> {
        self.body.split('&').collect()
    }
}

/// What is answered.
pub enum Reply {
    Json(u16, Value),
    /// Status, further header lines, body.
    Text(u16, &'static str, &'static str),
    /// Nothing, ever.
    Silence,
    /// This one, once there is a permit for it.
    Held(Arc<Semaphore>, Box<Reply>),
}

/// How it answers: what was asked, and how many were asked before.
type Manner = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

pub struct Vendor {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Vendor {
    /// In the clear, on loopback.
    pub async fn start(manner: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::over(None, Arc::new(manner)).await
    }

    /// By TLS, as `localhost`.
    pub async fn secured(
        config: rustls::ServerConfig,
        manner: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::over(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(manner)).await
    }

    async fn over(tls: Option<TlsAcceptor>, manner: Arc<Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = match tls {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, manner, log) = (tls.clone(), Arc::clone(&manner), Arc::clone(&log));
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &*manner, &log).await,
                        // A handshake that fails is the test's matter, not the vendor's.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, &*manner, &log).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, asked }
    }

    /// Waits until so many were asked; a test where they never are has failed.
    pub async fn heard(&self, count: usize) {
        let heard = async {
            while self.asked().len() < count {
                yield_now().await;
            }
        };
        let within = timeout(Duration::from_secs(10), heard).await;
        assert!(within.is_ok(), "{count} were expected: {:?}", self.asked());
    }

    /// All that was asked, first to last.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    manner: &Manner,
    log: &Mutex<Vec<Asked>>,
) {
    let Some(asked) = read(&mut stream).await else { return };
    let mut reply = {
        let mut log = log.lock().unwrap();
        let reply = manner(&asked, log.len());
        log.push(asked);
        reply
    };
    if let Reply::Held(permits, then) = reply {
        permits.acquire().await.unwrap().forget();
        reply = *then;
    }
    let (status, headers, body) = match reply {
        Reply::Json(status, body) => {
            (status, "content-type: application/json\r\n", body.to_string())
        }
        Reply::Text(status, headers, body) => (status, headers, body.to_owned()),
        Reply::Silence | Reply::Held(..) => pending().await,
    };
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    // A client that gave up does not read it.
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        // A connection that was opened and not used.
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let mut asked = Asked { line, head, body: String::new() };
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    asked.body = String::from_utf8(body).unwrap();
    Some(asked)
}
