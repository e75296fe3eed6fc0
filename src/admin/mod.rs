//! The operator's side, on a listener of its own: health and metrics.
//!
//! | route | answer | token |
//! |---|---|---|
//! | `GET /healthz` | 200 while the process answers at all | never |
//! | `GET /readyz` | 200 when SCIM requests are served, else 503; JSON with the reasons | never |
//! | `GET /readyz?deep` | the same, and 503 too when a vendor is not there; what each answered to its `probe` | where one is set |
//! | `GET /metrics` | Prometheus text | where one is set |
//! | `GET /guard` | how the guard of each tenant stands, JSON | where one is set |
//! | `POST /guard/release?tenant=NAME` | lets through what it holds back, and says how many had counted | where one is set |
//! | `GET /journal?tenant=NAME&state=STATE&skip=N&limit=N` | what is in the journals, JSON; all of it may be left out | where one is set |
//! | `GET /journal/NUMBER` | one entry, and what of it has left for the vendor | where one is set |
//! | `POST /journal/retry?number=NUMBER` | has it tried now, or a dead letter once more | where one is set |
//! | `POST /journal/drop?number=NUMBER&reason=TEXT` | ends it | where one is set |
//!
//! HEAD is answered like GET, everything else is 404. Health is open because the kubelet, which asks for it from outside the
//! pod, has no good place for a token; neither answer says more than whether we serve.

pub mod entry;
pub mod guard;
pub mod health;
pub mod journal;
pub mod refused;
pub mod settings;
pub mod shown;
pub mod tenants;

use crate::{
    gateway::{Gateway, probed::Probed},
    metrics::Metrics,
    secret::Secret,
    server::{clients::after_scheme, connection::Answer, reply::Body, settings::Digest},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use bytes::Bytes;
use futures_util::future::join_all;
use health::Health;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use hyper::body::Incoming;
use refused::Refused;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// Where a guard is released.
const RELEASE: &str = "/guard/release";
/// Where an entry of a journal is tried again.
const RETRY: &str = "/journal/retry";
/// Where one is ended.
const DROP: &str = "/journal/drop";
/// How long vendors and the store have to answer whoever asks.
const PATIENCE: Duration = Duration::from_secs(4);

/// Answers the operator.
pub struct Admin {
    health: Arc<Health>,
    metrics: Arc<Metrics>,
    token: Option<Digest>,
    gateways: Vec<(Arc<str>, Arc<Gateway>)>,
}

impl Admin {
    /// With a token, all but health asks for it as `Authorization: Bearer TOKEN`.
    pub fn new(health: Arc<Health>, metrics: Arc<Metrics>, token: Option<&Secret>) -> Self {
        let token = token.map(|token| Digest::of(token.expose().as_bytes()));
        Self { health, metrics, token, gateways: Vec::new() }
    }

    /// The same with the tenants whose vendors `/readyz?deep` asks, and whose guards and journals operators look after.
    #[must_use]
    pub fn probing(mut self, gateways: Vec<(Arc<str>, Arc<Gateway>)>) -> Self {
        self.gateways = gateways;
        self
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
        let (path, query, headers) =
            (request.uri().path(), request.uri().query(), request.headers());
        let allowed = if [RELEASE, RETRY, DROP].contains(&path) { "POST" } else { "GET, HEAD" };
        if !allowed.split(", ").any(|method| request.method() == method) {
            let only = format!("only {allowed} is served here\n");
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, only);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            return response;
        }
        let entry = path.strip_prefix("/journal/");
        let closed = match path {
            "/metrics" | "/guard" | RELEASE | "/journal" => true,
            "/readyz" => deep(&request),
            _ => entry.is_some(),
        };
        if closed && !self.admits(headers) {
            let mut response = text(StatusCode::UNAUTHORIZED, "send `admin.token` as Bearer\n");
            let challenge = HeaderValue::from_static(r#"Bearer realm="scimshim admin""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            return response;
        }
        let gateways = self.gateways.as_slice();
        // hyper keeps the body of an answer to HEAD to itself.
        match (path, entry) {
            ("/healthz", _) => text(StatusCode::OK, "alive\n"),
            ("/readyz", _) if deep(&request) => {
                let (vendors, ill) = vendors(gateways).await;
                let reasons = self.health.reasons().into_iter().map(str::to_owned).chain(ill);
                ready(&reasons.collect::<Vec<_>>(), Some(vendors))
            }
            ("/readyz", _) => ready(&self.health.reasons(), None),
            ("/metrics", _) => {
                shown::show(gateways, &self.metrics, now()).await;
                text(StatusCode::OK, self.metrics.render())
            }
            ("/guard", _) => told(guard::all(gateways, now()).await),
            (RELEASE, _) => told(guard::release(gateways, query, headers, now()).await),
            ("/journal", _) => told(journal::list(gateways, query).await),
            (RETRY, _) => told(journal::retry(gateways, query, headers, now()).await),
            (DROP, _) => told(journal::end(gateways, query, headers, now()).await),
            (_, Some(number)) => told(journal::one(gateways, number).await),
            _ => {
                let known = "try /metrics, /healthz, /readyz, /guard or /journal\n";
                text(StatusCode::NOT_FOUND, known)
            }
        }
    }
}

/// `?deep`: that of the vendors is asked for, too.
fn deep(request: &Request<Incoming>) -> bool {
    request.uri().query().is_some_and(|query| query.split('&').any(|part| part == "deep"))
}

/// What each tenant's vendor answered, and what is wrong with them.
async fn vendors(gateways: &[(Arc<str>, Arc<Gateway>)]) -> (Value, Vec<String>) {
    let deadline = Instant::now() + PATIENCE;
    let asked = gateways.iter().map(|(_, gateway)| gateway.probe(now(), deadline));
    let probed = join_all(asked).await;
    let each = || gateways.iter().map(|(tenant, _)| tenant).zip(&probed);
    let words = each().map(|(tenant, probed)| (tenant.to_string(), probed.words().into()));
    let ill = each().filter(|(_, probed)| matches!(probed, Probed::Ill(_)));
    let ill = ill.map(|(tenant, _)| format!("the vendor of `{tenant}` did not answer well"));
    (Value::Object(words.collect()), ill.collect())
}

#[expect(clippy::disallowed_methods, reason = "whoever asks here asks about now")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn ready(reasons: &[impl serde::Serialize], vendors: Option<Value>) -> Response<Body> {
    let ready = reasons.is_empty();
    let mut body = serde_json::json!({ "ready": ready, "reasons": reasons });
    if let (Some(vendors), Some(body)) = (vendors, body.as_object_mut()) {
        body.insert("vendors".to_owned(), vendors);
    }
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &body)
}

fn told(answer: Result<Value, Refused>) -> Response<Body> {
    match answer {
        Ok(body) => json(StatusCode::OK, &body),
        Err(Refused { status, why }) => text(status, format!("{why}\n")),
    }
}

fn json(status: StatusCode, body: &Value) -> Response<Body> {
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
