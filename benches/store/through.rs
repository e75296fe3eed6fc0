//! The store as a client meets it: through the whole gateway, over HTTP, with a vendor at the other end.

use super::{
    load::{self, Shot},
    process::{Process, Served, free_port},
    shown,
};
use jiff::Timestamp;
use scimshim::store::{Batch, Change, Member, Store, sqlite::Sqlite};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

const MAPPING: &str = include_str!("../gateway/bench.yaml");
/// Members of the Group before anybody joins.
const MEMBERS: usize = 100_000;
/// Who joins with one PATCH.
const JOINING: usize = 1_000;
/// The person whose answer the vendor has made.
const READ: &str = "7";
const CONNECTIONS: usize = 32;
/// The gateways are loaded in turn, so often: what drifts, drifts for both.
const TURNS: usize = 5;

pub fn measure() {
    let folder =
        std::env::temp_dir().join(format!("scimshim-bench-through-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    pushes(&folder);
    reads(&folder);
    writes(&folder);
    values(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A file with what is written to it.
fn file(folder: &Path, name: &str, batches: Vec<Batch>) -> PathBuf {
    let file = folder.join(name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(&file, Arc::default()).unwrap();
        for batch in batches {
            store.write(batch).await.unwrap();
        }
        store.close().await.unwrap();
    });
    file
}

/// 1,000 who join a kept Group of 100,000.
fn pushes(folder: &Path) {
    println!("\n{JOINING} members into a kept Group of {MEMBERS}, a PATCH through the gateway");
    let of_the_vendor = "groups:\n        field: teams\n        direction: read\n        element: { value: { field: id }, display: { field: label } }\n";
    let mapping = MAPPING.replace(of_the_vendor, "groups: { kept: true }\n");
    assert_ne!(mapping, MAPPING);
    let mapping = mapping + "  Group: { kept: true }\n";
    let at = Timestamp::UNIX_EPOCH;
    let group = || "g".to_owned();
    let made =
        Change::PutGroup { id: group(), display_name: "All".to_owned(), external_id: None, at };
    let mut batches = vec![Batch::new("bench").with("Group", made)];
    for start in (0..MEMBERS).step_by(10_000) {
        let id = |n| format!("{n:08}-2f4d-4c1b-9a63-1f0e5c7d2b10");
        let members = (start..start + 10_000).map(id).map(|id| Member { kind: "User".into(), id });
        let add = Change::AddMembers { group: group(), members: members.collect(), at };
        batches.push(Batch::new("bench").with("Group", add));
    }
    let file = file(folder, "groups.db", batches);

    // Who joins is on a page of a list that is short enough to be read; or it is too long, and each is looked at.
    for people in [10_000, 200_000] {
        let vendor = Process::role("vendor", &[("BENCH_PEOPLE", &people.to_string())]);
        let mut took = Vec::new();
        let mut cost = Cost::default();
        for turn in 0..TURNS {
            let admin = free_port();
            let served = Served { mapping: &mapping, store: Some(&file), admin };
            let (gateway, _) = Process::serving(&vendor.url, &served);
            let (taken, paid) = join(&gateway, admin, &vendor, turn);
            took.push(taken);
            cost = paid;
            leave(&gateway, turn);
        }
        shown(&format!("  strangers, {people} people at the vendor, {cost}"), took);
    }

    let vendor = Process::role("vendor", &[]);
    let admin = free_port();
    let served = Served { mapping: &mapping, store: Some(&file), admin };
    let (gateway, _) = Process::serving(&vendor.url, &served);
    load::walk(&gateway.url, super::vendor::PEOPLE);
    cost_of(&vendor, admin, 0);
    let mut took = Vec::new();
    let mut cost = Cost::default();
    for turn in 0..20 {
        let (taken, paid) = join(&gateway, admin, &vendor, turn % 9);
        took.push(taken);
        cost = paid;
        leave(&gateway, turn % 9);
    }
    shown(&format!("  seen within ten minutes, {cost} (target 50 ms)"), took);
}

/// What a PATCH comes to.
#[derive(Default)]
struct Cost {
    pages: usize,
    looks: usize,
    rows: usize,
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pages, looks, rows } = self;
        write!(f, "{pages} pages and {looks} looks at the vendor, {rows} rows")
    }
}

/// Somebody joins a Group that is a value and leaves it, with a journal and without: a read, a call that writes, and where it
/// is journalled, an entry of the Group's and one of the member's.
fn values(folder: &Path) {
    println!(
        "\nPATCH of a Group that is a value, by which one joins or leaves, with a journal and without"
    );
    let unit = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let group = format!("values_of: {{ resource: User, attribute: \"{unit}\", names: [Benches] }}");
    let mapping = format!("{MAPPING}  Group:\n    {group}\n");
    let file = file(folder, "values.db", Vec::new());
    let gateways = [Some(&*file), None].map(|store| {
        let vendor = Process::role("vendor", &[]);
        (started(&vendor, &mapping, store), vendor)
    });
    let shots = [
        json!({ "op": "add", "path": "members", "value": [{ "value": READ }] }),
        json!({ "op": "remove", "path": format!("members[value eq \"{READ}\"]") }),
    ];
    let shots = shots.map(|operation| {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({ "schemas": schemas, "Operations": [operation] });
        let path = "/scim/v2/Groups/Benches".to_owned();
        Shot { method: "PATCH", path, body: body.to_string() }
    });
    let times = asked() / TURNS / 5 / 2 * 2;
    let (mut used, mut took) = ([Duration::ZERO; 2], [vec![], vec![]]);
    for _ in 0..TURNS {
        for (at, (gateway, _)) in gateways.iter().enumerate() {
            let before = gateway.cpu();
            took[at].extend(timed(&gateway.url, &shots.each_ref(), times));
            used[at] += gateway.cpu() - before;
        }
    }
    told(used, times * TURNS, took, "");
}

/// The time of it, from a connection that is open, and what it cost.
fn join(gateway: &Process, admin: u16, vendor: &Process, turn: usize) -> (Duration, Cost) {
    let before = cost_of(vendor, admin, 0).rows;
    let took = timed(&gateway.url, &[&patch("add", turn)], 1).remove(0);
    (took, cost_of(vendor, admin, before))
}

fn leave(gateway: &Process, turn: usize) {
    timed(&gateway.url, &[&patch("remove", turn)], 1);
}

fn patch(op: &str, turn: usize) -> Shot {
    let first = turn * JOINING + 1_000;
    let members: Vec<Value> =
        (first..first + JOINING).map(|id| json!({ "value": id.to_string() })).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": op, "path": "members", "value": members }],
    });
    Shot { method: "PATCH", path: "/scim/v2/Groups/g".to_owned(), body: body.to_string() }
}

