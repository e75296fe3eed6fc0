//! The header of an idempotency key is one that nobody else writes: the vendor would see another value, and the call be
//! taken for one that may be repeated all the same.

use crate::{diagnostic::Diagnostic, mapping::plan::Plan};
use http::{
    HeaderName,
    header::{
        ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE,
        EXPECT, HOST, TE, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
    },
};

/// What the gateway, or its HTTP, says in headers of its own.
const OWN: [HeaderName; 13] = [
    ACCEPT,
    ACCEPT_ENCODING,
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    COOKIE,
    EXPECT,
    HOST,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    USER_AGENT,
];

/// The calls of all operations.
pub fn check(plan: &Plan, findings: &mut Vec<Diagnostic>) {
    let operations = plan.resources.iter().flat_map(|resource| resource.operations.all());
    for step in operations.flat_map(|operation| operation.calls()) {
        let Some(header) = &step.idempotency_key else { continue };
        let upstream = || plan.upstream.headers.iter().any(|(name, _)| *header == name.as_str());
        let whose = match OWN.contains(header) {
            true => "the gateway says what it is",
            false if upstream() => "`upstream.headers` says what it is",
            false => continue,
        };
        let message = format!("`{header}` cannot hold an idempotency key: {whose}");
        let help = "the vendor's document names the header for it, `Idempotency-Key` as a rule";
        findings.push(Diagnostic::error("M113", step.place.clone(), message).help(help));
    }
}
