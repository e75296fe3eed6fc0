//! Controls: a proof that a broken gateway passes proves nothing. Each of these is broken in one way and must fail it
//! within fifty seeds.

use crate::{
    JOURNAL, SETTLING,
    client::Belief,
    engine::Engine,
    run::{Broken, run, trace},
};

const SEEDS: u64 = 50;

/// Builds that leave a mechanism out by `SCIMSHIM_OFF`. **Each must fail**: that is what these tests are for.
/// - `journal`: a durable write is answered as promised, and not journalled.
/// - `order`: the answer is given before what it says is on the disk.
/// - `settling`: a write does not wait for a call of another one that may still land.
const MECHANISMS: [(&str, bool); 3] =
    [("journal", JOURNAL), ("order", JOURNAL), ("settling", JOURNAL && SETTLING)];

#[test]
fn a_build_that_leaves_a_mechanism_out_fails_the_proof() {
    for (off, _) in MECHANISMS.into_iter().filter(|(_, is_here)| *is_here) {
        fails(Broken { off, ..Broken::default() });
    }
}

/// The same as long as there is no journal to leave out: a client that takes every "not now" about a durable write for
/// a promise. It goes when there is one, for then it is right to.
#[test]
fn promises_that_nobody_made_fail_the_proof() {
    if JOURNAL {
        return;
    }
    fails(Broken { belief: Belief::EveryDelay, ..Broken::default() });
}

fn fails(broken: Broken) {
    let trace = trace(Engine::Sqlite);
    let mut faults =
        (0..SEEDS).map(|seed| (seed, run(seed, Engine::Sqlite, &trace, broken).faults));
    let found = faults.find(|(_, faults)| !faults.is_empty());
    let (seed, faults) = found.unwrap_or_else(|| panic!("{broken:?} passes the proof"));
    println!("{broken:?} fails with seed {seed}, by {} faults: {}", faults.len(), faults[0]);
}
