//! The metrics: a name, its labels and its meaning, each in one place.

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

pub(super) const REQUESTS: Row = row(
    "scimshim_requests_total",
    Kind::Counter,
    &["tenant", "operation", "outcome"],
    "SCIM requests answered; outcome is `ok` or the word of the failure",
);
pub(super) const REQUEST_SECONDS: Row = row(
    "scimshim_request_duration_seconds",
    Kind::Histogram,
    &["tenant", "operation", "outcome"],
    "Time from a request's headers to its answer",
);
pub(super) const CALLS: Row = row(
    "scimshim_vendor_calls_total",
    Kind::Counter,
    &["tenant", "call", "status"],
    "Attempts of vendor calls; status is the HTTP status or the kind of silence",
);
pub(super) const CALL_SECONDS: Row = row(
    "scimshim_vendor_call_duration_seconds",
    Kind::Histogram,
    &["tenant", "call", "status"],
    "Time of one attempt of a vendor call",
);
pub(super) const RETRIES: Row = row(
    "scimshim_vendor_retries_total",
    Kind::Counter,
    &["tenant", "call"],
    "Vendor calls that were repeated",
);
pub(super) const JOINED: Row = row(
    "scimshim_vendor_calls_joined_total",
    Kind::Counter,
    &["tenant", "call"],
    "Reads that were not sent, because the same one was on its way for another request",
);
pub(super) const CREDENTIAL_REFUSED: Row = row(
    "scimshim_vendor_credential_refused_total",
    Kind::Counter,
    &["tenant"],
    "Vendor calls answered with 401 or 403 because of the gateway's own credential: renew it",
);
pub(super) const BREAKER: Row = row(
    "scimshim_vendor_breaker_state",
    Kind::Gauge,
    &["tenant"],
    "0 where calls go to the vendor, 1 where they fail at once because it is away, 2 where one tries it again",
);
pub(super) const BREAKER_OPENS: Row = row(
    "scimshim_vendor_breaker_opens_total",
    Kind::Counter,
    &["tenant"],
    "How often calls began to fail at once, or went on to after one had tried the vendor in vain",
);
pub(super) const UNMAPPED: Row = row(
    "scimshim_unmapped_attributes_total",
    Kind::Counter,
    &["tenant", "resource"],
    "Attributes that a client sent and the mapping does not have; they were dropped",
);
pub(super) const LENIENCIES: Row = row(
    "scimshim_leniencies_total",
    Kind::Counter,
    &["tenant", "leniency"],
    "What clients sent beside the RFC and was taken as they mean it; the leniency is one of `profiles.md`",
);
pub(super) const OUTSIDE: Row = row(
    "scimshim_outside_total",
    Kind::Counter,
    &["tenant", "resource", "then"],
    "Writes about who is none of the vendor's business by the mapping's `outside`: `reject` was refused, `skip` is held here",
);
pub(super) const UNREADABLE: Row = row(
    "scimshim_unreadable_values_total",
    Kind::Counter,
    &["tenant", "attribute"],
    "Vendor values that the attribute's rule could not read; they were left out",
);
pub(super) const UNSHOWN: Row = row(
    "scimshim_unshown_changes_total",
    Kind::Counter,
    &["tenant", "attribute"],
    "Changes that were sent and that the vendor's record did not show after it; the answer has what it showed",
);
pub(super) const LEFTOVERS: Row = row(
    "scimshim_leftovers_total",
    Kind::Counter,
    &["tenant", "call"],
    "Calls of `undo` that failed: what an operation made before it failed is still there; take it back by hand",
);
pub(super) const RELOADS: Row = row(
    "scimshim_reloads_total",
    Kind::Counter,
    &["tenant", "what", "result"],
    "Changed mappings, certificates and configurations; result is `accepted` or `refused`",
);
pub(super) const GENERATION: Row = row(
    "scimshim_reload_generation",
    Kind::Gauge,
    &["tenant", "what"],
    "Generation in force; 1 is what the process started with",
);
pub(super) const DIFFERS: Row = row(
    "scimshim_replicas_differ",
    Kind::Gauge,
    &["tenant"],
    "Other replicas of the same store that serve the tenant by another mapping, with other variables or profile",
);
pub(super) const STORE_BYTES: Row = row(
    "scimshim_store_bytes",
    Kind::Gauge,
    &[],
    "Size of the store: of its file, or of its tables with their indexes; looked at every 5 s",
);
pub(super) const STORE_COMMITS: Row = row(
    "scimshim_store_commits_total",
    Kind::Counter,
    &["result"],
    "Transactions of the store, each for all batches that waited; result is `ok` or `failed`",
);
pub(super) const STORE_COMMIT_SECONDS: Row = row(
    "scimshim_store_commit_duration_seconds",
    Kind::Histogram,
    &["result"],
    "Time of one transaction of the store, from its first statement to the disk's word",
);
pub(super) const STORE_BATCHES: Row = row(
    "scimshim_store_batches_total",
    Kind::Counter,
    &["result"],
    "Batches of changes given to the store; result is `ok` or the word of the failure",
);
pub(super) const STORE_ROWS: Row = row(
    "scimshim_store_rows_total",
    Kind::Counter,
    &[],
    "Rows that the store added, changed or deleted",
);
pub(super) const JOURNAL: Row = row(
    "scimshim_journal_entries",
    Kind::Gauge,
    &["tenant", "state"],
    "Writes in the journal; state is `pending` (carried out when the vendor takes them) or `dead` (somebody must look)",
);
pub(super) const JOURNAL_OLDEST: Row = row(
    "scimshim_journal_oldest_pending_timestamp_seconds",
    Kind::Gauge,
    &["tenant"],
    "When the oldest write was received that the journal has still to carry out, in seconds since 1970; 0: there is none",
);
pub(super) const JOURNAL_RECEIVED: Row = row(
    "scimshim_journal_received_total",
    Kind::Counter,
    &["tenant"],
    "Writes that must not be lost and were written down before they were tried",
);
pub(super) const JOURNAL_ACKNOWLEDGED: Row = row(
    "scimshim_journal_acknowledged_total",
    Kind::Counter,
    &["tenant"],
    "Writes whose client was told that they are done before the vendor had them (`acknowledge: early`)",
);
pub(super) const JOURNAL_DELIVERED: Row = row(
    "scimshim_journal_delivered_total",
    Kind::Counter,
    &["tenant"],
    "Writes of the journal that were carried out after their client was told to come back, or that they are done, or had gone",
);
pub(super) const JOURNAL_DEAD: Row = row(
    "scimshim_journal_dead_total",
    Kind::Counter,
    &["tenant", "reason"],
    "Writes that became dead letters; reason is `refused` by the vendor, `unknown` where nobody can tell whether a call was carried out, `plan` where this mapping or version cannot go on with it, `half_done` for a create that nobody came back for and that can neither be finished nor taken back, or whose name somebody has who may be another one, `late` for a create that a replica sent when another one had taken over",
);
pub(super) const GUARD_TRIPPED: Row = row(
    "scimshim_guard_tripped",
    Kind::Gauge,
    &["tenant"],
    "1 while the guard holds back deactivations and deletions, because there were more than it lets through: somebody must look",
);
pub(super) const GUARD_COUNTED: Row = row(
    "scimshim_guard_counted",
    Kind::Gauge,
    &["tenant"],
    "Resources that were deactivated or deleted within the guard's time",
);
pub(super) const GUARD_REFUSED: Row = row(
    "scimshim_guard_refused_total",
    Kind::Counter,
    &["tenant"],
    "Deactivations and deletions that the guard held back",
);
pub(super) const UNSHARED: Row = row(
    "scimshim_limits_unshared_total",
    Kind::Counter,
    &["tenant"],
    "Times that the store did not say what this replica may send of the vendor's limits, so that it kept them for itself for 5 s",
);
pub(super) const SECOND_LOOKS: Row = row(
    "scimshim_second_look_total",
    Kind::Counter,
    &["tenant", "result"],
    "Looks at a resource that was taken over from a replica which did not let go of it; result is `same`, `repaired` where an older write had come last, `refused` where the vendor does not let it be put right, which is a dead letter, or `dead` where an earlier dead letter asks for the same",
);
pub(super) const AUDIT_LINES: Row = row(
    "scimshim_audit_lines_total",
    Kind::Counter,
    &[],
    "Lines of the audit log that are on the disk",
);
pub(super) const AUDIT_HEAD: Row = row(
    "scimshim_audit_head",
    Kind::Gauge,
    &["strand", "hash"],
    "The last line of the audit log: its strand (one for each start of a process), its hash, and as the value its number in the strand",
);
pub(super) const AUDIT_WORKS: Row = row(
    "scimshim_audit_works",
    Kind::Gauge,
    &[],
    "1 where the audit log can be written, 0 where it cannot and writes are refused",
);
pub(super) const CERTIFICATE_EXPIRY: Row = row(
    "scimshim_certificate_expiry_seconds",
    Kind::Gauge,
    &[],
    "When the certificate in force expires, as seconds since 1970",
);
pub(super) const CONNECTIONS: Row = row(
    "scimshim_connections",
    Kind::Gauge,
    &["listener"],
    "Open connections; listener is `scim` or `admin`",
);
pub(super) const AUTH_FAILURES: Row = row(
    "scimshim_auth_failures_total",
    Kind::Counter,
    &["tenant", "reason"],
    "Requests refused with 401; reason is `missing`, `malformed`, `unknown`, `expired`, or `vendor` where it is the vendor that does not take the client's own; tenant is `-` where several share the path",
);
pub(super) const BUILD: Row = row(
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
    DIFFERS,
    STORE_BYTES,
    STORE_COMMITS,
    STORE_COMMIT_SECONDS,
    STORE_BATCHES,
    STORE_ROWS,
    GUARD_TRIPPED,
    GUARD_COUNTED,
    GUARD_REFUSED,
    UNSHARED,
    JOURNAL,
    JOURNAL_OLDEST,
    JOURNAL_RECEIVED,
    JOURNAL_ACKNOWLEDGED,
    JOURNAL_DELIVERED,
    JOURNAL_DEAD,
    SECOND_LOOKS,
    AUDIT_LINES,
    AUDIT_HEAD,
    AUDIT_WORKS,
    CERTIFICATE_EXPIRY,
    CONNECTIONS,
    AUTH_FAILURES,
    BUILD,
];
