//! What the gateway costs, as ratios within one run: `cargo bench`.
//!
//! Gateway, vendor and load are processes of their own. Each request goes (a) through scimshim,
//! (b) through a bare hyper-to-reqwest pass-through, (c) to the vendor directly, and (d) through the
//! pass-through with a parse and a serialise of the same bodies, (e) through that with what every gateway
//! owes: a look at the credential, a second tree, its version, a line in the log. Every answer is compared with what
//! is expected before anything is timed. CPU is the whole process's, as the kernel counts it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected stops"
)]

mod load;
mod pass;
mod process;
mod translation;
mod vendor;

use load::Shot;
use pass::Between;
use process::Process;
use serde_json::{Value, json};

/// The gateway's own: what is compared is what is done with memory, not whose memory it is.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const CONNECTIONS: usize = 32;
/// Requests of one measurement; the kernel counts CPU in hundredths of a second.
const REQUESTS: usize = 20_000;

fn main() {
    match std::env::var("SCIMSHIM_BENCH_ROLE").as_deref() {
        Ok("vendor") => runtime(vendor::serve()),
        Ok("pass") => runtime(pass::serve(Between::Nothing)),
        Ok("parse") => runtime(pass::serve(Between::Parse)),
        Ok("owed") => runtime(pass::serve(Between::owed())),
        Ok("load") => runtime(load::run()),
        Ok("translation") => translation::measure(),
        _ => measure(),
    }
}

fn runtime(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future);
}

/// One kind of request, at the gateway and at the vendor.
struct Kind {
    name: &'static str,
    scim: Shot,
    vendor: Shot,
    /// Vendor calls that the gateway makes of one.
    calls: u32,
}

fn measure() {
    let vendor = Process::role("vendor", &[]);
    let pass = Process::role("pass", &[("SCIMSHIM_BENCH_VENDOR", &vendor.url)]);
    let parse = Process::role("parse", &[("SCIMSHIM_BENCH_VENDOR", &vendor.url)]);
    let owed = Process::role("owed", &[("SCIMSHIM_BENCH_VENDOR", &vendor.url)]);
    let (gateway, first) = Process::gateway(&vendor.url);

    println!("translation, JSON text excluded");
    translation::measure();

    println!("\nstart to the first 200: {:.1} ms (target 50)", first.as_secs_f64() * 1e3);
    let idle = gateway.resident();
    println!(
        "\n{CONNECTIONS} keep-alive connections, {REQUESTS} requests each, CPU of the process per request"
    );
    println!(
        "| request | vendor calls | (a) scimshim | (b) pass-through | (d) with parse | (e) with all owed | (c) vendor | a/b | a-d | a-e | req/s a | b | c |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for kind in kinds() {
        check(&kind, &gateway.url, &[&pass.url, &parse.url, &owed.url, &vendor.url]);
        let through = |target: &Process, shot: &Shot| {
            let before = target.cpu();
            let rate = load::shoot(&target.url, shot, CONNECTIONS, REQUESTS);
            let used = target.cpu() - before;
            (used.as_secs_f64() * 1e6 / REQUESTS as f64, rate)
        };
        // Warm first, then in turn: what drifts, drifts for all.
        for target in [&pass, &parse, &owed, &vendor] {
            load::shoot(&target.url, &kind.vendor, CONNECTIONS, REQUESTS / 10);
        }
        load::shoot(&gateway.url, &kind.scim, CONNECTIONS, REQUESTS / 10);
        let (a, rate_a) = through(&gateway, &kind.scim);
        let (b, rate_b) = through(&pass, &kind.vendor);
        let (d, _) = through(&parse, &kind.vendor);
        let (e, _) = through(&owed, &kind.vendor);
        let (c, rate_c) = through(&vendor, &kind.vendor);
        println!(
            "| {} | {} | {a:.1} µs | {b:.1} µs | {d:.1} µs | {e:.1} µs | {c:.1} µs | {:.2} | {:+.1} µs | {:+.1} µs | {rate_a:.0} | {rate_b:.0} | {rate_c:.0} |",
            kind.name,
            kind.calls,
            a / b,
            a - d,
            a - e
        );
    }
    println!("\ntargets: GET a/b at most 2.2, GET a-d at most 12 µs");

    load::walk(&gateway.url, vendor::PEOPLE);
    let busy = gateway.resident();
    load::shoot(&gateway.url, &kinds()[0].scim, 400, REQUESTS);
    let crowded = gateway.resident();
    println!(
        "\nresident with {} users at the vendor: idle {idle:.1} MiB, at {CONNECTIONS} connections {busy:.1} MiB (target 20), at 400 {crowded:.1} MiB",
        vendor::PEOPLE
    );
}

fn kinds() -> Vec<Kind> {
    let get = |path: &str| Shot { method: "GET", path: path.to_owned(), body: String::new() };
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let create = json!({ "schemas": [user], "userName": "new{n}@acme.example", "name": { "givenName": "Mia", "familyName": "Berg" }, "active": true });
    let change = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "value": { "title": "Lead" } }],
    });
    let base = "/scim/v2/Users";
    vec![
        Kind {
            name: "GET",
            scim: get(&format!("{base}/{{n}}")),
            vendor: get("/people/{n}"),
            calls: 1,
        },
        Kind {
            name: "filter",
            scim: get(&format!("{base}?filter=userName%20eq%20%22mia.berg%40acme.example%22")),
            vendor: get("/people?login=mia.berg%40acme.example"),
            calls: 1,
        },
        Kind {
            name: "POST",
            scim: Shot { method: "POST", path: base.to_owned(), body: create.to_string() },
            vendor: Shot {
                method: "POST",
                path: "/people".to_owned(),
                body: json!({ "login": "new{n}@acme.example" }).to_string(),
            },
            calls: 2,
        },
        Kind {
            name: "PATCH",
            scim: Shot { method: "PATCH", path: format!("{base}/{{n}}"), body: change.to_string() },
            vendor: Shot {
                method: "PATCH",
                path: "/people/{n}".to_owned(),
                body: json!({ "job": "Lead" }).to_string(),
            },
            calls: 2,
        },
    ]
}

/// The answers are what they should be, or nothing is timed.
fn check(kind: &Kind, gateway: &str, others: &[&str]) {
    let (status, body) = load::one(gateway, &kind.scim);
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let user = match kind.name {
        "filter" => &body["Resources"][0],
        _ => &body,
    };
    assert!(status / 100 == 2, "{}: {status} {body}", kind.name);
    assert_eq!(user["userName"], "mia.berg@acme.example", "{}", kind.name);
    assert_eq!(user["name"]["formatted"], "Mia Berg");
    assert_eq!(user["emails"].as_array().map(Vec::len), Some(2));
    let own: Vec<(u16, Vec<u8>)> = others.iter().map(|url| load::one(url, &kind.vendor)).collect();
    assert!(own.windows(2).all(|pair| pair[0] == pair[1]), "{}: the same through all", kind.name);
}