/// Since the last look at the vendor, and beyond so many rows.
fn cost_of(vendor: &Process, admin: u16, before: usize) -> Cost {
    let get = |url: &str, path: &str| {
        let shot = Shot { method: "GET", path: path.to_owned(), body: String::new() };
        String::from_utf8(load::one(url, &shot).1).unwrap()
    };
    let metrics = get(&format!("http://127.0.0.1:{admin}"), "/metrics");
    let rows = metrics.lines().find_map(|line| line.strip_prefix("scimshim_store_rows_total "));
    let rows: usize = rows.map_or(0, |rows| rows.parse().unwrap());
    let asked = |path| get(&vendor.url, path).parse().unwrap();
    Cost { pages: asked("/asked"), looks: asked("/looked"), rows: rows - before }
}

/// A GET of one user with and without a store.
fn reads(folder: &Path) {
    println!("\nGET of a user through the gateway, with one kept attribute and without");
    let line = "      nickName:              { field: nick }\n";
    let without = MAPPING.replace(line, "");
    let with = MAPPING.replace(line, "      nickName: { kept: true }\n");
    assert!(without != MAPPING && with != MAPPING);
    let value = Value::from("Mi");
    let keep = Change::Keep { id: READ.to_owned(), path: "nickName".to_owned(), value };
    let file = file(folder, "kept.db", vec![Batch::new("bench").with("User", keep)]);
    let vendor = Process::role("vendor", &[]);
    let gateways = [started(&vendor, &with, Some(&file)), started(&vendor, &without, None)];
    let path = format!("/scim/v2/Users/{READ}");
    let shot = Shot { method: "GET", path, body: String::new() };
    for (gateway, nick) in gateways.iter().zip([json!("Mi"), Value::Null]) {
        let (status, body) = load::one(&gateway.url, &shot);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, &body["nickName"]), (200, &nick), "{body}");
    }
    compared(&gateways, &shot, "(target 50 µs)");
}

