//! What is written down of a request: one line in the log, one count in the metrics, always.
//!
//! No body, token, filter value or personal data stands in it: who, what, on which id, how it ended.

use crate::{
    gateway::Trace,
    metrics::Metrics,
    scim::message::{Action, Discovery, Request},
};
use http::HeaderMap;
use std::sync::Arc;
use tokio::time::Instant;

/// The note of one request. Written when it is finished, or when it is dropped without an answer.
pub struct Note {
    metrics: Arc<Metrics>,
    began: Instant,
    request_id: String,
    tenant: Arc<str>,
    client: Arc<str>,
    operation: String,
    resource: Option<String>,
    vendor_calls: usize,
    written: bool,
}

/// Stands where a tenant, a client or an operation is not known.
const UNKNOWN: &str = "-";

impl Note {
    /// Begins the note of the request with these headers.
    pub fn begin(headers: &HeaderMap, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            began: Instant::now(),
            request_id: request_id(headers),
            tenant: UNKNOWN.into(),
            client: UNKNOWN.into(),
            operation: UNKNOWN.into(),
            resource: None,
            vendor_calls: 0,
            written: false,
        }
    }

    /// What the request is called: the client's own `X-Request-Id`, or one that we made.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// Nobody is known to be calling; `reason` is the metric's word.
    pub fn refused(&self, reason: &str) {
        self.metrics.auth_failure(reason);
    }

    /// Who is calling.
    pub fn identified(&mut self, tenant: &Arc<str>, client: &Arc<str>) {
        self.tenant = tenant.clone();
        self.client = client.clone();
    }

    /// What is asked.
    pub fn asked(&mut self, request: &Request) {
        self.operation = operation(request);
        self.resource = resource(request).map(str::to_owned);
    }

    /// What the gateway did: a line for every call of the vendor's that failed, by the mapping's
    /// line, and for everything that the operator should know.
    pub fn traced(&mut self, trace: &Trace) {
        self.vendor_calls = trace.exchanges.len();
        let (request_id, tenant) = (self.request_id.as_str(), &*self.tenant);
        for exchange in &trace.exchanges {
            let (call, ms) = (exchange.call.name.as_str(), exchange.took.as_millis());
            let place = &exchange.call.place;
            match &exchange.outcome {
                Ok(..400) => {}
                Ok(status) => {
                    tracing::warn!(request_id, tenant, call, %place, status, ms, "vendor refused");
                }
                Err(error) => {
                    let (kind, error) = (error.kind, error.message.as_str());
                    tracing::warn!(request_id, tenant, call, %place, ?kind, error, ms, "vendor silent");
                }
            }
        }
        for remark in &trace.remarks {
            tracing::warn!(request_id, tenant, remark);
        }
    }

    /// Where the resource stands that was made: its id is the last part.
    pub fn located(&mut self, location: &str) {
        if self.resource.is_none() {
            self.resource = location.rsplit('/').next().map(str::to_owned);
        }
    }

    /// The client has its answer: writes the note.
    pub fn finish(&mut self, status: u16) {
        self.write(status, outcome(status));
    }

    /// The work behind an answer that was given without waiting for it has ended after all.
    pub fn ended_late(&self, trace: &Trace, ok: bool) {
        let (request_id, tenant) = (self.request_id.as_str(), &*self.tenant);
        let (operation, resource) = (self.operation.as_str(), self.resource.as_deref());
        let (vendor_calls, ms) = (trace.exchanges.len(), self.began.elapsed().as_millis());
        tracing::warn!(
            request_id,
            tenant,
            operation,
            resource,
            vendor_calls,
            ok,
            ms,
            "ended after its client was told that the outcome is unknown"
        );
    }

    fn write(&mut self, status: u16, outcome: &str) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        let took = self.began.elapsed();
        self.metrics.request(&self.tenant, &self.operation, outcome, took);
        tracing::info!(
            request_id = self.request_id,
            tenant = &*self.tenant,
            client = &*self.client,
            operation = self.operation,
            resource = self.resource,
            vendor_calls = self.vendor_calls,
            outcome,
            status,
            ms = took.as_millis(),
            "request"
        );
    }
}

