//! The journal's protocol as an explicit-state model: every order of what clients, processes, the store, the network
//! and the vendor may do is looked at, with faults between any two actions, for a few writes to one resource.
//!
//! `protocol.rs` lists the mechanisms; `queue.rs`, `attempt.rs` and `close.rs` are the protocol, `actions.rs` is the
//! world around it, `truth.rs` what must be true of it. The rows of `rows.rs` must hold. Each row of `broken.rs` leaves
//! one mechanism out, and must be caught.
//! `cargo test --test model -- --nocapture` prints the table; a change of the protocol is tried here first.
//! `MODEL_STATES=3000000` looks at as many states per row and lets more go wrong at once; with it `--release` is
//! worth its compilation.
//!
//! What is not in it: undo (an operation that is undone has ended), more than one resource (nothing is promised
//! across them), more than two processes, and reloads. The second look (`look.rs`) is there where a pause may come between
//! the look at the lease and the call, in rows of their own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed, and says where"
)]

mod actions;
mod attempt;
mod broken;
mod close;
mod look;
mod protocol;
mod queue;
mod rows;
mod search;
mod state;
mod tasks;
mod truth;
mod vendor;

use actions::Model;
use rows::Row;
use search::{End, Found, search};
use std::{env, fmt::Write, sync::Mutex, thread};

/// No row needs more with the faults of a quick look; one that does has outgrown `cargo test`.
const STATES: usize = 100_000;

/// How many states a row may have, and whether its wide faults are asked for.
fn bounds() -> (usize, bool) {
    match env::var("MODEL_STATES") {
        Ok(most) => (most.parse().expect("MODEL_STATES is a number of states"), true),
        Err(_) => (STATES, false),
    }
}

fn explore(row: &Row) -> Found {
    let (most, wide) = bounds();
    let faults = if wide { row.wide } else { row.faults };
    search(&Model { row, protocol: row.protocol, faults }, most)
}

/// Explores the rows, two at a time for the two cores that a runner has, and prints them in their order.
fn table(rows: &[Row]) {
    let left = Mutex::new(rows.iter().enumerate());
    let found = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = left.lock().expect("no row panics").next();
            let Some((number, row)) = next else { return };
            let line = (number, row, explore(row));
            found.lock().expect("no row panics").push(line);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let mut found = found.into_inner().expect("no row panics");
    found.sort_by_key(|(number, ..)| *number);
    let mut surprises = String::new();
    for (_, row, found) in &found {
        println!("{}", line(row, found));
        if let Some(surprise) = surprise(row, found) {
            let _ = writeln!(surprises, "{}\n{surprise}", line(row, found));
        }
    }
    assert!(surprises.is_empty(), "rows that did not end as they should:\n{surprises}");
}

fn line(row: &Row, found: &Found) -> String {
    let replicas = if row.replicas { "replicas: " } else { "" };
    let name = format!("{replicas}{}", row.name);
    let end = match &found.end {
        End::Held => "held".to_owned(),
        End::Caught(wrong, trace) => format!("{wrong} ({} actions)", trace.len() - 1),
        End::Unfinished => "has more states than that".to_owned(),
    };
    format!("{name:<56} {:>9} {end}", found.states)
}

/// What is to be said where a row did not end as it should.
fn surprise(row: &Row, found: &Found) -> Option<String> {
    match (&found.end, row.caught) {
        (End::Held, None) => None,
        (End::Caught(wrong, _), Some(expected)) if *wrong == expected => None,
        (End::Held, Some(expected)) => Some(format!("must be caught: {expected}")),
        (End::Unfinished, _) => Some("raise MODEL_STATES, or let less go wrong".to_owned()),
        (End::Caught(_, trace), _) => Some(trace.join("\n")),
    }
}

#[test]
fn the_protocol_holds() {
    table(&rows::sound());
}

#[test]
fn each_missing_mechanism_is_caught() {
    table(&broken::broken());
}

#[test]
fn what_no_store_can_mend_is_known() {
    table(&broken::holes());
}

/// A search that is cut short says nothing: it is not taken for one that held.
#[test]
fn what_is_unfinished_does_not_hold() {
    let rows = rows::sound();
    let row = rows.first().expect("there are rows");
    let found = search(&Model { row, protocol: row.protocol, faults: row.faults }, 100);
    assert!(surprise(row, &found).is_some());
}
