//! Counters and histograms, rendered as Prometheus text. Takes strings: knows nobody.
//!
//! [`TABLE`] is the one place where a name, its labels and its meaning stand; everything is
//! registered from it, and a test compares it with `deploy/metrics.md`. Ids are never labels: a
//! label has as many values as there are tenants, operations or rules, not as there are people. The
//! head of the audit log changes with each write, and is one series all the same.

mod audited;
mod shown;

pub use shown::{Breaker, Connection};

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::time::Duration;

/// What a metric counts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Seconds, in buckets.
    Histogram,
}

impl Kind {
    /// The word that Prometheus uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric of [`TABLE`].
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `scimshim_...`
    pub name: &'static str,
    /// What it counts with.
    pub kind: Kind,
    /// Label names, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

const fn row(
    name: &'static str,
    kind: Kind,
    labels: &'static [&'static str],
    help: &'static str,
) -> Row {
    Row { name, kind, labels, help }
}

const REQUESTS: Row = row(
    "scimshim_requests_total",
    Kind::Counter,
    &["tenant", "operation", "outcome"],
    "SCIM requests answered; outcome is `ok` or the word of the failure",
);
const REQUEST_SECONDS: Row = row(
    "scimshim_request_duration_seconds",
    Kind::Histogram,
    &["tenant", "operation", "outcome"],
    "Time from a request's headers to its answer",
);
const CALLS: Row = row(
    "scimshim_vendor_calls_total",
    Kind::Counter,
    &["tenant", "call", "status"],
    "Attempts of vendor calls; status is the HTTP status or the kind of silence",
);
const CALL_SECONDS: Row = row(
    "scimshim_vendor_call_duration_seconds",
    Kind::Histogram,
    &["tenant", "call", "status"],
    "Time of one attempt of a vendor call",
);
const RETRIES: Row = row(
    "scimshim_vendor_retries_total",
    Kind::Counter,
    &["tenant", "call"],
    "Vendor calls that were repeated",
);
const JOINED: Row = row(
    "scimshim_vendor_calls_joined_total",
    Kind::Counter,
    &["tenant", "call"],
    "Reads that were not sent, because the same one was on its way for another request",
);
const CREDENTIAL_REFUSED: Row = row(
    "scimshim_vendor_credential_refused_total",
    Kind::Counter,
    &["tenant"],
    "Vendor calls answered with 401 or 403 because of the gateway's own credential: renew it",
);
const BREAKER: Row = row(
    "scimshim_vendor_breaker_state",
    Kind::Gauge,
    &["tenant"],
    "0 where calls go to the vendor, 1 where they fail at once because it is away, 2 where one tries it again",
);
const BREAKER_OPENS: Row = row(
    "scimshim_vendor_breaker_opens_total",
    Kind::Counter,
    &["tenant"],
    "How often calls began to fail at once, or went on to after one had tried the vendor in vain",
);
const UNMAPPED: Row = row(
    "scimshim_unmapped_attributes_total",
    Kind::Counter,
    &["tenant", "resource"],
    "Attributes that a client sent and the mapping does not have; they were dropped",
);
const LENIENCIES: Row = row(
    "scimshim_leniencies_total",
    Kind::Counter,
    &["tenant", "leniency"],
    "What clients sent beside the RFC and was taken as they mean it; the leniency is one of `profiles.md`",
);
const OUTSIDE: Row = row(
    "scimshim_outside_total",
    Kind::Counter,
    &["tenant", "resource", "then"],
    "Writes about who is none of the vendor's business by the mapping's `outside`: `reject` was refused, `skip` is held here",
);
const UNREADABLE: Row = row(
    "scimshim_unreadable_values_total",
    Kind::Counter,
    &["tenant", "attribute"],
    "Vendor values that the attribute's rule could not read; they were left out",
);
const UNSHOWN: Row = row(
    "scimshim_unshown_changes_total",
    Kind::Counter,
    &["tenant", "attribute"],
    "Changes that were sent and that the vendor's record did not show after it; the answer has what it showed",
);
const LEFTOVERS: Row = row(
    "scimshim_leftovers_total",
    Kind::Counter,
    &["tenant", "call"],
    "Calls of `undo` that failed: what an operation made before it failed is still there; take it back by hand",
);
const RELOADS: Row = row(
    "scimshim_reloads_total",
    Kind::Counter,
    &["tenant", "what", "result"],
    "Changed mappings, certificates and configurations; result is `accepted` or `refused`",
);
const GENERATION: Row = row(
    "scimshim_reload_generation",
    Kind::Gauge,
    &["tenant", "what"],
    "Generation in force; 1 is what the process started with",
);
const STORE_COMMITS: Row = row(
    "scimshim_store_commits_total",
    Kind::Counter,
    &["result"],
    "Transactions of the store, each for all batches that waited; result is `ok` or `failed`",
);
const STORE_COMMIT_SECONDS: Row = row(
    "scimshim_store_commit_duration_seconds",
    Kind::Histogram,
    &["result"],
    "Time of one transaction of the store, from its first statement to the disk's word",
);
const STORE_BATCHES: Row = row(
    "scimshim_store_batches_total",
    Kind::Counter,
    &["result"],
    "Batches of changes given to the store; result is `ok` or the word of the failure",
);
const STORE_ROWS: Row = row(
    "scimshim_store_rows_total",
    Kind::Counter,
    &[],
    "Rows that the store added, changed or deleted",
);
const CERTIFICATE_EXPIRY: Row = row(
    "scimshim_certificate_expiry_seconds",
    Kind::Gauge,
    &[],
    "When the certificate in force expires, as seconds since 1970",
);
const CONNECTIONS: Row = row(
    "scimshim_connections",
    Kind::Gauge,
    &["listener"],
    "Open connections; listener is `scim` or `admin`",
);
const AUTH_FAILURES: Row = row(
    "scimshim_auth_failures_total",
    Kind::Counter,
    &["tenant", "reason"],
    "Requests refused with 401; reason is `missing`, `malformed`, `unknown`, `expired`, or `vendor` where it is the vendor that does not take the client's own; tenant is `-` where several share the path",
);
const BUILD: Row = row(
    "scimshim_build_info",
    Kind::Gauge,
    &["version"],
    "Always 1; the version that runs is the label",
);

