//! What a configuration must not or should not say, whatever its form: all findings at once.

use super::{
    callers::NEW_TOKEN,
    config::Config,
    limits, log,
    source::{Source, finding},
    tenant::Tenant,
};
use crate::{
    diagnostic::Diagnostic,
    server::{host, routes, settings::Digest},
    store::settings,
};
use std::collections::BTreeMap;

/// Every finding of `config`.
pub fn config(config: &Config, source: &Source) -> Vec<Diagnostic> {
    let mut findings = vec![];
    let mut find = |code, path: &[&str], message: String, help: &str| {
        findings.push(finding(code, source.place(path), message, Some(help.to_owned())));
    };
    let Config { public_url, server, admin, log, store, tenants, .. } = config;

    if let Some(url) = public_url
        && !is_base_url(url)
    {
        let message = format!("`public_url` is `{url}`, which is no URL to stand below");
        find("C009", &["public_url"], message, "write `https://HOST`, without query and fragment");
    }
    if server.tls.is_none() && !server.listen.ip().is_loopback() && !server.plain_off_loopback {
        let message = format!("`{}` would take tokens over plain HTTP", server.listen);
        let help = "set `server.tls`, or `server.plain_off_loopback: true` behind a TLS proxy";
        find("C004", &["server", "listen"], message, help);
    }
    if admin.token.is_none() && !admin.listen.ip().is_loopback() {
        let message = format!(
            "`{}` would show the metrics to everybody, and let everybody release a guard",
            admin.listen
        );
        let help = "set `admin.token: { env: NAME }`, or listen on 127.0.0.1";
        find("C005", &["admin", "listen"], message, help);
    }
    if let Err((message, help)) = log::check(&log.level) {
        find("C012", &["log", "level"], message, &help);
    }
    let wrong = store.as_ref().and_then(|store| match store.engines().as_slice() {
        [] => Some(settings::NO_ENGINE),
        [_] => None,
        _ => Some(settings::TWO_ENGINES),
    });
    if let Some(wrong) = wrong {
        find("C028", &["store"], wrong.to_owned(), settings::HELP);
    }
    if tenants.is_empty() {
        let message = "there is no tenant: nothing would be served".to_owned();
        find(
            "C006",
            &["tenants"],
            message,
            "add one under `tenants:` with `mapping` and `clients`",
        );
    }
    for (name, tenant) in tenants {
        of_tenant(name, tenant, &mut find);
    }
    shared_credentials(tenants, &mut find);
    shared_paths(tenants, &mut find);
    findings.extend(limits::findings(config, source));
    findings.extend(no_public_url(config, source));
    findings
}

/// Without it `Location` says `https://0.0.0.0:8443`, where no client finds anybody.
fn no_public_url(config: &Config, source: &Source) -> Option<Diagnostic> {
    let listen = config.server.listen;
    let mut tenants = config.tenants.values();
    let nowhere = listen.ip().is_unspecified() && tenants.any(|tenant| tenant.host.is_none());
    (config.public_url.is_none() && nowhere).then(|| {
        let message = format!("`Location` and `meta.location` would begin with `{listen}`");
        let help = "set `public_url: https://HOST`, as clients reach it";
        Diagnostic::warning("C016", source.place(&["server", "listen"]), message).help(help)
    })
}

