//! The vendor's HTTP side: one connection, one request, one answer.

use super::{
    Vendor,
    asked::{Asked, pairs},
    refuse, router,
};
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Arc};
use tokio::net::TcpListener;

/// Bytes of a request body that are read.
const LARGEST: usize = 1024 * 1024;

impl Vendor {
    /// Serves every connection of `listener` for ever.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            // A failed accept concerns that caller alone.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            let vendor = Arc::clone(&self);
            tokio::spawn(async move {
                let answer = service_fn(move |request| {
                    let vendor = Arc::clone(&vendor);
                    async move { Ok::<_, Infallible>(vendor.answer(request).await) }
                });
                // A caller that hangs up is no news here.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let known = head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
            == Some(&format!("Bearer {}", self.key));
        let line = format!("{} {}", head.method, head.uri);
        let refusal = self.refusal();
        let read = Limited::new(body, LARGEST).collect().await;
        let (status, body) = match (&refusal, known, read) {
            (Some((status, _)), ..) => refuse(*status, "not today"),
            (None, false, _) => refuse(401, "the key is wrong"),
            (None, true, Err(_)) => refuse(413, "the body cannot be read"),
            (None, true, Ok(body)) => {
                let asked = Asked {
                    method: head.method,
                    path: head.uri.path().to_owned(),
                    query: pairs(head.uri.query().unwrap_or_default()),
                    body: serde_json::from_slice(&body.to_bytes()).unwrap_or_default(),
                };
                router::answer(&mut self.state(), &asked, now())
            }
        };
        self.note(format!("{line} -> {status}"));
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response.headers_mut().extend(refusal.map(|(_, headers)| headers).unwrap_or_default());
        let json = header::HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

/// Milliseconds since 1970: the vendor lives in its own world, with its own clock.
#[expect(clippy::disallowed_methods, reason = "the sample vendor stands for the world outside")]
pub fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
