//! `upstream:`: how the vendor is reached, and what its failures mean.

use super::{
    address, auth::auth, errors::errors, positive, probe::probe, secrets::Secrets, sent::encoding,
    texts::Texts, tls::tls,
};
use crate::{
    mapping::{
        keys,
        plan::{AuthPlan, Encoding, UpstreamPlan},
    },
    upstream::settings::{Limits, Retries},
    yaml::{Fields, Node},
};
use std::time::Duration;

/// Names in scope where a tenant is all there is.
const TENANT: [&str; 1] = ["tenant"];
/// For one call: long enough for slow vendors, short enough for two within a client's minute.
const TIMEOUT: Duration = Duration::from_secs(20);
/// A vendor that has not answered in that time may still be at work, or a proxy before it.
const SETTLE: Duration = Duration::from_secs(10);
/// Records read at most to match a filter here.
const SCAN: usize = 10_000;

/// The section.
pub fn upstream(texts: &Texts<'_>, node: &Node, secrets: &Secrets<'_>) -> Option<UpstreamPlan> {
    let mut fields = Fields::open(texts.reader, node, &keys::UPSTREAM)?;
    fields.text("about");
    let base = fields.node("base_url");
    let place = texts.place(base.map_or(node.span, |base| base.span));
    let base_url = base.and_then(|base| {
        let template = texts.template(base, &TENANT)?;
        address::base(texts, base, &template);
        Some(template)
    });
    let encoding = encoding(&mut fields).unwrap_or(Encoding::Json);
    texts.encode(encoding);
    let auth =
        fields.node("auth").and_then(|node| auth(texts, node, secrets)).unwrap_or(AuthPlan::None);
    let tls = fields.node("tls").and_then(|node| tls(texts, node, secrets)).unwrap_or_default();
    let headers = fields.node("headers");
    let headers = headers.map(|node| address::headers(texts, node, &TENANT));
    let timeout = fields.duration("timeout").map_or(TIMEOUT, |timeout| timeout.value);
    let settle = fields.duration("settle").map_or(SETTLE, |settle| settle.value);
    let (limits, scan) = fields.node("limits").map(|node| limits(texts, node)).unwrap_or_default();
    let retries = fields.node("retries").map(|node| retries(texts, node)).unwrap_or_default();
    let errors = fields.node("errors").map(|node| errors(texts, node)).unwrap_or_default();
    let probe = fields.node("probe").and_then(|node| probe(texts, node));
    texts.unsupported(&mut fields);
    fields.finish();
    Some(UpstreamPlan {
        base_url: base_url?,
        auth,
        tls,
        headers: headers.unwrap_or_default(),
        encoding,
        timeout,
        settle,
        limits,
        scan: scan.unwrap_or(SCAN),
        retries,
        errors,
        probe,
        place,
    })
}

fn limits(texts: &Texts<'_>, node: &Node) -> (Limits, Option<usize>) {
    let mut limits = Limits::default();
    let Some(mut fields) = Fields::open(texts.reader, node, &keys::LIMITS) else {
        return (limits, None);
    };
    let requests = fields.integer("requests");
    let per = fields.duration("per");
    if let Some(requests) = requests {
        let per = per.map_or(Duration::from_secs(1), |per| per.value);
        match u32::try_from(requests.value) {
            Ok(requests) => limits.requests = Some((requests, per)),
            Err(_) => {
                let found = requests.value.to_string();
                texts.expected(requests.span, "a smaller number", &found, "e.g. `requests: 20`");
            }
        }
    } else if let Some(per) = per {
        let help = "say how many calls: `requests: 20`".to_owned();
        texts.error("M103", per.span, "`per` without `requests` limits nothing", Some(help));
    }
    if let Some(concurrent) = positive(&mut fields, "concurrent") {
        limits.concurrent = concurrent;
    }
    let mut header = |key: &'static str| {
        let name = fields.text(key)?;
        address::header_name(texts, &name.value, name.span);
        Some(name.value)
    };
    limits.remaining = header("remaining");
    limits.reset = header("reset");
    let scan = positive(&mut fields, "scan");
    fields.finish();
    (limits, scan)
}

fn retries(texts: &Texts<'_>, node: &Node) -> Retries {
    let mut retries = Retries::default();
    let Some(mut fields) = Fields::open(texts.reader, node, &keys::RETRIES) else { return retries };
    if let Some(times) = fields.integer("times") {
        match u32::try_from(times.value) {
            Ok(times) => retries.times = times,
            Err(_) => {
                let found = times.value.to_string();
                texts.expected(times.span, "a smaller number", &found, "e.g. `times: 3`");
            }
        }
    }
    if let Some(first) = fields.duration("first") {
        retries.first = first.value;
    }
    if let Some(longest) = fields.duration("longest") {
        retries.longest = longest.value;
    }
    fields.finish();
    retries
}
