//! The bare pass-through: hyper in front, reqwest behind, nothing between; or a parse and a
//! serialise of both bodies between; or a copy of what was parsed as well, which is what any gateway
//! has that makes one tree of another.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{convert::Infallible, sync::Arc};
use tokio::net::TcpListener;

/// What is done with a body between the two banks.
#[derive(Clone, Copy, PartialEq)]
pub enum Between {
    Nothing,
    Parse,
    Copy,
}

/// Serves for ever; prints its URL.
pub async fn serve(between: Between) {
    let vendor: Arc<str> = std::env::var("SCIMSHIM_BENCH_VENDOR").unwrap().into();
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = stream.set_nodelay(true);
        let (vendor, client) = (Arc::clone(&vendor), client.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| async {
                Ok::<_, Infallible>(pass(request, &vendor, &client, between).await)
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass(
    request: Request<Incoming>,
    vendor: &str,
    client: &reqwest::Client,
    between: Between,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = through(body.collect().await.unwrap().to_bytes(), between);
    let url = format!("{vendor}{}", head.uri.path_and_query().unwrap());
    let answer = client
        .request(head.method, url)
        .header(header::CONTENT_TYPE, "application/json")
        .bearer_auth("t0ken")
        .body(body)
        .send()
        .await
        .unwrap();
    let bytes = through(answer.bytes().await.unwrap(), between);
    let mut response = Response::new(Full::from(bytes));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn through(bytes: Bytes, between: Between) -> Bytes {
    if between == Between::Nothing || bytes.is_empty() {
        return bytes;
    }
    let read: Value = serde_json::from_slice(&bytes).unwrap();
    let written = match between {
        Between::Copy => serde_json::to_vec(&read.clone()),
        _ => serde_json::to_vec(&read),
    };
    written.unwrap().into()
}
