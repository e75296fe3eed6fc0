//! Controls: a proof that a broken gateway passes proves nothing. Each of these is broken in one way and must fail it
//! within fifty seeds.

use crate::{
    engine::Engine,
    replicas::{self, Stands},
    run::{run, trace},
};

const SEEDS: u64 = 50;

/// Builds that leave a mechanism out by `SCIMSHIM_OFF`. **Each must fail**: that is what these tests are for.
/// - `journal`: a durable write is answered as promised, and not journalled.
/// - `order`: the answer is given before what it says is on the disk.
/// - `settling`: a write does not wait for a call of another one that may still land.
/// - `sent`: a call leaves without a word of it in the journal.
/// - `steps`: how far an operation of several calls has come is forgotten.
const MECHANISMS: [&str; 5] = ["journal", "order", "settling", "sent", "steps"];

#[test]
fn a_build_that_leaves_a_mechanism_out_fails_the_proof() {
    for off in MECHANISMS {
        fails(off);
    }
}

fn fails(off: &'static str) {
    let trace = trace(Engine::Sqlite);
    found(off, |seed| run(seed, Engine::Sqlite, &trace, off).faults);
}

/// A replica that others take for dead works on, and what it writes is taken.
#[test]
fn replicas_without_fencing_fail_the_proof() {
    if Engine::Postgres.is_here() {
        found("fencing", |seed| replicas::run(seed, Stands::Anywhere, "fencing").faults);
    }
}

fn found(off: &str, faults: impl Fn(u64) -> Vec<String>) {
    let mut faults = (0..SEEDS).map(|seed| (seed, faults(seed)));
    let found = faults.find(|(_, faults)| !faults.is_empty());
    let (seed, faults) = found.unwrap_or_else(|| panic!("without `{off}` it passes the proof"));
    println!(
        "without `{off}` it fails with seed {seed}, by {} faults: {}",
        faults.len(),
        faults[0]
    );
}