impl Drop for Note {
    /// Not answered: we failed, or the client went away before there was anything to do.
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        let (status, outcome) = if failed { (500, "internal") } else { (499, "abandoned") };
        self.write(status, outcome);
    }
}

/// A client's own id is taken when it is short and cannot forge a log line.
fn request_id(headers: &HeaderMap) -> String {
    let clean = |id: &&str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        (1..=64).contains(&id.len()) && id.bytes().all(fine)
    };
    let own = headers.get("x-request-id").and_then(|id| id.to_str().ok()).filter(clean);
    own.map_or_else(made, str::to_owned)
}

fn made() -> String {
    let mut bytes = [0; 8];
    // It names a line in a log and guards nothing: without randomness it is merely not unique.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    format!("{:016x}", u64::from_ne_bytes(bytes))
}

fn operation(request: &Request) -> String {
    match request {
        Request::Resource { kind, action, .. } => {
            let verb = match action {
                Action::Get { .. } => "get",
                Action::Search(_) => "search",
                Action::Create(_) => "create",
                Action::Replace { .. } => "replace",
                Action::Patch { .. } => "patch",
                Action::Delete { .. } => "delete",
            };
            format!("{kind}.{verb}")
        }
        Request::Unserved(_) => "unserved.search".to_owned(),
        Request::Discovery(Discovery::ServiceProviderConfig) => "discovery.config".to_owned(),
        Request::Discovery(Discovery::ResourceTypes(_)) => "discovery.types".to_owned(),
        Request::Discovery(Discovery::Schemas(_)) => "discovery.schemas".to_owned(),
    }
}

fn resource(request: &Request) -> Option<&str> {
    match request {
        Request::Resource { action, .. } => match action {
            Action::Get { id }
            | Action::Replace { id, .. }
            | Action::Patch { id, .. }
            | Action::Delete { id } => Some(id),
            Action::Search(_) | Action::Create(_) => None,
        },
        Request::Unserved(_) | Request::Discovery(_) => None,
    }
}

/// The metric's word for a status: as many values as there are words here.
fn outcome(status: u16) -> &'static str {
    match status {
        ..400 => "ok",
        401 | 403 => "unauthorized",
        404 => "not_found",
        405 => "wrong_method",
        408 => "slow_client",
        409 | 412 => "conflict",
        413 => "too_large",
        429 => "throttled",
        400..=499 => "bad_request",
        501 => "not_offered",
        502 => "vendor",
        503 => "unavailable",
        504 => "timeout",
        _ => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_clients_own_id_is_kept_when_it_is_clean() {
        let long = "x".repeat(65);
        for (sent, kept) in [
            ("a-1_b.C", true),
            ("", false),
            ("a b", false),
            ("a\tb", false),
            ("id=\"x\"", false),
            (long.as_str(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_str(sent).unwrap());
            let id = request_id(&headers);
            assert_eq!(id == sent, kept, "{sent}");
            assert!(!id.is_empty());
        }
        assert_ne!(request_id(&HeaderMap::new()), request_id(&HeaderMap::new()));
    }

    #[test]
    fn a_note_is_written_once_whatever_happens() {
        let metrics = Arc::new(Metrics::default());
        let note = |_| Note::begin(&HeaderMap::new(), metrics.clone());
        note(()).finish(200);
        drop(note(()));
        let mut answered = note(());
        answered.finish(504);
        drop(answered);
        let shown = metrics.render();
        for outcome in ["ok", "abandoned", "timeout"] {
            let line = format!(
                r#"scimshim_requests_total{{operation="-",outcome="{outcome}",tenant="-"}} 1"#
            );
            assert!(shown.contains(&line), "{line} is missing in\n{shown}");
        }
    }
}
