//! What a long list costs the gateway: `cargo bench --bench list`.
//!
//! 100,000 users at a vendor in another process that makes each page when it is asked for it, walked by pages of
//! 100, as one response, and as one response to a filter that is matched here. Each has a gateway of its own; its
//! memory is the kernel's word for the process: what it has at the end, and the most that it ever had. The client
//! reads every answer as JSON while it comes, and looks at every id.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected stops"
)]

#[path = "../gateway/load.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod load;
#[path = "../gateway/process.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod process;
mod taken;
#[path = "../gateway/vendor.rs"]
mod vendor;

use load::Shot;
use process::Process;
use std::time::Instant;
use taken::{Taken, take};

const PEOPLE: &str = "BENCH_PEOPLE";
/// On a page of the vendor's, and of the client that walks.
const PAGE: usize = 100;
/// MiB that the gateway is to stay below.
const TARGET: f64 = 64.0;

fn main() {
    if std::env::var("SCIMSHIM_BENCH_ROLE").as_deref() == Ok("vendor") {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(vendor::serve());
    }
    let people = std::env::var(PEOPLE).map_or(100_000, |people| people.parse().unwrap());
    let vendor = Process::role("vendor", &[(PEOPLE, &people.to_string())]);
    println!(
        "{people} users of 24 attributes at a vendor with pages of {PAGE}; target {TARGET} MiB\n"
    );
    println!(
        "| | MiB at first | at the end | at most | time per user | CPU per user | body | vendor calls (its pages) |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    row("walked by pages of 100", people, &vendor, |url| walk(url, people));
    row("as one response", people, &vendor, |url| all(url, people, ""));
    let filter = "&filter=nickName%20eq%20%22Mi%22";
    row("as one response, each user matched", people, &vendor, |url| all(url, people, filter));
}

/// Measures one way of reading everybody; it gives the bytes of the answers.
fn row(name: &str, people: usize, vendor: &Process, read: impl FnOnce(&str) -> usize) {
    let (gateway, _) = Process::gateway(&vendor.url);
    let (first, before) = (gateway.memory("VmRSS"), gateway.cpu());
    asked(vendor);
    let begun = Instant::now();
    let bytes = read(&gateway.url);
    let each = |micros: u128| micros as f64 / people as f64;
    let (took, used) = (begun.elapsed().as_micros(), (gateway.cpu() - before).as_micros());
    let (last, most) = (gateway.memory("VmRSS"), gateway.memory("VmHWM"));
    let missed = if most > TARGET { " (above the target)" } else { "" };
    println!(
        "| {name} | {first:.1} | {last:.1} | {most:.1}{missed} | {:.1} µs | {:.1} µs | {:.1} MiB | {} ({}) |",
        each(took),
        each(used),
        bytes as f64 / 1024.0 / 1024.0,
        asked(vendor),
        people.div_ceil(PAGE),
    );
}

/// An import of everybody, page by page.
fn walk(url: &str, people: usize) -> usize {
    let (mut seen, mut bytes) = (0, 0);
    while seen < people {
        let path = format!("/scim/v2/Users?startIndex={}&count={PAGE}", seen + 1);
        let page = take(url, &path, seen + 1);
        assert_eq!(page, Taken { total: people, held: PAGE.min(people - seen), ..page });
        seen += page.held;
        bytes += page.bytes;
    }
    bytes
}

/// Everybody at once.
fn all(url: &str, people: usize, filter: &str) -> usize {
    let taken = take(url, &format!("/scim/v2/Users?count={people}{filter}"), 1);
    assert_eq!(taken, Taken { total: people, held: people, ..taken });
    taken.bytes
}

/// The pages that the vendor was asked for since the last look.
fn asked(vendor: &Process) -> usize {
    let shot = Shot { method: "GET", path: "/asked".to_owned(), body: String::new() };
    String::from_utf8(load::one(&vendor.url, &shot).1).unwrap().parse().unwrap()
}
