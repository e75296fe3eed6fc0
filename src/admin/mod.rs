//! The operator's side, on a listener of its own: health and metrics.
//!
//! | route | answer | token |
//! |---|---|---|
//! | `GET /healthz` | 200 while the process answers at all | never |
//! | `GET /readyz` | 200 when SCIM requests are served, else 503; JSON with the reasons | never |
//! | `GET /metrics` | Prometheus text | where one is set |
//!
//! HEAD is answered like GET, everything else is 404. Health is open because the kubelet, which asks for it from outside the
//! pod, has no good place for a token; neither answer says more than whether we serve.

pub mod health;
pub mod settings;

use crate::{
    metrics::Metrics,
    secret::Secret,
    server::{clients::after_scheme, connection::Answer, reply::Body, settings::Digest},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use bytes::Bytes;
use health::Health;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use hyper::body::Incoming;
use std::sync::Arc;

/// Answers the operator.
pub struct Admin {
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    token: Option<Digest>,
}

impl Admin {
    /// With a token, `/metrics` asks for it as `Authorization: Bearer TOKEN`.
    pub fn new(health: Arc<Health>, metrics: Arc<Metrics>, token: Option<&Secret>) -> Self {
        let token = token.map(|token| Digest::of(token.expose().as_bytes()));
        Self { health, metrics, token }
    }

    /// Digests are compared, so neither length nor content shows in the time taken.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let sent = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let sent = sent.and_then(|sent| after_scheme(sent, b"bearer")).unwrap_or_default();
        verify_slices_are_equal(&Digest::of(sent).0, &token.0).is_ok()
    }
}

impl Answer for Admin {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET is served here\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        // hyper keeps the body of an answer to HEAD to itself.
        match request.uri().path() {
            "/healthz" => text(StatusCode::OK, "alive\n"),
            "/readyz" => ready(&self.health),
            "/metrics" if self.admits(request.headers()) => {
                text(StatusCode::OK, self.metrics.render())
            }
            "/metrics" => {
                let mut response = text(StatusCode::UNAUTHORIZED, "send `admin.token` as Bearer\n");
                let challenge = HeaderValue::from_static(r#"Bearer realm="scimshim admin""#);
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                response
            }
            _ => text(StatusCode::NOT_FOUND, "try /metrics, /healthz or /readyz\n"),
        }
    }
}

fn ready(health: &Health) -> Response<Body> {
    let reasons = health.reasons();
    let ready = reasons.is_empty();
    let body = serde_json::json!({ "ready": ready, "reasons": reasons });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = text(status, format!("{body}\n"));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    // The version is the one of Prometheus' text format; a person's browser overlooks it.
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_asked_for_where_one_is_set() {
        let token = Secret::new("t");
        let admin = |token| Admin::new(Arc::default(), Arc::default(), token);
        for (sent, admitted) in [
            ("Bearer t", true),
            ("bearer t", true),
            ("BEARER t", true),
            ("Bearer x", false),
            ("Basic t", false),
            ("t", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(sent))]);
            assert_eq!(admin(Some(&token)).admits(&headers), admitted, "{sent}");
            assert!(admin(None).admits(&headers), "{sent}");
        }
    }
}
