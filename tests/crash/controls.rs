//! Controls: a proof that a broken gateway passes proves nothing. Each of these is broken in one way and must fail it
//! within fifty seeds.

use crate::{
    engine::Engine,
    run::{run, trace},
};

const SEEDS: u64 = 50;

/// Builds that leave a mechanism out by `SCIMSHIM_OFF`. **Each must fail**: that is what these tests are for.
/// - `journal`: a durable write is answered as promised, and not journalled.
/// - `order`: the answer is given before what it says is on the disk.
/// - `settling`: a write does not wait for a call of another one that may still land.
/// - `sent`: a call leaves without a word of it in the journal.
///
/// That an operation of several calls goes on where it stopped is shown by `tests/journal/steps.rs`: here a note that is
/// never written is nobody's word.
const MECHANISMS: [&str; 4] = ["journal", "order", "settling", "sent"];

#[test]
fn a_build_that_leaves_a_mechanism_out_fails_the_proof() {
    for off in MECHANISMS {
        fails(off);
    }
}

fn fails(off: &'static str) {
    let trace = trace(Engine::Sqlite);
    let mut faults = (0..SEEDS).map(|seed| (seed, run(seed, Engine::Sqlite, &trace, off).faults));
    let found = faults.find(|(_, faults)| !faults.is_empty());
    let (seed, faults) = found.unwrap_or_else(|| panic!("without `{off}` it passes the proof"));
    println!(
        "without `{off}` it fails with seed {seed}, by {} faults: {}",
        faults.len(),
        faults[0]
    );
}