/// A PATCH of one user where it is journalled, and where there is no store to journal it in.
fn writes(folder: &Path) {
    println!(
        "\nPATCH of a user through the gateway, of a read and a call that writes, with a journal and without"
    );
    let file = file(folder, "journalled.db", Vec::new());
    let vendor = Process::role("vendor", &[]);
    let gateways = [started(&vendor, MAPPING, Some(&file)), started(&vendor, MAPPING, None)];
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "Head of Benches" }],
    });
    let path = "/scim/v2/Users/{n}".to_owned();
    let shot = Shot { method: "PATCH", path, body: body.to_string() };
    compared(&gateways, &shot, "(without a store: none of it)");
}

fn started(vendor: &Process, mapping: &str, store: Option<&Path>) -> Process {
    Process::serving(&vendor.url, &Served { mapping, store, admin: free_port() }).0
}

/// What the first of two costs more than the second, by the same requests.
fn compared(gateways: &[Process; 2], shot: &Shot, target: &str) {
    let requests = asked();
    let one = Shot { path: shot.path.replace("{n}", READ), ..shot.clone() };
    for gateway in gateways {
        load::shoot(&gateway.url, shot, CONNECTIONS, requests / 10);
    }
    let mut used = [Duration::ZERO; 2];
    let mut took = [vec![], vec![]];
    for _ in 0..TURNS {
        for (at, gateway) in gateways.iter().enumerate() {
            let before = gateway.cpu();
            load::shoot(&gateway.url, shot, CONNECTIONS, requests / TURNS);
            used[at] += gateway.cpu() - before;
            took[at].extend(timed(&gateway.url, &[&one], requests / TURNS / 5));
        }
    }
    // What a load fires is a multiple of its connections.
    let fired = requests / TURNS / CONNECTIONS * CONNECTIONS * TURNS;
    told(used, fired, took, target);
}

/// Requests of one measurement.
fn asked() -> usize {
    std::env::var("BENCH_REQUESTS").map_or(20_000, |count| count.parse().unwrap())
}

fn told(used: [Duration; 2], fired: usize, took: [Vec<Duration>; 2], target: &str) {
    let cpu = used.map(|used| used.as_secs_f64() * 1e6 / fired as f64);
    let p50 = took.map(|mut all| {
        all.sort();
        all[all.len() / 2].as_secs_f64() * 1e6
    });
    println!(
        "  CPU {:.1} µs and {:.1} µs: {:+.1} µs; p50 on one connection {:.1} µs and {:.1} µs: {:+.1} µs {target}",
        cpu[0],
        cpu[1],
        cpu[0] - cpu[1],
        p50[0],
        p50[1],
        p50[0] - p50[1]
    );
}

/// How long each of so many requests took, these one after the other on one connection, over and over.
fn timed(url: &str, shots: &[&Shot], times: usize) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut sender = load::connect(url).await;
        let mut took = Vec::with_capacity(times);
        for shot in shots.iter().cycle().take(times) {
            let began = Instant::now();
            let (status, body) = load::send(&mut sender, shot).await;
            took.push(began.elapsed());
            assert_eq!(status / 100, 2, "{}", String::from_utf8_lossy(&body));
        }
        took
    })
}
