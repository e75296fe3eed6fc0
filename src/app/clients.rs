//! Who may call, as the configuration says now: what of it is taken up while the process runs.

use super::{
    callers,
    config::Config,
    load,
    reload::{Taken, errors},
    source::finding,
    tenant::Tenant,
};
use crate::{
    diagnostic::{Diagnostic, Severity},
    server::endpoint::Endpoint,
};
use std::{collections::BTreeSet, path::Path};

/// Lets in the clients that the configuration names now, when all of it is sound. What else it says otherwise
/// than `running`, with which the process began, is told of, key by key.
pub fn take_up(file: &Path, running: &Config, endpoint: &Endpoint) -> Taken {
    let load::Loaded { config, findings, .. } = load::load(file).map_err(|why| vec![why])?;
    let (config, source) = config.ok_or_else(|| errors(&findings))?;
    let refused = config.tenants.iter().filter_map(|(name, tenant)| {
        callers::of_tenant(name, tenant, endpoint.passes_on(name)?, &source)
    });
    let refused: Vec<Diagnostic> = refused.collect();
    if !refused.is_empty() {
        return Err(errors(&refused));
    }
    // A tenant that is left out is served to nobody from now on.
    endpoint.admit_only(|tenant| config.tenants.get(tenant).map(|tenant| &tenant.clients));
    let later = beyond(running, &config).into_iter().map(|key| {
        let path: Vec<&str> = key.iter().map(String::as_str).collect();
        let message = format!("`{}` changed: in force after a restart", key.join("."));
        let help = "only `clients` are taken up from this file while it runs".to_owned();
        let told = finding("C031", source.place(&path), message, Some(help));
        Diagnostic { severity: Severity::Warning, ..told }
    });
    Ok(findings.into_iter().chain(later).collect())
}

/// The keys that differ, but for the clients of tenants that both have.
fn beyond(running: &Config, now: &Config) -> Vec<Vec<String>> {
    let sections = [
        ("public_url", running.public_url != now.public_url),
        ("threads", running.threads != now.threads),
        ("server", running.server != now.server),
        ("admin", running.admin != now.admin),
        ("log", running.log != now.log),
        ("store", running.store != now.store),
        ("audit", running.audit != now.audit),
        ("reload", running.reload != now.reload),
    ];
    let differ = sections.iter().filter(|(_, differs)| *differs);
    let mut keys: Vec<_> = differ.map(|(name, _)| vec![(*name).to_owned()]).collect();
    let names: BTreeSet<&String> = running.tenants.keys().chain(now.tenants.keys()).collect();
    for name in names {
        let tenant = ["tenants".to_owned(), name.clone()];
        match (running.tenants.get(name), now.tenants.get(name)) {
            (Some(running), Some(now)) => keys.extend(
                of_tenant(running, now)
                    .map(|key| [tenant.as_slice(), [key.to_owned()].as_slice()].concat()),
            ),
            _ => keys.push(tenant.to_vec()),
        }
    }
    keys
}

fn of_tenant(running: &Tenant, now: &Tenant) -> impl Iterator<Item = &'static str> {
    let keys = [
        ("mapping", running.mapping != now.mapping),
        ("profile", running.profile != now.profile),
        ("path", running.path != now.path),
        ("host", running.host != now.host),
        ("vars", running.vars != now.vars),
        ("guard", running.guard != now.guard),
    ];
    keys.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key)
}
