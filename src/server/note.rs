//! What is written down of a request: one line in the log, one count in the metrics, always.
//!
//! No body, token, filter value or personal data stands in it: who, what, on which id, how it ended.

use super::{
    events,
    operation::{Operation, UNKNOWN},
};
use crate::{
    gateway::{
        Trace,
        trace::{Aside, End, Streamed, millis},
    },
    metrics::Metrics,
};
use http::HeaderMap;
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};
use tokio::time::Instant;

/// The note of one request. Written when it is finished, or when it is dropped without an answer.
pub struct Note {
    metrics: Arc<Metrics>,
    began: Instant,
    request_id: Arc<str>,
    /// Tenant and client.
    caller: Option<(Arc<str>, Arc<str>)>,
    /// The tenant that a caller who is not known can only have meant.
    meant: Option<Arc<str>>,
    operation: Option<Operation>,
    /// Why nobody is known to be calling.
    reason: Option<&'static str>,
    vendor_calls: usize,
    joined: Option<usize>,
    /// What became of it because of where its resource belongs.
    outside: Option<&'static str>,
    /// Of a list that was told while it was made.
    resources: Option<usize>,
    /// As what it is in the journal, where its client was told so.
    txn: Option<String>,
    written: bool,
}

impl Note {
    /// Begins the note of the request with these headers.
    pub fn begin(headers: &HeaderMap, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            began: Instant::now(),
            request_id: request_id(headers).into(),
            caller: None,
            meant: None,
            operation: None,
            reason: None,
            vendor_calls: 0,
            joined: None,
            outside: None,
            resources: None,
            txn: None,
            written: false,
        }
    }

    /// What the request is called: the client's own `X-Request-Id`, or one that we made.
    pub fn request_id(&self) -> &Arc<str> {
        &self.request_id
    }

    /// Who is calling, as the configuration names it; nothing where nobody is known.
    pub fn client(&self) -> Option<&Arc<str>> {
        self.caller.as_ref().map(|(_, client)| client)
    }

    /// The credential is not taken; `reason` is the metric's word, `meant` the tenant that it can only
    /// have been for.
    pub fn refused(&mut self, reason: &'static str, meant: Option<&Arc<str>>) {
        self.metrics.auth_failure(meant.map_or(UNKNOWN, |tenant| tenant), reason);
        self.reason = Some(reason);
        self.meant = meant.cloned();
    }

    /// The vendor does not take the client's own credential.
    pub fn refused_there(&mut self) {
        const REASON: &str = "vendor";
        self.metrics.auth_failure(self.tenant(), REASON);
        self.reason = Some(REASON);
    }

    /// It was no HTTP that can be answered; `reason` is in the words of what reads it.
    pub fn unreadable(&mut self, reason: &'static str) {
        self.reason = Some(reason);
    }

    /// Who is calling.
    pub fn identified(&mut self, tenant: &Arc<str>, client: &Arc<str>) {
        self.caller = Some((tenant.clone(), client.clone()));
    }

    /// What is asked.
    pub fn asked(&mut self, operation: Operation) {
        self.operation = Some(operation);
    }

    /// What the gateway did: a line for every answer of the vendor's that was no success, by the
    /// line of the mapping that says so, and for everything that the operator should know.
    pub fn traced(&mut self, trace: &Trace) {
        self.vendor_calls = trace.calls();
        self.joined = Some(trace.joined()).filter(|joined| *joined > 0);
        self.outside = trace.outside.map(Aside::word);
        events::tell(&self.request_id, self.tenant(), trace);
    }

    /// Where the resource stands that was made: its id is the last part.
    pub fn located(&mut self, location: &str) {
        if let Some(operation) = &mut self.operation
            && operation.resource.is_none()
        {
            operation.resource = location.rsplit('/').next().map(str::to_owned);
        }
    }

    /// Its client is told that it is in the journal, by this number.
    pub fn journalled(&mut self, number: Option<&String>) {
        self.txn = number.cloned();
    }

    /// The client has its answer: writes the note.
    pub fn finish(&mut self, status: u16) {
        self.write(status, outcome(status));
    }

    /// The list that was told while it was made has ended: writes the note.
    pub fn streamed(&mut self, streamed: Streamed) {
        self.resources = Some(streamed.resources);
        let outcome = match streamed.end {
            End::Whole => outcome(200),
            End::Cut => "cut",
            End::Abandoned => ABANDONED,
        };
        // What the client saw first, whatever came after.
        self.write(200, outcome);
    }

    /// The work behind an answer that was given without waiting for it has ended after all.
    pub fn ended_late(&self, trace: &Trace, ok: bool) {
        events::tell(&self.request_id, self.tenant(), trace);
        let (request_id, tenant) = (&*self.request_id, self.tenant());
        let (operation, resource) = (self.operation(), self.resource());
        let (vendor_calls, ms) = (trace.calls(), millis(self.began.elapsed()));
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

    fn tenant(&self) -> &str {
        self.caller.as_ref().map_or(UNKNOWN, |(tenant, _)| tenant)
    }

    fn operation(&self) -> &str {
        self.operation.as_ref().map_or(UNKNOWN, |operation| &operation.name)
    }

    fn resource(&self) -> Option<&str> {
        self.operation.as_ref()?.resource.as_deref()
    }

    fn write(&mut self, status: u16, outcome: &str) {
        if std::mem::replace(&mut self.written, true) {
            return;
        }
        let took = self.began.elapsed();
        self.metrics.request(self.tenant(), self.operation(), outcome, took);
        tracing::info!(
            request_id = &*self.request_id,
            // Also of a caller who is not known: who reads the log looks for a tenant's lines.
            tenant = self.meant.as_deref().unwrap_or(self.tenant()),
            client = self.client().map_or(UNKNOWN, |client| client),
            operation = self.operation(),
            resource = self.resource(),
            reason = self.reason,
            vendor_calls = self.vendor_calls,
            joined = self.joined,
            outside = self.outside,
            resources = self.resources,
            txn = self.txn,
            outcome,
            status,
            ms = millis(took),
            "request"
        );
    }
}

/// The metric's word for a client that went away.
const ABANDONED: &str = "abandoned";

impl Drop for Note {
    /// Not answered: we failed, or the client went away before there was anything to do.
    fn drop(&mut self) {
        let failed = std::thread::panicking();
        let (status, outcome) = if failed { (500, "internal") } else { (499, ABANDONED) };
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

/// It names a line in a log and guards nothing, so the keys that hash tables are given do. The first
/// cryptographic random number costs a process 50 ms, and its first client would wait for it.
fn made() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
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
        413 | 431 => "too_large",
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
