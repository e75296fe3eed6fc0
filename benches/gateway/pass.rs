//! The bare pass-through: hyper in front, reqwest behind, nothing between; or a parse and a
//! serialise of both bodies between; or also what every gateway owes with an answer, whatever its mapping: a
//! look at the credential, a second tree, its version, and a line in the log.

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use scimshim::{
    app::log,
    mapping,
    scim::{resource::Resource, resource_type::ResourceType, version},
    server::settings::Digest,
};
use serde_json::Value;
use std::{convert::Infallible, hint::black_box, sync::Arc};
use tokio::net::TcpListener;

/// What is done with a body between the two banks.
#[derive(Clone)]
pub enum Between {
    Nothing,
    Parse,
    /// As a resource of this type.
    Owed(Arc<ResourceType>),
}

impl Between {
    /// What is owed.
    pub fn owed() -> Self {
        log::begin(&log::Settings::default());
        let plan = mapping::load("bench.yaml", include_str!("bench.yaml")).plan.unwrap();
        Self::Owed(plan.resource("User").unwrap().kind.clone())
    }
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
        let (vendor, client, between) = (Arc::clone(&vendor), client.clone(), between.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| async {
                Ok::<_, Infallible>(pass(request, &vendor, &client, &between).await)
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn pass(
    request: Request<Incoming>,
    vendor: &str,
    client: &reqwest::Client,
    between: &Between,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = through(body.collect().await.unwrap().to_bytes(), between, |_| ());
    let url = format!("{vendor}{}", head.uri.path_and_query().unwrap());
    let answer = client
        .request(head.method, url)
        .header(header::CONTENT_TYPE, "application/json")
        .bearer_auth("t0ken")
        .body(body)
        .send()
        .await
        .unwrap();
    let bytes = through(answer.bytes().await.unwrap(), between, |read| {
        if let Between::Owed(kind) = between {
            owe(read, kind);
        }
    });
    let mut response = Response::new(Full::from(bytes));
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn through(bytes: Bytes, between: &Between, look: impl FnOnce(&Value)) -> Bytes {
    if matches!(between, Between::Nothing) || bytes.is_empty() {
        return bytes;
    }
    let read: Value = serde_json::from_slice(&bytes).unwrap();
    look(&read);
    serde_json::to_vec(&read).unwrap().into()
}

fn owe(read: &Value, kind: &ResourceType) {
    black_box(Digest::of(b"t0ken"));
    let second = Resource::from_map(read.as_object().unwrap().clone());
    tracing::info!(
        request_id = version::of(&second, kind),
        tenant = "bench",
        client = "okta",
        operation = "User.get",
        resource = "7",
        vendor_calls = 1,
        outcome = "ok",
        status = 200,
        ms = 0,
        "request"
    );
}
