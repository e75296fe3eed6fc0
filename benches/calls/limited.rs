//! A vendor that takes so many calls in a second, and counts them.

use super::vendor;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::net::TcpListener;

/// How it counts: `fixed` from full second to full second, `sliding` what came within the last.
pub const COUNTS: &str = "BENCH_COUNTS";
/// What it tells beside its refusals: `nothing`, `when` (Retry-After) or `left` (its headers).
pub const TELLS: &str = "BENCH_TELLS";
/// Calls in a second.
pub const MOST: usize = 1_000;

struct Limited {
    sliding: bool,
    tells: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The second that is counted, and what came in it; or when those of the last second came.
    second: u64,
    here: usize,
    lately: VecDeque<Instant>,
    taken: usize,
    refused: usize,
    first: Option<Instant>,
    last: Option<Instant>,
}

/// Serves for ever; prints its URL.
pub async fn serve() {
    let limited = Arc::new(Limited {
        sliding: std::env::var(COUNTS).is_ok_and(|counts| counts == "sliding"),
        tells: std::env::var(TELLS).unwrap(),
        state: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = stream.set_nodelay(true);
        let limited = limited.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let limited = limited.clone();
                async move { Ok::<_, Infallible>(limited.answer(request).await) }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Limited {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if request.uri().path() == "/counts" {
            return json_of(200, self.counts());
        }
        let (refused, left) = self.count();
        let post = request.method() == Method::POST;
        let _ = request.into_body().collect().await;
        let mut response = match (refused, post) {
            (true, _) => json_of(429, json!({})),
            (false, true) => json_of(200, json!({ "data": vendor::record() })),
            (false, false) => json_of(200, json!({ "data": [], "total": 0 })),
        };
        let headers = response.headers_mut();
        if refused && self.tells == "when" {
            headers.insert("retry-after", 1.into());
        }
        if self.tells == "left" {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            headers.insert("x-left", left.into());
            headers.insert("x-reset", (since.as_secs() + 1).into());
        }
        response
    }

    /// Whether the call is refused, and how many are left.
    fn count(&self) -> (bool, usize) {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        state.first.get_or_insert(now);
        state.last = Some(now);
        let second = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        if state.second != second {
            (state.second, state.here) = (second, 0);
        }
        while state.lately.front().is_some_and(|at| now - *at >= Duration::from_secs(1)) {
            state.lately.pop_front();
        }
        let came = if self.sliding { state.lately.len() } else { state.here };
        if came >= MOST {
            state.refused += 1;
            return (true, 0);
        }
        state.here += 1;
        state.lately.push_back(now);
        state.taken += 1;
        (false, MOST - came - 1)
    }

    fn counts(&self) -> serde_json::Value {
        let state = self.state.lock().unwrap();
        let took = state.first.zip(state.last).map(|(first, last)| last - first);
        let seconds = took.unwrap_or_default().as_secs_f64();
        json!({ "taken": state.taken, "refused": state.refused, "seconds": seconds })
    }
}

fn json_of(status: u16, body: serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status.try_into().unwrap();
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
