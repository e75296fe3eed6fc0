//! What the journal costs: the steps of one write, alone and 64 at once.

use crate::{at, shown};
use futures_util::future::join_all;
use scimshim::store::{Batch, Change, Entry, Stage, Store};
use serde_json::json;
use std::time::{Duration, Instant};

/// Writes that are measured.
const WRITES: usize = 1_000;
/// Of those that are under way at once.
const AT_ONCE: usize = 64;

fn entry(number: String) -> Entry {
    Entry {
        id: number.clone(),
        number,
        kind: "User".to_owned(),
        seq: 0,
        stage: Stage::Waiting,
        durable: true,
        acknowledged: false,
        intent: json!({ "patch": [{ "op": "replace", "value": { "active": false } }] }),
        accepted: at(0),
        due: at(50),
        planned: at(0),
        attempts: 0,
        progress: json!(null),
        error: None,
    }
}

/// As a deactivation has them: received, about to leave, at its end.
fn steps(number: String) -> [Change; 3] {
    let received = entry(number.clone());
    let sent =
        json!({ "sent": { "call": "User.update.retire", "at": 0, "safe": true, "visible": true } });
    let leaves = Entry { progress: sent, ..received.clone() };
    [Change::Enter(received), Change::Amend(leaves), Change::Strike { number }]
}

async fn write(store: &dyn Store, number: String, took: &mut Vec<Duration>) {
    for step in steps(number) {
        let began = Instant::now();
        store.write(Batch::new("acme").with("User", step)).await.unwrap();
        took.push(began.elapsed());
    }
}

pub async fn measure(store: &dyn Store) {
    let mut took = Vec::new();
    for n in 0..WRITES {
        write(store, format!("alone-{n}"), &mut took).await;
    }
    shown("a step of a journalled write, one after the other (target 500 µs)", took);
    let mut took = Vec::new();
    for n in 0..5_000 {
        let began = Instant::now();
        store.entries(&crate::users(), &format!("{n}")).await.unwrap();
        took.push(began.elapsed());
    }
    shown("whether anything waits for a resource", took);
    let began = Instant::now();
    let all = (0..AT_ONCE).map(async |writer| {
        let mut took = Vec::new();
        for n in 0..WRITES / AT_ONCE {
            write(store, format!("{writer}-{n}"), &mut took).await;
        }
        took
    });
    let took: Vec<Duration> = join_all(all).await.into_iter().flatten().collect();
    let (each, steps) = (began.elapsed(), took.len());
    println!("{AT_ONCE} at once share commits: {:?} a step", each / steps as u32);
    shown("a step of one of them", took);
}
