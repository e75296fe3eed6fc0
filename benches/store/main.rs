//! What the store costs on this disk, over a file of its own: alone, and through the whole gateway over HTTP to
//! a vendor in another process. `cargo bench --bench store`; `BENCH_REQUESTS` for fewer than 20,000 GETs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that meets the unexpected stops"
)]

mod journal;
#[path = "../gateway/load.rs"]
mod load;
#[path = "../gateway/process.rs"]
#[expect(dead_code, reason = "that of the gateway's bench, which asks for more")]
mod process;
mod through;
#[path = "../gateway/vendor.rs"]
mod vendor;

use futures_util::future::join_all;
use jiff::Timestamp;
use scimshim::store::{Batch, Change, Member, Receipt, Scope, Store, sqlite::Sqlite};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The gateway's own: what is compared is what is done with memory, not whose memory it is.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    match std::env::var("SCIMSHIM_BENCH_ROLE").as_deref() {
        Ok("vendor") => runtime().block_on(vendor::serve()),
        Ok("load") => runtime().block_on(load::run()),
        _ => {
            println!("the store alone");
            runtime().block_on(measure());
            through::measure();
        }
    }
}

fn users() -> Scope {
    Scope::new("acme", "User")
}

fn groups() -> Scope {
    Scope::new("acme", "Group")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn user(id: String) -> Member {
    Member { kind: "User".to_owned(), id }
}

fn link(id: &str, key: &str) -> Change {
    Change::Link { id: id.to_owned(), vendor_key: key.to_owned() }
}

fn keep(id: &str, path: &str, value: impl Into<Value>) -> Change {
    Change::Keep { id: id.to_owned(), path: path.to_owned(), value: value.into() }
}

fn group() -> Change {
    let display_name = "All".to_owned();
    Change::PutGroup { id: "g".to_owned(), display_name, external_id: None, at: at(0) }
}

async fn write(store: &dyn Store, scope: &Scope, changes: Vec<Change>) -> Receipt {
    let batch = Batch::new(scope.tenant.clone());
    let batch = changes.into_iter().fold(batch, |batch, one| batch.with(scope.kind.clone(), one));
    store.write(batch).await.unwrap()
}

fn shown(name: &str, mut all: Vec<Duration>) {
    all.sort();
    let of = |part: usize| all[(all.len() - 1) * part / 100];
    println!("{name}: p50 {:?}, p99 {:?}", of(50), of(99));
}

async fn measure() {
    let folder = std::env::temp_dir().join(format!("scimshim-bench-store-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("scimshim.db");
    let store = Sqlite::open(&file, Arc::default()).unwrap();
    let store = &store;
    let id = |n: usize| format!("{n:08}-2f4d-4c1b-9a63-1f0e5c7d2b10");
    for start in (0..100_000).step_by(1_000) {
        let changes = (start..start + 1_000)
            .flat_map(|n| [link(&id(n), &n.to_string()), keep(&id(n), "externalId", id(n))]);
        write(store, &users(), changes.collect()).await;
    }
    let mut took = vec![];
    for n in 0..5_000 {
        let one = [id(n * 7919 % 100_000)];
        let began = Instant::now();
        assert_eq!(store.held(&users(), &one).await.unwrap().len(), 1);
        took.push(began.elapsed());
    }
    shown("get of link, tombstone and kept, among 100,000 (target 50 µs)", took);
    let mut took = vec![];
    for n in 0..500 {
        let page: Vec<String> = (n * 100..n * 100 + 100).map(id).collect();
        let began = Instant::now();
        assert_eq!(store.held(&users(), &page).await.unwrap().len(), 100);
        took.push(began.elapsed());
    }
    shown("the same of 100 ids at once", took);
    let mut took = vec![];
    for n in 0..1_000 {
        let new = format!("new-{n}");
        let batch = Batch::new("acme")
            .with("User", link(&new, &new))
            .with("User", keep(&new, "externalId", n));
        let began = Instant::now();
        store.write(batch).await.unwrap();
        took.push(began.elapsed());
    }
    shown("durable batch of link and kept, one after the other", took);
    let began = Instant::now();
    let all = (0..6_400).map(|n| store.write(Batch::new("acme").with("User", keep("x", "n", n))));
    let mut all: Vec<_> = all.collect();
    while !all.is_empty() {
        join_all(all.drain(..64.min(all.len()))).await;
    }
    println!("6,400 durable batches, all waiting: {:?} each", began.elapsed() / 6_400);

    journal::measure(store).await;

    write(store, &groups(), vec![group()]).await;
    let some =
        |range: std::ops::Range<usize>| -> Vec<Member> { range.map(|n| user(id(n))).collect() };
    let add = |members| Change::AddMembers { group: "g".into(), members, at: at(1) };
    for start in (0..100_000).step_by(10_000) {
        let members = some(start..start + 10_000).into_iter();
        write(store, &groups(), vec![add(members.filter(|one| !one.id.ends_with('z')).collect())])
            .await;
    }
    let mut took = vec![];
    for n in 0..20_usize {
        let scattered = (0..1_000).map(|k| user(format!("{:08}-new-{n}", k * 97))).collect();
        // Waits until the writer has brought home what was written before.
        store.health().await.unwrap();
        let began = Instant::now();
        let made = write(store, &groups(), vec![add(scattered)]).await;
        took.push(began.elapsed());
        assert_eq!(made.rows, 1_002);
        let scattered = (0..1_000).map(|k| user(format!("{:08}-new-{n}", k * 97))).collect();
        let remove = Change::RemoveMembers { group: "g".into(), members: scattered, at: at(2) };
        write(store, &groups(), vec![remove]).await;
    }
    shown("1,000 members into 100,000, 1,002 rows (target 50 ms)", took);
    let began = Instant::now();
    let members = store.members(&groups(), "g", None, 1_000).await.unwrap();
    println!("page of {} members: {:?}", members.len(), began.elapsed());
    let began = Instant::now();
    let count = store.count_members(&groups(), "g").await.unwrap();
    println!("count of {count} members: {:?}", began.elapsed());
    let wanted = some(0..100_001).into_iter().collect();
    let began = Instant::now();
    let set = Change::SetMembers { group: "g".into(), members: wanted, at: at(3) };
    let made = write(store, &groups(), vec![set]).await;
    println!("set of 100,001 members, {} rows: {:?}", made.rows, began.elapsed());
    let began = Instant::now();
    let found = store.groups_of(&groups(), &[user(id(5))]).await.unwrap();
    println!("groups of a member ({}): {:?}", found.len(), began.elapsed());
    let held = store.held(&users(), &["x".to_owned()]).await.unwrap();
    println!("version of the busiest: {}", held["x"].version);
    store.close().await.unwrap();
    println!("file: {} KiB", std::fs::metadata(&file).unwrap().len() / 1024);
    std::fs::remove_dir_all(&folder).unwrap();
}