/// Every metric of this process, in the order of the page that documents them.
pub const TABLE: &[Row] = &[
    REQUESTS,
    REQUEST_SECONDS,
    CALLS,
    CALL_SECONDS,
    RETRIES,
    JOINED,
    CREDENTIAL_REFUSED,
    BREAKER,
    BREAKER_OPENS,
    UNMAPPED,
    LENIENCIES,
    OUTSIDE,
    UNREADABLE,
    UNSHOWN,
    LEFTOVERS,
    RELOADS,
    GENERATION,
    STORE_COMMITS,
    STORE_COMMIT_SECONDS,
    STORE_BATCHES,
    STORE_ROWS,
    audited::LINES,
    audited::HEAD,
    audited::WORKS,
    CERTIFICATE_EXPIRY,
    CONNECTIONS,
    AUTH_FAILURES,
    BUILD,
];

/// Seconds. From an answer out of memory to the minute after which Okta gives a request up.
const BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Everything this process counts. Cheap to share behind an `Arc`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    calls: IntCounterVec,
    call_seconds: HistogramVec,
    retries: IntCounterVec,
    joined: IntCounterVec,
    credential_refused: IntCounterVec,
    breaker: IntGaugeVec,
    breaker_opens: IntCounterVec,
    unmapped: IntCounterVec,
    leniencies: IntCounterVec,
    outside: IntCounterVec,
    unreadable: IntCounterVec,
    unshown: IntCounterVec,
    leftovers: IntCounterVec,
    reloads: IntCounterVec,
    generation: IntGaugeVec,
    store_commits: IntCounterVec,
    store_commit_seconds: HistogramVec,
    store_batches: IntCounterVec,
    store_rows: IntCounterVec,
    audited: audited::Audited,
    certificate_expiry: IntGaugeVec,
    connections: IntGaugeVec,
    auth_failures: IntCounterVec,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        gauge(&registry, &BUILD).with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Self {
            requests: counter(&registry, &REQUESTS),
            request_seconds: histogram(&registry, &REQUEST_SECONDS),
            calls: counter(&registry, &CALLS),
            call_seconds: histogram(&registry, &CALL_SECONDS),
            retries: counter(&registry, &RETRIES),
            joined: counter(&registry, &JOINED),
            credential_refused: counter(&registry, &CREDENTIAL_REFUSED),
            breaker: gauge(&registry, &BREAKER),
            breaker_opens: counter(&registry, &BREAKER_OPENS),
            unmapped: counter(&registry, &UNMAPPED),
            leniencies: counter(&registry, &LENIENCIES),
            outside: counter(&registry, &OUTSIDE),
            unreadable: counter(&registry, &UNREADABLE),
            unshown: counter(&registry, &UNSHOWN),
            leftovers: counter(&registry, &LEFTOVERS),
            reloads: counter(&registry, &RELOADS),
            generation: gauge(&registry, &GENERATION),
            store_commits: counter(&registry, &STORE_COMMITS),
            store_commit_seconds: histogram(&registry, &STORE_COMMIT_SECONDS),
            store_batches: counter(&registry, &STORE_BATCHES),
            store_rows: counter(&registry, &STORE_ROWS),
            audited: audited::Audited::new(&registry),
            certificate_expiry: gauge(&registry, &CERTIFICATE_EXPIRY),
            connections: gauge(&registry, &CONNECTIONS),
            auth_failures: counter(&registry, &AUTH_FAILURES),
            registry,
        }
    }
}

