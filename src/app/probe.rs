//! Asks the vendor of each tenant whether it is there and takes the credential, as `check --live` does.

use super::{
    build,
    config::Config,
    source::{Source, finding},
    tenant::Tenant,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    gateway::{Gateway, probed::Probed},
    metrics::Metrics,
};
use futures_util::future::join_all;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long a vendor has to answer: as long as the server of a SCIM client would wait for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of it: a note for each tenant whose vendor is well, and for each other one an error, or all that stands
/// in the way of asking.
pub async fn all(config: &Config, source: &Source) -> Vec<Diagnostic> {
    let stored = config.store.is_some();
    let each = config.tenants.iter().map(|(name, tenant)| one(name, tenant, source, stored));
    join_all(each).await.into_iter().flatten().collect()
}

async fn one(name: &str, tenant: &Tenant, source: &Source, stored: bool) -> Vec<Diagnostic> {
    let metrics = Arc::new(Metrics::default());
    let live = match build::live(name, tenant, source, &metrics, stored, None) {
        Ok((live, _)) => live,
        Err(mut findings) => {
            findings.retain(|one| one.severity == Severity::Error);
            return findings;
        }
    };
    let gateway = Gateway::new(name, live, metrics);
    let place = source.place(&["tenants", name]);
    let found = match gateway.probe(now(), Instant::now() + PATIENCE).await {
        Probed::Ill(why) => {
            let help =
                "mend it there, or what the configuration says of it: nothing would be served"
                    .to_owned();
            finding("C034", place, format!("the vendor of `{name}` is not well: {why}"), Some(help))
        }
        well => {
            Diagnostic::note("C034", place, format!("the vendor of `{name}`: {}", well.words()))
        }
    };
    vec![found]
}

#[expect(clippy::disallowed_methods, reason = "a vendor may say when to come back as a date")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
