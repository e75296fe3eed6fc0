//! Counters and histograms, rendered as Prometheus text. Takes strings: knows nobody.
//!
//! [`TABLE`] is the one place where a name, its labels and its meaning stand; everything is
//! registered from it, and a test compares it with `deploy/metrics.md`. Ids are never labels: a
//! label has as many values as there are tenants, operations or rules, not as there are people. The
//! head of the audit log changes with each write, and is one series all the same.

mod audited;
mod shown;
mod table;

pub use shown::{Breaker, Connection, Guard};
pub use table::{Kind, Row, TABLE};

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::time::Duration;

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
    guard_tripped: IntGaugeVec,
    guard_counted: IntGaugeVec,
    guard_refused: IntCounterVec,
    unshared: IntCounterVec,
    second_looks: IntCounterVec,
    unreadable: IntCounterVec,
    unshown: IntCounterVec,
    leftovers: IntCounterVec,
    reloads: IntCounterVec,
    generation: IntGaugeVec,
    differs: IntGaugeVec,
    store_bytes: IntGaugeVec,
    store_commits: IntCounterVec,
    store_commit_seconds: HistogramVec,
    store_batches: IntCounterVec,
    store_rows: IntCounterVec,
    audited: audited::Audited,
    journal: IntGaugeVec,
    journal_oldest: IntGaugeVec,
    journal_received: IntCounterVec,
    journal_acknowledged: IntCounterVec,
    journal_delivered: IntCounterVec,
    journal_dead: IntCounterVec,
    certificate_expiry: IntGaugeVec,
    connections: IntGaugeVec,
    auth_failures: IntCounterVec,
}

impl Default for Metrics {
    fn default() -> Self {
        let registry = Registry::new();
        gauge(&registry, &table::BUILD).with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Self {
            requests: counter(&registry, &table::REQUESTS),
            request_seconds: histogram(&registry, &table::REQUEST_SECONDS),
            calls: counter(&registry, &table::CALLS),
            call_seconds: histogram(&registry, &table::CALL_SECONDS),
            retries: counter(&registry, &table::RETRIES),
            joined: counter(&registry, &table::JOINED),
            credential_refused: counter(&registry, &table::CREDENTIAL_REFUSED),
            breaker: gauge(&registry, &table::BREAKER),
            breaker_opens: counter(&registry, &table::BREAKER_OPENS),
            unmapped: counter(&registry, &table::UNMAPPED),
            leniencies: counter(&registry, &table::LENIENCIES),
            outside: counter(&registry, &table::OUTSIDE),
            unreadable: counter(&registry, &table::UNREADABLE),
            unshown: counter(&registry, &table::UNSHOWN),
            leftovers: counter(&registry, &table::LEFTOVERS),
            reloads: counter(&registry, &table::RELOADS),
            generation: gauge(&registry, &table::GENERATION),
            differs: gauge(&registry, &table::DIFFERS),
            store_bytes: gauge(&registry, &table::STORE_BYTES),
            store_commits: counter(&registry, &table::STORE_COMMITS),
            store_commit_seconds: histogram(&registry, &table::STORE_COMMIT_SECONDS),
            store_batches: counter(&registry, &table::STORE_BATCHES),
            store_rows: counter(&registry, &table::STORE_ROWS),
            audited: audited::Audited::new(&registry),
            journal: gauge(&registry, &table::JOURNAL),
            journal_oldest: gauge(&registry, &table::JOURNAL_OLDEST),
            journal_received: counter(&registry, &table::JOURNAL_RECEIVED),
            journal_acknowledged: counter(&registry, &table::JOURNAL_ACKNOWLEDGED),
            journal_delivered: counter(&registry, &table::JOURNAL_DELIVERED),
            journal_dead: counter(&registry, &table::JOURNAL_DEAD),
            certificate_expiry: gauge(&registry, &table::CERTIFICATE_EXPIRY),
            connections: gauge(&registry, &table::CONNECTIONS),
            auth_failures: counter(&registry, &table::AUTH_FAILURES),
            guard_tripped: gauge(&registry, &table::GUARD_TRIPPED),
            guard_counted: gauge(&registry, &table::GUARD_COUNTED),
            guard_refused: counter(&registry, &table::GUARD_REFUSED),
            second_looks: counter(&registry, &table::SECOND_LOOKS),
            unshared: counter(&registry, &table::UNSHARED),
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

    /// Counts that the store did not say what a replica may send of what all may.
    pub fn unshared(&self, tenant: &str) {
        self.unshared.with_label_values(&[tenant]).inc();
    }

    /// Counts a second look by what it came to: `same` or `repaired`.
    pub fn second_look(&self, tenant: &str, result: &str) {
        self.second_looks.with_label_values(&[tenant, result]).inc();
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

    /// Where the guard of a tenant shows how it stands; the series stand from here on.
    pub fn guard(&self, tenant: &str) -> Guard {
        Guard {
            tripped: self.guard_tripped.with_label_values(&[tenant]),
            counted: self.guard_counted.with_label_values(&[tenant]),
            refused: self.guard_refused.with_label_values(&[tenant]),
        }
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

    /// Notes how many other replicas serve the tenant by something else.
    pub fn differs(&self, tenant: &str, others: u64) {
        let others = i64::try_from(others).unwrap_or(i64::MAX);
        self.differs.with_label_values(&[tenant]).set(others);
    }

    /// Notes how many bytes the store takes.
    pub fn store_size(&self, bytes: u64) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.store_bytes.with_label_values::<&str>(&[]).set(bytes);
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

    /// How much there is in a tenant's journal; `oldest` is when the oldest entry that waits was received, in seconds
    /// since 1970.
    pub fn journal(&self, tenant: &str, pending: u64, dead: u64, oldest: Option<i64>) {
        for (state, count) in [("pending", pending), ("dead", dead)] {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.journal.with_label_values(&[tenant, state]).set(count);
        }
        self.journal_oldest.with_label_values(&[tenant]).set(oldest.unwrap_or(0));
    }

    /// Counts a durable write that was entered.
    pub fn journal_received(&self, tenant: &str) {
        self.journal_received.with_label_values(&[tenant]).inc();
    }

    /// Counts a write whose client was told that it is done before the vendor had it.
    pub fn journal_acknowledged(&self, tenant: &str) {
        self.journal_acknowledged.with_label_values(&[tenant]).inc();
    }

    /// Counts an entry that came to a good end of which no client was told then.
    pub fn journal_delivered(&self, tenant: &str) {
        self.journal_delivered.with_label_values(&[tenant]).inc();
    }

    /// Counts a dead letter; `reason` is `refused`, `unknown`, `plan` or `half_done`.
    pub fn journal_dead(&self, tenant: &str, reason: &str) {
        self.journal_dead.with_label_values(&[tenant, reason]).inc();
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