impl Metrics {
    /// Counts one SCIM request. `outcome` is `ok` or the word of the failure (`not_found`, ...).
    pub fn request(&self, tenant: &str, operation: &str, outcome: &str, took: Duration) {
        let labels = [tenant, operation, outcome];
        self.requests.with_label_values(&labels).inc();
        self.request_seconds.with_label_values(&labels).observe(took.as_secs_f64());
    }

    /// Counts one attempt of a vendor call. `status` is the HTTP status or `timeout`, `connect`, ...
    pub fn call(&self, tenant: &str, call: &str, status: &str, took: Duration) {
        let labels = [tenant, call, status];
        self.calls.with_label_values(&labels).inc();
        self.call_seconds.with_label_values(&labels).observe(took.as_secs_f64());
    }

    /// Counts one repeated vendor call.
    pub fn retry(&self, tenant: &str, call: &str) {
        self.retries.with_label_values(&[tenant, call]).inc();
    }

    /// Counts a read that waited for another's answer.
    pub fn joined(&self, tenant: &str, call: &str) {
        self.joined.with_label_values(&[tenant, call]).inc();
    }

    /// Counts a vendor's refusal of the credential that the gateway itself sends.
    pub fn credential_refused(&self, tenant: &str) {
        self.credential_refused.with_label_values(&[tenant]).inc();
    }

    /// Where the breaker of a tenant's vendor shows its state; the series stand from here on.
    pub fn breaker(&self, tenant: &str) -> Breaker {
        let (state, opens) = (&self.breaker, &self.breaker_opens);
        Breaker(state.with_label_values(&[tenant]), opens.with_label_values(&[tenant]))
    }

    /// Counts attributes that a client sent and the mapping does not have.
    pub fn unmapped(&self, tenant: &str, resource: &str, count: u64) {
        self.unmapped.with_label_values(&[tenant, resource]).inc_by(count);
    }

    /// Counts uses of a leniency, by its name.
    pub fn leniency(&self, tenant: &str, leniency: &str, times: u64) {
        self.leniencies.with_label_values(&[tenant, leniency]).inc_by(times);
    }

    /// Counts a write about who is outside; `then` is `reject` or `skip`.
    pub fn outside(&self, tenant: &str, resource: &str, then: &str) {
        self.outside.with_label_values(&[tenant, resource, then]).inc();
    }

