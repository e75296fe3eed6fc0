//! How much of everything may be asked for: numbers that would stop the server, or the process.

use super::{
    config::Config,
    source::{Source, finding},
};
use crate::{diagnostic::Diagnostic, server::settings::Limits};
use std::time::Duration;
use tokio::sync::Semaphore;

/// No wait of a server is longer; far more than this and the clock itself runs over.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// hyper needs as much to read a request line at all.
const HEADERS: u64 = 8 * 1024;
/// A shorter window of a guard holds nothing back.
const SECOND: Duration = Duration::from_secs(1);
/// Looking more often only keeps the disk busy.
const LOOK: Duration = Duration::from_millis(10);
/// Okta gives up at 60 s, and our own answer needs a moment.
const PATIENCE: Duration = Duration::from_secs(55);
/// Nobody waits for more of them, one after the other.
const BULK: u64 = 10_000;
/// No `count` of a client's is read as more.
const LIST: u64 = i32::MAX as u64;
/// What a guard counts is held in memory; who lets through more in a day has it `off`.
const GUARDED: u64 = 100_000;
/// More threads than any machine has cores.
const THREADS: u64 = 1024;

/// Every limit that is out of its range.
pub fn findings(config: &Config, source: &Source) -> Vec<Diagnostic> {
    let Limits {
        connections,
        handshake,
        first_request,
        idle,
        headers,
        body,
        bulk_operations,
        list_results,
        body_time,
        refusal,
        streams,
        request,
        drain,
    } = config.server.limits;
    let every = config.reload.every;
    let counts = [
        (vec!["threads"], config.threads.map_or(1, |threads| threads.get() as u64), 1, THREADS),
        (limit("connections"), connections as u64, 1, Semaphore::MAX_PERMITS as u64),
        (limit("headers"), u64::from(headers), HEADERS, u64::from(u32::MAX)),
        (limit("body"), body as u64, 1, u64::MAX),
        (limit("bulk_operations"), bulk_operations as u64, 1, BULK),
        (limit("list_results"), list_results as u64, 1, LIST),
        (limit("streams"), u64::from(streams), 1, u64::from(u32::MAX)),
    ];
    let times = [
        (limit("handshake"), handshake, Duration::from_millis(1)),
        (limit("first_request"), first_request, Duration::from_millis(1)),
        (limit("idle"), idle, Duration::from_millis(1)),
        (limit("body_time"), body_time, Duration::from_millis(1)),
        (limit("refusal"), refusal, Duration::ZERO),
        (limit("request"), request, Duration::from_millis(1)),
        (limit("drain"), drain, Duration::from_millis(1)),
        (vec!["reload", "every"], every, LOOK),
    ];
    let guards = config.tenants.iter().filter_map(|(name, tenant)| Some((name, tenant.guard?)));
    let guard = |name, key| vec!["tenants", name, "guard", key];
    let most = guards.clone().map(|(name, limit)| (guard(name, "most"), limit.most, 1, GUARDED));
    let within = guards.map(|(name, limit)| (guard(name, "within"), limit.within, SECOND));
    let counts = counts.into_iter().chain(most).filter_map(|(path, found, least, most)| {
        let expected = match (found < least, found > most) {
            (true, _) => format!("at least {least}"),
            (_, true) => format!("at most {most}"),
            _ => return None,
        };
        Some(outside(source, &path, found.to_string(), expected))
    });
    let times = times.into_iter().chain(within).filter_map(|(path, found, least)| {
        let expected = match (found < least, found > DAY) {
            (true, _) => format!("at least {least:?}"),
            (_, true) => "at most 24h".to_owned(),
            _ => return None,
        };
        Some(outside(source, &path, format!("{found:?}"), expected))
    });
    let unwise = (PATIENCE < request && request <= DAY).then(|| {
        let message = format!("a request may take {request:?}, and Okta gives up after 60s");
        let place = source.place(&limit("request"));
        Diagnostic::warning("C015", place, message).help("at most 55s, the default is 50s")
    });
    counts.chain(times).chain(unwise).collect()
}

fn limit(name: &'static str) -> Vec<&'static str> {
    vec!["server", "limits", name]
}

fn outside(source: &Source, path: &[&str], found: String, expected: String) -> Diagnostic {
    let message = format!("`{}` is {found}, expected {expected}", path.join("."));
    let help = "leave it out for the default".to_owned();
    finding("C014", source.place(path), message, Some(help))
}
