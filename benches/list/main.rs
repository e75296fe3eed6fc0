//! What a long list costs the gateway: `cargo bench --bench list`.
//!
//! 100,000 users at a vendor in another process that makes each page when it is asked for it, walked by pages of
//! 100 whichever way the vendor pages, as one response, and as one response to a filter that is matched here. The
//! vendor that has one answer for all has little of each: no more than 10 MiB are taken. Each has a gateway of its own; its
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
use process::{Process, Served};
use std::time::Instant;
use taken::{Taken, take};

const PEOPLE: &str = "BENCH_PEOPLE";
/// On a page of the vendor's, and of the client that walks.
const PAGE: usize = 100;
/// MiB that the gateway is to stay below.
const TARGET: f64 = 64.0;
/// Vendor calls for each of its pages, at most.
const CALLS: f64 = 1.05;

const MAPPING: &str = include_str!("../gateway/bench.yaml");

/// The ways in which vendors page: the list's address, and what the mapping says of it.
const WAYS: [(&str, &str, &str); 6] = [
    ("page", "/people", "{ page: { param: page, size_param: size, size: 100, total: total } }"),
    (
        "offset",
        "/offsets",
        "{ offset: { param: skip, size_param: size, size: 100, total: total } }",
    ),
    ("cursor", "/cursors", "{ cursor: { param: after, next: cursor } }"),
    ("next_url", "/urls", "{ next_url: { field: next } }"),
    ("link", "/links", "{ link: {} }"),
    ("none", "/everybody", "none"),
];

/// The bench's mapping for a vendor that pages so.
fn mapping(address: &str, paging: &str) -> String {
    let (before, behind) = MAPPING.split_once("        call: GET /people\n").unwrap();
    let (_, behind) = behind.split_once("total: total } }\n").unwrap();
    format!(
        "{before}        call: GET {address}\n        items: data\n        paging: {paging}\n{behind}"
    )
}

fn main() {
    if std::env::var("SCIMSHIM_BENCH_ROLE").as_deref() == Ok("vendor") {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        return runtime.block_on(vendor::serve());
    }
    let people: usize = std::env::var(PEOPLE).map_or(100_000, |people| people.parse().unwrap());
    let vendor = Process::role("vendor", &[(PEOPLE, &people.to_string())]);
    println!(
        "{people} users of 24 attributes at a vendor with pages of {PAGE}; targets: at most {TARGET} MiB and {CALLS} calls for each page\n"
    );
    println!(
        "| | MiB at first | at the end | at most | time per user | CPU per user | body | vendor calls | its pages | ratio |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (way, address, paging) in WAYS {
        let (name, mapping) = (format!("walked by pages of 100: {way}"), mapping(address, paging));
        let pages = if way == "none" { 1 } else { people.div_ceil(PAGE) };
        row(&name, people, pages, &mapping, &vendor, |url| walk(url, people));
    }
    let pages = people.div_ceil(PAGE);
    row("as one response", people, pages, MAPPING, &vendor, |url| all(url, people, ""));
    let filter = "&filter=nickName%20eq%20%22Mi%22";
    let name = "as one response, each user matched";
    row(name, people, pages, MAPPING, &vendor, |url| all(url, people, filter));
}

/// Measures one way of reading everybody; it gives the bytes of the answers.
fn row(
    name: &str,
    people: usize,
    pages: usize,
    mapping: &str,
    vendor: &Process,
    read: impl FnOnce(&str) -> usize,
) {
    let served = Served { mapping, store: None, admin: process::free_port() };
    let (gateway, _) = Process::serving(&vendor.url, &served);
    let (first, before) = (gateway.memory("VmRSS"), gateway.cpu());
    asked(vendor);
    let begun = Instant::now();
    let bytes = read(&gateway.url);
    let each = |micros: u128| micros as f64 / people as f64;
    let (took, used) = (begun.elapsed().as_micros(), (gateway.cpu() - before).as_micros());
    let (last, most) = (gateway.memory("VmRSS"), gateway.memory("VmHWM"));
    let calls = asked(vendor);
    let ratio = calls as f64 / pages as f64;
    let above = |is: bool| if is { " (above the target)" } else { "" };
    println!(
        "| {name} | {first:.1} | {last:.1} | {most:.1}{} | {:.1} µs | {:.1} µs | {:.1} MiB | {calls} | {pages} | {ratio:.3}{} |",
        above(most > TARGET),
        each(took),
        each(used),
        bytes as f64 / 1024.0 / 1024.0,
        above(ratio > CALLS),
    );
}

/// An import of everybody, page by page.
fn walk(url: &str, people: usize) -> usize {
    let (mut seen, mut bytes) = (0, 0);
    while seen < people {
        let path = format!("/scim/v2/Users?startIndex={}&count={PAGE}", seen + 1);
        let page = take(url, &path, seen + 1);
        seen += page.held;
        // Exact where the vendor says it or the list has ended, else larger than what was served.
        assert!(page.held == PAGE.min(people + page.held - seen) && page.total <= people);
        assert!(if seen < people { page.total > seen } else { page.total == people });
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