    /// Counts vendor values that a rule could not read; `attribute` is the rule's.
    pub fn unreadable(&self, tenant: &str, attribute: &str) {
        self.unreadable.with_label_values(&[tenant, attribute]).inc();
    }

    /// Counts a change that the vendor took and does not show; `attribute` is the rule's.
    pub fn unshown(&self, tenant: &str, attribute: &str) {
        self.unshown.with_label_values(&[tenant, attribute]).inc();
    }

    /// Counts an undo that failed; `call` is its label.
    pub fn leftover(&self, tenant: &str, call: &str) {
        self.leftovers.with_label_values(&[tenant, call]).inc();
    }

    /// Notes a reload of `what` (`mapping`, `certificate`, `configuration`): accepted or refused, and the generation
    /// in force.
    pub fn reload(&self, tenant: &str, what: &str, accepted: bool, generation: u64) {
        let result = if accepted { "accepted" } else { "refused" };
        self.reloads.with_label_values(&[tenant, what, result]).inc();
        self.generation(tenant, what, generation);
    }

    /// Notes the generation of `what` in force, so that the gauge stands from the start.
    pub fn generation(&self, tenant: &str, what: &str, generation: u64) {
        let shown = i64::try_from(generation).unwrap_or(i64::MAX);
        self.generation.with_label_values(&[tenant, what]).set(shown);
    }

    /// Counts one transaction of the store.
    pub fn store_commit(&self, committed: bool, took: Duration) {
        let result = [if committed { "ok" } else { "failed" }];
        self.store_commits.with_label_values(&result).inc();
        self.store_commit_seconds.with_label_values(&result).observe(took.as_secs_f64());
    }

    /// Counts one batch of the store; `result` is `ok` or the word of the failure (`conflict`, ...).
    pub fn store_batch(&self, result: &str, rows: u64) {
        self.store_batches.with_label_values(&[result]).inc();
        self.store_rows.with_label_values::<&str>(&[]).inc_by(rows);
    }

    /// Notes when the certificate in force expires, in seconds since 1970.
    pub fn certificate_expiry(&self, seconds: i64) {
        self.certificate_expiry.with_label_values::<&str>(&[]).set(seconds);
    }

    /// Notes a connection of `listener` (`scim`, `admin`) that opened, until the guard is dropped.
    pub fn connection(&self, listener: &str) -> Connection {
        let gauge = self.connections.with_label_values(&[listener]);
        gauge.inc();
        Connection(gauge)
    }

    /// Counts one refused credential; `reason` is `missing`, `malformed`, `unknown`, `expired` or `vendor`.
    pub fn auth_failure(&self, tenant: &str, reason: &str) {
        self.auth_failures.with_label_values(&[tenant, reason]).inc();
    }

    /// All of it as Prometheus text.
    pub fn render(&self) -> String {
        let _shown = self.audited.show();
        // The encoder fails on a family without metrics or with a bad name; `gather` gives no empty
        // family, and the names are the table's. An empty page is then better than no process.
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}

fn counter(registry: &Registry, row: &Row) -> IntCounterVec {
    registered(registry, IntCounterVec::new(Opts::new(row.name, row.help), row.labels))
}

fn gauge(registry: &Registry, row: &Row) -> IntGaugeVec {
    registered(registry, IntGaugeVec::new(Opts::new(row.name, row.help), row.labels))
}

fn histogram(registry: &Registry, row: &Row) -> HistogramVec {
    let options = HistogramOpts::new(row.name, row.help).buckets(BUCKETS.to_vec());
    registered(registry, HistogramVec::new(options, row.labels))
}

#[expect(clippy::expect_used, reason = "every row is a constant, and a test registers them all")]
fn registered<M: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    metric: prometheus::Result<M>,
) -> M {
    let metric = metric.expect("a row of TABLE has a legal name and legal labels");
    registry.register(Box::new(metric.clone())).expect("a name stands once in TABLE");
    metric
}

#[cfg(test)]
mod tests;