fn of_tenant(
    name: &str,
    tenant: &Tenant,
    find: &mut impl FnMut(&'static str, &[&str], String, &str),
) {
    if let Some(path) = &tenant.path
        && (!path.starts_with('/') || path.contains(['?', '#', '%']))
    {
        let message = format!("`path` is `{path}`, which is no path");
        find("C010", &["tenants", name, "path"], message, "write it like `/scim/v2`");
    }
    if let Some(host) = &tenant.host
        && !host::is_name(host)
    {
        let message = format!("`host` is `{host}`, which is no host name");
        let help = "write it like `gw1.acme.example`: without scheme, port, path or `*`, and with `xn--` for what is not ASCII";
        find("C040", &["tenants", name, "host"], message, help);
    }
    for (client, credentials) in &tenant.clients {
        let path = ["tenants", name, "clients", client];
        if credentials.bearer.is_empty() && credentials.basic.is_empty() {
            let message = format!("client `{client}` has no credential: it could not call");
            find("C007", &path, message, NEW_TOKEN);
        }
        if credentials.basic.iter().any(|password| password.user.contains(':')) {
            let message = format!("client `{client}` has a user with a colon in its name");
            find("C013", &path, message, "Basic cannot carry it: choose another name");
        }
    }
}

/// Where a tenant lives: a host of its own or every one, and its paths.
fn bases(tenant: &Tenant) -> Vec<(Option<String>, String)> {
    let host = tenant.host.as_deref().map(host::compared);
    let paths = routes::bases(tenant.path.as_deref(), tenant.profile).into_iter();
    paths.map(|(path, _)| (host.clone(), path)).collect()
}

/// One credential at one path must lead to one tenant, or a request would reach another's people;
/// and to one client, or the log would name the wrong one. A host of its own makes it another path.
fn shared_credentials(
    tenants: &BTreeMap<String, Tenant>,
    find: &mut impl FnMut(&'static str, &[&str], String, &str),
) {
    type Base = (Option<String>, String);
    type Taken<'a> = BTreeMap<(Base, Option<&'a str>, Digest), (&'a str, &'a str)>;
    let mut taken = Taken::new();
    for (name, tenant) in tenants {
        let bases = bases(tenant);
        let mut of_tenant = None;
        for (client, credentials) in &tenant.clients {
            let tokens = credentials.bearer.iter().map(|token| (None, token.sha256));
            let passwords =
                credentials.basic.iter().map(|one| (Some(one.user.as_str()), one.sha256));
            let mut of_client = None;
            for (user, digest) in tokens.chain(passwords) {
                for base in &bases {
                    let here = (name.as_str(), client.as_str());
                    let owner = *taken.entry((base.clone(), user, digest)).or_insert(here);
                    if owner.0 != name {
                        of_tenant = Some(owner.0);
                    } else if owner.1 != client {
                        of_client = Some(owner.1);
                    }
                }
            }
            if let Some(owner) = of_client {
                let message = format!("clients `{owner}` and `{client}` take the same credential");
                let help = "give each its own token: the log tells them apart by it";
                find("C008", &["tenants", name, "clients", client], message, help);
            }
        }
        if let Some(owner) = of_tenant {
            let message =
                format!("tenants `{owner}` and `{name}` take the same credential at one path");
            let help = "give each its own token, or its own `path` or `host`";
            find("C008", &["tenants", name, "clients"], message, help);
        }
    }
}

/// A tenant without clients is one whose clients' own credentials go on to the vendor, whatever they are: its path,
/// and its host where it has one, alone say that it is meant.
fn shared_paths(
    tenants: &BTreeMap<String, Tenant>,
    find: &mut impl FnMut(&'static str, &[&str], String, &str),
) {
    let open = tenants.iter().filter(|(_, tenant)| tenant.clients.is_empty());
    for (name, tenant) in open {
        let own = bases(tenant);
        // Of two of that kind one is told of the other.
        let told = |other: &str, with: &Tenant| with.clients.is_empty() && other < name.as_str();
        let others = tenants.iter().filter(|(other, with)| *other != name && !told(other, with));
        let shared = others.into_iter().find_map(|(other, with)| {
            let theirs = bases(with);
            let base = own.iter().find(|base| theirs.contains(base))?;
            Some((other, base))
        });
        if let Some((other, (host, path))) = shared {
            let host = host.as_deref().unwrap_or_default();
            let message = format!(
                "tenants `{name}` and `{other}` could not be told apart at `{host}{path}`: `{name}` has no clients"
            );
            let help = "give it its own `path` or `host`; or `clients`, where the gateway has a credential of its own";
            find("C033", &["tenants", name, "path"], message, help);
        }
    }
}

fn is_base_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    web && uri.host().is_some() && uri.query().is_none() && !url.contains('#')
}
